"""Is one better than the other, and by how much? Statistics for the scores of several seeds, with intervals."""

from typing import NamedTuple

import numpy as np

from gru_lib import _checks


class RankTest(NamedTuple):
    """What `mann_whitney` returns."""

    u: float  # how many of the pairs (one of a, one of b) have the larger value in a; a tie counts one half
    p: float  # how likely a U as far from one half of all pairs is if a and b come from the same distribution
    above: float  # the effect size u / (n_a * n_b): how likely a value of a is above one of b; one half: no difference


class Interval(NamedTuple):
    """An estimate, and between which bounds it lies."""

    difference: float  # what is estimated
    low: float
    high: float


def mann_whitney(a, b):
    """The two-sided Mann-Whitney U test of two independent samples, such as the errors of two models over seeds.

    `a` (n_a,) and `b` (n_b,), finite. The p-value is exact without ties and up to 8 values in one of them, as in
    `scipy.stats.mannwhitneyu`, else from the normal distribution. Even when every value of `a` is above every one of
    `b`, p is 0.1 for 3 seeds each and 0.008 for 5: few seeds cannot show much.
    Raises ValueError (shape, NaN, fewer than 2 values), TypeError.
    Source: Mann and Whitney, Annals of Mathematical Statistics 18 (1947), 50-60.
    """
    from scipy.stats import mannwhitneyu

    a, b = _sample("a", a), _sample("b", b)
    found = mannwhitneyu(a, b, alternative="two-sided")
    return RankTest(float(found.statistic), float(found.pvalue), float(found.statistic) / (len(a) * len(b)))


def paired_interval(a, b, *, level=0.95, resamples=10_000, seed=0):
    """The mean of a - b and its bootstrap interval; a[i] and b[i] belong together: the same seed, day or round.

    Pairs are drawn anew, as many as there are, `resamples` times; the interval holds the middle `level` of the means
    (the percentile interval: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). With fewer
    than about 10 pairs it is too narrow. Raises ValueError (shapes, NaN, fewer than 2 pairs, level), TypeError.
    """
    a, b = _sample("a", a), _sample("b", b)
    if len(a) != len(b):
        raise ValueError(f"a has {len(a)} values and b {len(b)}: they must come in pairs")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level!r}")
    gaps, resamples = a - b, _checks.size("resamples", resamples)
    drawn = np.random.default_rng(seed).integers(len(gaps), size=(resamples, len(gaps)))
    low, high = np.quantile(gaps[drawn].mean(axis=1), ((1 - level) / 2, (1 + level) / 2))
    return Interval(float(gaps.mean()), float(low), float(high))


def interval(a, b, kind="ratio", *, level=0.95, resamples=10_000, seed=0):
    """The mean of a over the mean of b ("ratio"), or minus it ("difference"), and its bootstrap interval.

    `a` (n_a,) and `b` (n_b,) do not belong together in pairs: each is drawn anew for itself, as often as it has values;
    otherwise as `paired_interval`, with the same warning. A ratio wants means above 0.
    Raises ValueError (NaN, fewer than 2 values, kind, level, means not above 0), TypeError.
    """
    a, b = _sample("a", a), _sample("b", b)
    _checks.choice("kind", kind, ("ratio", "difference"))
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level!r}")
    if kind == "ratio" and min(a.min(), b.min()) <= 0:
        raise ValueError("a ratio wants values above 0")
    rng, resamples = np.random.default_rng(seed), _checks.size("resamples", resamples)
    means = [values[rng.integers(len(values), size=(resamples, len(values)))].mean(axis=1) for values in (a, b)]
    drawn = means[0] / means[1] if kind == "ratio" else means[0] - means[1]
    low, high = np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2))
    return Interval(float(a.mean() / b.mean() if kind == "ratio" else a.mean() - b.mean()), float(low), float(high))


def share_interval(hits, n, *, level=0.95):
    """The share hits / n and its exact interval (Clopper and Pearson, Biometrika 26 (1934), 404-413).

    10 of 10 says only: more than 69 %. Raises ValueError (hits not from 0 to n, level), TypeError.
    """
    from scipy.stats import binomtest

    n = _checks.size("n", n)
    if isinstance(hits, bool) or not isinstance(hits, int | np.integer) or not 0 <= hits <= n:
        raise ValueError(f"hits must be a whole number from 0 to {n}, not {hits!r}")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level!r}")
    found = binomtest(int(hits), n).proportion_ci(level, method="exact")
    return Interval(hits / n, float(found.low), float(found.high))


def share_difference(hits_a, n_a, hits_b, n_b, *, level=0.95):
    """The share hits_a / n_a minus hits_b / n_b, and its interval, from those of the two shares.

    Newcombe's way of putting two intervals together (Statistics in Medicine 17 (1998), 873-890, method 10), here with
    exact ones, which makes it wider. Arguments and errors as of `share_interval`.
    """
    a, b = share_interval(hits_a, n_a, level=level), share_interval(hits_b, n_b, level=level)
    difference = a.difference - b.difference
    below = np.hypot(a.difference - a.low, b.high - b.difference)
    above = np.hypot(a.high - a.difference, b.difference - b.low)
    return Interval(difference, float(difference - below), float(difference + above))


def _sample(name, values):
    values = _checks.array(name, values, [("values", None)], np.float64)
    if len(values) < 2:
        raise ValueError(f"{name} must hold at least 2 values, not {len(values)}")
    return values
