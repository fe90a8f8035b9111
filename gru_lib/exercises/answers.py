"""Read what came back: numbers, arrays, words, tuples or dicts of them, in whatever form, beside the right answer."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from gru_lib.exercises import running
from gru_lib.exercises.words import folded, kind, number_word


class Problem(NamedTuple):
    """An answer that cannot be compared: the name of the mistake, and a sentence."""

    name: str
    says: str


class _Unreadable(Exception):
    """Carries a Problem out of the depths of an answer."""


def parts(right):
    """The right answer as a dict from the name of a part ("" if there is only one) to an array or a string."""
    if isinstance(right, Mapping):
        return {str(name): _own(value) for name, value in right.items()}
    if isinstance(right, tuple | list):
        names = getattr(right, "_fields", None) or range(len(right))
        return {str(name): _own(value) for name, value in zip(names, right, strict=True)}
    return {"": _own(right)}


def _own(value):
    return value if isinstance(value, str) else np.asarray(value)


def read(value, right):
    """What the learner answered, as `parts(right)` has it. Returns (parts, None) or (None, `Problem`); never raises."""
    read_parts, error = running.guarded(_read, value, right)
    if error is not None:
        kind, _ = running.guarded(lambda: type(value).__name__)
        return None, Problem(
            "unreadable", f"the answer, of type {kind}, cannot be read: it fails when it is looked at."
        )
    return read_parts


def _read(value, right):
    try:
        return _parts_of(value, right), None
    except _Unreadable as found:
        return None, found.args[0]


def _parts_of(value, right):
    wanted = parts(right)
    if isinstance(right, Mapping):
        if not isinstance(value, Mapping):
            _fail("not a dict", f"a dict is expected, with the names {_list(wanted)}, not {kind(value)}.")
        if absent := [name for name in wanted if name not in value]:
            _fail("names missing", f"the dict lacks {_list(absent)}.")
        return {name: _leaf(value[name], wanted[name], name) for name in wanted}
    if isinstance(right, tuple | list):
        if not isinstance(value, tuple | list | np.ndarray) or (isinstance(value, np.ndarray) and value.ndim == 0):
            _fail("not a tuple", f"{_several(wanted)} expected, not {kind(value)}.")
        if len(value) != len(wanted):
            came = "one array" if isinstance(value, np.ndarray) else len(value)  # its rows are no answers
            _fail("wrong number", f"{_several(wanted)} expected, but {came} came.")
        return {name: _leaf(one, wanted[name], name) for name, one in zip(wanted, value, strict=True)}
    return {"": _leaf(value, wanted[""], "")}


def _leaf(value, like, name):
    what = f"{name} " if name else "the answer "
    if isinstance(like, str):
        if not isinstance(value, str):
            _fail("not a word", f"{what}is {kind(value)}, where a word in quotes is expected.")
        return " ".join(str.split(value))
    if value is None:
        _fail("nothing", f"{what}is None.")
    if isinstance(value, str | bytes):
        _fail("not a number", f"{what}is text, where {_shape_words(like)} is expected.")
    if isinstance(value, Iterator):
        _fail("a generator", f"{what}is {kind(value)}, which has computed nothing yet; collect what it gives.")
    if callable(value) and not hasattr(value, "__array__"):
        _fail("a function", f"{what}is a function: what it gives is expected, so it has to be called.")
    if isinstance(value, Mapping | set | frozenset):
        _fail("not an array", f"{what}is {kind(value)}, where {_shape_words(like)} is expected.")
    if isinstance(value, range) and len(value) > 10 * like.size + 1000:
        _fail("shape", f"{what}has {len(value)} elements, where {_shape_words(like)} is expected.")
    try:
        came = np.asarray(value)
    except ValueError:
        _fail("ragged", f"{what}has rows of different lengths, where {_shape_words(like)} is expected.")
    if came.dtype.kind == "O" and came.size <= 10 * like.size + 1000:
        came = came.astype(np.float64)  # fractions, tensors of one number; what is no number fails and is caught
    if came.dtype.kind not in "biuf":
        _fail("not a number", f"{what}holds values of dtype {came.dtype}, where numbers are expected.")
    return came


def _fail(name, says):
    raise _Unreadable(Problem(name, says))


def _list(names):
    return ", ".join(str(name) for name in names)


def _several(wanted):
    """A list of four names is; two arrays, X, y, are."""
    kinds = {"names" if isinstance(one, str) else "arrays" if one.ndim else "numbers" for one in wanted.values()}
    things = kinds.pop() if len(kinds) == 1 else "things"
    count = f"{number_word(len(wanted))} {things}"
    return f"a list of {count} is" if all(name.isdigit() for name in wanted) else f"{count}, {_list(wanted)}, are"


def _shape_words(like):
    return "one number" if like.ndim == 0 else f"an array of shape {like.shape}"


def agree(came, right, within):
    """Whether two answers, as dicts of parts, are the same: other numbers than integers `within`."""
    return all(agree_part(came[name], right[name], within) for name in right)


def agree_part(came, right, within):
    """Whether one part is right."""
    if isinstance(right, str) or isinstance(came, str):
        return isinstance(right, str) and isinstance(came, str) and folded(came) == folded(right)
    return came.shape == right.shape and bool(np.all(wrong_elements(came, right, within) == 0))


def wrong_elements(came, right, within):
    """A boolean array: where `came` differs from `right`. Their shapes are equal."""
    if right.dtype.kind in "biu":
        return came != right
    with np.errstate(all="ignore"):
        came = came.astype(np.float64)
        return ~(np.abs(came - right) <= within * np.maximum(1, np.abs(right)))
