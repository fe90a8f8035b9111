"""What a GRU must do, as checks of a class: `test_gru` runs them on the true one, `test_deliberate_breaks` on others.

A check returns nothing if the class is right and raises AssertionError if it is not. Those of FIXED take the class
alone, those of PROPERTIES also a `Case`: sizes, a reset placement and a seed.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from plain_gru import PlainGRU

from gru_lib import GRU, conventions, gradients

REFERENCE = Path(__file__).parents[1] / "reference"
EXACT = {"rtol": 0, "atol": 1e-12}  # float64 against float64, values near 1


@dataclass(frozen=True)
class Case:
    """Sizes and a seed for weights (every bias too), inputs, initial state, mask and dL/dh."""

    reset: str = "after"
    seed: int = 0
    batch: int = 3
    time: int = 5
    input: int = 2
    hidden: int = 4
    scale: float = 0.7

    def model(self, model_class, dtype="float64"):
        return as_class(model_class, _true_gru(self).astype(dtype))

    def data(self):
        """x, h0, mask and dh; every row of the mask has both kinds of step if it has more than one."""
        rng = np.random.default_rng([self.seed, 1])
        x = rng.normal(size=(self.batch, self.time, self.input))
        h0 = rng.uniform(-2, 2, (self.batch, self.hidden))
        mask = rng.random((self.batch, self.time)) < 0.6
        if self.time > 1:
            row = np.arange(self.batch)
            mask[row, row % self.time] = True
            mask[row, (row + 1) % self.time] = False
        dh = rng.normal(size=(self.batch, self.time, self.hidden))
        return x, h0, mask, dh


def _true_gru(case):
    rng = np.random.default_rng([case.seed, 0])
    gru = GRU(case.input, case.hidden, reset=case.reset, seed=0)
    gru.weights = {name: rng.normal(scale=case.scale, size=shape) for name, shape in gru.shapes().items()}
    return gru


def as_class(model_class, gru):
    """A `model_class` with the weights of `gru`."""
    model = model_class(gru.input_size, gru.hidden_size, reset=gru.reset, seed=0, dtype=gru.dtype)
    model.weights = {name: value.copy() for name, value in gru.weights.items()}
    return model


# The frozen vectors of the frameworks.


@cache
def _loaded(name):
    with np.load(REFERENCE / name) as file:
        return dict(file)


def reference(name):
    """The arrays of one file of tests/reference; copies, for a wrong GRU may write to them."""
    return {key: value.copy() for key, value in _loaded(name).items()}


def references(*frameworks):
    """(name, arrays) of every file of these frameworks, at least two of each."""
    for framework in frameworks:
        found = sorted(path.name for path in REFERENCE.glob(f"{framework}*.npz"))
        names = [name for name in found if not name.startswith(("keras_rnn", "keras_lstm"))]  # no GRUs
        assert len(names) >= 2, f"tests/reference lacks files of {framework}"
        for name in names:
            yield name, reference(name)


KERAS = ("kernel", "recurrent_kernel", "bias")
TORCH = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def imported(name, arrays):
    """The GRU with the weights of a reference file."""
    if name.startswith("keras"):
        return conventions.from_keras([arrays[k] for k in KERAS if k in arrays], reset_after="_after" in name)
    if name.startswith("torch"):
        return conventions.from_torch({k: arrays[k] for k in TORCH if k in arrays})
    return conventions.from_onnx(arrays["W"], arrays["R"], arrays.get("B"), int(arrays["linear_before_reset"]))


def exported(name, gru):
    """The arrays of `gru` by the names of the framework of a reference file."""
    if name.startswith("keras"):
        return dict(zip(KERAS, conventions.to_keras(gru), strict=True))
    return conventions.to_torch(gru)


def forward_references(model_class):
    for name, arrays in references("keras", "torch", "onnx"):
        model = as_class(model_class, imported(name, arrays))
        h = model.forward(arrays["x"], arrays["h0"], arrays.get("mask")).h
        assert_allclose(h, arrays["h"], **EXACT, err_msg=name)
        single = model.astype("float32").forward(arrays["x"], arrays["h0"], arrays.get("mask")).h
        assert_allclose(single, arrays.get("h_runtime", arrays["h"]), rtol=0, atol=1e-6, err_msg=name)


def gradient_references(model_class):
    for name, arrays in references("keras", "torch"):
        model = as_class(model_class, imported(name, arrays))
        trace = model.forward(arrays["x"], arrays["h0"], arrays.get("mask"))
        grads = model.backward(trace, arrays["dh"])
        assert_allclose(grads.x, arrays["d_x"], **EXACT, err_msg=f"{name}: x")
        assert_allclose(grads.h0, arrays["d_h0"], **EXACT, err_msg=f"{name}: h0")
        model.weights = grads.weights  # a way to lay them out as the framework does
        ours = exported(name, as_class(GRU, model))
        for key in (k for k in ours if k in arrays):
            assert_allclose(ours[key], arrays[f"d_{key}"], **EXACT, err_msg=f"{name}: {key}")


# Properties that hold for all weights and inputs.


def plain(model_class, case):
    """Forward and backward agree with the plain implementation."""
    x, h0, mask, dh = case.data()
    for m in (None, mask):
        ours, theirs = (case.model(c) for c in (model_class, PlainGRU))
        a, b = (model.forward(x, h0, m) for model in (ours, theirs))
        for field in ("z", "r", "candidate", "h"):
            assert_allclose(getattr(a, field), getattr(b, field), **EXACT, err_msg=field)
        same_gradients(ours.backward(a, dh), theirs.backward(b, dh))


def same_gradients(a, b, rtol=1e-11):
    """Equal within `rtol` of the largest entry of each array."""
    assert list(a.weights) == list(b.weights), f"{list(a.weights)} against {list(b.weights)}"
    for name, ours, theirs in [
        *((k, a.weights[k], b.weights[k]) for k in a.weights),
        ("x", a.x, b.x),
        ("h0", a.h0, b.h0),
    ]:
        atol = rtol * max(1, np.max(np.abs(theirs)))
        assert_allclose(ours, theirs, rtol=0, atol=atol, err_msg=f"gradient of {name}")


def steps_equal_forward(model_class, case):
    """A loop over `step` is `forward`."""
    x, h, _, _ = case.data()
    model = case.model(model_class)
    trace = model.forward(x, h)
    for t in range(case.time):
        s = model.step(x[:, t], h)
        for field in s._fields:
            assert_allclose(getattr(s, field), getattr(trace, field)[:, t], **EXACT, err_msg=f"{field} at step {t}")
        h = s.h


def parts_equal_whole(model_class, case):
    """A sequence in two parts, the second starting from the state of the first, is the whole sequence."""
    x, h0, mask, _ = case.data()
    model = case.model(model_class)
    whole = model.forward(x, h0, mask).h
    for cut in range(1, case.time):
        first = model.forward(x[:, :cut], h0, mask[:, :cut]).h
        second = model.forward(x[:, cut:], first[:, -1], mask[:, cut:]).h
        assert_allclose(np.concatenate([first, second], axis=1), whole, **EXACT, err_msg=f"cut at {cut}")


def past_alone_matters(model_class, case):
    """What comes at step t changes no state before t, and the gradient of a loss at t reaches no later input."""
    x, h0, mask, dh = case.data()
    model = case.model(model_class)
    trace = model.forward(x, h0, mask)
    t = case.time // 2
    later = np.concatenate([x[:, :t], x[:, t:] + 1], axis=1)
    assert_allclose(model.forward(later, h0, mask).h[:, :t], trace.h[:, :t], **EXACT)
    dh[:, t + 1 :] = 0
    assert not np.any(model.backward(trace, dh).x[:, t + 1 :])


def gradients_equal_differences(model_class, case):
    """`backward` is what central differences give, for every weight, x and h0."""
    x, h0, mask, dh = case.data()
    error = gradients.check(case.model(model_class), x, dh, eps=1e-5, h0=h0, mask=mask)
    assert error < 1e-7, f"relative error {error}"
    error = gradients.check(case.model(model_class), x, dh, eps=1e-5)
    assert error < 1e-7, f"relative error {error} without h0 and mask"


def backward_is_linear(model_class, case):
    x, h0, mask, dh = case.data()
    other = np.random.default_rng(case.seed).normal(size=dh.shape)
    model = case.model(model_class)
    trace = model.forward(x, h0, mask)
    a, b, both = (model.backward(trace, d) for d in (dh, other, dh - 3 * other))
    combined = type(a)({k: a.weights[k] - 3 * b.weights[k] for k in a.weights}, a.x - 3 * b.x, a.h0 - 3 * b.h0)
    same_gradients(both, combined)


def gates_are_open_shares(model_class, case):
    """Gates lie in (0, 1), the candidate in (-1, 1); the bounds themselves only where floats run out."""
    x, h0, _, _ = case.data()
    trace = case.model(model_class).forward(x, h0)
    z, r, candidate = trace.z, trace.r, trace.candidate
    for name, gate in (("z", z), ("r", r), ("candidate", (candidate + 1) / 2)):
        assert np.all((gate >= 0) & (gate <= 1)), f"{name} leaves its range"
        if case.scale < 1:
            assert np.all((gate > 0) & (gate < 1)), f"{name} reaches the end of its range"


def state_is_bounded(model_class, case):
    """|h| <= max(|h0|, 1), entry by entry."""
    x, h0, mask, _ = case.data()
    h = case.model(model_class).forward(x, h0, mask).h
    bound = np.maximum(np.abs(h0), 1)[:, None]
    assert np.all(np.abs(h) <= bound * (1 + 1e-12)), f"|h| exceeds its bound by {np.max(np.abs(h) - bound)}"


def state_is_between(model_class, case):
    """h lies between h_prev and the candidate."""
    x, h0, _, _ = case.data()
    trace = case.model(model_class).forward(x, h0)
    h_prev = np.concatenate([h0[:, None], trace.h[:, :-1]], axis=1)
    low, high = np.minimum(h_prev, trace.candidate), np.maximum(h_prev, trace.candidate)
    assert np.all((trace.h >= low - 1e-12) & (trace.h <= high + 1e-12)), "h is not between h_prev and the candidate"


def masked_steps_carry(model_class, case):
    """Where the mask is False the state is h_{t-1}, bit for bit, and z is 1."""
    x, h0, mask, _ = case.data()
    trace = case.model(model_class).forward(x, h0, mask)
    h_prev = np.concatenate([h0[:, None], trace.h[:, :-1]], axis=1)
    assert_array_equal(trace.h[~mask], h_prev[~mask])
    assert np.all(trace.z[~mask] == 1), "z is not 1 at masked steps"


def masked_steps_vanish(model_class, case):
    """A row with masked steps is the row without them; their dL/dh belongs to the step before."""
    x, h0, mask, dh = case.data()
    model = case.model(model_class)
    trace = model.forward(x, h0, mask)
    grads = model.backward(trace, dh)
    assert not np.any(grads.x[~mask]), "a masked input has a gradient"
    total = {name: np.zeros_like(value) for name, value in grads.weights.items()}
    for i in range(case.batch):
        counts = np.flatnonzero(mask[i])
        d_short = [dh[i, a:b].sum(axis=0) for a, b in zip(counts, [*counts, case.time][1:], strict=True)]
        d_h0 = dh[i, : counts[0] if len(counts) else case.time].sum(axis=0)
        if len(counts):
            short = model.forward(x[i : i + 1, counts], h0[i : i + 1])
            assert_allclose(trace.h[i, counts], short.h[0], **EXACT)
            alone = model.backward(short, np.array([d_short]))
            assert_allclose(grads.x[i, counts], alone.x[0], rtol=1e-11, atol=1e-11)
            d_h0 = d_h0 + alone.h0[0]
            total = {name: total[name] + alone.weights[name] for name in total}
        assert_allclose(grads.h0[i], d_h0, rtol=1e-11, atol=1e-11)
    same_gradients(grads, grads._replace(weights=total))


def padding_does_not_matter(model_class, case):
    """What stands in x at masked steps changes neither states nor gradients."""
    x, h0, mask, dh = case.data()
    model = case.model(model_class)
    trace = model.forward(x, h0, mask)
    padded = np.where(mask[:, :, None], x, 100)
    other = model.forward(padded, h0, mask)
    assert_array_equal(other.h, trace.h)
    same_gradients(model.backward(other, dh), model.backward(trace, dh))


def rows_are_independent(model_class, case):
    """A row alone, or the rows in another order, give the same states and gradients."""
    x, h0, mask, dh = case.data()
    model = case.model(model_class)
    trace = model.forward(x, h0, mask)
    grads = model.backward(trace, dh)
    rows = [np.arange(case.batch)[::-1], *(np.array([i]) for i in range(case.batch))]
    for row in rows:
        some = model.forward(x[row], h0[row], mask[row])
        assert_allclose(some.h, trace.h[row], **EXACT, err_msg=f"rows {row}")
        d = model.backward(some, dh[row])
        assert_allclose(d.x, grads.x[row], rtol=1e-11, atol=1e-11, err_msg=f"rows {row}")
        assert_allclose(d.h0, grads.h0[row], rtol=1e-11, atol=1e-11, err_msg=f"rows {row}")


def float32_is_near(model_class, case):
    """float32 stays float32 in every output and gradient, and near float64."""
    x, h0, mask, dh = case.data()
    double, single = case.model(model_class), case.model(model_class, "float32")
    a, b = (model.forward(x, h0, mask) for model in (double, single))
    da, db = double.backward(a, dh), single.backward(b, dh)
    outputs = {name: (getattr(a, name), getattr(b, name)) for name in ("z", "r", "candidate", "h")}
    outputs |= {f"gradient of {name}": (da.weights[name], db.weights[name]) for name in da.weights}
    outputs |= {"gradient of x": (da.x, db.x), "gradient of h0": (da.h0, db.h0)}
    s, t = (model.step(x[:, 0].astype(model.dtype), h0.astype(model.dtype)) for model in (double, single))
    outputs |= {f"step {name}": (getattr(s, name), getattr(t, name)) for name in s._fields}
    for name, (wide, narrow) in outputs.items():
        assert wide.dtype == np.float64, f"{name} of float64 has become {wide.dtype}"
        assert narrow.dtype == np.float32, f"{name} of float32 has become {narrow.dtype}"
        assert_allclose(narrow, wide, rtol=0, atol=1e-4 * max(1, np.max(np.abs(wide))), err_msg=name)


def trace_keeps_its_weights(model_class, case):
    """`backward` differentiates the pass that made the trace, whatever has become of the weights since."""
    x, h0, mask, dh = case.data()
    model = case.model(model_class)
    trace = model.forward(x, h0, mask)
    before = model.backward(trace, dh)
    for name, value in model.weights.items():
        value += 1
        model.weights[name] = value * 2
    same_gradients(model.backward(trace, dh), before)


def arguments_stay(model_class, case):
    """Neither pass writes to its arguments, to the weights or to the trace."""
    x, h0, mask, dh = case.data()
    model = case.model(model_class)
    trace = model.forward(x, h0, mask)
    model.step(x[:, 0], h0)
    h = trace.h.copy()
    first = model.backward(trace, dh)
    same_gradients(model.backward(trace, dh), first, rtol=0)
    assert_array_equal(trace.h, h)
    for now, then in zip((x, h0, mask, dh), case.data(), strict=True):
        assert_array_equal(now, then)
    for name, value in case.model(model_class).weights.items():
        assert_array_equal(model.weights[name], value, err_msg=name)


FIXED = {check.__name__: check for check in (forward_references, gradient_references)}
PROPERTIES = {
    check.__name__: check
    for check in (
        plain,
        steps_equal_forward,
        parts_equal_whole,
        past_alone_matters,
        gradients_equal_differences,
        backward_is_linear,
        gates_are_open_shares,
        state_is_bounded,
        state_is_between,
        masked_steps_carry,
        masked_steps_vanish,
        padding_does_not_matter,
        rows_are_independent,
        float32_is_near,
        trace_keeps_its_weights,
        arguments_stay,
    )
}
