"""Exercises of lesson 7, Forecasting."""

from typing import NamedTuple

import numpy as np

from gru_lib.exercises.exercise import Exercise, Mistake


class Windows(NamedTuple):
    """Windows (n, window) and what follows on each, (n, horizon)."""

    X: np.ndarray
    y: np.ndarray


def windows(series, window, horizon):
    """Every window of the series and the `horizon` values that follow on it."""
    return _cut(series, window, horizon)


def _cut(series, window, horizon, gap=0, left_out=0):
    n = len(series) - window - horizon + 1 - max(gap, 0) - left_out
    X = np.stack([series[i : i + window] for i in range(n)])
    y = np.stack([series[i + window + gap : i + window + gap + horizon] for i in range(n)])
    return Windows(X, y)


def _until_the_end(gap, collect):
    """Windows as long as one value follows: the horizon of the last ones does not fit into the series."""

    def answer(series, window, horizon):
        starts = range(len(series) - window)
        X = np.stack([series[i : i + window] for i in starts])
        return Windows(X, collect([series[i + window + gap : i + window + gap + horizon] for i in starts]))

    return answer


def _series():
    rng = np.random.default_rng(0)
    return [(rng.normal(size=12), 4, 1), (rng.normal(size=9), 3, 2), (np.arange(10.0), 2, 3)]


def scale(series, n_train):
    """The series scaled to mean 0 and standard deviation 1 of its first `n_train` values."""
    return _scaled(series, series[:n_train])


def _scaled(series, by):
    return (series - by.mean()) / by.std()


def _each_by_itself(series, n_train):
    parts = series[:n_train], series[n_train:]
    return np.concatenate([_scaled(part, part) for part in parts])


def skill(truth, forecast, last):
    """1 - the forecast's mean squared error, as a share of the baseline's."""
    return 1 - _mse(truth, forecast) / _mse(truth, last)


def _mse(truth, forecast):
    return float(np.mean((truth - forecast) ** 2))


def _mae(truth, forecast):
    return float(np.mean(np.abs(truth - forecast)))


def _forecasts():
    cases = []
    for seed, shape in ((0, (20,)), (1, (15, 1))):
        rng = np.random.default_rng(seed)
        truth = rng.normal(10, 3, shape)
        cases.append((truth, truth + rng.normal(0, 1 + seed, shape), truth + rng.normal(0.5, 1.6, shape)))
    return cases


EXERCISES = (
    Exercise(
        name="windows",
        lesson=7,
        kind="write",
        variable="my_windows",
        prompt=r"""
**Your turn.** Cut a series (time,) into all windows of `window` values and the `horizon` values that follow directly on each. Return `X` (n, window) and `y` (n, horizon).
""",
        start="""
def my_windows(series, window, horizon):
    # Your turn: where does the first window start, where does the last one, and what follows on it?
    return None
""",
        solution="""
def my_windows(series, window, horizon):
    n = len(series) - window - horizon + 1
    X = np.stack([series[i : i + window] for i in range(n)])
    y = np.stack([series[i + window : i + window + horizon] for i in range(n)])
    return X, y
""",
        explanation="What is asked for begins where the window ends: no value stands on both sides, and none in between is lost.",
        hint="Take the series 0, 1, 2, ... and write the first and the last row of X and of y on paper. Is the last y as long as the first?",
        right=windows,
        cases=_series,
        mistakes=(
            Mistake(
                "target in the window",
                "The future leaks: the first value asked for is the last one of the window.",
                answer=lambda series, window, horizon: _cut(series, window, horizon, gap=-1, left_out=0),
            ),
            Mistake(
                "target in the window",
                "The future leaks: the first value asked for is the last one of the window.",
                answer=lambda series, window, horizon: _cut(series, window, horizon, gap=-1, left_out=-1),
            ),
            Mistake(
                "a step between",
                "Between a window and what is asked for one value is skipped.",
                answer=lambda series, window, horizon: _cut(series, window, horizon, gap=1),
            ),
            Mistake(
                "last window lost",
                "One window is missing, the last one.",
                "With 5 values, a window of 4 and a horizon of 1, how many windows are there?",
                lambda series, window, horizon: _cut(series, window, horizon, left_out=1),
            ),
            *(
                Mistake(
                    "beyond the end",
                    "The last rows of y are shorter than the others: the series ends before the horizon does.",
                    "Where does the last window start that has all of its horizon behind it?",
                    _until_the_end(gap, collect),
                )
                for gap in (0, 1)
                for collect in (np.array, np.stack)
            ),
            Mistake(
                "last value only",
                "Of the values that follow you give the last one alone.",
                answer=lambda series, window, horizon: Windows(
                    _cut(series, window, horizon).X, _cut(series, window, horizon).y[:, -1:]
                ),
            ),
            Mistake(
                "first value only",
                "Of the values that follow you give the first one alone; horizon says how many.",
                answer=lambda series, window, horizon: Windows(
                    _cut(series, window, horizon).X, _cut(series, window, horizon).y[:, :1]
                ),
            ),
            Mistake(
                "windows that do not overlap",
                "Your windows stand side by side. The next one starts one value later.",
                answer=lambda series, window, horizon: Windows(*(a[::window] for a in _cut(series, window, horizon))),
            ),
        ),
    ),
    Exercise(
        name="scale",
        lesson=7,
        kind="repair",
        variable="my_scale",
        prompt=r"""
**Your turn.** This scales a series whose first `n_train` values are for training. It runs, and every table made with it is too good. Repair it.
""",
        start="""
def my_scale(series, n_train):
    return (series - series.mean()) / series.std()
""",
        solution="""
def my_scale(series, n_train):
    train = series[:n_train]
    return (series - train.mean()) / train.std()
""",
        explanation="Mean and spread come from the training part alone, and the whole series is scaled with them.",
        hint="On the last training day, which of the numbers that you scale with could be known?",
        right=scale,
        cases=lambda: [
            (np.random.default_rng(seed).normal(5, 2, n).cumsum(), train)
            for seed, (n, train) in enumerate(((12, 6), (20, 15)))
        ],
        mistakes=(
            Mistake(
                "each part by itself",
                "Each part is scaled by its own mean, so a warmer test year would look like any other; and the test part's mean is not known.",
                answer=_each_by_itself,
            ),
            Mistake(
                "scaled by the test part",
                "The numbers that you scale with come from the wrong part.",
                answer=lambda series, n_train: _scaled(series, series[n_train:]),
            ),
            Mistake(
                "training part alone",
                "The numbers are right; only the test part is missing. It is scaled too, with the same numbers.",
                answer=lambda series, n_train: _scaled(series[:n_train], series[:n_train]),
            ),
            Mistake(
                "mean of the whole",
                "The spread is the training part's, but the mean is still that of the whole series.",
                answer=lambda series, n_train: (series - series.mean()) / series[:n_train].std(),
            ),
            Mistake(
                "spread of the whole",
                "The mean is the training part's, but the spread is still that of the whole series.",
                answer=lambda series, n_train: (series - series[:n_train].mean()) / series.std(),
            ),
            Mistake(
                "variance for standard deviation",
                "You divide by the variance; then the result still has a unit.",
                answer=lambda series, n_train: (series - series[:n_train].mean()) / series[:n_train].var(),
            ),
            Mistake(
                "minimum and maximum",
                "That is another scaling, to 0 and 1. Mean and standard deviation are used here.",
                answer=lambda series, n_train: (series - series[:n_train].min()) / np.ptp(series[:n_train]),
            ),
        ),
    ),
    Exercise(
        name="skill",
        lesson=7,
        kind="write",
        variable="my_skill",
        prompt=r"""
**Your turn.** What a forecast is worth: one minus its mean squared error as a share of that of the *last value*. 1 is perfect, 0 is no better than repeating the last value, below 0 is worse. All three arrays
have the same shape.
""",
        start="""
def my_skill(truth, forecast, last):
    # Your turn: two mean squared errors, over the same days, and their ratio.
    return None
""",
        solution="""
def my_skill(truth, forecast, last):
    return 1 - np.mean((truth - forecast) ** 2) / np.mean((truth - last) ** 2)
""",
        explanation="Skill compares with what costs nothing; an error alone does not say whether it is large.",
        hint="What should come out for a forecast that is perfect? And for the last value itself?",
        right=skill,
        cases=_forecasts,
        mistakes=(
            Mistake(
                "share for skill",
                "That is the share of the error that is left: 0 would be perfect.",
                answer=lambda t, f, b: 1 - skill(t, f, b),
            ),
            Mistake(
                "ratio inverted",
                "The ratio is the wrong way round: which of the two errors is the yardstick?",
                answer=lambda t, f, b: 1 - _mse(t, b) / _mse(t, f),
            ),
            Mistake(
                "root mean squares",
                "You compare root mean squares. The mean squares are asked for.",
                answer=lambda t, f, b: 1 - (_mse(t, f) / _mse(t, b)) ** 0.5,
            ),
            Mistake(
                "absolute errors",
                "You compare mean absolute errors. The mean squares are asked for.",
                answer=lambda t, f, b: 1 - _mae(t, f) / _mae(t, b),
            ),
            Mistake(
                "mean for last value",
                "You compare with the mean of the truth, as R² does. Nobody knows that mean beforehand, and it is easy to beat.",
                answer=lambda t, f, b: 1 - _mse(t, f) / _mse(t, t.mean()),
            ),
            Mistake(
                "mean of the ratios",
                "You take the ratio day by day, and then the mean. A day on which the last value is nearly right decides all.",
                "Each of the two errors is a mean over all days. Which comes first, the mean or the ratio?",
                lambda t, f, b: 1 - float(np.mean((t - f) ** 2 / (t - b) ** 2)),
            ),
            Mistake(
                "forecast and last value compared",
                "Your yardstick is how far the forecast lies from the last value. It is to be how far the truth does.",
                "What is the error of somebody who forecasts the last value?",
                lambda t, f, b: 1 - _mse(t, f) / _mse(f, b),
            ),
            Mistake(
                "difference",
                "You subtract one error from the other; skill is relative.",
                answer=lambda t, f, b: _mse(t, b) - _mse(t, f),
            ),
        ),
    ),
    Exercise(
        name="last_value_error",
        lesson=7,
        kind="by hand",
        variable="my_error",
        prompt=r"""
**Your turn.** Four days, highest temperatures 12, 15, 14, 17 °C. *Tomorrow will be like today*: what is the mean absolute error of that forecast, to two digits?
""",
        start="my_error = None  # Your turn.",
        solution="my_error = (3 + 1 + 3) / 3",
        explanation="Four days have three tomorrows: errors of 3, 1 and 3 degrees, 2.3 in the mean.",
        hint="Write the forecast under the truth. For which days is there one?",
        right=7 / 3,
        within=0.02,
        mistakes=(
            Mistake("divided by the days", "Four days, but how many of them have a forecast?", answer=1.75),
            Mistake(
                "signs kept", "Errors of opposite sign have cancelled. The absolute error is asked for.", answer=5 / 3
            ),
            Mistake("root mean square", "That is the root mean square error.", answer=(19 / 3) ** 0.5),
            Mistake("mean square", "That is the mean squared error.", answer=19 / 3),
            Mistake("sum for mean", "That is the sum of the errors.", answer=7.0),
            Mistake(
                "distance from the mean", "You have forecast the mean of all days. The last value is meant.", answer=1.5
            ),
        ),
    ),
)
