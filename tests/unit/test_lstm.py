"""The LSTM against Keras, against finite differences, and against what must hold for any input."""

import cell_checks
import numpy as np
import pytest
from gru_checks import reference
from numpy.testing import assert_allclose, assert_array_equal

from gru_lib import LSTM


@pytest.mark.parametrize("name", ["keras_lstm.npz", "keras_lstm_masked.npz"])
def test_references(name):
    cell_checks.agrees_with_keras(LSTM, "ifgo", reference(name))


@pytest.mark.parametrize("sizes", [(3, 5, 2, 4), (1, 2, 1, 1), (4, 7, 3, 5)], ids=str)
@pytest.mark.parametrize("check", cell_checks.PROPERTIES, ids=lambda check: check.__name__)
def test_property(check, sizes):
    batch, time, input_size, hidden = sizes
    for seed in range(4):
        model = cell_checks.made(LSTM, seed, input_size, hidden)
        check(model, *cell_checks.data(model, seed, batch, time))


def test_the_equations():
    model = cell_checks.made(LSTM)
    x, (h, c), _, _ = cell_checks.data(model)
    trace = model.forward(x, (h, c))
    w = model.weights
    for t, x_t in enumerate(x.swapaxes(0, 1)):
        a = {k: x_t @ w[f"W_{k}"] + h @ w[f"U_{k}"] + w[f"b_{k}"] for k in "ifgo"}
        i, f, o = (1 / (1 + np.exp(-a[k])) for k in "ifo")
        c = f * c + i * np.tanh(a["g"])
        h = o * np.tanh(c)
        for name, value in {"i": i, "f": f, "candidate": np.tanh(a["g"]), "o": o, "c": c, "h": h}.items():
            assert_allclose(getattr(trace, name)[:, t], value, rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(("d", "h"), [(4, 5), (1, 1), (3, 8)])
def test_n_params(d, h):
    model = LSTM(d, h)
    assert model.n_params == 4 * h * (d + h + 1) == sum(value.size for value in model.weights.values())
    assert {name: value.shape for name, value in model.weights.items()} == model.shapes()
    assert list(model.weights) == [f"{kind}_{gate}" for kind in "WUb" for gate in "ifgo"]


def test_initial_weights_come_back_with_the_seed():
    a, b = LSTM(3, 5, seed=1), LSTM(3, 5, seed=1, dtype="float32")
    for name, value in a.weights.items():
        assert_array_equal(value.astype("float32"), b.weights[name])
        assert b.weights[name].dtype == np.float32
    for gate in "ifgo":
        assert_allclose(a.weights[f"U_{gate}"] @ a.weights[f"U_{gate}"].T, np.eye(5), atol=1e-12)
        assert (a.weights[f"b_{gate}"] == (gate == "f")).all()


def test_the_state_is_a_pair_or_one_array_or_h_alone():
    model = cell_checks.made(LSTM)
    x, h0, _, _ = cell_checks.data(model)
    whole = model.forward(x, h0)
    assert_array_equal(model.forward(x, (h0[0], h0[1])).h, whole.h)
    assert_array_equal(model.forward(x, [h0[0].tolist(), h0[1].tolist()]).h, whole.h)
    assert_array_equal(model.forward(x, h0[0]).h, model.forward(x, (h0[0], 0 * h0[1])).h)
    assert_array_equal(model.step(x[:, 0], h0[0]).c, model.step(x[:, 0], (h0[0], 0 * h0[1])).c)
    assert_array_equal(model.forward(x).h, model.forward(x, 0 * h0).h)
    two = x[:2], [[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]]  # a list of two rows is h, not a pair
    assert_array_equal(model.forward(*two).h, model.forward(two[0], np.array(two[1])).h)


def test_an_open_forget_gate_keeps_the_cell():
    model = LSTM(1, 2, seed=0)
    model.weights["b_f"][...] = 1e4
    model.weights["b_i"][...] = -1e4
    trace = model.forward(np.ones((1, 3, 1)), ([[0.1, 0.2]], [[0.3, -0.7]]))
    assert_array_equal(trace.c, np.repeat([[[0.3, -0.7]]], 3, axis=1))
    assert_array_equal(trace.f, np.ones((1, 3, 2)))


@pytest.mark.parametrize("name", cell_checks.BAD)
def test_bad_input(name):
    call, kind, words = cell_checks.BAD[name]
    with pytest.raises(kind, match=words):
        call(LSTM(4, 5))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ((np.zeros((2, 5)), np.zeros((2, 4))), r"c of h0 must have shape \(batch=2, hidden=5\).*\(2, 4\)"),
        ((np.zeros((1, 5)), np.zeros((2, 5))), r"h of h0 must have shape \(batch=2, hidden=5\).*\(1, 5\)"),
        (np.zeros((3, 2, 5)), r"h0 must have shape \(h and c=2, batch=2, hidden=5\).*\(3, 2, 5\)"),
        ((np.zeros((2, 5)), np.full((2, 5), np.nan)), "c of h0 has 10 values that are NaN"),
    ],
)
def test_bad_pairs(state, words):
    with pytest.raises(ValueError, match=words):
        LSTM(4, 5).forward(np.zeros((2, 3, 4)), state)


@pytest.mark.parametrize("name", cell_checks.BAD_SIZES)
def test_bad_sizes(name):
    sizes, options, kind, words = cell_checks.BAD_SIZES[name]
    with pytest.raises(kind, match=words):
        LSTM(*sizes, **options)


def test_repr():
    model = LSTM(2, 3)
    assert repr(model) == "LSTM(input_size=2, hidden_size=3, dtype='float64')"
    assert repr(model.forward(np.zeros((1, 4, 2)))) == "LSTMTrace(batch=1, time=4, hidden=3)"
