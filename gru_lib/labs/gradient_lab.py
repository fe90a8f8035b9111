"""GradientLab: how far a gradient reaches back through a plain RNN, a GRU and an LSTM, side by side."""

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from gru_lib import gradients
from gru_lib.gru import GRU
from gru_lib.labs.base import Choice, Number, join_modules, read
from gru_lib.labs.picture import MINUS, rounded
from gru_lib.labs.settings import StyledLab, Whole
from gru_lib.lstm import LSTM
from gru_lib.rnn import SimpleRNN

UNITS, LONGEST, SEED = 8, 100, 1
CELLS = ("rnn", "gru", "lstm")
NAMES = {"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM"}
# Which of the four drawn matrices each gate takes; all candidates have the same one.
GATES = {"rnn": {"h": 0}, "gru": {"h": 0, "z": 1, "r": 2}, "lstm": {"g": 0, "i": 1, "f": 2, "o": 3}}
FAR = 1000  # a gradient that changes by more than this factor has vanished or exploded
SOME = 10  # by more than this one, faded or grown


def drawn():
    """The random numbers behind every setting: U (4, units, units) of spectral radius 1, W (4, units), x (steps,)."""
    rng = np.random.default_rng(SEED)
    U = rng.standard_normal((4, UNITS, UNITS))
    U /= np.abs(np.linalg.eigvals(U)).max(axis=1)[:, None, None]
    W = rng.uniform(-1, 1, (4, UNITS))
    return {"U": U.round(4), "W": W.round(4), "x": rng.standard_normal(LONGEST).round(4)}


class GradientLab(StyledLab):
    """|dh_T / dh_t| against the lag T - t for a plain RNN, a GRU and an LSTM of 8 units and one random input.

    Settings, by keyword or later as attributes: `radius` in [0.1, 2], the spectral radius of every recurrent matrix;
    `gate_bias` in [-4, 6], the bias of the GRU's update gate and of the LSTM's forget gate; `length` in [2, 100],
    whole; `input_scale` in [0, 3]; `threshold` in [0.01, 100], the length to which an update is clipped; `paths`
    "hide" or "show", the split of the GRU's gradient.
    Results: `norms`, a dict of arrays (length,) by cell, "rnn", "gru", "lstm" (see `gradients.flow`); `paths_of_gru`,
    a dict of arrays that add up to norms["gru"]; `updates`, a dict of pairs (raw, clipped), the length of
    dL/dweights for a loss whose dL/dh_T has length 1, the same share for each unit. `cells` gives the three models
    and `x` their input. Raises TypeError for an unknown setting, TraitError for a value out of bounds.
    """

    _esm = join_modules("gru.js", "picture.js", "controls.js", "settings.js", "cells.js", "gradient_lab.js")
    _style = read("gradient_lab.css")
    _css = StyledLab._css + read("settings.css") + _style

    radius = Number(1.2, 0.1, 2)
    gate_bias = Number(3.0, -4, 6)
    length = Whole(60, 2, LONGEST)
    input_scale = Number(1.0, 0, 3)
    threshold = Number(1.0, 0.01, 100)
    paths = Choice("hide", "show")

    def __init__(self, **settings):
        self._drawn = drawn()
        self._flows = (None, None)
        super().__init__(**settings)
        weights = {name: value.reshape(len(value), -1).tolist() for name, value in self._drawn.items()}
        self._spec = self.bounds() | {"gates": GATES, **weights}
        self._template = read("gradient_lab.svg")

    @property
    def x(self):
        """The input, (1, length, 1)."""
        return self.input_scale * self._drawn["x"][None, : self.length, None]

    @property
    def cells(self):
        """The three models by name."""
        models = {"rnn": SimpleRNN(1, UNITS), "gru": GRU(1, UNITS), "lstm": LSTM(1, UNITS)}
        for cell, model in models.items():
            for name, value in model.weights.items():
                kind, gate = name.split("_")
                if kind in "bc":
                    value[...] = self.gate_bias if name in ("b_z", "b_f") else 0
                elif kind == "U":
                    value[...] = self.radius * self._drawn["U"][GATES[cell][gate]]
                else:
                    value[...] = self._drawn["W"][GATES[cell][gate]]
        return models

    def _computed(self):
        """The flow of each cell and the length of its gradient, kept until a setting changes."""
        now = (self.radius, self.gate_bias, self.length, self.input_scale)
        if self._flows[0] != now:
            dh = np.zeros((1, self.length, UNITS))
            dh[:, -1] = 1 / np.sqrt(UNITS)
            flows = {}
            for name, model in self.cells.items():
                grads = model.backward(model.forward(self.x), dh)
                flows[name] = (gradients.flow(model, self.x), gradients.global_norm(grads.weights))
            self._flows = (now, flows)
        return self._flows[1]

    @property
    def norms(self):
        """|dh_T / dh_t| by lag, for each cell."""
        return {name: flow.norm for name, (flow, _) in self._computed().items()}

    @property
    def paths_of_gru(self):
        """The four parts of norms["gru"]: carry, update, reset, candidate."""
        return self._computed()["gru"][0].paths

    @property
    def updates(self):
        """The length of the update (learning rate 1) of each cell: raw, and clipped at `threshold`."""
        return {name: (raw, min(raw, self.threshold)) for name, (_, raw) in self._computed().items()}

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `valuesOf` in gradient_lab.js."""
        v = {name: getattr(self, name) for name in self.settings()}
        ends = {}
        for cell, norm in self.norms.items():
            v[f"curve_{cell}"], end = curve(norm)
            v[f"last_{cell}"] = norm[-1]
            beyond = " ▾" if norm[-1] < 1e-12 else " ▴" if norm[-1] > 1e12 else ""
            v[f"label_{cell}"] = ("RNN" if cell == "rnn" else NAMES[cell]) + beyond
            v[f"end_x_{cell}"], ends[cell] = 62 + 4.2 * end, height(norm[end]) + 4
        for cell, y in apart(ends, 44, 338).items():
            v[f"end_y_{cell}"] = y
        v["threshold_y"] = update_height(self.threshold)
        v["threshold_text"] = f"threshold {power(self.threshold)}"
        for cell, (raw, clipped) in self.updates.items():
            v[f"raw_{cell}"], v[f"clipped_{cell}"] = raw, clipped
            v[f"raw_y_{cell}"], v[f"clipped_y_{cell}"] = update_height(raw), update_height(clipped)
            v[f"raw_text_{cell}"] = power(raw)
            v[f"clipped_text_{cell}"] = power(clipped)
            v[f"beyond_{cell}"] = "▴" if raw > 1e4 else ""
        ends = {}
        total = self.norms["gru"]
        shares = {p: np.divide(a, total, out=np.zeros_like(a), where=total > 0) for p, a in self.paths_of_gru.items()}
        shown = percentages({path: share[-1] for path, share in shares.items()})
        for path, share in shares.items():
            v[f"share_{path}"] = share[-1]
            points = [(tenth(56 + 4.2 * lag), tenth(share_height(s))) for lag, s in enumerate(share)]
            v[f"curve_{path}"] = "M" + "L".join(f"{x} {y}" for x, y in points)
            v[f"label_{path}"] = f"{path} {shown[path]} %"
            ends[path] = share_height(share[-1]) + 4
        for path, y in apart(ends, 452, 572).items():
            v[f"share_y_{path}"] = y
        v["share_x"] = 62 + 4.2 * (self.length - 1)
        v["picture_height"] = 598 if self.paths == "show" else 426
        return v

    def summary(self):
        """What vanishes, what explodes and what is clipped, in words; also the alt text of the picture."""
        says = sentence(self.values(), self.norms)
        return f"Gradients of a plain RNN, a GRU and an LSTM by lag, and their updates. {says}"

    def __repr__(self):
        parts = (f"{NAMES[cell]} {power(norm[-1])}" for cell, norm in self.norms.items())
        return f"GradientLab: |dh_T/dh_t| at lag {self.length - 1}: {', '.join(parts)}"


def sentence(v, norms):
    """The state of the lab in words, from `values` and `norms`."""
    last = v["length"] - 1
    told = []
    for cell in CELLS:
        ratio = norms[cell][-1] / norms[cell][0]
        word = fate(ratio)
        told.append(f"{NAMES[cell]} {word} (× {rounded(ratio ** (1 / last), 2)} a step)")
    text = f"From lag 0 to lag {last}: {', '.join(told)}. "
    clipped = [
        f"{NAMES[cell]} {v[f'raw_text_{cell}']} to {v[f'clipped_text_{cell}']}"
        for cell in CELLS
        if v[f"raw_text_{cell}"] != v[f"clipped_text_{cell}"]
    ]
    threshold = power(v["threshold"])
    if clipped:
        text += f"Clipped at {threshold}: {', '.join(clipped)}."
    else:
        text += f"No update is longer than {threshold}: none is clipped."
    if v["paths"] == "show":
        paths = ("carry", "update", "reset", "candidate")
        text += f" Of the GRU's gradient at lag {last}: {', '.join(v[f'label_{path}'] for path in paths)}."
    return text


def fate(ratio):
    """What becomes of a gradient that changes by this factor from lag 0 to the last, in a word."""
    if ratio < 1 / SOME:
        return "vanishes" if ratio < 1 / FAR else "fades"
    if ratio > SOME:
        return "explodes" if ratio > FAR else "grows"
    return "lasts"


def power(value):
    """A positive number with two or three digits that count: 0.052, 3.41, 12.0, 2.3 × 10⁻⁸."""
    if value == 0:
        return "0"
    if 1e-3 <= value < 999.5:
        return str(rounded(value, 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0))
    exact = Decimal(float(value))
    exponent = exact.adjusted()
    digits = exact.scaleb(-exponent).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if digits == 10:
        digits, exponent = Decimal("1.0"), exponent + 1
    return f"{digits} × 10{str(exponent).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def percentages(shares):
    """Shares in whole per cent, those rounded worst moved by one so that they add up as printed."""
    exact = {name: 100 * share for name, share in shares.items()}
    whole = {name: math.floor(value + 0.5) for name, value in exact.items()}
    gap = math.floor(sum(exact.values()) + 0.5) - sum(whole.values())
    for _ in range(abs(gap)):
        sign = 1 if gap > 0 else -1
        worst = max(whole, key=lambda name: sign * (exact[name] - whole[name]))
        whole[worst] += sign
    return {name: f"{MINUS if value < 0 else ''}{abs(value)}" for name, value in whole.items()}


def tenth(value):
    """A coordinate, to a tenth."""
    return f"{math.floor(value * 10 + 0.5) / 10:g}"


def _between(value, low, high):
    return max(low, min(high, value))


def _exponent(value, low, high):
    return _between(math.log10(value), low, high) if value > 1e-300 else low


def height(norm):
    """Where a norm lies in the picture: 24 powers of ten, from 10^-12 to 10^12."""
    return 190 - 12.5 * _exponent(norm, -12, 12)


def update_height(length):
    """Where the length of an update lies: 6 powers of ten, from 0.01 to 10^4."""
    return 240 - 50 * _exponent(length, -2, 4)


def share_height(share):
    """Where a share of the GRU's gradient lies, from -0.5 to 1.5."""
    return 538 - 60 * _between(share, -0.5, 1.5)


def curve(norm):
    """The path of a curve as far as it lies within the axis, and the last lag that it reaches."""
    inside = [1e-12 <= value <= 1e12 for value in norm]
    text, last = "", -2
    for lag, value in enumerate(norm):
        if any(inside[max(0, lag - 1) : lag + 2]):
            letter = "L" if last == lag - 1 else "M"
            text += f"{letter}{tenth(56 + 4.2 * lag)} {tenth(height(value))}"
            last = lag
    return text, last


def apart(ends, top, bottom):
    """Heights for labels, at least 14 apart, near where they belong and between `top` and `bottom`."""
    order = sorted(ends, key=lambda name: ends[name])
    y = [ends[name] for name in order]
    y[0] = max(y[0], top)
    for i in range(1, len(y)):
        y[i] = max(y[i], y[i - 1] + 14)
    y[-1] = min(y[-1], bottom)
    for i in reversed(range(len(y) - 1)):
        y[i] = min(y[i], y[i + 1] - 14)
    return dict(zip(order, y, strict=True))
