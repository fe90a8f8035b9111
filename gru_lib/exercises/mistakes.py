"""Mistakes that can be made in any exercise, recognised by what they do to the right numbers.

Each function looks at one part of one answer: `c` is what came, `r` what is right, arrays that differ; `same(c, r)`
says whether two arrays are the same within the exercise's tolerance, `arguments` are those of the call by name.
"""

import itertools

import numpy as np

from gru_lib.exercises.exercise import Mistake

MOST = 100  # an array this many times larger than the right one is not computed with


def _flat_shape(c, r, same, arguments):
    return c.shape != r.shape and c.size == r.size and _squeezed(c) == _squeezed(r) and same(c.reshape(r.shape), r)


def _squeezed(a):
    return tuple(n for n in a.shape if n != 1)


def _axes(c, r, same, arguments):
    if c.ndim != r.ndim or not 2 <= c.ndim <= 4 or sorted(c.shape) != sorted(r.shape):
        return False
    orders = itertools.permutations(range(c.ndim))
    return any(same(c.transpose(order), r) for order in orders)


def _table(c, r, same, arguments):
    n = r.size
    return n > 1 and max(r.shape) == n and c.shape == (n, n)


def _sum_missing(c, r, same, arguments):
    return c.ndim == r.ndim + 1 and any(same(c.sum(axis=axis), r) for axis in range(c.ndim))


def _sum_too_much(c, r, same, arguments):
    if r.ndim == 0:
        return False
    every = [None, *range(r.ndim)]
    return any(same(c, r.sum(axis=axis, keepdims=keep)) for axis in every for keep in (True, False))


def _integers(c, r, same, arguments):
    fraction = r.dtype.kind == "f" and bool(np.any(np.abs(r - np.round(r)) > 1e-3))
    return fraction and c.shape == r.shape and (same(c, np.floor(r)) or same(c, np.trunc(r)))


def _rounded(c, r, same, arguments):
    if r.dtype.kind != "f" or c.shape != r.shape:
        return False
    return any(np.array_equal(c, np.round(r, digits)) for digits in (0, 1, 2))


def _nan(c, r, same, arguments):
    return c.dtype.kind == "f" and not np.isfinite(c).all()


def _sign(c, r, same, arguments):
    return bool(np.any(r != 0)) and c.dtype.kind != "b" and same(-c, r)


def _complement(c, r, same, arguments):
    return c.dtype.kind != "b" and r.dtype.kind == "f" and same(1 - c, r)


def _backwards(c, r, same, arguments):
    return any(same(np.flip(c, axis), r) for axis in range(min(c.ndim, r.ndim, 2)) if c.shape[axis] > 1)


def _given_back(c, r, same, arguments):
    return any(a.shape == c.shape and a.size and same(c, a) for a in _arrays(arguments))


def _mean(c, r, same, arguments):
    n = _batch(arguments)
    return n > 1 and c.dtype.kind == "f" and same(c * n, r)


def _summed(c, r, same, arguments):
    n = _batch(arguments)
    return n > 1 and r.dtype.kind == "f" and same(c / n, r)


def _arrays(arguments):
    return [a for a in arguments.values() if isinstance(a, np.ndarray)]


def _batch(arguments):
    return next((len(a) for a in _arrays(arguments) if a.ndim), 0)


# In the order in which they are tried: the shape first, for numbers of another shape cannot be compared.
GENERAL = (
    (
        Mistake(
            "shape",
            "The numbers are right, their shape is not: {came} came, and {right} is expected.",
            "(n,) and (n, 1) hold the same numbers, but combined with another array they do not do the same.",
        ),
        _flat_shape,
    ),
    (
        Mistake(
            "axes exchanged",
            "The numbers are right and lie the wrong way round: two axes are exchanged.",
            "Say for each axis of your answer what it counts, and compare with the shape that is asked for: {right}.",
        ),
        _axes,
    ),
    (
        Mistake(
            "a table instead of a row",
            "Out of {right} numbers you have made a table {came}: somewhere a column has met a row.",
            "(n, 1) and (n,) combined give (n, n). Look at the shapes of the two things that you combine.",
        ),
        _table,
    ),
    (
        Mistake(
            "sum missing",
            "There is an axis too many: {came} came, and {right} is expected. What all of its entries share collects "
            "a contribution from each.",
            "The same weight serves every row and every step; how do contributions from several ways combine?",
        ),
        _sum_missing,
    ),
    (
        Mistake(
            "summed away",
            "Something is added up that should stay apart: {came} came, and {right} is expected.",
            "Which axis has its own number for every entry?",
        ),
        _sum_too_much,
    ),
    (
        Mistake(
            "integers",
            "What stands behind the decimal point is lost: integers came where fractions are expected.",
            "Look for //, for int(...), or for an array whose dtype is an integer one and that you write into.",
        ),
        _integers,
    ),
    (
        Mistake(
            "rounded",
            "The numbers are right as far as they go, but they are rounded.",
            "Round what you show to people, never what is computed with.",
        ),
        _rounded,
    ),
    (
        Mistake(
            "not finite",
            "There is a NaN or an infinity in the answer.",
            "Something was divided by 0, or grew too large for a float: exp of a large number, or a log of 0.",
        ),
        _nan,
    ),
    (Mistake("sign", "The numbers have the right size and the wrong sign."), _sign),
    (
        Mistake(
            "1 - the answer",
            "You have computed what is left to 1: one minus the right numbers.",
            "Which of the two shares is asked for, what is kept or what is replaced?",
        ),
        _complement,
    ),
    (
        Mistake("backwards", "The numbers are right and stand in the opposite order."),
        _backwards,
    ),
    (
        Mistake(
            "an argument given back",
            "What comes back is one of the arguments, as it came in.",
            "Is the new value ever computed, and is it that one which is returned?",
        ),
        _given_back,
    ),
    (
        Mistake(
            "mean instead of sum",
            "Every number is too small by one and the same factor: how many rows there are. It is a mean where a sum "
            "is asked for.",
        ),
        _mean,
    ),
    (
        Mistake(
            "sum instead of mean",
            "Every number is too large by one and the same factor: how many rows there are. It is a sum where a mean "
            "is asked for.",
        ),
        _summed,
    ),
)
CONSTANT = Mistake(
    "constant",
    "The answer is the same whatever the arguments are: it does not look at them.",
    "Is a name from outside the function used in it in place of an argument?",
)
FACTOR = Mistake(
    "factor", "Every number is the right one times {factor}.", "What is counted more than once, or left out?"
)
OFFSET = Mistake("offset", "Every number is off by the same amount, {offset}.", "What is added to all of them?")


def recognise(came, right, same, arguments):
    """The general mistake that explains all answers, or None; and what its sentences are to be filled with.

    `came` and `right` are lists, one entry a call, of dicts of parts; `arguments` a list of dicts.
    """
    pairs = [
        (c[part], r[part], call)
        for c, r, call in zip(came, right, arguments, strict=True)
        for part in r
        if not isinstance(r[part], str) and not same(c[part], r[part])
    ]
    if not pairs or any(c.size > MOST * max(r.size, MOST) for c, r, _ in pairs):
        return None, {}
    words = {"came": pairs[0][0].shape, "right": pairs[0][1].shape}
    with np.errstate(all="ignore"):
        for mistake, test in GENERAL:
            if all(test(c, r, same, call) for c, r, call in pairs):
                return mistake, words
        if _constant(came, right):
            return CONSTANT, words
        return _one_number(pairs)


def _constant(came, right):
    if len(came) < 2:
        return False
    alike = [c.keys() == came[0].keys() and all(_equal(c[part], came[0][part]) for part in c) for c in came]
    return all(alike) and not all(_equal(r[part], right[0][part]) for r in right for part in r)


def _equal(a, b):
    return a == b if isinstance(a, str) or isinstance(b, str) else a.shape == b.shape and np.array_equal(a, b)


def _one_number(pairs):
    """A factor or an offset that all wrong numbers share."""
    if any(c.shape != r.shape for c, r, _ in pairs):
        return None, {}
    c, r = (np.concatenate([np.ravel(pair[i]).astype(float) for pair in pairs]) for i in (0, 1))
    counts = np.abs(r) > 1e-6
    if counts.sum() < 3 or not np.isfinite(c).all():
        return None, {}
    factors, offsets = c[counts] / r[counts], c - r
    if np.ptp(factors) < 1e-4 * abs(factors[0]) and np.ptp(r) > 1e-6:
        return FACTOR, {"factor": f"{factors[0]:.4g}"}
    if np.ptp(offsets) < 1e-5:
        return OFFSET, {"offset": f"{offsets[0]:+.4g}"}
    return None, {}
