"""Checks of what comes in. Each error says what was wrong, what came and what was expected."""

import numpy as np

FLOATS = ("float32", "float64")


class DataError(ValueError):
    """Something is wrong with data. Attributes: `file`, `row` (line in the file, from 1), `column`, `came`, `expected`."""

    def __init__(self, what, *, file=None, row=None, column=None, came=None, expected=None):
        self.file, self.row, self.column, self.came, self.expected = file, row, column, came, expected
        place = [str(file)] if file is not None else []
        place += [f"row {row}"] if row is not None else []
        place += [f"column {column}"] if column is not None else []
        text = ", ".join(place) + ": " + what if place else what
        if came is not None:
            text += f"; came {came[:77] + '...' if isinstance(came, str) and len(came) > 80 else came!r}"
        if expected is not None:
            text += f"; expected {expected}"
        super().__init__(text)


def size(name, value):
    """Return `value` as an int of at least 1. Raises TypeError (not an integer) or ValueError (below 1)."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer of at least 1, not {value!r} ({type(value).__name__})")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}")
    return int(value)


def float_dtype(dtype):
    """Return `dtype` as a NumPy dtype. Raises ValueError unless it is float32 or float64."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found is None or found.name not in FLOATS:
        raise ValueError(f"dtype must be 'float32' or 'float64', not {dtype!r}")
    return found


def choice(name, value, allowed):
    """Return `value`. Raises ValueError unless it is one of `allowed`."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be {' or '.join(map(repr, allowed))}, not {value!r}")
    return value


def array(name, value, shape, dtype):
    """Return `value` as a finite array of `dtype`.

    `shape` lists, for each axis, its meaning and its length (None: any length of at least 1), for example
    `[("batch", None), ("time", None), ("input", 3)]`.
    Raises TypeError if the values are not real numbers, ValueError if the rank or a length is wrong or if
    a value is NaN or infinite; the message gives the shape that came and the one expected.
    """
    expected = "(" + ", ".join(what if n is None else f"{what}={n}" for what, n in shape) + ")"
    try:
        came = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of shape {expected}, but its rows differ in length") from error
    if came.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers, not values of dtype {came.dtype}; expected shape {expected}")
    if came.ndim != len(shape):
        raise ValueError(f"{name} must have {len(shape)} axes {expected}, but it has {came.ndim}: shape {came.shape}")
    for axis, (what, length) in enumerate(shape):
        if length is not None and came.shape[axis] != length:
            raise ValueError(
                f"{name} must have shape {expected}, but it has shape {came.shape}: "
                f"axis {axis} ({what}) is {came.shape[axis]}, not {length}"
            )
        if came.shape[axis] < 1:
            raise ValueError(f"{name} is empty: shape {came.shape}, axis {axis} ({what}) must be at least 1")
    finite = np.isfinite(came)
    if not finite.all():
        first = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(
            f"{name} has {int((~finite).sum())} values that are NaN or infinite; the first is "
            f"{came[first]} at index {first}; expected finite numbers"
        )
    with np.errstate(over="ignore"):
        cast = came.astype(dtype, copy=False)
    if cast is not came and not np.isfinite(cast).all():
        raise ValueError(f"{name} has values too large for {np.dtype(dtype).name}")
    return cast


def mask(value, batch, time):
    """Return a boolean mask of shape (batch, time). Raises TypeError (not boolean) or ValueError (shape)."""
    try:
        came = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"mask must have shape (batch={batch}, time={time}), but its rows differ in length") from error
    if came.dtype != bool:
        raise TypeError(f"mask must be boolean (True: the step counts), not of dtype {came.dtype}")
    if came.shape != (batch, time):
        raise ValueError(f"mask must have shape (batch={batch}, time={time}), but it has shape {came.shape}")
    return came
