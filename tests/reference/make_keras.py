"""Write keras_*.npz: outputs and gradients of keras.layers.GRU in float64. Run with the project's environment."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from case import HIDDEN, INPUT, sequence, weights

# True: the step counts. Every first step counts: Keras' output at a masked first step is 0, whatever h0 is.
MASK = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 1, 0], [1, 1, 0, 0, 0]], dtype=bool)


def run(seed, reset_after, use_bias=True, mask=None):
    rng, data = sequence(seed)
    shapes = {"kernel": (INPUT, 3 * HIDDEN), "recurrent_kernel": (HIDDEN, 3 * HIDDEN)}
    if use_bias:
        shapes["bias"] = (2, 3 * HIDDEN) if reset_after else (3 * HIDDEN,)
    arrays = weights(rng, shapes)
    layer = keras.layers.GRU(HIDDEN, return_sequences=True, reset_after=reset_after, use_bias=use_bias, dtype="float64")
    layer.build((None, None, INPUT))
    layer.set_weights(list(arrays.values()))

    x, h0 = tf.constant(data["x"]), tf.constant(data["h0"])
    with tf.GradientTape() as tape:
        tape.watch([x, h0])
        h = layer(x, initial_state=h0, mask=None if mask is None else tf.constant(mask))
        loss = tf.reduce_sum(data["dh"] * h)
    d_weights, d_x, d_h0 = tape.gradient(loss, [[v.value for v in layer.trainable_variables], x, h0])
    assert h.dtype == tf.float64
    out = data | arrays | {"h": h, "d_x": d_x, "d_h0": d_h0}
    out |= {f"d_{name}": d for name, d in zip(arrays, d_weights, strict=True)}
    if mask is not None:
        out["mask"] = mask
    out["versions"] = f"keras {keras.__version__}, tensorflow {tf.__version__}, numpy {np.__version__}"
    return {name: np.asarray(value) for name, value in out.items()}


if __name__ == "__main__":
    here = Path(__file__).parent
    np.savez(here / "keras_after.npz", **run(1, reset_after=True))
    np.savez(here / "keras_before.npz", **run(2, reset_after=False))
    np.savez(here / "keras_after_masked.npz", **run(3, reset_after=True, mask=MASK))
    np.savez(here / "keras_before_masked.npz", **run(4, reset_after=False, mask=MASK))
    np.savez(here / "keras_after_no_bias.npz", **run(5, reset_after=True, use_bias=False))
    np.savez(here / "keras_before_no_bias.npz", **run(6, reset_after=False, use_bias=False))
