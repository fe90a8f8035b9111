"""tests/reference/tape.npz, which lesson 4 shows: whole, and what the library computes step by step."""

import numpy as np
import pytest
from gru_checks import EXACT, KERAS, reference
from numpy.testing import assert_allclose

from gru_lib import conventions


@pytest.fixture
def tape():
    return reference("tape.npz")


@pytest.fixture
def gru(tape):
    return conventions.from_keras([tape[name] for name in KERAS])


def test_states_and_gradients(tape, gru):
    trace = gru.forward(tape["x"], tape["h0"])
    grads = gru.backward(trace, tape["dh"])
    theirs = conventions.from_keras([tape[f"d_{name}"] for name in KERAS]).weights
    assert_allclose(trace.h, tape["h"], **EXACT)
    assert_allclose(grads.x, tape["d_x"], **EXACT)
    assert_allclose(grads.h0, tape["d_h0"], **EXACT)
    assert set(grads.weights) == set(theirs)
    for name, gradient in grads.weights.items():
        assert_allclose(gradient, theirs[name], **EXACT, err_msg=name)


def test_the_gradient_of_every_state(tape, gru):
    """g_t is the step's own dL/dh_t and what the sequence after it, started at h_t, hands back to its first state."""
    time = tape["x"].shape[1]
    for t in range(time):
        g = tape["dh"][:, t]
        if t + 1 < time:
            later = gru.forward(tape["x"][:, t + 1 :], tape["h"][:, t])
            g = g + gru.backward(later, tape["dh"][:, t + 1 :]).h0
        assert_allclose(g, tape["g"][:, t], **EXACT, err_msg=f"step {t}")


def test_the_gradient_of_the_first_state_comes_from_the_first_step(tape, gru):
    first = gru.forward(tape["x"][:, :1], tape["h0"])
    grads = gru.backward(first, tape["g"][:, :1])
    assert_allclose(grads.h0, tape["d_h0"], **EXACT)
    assert_allclose(grads.x[:, 0], tape["d_x"][:, 0], **EXACT)


def test_nothing_in_the_file_is_zero_or_repeated(tape):
    """A zero, or the same number twice, would hide a mistake; c_z and c_r alone repeat b_z and b_r."""
    for name, value in tape.items():
        if name != "versions":
            assert value.dtype == np.float64, name
            gates = value.reshape(2, 3, -1)[:, 2] if name == "d_bias" else value
            assert np.abs(gates).min() > 1e-4, name
            assert len(np.unique(gates.round(12))) == gates.size, name
    assert tape["versions"].item().startswith("keras ")
