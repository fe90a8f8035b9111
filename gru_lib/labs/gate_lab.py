"""GateLab: one gated recurrent unit with one input, every number of it under the learner's hand."""

from gru_lib.gru import GRU
from gru_lib.labs.base import Choice, Lab, Number, join_modules, read
from gru_lib.labs.picture import add_up, rounded, written

WEIGHTS = ("W_z", "U_z", "b_z", "W_r", "U_r", "b_r", "W_h", "U_h", "b_h", "c_h")
START = {"x": 0.8, "h_prev": 0.9, "W_z": 1.0, "U_z": 0.5, "b_z": -0.5, "W_r": -1.0, "U_r": 1.0, "b_r": 0.6}
START |= {"W_h": -1.5, "U_h": 0.5, "b_h": 0.0, "c_h": 0.0}

# What each preset sets; "open" and "shut" are biases at the end of their range. z is given by what it does, since
# the number that does it depends on the convention: "keep" is +8 where z keeps and -8 where z writes.
PRESETS = {
    "start": START,
    "keep everything": {"W_z": 0.0, "U_z": 0.0, "b_z": "keep"},
    "forget everything": {"W_z": 0.0, "U_z": 0.0, "b_z": "write", "W_r": 0.0, "U_r": 0.0, "b_r": -8.0},
    "drop the past": {"W_z": 0.0, "U_z": 0.0, "b_z": 0.0, "W_r": 0.0, "U_r": 0.0, "b_r": -8.0},
    "plain RNN": {"W_z": 0.0, "U_z": 0.0, "b_z": "write", "W_r": 0.0, "U_r": 0.0, "b_r": 8.0},
}


class GateLab(Lab):
    """One GRU unit: move its input, state and weights, and watch the gates.

    Settings, by keyword or later as attributes: `x` in [-2, 2], `h_prev` in [-1, 1]; `W_z U_z W_r U_r W_h U_h` in
    [-6, 6]; `b_z b_r b_h c_h` in [-8, 8] (`c_h`, the bias inside the reset, acts with reset="after" alone);
    `update` "keep" (z keeps the old state, as in `GRU`) or "write" (z lets the new in, as in Chung et al. 2014);
    `reset` "after" or "before" the product with U_h; `focus` "all", or "z", "r", "candidate", "h" for one equation.
    Results: `z`, `r`, `candidate`, `h`, computed with the `GRU` that `gru` gives.
    Raises TypeError for an unknown setting, TraitError for a value out of bounds, ValueError for an unknown preset.
    """

    _esm = join_modules("gru.js", "picture.js", "controls.js", "gate_lab.js")

    x = Number(START["x"], -2, 2)
    h_prev = Number(START["h_prev"], -1, 1)
    W_z = Number(START["W_z"], -6, 6)
    U_z = Number(START["U_z"], -6, 6)
    b_z = Number(START["b_z"], -8, 8)
    W_r = Number(START["W_r"], -6, 6)
    U_r = Number(START["U_r"], -6, 6)
    b_r = Number(START["b_r"], -8, 8)
    W_h = Number(START["W_h"], -6, 6)
    U_h = Number(START["U_h"], -6, 6)
    b_h = Number(START["b_h"], -8, 8)
    c_h = Number(START["c_h"], -8, 8)
    update = Choice("keep", "write")
    reset = Choice("after", "before")
    # Takes the place of a method of ipywidgets that moves the keyboard's focus; the lab has no use for that one.
    focus = Choice("all", "z", "r", "candidate", "h")

    def __init__(self, **settings):
        super().__init__(**settings)
        numbers = {n: t for n, t in self.class_traits().items() if isinstance(t, Number)}
        self._spec = {"ranges": {n: [t.min, t.max] for n, t in numbers.items()}, "presets": PRESETS}
        self._template = read("gate_lab.svg")

    def preset(self, name):
        """Set the numbers of "start", "keep everything", "forget everything", "drop the past" or "plain RNN".

        All but "start" set the weights of the gates alone, for the convention that `update` names.
        """
        if name not in PRESETS:
            raise ValueError(f"preset must be one of {', '.join(map(repr, PRESETS))}, not {name!r}")
        bias = {"keep": 8.0, "write": -8.0}
        sign = 1 if self.update == "keep" else -1
        with self.hold_sync():
            for key, value in PRESETS[name].items():
                setattr(self, key, sign * bias[value] if isinstance(value, str) else value)

    def carry_over(self):
        """Change the meaning of z and its weights with it, so that h stays: z becomes 1 - z."""
        with self.hold_sync():
            self.update = "write" if self.update == "keep" else "keep"
            for name in ("W_z", "U_z", "b_z"):
                setattr(self, name, 0.0 - getattr(self, name))

    @property
    def gru(self):
        """The `GRU` of one input and one unit with these weights; its z keeps, whatever `update` says."""
        gru = GRU(1, 1, reset=self.reset, seed=0)
        sign = 1 if self.update == "keep" else -1  # sigma(-a) = 1 - sigma(a)
        for name in gru.weights:
            value = getattr(self, name, 0.0)
            gru.weights[name][...] = sign * value if name in ("W_z", "U_z", "b_z") else value
        return gru

    def _step(self):
        return self.gru.step([[self.x]], [[self.h_prev]])

    @property
    def z(self):
        """The update gate, in the convention of `update`."""
        z = self._step().z.item()
        return z if self.update == "keep" else 1 - z

    @property
    def r(self):
        """The reset gate."""
        return self._step().r.item()

    @property
    def candidate(self):
        """The candidate state."""
        return self._step().candidate.item()

    @property
    def h(self):
        """The new state."""
        return self._step().h.item()

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `values` in gate_lab.js."""
        now = {name: getattr(self, name) for name in self.settings()}
        z, r, candidate, h = self.z, self.r, self.candidate, self.h
        keep, write = (z, 1 - z) if self.update == "keep" else (1 - z, z)
        at_door = self.U_h * self.h_prev + self.c_h if self.reset == "after" else self.h_prev
        let_through = r * at_door
        numbers = {
            "a_z": self.W_z * self.x + self.U_z * self.h_prev + self.b_z,
            "a_r": self.W_r * self.x + self.U_r * self.h_prev + self.b_r,
            "from_x": self.W_h * self.x + self.b_h,
            "at_door": at_door,
            "let_through": let_through,
            "from_h": let_through if self.reset == "after" else self.U_h * let_through,
            "z": z,
            "r": r,
            "candidate": candidate,
            "h": h,
            "keep": keep,
            "write": write,
            "kept": keep * self.h_prev,
            "written": write * candidate,
            "dropped": write * self.h_prev,
            "unused": keep * candidate,
        }
        numbers["a_h"] = numbers["from_x"] + numbers["from_h"]
        return now | numbers | _shown(now | numbers) | _drawn(now | numbers)

    def summary(self):
        """The state of the unit in words; also the alt text of its picture."""
        return "One gated recurrent unit. " + sentence(self.values())

    def __repr__(self):
        numbers = (f"{name}={written(getattr(self, name))}" for name in ("z", "r", "candidate", "h"))
        return f"GateLab: {', '.join(numbers)}"


def sentence(v):
    """What the gates do, in words, from `values`."""
    keep = rounded(100 * v["keep"], 0)
    heard = rounded(100 * v["r"], 0)
    return (
        f"Update gate z = {written(v['z'])}: the unit keeps {keep} % of the old state {written(v['h_prev'])} and "
        f"writes {100 - keep} % of the candidate {written(v['candidate'])}. Reset gate r = {written(v['r'])}: the "
        f"candidate hears {heard} % of the old state. New state h = {written(v['h'])}."
    )


def _shown(v):
    """Numbers as they are printed: rounded so that what should add up does so to the last printed digit."""
    z = float(rounded(v["z"]))
    rest = (1000 - int(rounded(v["z"]) * 1000)) / 1000
    kept, written_part = add_up(v["h"], v["kept"], v["written"])
    from_x, from_h = add_up(v["a_h"], v["from_x"], v["from_h"])
    return {
        "keep_name": "z" if v["update"] == "keep" else "1 − z",
        "write_name": "1 − z" if v["update"] == "keep" else "z",
        "shown_keep": z if v["update"] == "keep" else rest,
        "shown_write": rest if v["update"] == "keep" else z,
        "shown_kept": kept,
        "shown_written": written_part,
        "shown_dropped": float(rounded(v["h_prev"])) - kept,
        "shown_unused": float(rounded(v["candidate"])) - written_part,
        "shown_from_x": from_x,
        "shown_from_h": from_h,
    }


def _drawn(v):
    """What the drawing needs: values cut where an axis or a flow ends, and the marks that say so."""
    drawn = {f"wide_{name}": max(-2, min(2, v[name])) for name in ("from_x", "at_door", "let_through", "from_h")}
    for name, end in (("a_z", 8), ("a_r", 8), ("a_h", 4)):
        drawn[f"at_{name}"] = max(-end, min(end, v[name]))
        drawn[f"beyond_{name}"] = "▸" if v[name] > end else "◂" if v[name] < -end else ""
    for name in ("x", "h_prev", "candidate", "h", "from_x", "at_door", "from_h"):
        drawn[f"stripes_{name}"] = "7 4" if v[name] < 0 else ""
    keeps, alone = v["update"] == "keep", v["focus"] != "all"
    for i, part in enumerate(("z", "r", "candidate", "h")):
        drawn[f"place_{part}"] = "translate(8 322) scale(1.6)" if alone else f"translate({8 + 180 * i} 322)"
        large = f"translate(290 380) scale({1 if part == 'candidate' else 1.25})"
        drawn[f"line_{part}"] = large if alone else f"translate(8 {470 + 42 * i})"
    return drawn | {
        "gauge_top": 100 if keeps else 204 - 104 * v["z"],
        "result_x": "0" if alone else "",
        "result_dy": "25" if alone else "",
        "result_dx": "" if alone else "6",
        "numbers_y": 25 if alone else 18,
        "height": 544 if alone else 624,
    }
