"""What SequenceLab accepts: its traits, and the learner's own GRU and sequence."""

import numpy as np
import traitlets

from gru_lib import _checks
from gru_lib.gru import GRU
from gru_lib.labs.sequence_values import model

MOST_INPUTS, MOST_UNITS, MOST_STEPS = 4, 32, 200


class Refused(traitlets.TraitError, ValueError):
    """A setting that cannot be shown; nothing has changed."""


class Place(traitlets.Int):
    """A whole number from 0 on: a step, a unit or an input. `most` tells the lab's largest one."""

    def __init__(self, most):
        super().__init__(0)
        self.most = most
        self.tag(sync=True)

    def validate(self, obj, value):
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
            raise Refused(f"{self.name} must be a whole number, not {value!r}")
        return int(value)


class Sequence(traitlets.TraitType):
    """A sequence of shape (time, input): finite numbers, read-only; Python and the browser exchange lists."""

    def __init__(self):
        super().__init__(np.zeros((1, 1)))
        self.tag(sync=True, to_json=lambda x, _: x.tolist(), from_json=lambda rows, _: rows)

    def validate(self, obj, value):
        try:
            x = rows(value, one_input=not obj._spec or len(obj._model_now["inputs"]) == 1)
            x = _checks.array("x", x, [("time", None), ("input", None)], np.dtype("float64")).copy()
        except (TypeError, ValueError) as error:
            raise Refused(str(error)) from error
        x.flags.writeable = False
        return x


def rows(x, one_input):
    """`x` as (time, input), where it came as (1, time, input), or as (time,) for one input."""
    try:
        shape = np.shape(x)
    except ValueError:
        return x  # rows of different length: the check that follows says so
    if len(shape) == 3 and shape[0] == 1:
        return np.asarray(x)[0]
    return np.asarray(x)[:, None] if len(shape) == 1 and one_input else x


def own_model(gru, x, labels, inputs):
    """A copy of the learner's GRU and the model of it; refuses what cannot be drawn."""
    if not isinstance(gru, GRU):
        raise TypeError(f"gru must be a gru_lib.GRU, not {gru!r} ({type(gru).__name__})")
    if gru.input_size > MOST_INPUTS or gru.hidden_size > MOST_UNITS:
        raise ValueError(
            f"this GRU is too large to draw: it has {gru.input_size} inputs and {gru.hidden_size} units, and the lab "
            f"shows at most {MOST_INPUTS} inputs and {MOST_UNITS} units"
        )
    if x is None:
        raise ValueError("a GRU needs a sequence to read: SequenceLab(gru, x) with x of shape (time, input)")
    x = _checks.array(
        "x", rows(x, gru.input_size == 1), [("time", None), ("input", gru.input_size)], np.dtype("float64")
    )
    if len(x) > MOST_STEPS:
        raise ValueError(f"x is too long to draw: it has {len(x)} steps, and the lab shows at most {MOST_STEPS}")
    gru = gru.astype(gru.dtype)
    for name, weight in gru.weights.items():
        if not np.isfinite(weight).all():
            raise ValueError(f"{name} of this GRU has values that are NaN or infinite")
    gru.forward(x[None])  # weights of a wrong shape are refused here
    labels = _names("labels", labels, len(x), "step")
    inputs = _names("inputs", inputs, gru.input_size, "input")
    if inputs is None:
        inputs = ["x"] if gru.input_size == 1 else [f"x{i}" for i in range(gru.input_size)]
    return gru, model(gru, x, inputs, labels, len(x) - 1, "")


def _names(what, names, count, each):
    """`names` as a list of `count` words; None stays None."""
    if names is None:
        return None
    if isinstance(names, str):
        raise TypeError(f"{what} must be a list of {count} words, one for each {each}, not one text")
    names = [str(name) for name in names]
    if len(names) != count:
        raise ValueError(f"{what} must be {count} words, one for each {each}, but {len(names)} came")
    return names
