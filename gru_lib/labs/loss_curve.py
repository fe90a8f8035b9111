"""LossCurve: the training and the validation loss, drawn epoch by epoch while a model learns."""

import math
from decimal import ROUND_HALF_UP, Decimal
from numbers import Real

import traitlets

from gru_lib import _checks
from gru_lib.labs.base import Choice, join_modules, read
from gru_lib.labs.settings import StyledLab

LEFT, RIGHT, TOP, BOTTOM = 62.0, 710.0, 56.0, 306.0  # the frame of the curves in the picture
SLOTS = 8  # places for numbers along each axis


class LossCurve(StyledLab):
    """Training and validation loss against the epoch, live: `fit(..., watch=curve)` adds each epoch as it ends.

    Setting: `scale`, "linear" or "log". Show the curve before training starts, in a cell above or by `display(curve)`.
    `points`: all that was added, a list of (epoch, loss, validation), validation None where there was none; `best`:
    the epoch and the value of the lowest validation loss (of the lowest training loss if nothing was validated).
    Works without a browser too: `points` and `svg()` are there in plain Python.
    """

    _esm = join_modules("picture.js", "controls.js", "settings.js", "loss_curve.js")
    _style = read("loss_curve.css")
    _css = StyledLab._css + read("settings.css") + _style

    scale = Choice("linear", "log")
    # Changed in place, which sends nothing: a page is sent each new point by itself, and all of them when it asks.
    _points = traitlets.List().tag(sync=True)

    def __init__(self, **settings):
        super().__init__(**settings)
        self._spec = self.bounds()
        self._template = read("loss_curve.svg")
        self.on_msg(lambda widget, content, buffers: self.send_state("_points"))

    def add(self, epoch, loss, validation=None):
        """Add the losses of one epoch; the page is sent this point alone.

        `epoch` is an integer above those added before, `loss` and `validation` finite numbers (None: not validated).
        Raises TypeError or ValueError for anything else; nothing is added then.
        """
        epoch = _checks.size("epoch", epoch)
        if self._points and epoch <= self._points[-1][0]:
            raise ValueError(f"epoch must be above {self._points[-1][0]}, the last one, not {epoch}; or clear() first")
        point = [epoch, _finite("loss", loss), None if validation is None else _finite("validation", validation)]
        self._points.append(point)
        self.send({"add": point})

    def clear(self):
        """Take all points away, for a new run."""
        self._points.clear()
        self.send({"clear": True})

    @property
    def points(self):
        """All points, a list of (epoch, loss, validation)."""
        return [tuple(point) for point in self._points]

    @property
    def best(self):
        """(epoch, value) of the lowest validation loss, or training loss if nothing was validated; None if empty."""
        which = 2 if any(point[2] is not None for point in self._points) else 1
        measured = [(point[which], point[0]) for point in self._points if point[which] is not None]
        if not measured:
            return None
        value, epoch = min(measured)
        return epoch, value

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `values` in loss_curve.js."""
        points, log = self._points, self.scale == "log"
        shown = [value for point in points for value in point[1:] if value is not None and (value > 0 or not log)]
        v = {"scale": self.scale, "count": len(points)}
        last = points[-1] if points else (0, None, None)
        v["epoch"] = last[0]
        v["losses"] = " ".join(str(point[1]) for point in points)
        v["validations"] = " ".join(str(point[2]) for point in points if point[2] is not None)
        v["validated"] = "yes" if v["validations"] else "no"
        for name, value in (("loss", last[1]), ("validation", last[2])):
            v[name] = "" if value is None else value
            v[f"{name}_text"] = "" if value is None else plain(value, 4)
        v["title"] = f"After epoch {last[0]}" if points else "No epoch yet"
        v["best_epoch"], v["best"] = self.best or (0, "")
        v["best_of"] = "validation" if v["validated"] == "yes" else "training"
        v["best_words"] = f"best {v['best_of']} {plain(v['best'], 4)} at epoch {v['best_epoch']}" if points else ""

        move = math.log10 if log else float
        low, high = (move(min(shown)), move(max(shown))) if shown else (0.0, 1.0)
        room = 0.05 * (high - low) or (0.5 if log else 0.5 * abs(low) or 0.5)
        low, high = low - room, high + room
        first, end = (points[0][0], max(last[0], points[0][0] + 1)) if points else (0, 1)

        def x(epoch):
            return LEFT + (RIGHT - LEFT) * (epoch - first) / (end - first)

        def y(value):
            return BOTTOM - (BOTTOM - TOP) * (move(value) - low) / (high - low)

        def path(which):
            there = [p for p in points if p[which] is not None and (p[which] > 0 or not log)]
            return line([(x(p[0]), y(p[which])) for p in there])

        v["training_d"], v["validation_d"] = path(1), path(2)
        v["drawn"] = "yes" if points and (v["best"] > 0 or not log) else "no"
        v["best_x"], v["best_y"] = (x(v["best_epoch"]), y(v["best"])) if v["drawn"] == "yes" else (LEFT, BOTTOM)
        levels = (log_ticks(low, high) if log else ticks(low, high)) if shown else []
        epochs = [k for k in ticks(first, end) if k == int(k)] if points else []
        v["grid_d"] = "".join(f"M{place(LEFT)} {place(y(level))}H{place(RIGHT)}" for level in levels)
        for i in range(SLOTS):
            v[f"tick{i}"] = plain(levels[i], 6) if i < len(levels) else ""
            v[f"tick{i}_y"] = y(levels[i]) if i < len(levels) else BOTTOM
            v[f"epoch{i}"] = plain(epochs[i], 6) if i < len(epochs) else ""
            v[f"epoch{i}_x"] = x(epochs[i]) if i < len(epochs) else LEFT
        hidden = sum(value is not None for point in points for value in point[1:]) - len(shown)
        v["note"] = f"loss, {self.scale} scale" + (f"; {hidden} at or below 0 cannot be on it" if hidden else "")
        return v

    def summary(self):
        """The curve in words; also the alt text of its picture."""
        return sentence(self.values())

    def __repr__(self):
        v = self.values()
        return f"LossCurve: {v['count']} epochs, {v['best_words']}" if v["count"] else "LossCurve: no epoch yet"

    def _repr_mimebundle_(self, **options):
        self.send_state("_points")  # what was added before there was a page
        return super()._repr_mimebundle_(**options)


def sentence(v):
    """What the curve shows, in words, from `values`."""
    if not v["count"]:
        return "Loss curve: no epoch yet."
    validation = f", validation {v['validation_text']}" if v["validation_text"] else ""
    return (
        f"Loss curve, {v['scale']} scale. After epoch {v['epoch']}: training {v['loss_text']}{validation}; "
        f"{v['best_words']}."
    )


def ticks(low, high):
    """Round numbers from `low` to `high`, 3 to 7 of them, in steps of 1, 2 or 5 times a power of ten."""
    power = math.floor(math.log10((high - low) / 6))
    for digit in (1, 2, 5, 10):
        up, down = digit * 10.0 ** max(power, 0), 10.0 ** max(-power, 0)
        if (high - low) * down / up <= 6:
            break
    first, last = math.ceil(low * down / up), math.floor(high * down / up)
    return [k * up / down for k in range(first, last + 1)]


def log_ticks(low, high):
    """Round numbers from 10^low to 10^high: powers of ten, or also 2 and 5 times them, or any if they lie close."""
    decades = range(math.ceil(low), math.floor(high) + 1)
    if len(decades) >= 3:
        return [10.0**k for k in decades if k % math.ceil(len(decades) / 7) == 0]
    finer = [digit * 10.0**k for k in range(math.floor(low), math.floor(high) + 1) for digit in (1, 2, 5)]
    finer = [value for value in finer if low <= math.log10(value) <= high]
    return finer if len(finer) >= 3 else ticks(10**low, 10**high)


def plain(value, digits):
    """A number in so many significant digits, without zeros at its end; very large and small ones as 1.2e−5."""
    if value == 0:
        return "0"
    size = Decimal(abs(float(value)))
    size = size.quantize(Decimal(1).scaleb(size.adjusted() - digits + 1), ROUND_HALF_UP).normalize()
    sign = "−" if value < 0 else ""
    if 1e-3 <= abs(value) < 1e5:
        return f"{sign}{size:f}"
    number, power = f"{size:e}".split("e")
    return f"{sign}{number}e{power.replace('-', '−').replace('+', '')}"


def place(value):
    """A coordinate, two decimals."""
    return f"{math.floor(value * 100 + 0.5) / 100:g}"


def line(points):
    """An SVG path through the points; a dot if there is one alone, nothing if there is none."""
    if not points:
        return ""
    path = "M" + "L".join(f"{place(x)} {place(y)}" for x, y in points)
    return path if len(points) > 1 else path + "h0.1"


def _finite(name, value):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, not {value}")
    return float(value)
