"""From a series to a fair comparison: split by time, scale on the training part, cut windows, judge by baselines.

A position is an index into the series, from 0. A forecast at position p sees series[p - window : p] and is asked
for series[p : p + horizon]; window, model and baselines are tied together by the same positions.
A series is (time,) or (time, features): an array, a list, a pandas Series or DataFrame. NaN marks a gap.
Arguments that make no sense raise ValueError or TypeError; data that cannot be used raise `DataError`, which names
the file where the series still knows it, as the frame of a `datasets.Dataset` and its columns do.
"""

from typing import NamedTuple

import numpy as np

from gru_lib import _checks
from gru_lib._checks import DataError


class Split(NamedTuple):
    """Three consecutive slices of a series: series[split.train] and so on."""

    train: slice
    validation: slice
    test: slice


def split(series, train=0.7, validation=0.15):
    """Cut a series by time into training, validation and test part; no row is shuffled, lost or used twice.

    `train` and `validation` are shares of the rows; the test part is the rest. Returns a `Split` of slices.
    Raises ValueError (shares), DataError (too few rows for a part).
    """
    if not (0 < train < 1 and 0 <= validation < 1 and train + validation < 1):
        raise ValueError(
            f"train and validation must be shares of the rows, train above 0 and together below 1, "
            f"not {train!r} and {validation!r}"
        )
    n = len(series)
    first, second = round(n * train), round(n * (train + validation))
    if first < 1 or n - second < 1 or (validation > 0 and second <= first):
        sizes = f"{first}, {second - first} and {n - second}"
        what = f"too few rows: {n} would be split into {sizes} for training, validation and test"
        raise DataError(what, file=_file(series))
    return Split(slice(0, first), slice(first, second), slice(second, n))


def walk_forward(series, folds, train=0.7, validation=0.15):
    """Several splits, oldest first: each is judged on the rows that the next one has for validation or training.

    The last is `split(series, train, validation)`. Each earlier one lies earlier by the length of the test part and
    knows nothing of what came later; its training part is shorter by as much. So the same model is judged on
    `folds` test parts that follow each other, as a forecaster who trains anew from time to time.
    Returns a list of `Split`. Raises as `split`, and DataError if the first training part would be empty.
    Source: Hyndman and Athanasopoulos, Forecasting, 3rd ed., section 5.10 (evaluation on a rolling forecasting origin).
    """
    folds, last = _checks.size("folds", folds), split(series, train, validation)
    test = last.test.stop - last.test.start
    if last.train.stop - (folds - 1) * test < 1:
        raise DataError(
            f"too few rows: {folds} test parts of {test} leave nothing to train on before the first", file=_file(series)
        )
    return [
        Split(
            slice(0, last.train.stop - earlier),
            slice(last.validation.start - earlier, last.validation.stop - earlier),
            slice(last.test.start - earlier, last.test.stop - earlier),
        )
        for earlier in (test * back for back in reversed(range(folds)))
    ]


def positions(series, window, horizon=1, *, target=0, gaps="error", part=None):
    """The position of the first target of every window, increasing, (n,) integers. Arguments as in `make`."""
    values, names = _series(series)
    return _positions(values, window, horizon, target, gaps, part, _file(series), names)


def make(series, window, horizon=1, *, target=0, gaps="error", part=None):
    """Cut a series into windows and their targets: X (n, window, features), y (n, horizon).

    y[i] are the `horizon` values of column `target` that follow directly on X[i].
    `part`: a slice of the series, such as `split(series).test`, that must hold all targets; inputs may lie before
    it, so the first test window looks back into the validation part, as a forecaster would.
    `gaps`: what to do about NaN. "error" raises DataError if there is one in the rows used; "skip" makes only the
    windows whose inputs and targets hold none.
    Raises ValueError or TypeError (arguments), DataError (NaN, infinite values, too few rows, nothing left).
    """
    values, names = _series(series)
    p = _positions(values, window, horizon, target, gaps, part, _file(series), names)[:, None]
    return values[p + np.arange(-window, 0)], values[p + np.arange(horizon), target]


def _positions(values, window, horizon, target, gaps, part, file, names):
    window, horizon = _checks.size("window", window), _checks.size("horizon", horizon)
    _checks.choice("gaps", gaps, ("error", "skip"))
    _column("target", target, values.shape[1])
    start, stop = _bounds(part, len(values))
    first = max(start, window)
    if stop - first < horizon:
        raise DataError(
            f"too few rows: with window {window} and horizon {horizon} the first targets end at position "
            f"{first + horizon - 1}, but the last position is {stop - 1}",
            file=file,
        )
    p = np.arange(first, stop - horizon + 1)
    bad = np.isnan(values[first - window : stop])
    if not bad.any():
        return p
    if gaps == "error":
        rows = np.flatnonzero(bad.any(axis=1)) + first - window
        columns = [name for name, gap in zip(names, bad.any(axis=0), strict=True) if gap]
        raise DataError(
            f"{int(bad.sum())} values are NaN, at position {_list(rows)}; choose gaps='skip' to leave out every window "
            "that touches one, or fill them by a rule of your own",
            file=file,
            column=_list(columns) if file is not None else None,
        )
    input_nan = _running(np.isnan(values).any(axis=1))
    target_nan = _running(np.isnan(values[:, target]))
    p = p[(input_nan[p] == input_nan[p - window]) & (target_nan[p + horizon] == target_nan[p])]
    if len(p) == 0:
        raise DataError(f"no window of {window} and horizon {horizon} is free of NaN", file=file)
    return p


class Scaler:
    """Scale each feature by numbers taken from the training part alone.

    `kind`: "standard", (x - mean) / standard deviation; "minmax", (x - min) / (max - min), training part to 0..1.
    After `fit`: `offset` and `scale`, (features,); `n_missing`, (features,), the NaN that `fit` left out.
    float32 stays float32; every other kind of number becomes float64.
    """

    def __init__(self, kind="standard"):
        self.kind = _checks.choice("kind", kind, ("standard", "minmax"))
        self.offset = self.scale = self.n_missing = None

    def __repr__(self):
        return f"Scaler(kind={self.kind!r}{', not fitted' if self.offset is None else ''})"

    def fit(self, train):
        """Learn offset and scale from the training part, (time,) or (time, features). Returns the scaler itself.

        NaN are left out and counted. Raises DataError, naming the column, if one holds no number, an infinite
        value, or the same value throughout: it could not be scaled, for its range is 0.
        """
        (values, names), file = _series(train), _file(train)
        values = values.astype(np.float64)
        low, high = np.empty((2, values.shape[1]))
        for i, name in enumerate(names):
            known = values[:, i][~np.isnan(values[:, i])]
            if len(known) == 0:
                came = f"{len(values)} NaN"
                raise DataError("no number in it to fit a scaler to", file=file, column=name, came=came)
            low[i], high[i] = known.min(), known.max()
            if low[i] == high[i]:
                what = f"constant, {low[i]} in all {len(known)} rows: it cannot be scaled"
                raise DataError(what, file=file, column=name, expected="at least two different values")
        with np.errstate(over="ignore", under="ignore"):
            offset, scale = (low, high - low)
            if self.kind == "standard":
                offset, scale = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
        for i, name in enumerate(names):
            if not (np.isfinite(offset[i]) and np.isfinite(scale[i]) and scale[i] > 0):
                came = f"{low[i]}..{high[i]}"
                raise DataError("too large or too small a range to be scaled", file=file, column=name, came=came)
        self.offset, self.scale, self.n_missing = offset, scale, np.isnan(values).sum(axis=0)
        return self

    def transform(self, values):
        """Scale an array whose last axis is the features; with one feature, (time,) will do. NaN stays NaN."""
        values, offset, scale = self._parameters(values, None)
        return ((values - offset) / scale).astype(values.dtype)

    def inverse(self, values, column=None):
        """Undo `transform`. With `column`, any shape: values of that one feature, such as forecasts (n, horizon)."""
        values, offset, scale = self._parameters(values, column)
        return (values * scale + offset).astype(values.dtype)

    def _parameters(self, values, column):
        if self.offset is None:
            raise RuntimeError("this scaler is not fitted: call fit with the training part first")
        values = _numbers("values", values)
        if column is not None:
            _column("column", column, len(self.offset))
            return values, self.offset[column], self.scale[column]
        if len(self.offset) == 1 and values.ndim == 1:
            return values, self.offset[0], self.scale[0]
        if values.ndim == 0 or values.shape[-1] != len(self.offset):
            raise ValueError(
                f"the last axis must be the {len(self.offset)} features this scaler was fitted to, but the shape is "
                f"{values.shape}; for forecasts (n, horizon) of one feature say inverse(values, column=...)"
            )
        return values, self.offset, self.scale


def last_value(series, positions, horizon=1, *, target=0):
    """Baseline: the last value before the forecast, repeated. Returns (n, horizon), for the targets at `positions`.

    Raises DataError if that value is NaN, ValueError if a position has nothing before it or too little after it.
    Also called persistence or the naive method (Hyndman and Athanasopoulos, Forecasting, 3rd ed., section 5.2).
    """
    values, p = _asked(series, positions, horizon, target)
    return _known(values, np.repeat(p[:, None] - 1, horizon, axis=1), target)


def seasonal_naive(series, positions, horizon=1, *, period=365, target=0):
    """Baseline: the value of one period earlier; where that is not yet known, two periods, and so on. (n, horizon).

    Raises DataError if such a value is NaN or lies before the start of the series: drop those positions for the
    model as well. Section 5.2 of the same book.
    """
    period = _checks.size("period", period)
    values, p = _asked(series, positions, horizon, target)
    return _known(values, p[:, None] + np.arange(horizon) % period - period, target)


def climatology(train_values, train_day_of_year, day_of_year, harmonics=2, *, year=365.25):
    """Baseline: the mean for the time of year, a constant and `harmonics` sine waves fitted by least squares.

    `train_values` and `train_day_of_year` (n,): the training part alone; NaN values take no part in the fit.
    `day_of_year`: the days wanted, 1 to 366, any shape. Returns values of that shape.
    Raises ValueError (shapes, days), DataError (no day of the training part within a stretch of the year that is
    too long to be bridged: year / (2 harmonics + 1) days).
    """
    harmonics = _checks.size("harmonics", harmonics)
    values = _numbers("train_values", train_values)
    days, wanted = _days("train_day_of_year", train_day_of_year), _days("day_of_year", day_of_year)
    if values.ndim != 1 or values.shape != days.shape:
        raise ValueError(f"train_values {values.shape} and train_day_of_year {days.shape} must both be (n,)")
    if np.isinf(values).any():
        raise DataError(f"train_values is infinite at position {_list(np.flatnonzero(np.isinf(values)))}")
    known = ~np.isnan(values)
    seen = np.unique(days[known])
    widest = np.diff(seen, append=seen[0] + year).max() if len(seen) else year
    if widest > year / (2 * harmonics + 1):
        raise DataError(
            f"the training part leaves {widest:.0f} days of the year in a row without a value; {harmonics} harmonics "
            f"bridge at most {year / (2 * harmonics + 1):.0f}"
        )

    def waves(day):
        angle = 2 * np.pi / year * day[..., None] * np.arange(1, harmonics + 1)
        return np.concatenate([np.ones((*day.shape, 1)), np.sin(angle), np.cos(angle)], axis=-1)

    coefficients, *_ = np.linalg.lstsq(waves(days[known]), values[known], rcond=None)
    return waves(wanted) @ coefficients


def linear(X, y, X_new):
    """Baseline: a linear autoregression, every target a weighted sum of the window's numbers and a constant.

    `X` (n, window, features) and `y` (n, horizon): the training part, as `make` gives them; least squares finds the
    weights, the smallest ones if several fit equally well. Returns (m, horizon) for `X_new` (m, window, features).
    Raises ValueError (shapes, NaN). Section 9.3 of the same book, there with an error term.
    """
    X = _checks.array("X", X, [("n", None), ("window", None), ("features", None)], np.float64)
    y = _checks.array("y", y, [("n", len(X)), ("horizon", None)], np.float64)
    X_new = _checks.array("X_new", X_new, [("m", None), ("window", X.shape[1]), ("features", X.shape[2])], np.float64)
    flat, new = X.reshape(len(X), -1), X_new.reshape(len(X_new), -1)
    middle = flat.mean(axis=0), y.mean(axis=0)
    weights, *_ = np.linalg.lstsq(flat - middle[0], y - middle[1], rcond=None)
    return (new - middle[0]) @ weights + middle[1]


def rmse(y_true, y_pred):
    """Root of the mean squared error over all values. Shapes must be equal; raises ValueError, DataError (NaN)."""
    return float(np.sqrt(np.mean(_errors(y_true, y_pred) ** 2)))


def mae(y_true, y_pred):
    """Mean absolute error over all values. Shapes must be equal; raises ValueError, DataError (NaN)."""
    return float(np.mean(np.abs(_errors(y_true, y_pred))))


def _errors(y_true, y_pred):
    true, pred = _numbers("y_true", y_true), _numbers("y_pred", y_pred)
    if true.shape != pred.shape:
        raise ValueError(f"y_true has shape {true.shape} and y_pred {pred.shape}: they must be equal")
    if true.size == 0:
        raise ValueError(f"y_true and y_pred are empty: shape {true.shape}")
    for name, values in (("y_true", true), ("y_pred", pred)):
        if not np.isfinite(values).all():
            raise DataError(f"{name} has {int((~np.isfinite(values)).sum())} values that are NaN or infinite")
    return pred.astype(np.float64) - true


def _numbers(name, values):
    """An array of float32 or float64. Raises TypeError for anything but real numbers."""
    came = np.asarray(values)
    if came.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers, not values of dtype {came.dtype}")
    return came if came.dtype.name in _checks.FLOATS else came.astype(np.float64)


def _series(series):
    """A series as (time, features) and the names of its columns. Infinite values raise DataError."""
    names = getattr(series, "columns", [getattr(series, "name", None)])
    values = _numbers("series", series)
    if values.ndim not in (1, 2) or values.size == 0:
        raise ValueError(f"a series must be (time,) or (time, features), not empty; the shape is {values.shape}")
    values = values.reshape(len(values), -1)
    names = [i if name is None else name for i, name in enumerate(names)]
    names = names if len(names) == values.shape[1] else list(range(values.shape[1]))
    for i, name in enumerate(names):
        if np.isinf(values[:, i]).any():
            what = f"infinite at position {_list(np.flatnonzero(np.isinf(values[:, i])))}"
            raise DataError(what, file=_file(series), column=name)
    return values, names


def _file(series):
    """The file a pandas object was read from, if it still says so (`frame.attrs`, set by `datasets.load`)."""
    return getattr(series, "attrs", {}).get("file")


def _column(name, value, features):
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be the number of a column, not {value!r}")
    if not 0 <= value < features:
        raise ValueError(f"{name} must be from 0 to {features - 1}, not {value}")


def _bounds(part, n):
    if part is None:
        return 0, n
    if not isinstance(part, slice) or part.step not in (None, 1):
        raise TypeError(f"part must be a slice without a step, such as split(series).test, not {part!r}")
    start, stop, _ = part.indices(n)
    return start, stop


def _days(name, days):
    days = _numbers(name, days)
    if not ((days >= 1) & (days <= 366)).all():
        raise ValueError(f"{name} must be from 1 to 366")
    return days


def _asked(series, positions, horizon, target):
    values, _ = _series(series)
    horizon = _checks.size("horizon", horizon)
    _column("target", target, values.shape[1])
    p = np.asarray(positions)
    if p.ndim != 1 or p.dtype.kind not in "iu":
        raise TypeError(f"positions must be (n,) integers, as windows.positions gives, not {p.dtype} {p.shape}")
    if len(p) and not (p.min() >= 1 and p.max() + horizon <= len(values)):
        raise ValueError(
            f"positions must be from 1 to {len(values) - horizon} for {len(values)} rows and horizon {horizon}, "
            f"not {p.min()} to {p.max()}"
        )
    return values, p


def _known(values, at, target):
    """values[at, target], all of which must exist and be numbers."""
    late = at.min(axis=1) if at.size else np.empty(0)
    if (late < 0).any():
        raise DataError(f"{int((late < 0).sum())} positions need a value from before the start of the series")
    found = values[at, target]
    if (bad := np.isnan(found)).any():
        raise DataError(f"{int(bad.sum())} of the values needed are NaN, at position {_list(np.unique(at[bad]))}")
    return found


def _list(rows):
    return ", ".join(map(str, rows[:5])) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")


def _running(flags):
    """How many flags are set before each position; one element longer than `flags`."""
    return np.concatenate([[0], np.cumsum(flags)])
