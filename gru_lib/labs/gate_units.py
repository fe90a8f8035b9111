"""The numbers of one to four units side by side: how they begin, how they are checked, and which are one unit's."""

import numpy as np
import traitlets

from gru_lib import _checks
from gru_lib.labs.base import Choice

MOST_UNITS = 4
# Four units to begin with; fewer take the upper left corner. Column j of every array belongs to unit j.
START = {
    "h_prev": [0.9, -0.6, 0.3, -0.8],
    "W_z": [[1.0, -0.8, 0.6, -1.2]],
    "W_r": [[-1.0, 0.8, 1.4, -0.5]],
    "W_h": [[-1.5, 1.2, 0.7, -0.9]],
    "U_z": [[0.5, 0.8, -0.6, 0.4], [-0.7, 0.3, 0.5, -1.0], [0.4, -0.9, 0.6, 0.2], [1.1, 0.5, -0.3, 0.8]],
    "U_r": [[1.0, -0.5, 0.9, 0.6], [0.8, 0.7, -0.4, 1.2], [-0.6, 1.1, 0.5, -0.8], [0.3, -0.7, 1.0, 0.4]],
    "U_h": [[0.5, -1.1, 0.8, 0.7], [1.3, 0.6, -0.5, 0.9], [-0.8, 1.0, 0.4, -1.2], [0.6, -0.4, 1.1, 0.5]],
    "b_z": [-0.5, 0.4, 1.0, -0.2],
    "b_r": [0.6, -0.3, 0.5, 1.0],
    "b_h": [0.0, 0.1, -0.2, 0.3],
    "c_h": [0.0, 0.0, 0.0, 0.0],
}
START_X = 0.8


def frozen(value):
    """Nested lists or an array as nested tuples of floats: a number changed in them could not be noticed."""
    return tuple(map(frozen, value)) if np.ndim(value) else float(value)


def own(name, unit):
    """Where the array `name` holds the number of unit `unit` that has a slider of its own."""
    return (unit,) if name[0] in "hbc" else (0 if name[0] == "W" else unit, unit)


def numbers(arrays, unit):
    """The numbers of one unit by name."""
    return {name: np.asarray(value)[own(name, unit)].item() for name, value in arrays.items()}


def placed(arrays, unit, changes):
    """The arrays with some numbers of one unit changed."""
    arrays = {name: np.array(value) for name, value in arrays.items()}
    for name, value in changes.items():
        arrays[name][own(name, unit)] = value
    return {name: frozen(value) for name, value in arrays.items()}


def resized(arrays, units):
    """The arrays of `units` units: units that go are the last, units that come have the numbers of `START`."""
    made = {}
    for name, start in START.items():
        start, came = np.array(start), np.asarray(arrays[name])
        full = start[..., :units] if name[0] != "U" else start[:units, :units]
        both = tuple(slice(min(a, b)) for a, b in zip(full.shape, came.shape, strict=True))
        full[both] = came[both]
        made[name] = frozen(full)
    return made


class Arrays(traitlets.Dict):
    """The arrays of all units by name: `h_prev`, `b_*`, `c_h` (units,), `W_*` (1, units), `U_*` (units, units)."""

    def __init__(self, ranges):
        super().__init__()
        self.ranges = ranges
        self.tag(sync=True)

    def default(self, obj=None):
        """One unit as it begins."""
        return resized(START, 1)

    def validate(self, obj, value):
        if not isinstance(value, dict):
            raise traitlets.TraitError(f"{self.name} must be a dict with {', '.join(START)}, not {value!r}")
        if value.keys() != START.keys():
            wrong = [f"{name!r} is missing" for name in START if name not in value]
            wrong += [f"{name!r} is unknown" for name in value if name not in START]
            raise traitlets.TraitError(f"{self.name} must hold {', '.join(START)}: {', '.join(wrong)}")
        try:
            units = len(_checks.array(f"{self.name}['h_prev']", value["h_prev"], [("units", None)], "float64"))
            if units > MOST_UNITS:
                raise ValueError(f"{self.name} must hold 1 to {MOST_UNITS} units, but h_prev has {units} numbers")
            return {name: frozen(self._checked(name, came, units)) for name, came in value.items()}
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(str(error)) from error

    def _checked(self, name, value, units):
        shape = {"W": [("input", 1), ("units", units)], "U": [("units", units), ("units", units)]}
        checked = _checks.array(f"{self.name}[{name!r}]", value, shape.get(name[0], [("units", units)]), "float64")
        low, high = self.ranges[name]
        outside = np.argwhere((checked < low) | (checked > high))
        if len(outside):
            place = tuple(int(i) for i in outside[0])
            came = f"{checked[place]:g} came at index {place}"
            raise ValueError(f"{self.name}[{name!r}] must hold numbers from {low:g} to {high:g}, but {came}")
        return checked


class Switch(Choice):
    """True or False; anything else is refused in a sentence."""

    def __init__(self):
        super().__init__(True, False)

    def validate(self, obj, value):
        if not isinstance(value, bool):
            raise traitlets.TraitError(f"{self.name} must be True or False, not {value!r}")
        return value
