"""The sequence that every reference file starts from, so that they differ in the framework alone."""

import numpy as np

BATCH, TIME, INPUT, HIDDEN = 3, 5, 4, 6


def sequence(seed):
    """Input, initial state and dL/dh of L = sum(dh * h), all float64, none of them 0; a generator for the weights."""
    rng = np.random.default_rng(seed)
    return rng, {
        "x": rng.normal(size=(BATCH, TIME, INPUT)),
        "h0": rng.uniform(-1, 1, (BATCH, HIDDEN)),
        "dh": rng.normal(size=(BATCH, TIME, HIDDEN)),
    }


def weights(rng, shapes):
    """Random weights by name, biases too: large enough that each of them shows in the outputs."""
    return {name: rng.normal(scale=0.6, size=shape) for name, shape in shapes.items()}
