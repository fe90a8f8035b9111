"""Write heads_keras.npz: losses and gradients of keras.layers.GRU with a Dense layer. Run with the project's
environment.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from case import BATCH, HIDDEN, INPUT, TIME, sequence, weights
from make_keras import MASK

OUTPUTS = 3


def run(data, arrays, loss_of, y, counts, every):
    """The mean of `loss_of(y, outputs)` over what counts, and its gradient for every weight; the layers are new."""
    layer = keras.layers.GRU(HIDDEN, return_sequences=every, dtype="float64")
    dense = keras.layers.Dense(OUTPUTS, dtype="float64")
    layer.build((None, None, INPUT))
    dense.build((None, None, HIDDEN))
    *recurrent, W, b = arrays.values()
    layer.set_weights(recurrent)
    dense.set_weights([W, b])
    with tf.GradientTape() as tape:
        outputs = dense(layer(tf.constant(data["x"]), mask=tf.constant(MASK)))
        losses = loss_of(tf.constant(y), outputs)
        loss = tf.reduce_sum(tf.where(counts, losses, 0)) / counts.sum()
    grads = tape.gradient(loss, [v.value for v in (*layer.trainable_variables, *dense.trainable_variables)])
    assert loss.dtype == tf.float64
    return {"loss": loss, "outputs": outputs} | {f"d_{name}": d for name, d in zip(arrays, grads, strict=True)}


def cross_entropy(y, outputs):
    return keras.ops.sparse_categorical_crossentropy(tf.maximum(y, 0), outputs, from_logits=True)


def squared_error(y, outputs):
    return keras.losses.mean_squared_error(y, outputs)


if __name__ == "__main__":
    keras.config.set_floatx("float64")
    rng, data = sequence(22)
    arrays = weights(
        rng,
        {
            "kernel": (INPUT, 3 * HIDDEN),
            "recurrent_kernel": (HIDDEN, 3 * HIDDEN),
            "bias": (2, 3 * HIDDEN),
            "dense_kernel": (HIDDEN, OUTPUTS),
            "dense_bias": (OUTPUTS,),
        },
    )
    labels = rng.integers(0, OUTPUTS, (BATCH, TIME))
    labels[0, 2] = labels[1, 0] = -1  # not counted, though the mask has these steps
    y = rng.normal(size=(BATCH, TIME, OUTPUTS))
    cases = {
        "classifier_last": (cross_entropy, labels[:, -1], np.ones(BATCH, bool), False),
        "classifier_every": (cross_entropy, labels, MASK & (labels != -1), True),
        "regressor_last": (squared_error, y[:, -1], np.ones(BATCH, bool), False),
        "regressor_every": (squared_error, y, MASK, True),
    }
    out = {"x": data["x"], "mask": MASK, "labels": labels, "y": y} | arrays
    for name, case in cases.items():
        out |= {f"{name}_{key}": value for key, value in run(data, arrays, *case).items()}
    out["versions"] = f"keras {keras.__version__}, tensorflow {tf.__version__}, numpy {np.__version__}"
    np.savez(Path(__file__).parent / "heads_keras.npz", **{name: np.asarray(value) for name, value in out.items()})
