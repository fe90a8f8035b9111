"""Write keras_rnn.npz and keras_lstm.npz, and both masked: SimpleRNN and LSTM. Run with the project's environment."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from case import BATCH, HIDDEN, INPUT, sequence, weights
from make_keras import MASK

LAYERS = {"rnn": (keras.layers.SimpleRNN, 1), "lstm": (keras.layers.LSTM, 4)}  # the class, and its number of gates


def run(seed, kind, mask=None):
    rng, data = sequence(seed)
    layer_class, gates = LAYERS[kind]
    arrays = weights(
        rng,
        {
            "kernel": (INPUT, gates * HIDDEN),
            "recurrent_kernel": (HIDDEN, gates * HIDDEN),
            "bias": (gates * HIDDEN,),
        },
    )
    states = ["h0"]
    if kind == "lstm":
        data["c0"] = rng.uniform(-1, 1, (BATCH, HIDDEN))
        states.append("c0")
    layer = layer_class(HIDDEN, return_sequences=True, dtype="float64")
    layer.build((None, None, INPUT))
    layer.set_weights(list(arrays.values()))

    x, *start = (tf.constant(data[name]) for name in ("x", *states))
    with tf.GradientTape() as tape:
        tape.watch([x, *start])
        initial = start if kind == "lstm" else start[0]
        h = layer(x, initial_state=initial, mask=None if mask is None else tf.constant(mask))
        loss = tf.reduce_sum(data["dh"] * h)
    d_weights, d_x, d_start = tape.gradient(loss, [[v.value for v in layer.trainable_variables], x, start])
    assert h.dtype == tf.float64
    out = data | arrays | {"h": h, "d_x": d_x}
    out |= {f"d_{name}": d for name, d in zip(arrays, d_weights, strict=True)}
    out |= {f"d_{name}": d for name, d in zip(states, d_start, strict=True)}
    if mask is not None:
        out["mask"] = mask
    out["versions"] = f"keras {keras.__version__}, tensorflow {tf.__version__}, numpy {np.__version__}"
    return {name: np.asarray(value) for name, value in out.items()}


if __name__ == "__main__":
    here = Path(__file__).parent
    np.savez(here / "keras_rnn.npz", **run(13, "rnn"))
    np.savez(here / "keras_rnn_masked.npz", **run(14, "rnn", mask=MASK))
    np.savez(here / "keras_lstm.npz", **run(15, "lstm"))
    np.savez(here / "keras_lstm_masked.npz", **run(16, "lstm", mask=MASK))
