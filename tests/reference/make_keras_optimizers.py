"""Write optimizers_keras.npz: weights after every step of Keras' SGD, RMSprop and Adam. Run with the project's
environment.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import keras
import numpy as np

STEPS = 12
SHAPES = {"W": (3, 4), "U": (4, 4), "b": (4,)}
TINY = 1e-20  # an epsilon that changes no digit, wherever it stands
LARGE = 0.05  # one that changes the first digits, so that its place shows
# Keras casts momentum and betas through float32: these are fractions of powers of two, which are not rounded.
RULES = {
    "sgd": lambda: keras.optimizers.SGD(0.05),
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.875),
    "nesterov": lambda: keras.optimizers.SGD(0.05, momentum=0.875, nesterov=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.05, rho=0.8, epsilon=TINY),
    "rmsprop_large_epsilon": lambda: keras.optimizers.RMSprop(0.05, rho=0.8, epsilon=LARGE),
    "adam": lambda: keras.optimizers.Adam(0.05, beta_1=0.75, beta_2=0.9375, epsilon=TINY),
    "adam_large_epsilon": lambda: keras.optimizers.Adam(0.05, beta_1=0.75, beta_2=0.9375, epsilon=LARGE),
}


def run(make, start, grads):
    """The weights after each step, by name, (steps, ...)."""
    variables = {name: keras.Variable(value, dtype="float64") for name, value in start.items()}
    optimizer = make()
    path = {name: [] for name in start}
    for step in range(STEPS):
        given = [(keras.ops.convert_to_tensor(grads[name][step]), variable) for name, variable in variables.items()]
        optimizer.apply_gradients(given)
        for name, variable in variables.items():
            path[name].append(variable.value.numpy().copy())
    return {name: np.stack(values) for name, values in path.items()}


if __name__ == "__main__":
    keras.config.set_floatx("float64")  # else the learning rate is rounded to float32 too
    rng = np.random.default_rng(21)
    start = {name: rng.normal(size=shape) for name, shape in SHAPES.items()}
    grads = {name: rng.normal(scale=0.5, size=(STEPS, *shape)) for name, shape in SHAPES.items()}
    out = {f"start_{name}": value for name, value in start.items()} | {f"d_{name}": d for name, d in grads.items()}
    for rule, make in RULES.items():
        out |= {f"{rule}_{name}": path for name, path in run(make, start, grads).items()}
    out["epsilon"] = np.array([TINY, LARGE])
    out["versions"] = f"keras {keras.__version__} on {keras.backend.backend()}, numpy {np.__version__}"
    np.savez(Path(__file__).parent / "optimizers_keras.npz", **out)
