"""Gradients that can be trusted and kept in bounds: the finite-difference check, and clipping by global norm."""

import numpy as np

# Arrays whose gradients are this much smaller than the largest of all are measured against that one: central
# differences have an absolute error, of about 1e-10 with values near 1.
FLOOR = 1e-3


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
