"""Where an answer differs from the right one first, and what is expected there: a range that does not hold it."""

from decimal import ROUND_FLOOR, Decimal

import numpy as np

from gru_lib.exercises import answers, running
from gru_lib.exercises.words import folded, number_word, part_names

SHORT = 60  # characters: a call with longer arguments is not shown
MOST = 12  # elements of an array that is shown


def first_difference(part, c, r, within, call):
    """A sentence on the first element of one part that is wrong.

    `c` and `r` are what came and what is right, two arrays or two words; `call` is the call as `written`, "" if its
    arguments are too long to be shown, None if the answer is a value and not what a function gave.
    """
    name = part_names([part])
    what = name or ("it" if call is None else "the answer")
    if isinstance(r, str):
        word = running.clean(repr(c), SHORT)
        return f"{call} gives {word}, which is not right." if call else _upper(f"{what} is not {word}.", name)
    if c.shape != r.shape:
        came, wanted = _shape(c), "one number" if r.ndim == 0 else f"an array of shape {r.shape}"
        return (
            f"{call}: {what} is {came}; expected is {wanted}."
            if call
            else _upper(f"{what} is {came}; expected is {wanted}.", name)
        )
    index = tuple(np.argwhere(answers.wrong_elements(c, r, within))[0].tolist())
    came, expected = c[index], r[index]
    if call is None and not index:
        return _upper(f"{what} is too {'large' if came > expected else 'small'}.", name)
    low, high = limits(came, expected)
    wanted = f"expected is {low if low == high else f'a number from {low} to {high}'}"
    shown = beside(came, low, high)
    if call and not name and not index:
        return f"{call} gives {shown}; {wanted}."
    place = f"at index {index if len(index) > 1 else index[0]} " if index else ""
    text = f"{place}{what} is {shown}; {wanted}."
    return f"{call}: {text}" if call else _upper(text, name if not index else "")


def foreign_word(c_parts, exercise_words):
    """A sentence on the first word that is none of those that count, or None. `exercise_words`: their `vocabulary`."""
    known = {folded(word) for word in exercise_words}
    for c in c_parts.values():
        if isinstance(c, str) and folded(c) not in known:
            listed = ", ".join(exercise_words)
            return f"{running.clean(repr(c), SHORT)} is none of the {number_word(len(known))}: {listed}."
    return None


def _upper(text, name):
    """With a capital, unless it begins with the name of a part: that is written as it is."""
    return text if name and not name.startswith("element ") else text[:1].upper() + text[1:]


def _shape(c):
    return "one number" if c.ndim == 0 else f"an array of shape {c.shape}"


def limits(came, expected):
    """Two numbers, as text, between which the right one lies and the wrong one does not; of an integer itself twice.

    They are as wide as the second digit of the right number, or narrower if what came lies between them.
    """
    if expected.dtype.kind in "biu" or not np.isfinite(expected):
        return (str(expected),) * 2
    exact, came = Decimal(float(expected)), Decimal(repr(float(came)))
    last = max(exact.adjusted() - 1 if exact else -1, -6)
    while True:
        unit = Decimal(1).scaleb(last)
        low = exact.quantize(unit, ROUND_FLOOR)
        if not came.is_finite() or not low <= came <= low + unit or last < -20:
            return f"{low:f}", f"{low + unit:f}"
        last -= 1


def beside(came, low, high):
    """A wrong number as text, with as many digits as show that it does not lie between the limits."""
    if came.dtype.kind in "biu":
        return str(came)
    came, low, high = float(came), float(low), float(high)
    for digits in range(6, 17):
        text = f"{came:.{digits}g}"
        if not np.isfinite(came) or (float(text) < low if came < low else float(text) > high):
            return text
    return repr(came)


def written(name, arguments):
    """The call as one would write it, or "" if its arguments are too long for that."""
    try:
        call = f"{name}({', '.join(map(_literal, arguments))})"
    except TypeError:
        return ""
    return call if len(call) <= len(name) + SHORT else ""


def _literal(value):
    """A number, a word, or a short array, list, tuple or dict of them, as code; TypeError for anything else."""
    if isinstance(value, np.ndarray) and value.size <= MOST:
        return f"np.array({value.tolist()})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, bool | int | float | str):
        return repr(value.item() if isinstance(value, np.generic) else value)
    raise TypeError(f"no short way to write a {type(value).__name__}")
