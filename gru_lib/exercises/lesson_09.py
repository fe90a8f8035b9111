"""Exercises of lesson 9, Claims on trial."""

import math
from typing import NamedTuple

import numpy as np

from gru_lib.exercises.exercise import Exercise, Mistake


class SmallestP(NamedTuple):
    """The smallest two-sided p-value that so many seeds for each of two models can give."""

    three: float
    five: float


class Difference(NamedTuple):
    """The mean of paired differences and its standard error."""

    mean: float
    error: float


def share_above(a, b):
    """The share of all pairs in which the value of a is above that of b; a tie counts one half."""
    return _share(a, b)


def _share(a, b, tie=0.5):
    return float(np.mean((a[:, None] > b) + tie * (a[:, None] == b)))


def _scores():
    rng = np.random.default_rng(0)
    return [
        (np.array([3.0, 1.0, 4.0, 1.0, 5.0]), np.array([2.0, 1.0, 1.0, 4.0])),
        (rng.normal(size=5), rng.normal(0.3, 1, 5)),
        (np.array([1.0, 2.0, 2.0]), np.array([2.0, 0.0, 2.0])),
        (np.array([2.0, 9.0, 1.0, 0.0]), np.array([2.5, 1.0, 0.5, 3.5, 2.0])),  # mean and median lie apart
    ]


def paired(a, b):
    """The mean of a - b and its standard error, a[i] and b[i] belonging together."""
    gaps = a - b
    return Difference(float(gaps.mean()), float(gaps.std(ddof=1)) / math.sqrt(len(gaps)))


def _with_error(error):
    return lambda a, b: Difference(float(np.mean(a - b)), float(error(a, b)))


def _of_sizes(a, b):
    gaps = np.abs(a - b)
    return paired(gaps, np.zeros_like(gaps))


def _pairs():
    cases = []
    for seed, n, more in ((0, 5, 0.5), (1, 8, 0.5), (2, 6, -2.0)):
        rng = np.random.default_rng(seed)
        day = rng.normal(10, 3, n)  # what both share: a good seed or a bad day
        cases.append((day + rng.normal(more, 1, n), day + rng.normal(0, 1, n)))
    return cases


def verdict(low, high):
    """What an interval of the ratio (low, high) says about the claim that the ratio is below 1."""
    return "holds" if high < 1 else "does not hold" if low > 1 else "not shown"


def _at(value):
    return lambda low, high: "holds" if value(low, high) < 1 else "does not hold"


def equal_units(inputs, units):
    """The units of an LSTM with about as many parameters as a Keras GRU (two biases) of `units`."""
    return _nearest(inputs, 3 * (inputs * units + units**2 + 2 * units))


def _nearest(inputs, target, choose=lambda gaps: np.argmin(np.abs(gaps)), biases=1):
    sizes = np.arange(1, 400)
    return int(sizes[choose(4 * (inputs * sizes + sizes**2 + biases * sizes) - target)])


def _exactly_equal(inputs, units):
    """The size, no whole number, at which the two counts of `equal_units` are equal."""
    half = (inputs + 1) / 2
    return math.sqrt(half**2 + 3 * (inputs * units + units**2 + 2 * units) / 4) - half


EXERCISES = (
    Exercise(
        name="share_above",
        lesson=9,
        kind="write",
        variable="my_share",
        prompt=r"""
**Your turn.** The Mann-Whitney test looks at all pairs of one value of `a` and one of `b`. Return the share of the pairs in which the value of `a` is above that of `b`; a tie counts one half. One half means: no difference.
""",
        start="""
def my_share(a, b):
    # Your turn: every value of a meets every value of b.
    return None
""",
        solution="""
def my_share(a, b):
    above = 0
    for one in a:
        for other in b:
            above += 1 if one > other else 0.5 if one == other else 0
    return above / (len(a) * len(b))
""",
        explanation="This is U / (n_a n_b): it compares ranks alone, so one wild seed cannot carry the verdict.",
        hint="How many pairs are there for 5 and 4 values? Not 4, and not 5.",
        right=share_above,
        cases=_scores,
        mistakes=(
            Mistake(
                "ties not counted",
                "A tie counts as nothing in your share; it counts one half.",
                answer=lambda a, b: _share(a, b, 0),
            ),
            Mistake(
                "ties counted whole",
                "A tie counts as a win in your share; it counts one half.",
                answer=lambda a, b: _share(a, b, 1),
            ),
            Mistake("exchanged", "That is the share in which b is above a.", answer=lambda a, b: 1 - _share(a, b)),
            Mistake(
                "number for share",
                "That is the number of pairs, U. Its share of all pairs is asked for.",
                answer=lambda a, b: _share(a, b) * a.size * b.size,
            ),
            *(
                Mistake(
                    "element by element",
                    "You compare a and b element by element. Every value of a is to meet every value of b.",
                    "With 5 and 4 values there are more pairs than elements. Where can the two lengths stand side by side?",
                    answer,
                )
                for answer in (lambda a, b: np.mean(a > b), lambda a, b: 1 - np.mean(b > a))
            ),
            Mistake(
                "mean of a",
                "You compare the mean of a with the values of b. In a pair stands one value of a.",
                answer=lambda a, b: _share(a.mean(keepdims=True), b, 0),
            ),
            Mistake(
                "mean of b",
                "You compare the values of a with the mean of b. In a pair stands one value of b.",
                answer=lambda a, b: _share(a, b.mean(keepdims=True), 0),
            ),
            Mistake(
                "neighbours only",
                "You compare the first with the first, the second with the second. Nothing ties these seeds together: every pair counts.",
                answer=lambda a, b: float(np.mean([(x > y) + 0.5 * (x == y) for x, y in zip(a, b, strict=False)])),
            ),
        ),
    ),
    Exercise(
        name="paired_error",
        lesson=9,
        kind="write",
        variable="my_difference",
        prompt=r"""
**Your turn.** `a[i]` and `b[i]` are the errors of two models on the same day. Return the mean of the differences $a - b$ and its standard error (standard deviation with $n - 1$, over the root of $n$).
""",
        start="""
def my_difference(a, b):
    # Your turn: the differences first; then their mean and how sure it is.
    return None
""",
        solution="""
def my_difference(a, b):
    gaps = a - b
    return gaps.mean(), gaps.std(ddof=1) / np.sqrt(len(gaps))
""",
        explanation="What both share, an easy or a hard day, drops out of the differences; that is what pairing is for.",
        hint="Only the n differences count from here on. How far do they scatter, and how well is their mean known?",
        right=paired,
        cases=_pairs,
        mistakes=(
            Mistake(
                "pairs torn apart",
                "Your error is that of two unrelated samples: easy and hard days are still in it.",
                "Take the difference of each day first, then look at how the differences scatter.",
                _with_error(lambda a, b: np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))),
            ),
            Mistake(
                "standard deviation",
                "That is how far single days scatter. The mean of n of them is known better than that.",
                answer=_with_error(lambda a, b: (a - b).std(ddof=1)),
            ),
            Mistake(
                "n for n - 1",
                "Nearly: the standard deviation of a sample is divided by one less than n.",
                answer=_with_error(lambda a, b: (a - b).std() / math.sqrt(len(a))),
            ),
            Mistake(
                "divided by n",
                "The error shrinks with the root of n, not with n.",
                answer=_with_error(lambda a, b: (a - b).std(ddof=1) / len(a)),
            ),
            Mistake(
                "signs lost",
                "Some of the differences are negative, and you take them as positive: nothing can cancel any more.",
                "On a day on which a is the smaller one, what is a - b?",
                _of_sizes,
            ),
            Mistake(
                "sign of the mean lost",
                "The error is right. The mean of the differences has a sign, and yours has none.",
                answer=lambda a, b: Difference(abs(paired(a, b).mean), paired(a, b).error),
            ),
            Mistake(
                "exchanged", "The difference has the wrong sign: a - b is asked for.", answer=lambda a, b: paired(b, a)
            ),
        ),
    ),
    Exercise(
        name="verdict",
        lesson=9,
        kind="decide",
        variable="my_verdict",
        prompt=r"""
**Your turn.** *"A GRU's training step takes less time than an LSTM's."* The measurement gives a 95 % interval, `low` to `high`, of the ratio GRU / LSTM. Return `"holds"`, `"does not hold"` or `"not shown"`.
""",
        start="""
def my_verdict(low, high):
    # Your turn: where does the interval lie, and where is 1?
    return None
""",
        solution="""
def my_verdict(low, high):
    if high < 1:
        return "holds"
    return "does not hold" if low > 1 else "not shown"
""",
        explanation="An interval that holds 1 decides nothing: neither that there is a difference nor that there is none.",
        hint="Three places for the interval: below 1, above 1, around 1. Which verdict belongs to which?",
        right=verdict,
        cases=lambda: [(0.7, 0.9), (1.1, 1.4), (0.9, 1.2), (0.8, 1.05), (0.99, 1.5), (0.8, 1.0), (1.0, 1.3)],
        mistakes=(
            Mistake(
                "open for refuted",
                "You refute a claim because its interval holds 1. Not shown is not the same as wrong.",
                answer=lambda low, high: "holds" if high < 1 else "does not hold",
            ),
            Mistake(
                "open for holds",
                "You let a claim hold because some of its interval is below 1.",
                answer=lambda low, high: "does not hold" if low > 1 else "holds",
            ),
            Mistake(
                "ends at 1",
                "You decide where the interval ends at 1 itself. Then it holds 1, and with it no difference.",
                "Which of your comparisons is true of 1 itself?",
                lambda low, high: "holds" if high <= 1 else "does not hold" if low >= 1 else "not shown",
            ),
            Mistake(
                "ends at 1",
                "You let the claim hold where the interval ends at 1 itself. Then it holds 1, and with it no difference.",
                "Which of your comparisons is true of 1 itself?",
                lambda low, high: "holds" if high <= 1 else "does not hold" if low > 1 else "not shown",
            ),
            Mistake(
                "ends at 1",
                "You refute the claim where the interval begins at 1 itself. Then it holds 1, and with it no difference.",
                "Which of your comparisons is true of 1 itself?",
                lambda low, high: "holds" if high < 1 else "does not hold" if low >= 1 else "not shown",
            ),
            Mistake(
                "middle",
                "You look at the middle of the interval alone. What is its width for?",
                answer=_at(lambda low, high: (low + high) / 2),
            ),
            Mistake(
                "exchanged",
                "A ratio below 1 is what the claim says.",
                answer=lambda low, high: {"holds": "does not hold", "does not hold": "holds", "not shown": "not shown"}[
                    verdict(low, high)
                ],
            ),
            Mistake("always open", "You decide nothing, whatever the interval.", answer=lambda low, high: "not shown"),
        ),
    ),
    Exercise(
        name="equal_parameters",
        lesson=9,
        kind="write",
        variable="my_units",
        prompt=r"""
**Your turn.** A fair comparison by parameters: given a Keras GRU (its default, two biases a block) of so many inputs and units, return the number of units of an LSTM whose count of parameters is nearest to it.
""",
        start="""
def my_units(inputs, units):
    # Your turn: the GRU's count; then the LSTM that comes nearest.
    return None
""",
        solution="""
def my_units(inputs, units):
    target = 3 * (inputs * units + units**2 + 2 * units)
    return min(range(1, units + 1), key=lambda n: abs(4 * (inputs * n + n * n + n) - target))
""",
        explanation="Counts grow with the square of the units, so three quarters of the parameters are not three quarters of the units.",
        hint="Write both counts down. Then try LSTM sizes until you have passed the GRU's count: which is nearest?",
        right=equal_units,
        cases=lambda: [(7, 75), (1, 10), (32, 32), (4, 50), (16, 6), (5, 23)],
        mistakes=(
            Mistake(
                "equal units", "Equal units give the LSTM a third more parameters.", answer=lambda inputs, units: units
            ),
            Mistake(
                "three quarters of the units",
                "Three quarters of the units are fewer than three quarters of the parameters: most of them grow with the square.",
                answer=lambda inputs, units: round(0.75 * units),
            ),
            Mistake(
                "three quarters of the units",
                "Three quarters of the units are fewer than three quarters of the parameters: most of them grow with the square.",
                answer=lambda inputs, units: int(0.75 * units),
            ),
            Mistake(
                "one bias",
                "Keras' GRU has two biases a block by default.",
                answer=lambda inputs, units: _nearest(inputs, 3 * (inputs * units + units**2 + units)),
            ),
            Mistake(
                "second bias for the LSTM",
                "You give the LSTM two biases a block as well. Of the two only the GRU has them.",
                "Why has a GRU of Keras a second bias: what stands between the two? Is there such a thing in an LSTM?",
                lambda inputs, units: _nearest(inputs, 3 * (inputs * units + units**2 + 2 * units), biases=2),
            ),
            Mistake(
                "second bias for the other",
                "The second bias in each block is counted for the LSTM. It is the GRU that has it.",
                answer=lambda inputs, units: _nearest(inputs, 3 * (inputs * units + units**2 + units), biases=2),
            ),
            Mistake(
                "no whole number",
                "At that size the two counts are equal, but half a unit cannot be built.",
                "Which of the whole numbers beside it gives the count that is nearer?",
                _exactly_equal,
            ),
            Mistake(
                "rounded down",
                "The largest LSTM that is not larger is not always the nearest.",
                answer=lambda inputs, units: _nearest(
                    inputs, 3 * (inputs * units + units**2 + 2 * units), lambda gaps: np.flatnonzero(gaps <= 0)[-1]
                ),
            ),
            Mistake(
                "rounded up",
                "The smallest LSTM that is not smaller is not always the nearest.",
                answer=lambda inputs, units: _nearest(
                    inputs, 3 * (inputs * units + units**2 + 2 * units), lambda gaps: np.flatnonzero(gaps >= 0)[0]
                ),
            ),
        ),
    ),
    Exercise(
        name="smallest_p",
        lesson=9,
        kind="by hand",
        variable="my_p",
        prompt=r"""
**Your turn.** Two models, and every seed of one is better than every seed of the other. Which two-sided p-value does the Mann-Whitney test give for 3 seeds each, and for 5? (Of all ways to deal out the ranks, how many are as
extreme as this?) Give three digits after the point.
""",
        start="my_p = None, None  # Your turn: for 3 seeds each, for 5 seeds each.",
        solution="""
import math

my_p = 2 / math.comb(6, 3), 2 / math.comb(10, 5)
""",
        explanation="2 of 20 ways, so 0.1: three seeds can never show a difference at 5 %. Five can: 2 of 252, 0.008.",
        hint="Six ranks, three of them to one model: how many ways are there? Two of them are perfect orders.",
        right=SmallestP(0.1, 2 / 252),
        within=0.0006,
        mistakes=(
            Mistake(
                "one side",
                "That is one of the two perfect orders. The test is two-sided.",
                answer=SmallestP(0.05, 1 / 252),
            ),
            Mistake(
                "coin flips",
                "You have counted pairs as coin flips. Ranks are dealt out: how many ways are there?",
                answer=SmallestP(0.25, 0.0625),
            ),
            Mistake(
                "coin flips",
                "You have counted pairs as coin flips. Ranks are dealt out: how many ways are there?",
                answer=SmallestP(0.125, 0.03125),
            ),
            Mistake("all orders", "The order within a model does not matter.", answer=SmallestP(2 / 720, 2 / 3628800)),
            Mistake("zero", "Even a perfect order comes about by chance now and then.", answer=SmallestP(0, 0)),
        ),
    ),
)
