"""ConventionLab: one set of weights read by seven conventions, and what a GRU's parameters add up to."""

from typing import NamedTuple

import numpy as np

from gru_lib import conventions
from gru_lib.gru import GRU
from gru_lib.labs.base import Number, join_modules, read
from gru_lib.labs.convention_picture import picture
from gru_lib.labs.picture import written
from gru_lib.labs.settings import StyledLab, Whole

# The name in the lab, the name in the table of conventions. Those that reset before the product come first.
NAMES = {
    "Cho 2014": "Cho 2014",
    "Keras before": "Keras, reset_after=False",
    "ONNX 0": "ONNX, linear_before_reset=0 (default)",
    "Chung 2014": "Chung 2014",
    "Keras after": "Keras, reset_after=True (default)",
    "ONNX 1": "ONNX, linear_before_reset=1",
    "PyTorch": "PyTorch",
}
TABLE = {row.name: row for row in conventions.CONVENTIONS}
READINGS = {name: TABLE[long] for name, long in NAMES.items()}
STEPS, MOST_UNITS, MOST_INPUTS, SEEDS = 6, 4, 3, 5
SAME = 1e-9  # outputs that differ by less come from the same function; rounding is a thousand times smaller


class Arrays(NamedTuple):
    """The weights as a file holds them, three blocks side by side."""

    W: np.ndarray  # (inputs, 3 * units)
    U: np.ndarray  # (units, 3 * units)
    b: np.ndarray  # (3 * units,)
    c: np.ndarray  # (3 * units,), the recurrent biases


class Pair(NamedTuple):
    """Two readings compared: the largest difference of their outputs over all steps and units."""

    same_weights: float  # both read the same arrays
    mapped: float  # the second reads the arrays that the first one's function has in its convention
    mapping: str  # what that changes: "−z" negates the update gate's weights, "z⇄r" swaps blocks, "c→b" moves biases
    verdict: str  # "same", "after mapping" or "never"


class ConventionLab(StyledLab):
    """The same numbers read as Cho, Chung, Keras, ONNX and PyTorch read them, and the count of the parameters.

    Settings, by keyword or later as attributes: `units` 1 to 4, `inputs` 1 to 3, `seed` 1 to 5 (of the weights and
    of the input, six steps long), `recurrent_bias` in [0, 2], a factor of the recurrent biases; `step` 1 to 6, the
    one whose outputs are shown; `d` and `h`, 1 to 512, the inputs and units whose parameters are counted.
    Results: `outputs` {reading: (steps, units)}, `differences` {(reading, reading): Pair}, `counts`; `arrays` and
    `x` are what is read. Raises TypeError for an unknown setting, TraitError for a value out of bounds.

    Where a convention has one bias or writes none, it is given the sum of both.
    """

    _esm = join_modules("gru.js", "picture.js", "controls.js", "settings.js", "convention_lab.js")
    _style = read("convention_lab.css")
    _css = StyledLab._css + read("settings.css") + _style

    units = Whole(3, 1, MOST_UNITS)
    inputs = Whole(2, 1, MOST_INPUTS)
    seed = Whole(1, 1, SEEDS)
    recurrent_bias = Number(1, 0, 2)
    step = Whole(STEPS, 1, STEPS)
    d = Whole(4, 1, 512)
    h = Whole(5, 1, 512)

    def __init__(self, **settings):
        super().__init__(**settings)
        rows = [{"name": n, "order": _order(c), "reset": c.reset, "update": _update(c)} for n, c in READINGS.items()]
        numbers = [{name: block.tolist() for name, block in _numbers(seed).items()} for seed in range(1, SEEDS + 1)]
        self._spec = self.bounds() | {"readings": rows, "numbers": numbers, "steps": STEPS}
        self._template = picture({name: (c, _order(c)) for name, c in READINGS.items()}, MOST_UNITS)

    @property
    def arrays(self):
        """The numbers that every convention reads: `Arrays` of three blocks each."""
        n, h = self.inputs, self.units
        blocks = _numbers(self.seed)
        W, U = blocks["W"][:, :n, :h], blocks["U"][:, :h, :h]
        b, c = blocks["b"][:, :h], self.recurrent_bias * blocks["c"][:, :h]
        return Arrays(np.concatenate(W, axis=-1), np.concatenate(U, axis=-1), b.ravel(), c.ravel())

    @property
    def x(self):
        """The input, (steps, inputs)."""
        return _numbers(self.seed)["x"][:, : self.inputs]

    @property
    def grus(self):
        """The `GRU` that computes what each reading of the arrays computes, by name."""
        return {name: interpret(name, self.arrays) for name in READINGS}

    @property
    def outputs(self):
        """The states (steps, units) of each reading, by name."""
        return {name: gru.forward(self.x[None]).h[0] for name, gru in self.grus.items()}

    @property
    def differences(self):
        """A `Pair` for every two readings, by their names: the second is to compute what the first computes."""
        grus, outputs = self.grus, self.outputs
        found = {}
        for one in READINGS:
            for other in READINGS:
                mapped = interpret(other, lay_out(other, grus[one])).forward(self.x[None]).h[0]
                raw, rest = (float(np.abs(a - outputs[one]).max()) for a in (outputs[other], mapped))
                verdict = "same" if raw < SAME else "after mapping" if rest < SAME else "never"
                found[one, other] = Pair(raw, rest, mapping(one, other, self.recurrent_bias), verdict)
        return found

    @property
    def counts(self):
        """The parameters of a layer of `h` units on `d` inputs, by kind."""
        return {
            "GRU, one bias": 3 * self.h * (self.d + self.h + 1),
            "GRU, two biases": 3 * self.h * (self.d + self.h + 2),
            "LSTM, one bias": 4 * self.h * (self.d + self.h + 1),
        }

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `values` in convention_lab.js."""
        v = {name: getattr(self, name) for name in self.settings()}
        v |= {f"unit_{u}": "yes" if u < self.units else "no" for u in range(MOST_UNITS)}
        names, outputs, pairs = list(READINGS), self.outputs, self.differences
        letters = functions({pair: p.verdict for pair, p in pairs.items()})
        for i, name in enumerate(names):
            v[f"letter_{i}"] = letters[name]
            for u in range(MOST_UNITS):
                v[f"h_{i}_{u}"] = float(outputs[name][self.step - 1, u]) if u < self.units else 0.0
            for j, other in enumerate(names):
                pair = pairs[name, other]
                v[f"raw_{i}_{j}"], v[f"mapped_{i}_{j}"] = pair.same_weights, pair.mapped
                v[f"style_{i}_{j}"] = STYLES[pair.verdict]
                changes = pair.mapping.replace(", ", " ")  # all three in one cell
                v[f"word_{i}_{j}"] = changes if pair.verdict == "after mapping" else WORDS[pair.verdict]
                arrow = "" if pair.verdict == "same" else f" → {gap(pair.mapped)}"
                v[f"gap_{i}_{j}"] = gap(pair.same_weights) + arrow
        v["title"] = f"The state h after step {self.step} of {STEPS}: the same arrays, read in seven ways"
        return v | self._counted() | {"functions": "; ".join(_groups(letters)), "count": len(set(letters.values()))}

    def _counted(self):
        d, h = self.d, self.h
        v = {"count_title": f"Counting the weights of {h} {plural('unit', h)} on {d} {plural('input', d)}"}
        for k, (blocks, biases) in enumerate(((3, 1), (3, 2), (4, 1))):
            one = d * h + h * h + biases * h
            v[f"term_{k}"] = f"{blocks} × ({d * h:,} + {h * h:,} + {biases * h:,}) = {blocks} × {one:,}"
            v[f"total_{k}"] = blocks * one
            v[f"written_{k}"] = f"{blocks * one:,}"
            v[f"share_{k}"] = blocks * one / (4 * (d * h + h * h + h))
        return v

    def summary(self):
        """The lab in words; also the alt text of its picture."""
        return sentence(self.values())

    def __repr__(self):
        return f"ConventionLab: {self.values()['count']} functions from one set of weights"


WORDS = {"same": "same", "never": "no mapping"}
STYLES = {"same": "gc-same", "after mapping": "gc-mapping", "never": "gc-never"}


def plural(word, n):
    """The word, with an s unless `n` is 1."""
    return word if n == 1 else word + "s"


def gap(value):
    """A difference as printed: 0 only if it is one by rounding alone."""
    return "0" if value < SAME else written(value) if value >= 0.0005 else "< 0.001"


def sentence(v):
    """What the lab shows, in words, from `values`."""
    return (
        f"{v['units']} {plural('unit', v['units'])} on {v['inputs']} {plural('input', v['inputs'])}: one set of "
        f"arrays makes {v['count']} different {plural('function', v['count'])}. {v['functions']}. "
        f"A layer of {v['h']} {plural('unit', v['h'])} on {v['d']} {plural('input', v['d'])} has {v['written_0']} "
        f"parameters with one bias, {v['written_1']} with two; an LSTM has {v['written_2']}."
    )


def functions(verdicts):
    """A letter for each reading: those that compute the same from the same arrays share one."""
    letters = {}
    for name in READINGS:
        like = next((other for other in letters if verdicts[other, name] == "same"), None)
        letters[name] = letters[like] if like else "ABCDEFG"[len(set(letters.values()))]
    return letters


def _groups(letters):
    for letter in sorted(set(letters.values())):
        yield f"{letter}: " + ", ".join(name for name in letters if letters[name] == letter)


def _order(convention):
    return convention.gates.replace(" ", "") or "zrh"


def _update(convention):
    return "keep" if convention.keep == "z" else "write"


def _numbers(seed):
    """The largest arrays of one seed, three blocks each, and the input; smaller ones are cut from them."""
    rng = np.random.default_rng(seed)
    n, h = MOST_INPUTS, MOST_UNITS
    shapes = {"W": (3, n, h), "U": (3, h, h), "b": (3, h), "c": (3, h), "x": (STEPS, n)}
    return {name: np.round(rng.uniform(-1.6, 1.6, shape), 2) for name, shape in shapes.items()}


def interpret(name, arrays):
    """The `GRU` that computes what the convention `name` computes from `arrays`."""
    W, U, b, c = arrays
    if name == "PyTorch":
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        return conventions.from_torch(dict(zip(names, (W.T, U.T, b, c), strict=True)))
    if name.startswith("ONNX"):
        return conventions.from_onnx(W.T[None], U.T[None], np.concatenate([b, c])[None], int(name[-1]))
    if name == "Keras after":
        return conventions.from_keras([W, U, np.stack([b, c])])
    gru = conventions.from_keras([W, U, b + c], reset_after=False)
    if name == "Chung 2014":
        gru.weights = conventions.swap_update(gru.weights)
    return gru


def lay_out(name, gru):
    """The `Arrays` in which the convention `name` holds the weights of `gru`.

    If the convention has the reset in the other place the weights are carried over as they are: the function is
    then another, save where a test says otherwise. The biases of reset="before" become input biases.
    """
    target = GRU(gru.input_size, gru.hidden_size, reset=READINGS[name].reset, seed=0)
    w = gru.weights
    for key in target.weights:
        target.weights[key] = w.get(key, np.zeros(gru.hidden_size)).copy()
    if gru.reset == "after" and target.reset == "before":
        for gate in "zrh":
            target.weights[f"b_{gate}"] += w[f"c_{gate}"]
    if name == "Chung 2014":
        target.weights = conventions.swap_update(target.weights)
    zero = np.zeros(3 * gru.hidden_size)
    if name == "PyTorch":
        W, U, b, c = conventions.to_torch(target).values()
        return Arrays(W.T, U.T, b, c)
    if name.startswith("ONNX"):
        node = conventions.to_onnx(target)
        return Arrays(node["W"][0].T, node["R"][0].T, *np.split(node["B"][0], 2))
    W, U, b = conventions.to_keras(target)
    return Arrays(W, U, *(b if name == "Keras after" else (b, zero)))


def mapping(one, other, recurrent_bias):
    """What carries the arrays of one reading over to another, in signs; "" where nothing has to change."""
    a, b = READINGS[one], READINGS[other]
    changes = ["−z"] if a.keep != b.keep else []
    changes += ["z⇄r"] if _order(a) != _order(b) else []
    changes += ["c→b"] if a.reset != b.reset and recurrent_bias else []
    return ", ".join(changes)
