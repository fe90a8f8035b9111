"""Gradients that can be trusted, kept in bounds and followed back through time.

The finite-difference check, clipping by global norm, and the flow of gradients by lag and by path.
"""

from typing import NamedTuple

import numpy as np

from gru_lib import _checks
from gru_lib.gru import GRU
from gru_lib.lstm import LSTM
from gru_lib.rnn import SimpleRNN

# Arrays whose gradients are this much smaller than the largest of all are measured against that one: central
# differences have an absolute error, of about 1e-10 with values near 1.
FLOOR = 1e-3
# `flow` is exact up to this many units; above it, it takes random probes, so many.
EXACT_UNITS = 128
MANY_PROBES = 64
PATHS = ("carry", "update", "reset", "candidate")


def check(model, x, dh, eps=1e-6, h0=None, mask=None):
    """Compare `model.backward` with central differences; return the largest relative error, a float.

    The loss is L = sum(dh * h), with h from `model.forward(x, h0, mask)`: `x` (batch, time, input), `dh`
    (batch, time, hidden), `h0` (batch, hidden) or None (zeros), `mask` (batch, time) or None. `model` is any cell of
    this package; the check runs on a float64 copy, `model` stays as it is. Every entry p of every weight, of x and
    of h0 is moved by `eps`:

        numeric = (L(p + eps) - L(p - eps)) / (2 eps)

    The error of one array (one weight, x, h0) is

        max |analytic - numeric| / max(max |analytic|, max |numeric|, 1e-3 * largest)

    with `largest` the largest |gradient| of all arrays, so that rounding in an array of almost zero gradients does
    not count as an error. Correct gradients give 1e-10 to 3e-7, which is rounding (a tenth of it with eps=1e-5); a
    missing factor gives 1e-2 or more. A gradient that is NaN or infinite gives infinity.
    Raises ValueError (eps not above 0, or a gradient whose shape is not its array's) and what `forward` raises.
    """
    if not eps > 0:
        raise ValueError(f"eps must be above 0, not {eps!r}")
    model = model.astype("float64")
    analytic = model.backward(model.forward(x, h0, mask), dh)
    x, dh = np.array(x, np.float64), np.array(dh, np.float64)
    h0 = np.zeros_like(analytic.h0) if h0 is None else np.array(h0, np.float64)
    pairs = {name: (value, analytic.weights[name]) for name, value in model.weights.items()}
    pairs |= {"x": (x, analytic.x), "h0": (h0, analytic.h0)}

    numeric = {}
    for name, (value, gradient) in pairs.items():
        if np.shape(gradient) != value.shape:
            raise ValueError(f"the gradient of {name} has shape {np.shape(gradient)}, expected {value.shape}")
        numeric[name] = np.empty_like(value)
        for index in np.ndindex(value.shape):
            middle = value[index]
            value[index] = middle + eps
            above = model.forward(x, h0, mask).h
            value[index] = middle - eps
            below = model.forward(x, h0, mask).h
            value[index] = middle
            # the difference of the states, then the sum: less rounding than the difference of two sums
            numeric[name][index] = np.sum(dh * (above - below)) / (2 * eps)

    def size(a):
        return float(np.max(np.abs(a)))

    sizes = {name: max(size(gradient), size(numeric[name])) for name, (_, gradient) in pairs.items()}
    if not np.isfinite(list(sizes.values())).all() or any(np.isnan(g).any() for _, g in pairs.values()):
        return float("inf")
    largest = max(sizes.values())
    if largest == 0:
        return 0.0
    errors = [size(g - numeric[name]) / max(sizes[name], FLOOR * largest) for name, (_, g) in pairs.items()]
    return max(errors)


def global_norm(grads):
    """The Euclidean norm of all entries of all arrays together, a float.

    `grads` is a dict, list or tuple of arrays of any shape, such as `backward(...).weights`. NaN if an entry is NaN,
    else infinity if one is infinite. Raises TypeError if `grads` is something else or holds something else.
    """
    arrays = [np.asarray(a, np.float64) for a in _named(grads).values()]
    largest = max((float(np.max(np.abs(a), initial=0)) for a in arrays), default=0.0)
    if any(np.isnan(a).any() for a in arrays):
        return float("nan")
    if largest == 0 or np.isinf(largest):
        return largest
    return largest * float(np.sqrt(sum(np.sum((a / largest) ** 2) for a in arrays)))  # squares cannot overflow


def clip_by_global_norm(grads, max_norm):
    """`grads` scaled down so that their global norm is at most `max_norm` (Pascanu et al. 2013, arXiv 1211.5063).

    All arrays are multiplied by max_norm / norm if norm > `max_norm`, which keeps the direction; else they stay as
    they are. Returns the same kind of container, dict, list or tuple, with new arrays of the same dtypes (integers
    become float64). Raises ValueError if `max_norm` is not above 0, FloatingPointError if an entry is NaN or
    infinite, TypeError like `global_norm`.
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm must be above 0, not {max_norm!r}")
    norm = global_norm(grads)
    if not np.isfinite(norm):
        bad = [str(name) for name, a in _named(grads).items() if not np.isfinite(a).all()]
        raise FloatingPointError(
            f"the global norm of the gradients is {norm}, so there is no direction left to clip: "
            f"NaN or infinity in {', '.join(bad) or 'the norm itself'}"
        )
    scale = max_norm / norm if norm > max_norm else 1.0
    clipped = {}
    for name, a in _named(grads).items():
        a = np.asarray(a)
        clipped[name] = scale * a.astype(a.dtype if a.dtype.kind == "f" else np.float64)
    return clipped if isinstance(grads, dict) else type(grads)(clipped.values())


def clip_by_value(grads, max_value):
    """`grads` with every entry cut to the range from -`max_value` to `max_value`.

    The older way (Graves 2013, arXiv 1308.0850, section 5): simple, but entries that are cut change the direction of
    the step. Returns the same kind of container, dict, list or tuple, with new arrays of the same dtypes (integers
    become float64). Raises ValueError if `max_value` is not above 0, FloatingPointError if an entry is NaN or
    infinite, TypeError like `global_norm`.
    """
    if not max_value > 0:
        raise ValueError(f"max_value must be above 0, not {max_value!r}")
    clipped = {}
    for name, a in _named(grads).items():
        a = np.asarray(a)
        if not np.isfinite(a).all():
            raise FloatingPointError(f"gradient {name} holds NaN or infinity: there is nothing left to clip")
        clipped[name] = np.clip(a.astype(a.dtype if a.dtype.kind == "f" else np.float64), -max_value, max_value)
    return clipped if isinstance(grads, dict) else type(grads)(clipped.values())


def _named(grads):
    """`grads` as a dict by name or position. Raises TypeError unless it is a dict, list or tuple of real arrays."""
    if type(grads) not in (dict, list, tuple):
        kind = type(grads).__name__
        raise TypeError(f"expected a dict, list or tuple of arrays, such as backward(...).weights, not {kind}")
    named = grads if isinstance(grads, dict) else dict(enumerate(grads))
    for name, a in named.items():
        if np.asarray(a).dtype.kind not in "iuf":
            raise TypeError(f"gradient {name} must hold real numbers, not {type(a).__name__}")
    return named


class Flow(NamedTuple):
    """How much of the last state still depends on earlier ones, by lag; see `flow`.

    `norm` (time,): |dh_T / dh_{T-lag}|, lag 0 first. `paths`: for a GRU a dict of four arrays (time,) that add up to
    `norm`, else empty. `probes`: the number of random probes, None if the norm is exact.
    """

    norm: np.ndarray
    paths: dict
    probes: int | None

    def __repr__(self):
        how = "exact" if self.probes is None else f"estimated from {self.probes} random probes"
        ends = f"{self.norm[0]:.3g} at lag 0 to {self.norm[-1]:.3g} at lag {len(self.norm) - 1}"
        return f"Flow({how}: {ends})"


def flow(model, x, h0=None, probes=None):
    """The norm of dh_T / dh_t by lag T - t, and for a GRU how much of it comes along each path.

    `model` is a `GRU`, `SimpleRNN` or `LSTM`; `x` (batch, time, input) and `h0` are as for its `forward`. The
    arithmetic is float64 whatever the model's. Returns a `Flow`; its arrays are (time,): entry 0 is lag 0, entry
    time - 1 is how h_T depends on h_1.

    The norm is Frobenius', sqrt of the sum of all squared entries of the Jacobian D, so sqrt(hidden) at lag 0. It is
    computed for each sequence and then averaged over the batch (arithmetic mean). For an LSTM, h_t stands for the
    whole state: D is dh_T / d(h_t, c_t), (hidden, 2 * hidden), for the cell is its memory.

    `probes` None: exact, one vector-Jacobian product for each unit of h_T; above EXACT_UNITS units, MANY_PROBES random
    probes. A number: so many probes. Probes are vectors v of random signs, the same in every call: the mean of
    |v D|^2 estimates the square of the norm, with a relative error of at most about sqrt(2 / probes).

    The paths: one step back the Jacobian of a GRU is a sum of four, with u = h_{t-1} U_h + c_h,

        carry      diag(z)
        update     through z, d h_t / d a_z times U_z
        reset      through r, and from there into the candidate
        candidate  through the candidate, at fixed r

    Of D_lag = D_{lag-1} (carry + update + reset + candidate), each summand P = D_{lag-1} times one of them is counted
    with its component along the whole, sum(P * D_lag) / |D_lag|. So the four numbers of a lag add up to the norm of
    that lag; one that works against the others is negative. They split the last step back alone: the steps before it
    are in D_{lag-1} with all their paths. At lag 0 no step has been taken, and all of the norm is counted as carry.

    Raises TypeError for any other model, ValueError or TypeError for `probes` below 1 or no integer, what `forward`
    raises, and FloatingPointError if the norm leaves the range of float64.
    """
    back = next((back for cell, back in _BACK.items() if isinstance(model, cell)), None)
    if back is None:
        raise TypeError(f"model must be a GRU, SimpleRNN or LSTM, not a {type(model).__name__}")
    hidden = model.hidden_size
    if probes is not None:
        probes = _checks.size("probes", probes)
    elif hidden > EXACT_UNITS:
        probes = MANY_PROBES
    trace = model.astype("float64").forward(x, h0)
    batch, time, _ = trace.h.shape

    start = np.eye(hidden) if probes is None else np.random.default_rng(0).choice([-1.0, 1.0], (probes, hidden))
    # The backward signal, (kinds, probes, batch, hidden): row p of example b is probe p times D of that example. An
    # LSTM has two kinds, with respect to h and to c.
    signal = np.zeros((2 if isinstance(model, LSTM) else 1, len(start), batch, hidden))
    signal[0] = start[:, None]
    scale = 1.0 if probes is None else 1 / np.sqrt(probes)
    norm = np.empty(time)
    norm[0] = scale * np.mean(_norms(signal))
    paths = {name: np.zeros(time) for name in (PATHS if isinstance(model, GRU) else ())}
    if paths:
        paths["carry"][0] = norm[0]
    for lag in range(1, time):
        with np.errstate(over="ignore", invalid="ignore"):
            parts = back(trace, time - lag, signal)
            signal = sum(parts)
            if not np.isfinite(signal).all():
                raise FloatingPointError(f"dh_T / dh_t at lag {lag} is too large for float64; use a shorter sequence")
        norms = _norms(signal)
        norm[lag] = scale * np.mean(norms)
        unit = signal / np.where(norms > 0, norms, 1)[:, None]
        for name, part in zip(paths, parts, strict=False):
            paths[name][lag] = scale * np.mean(np.sum(part * unit, axis=(0, 1, 3)))
    return Flow(norm, paths, probes)


def _norms(signal):
    """The Frobenius norm for each example, (batch,); squares neither overflow nor underflow."""
    largest = np.max(np.abs(signal), axis=(0, 1, 3))
    safe = np.where(largest > 0, largest, 1)
    return largest * np.sqrt(np.sum((signal / safe[:, None]) ** 2, axis=(0, 1, 3)))


def _back_gru(trace, t, signal):
    """Step `t` backwards (0 is the first): the four parts of dL/dh_{t-1}, in the order of PATHS."""
    g = signal
    z, r, candidate = trace.gates[:, t]
    h_prev, recurrent = trace.states[t], trace.recurrent[t]
    U_z, U_r, U_h = trace.U
    carry = g * z
    update = (g * (h_prev - candidate) * z * (1 - z)) @ U_z.T
    da_h = g * (1 - z) * (1 - candidate**2)
    if trace.reset == "after":
        reset = (da_h * recurrent * r * (1 - r)) @ U_r.T
        through = (da_h * r) @ U_h.T
    else:
        at_reset = da_h @ U_h.T
        reset = (at_reset * h_prev * r * (1 - r)) @ U_r.T
        through = at_reset * r
    return carry, update, reset, through


def _back_rnn(trace, t, signal):
    """Step `t` backwards: dL/dh_{t-1}."""
    return ((signal * (1 - trace.states[t + 1] ** 2)) @ trace.U.T,)


def _back_lstm(trace, t, signal):
    """Step `t` backwards: dL/dh_{t-1} and dL/dc_{t-1}."""
    g, k = signal
    i, f, candidate, o = trace.gates[:, t]
    tanh_c = np.tanh(trace.cells[t + 1])
    k = k + g * o * (1 - tanh_c**2)
    da_i = k * candidate * i * (1 - i)
    da_f = k * trace.cells[t] * f * (1 - f)
    da_g = k * i * (1 - candidate**2)
    da_o = g * tanh_c * o * (1 - o)
    U_i, U_f, U_g, U_o = trace.U
    return (np.stack([da_i @ U_i.T + da_f @ U_f.T + da_g @ U_g.T + da_o @ U_o.T, k * f]),)


_BACK = {GRU: _back_gru, SimpleRNN: _back_rnn, LSTM: _back_lstm}
