"""SequenceLab: a GRU reads a sequence that the learner edits; gates and state at every step."""

import re

import numpy as np
import traitlets

from gru_lib.labs import picture
from gru_lib.labs import sequence_values as shown
from gru_lib.labs.base import Lab, join_modules, light_palette, read
from gru_lib.labs.picture import written
from gru_lib.labs.sequence_input import Place, Refused, Sequence, own_model
from gru_lib.labs.sequence_presets import presets

OWN = "your GRU"


SEQUENCE = ("sequence_values.js", "sequence_parts.js", "sequence_lab.js")


class SequenceLab(Lab):
    """A GRU reads a sequence: edit the sequence, walk through time, see every gate and the state.

    `SequenceLab()` opens a preset: `preset` is "latch", "copy", "decay", "alternating",
    "review: verdict at the end" or "review: verdict at the start".
    `SequenceLab(gru, x, labels=words, inputs=names)` shows a copy of any `GRU` of at most 4 inputs, 32 units and
    200 steps. `x` is (time, input), (1, time, input), or (time,) for one input; `labels` names the steps, `inputs`
    the inputs. It opens at the last step.
    Settings, by keyword or later as attributes, counted from 0: `step`, `unit`, and `input`, the input under edit;
    also `x`, of the same shape as before.
    Results: `gru`, `trace` (= `gru.forward` of the sequence); `z`, `r`, `candidate`, `h` and `half_life` are
    (time, hidden) arrays.
    Raises TypeError for a gru that is none or an unknown setting, ValueError for what cannot be drawn.
    """

    _esm = join_modules("gru.js", "picture.js", "controls.js", *SEQUENCE)
    _css = Lab._css + read("sequence_lab.css")
    _model = traitlets.Unicode("latch").tag(sync=True)

    x = Sequence()
    step = Place(lambda lab: len(lab._model_now["x"]) - 1)
    unit = Place(lambda lab: lab._model_now["units"] - 1)
    input = Place(lambda lab: len(lab._model_now["inputs"]) - 1)

    def __init__(self, gru=None, x=None, *, preset="latch", labels=None, inputs=None, **settings):
        for name in settings:
            if name not in self.settings():
                raise TypeError(f"SequenceLab has no setting {name!r}; it has {', '.join(self.settings())}")
        self._grus, models = {}, {}
        for name, (by_hand, sequence, names, words, step, note) in presets().items():
            self._grus[name] = by_hand
            models[name] = shown.model(by_hand, sequence, names, words, step, note)
        asked = any(given is not None for given in (gru, x, labels, inputs))
        own = own_model(gru, x, labels, inputs) if asked else None
        super().__init__()
        self._template = read("sequence_lab.svg")
        self._spec = {"models": models}
        if own:
            self._open_own(*own)
        else:
            self.preset(preset)
        for name, value in settings.items():
            setattr(self, name, value)

    @classmethod
    def settings(cls):
        """The names of what can be set, by keyword or as attributes."""
        return ["step", "unit", "input"]

    def preset(self, name):
        """Open a preset by name, with its own GRU, sequence and step; edits of the sequence before are lost."""
        models = self._spec["models"]
        if name not in models:
            raise ValueError(f"preset must be one of {', '.join(map(repr, models))}, not {name!r}")
        with self.hold_sync(), self.hold_trait_notifications():
            self._model = name
            self.x = models[name]["x"]
            self.step = models[name]["step"]
            self.unit = self.input = 0

    def load(self, gru, x, labels=None, inputs=None):
        """Show another GRU and sequence, as in `SequenceLab(gru, x, labels=..., inputs=...)`."""
        self._open_own(*own_model(gru, x, labels, inputs))

    def _open_own(self, gru, model):
        with self.hold_sync():
            self._grus = {**self._grus, OWN: gru}
            self._spec = {**self._spec, "models": {**self._spec["models"], OWN: model}}
            self.preset(OWN)

    @property
    def _model_now(self):
        return self._spec["models"][self._model]

    @traitlets.validate("_model")
    def _known(self, proposal):
        if proposal["value"] not in self._spec["models"]:
            raise Refused(f"no preset is named {proposal['value']!r}")
        return proposal["value"]

    @traitlets.validate("x")
    def _fits(self, proposal):
        x, wanted = proposal["value"], np.shape(self._model_now["x"])
        if x.shape != wanted:
            raise Refused(
                f"x must have shape {wanted} (time, input), but it has shape {x.shape}; "
                "load(gru, x) shows a sequence of another length"
            )
        limits = np.array(self._model_now["limits"])
        if (np.abs(x) > limits).any():
            t, i = (int(place) for place in np.argwhere(np.abs(x) > limits)[0])
            raise Refused(
                f"x must lie on the axes, which end at {', '.join(f'{limit:g}' for limit in limits)}, but it is "
                f"{x[t, i]:g} at index ({t}, {i}); load(gru, x) chooses the axes anew"
            )
        return x

    @traitlets.validate("step", "unit", "input")
    def _within(self, proposal):
        trait, value = proposal["trait"], proposal["value"]
        if not 0 <= value <= trait.most(self):
            raise Refused(f"{trait.name} must be from 0 to {trait.most(self)}, but {value} came")
        return value

    @property
    def gru(self):
        """A copy of the `GRU` that reads the sequence."""
        gru = self._grus[self._model]
        return gru.astype(gru.dtype)

    @property
    def trace(self):
        """What `gru.forward` gives for the sequence as it stands."""
        return self.gru.forward(self.x[None])

    @property
    def z(self):
        """The update gate at every step, (time, hidden)."""
        return self.trace.z[0]

    @property
    def r(self):
        """The reset gate at every step, (time, hidden)."""
        return self.trace.r[0]

    @property
    def candidate(self):
        """The candidate at every step, (time, hidden)."""
        return self.trace.candidate[0]

    @property
    def h(self):
        """The state after every step, (time, hidden)."""
        return self.trace.h[0]

    @property
    def half_life(self):
        """Steps until half of the old state is gone if z stayed as it is: ln(1/2) / ln(z), (time, hidden)."""
        return np.vectorize(lambda z: shown.half_life(z)[0], otypes=[float])(self.z)

    def values(self):
        """Every number and word of the picture by name, the same dictionary as `values` in sequence_values.js."""
        now = shown.Series(*(part[0] for part in (self.trace.z, self.trace.r, self.trace.candidate, self.trace.h)))
        return shown.values(self._model_now, self.x, now, self.step, self.unit, self.input)

    def summary(self):
        """The sequence and the chosen step in words; also the alt text of the picture."""
        model = self._model_now
        units = "1 unit" if model["units"] == 1 else f"{model['units']} units"
        steps = "1 step" if len(self.x) == 1 else f"{len(self.x)} steps"
        return (
            f"A GRU of {units} reads {steps} of {', '.join(model['inputs'])} ({self._model}); curves of z, r, "
            f"candidate and h. {shown.sentence(self.values())}"
        )

    def svg(self):
        """The picture as it stands now, an SVG that needs nothing around it; the same text on every run."""
        style = read("picture.css") + read("sequence_lab.css")
        for name, colour in light_palette().items():
            style = style.replace(f"var(--gru-{name})", colour)
        template = expand(self._template, {"step": range(len(self.x)), "level": range(1, shown.LEVELS + 1)})
        return picture.fill(template, self.values(), "\n" + style, self.summary())

    def __repr__(self):
        v = self.values()
        numbers = ", ".join(f"{name}={written(v[name])}" for name in shown.GATES)
        where = f"step {self.step} of {len(self.x)}, unit {self.unit} of {self._model_now['units']}"
        return f"SequenceLab ({self._model}), {where}: {numbers}"


def expand(template, ranges):
    """Write out the repeated parts: <!--repeat step-->...<!--end--> once for each step, # being its number."""
    return re.sub(
        r"<!--repeat (\w+)-->(.*?)<!--end-->",
        lambda found: "".join(found[2].replace("#", str(i)) for i in ranges[found[1]]),
        template,
        flags=re.S,
    )
