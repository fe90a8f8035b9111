"""GateLab: one to four gated recurrent units with one input, every number of them under the learner's hand."""

import numpy as np
import traitlets

from gru_lib.gru import GRU
from gru_lib.labs import gate_code, gate_units, gate_values
from gru_lib.labs.base import Choice, Lab, Number, join_modules, read
from gru_lib.labs.gate_units import MOST_UNITS, Arrays, Switch
from gru_lib.labs.gate_values import PARTS, sentence
from gru_lib.labs.picture import written
from gru_lib.labs.settings import Whole

START = {"x": gate_units.START_X} | gate_units.numbers(gate_units.START, 0)
RANGES = {name: (-6, 6) if name[0] in "WU" else (-8, 8) for name in gate_units.START} | {"h_prev": (-1, 1)}

# What each preset sets, in all units; "open" and "shut" are biases at the end of their range. z is given by what it
# does, since the number that does it depends on the convention: "keep" is +8 where z keeps and -8 where z writes.
PRESETS = {
    "start": START,
    "keep everything": {"W_z": 0.0, "U_z": 0.0, "b_z": "keep"},
    "forget everything": {"W_z": 0.0, "U_z": 0.0, "b_z": "write", "W_r": 0.0, "U_r": 0.0, "b_r": -8.0},
    "drop the past": {"W_z": 0.0, "U_z": 0.0, "b_z": 0.0, "W_r": 0.0, "U_r": 0.0, "b_r": -8.0},
    "plain RNN": {"W_z": 0.0, "U_z": 0.0, "b_z": "write", "W_r": 0.0, "U_r": 0.0, "b_r": 8.0},
}


class GateLab(Lab):
    """GRU units on one input: move the input, the state and the weights, and watch the gates.

    Settings, by keyword or later as attributes: `x` in [-2, 2], `h_prev` in [-1, 1]; `W_z U_z W_r U_r W_h U_h` in
    [-6, 6]; `b_z b_r b_h c_h` in [-8, 8] (`c_h`, the bias inside the reset, acts with reset="after" alone);
    `update` "keep" (z keeps the old state, as in `GRU`) or "write" (z lets the new in, as in Chung et al. 2014);
    `reset` "after" or "before" the product with U_h; `focus` "all", or "z", "r", "candidate", "h" for one equation;
    `ghost` True or False: whether the picture keeps a faint mark of where it was before the last move.

    `units` (1 to 4) says how many units stand side by side, `unit` (0 to `units` - 1) which of them is under the
    hand: the picture and the numbers above are that unit's. `arrays` holds the numbers of all units, a dict of nested
    tuples: `h_prev b_z b_r b_h c_h` (units,), `W_z W_r W_h` (1, units), `U_z U_r U_h` (units, units), where
    U[i][j] leads from unit i to unit j. Set it as a whole, with lists or NumPy arrays; `units` follows it.
    Raising `units` adds units that begin with fixed numbers; lowering it drops the last ones, and if the unit under
    the hand goes, the last that stays takes its place.

    Results: `z`, `r`, `candidate`, `h`, a float for one unit, an array (units,) for more, computed with the `GRU`
    that `gru` gives; `code()` gives the same as a cell to run.
    Raises TypeError for an unknown setting, TraitError for a value out of bounds, ValueError for an unknown preset.
    """

    _css = Lab._css + read("gate_lab.css")
    _esm = join_modules(
        "gru.js", "picture.js", "controls.js", "settings.js", "gate_units.js", "gate_values.js", "gate_code.js",
        "gate_ghost.js", "gate_lab.js",
    )  # fmt: skip

    x = Number(START["x"], -2, 2)
    h_prev = Number(START["h_prev"], *RANGES["h_prev"])
    W_z = Number(START["W_z"], *RANGES["W_z"])
    U_z = Number(START["U_z"], *RANGES["U_z"])
    b_z = Number(START["b_z"], *RANGES["b_z"])
    W_r = Number(START["W_r"], *RANGES["W_r"])
    U_r = Number(START["U_r"], *RANGES["U_r"])
    b_r = Number(START["b_r"], *RANGES["b_r"])
    W_h = Number(START["W_h"], *RANGES["W_h"])
    U_h = Number(START["U_h"], *RANGES["U_h"])
    b_h = Number(START["b_h"], *RANGES["b_h"])
    c_h = Number(START["c_h"], *RANGES["c_h"])
    update = Choice("keep", "write")
    reset = Choice("after", "before")
    # Takes the place of a method of ipywidgets that moves the keyboard's focus; the lab has no use for that one.
    focus = Choice("all", "z", "r", "candidate", "h")
    units = Whole(1, 1, MOST_UNITS)
    unit = Whole(0, 0, MOST_UNITS - 1)
    arrays = Arrays(RANGES)
    ghost = Switch()

    _ready = False

    def __init__(self, **settings):
        super().__init__(**settings)
        numbers = {name: getattr(self, name) for name in settings if name in RANGES}
        came = len(self.arrays["h_prev"])
        if {"arrays", "units"} <= settings.keys() and came != self.units:
            raise traitlets.TraitError(f"units is {self.units}, but arrays hold {came}")
        with self.hold_sync():
            if "arrays" in settings:
                self.units = came
            arrays = gate_units.resized(self.arrays, self.units)
            self.arrays = gate_units.placed(arrays, self.unit, numbers)
            self._show_unit()
            self._ready = True
            self._spec = {
                "ranges": {"x": [-2.0, 2.0]}
                | {name: [float(end) for end in RANGES[name]] for name in START if name != "x"},
                "whole": [],
                "choices": {n: list(t.values) for n, t in self.class_traits().items() if isinstance(t, Choice)}
                | {"units": list(range(1, MOST_UNITS + 1)), "unit": list(range(MOST_UNITS))},
                "presets": PRESETS,
                "start": gate_units.START,
            }
            self._template = read("gate_lab.svg")

    @classmethod
    def settings(cls):
        """The names of what can be set, by keyword or as attributes."""
        return [*super().settings(), "arrays"]

    @traitlets.validate("unit")
    def _one_of_the_units(self, proposal):
        # Before all settings of a new lab are in place, the arrays may know better how many units there are.
        most = self.units if self._ready else max(self.units, len(self.arrays["h_prev"]))
        if proposal.value >= most:
            wanted = f"unit must be a whole number from 0 to {most - 1} (units - 1)"
            raise traitlets.TraitError(f"{wanted}, but {proposal.value} came")
        return proposal.value

    @traitlets.observe("units", "unit", "arrays", *RANGES)
    def _keep_together(self, change):
        """The chosen unit's numbers stand in `arrays` too: what changes in one place changes in the other."""
        if not self._ready:
            return
        with self.hold_sync():
            if change.name == "units":
                self.arrays = gate_units.resized(self.arrays, self.units)
            elif change.name == "arrays":
                self.units = len(self.arrays["h_prev"])
                self.unit = min(self.unit, self.units - 1)
                self._show_unit()
            elif change.name == "unit":
                self._show_unit()
            else:
                self.arrays = gate_units.placed(self.arrays, self.unit, {change.name: change.new})

    def _show_unit(self):
        for name, value in gate_units.numbers(self.arrays, self.unit).items():
            setattr(self, name, value)

    def preset(self, name):
        """Set the numbers of "start", "keep everything", "forget everything", "drop the past" or "plain RNN".

        All but "start" set the weights of the gates alone, in all units, for the convention that `update` names.
        """
        if name not in PRESETS:
            raise ValueError(f"preset must be one of {', '.join(map(repr, PRESETS))}, not {name!r}")
        with self.hold_sync():
            if name == "start":
                self.x = START["x"]
                self.arrays = gate_units.resized(gate_units.START, self.units)
                return
            bias = {"keep": 8.0, "write": -8.0}
            sign = 1 if self.update == "keep" else -1
            arrays = {key: np.array(value) for key, value in self.arrays.items()}
            for key, value in PRESETS[name].items():
                arrays[key][...] = sign * bias[value] if isinstance(value, str) else value
            self.arrays = arrays

    def carry_over(self):
        """Change the meaning of z and its weights with it, so that h stays: z becomes 1 - z."""
        with self.hold_sync():
            self.update = "write" if self.update == "keep" else "keep"
            negated = {name: 0.0 - np.array(self.arrays[name]) for name in ("W_z", "U_z", "b_z")}
            self.arrays = self.arrays | negated

    @property
    def gru(self):
        """The `GRU` of one input and `units` units with these weights; its z keeps, whatever `update` says."""
        gru = GRU(1, self.units, reset=self.reset, seed=0)
        sign = 1 if self.update == "keep" else -1  # sigma(-a) = 1 - sigma(a)
        for name, weights in gru.weights.items():
            if name in self.arrays:
                weights[...] = np.multiply(sign if name in ("W_z", "U_z", "b_z") else 1, self.arrays[name])
        return gru

    def _results(self):
        """z, r, candidate and h by name, each (units,); z in the convention of `update`."""
        step = self.gru.step([[self.x]], [self.arrays["h_prev"]])
        results = {part: getattr(step, part)[0] for part in PARTS}
        return results if self.update == "keep" else results | {"z": 1 - results["z"]}

    def _result(self, part):
        result = self._results()[part]
        return result.item() if self.units == 1 else result

    @property
    def z(self):
        """The update gate, in the convention of `update`: a float, or an array (units,)."""
        return self._result("z")

    @property
    def r(self):
        """The reset gate: a float, or an array (units,)."""
        return self._result("r")

    @property
    def candidate(self):
        """The candidate state: a float, or an array (units,)."""
        return self._result("candidate")

    @property
    def h(self):
        """The new state: a float, or an array (units,)."""
        return self._result("h")

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `values` in gate_values.js."""
        state = {name: getattr(self, name) for name in super().settings()}
        arrays = {name: np.array(value) for name, value in self.arrays.items()}
        return gate_values.values(state, arrays, self._results())

    def code(self):
        """A cell of Python that makes this unit or layer with `GRU` and prints its z, r, candidate and h."""
        return gate_code.code(self.x, self.reset, self.update, self.arrays, self._results())

    def summary(self):
        """The state of the unit under the hand in words; also the alt text of the picture."""
        what = "One gated recurrent unit" if self.units == 1 else f"{self.units} gated recurrent units"
        return f"{what}. {sentence(self.values())}"

    def __repr__(self):
        v = self.values()
        who = f"unit {self.unit} of {self.units}, " if self.units > 1 else ""
        return f"GateLab: {who}{', '.join(f'{name}={written(v[name])}' for name in PARTS)}"
