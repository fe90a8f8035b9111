"""SimpleRNN against Keras, against finite differences, and against what must hold for any input."""

import cell_checks
import numpy as np
import pytest
from gru_checks import reference
from numpy.testing import assert_allclose, assert_array_equal

from gru_lib import SimpleRNN


@pytest.mark.parametrize("name", ["keras_rnn.npz", "keras_rnn_masked.npz"])
def test_references(name):
    cell_checks.agrees_with_keras(SimpleRNN, "h", reference(name))


@pytest.mark.parametrize("sizes", [(3, 5, 2, 4), (1, 2, 1, 1), (4, 7, 3, 5)], ids=str)
@pytest.mark.parametrize("check", cell_checks.PROPERTIES, ids=lambda check: check.__name__)
def test_property(check, sizes):
    batch, time, input_size, hidden = sizes
    for seed in range(4):
        model = cell_checks.made(SimpleRNN, seed, input_size, hidden)
        check(model, *cell_checks.data(model, seed, batch, time))


def test_the_equation():
    model = cell_checks.made(SimpleRNN)
    x, h, _, _ = cell_checks.data(model)
    w = model.weights
    for t, x_t in enumerate(x.swapaxes(0, 1)):
        h = np.tanh(x_t @ w["W_h"] + h @ w["U_h"] + w["b_h"])
        assert_allclose(model.forward(x, cell_checks.data(model)[1]).h[:, t], h, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("d", "h"), [(4, 5), (1, 1), (3, 8)])
def test_n_params(d, h):
    model = SimpleRNN(d, h)
    assert model.n_params == h * (d + h + 1) == sum(value.size for value in model.weights.values())
    assert {name: value.shape for name, value in model.weights.items()} == model.shapes()


def test_initial_weights_come_back_with_the_seed():
    a, b = SimpleRNN(3, 5, seed=1), SimpleRNN(3, 5, seed=1, dtype="float32")
    for name, value in a.weights.items():
        assert_array_equal(value.astype("float32"), b.weights[name])
        assert b.weights[name].dtype == np.float32
    assert not np.array_equal(SimpleRNN(3, 5).weights["W_h"], SimpleRNN(3, 5).weights["W_h"])
    assert_allclose(a.weights["U_h"] @ a.weights["U_h"].T, np.eye(5), atol=1e-12)
    assert np.abs(a.weights["W_h"]).max() <= np.sqrt(6 / 8)
    assert not a.weights["b_h"].any()


def test_no_initial_state_is_a_state_of_zeros():
    model = cell_checks.made(SimpleRNN)
    x, h0, mask, _ = cell_checks.data(model)
    assert_array_equal(model.forward(x, None, mask).h, model.forward(x, 0 * h0, mask).h)


@pytest.mark.parametrize("name", cell_checks.BAD)
def test_bad_input(name):
    call, kind, words = cell_checks.BAD[name]
    with pytest.raises(kind, match=words):
        call(SimpleRNN(4, 5))


@pytest.mark.parametrize("name", cell_checks.BAD_SIZES)
def test_bad_sizes(name):
    sizes, options, kind, words = cell_checks.BAD_SIZES[name]
    with pytest.raises(kind, match=words):
        SimpleRNN(*sizes, **options)


def test_repr():
    model = SimpleRNN(2, 3)
    assert repr(model) == "SimpleRNN(input_size=2, hidden_size=3, dtype='float64')"
    assert repr(model.forward(np.zeros((1, 4, 2)))) == "RNNTrace(batch=1, time=4, hidden=3)"
