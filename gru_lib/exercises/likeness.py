"""What a mistake does to the right numbers: tests on pairs of what came and what is right.

A test of one pair looks at `c`, what came, and `r`, what is right, two arrays; `same(c, r)` says whether two arrays are
the same within the exercise's tolerance, `arguments` are those of the call by name. `in_wrong` and `in_all` make of it
a test of all pairs. A test of all pairs gives the words that a sentence on it needs, a dict, or None if it fails.
"""

import itertools
from typing import NamedTuple

import numpy as np


class Pair(NamedTuple):
    """One part of the answer to one call."""

    part: str
    c: np.ndarray
    r: np.ndarray
    arguments: dict
    wrong: bool  # this pair differs
    touched: bool  # this part differs in some call


def in_wrong(test):
    """`test` of the pairs that differ: for a statement on these alone, such as one on their shape."""
    return lambda pairs, same: _all(test, [pair for pair in pairs if pair.wrong], same)


def in_all(test):
    """`test` of the parts that differ, in all calls: for a statement on every number, also those of right calls."""
    return lambda pairs, same: _all(test, [pair for pair in pairs if pair.touched], same)


def _all(test, pairs, same):
    return {} if all(test(pair.c, pair.r, same, pair.arguments) for pair in pairs) else None


# Of one pair


def in_a_list(c, r, same, arguments):
    return r.ndim == 0 < c.ndim and c.size == 1 and same(c.reshape(()), r)


def flat_shape(c, r, same, arguments):
    return c.shape != r.shape and c.size == r.size and _squeezed(c) == _squeezed(r) and same(c.reshape(r.shape), r)


def _squeezed(a):
    return tuple(n for n in a.shape if n != 1)


def axes(c, r, same, arguments):
    if c.ndim != r.ndim or not 2 <= c.ndim <= 4 or sorted(c.shape) != sorted(r.shape):
        return False
    _, *orders = itertools.permutations(range(c.ndim))
    return any(same(c.transpose(order), r) for order in orders)


def table(c, r, same, arguments):
    n = r.size
    return n > 1 and max(r.shape) == n and c.shape == (n, n)


def sum_missing(c, r, same, arguments):
    return c.ndim == r.ndim + 1 and any(same(c.sum(axis=axis), r) for axis in range(c.ndim))


def summed_away(c, r, same, arguments):
    if r.ndim == 0:
        return False
    every = [None, *range(r.ndim)]
    return any(same(c, r.sum(axis=axis, keepdims=keep)) for axis in every for keep in (True, False))


def not_finite(c, r, same, arguments):
    return c.dtype.kind == "f" and not np.isfinite(c).all()


def sign(c, r, same, arguments):
    return c.dtype.kind != "b" and same(-c, r)


def sign_of_a_number(c, r, same, arguments):
    return r.ndim == 0 and sign(c, r, same, arguments)


def complement(c, r, same, arguments):
    return c.dtype.kind != "b" and r.dtype.kind == "f" and same(1 - c, r)


def mean(c, r, same, arguments):
    n = _batch(arguments)
    return n > 0 and c.dtype.kind == "f" and same(c * n, r)


def summed(c, r, same, arguments):
    n = _batch(arguments)
    return n > 0 and r.dtype.kind == "f" and same(c / n, r)


def _arrays(arguments):
    return {name: a for name, a in arguments.items() if isinstance(a, np.ndarray)}


def _batch(arguments):
    return next((len(a) for a in _arrays(arguments).values() if a.ndim), 0)


# Of all pairs


def integers(pairs, same):
    """Wherever the right number has a fraction a whole number came. A 0 that somebody has typed is no lost fraction."""
    fractions = [pair.r.dtype.kind == "f" and np.abs(pair.r - np.round(pair.r)) > 1e-3 for pair in pairs]
    count = sum(int(np.sum(fraction)) for fraction in fractions)
    if count == 0 or any(pair.c.shape != pair.r.shape for pair in pairs):
        return None
    buffers = all(pair.c.dtype.kind in "iu" and pair.c.ndim > 0 for pair in pairs)  # filled with what was cut to 0
    if not any(np.any(pair.c) for pair in pairs) and not buffers:
        return None
    for cut in (np.floor, np.trunc):
        if all(
            same(pair.c, np.where(where, cut(pair.r), pair.r)) for pair, where in zip(pairs, fractions, strict=True)
        ):
            return {}
    return None


def rounded(pairs, same):
    """All numbers are the right ones rounded to the same number of digits."""
    if any(pair.c.shape != pair.r.shape for pair in pairs) or not any(np.any(pair.c) for pair in pairs):
        return None
    alike = any(all(np.array_equal(p.c, np.round(p.r, digits)) for p in pairs) for digits in range(5))
    return {} if alike else None


def typed_rounded(pairs, same):
    """The same of numbers that were typed in, not computed by a function."""
    return rounded(pairs, same) if not any(pair.arguments for pair in pairs) else None


def given_back(pairs, same):
    """Each part that differs is one of the arguments, the same one in all calls."""
    found = {}
    for pair in pairs:
        if pair.touched:
            names = {name for name, a in _arrays(pair.arguments).items() if _is(pair.c, a, same)}
            found[pair.part] = found.get(pair.part, names) & names
    if not all(found.values()):
        return None
    back = "; ".join(f"{part or 'What comes back'} is the argument {min(names)}" for part, names in found.items())
    return {"back": back, "it": "it" if len(found) == 1 else "they"}


def _is(c, a, same):
    return a.shape == c.shape and bool(np.any(c)) and same(c, a)


def backwards(pairs, same):
    """One axis of all parts that differ is turned round."""
    pairs = [pair for pair in pairs if pair.touched]
    axes = range(min(min(pair.c.ndim, pair.r.ndim, 2) for pair in pairs))
    return {} if any(all(same(np.flip(pair.c, axis), pair.r) for pair in pairs) for axis in axes) else None


def constant(pairs, same):
    """All calls gave the same, and should not have."""
    calls = {}
    for pair in pairs:
        calls.setdefault(pair.part, []).append(pair)
    alike = all(_equal(pair.c, of_part[0].c) for of_part in calls.values() for pair in of_part)
    differ = any(not _equal(pair.r, of_part[0].r) for of_part in calls.values() for pair in of_part)
    return {} if alike and differ else None


def _equal(a, b):
    return a.shape == b.shape and np.array_equal(a, b)


def factor(pairs, same):
    """One factor leads from all right numbers to those that came."""
    c, r, counts = _numbers(pairs)
    if counts is None or np.ptp(r) <= 1e-6:
        return None
    times = c[counts] / r[counts]
    if np.ptp(times) >= 1e-4 * abs(times[0]) or np.abs(c[~counts]).max(initial=0) > 1e-5:
        return None
    return {"factor": f"{times[0]:.4g}"}


def offset(pairs, same):
    """The same is added to all right numbers."""
    c, r, counts = _numbers(pairs)
    if counts is None or np.ptp(c - r) >= 1e-5:
        return None
    return {"offset": f"{(c - r)[0]:+.4g}"}


def _numbers(pairs):
    """All numbers of the parts that differ, in a row; and which of the right ones are not 0, None if too few are."""
    pairs = [pair for pair in pairs if pair.touched]
    if any(pair.c.shape != pair.r.shape for pair in pairs):
        return None, None, None
    c, r = (np.concatenate([np.ravel(getattr(pair, one)).astype(float) for pair in pairs]) for one in "cr")
    counts = np.abs(r) > 1e-6
    return c, r, counts if counts.sum() >= 3 and np.isfinite(c).all() else None
