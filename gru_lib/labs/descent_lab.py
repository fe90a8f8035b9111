"""DescentLab: gradient descent on one parameter, on a drawn curve or on a slice of a model's loss."""

import math

import numpy as np
import traitlets

from gru_lib import _checks
from gru_lib.labs.base import Choice, Number, join_modules, read
from gru_lib.labs.descent_path import CURVES, HIGH, LOW, STEPS, cut, descend, judge, sampled
from gru_lib.labs.picture import written
from gru_lib.labs.settings import StyledLab, Whole

SAMPLES = 200  # pieces of the drawn curve
LEFT, RIGHT, TOP, BOTTOM = 52.0, 412.0, 40.0, 300.0  # the frame of the curve in the picture
FIRST, LAST = 470.0, 710.0  # steps 0 and STEPS in the picture of the cost


class DescentLab(StyledLab):
    """Gradient descent on a cost J of one parameter theta: theta moves by -learning_rate * slope, up to 100 times.

    Settings, by keyword or later as attributes: `cost` "bowl", "two valleys", "plateau" or "cliff"; `start`, where
    theta begins, in the range of the picture, [-3, 3]; `learning_rate` in [1e-6, 1e6]; `clip` in [0, 100], the
    largest slope that is followed, 0 for no limit; `step` 0 to 100, how much of the path is shown.
    `curve`, a pair (theta, J) or a triple with dJ/dtheta, replaces the built-in curves: 3 to 2001 samples, joined
    by cubic pieces; `cost` is then "slice". `name` says what theta is.
    Results: `path`, `losses`, `verdict` ("converges", "oscillates", "diverges", "stalls", "leaves" or "under way").
    Raises TypeError for an unknown setting, TraitError for a value out of bounds, ValueError for a curve that is
    not finite, increasing in theta and equally long.
    """

    _esm = join_modules("picture.js", "controls.js", "settings.js", "descent_path.js", "descent_lab.js")
    _style = read("descent_lab.css")
    _css = StyledLab._css + read("settings.css") + _style

    cost = Choice(*CURVES, "slice")
    start = Number(-2.5, -1e9, 1e9)
    learning_rate = Number(0.5, 1e-6, 1e6)
    clip = Number(0, 0, 100)
    step = Whole(10, 0, STEPS)

    def __init__(self, curve=None, *, name="theta", **settings):
        self._samples = None if curve is None else _samples(curve)
        self._name = str(name)
        theta = [LOW, HIGH] if curve is None else self._samples["theta"]
        self._low, self._high = theta[0], theta[-1]
        if curve is not None:
            settings = {"cost": "slice"} | self._fitting() | settings
        super().__init__(**settings)
        bounds = self.bounds()
        bounds["ranges"]["start"] = [self._low, self._high]
        bounds["choices"]["cost"] = list(CURVES) if curve is None else ["slice"]
        self._spec = bounds | {"samples": self._samples, "name": self._name, "low": self._low, "high": self._high}
        self._template = read("descent_lab.svg")

    @classmethod
    def from_model(cls, model, x, y, *, weight="U_h", index=(0, 0), span=3.0, points=161, **settings):
        """Descent on the loss of `model` for `x`, `y` along one weight, all others held.

        `model` has `weights` and `loss_and_gradients(x, y)`, as `training.Regressor` does; the weight
        `weight`[`index`] is moved by up to `span` to both sides in `points` samples, each with its exact slope, and
        then put back. Raises ValueError for an unknown weight, an index outside it, a span that is not above 0, or a
        loss that is not finite.
        """
        if weight not in model.weights:
            raise ValueError(f"weight must be one of {', '.join(model.weights)}, not {weight!r}")
        array, index = model.weights[weight], index if isinstance(index, tuple) else (index,)
        if len(index) != array.ndim or not all(0 <= i < n for i, n in zip(index, array.shape, strict=True)):
            raise ValueError(f"index must lie in {weight}, of shape {array.shape}, but {index} came")
        if not (math.isfinite(span) and span > 0):
            raise ValueError(f"span must be a finite number above 0, not {span!r}")
        points = _checks.size("points", points)
        came = array[index]
        theta = np.linspace(float(came) - span, float(came) + span, points)
        J, slope = np.empty(points), np.empty(points)
        try:
            for i, value in enumerate(theta):
                array[index] = value
                J[i], grads = model.loss_and_gradients(x, y)
                slope[i] = np.nan if grads is None else grads[weight][index]
        finally:
            array[index] = came
        name = f"{weight}[{', '.join(map(str, index))}]"
        return cls((theta, J, slope), name=name, **settings)

    def _fitting(self):
        """A start near the left end, and a learning rate whose longest step is a fifth of the picture."""
        width, steepest = self._high - self._low, max(map(abs, self._samples["slope"]))
        rate = 0.2 * width / max(steepest, 1e-9)
        return {"start": self._low + 0.1 * width, "learning_rate": float(f"{min(1e5, max(1e-5, rate)):.1e}")}

    @traitlets.validate("start")
    def _start_in_range(self, proposal):
        value = proposal["value"]
        if not self._low <= value <= self._high:
            wanted = f"start must be a number from {self._low:g} to {self._high:g}"
            raise traitlets.TraitError(f"{wanted}, but {value:g} came")
        return value

    @traitlets.validate("cost")
    def _cost_there_is(self, proposal):
        value = proposal["value"]
        if (value == "slice") != (self._samples is not None):
            words = "'slice'" if self._samples else ", ".join(map(repr, CURVES))
            raise traitlets.TraitError(f"cost must be {words} in this lab, not {value!r}")
        return value

    def _curve(self):
        return sampled(**self._samples) if self._samples else CURVES[self.cost]

    def _arena(self):
        """Where descent may go: a slice ends with its samples, a built-in curve is known beyond the picture."""
        return (self._low, self._high) if self._samples else (3 * LOW, 3 * HIGH)

    @property
    def path(self):
        """Theta from the start on, an array of at most 101 values; the last may lie outside, where descent ended."""
        return np.array(self._path())

    @property
    def losses(self):
        """J at each theta of the path; on a slice, what lies outside has the cost of the end of the samples."""
        return np.array([self._at(theta)[0] for theta in self._path()])

    @property
    def verdict(self):
        """What becomes of the path within 100 steps, in one of the words above."""
        return judge(self.cost, self._curve(), self._path(), self.learning_rate, self.clip, *self._arena())

    def _path(self):
        return descend(self._curve(), self.start, self.learning_rate, self.clip, *self._arena())

    def _at(self, theta):
        return self._curve()(min(max(theta, self._low), self._high) if self._samples else theta)

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `values` in descent_lab.js."""
        v = {name: getattr(self, name) for name in self.settings()}
        low, high = self._low, self._high
        curve = [(low + (high - low) * k / SAMPLES) for k in range(SAMPLES + 1)]
        costs = [self._at(t)[0] for t in curve]
        room = 0.05 * (max(costs) - min(costs)) or 1.0
        floor, ceiling = min(costs) - room, max(costs) + room

        def x(t):
            return LEFT + (RIGHT - LEFT) * (min(max(t, low), high) - low) / (high - low)

        def y(J):
            return BOTTOM - (BOTTOM - TOP) * (min(max(J, floor), ceiling) - floor) / (ceiling - floor)

        path = self._path()
        shown = path[: self.step + 1]
        theta = shown[-1]
        J, slope, bent = self._at(theta)
        points = [(x(t), y(self._at(t)[0])) for t in shown]
        used = cut(slope, self.clip)
        v |= {"theta": theta, "J": J, "slope": slope, "bent": bent, "used": used, "k": len(shown) - 1}
        v["verdict"] = self.verdict
        v["steps"] = len(path) - 1
        v["slow"] = "yes" if abs(path[-1] - path[-2]) > 1e-4 * (high - low) else "no"
        v["turning"] = "yes" if _turning(path) else "no"
        v["at_x"], v["at_y"] = points[-1]
        v["at_k"] = FIRST + (LAST - FIRST) * (len(shown) - 1) / STEPS
        v["curve_d"] = line([(x(t), y(c)) for t, c in zip(curve, costs, strict=True)])
        v["trail_d"] = line(points)
        v["dots_d"] = "".join(f"M{place(a)} {place(b)}h0" for a, b in points)
        v["cost_d"] = line([(FIRST + (LAST - FIRST) * k / STEPS, b) for k, (_, b) in enumerate(points)])
        steep = slope * ((BOTTOM - TOP) / (ceiling - floor)) / ((RIGHT - LEFT) / (high - low))
        ax, ay = points[-1]
        long = min(46 / math.sqrt(1 + steep * steep), (ay - 20) / max(abs(steep), 1e-9))
        v["beyond"] = "▸" if theta > high else "◂" if theta < low else ""
        ends = [(ax - long, ay + long * steep), (ax + long, ay - long * steep)]
        v["tangent_d"] = "" if v["beyond"] else line(ends)
        v["name"] = "θ" if self._name == "theta" else self._name
        v |= {"low_text": short(low), "high_text": short(high)}
        v |= {"floor_text": short(min(costs)), "ceiling_text": short(max(costs))}
        v["equation"] = (
            f"next θ = θ − η · slope = {short(theta)} − {short(self.learning_rate)} · {bracket(used)} = "
            f"{short(theta - self.learning_rate * used)}"
        )
        cut_off = f"slope {short(slope)}, clipped to {short(used)}" if used != slope else f"slope {short(slope)}"
        limit = f"; at a minimum so curved η must be below 2 / curvature = {short(2 / bent)}" if bent > 1e-12 else ""
        v["here"] = f"{cut_off}; curvature {short(bent)}{limit}"
        v["title"] = f"After step {v['k']}: θ = {short(theta)}, J = {short(J)}"
        v["outcome"] = outcome(v)
        return v

    def summary(self):
        """The descent in words; also the alt text of its picture."""
        return sentence(self.values())

    def __repr__(self):
        return f"DescentLab: {self.verdict} on {self._name if self._samples else self.cost}"


def _turning(path):
    return len(path) > 2 and (path[1] - path[0]) * (path[2] - path[1]) < 0


def outcome(v):
    """The verdict as a sentence."""
    sides = ", swinging from side to side" if v["turning"] == "yes" else ""
    return {
        "converges": f"It converges{sides}{', slowly: 100 steps are not enough' if v['slow'] == 'yes' else ''}.",
        "oscillates": "It oscillates: to and fro, without settling.",
        "diverges": f"It diverges{sides}: after {v['steps']} steps it is further away than at the start.",
        "stalls": "It stalls: the slope is too small to move it, and this is no minimum.",
        "leaves": f"It leaves the sampled range at step {v['steps']}; the loss beyond is unknown.",
        "under way": f"It is still under way after {v['steps']} steps.",
    }[v["verdict"]]


def sentence(v):
    """What the lab shows, in words, from `values`."""
    curve = f"slice of the loss along {v['name']}" if v["cost"] == "slice" else v["cost"]
    clip = f", slope clipped at {short(v['clip'])}" if v["clip"] > 0 else ""
    return (
        f"Gradient descent, {curve}: start {short(v['start'])}, learning rate {short(v['learning_rate'])}{clip}. "
        f"{v['outcome']} {v['title']}."
    )


def short(value):
    """A number in three decimals, or with a power of ten where that would show too little or too much."""
    size = abs(value)
    if size == 0 or 0.001 <= size < 10000:
        return written(value)
    digits, power = f"{size:.2e}".split("e")
    return f"{'−' if value < 0 else ''}{digits}e{'−' if int(power) < 0 else ''}{abs(int(power))}"


def bracket(value):
    """A factor: in brackets if negative."""
    return f"({short(value)})" if value < 0 else short(value)


def place(value):
    """A coordinate, two decimals."""
    return f"{math.floor(value * 100 + 0.5) / 100:g}"


def line(points):
    """An SVG path through the points."""
    return "M" + "L".join(f"{place(x)} {place(y)}" for x, y in points)


def _samples(curve):
    if not isinstance(curve, tuple | list) or len(curve) not in (2, 3):
        raise ValueError("curve must be a pair (theta, J) or a triple (theta, J, dJ/dtheta)")
    theta = _checks.array("theta", curve[0], [("samples", None)], np.float64)
    if not 3 <= len(theta) <= 2001:
        raise ValueError(f"a curve must have 3 to 2001 samples, but {len(theta)} came")
    if not (np.diff(theta) > 0).all():
        raise ValueError("theta must increase from each sample to the next")
    J = _checks.array("J", curve[1], [("samples", len(theta))], np.float64)
    slope = np.gradient(J, theta, edge_order=2) if len(curve) == 2 else curve[2]
    slope = _checks.array("dJ/dtheta", slope, [("samples", len(theta))], np.float64)
    return {"theta": theta.tolist(), "J": J.tolist(), "slope": slope.tolist()}
