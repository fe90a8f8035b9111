"""Write tape.npz: every gradient of a small GRU that is unrolled step by step under tf.GradientTape, in float64.

Beside the gradients of the weights it holds dL/dh_t of every step, which the layer alone does not show: lesson 4
compares the whole way back with it. Run with the project's environment.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from case import weights

BATCH, TIME, INPUT, HIDDEN, SEED = 2, 4, 2, 3, 17


def run():
    """The arrays of the file. The cell's gradients must agree with those of the layer, which is checked here."""
    rng = np.random.default_rng(SEED)
    data = {
        "x": rng.normal(size=(BATCH, TIME, INPUT)),
        "h0": rng.uniform(-1, 1, (BATCH, HIDDEN)),
        "dh": rng.normal(size=(BATCH, TIME, HIDDEN)),
    }
    shapes = {"kernel": (INPUT, 3 * HIDDEN), "recurrent_kernel": (HIDDEN, 3 * HIDDEN), "bias": (2, 3 * HIDDEN)}
    arrays = weights(rng, shapes)
    layer = keras.layers.GRU(HIDDEN, return_sequences=True, reset_after=True, dtype="float64")
    layer.build((None, None, INPUT))
    layer.set_weights(list(arrays.values()))
    parameters = [variable.value for variable in layer.trainable_variables]

    x, h0 = tf.constant(data["x"]), tf.constant(data["h0"])
    with tf.GradientTape() as tape:
        tape.watch([x, h0])
        h, states = h0, []
        for t in range(TIME):
            h, _ = layer.cell(x[:, t], [h])
            states.append(h)
        loss = tf.reduce_sum(data["dh"] * tf.stack(states, axis=1))
    d_weights, d_x, d_h0, d_states = tape.gradient(loss, [parameters, x, h0, states])
    assert loss.dtype == tf.float64

    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(data["dh"] * layer(x, initial_state=h0))
    for unrolled, whole in zip(d_weights, tape.gradient(loss, parameters), strict=True):
        np.testing.assert_allclose(unrolled, whole, rtol=0, atol=1e-13)

    out = data | arrays | {"h": tf.stack(states, axis=1), "g": tf.stack(d_states, axis=1), "d_x": d_x, "d_h0": d_h0}
    out |= {f"d_{name}": d for name, d in zip(arrays, d_weights, strict=True)}
    out["versions"] = f"keras {keras.__version__}, tensorflow {tf.__version__}, numpy {np.__version__}"
    return {name: np.asarray(value) for name, value in out.items()}


if __name__ == "__main__":
    np.savez(Path(__file__).parent / "tape.npz", **run())
