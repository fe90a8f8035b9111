"""ForecastLab: a forecast beside the truth and beside the truth some days late; to the eye, and by squared errors."""

import math

import numpy as np
import traitlets

from gru_lib import _checks
from gru_lib.labs.base import Choice, join_modules, read
from gru_lib.labs.loss_curve import line, plain
from gru_lib.labs.settings import StyledLab, Whole

FEWEST, MOST = 30, 2000  # days of a series
LEAST = 10  # days in view
FURTHEST = 10  # days a curve can be moved
LEFT, RIGHT = 62.0, 710.0
TOP, BOTTOM = 56.0, 236.0  # the frame of the curves in the picture
UPPER, LOWER = 284.0, 366.0  # the frame of the errors


class ForecastLab(StyledLab):
    """A forecast, the truth, and the truth some days late; below them, whose squared errors add up to more.

    `truth` and `forecast` (days,): what came, and what had been said of the same days, 30 to 2,000 of them. Without
    them the lab shows a random walk, and as its forecast the mean of the five days before. `name` of the forecast;
    `unit` of the values.
    Settings, by keyword or later as attributes: `lag` 0 to 10, how many days late the truth is (1: the last value);
    `shift` -10 to 10, by how many days the forecast is moved, to the right if above 0; `first` and `days`, the part
    in view; `show`, "both", "forecast" or "late truth".
    Raises ValueError (shapes, lengths, NaN, an empty name), TypeError (an unknown setting, no numbers), TraitError
    (a setting out of bounds).
    """

    _esm = join_modules("picture.js", "controls.js", "settings.js", "forecast_lab.js")
    _style = read("forecast_lab.css")
    _css = StyledLab._css + read("settings.css") + _style

    lag = Whole(1, 0, FURTHEST)
    shift = Whole(0, -FURTHEST, FURTHEST)
    first = Whole(0, 0, MOST - LEAST)
    days = Whole(MOST, LEAST, MOST)
    show = Choice("both", "forecast", "late truth")

    def __init__(self, truth=None, forecast=None, *, name="forecast", unit="", **settings):
        if truth is None and forecast is None:
            truth, forecast, name = *_example(), "mean of five days"
        self._truth, self._forecast = _series(truth, forecast)
        if not str(name).strip():
            raise ValueError("name must say what the forecast is, not be empty")
        n = len(self._truth)
        super().__init__(**{"days": n} | settings)
        bounds = self.bounds()
        bounds["ranges"] |= {"first": [0, n - LEAST], "days": [LEAST, n]}
        self._spec = bounds | {
            "truth": self._truth,
            "forecast": self._forecast,
            "name": str(name),
            "unit": str(unit),
        }
        self._template = read("forecast_lab.svg")

    @traitlets.validate("first", "days")
    def _within_the_series(self, proposal):
        name, value, n = proposal["trait"].name, proposal["value"], len(self._truth)
        low, high = (0, n - LEAST) if name == "first" else (LEAST, n)
        if not low <= value <= high:
            raise traitlets.TraitError(f"{name} must be a number from {low} to {high}, but {value} came")
        return value

    def errors(self, shift=None, lag=None):
        """RMSE of the forecast moved by `shift` days and of the truth `lag` days late, on the days that both have.

        What is not given is as set in the lab. With shift 0 and lag 1 the second is the last value's, and the first
        day takes no part, for it has none. Raises ValueError or TypeError (not a whole number within the bounds).
        """
        moved = {"shift": self.shift if shift is None else shift, "lag": self.lag if lag is None else lag}
        for name, value in moved.items():
            low = 0 if name == "lag" else -FURTHEST
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise TypeError(f"{name} must be a whole number, not {value!r}")
            if not low <= value <= FURTHEST:
                raise ValueError(f"{name} must be from {low} to {FURTHEST}, not {value}")
        _, squares = self._squares(**moved)
        return tuple(math.sqrt(sum(column) / len(column)) for column in zip(*squares, strict=True))

    def _squares(self, shift, lag):
        """The first day that both have, and for each such day the squared errors: (forecast, late truth)."""
        truth, forecast = self._truth, self._forecast
        start, stop = max(lag, shift), len(truth) + min(shift, 0)
        pairs = [(forecast[t - shift] - truth[t], truth[t - lag] - truth[t]) for t in range(start, stop)]
        return start, [(one * one, other * other) for one, other in pairs]

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `values` in forecast_lab.js."""
        v = {name: getattr(self, name) for name in self.settings()}
        name, unit, truth = self._spec["name"], self._spec["unit"], self._truth
        n = len(truth)
        first = min(self.first, n - self.days)
        last = first + self.days - 1
        v |= {"from": first + 1, "to": last + 1, "name": name}
        v["title"] = f"Days {first + 1} to {last + 1} of {n}"
        v["seen_forecast"] = "no" if self.show == "late truth" else "yes"
        v["seen_late"] = "no" if self.show == "forecast" else "yes"

        # the curves in view
        curves = {
            "truth": [(t, truth[t]) for t in range(first, last + 1)],
            "forecast": [
                (t, self._forecast[t - self.shift]) for t in range(first, last + 1) if 0 <= t - self.shift < n
            ],
            "late": [(t, truth[t - self.lag]) for t in range(first, last + 1) if t >= self.lag],
        }
        everything = [value for points in curves.values() for _, value in points]
        low, high = min(everything), max(everything)
        span = high - low or 1.0

        def x(t):
            return LEFT + (RIGHT - LEFT) * (t - first) / (last - first)

        def y(value):
            return BOTTOM - (BOTTOM - TOP) * (value - low) / span

        for which, points in curves.items():
            v[f"{which}_d"] = line([(x(t), y(value)) for t, value in points])
        v |= {"low_text": plain(low, 4), "high_text": plain(high, 4)}

        # the errors, on all days
        start, squares = self._squares(self.shift, self.lag)
        count, total, sums = len(squares), 0.0, []
        for one, other in squares:
            total += (one - other) / count
            sums.append(total)
        floor, ceiling = min(0.0, *sums), max(0.0, *sums)
        room = ceiling - floor or 1.0

        def across(t):
            return LEFT + (RIGHT - LEFT) * t / (n - 1)

        def up(value):
            return LOWER - (LOWER - UPPER) * (value - floor) / room

        v["sum_d"] = line([(across(start + k), up(value)) for k, value in enumerate(sums)])
        v["zero_y"], v["end_y"] = up(0.0), up(total)
        v["view_x"], v["view_width"] = across(first), across(last) - across(first)
        v["total"], v["total_text"] = total, signed(total)
        v["forecast_rmse"], v["late_rmse"] = self.errors()
        v["count"] = count

        space = f" {unit}" if unit else ""
        v["late"] = late(self.lag)
        moved = "" if self.shift == 0 else f", moved by {signed(self.shift)}"
        v["forecast_text"] = f"{name}{moved}: RMSE {plain(v['forecast_rmse'], 4)}{space}"
        v["late_text"] = f"{v['late']}: RMSE {plain(v['late_rmse'], 4)}{space}"
        v["verdict"] = verdict(v)
        v["below"] = f"Mean squared error, {name} minus {v['late']}, as it adds up over all days"
        v["gains"] = "up: the forecast loses ground"
        return v

    def summary(self):
        """The comparison in words; also the alt text of its picture."""
        return sentence(self.values())

    def __repr__(self):
        forecast, late_truth = (plain(error, 4) for error in self.errors())
        return f"ForecastLab: RMSE {forecast} of the forecast, {late_truth} of the truth {_days(self.lag)} late"


def verdict(v):
    """Who is better, in a sentence."""
    if v["late_rmse"] == 0:
        return "Nothing is better than the truth itself; tomorrow's newspaper has it."
    share = v["forecast_rmse"] / v["late_rmse"]
    return f"The forecast's error is {plain(share, 3)} times that of the late truth."


def sentence(v):
    """What the lab shows, in words, from `values`."""
    return (
        f"{v['title']}, {v['show']} shown. {v['forecast_text']}; {v['late_text']}, on {v['count']} days. {v['verdict']}"
    )


def late(lag):
    """What the truth so many days late is."""
    meaning = {0: ", no forecast", 1: ", the last value"}.get(lag, "")
    return f"truth {_days(lag)} late{meaning}"


def signed(value):
    """A number with its sign."""
    return ("+" if value > 0 else "") + plain(value, 4)


def _days(number):
    return f"{number} day{'' if number == 1 else 's'}"


def _series(truth, forecast):
    if truth is None or forecast is None:
        raise ValueError("truth and forecast must both be given, or neither")
    truth = _checks.array("truth", truth, [("days", None)], np.float64)
    if not FEWEST <= len(truth) <= MOST:
        raise ValueError(f"truth must hold {FEWEST} to {MOST} days, but {len(truth)} came")
    forecast = _checks.array("forecast", forecast, [("days", len(truth))], np.float64)
    return truth.tolist(), forecast.tolist()


def _example():
    """A random walk of 120 days from 100 on, and for each day the mean of the five before."""
    walk = (100 + np.cumsum(np.random.default_rng(7).normal(0, 2, 125))).round(2)
    means = np.stack([walk[5 - k : 125 - k] for k in range(1, 6)]).mean(axis=0)
    return walk[5:], means.round(3)
