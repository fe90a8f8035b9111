"""What SimpleRNN and LSTM must do, as checks that `test_rnn` and `test_lstm` run; those of the GRU are `gru_checks`.

Each takes a model and the data of `data`; it returns nothing if all is right and raises AssertionError if not.
"""

import numpy as np
from gru_checks import EXACT, same_gradients
from numpy.testing import assert_allclose, assert_array_equal

from gru_lib import LSTM, gradients

KERAS = {"kernel": "W", "recurrent_kernel": "U", "bias": "b"}


def made(cell, seed=0, input_size=2, hidden=4, scale=0.7, dtype="float64"):
    """A cell whose weights, biases too, are random."""
    rng = np.random.default_rng([seed, 0])
    model = cell(input_size, hidden, seed=0)
    model.weights = {name: rng.normal(scale=scale, size=shape) for name, shape in model.shapes().items()}
    return model.astype(dtype)


def data(model, seed=0, batch=3, time=5):
    """x, h0 (a pair for an LSTM), mask and dh; the mask has both kinds of step in every row, one at its start."""
    rng = np.random.default_rng([seed, 1])
    kinds = (2,) if isinstance(model, LSTM) else ()
    x = rng.normal(size=(batch, time, model.input_size))
    h0 = rng.uniform(-1.5, 1.5, (*kinds, batch, model.hidden_size))
    mask = rng.random((batch, time)) < 0.6
    row = np.arange(batch)
    mask[row, row % time] = False
    mask[row, (row + 1) % time] = True
    return x, h0, mask, rng.normal(size=(batch, time, model.hidden_size))


def from_keras(cell, gates, arrays):
    """A cell with the weights of a reference file; `gates` in Keras' order."""
    model = cell(arrays["kernel"].shape[0], arrays["recurrent_kernel"].shape[0])
    for theirs, kind in KERAS.items():
        for gate, block in zip(gates, np.split(arrays[theirs], len(gates), axis=-1), strict=True):
            model.weights[f"{kind}_{gate}"] = block
    return model


def agrees_with_keras(cell, gates, arrays):
    """Outputs and every gradient, float64 to 1e-12, and float32 outputs to 1e-6."""
    model = from_keras(cell, gates, arrays)
    h0, d_h0 = arrays["h0"], arrays["d_h0"]
    if "c0" in arrays:
        h0, d_h0 = (h0, arrays["c0"]), np.stack([d_h0, arrays["d_c0"]])
    trace = model.forward(arrays["x"], h0, arrays.get("mask"))
    assert_allclose(trace.h, arrays["h"], **EXACT)
    single = model.astype("float32").forward(arrays["x"], h0, arrays.get("mask"))
    assert_allclose(single.h, arrays["h"], rtol=0, atol=1e-6)
    grads = model.backward(trace, arrays["dh"])
    assert_allclose(grads.x, arrays["d_x"], **EXACT)
    assert_allclose(grads.h0, d_h0, **EXACT)
    for theirs, kind in KERAS.items():
        ours = np.concatenate([grads.weights[f"{kind}_{gate}"] for gate in gates], axis=-1)
        assert_allclose(ours, arrays[f"d_{theirs}"], **EXACT, err_msg=theirs)


def gradients_equal_differences(model, x, h0, mask, dh):
    for options in ({"h0": h0, "mask": mask}, {"h0": h0}, {}):
        error = gradients.check(model, x, dh, eps=1e-5, **options)
        assert error < 1e-7, f"relative error {error} with {list(options)}"


def states_of(trace):
    """The state after every step: h, or h and c, (kinds, batch, time, hidden)."""
    return np.stack([trace.h, trace.c]) if hasattr(trace, "c") else trace.h[None]


def start_of(h0):
    return h0 if h0.ndim == 3 else h0[None]


def steps_equal_forward(model, x, h0, mask, dh):
    trace = model.forward(x, h0)
    state = h0
    for t in range(x.shape[1]):
        s = model.step(x[:, t], state)
        for field in s._fields:
            assert_allclose(getattr(s, field), getattr(trace, field)[:, t], **EXACT, err_msg=f"{field} at step {t}")
        state = (s.h, s.c) if isinstance(model, LSTM) else s.h


def masked_steps_carry(model, x, h0, mask, dh):
    """Where the mask is False every part of the state is the one before, bit for bit; what is left is shorter."""
    states = states_of(model.forward(x, h0, mask))
    before = np.concatenate([start_of(h0)[:, :, None], states[:, :, :-1]], axis=2)
    assert_array_equal(states[:, ~mask], before[:, ~mask])
    for i, counts in enumerate(mask):
        short = states_of(model.forward(x[i : i + 1, counts], h0[..., i : i + 1, :]))
        assert_allclose(states[:, i, counts], short[:, 0], **EXACT)


def masked_steps_vanish(model, x, h0, mask, dh):
    """Gradients of a row with masked steps are those of the row without; dL/dh there belongs to the step before."""
    grads = model.backward(model.forward(x, h0, mask), dh)
    assert not np.any(grads.x[~mask]), "a masked input has a gradient"
    total = {name: np.zeros_like(value) for name, value in grads.weights.items()}
    for i, row in enumerate(mask):
        counts = np.flatnonzero(row)
        d_short = [dh[i, a:b].sum(axis=0) for a, b in zip(counts, [*counts[1:], len(row)], strict=True)]
        alone = model.backward(model.forward(x[i : i + 1, counts], h0[..., i : i + 1, :]), np.array([d_short]))
        assert_allclose(grads.x[i, counts], alone.x[0], rtol=1e-11, atol=1e-11)
        d_h0 = start_of(alone.h0)[:, 0].copy()
        d_h0[0] += dh[i, : counts[0]].sum(axis=0)
        assert_allclose(start_of(grads.h0)[:, i], d_h0, rtol=1e-11, atol=1e-11)
        for name in total:
            total[name] += alone.weights[name]
    for name, value in total.items():
        assert_allclose(grads.weights[name], value, rtol=1e-11, atol=1e-11, err_msg=name)


def rows_are_independent(model, x, h0, mask, dh):
    trace = model.forward(x, h0, mask)
    grads = model.backward(trace, dh)
    for i in range(len(x)):
        row = slice(i, i + 1)
        alone = model.forward(x[row], h0[..., row, :], mask[row])
        assert_allclose(states_of(alone), states_of(trace)[:, row], **EXACT)
        d = model.backward(alone, dh[row])
        assert_allclose(d.x, grads.x[row], rtol=1e-11, atol=1e-11)
        assert_allclose(d.h0, grads.h0[..., row, :], rtol=1e-11, atol=1e-11)


def past_alone_matters(model, x, h0, mask, dh):
    t = x.shape[1] // 2
    trace = model.forward(x, h0, mask)
    later = np.concatenate([x[:, :t], x[:, t:] + 1], axis=1)
    assert_allclose(model.forward(later, h0, mask).h[:, :t], trace.h[:, :t], **EXACT)
    dh = dh.copy()
    dh[:, t + 1 :] = 0
    assert not np.any(model.backward(trace, dh).x[:, t + 1 :])


def float32_is_near(model, x, h0, mask, dh):
    single = model.astype("float32")
    a, b = (m.forward(x, h0, mask) for m in (model, single))
    da, db = model.backward(a, dh), single.backward(b, dh)
    pairs = {"state": (states_of(a), states_of(b)), "x": (da.x, db.x), "h0": (da.h0, db.h0)}
    pairs |= {name: (da.weights[name], db.weights[name]) for name in da.weights}
    steps = zip(model.step(x[:, 0], h0), single.step(x[:, 0], h0), strict=True)
    pairs |= {f"step {i}": pair for i, pair in enumerate(steps)}
    for name, (wide, narrow) in pairs.items():
        assert wide.dtype == np.float64, f"{name} of float64 has become {wide.dtype}"
        assert narrow.dtype == np.float32, f"{name} of float32 has become {narrow.dtype}"
        assert_allclose(narrow, wide, rtol=0, atol=1e-4 * max(1, np.max(np.abs(wide))), err_msg=name)


def trace_keeps_its_pass(model, x, h0, mask, dh):
    """`backward` differentiates the pass that made the trace, whatever has become of weights and arguments since."""
    trace = model.forward(x, h0, mask)
    before = model.backward(trace, dh)
    same_gradients(model.backward(trace, dh), before, rtol=0)
    for value in (*model.weights.values(), x, h0):
        value += 1
    mask[...] = ~mask
    same_gradients(model.backward(trace, dh), before, rtol=0)


def arguments_stay(model, x, h0, mask, dh):
    copies = [a.copy() for a in (x, h0, mask, dh, *model.weights.values())]
    model.backward(model.forward(x, h0, mask), dh)
    model.step(x[:, 0], h0)
    for now, then in zip((x, h0, mask, dh, *model.weights.values()), copies, strict=True):
        assert_array_equal(now, then)


PROPERTIES = (
    gradients_equal_differences,
    steps_equal_forward,
    masked_steps_carry,
    masked_steps_vanish,
    rows_are_independent,
    past_alone_matters,
    float32_is_near,
    trace_keeps_its_pass,
    arguments_stay,
)
# Bad calls of any cell, of input 4 and 5 units, on two sequences of 3 steps: the call, the error, words of its message.
X = np.zeros((2, 3, 4))
BAD = {
    "x of 2 axes": (lambda m: m.forward(X[0]), ValueError, "x must have 3 axes .*shape \\(3, 4\\)"),
    "features": (lambda m: m.forward(X[:, :, :2]), ValueError, "x must have shape .*input=4.*\\(2, 3, 2\\)"),
    "NaN": (lambda m: m.forward(X + np.nan), ValueError, "x has 24 values that are NaN or infinite"),
    "text": (lambda m: m.forward(X.astype(str)), TypeError, "x must hold real numbers"),
    "h0 units": (lambda m: m.forward(X, np.zeros((2, 4))), ValueError, "h0 must have shape .*hidden=5.*\\(2, 4\\)"),
    "h0 rows": (lambda m: m.forward(X, np.zeros((1, 5))), ValueError, "h0 must have shape .*batch=2.*\\(1, 5\\)"),
    "h0 text": (lambda m: m.forward(X, "zeros"), TypeError, "h0 must hold real numbers"),
    "h0 uneven": (lambda m: m.forward(X, [[1.0], [1.0, 2.0]]), ValueError, "h0 must be .*rows differ in length"),
    "mask of ints": (lambda m: m.forward(X, mask=np.ones((2, 3), int)), TypeError, "mask must be boolean"),
    "mask steps": (lambda m: m.forward(X, mask=np.ones((2, 4), bool)), ValueError, "mask must have shape"),
    "step features": (lambda m: m.step(X[:, 0, :2], np.zeros((2, 5))), ValueError, "x_t must have shape"),
    "step rows": (lambda m: m.step(X[:, 0], np.zeros((1, 5))), ValueError, "must have shape \\(batch=2, hidden=5\\)"),
    "dh units": (lambda m: m.backward(m.forward(X), X), ValueError, "dh must have shape .*hidden=5"),
    "weight missing": (lambda m: (m.weights.popitem(), m.forward(X)), ValueError, "weights must be named W_"),
    "weight shape": (lambda m: (m.weights.update({next(iter(m.weights)): X}), m.forward(X)), ValueError, "W_. must"),
}
BAD_SIZES = {
    "size 0": ((0, 5), {}, ValueError, "input_size must be at least 1, not 0"),
    "float size": ((4, 5.0), {}, TypeError, "hidden_size must be an integer"),
    "dtype": ((4, 5), {"dtype": "float16"}, ValueError, "dtype must be 'float32' or 'float64', not 'float16'"),
}
