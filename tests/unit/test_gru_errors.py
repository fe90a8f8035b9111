"""Every bad input of the GRU: the kind of error, and a message that says what came and what was expected."""

import warnings

import numpy as np
import pytest

from gru_lib import GRU

X = np.zeros((2, 3, 4))  # batch 2, time 3, input 4; hidden 5
H = np.zeros((2, 5))
NAN, INF = X.copy(), X.copy()
NAN[1, 2, 3] = np.nan
INF[0, 1, 2] = -np.inf


def made(*args, **kwargs):
    return lambda: GRU(*args, **kwargs)


def forward(*args, **kwargs):
    return lambda: GRU(4, 5).forward(*args, **kwargs)


def step(*args):
    return lambda: GRU(4, 5).step(*args)


def backward(dh):
    gru = GRU(4, 5)
    return lambda: gru.backward(gru.forward(X), dh)


def with_weights(change):
    gru = GRU(4, 5)
    change(gru.weights)
    return lambda: gru.forward(X)


def unequal_rows():
    return [[[1.0, 2, 3, 4]], [[1.0, 2, 3]]]


BAD = [
    # what is wrong, the call, the error, what came, what was expected
    ("size 0", made(0, 5), ValueError, "input_size must be", "not 0", "at least 1"),
    ("size below 0", made(4, -2), ValueError, "hidden_size must be", "not -2", "at least 1"),
    ("float size", made(4.0, 5), TypeError, "input_size must be", "4.0 (float)", "integer of at least 1"),
    ("text size", made(4, "5"), TypeError, "hidden_size must be", "'5' (str)", "integer of at least 1"),
    ("bool size", made(True, 5), TypeError, "input_size must be", "True (bool)", "integer of at least 1"),
    ("NumPy bool size", made(4, np.True_), TypeError, "hidden_size must be", "(bool)", "integer of at least 1"),
    ("no size", made(None, 5), TypeError, "input_size must be", "None (NoneType)", "integer of at least 1"),
    ("unknown reset", made(4, 5, reset="middle"), ValueError, "reset must be", "'middle'", "'after' or 'before'"),
    ("reset is a flag", made(4, 5, reset=True), ValueError, "reset must be", "True", "'after' or 'before'"),
    ("unknown dtype", made(4, 5, dtype="float16"), ValueError, "dtype must be", "'float16'", "'float32' or 'float64'"),
    ("no dtype", made(4, 5, dtype="floaty"), ValueError, "dtype must be", "'floaty'", "'float32' or 'float64'"),
    ("integer dtype", made(4, 5, dtype=int), ValueError, "dtype must be", "int", "'float32' or 'float64'"),
    ("x of 2 axes", forward(X[0]), ValueError, "x must have", "shape (3, 4)", "3 axes (batch, time, input=4)"),
    ("x of 4 axes", forward(X[None]), ValueError, "x must have", "shape (1, 2, 3, 4)", "3 axes (batch, time, input=4)"),
    ("x a number", forward(1.0), ValueError, "x must have", "shape ()", "3 axes (batch, time, input=4)"),
    ("features", forward(X[:, :, :2]), ValueError, "x must have", "shape (2, 3, 2)", "(batch, time, input=4)"),
    ("no rows", forward(X[:0]), ValueError, "x is empty", "shape (0, 3, 4)", "axis 0 (batch) must be at least 1"),
    ("no steps", forward(X[:, :0]), ValueError, "x is empty", "shape (2, 0, 4)", "axis 1 (time) must be at least 1"),
    ("unequal rows", forward(unequal_rows()), ValueError, "x must be", "rows differ", "(batch, time, input=4)"),
    ("NaN", forward(NAN), ValueError, "x has 1 value", "nan at index (1, 2, 3)", "expected finite"),
    ("infinity", forward(INF), ValueError, "x has 1 value", "-inf at index (0, 1, 2)", "expected finite"),
    ("text", forward(X.astype(str)), TypeError, "x must hold", "dtype <U", "real numbers"),
    ("complex", forward(X + 1j), TypeError, "x must hold", "dtype complex128", "real numbers"),
    ("objects", forward(X.astype(object)), TypeError, "x must hold", "dtype object", "real numbers"),
    ("booleans", forward(X > 0), TypeError, "x must hold", "dtype bool", "real numbers"),
    ("None", forward(None), TypeError, "x must hold", "dtype object", "real numbers"),
    ("h0 units", forward(X, H[:, :4]), ValueError, "h0 must have", "shape (2, 4)", "(batch=2, hidden=5)"),
    ("h0 rows", forward(X, H[:1]), ValueError, "h0 must have", "shape (1, 5)", "(batch=2, hidden=5)"),
    ("h0 axes", forward(X, H[None]), ValueError, "h0 must have", "shape (1, 2, 5)", "2 axes (batch=2, hidden=5)"),
    ("h0 NaN", forward(X, H + np.nan), ValueError, "h0 has 10 values", "nan at index (0, 0)", "expected finite"),
    ("h0 text", forward(X, "zeros"), TypeError, "h0 must hold", "dtype <U5", "real numbers"),
    ("mask steps", forward(X, None, np.ones((2, 4), bool)), ValueError, "mask must", "(2, 4)", "(batch=2, time=3)"),
    (
        "mask axes",
        forward(X, None, np.ones((2, 3, 1), bool)),
        ValueError,
        "mask must",
        "(2, 3, 1)",
        "(batch=2, time=3)",
    ),
    ("mask of ints", forward(X, None, np.ones((2, 3), int)), TypeError, "mask must be", "dtype int64", "boolean"),
    ("mask of lists", forward(X, None, [[1.0] * 3] * 2), TypeError, "mask must be", "dtype float64", "boolean"),
    ("mask uneven", forward(X, None, [[True], [True, True]]), ValueError, "mask must", "differ", "(batch=2, time=3)"),
    ("step of a sequence", step(X, H), ValueError, "x_t must have", "shape (2, 3, 4)", "2 axes (batch, input=4)"),
    ("step features", step(X[:, 0, :2], H), ValueError, "x_t must have", "shape (2, 2)", "(batch, input=4)"),
    ("step rows", step(X[:, 0], H[:1]), ValueError, "h_prev must have", "shape (1, 5)", "(batch=2, hidden=5)"),
    ("step without state", step(X[:, 0], None), TypeError, "h_prev must hold", "dtype object", "real numbers"),
    ("step NaN", step(NAN[:, 2], H), ValueError, "x_t has 1 value", "nan at index (1, 3)", "expected finite"),
    ("dh of 2 axes", backward(H), ValueError, "dh must have", "shape (2, 5)", "(batch=2, time=3, hidden=5)"),
    ("dh units", backward(X), ValueError, "dh must have", "shape (2, 3, 4)", "(batch=2, time=3, hidden=5)"),
    ("dh steps", backward(np.ones((2, 1, 5))), ValueError, "dh must have", "(2, 1, 5)", "(batch=2, time=3, hidden=5)"),
    ("dh NaN", backward(np.full((2, 3, 5), np.nan)), ValueError, "dh has 30 values", "nan at index", "expected finite"),
    ("dh text", backward("ones"), TypeError, "dh must hold", "dtype <U4", "real numbers"),
    (
        "weight missing",
        with_weights(lambda w: w.pop("U_r")),
        ValueError,
        "weights must be named",
        "U_h, b_z",
        "U_z, U_r",
    ),
    (
        "weight unknown",
        with_weights(lambda w: w.update(V=1)),
        ValueError,
        "weights must be named",
        "c_h, V",
        "W_z, W_r",
    ),
    ("weight shape", with_weights(lambda w: w.update(U_h=X)), ValueError, "U_h must have", "(2, 3, 4)", "(5, 5)"),
    ("weight turned", with_weights(lambda w: w.update(W_z=w["W_z"].T)), ValueError, "W_z must", "(5, 4)", "(4, 5)"),
    ("bias row", with_weights(lambda w: w.update(b_z=np.zeros((1, 5)))), ValueError, "b_z must", "(1, 5)", "(5,)"),
]


@pytest.mark.parametrize(
    ("call", "kind", "about", "came", "expected"), [row[1:] for row in BAD], ids=[r[0] for r in BAD]
)
def test_bad_input(call, kind, about, came, expected):
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    assert type(caught.value) is kind
    assert message.startswith(about)
    assert came in message
    assert expected in message
    assert "\n" not in message


def test_a_float64_value_too_large_for_float32_is_refused_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="x has values too large for float32"):
            GRU(4, 5, dtype="float32").forward(X + 1e300)


def test_a_weight_of_the_other_reset_placement_is_refused():
    gru = GRU(4, 5, reset="before")
    gru.weights["c_h"] = np.zeros(5)
    with pytest.raises(ValueError, match=r"weights must be named .*b_h, but they are .*c_h"):
        gru.step(X[:, 0], H)


def test_an_error_leaves_the_layer_usable():
    gru = GRU(4, 5, seed=0)
    before = gru.forward(X + 1).h
    with pytest.raises(ValueError, match="NaN or infinite"):
        gru.forward(NAN)
    assert np.array_equal(gru.forward(X + 1).h, before)
