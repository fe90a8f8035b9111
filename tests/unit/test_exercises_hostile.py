"""Nothing that a learner hands over can stop the check: every answer gets a verdict."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gru_lib import exercises

SOME = (
    "gru_step",
    "windows",
    "clip",
    "which_reset",
    "update_gate",
    "how_far",
    "which_convention",
    "latch",
    "read_a_failure",
)


def verdict_on(name, answer):
    """The first of three verdicts, all of which have to be such as can be shown."""
    exercises.forget()
    verdicts = [exercises.check(name, answer) for _ in range(3)]
    for verdict in verdicts:
        assert isinstance(verdict.right, bool)
        assert verdict.text.startswith(("Not yet", "Right."))
        assert len(repr(verdict)) < 3000
        assert "<section" in verdict._repr_html_()
        verdict.text.encode()
    return verdicts[0]


class Failing(BaseException):
    """An error that no `except Exception` catches and that cannot be shown."""

    def __str__(self):
        raise SystemExit


def fail(*_, **__):
    raise Failing


EVIL = {
    "its class fails": type("A", (), {"__class__": property(fail)})(),
    "every attribute fails": type("B", (), {"__getattribute__": fail})(),
    "__array__ fails": type("C", (), {"__array__": fail})(),
    "__array__ gives no array": type("D", (), {"__array__": lambda self, dtype=None, copy=None: self})(),
    "__array__ gives words": type("E", (), {"__array__": lambda self, dtype=None, copy=None: np.array(["a"])})(),
    "__len__ is negative": type("F", (), {"__len__": lambda self: -1, "__getitem__": lambda self, i: i})(),
    "__eq__ fails": type("G", (), {"__eq__": fail, "__hash__": None, "__bool__": fail})(),
    "__repr__ fails": type("H", (), {"__repr__": fail, "__str__": fail, "__format__": fail})(),
    "a number whose float fails": type("I", (float,), {"__float__": fail, "__eq__": fail})(3),
    "a word that fails": type("J", (str,), {"lower": fail, "split": fail, "__eq__": fail, "__hash__": fail})("da_r"),
    "a dict that fails": type("K", (dict,), {"__getitem__": fail, "__contains__": fail, "items": fail})(W_z=1),
    "a list that fails": type("L", (list,), {"__iter__": fail, "__len__": fail, "__getitem__": fail})([1, 2]),
    "an array that fails": np.zeros((3, 6)).view(
        type("M", (np.ndarray,), {"__array_function__": fail, "__array_ufunc__": fail})
    ),
    "a masked array": np.ma.masked_all((3, 6)),
    "a huge array": np.broadcast_to(np.float64(1), (10**6, 10**6)),
    "a huge range": range(10**12),
    "an endless iterator": itertools.count(),
    "a generator": (i for i in range(3)),
    "objects": np.array([object(), None], dtype=object),
    "records": np.zeros(3, dtype=[("a", int)]),
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "a wrong dtype": np.zeros((3, 6), dtype="S3"),
    "empty": np.zeros((0, 6)),
    "a huge integer": 10**400,
    "NaN": float("nan"),
    "minus infinity": -np.inf,
    "many axes": np.zeros((1,) * 32),
    "a type": int,
    "a type that fails": type("N", (), {"__init__": fail}),
    "a type whose type fails": type("O", (type,), {"__eq__": fail, "__hash__": type.__hash__})("P", (), {})(),
    "a module": sys,
    "an ellipsis": ...,
    "not implemented": NotImplemented,
    "bytes": b"\x00\xff",
    "a slice": slice(None),
    "a built-in": len,
    "a ufunc": np.add,
    "a frozen set": frozenset({1}),
    "a dict of Nones": {"A": None},
    "a surrogate": "\ud800",
}
EVIL["itself"] = [1]
EVIL["itself"].append(EVIL["itself"])
EVIL["itself, by name"] = {}
EVIL["itself, by name"]["W_z"] = EVIL["itself, by name"]
DEEP = [1.0]
for _ in range(5000):
    DEEP = [DEEP]
EVIL["deep"] = DEEP


@pytest.mark.parametrize("what", EVIL)
def test_evil_answers_get_a_verdict(what):
    for name in SOME:
        assert not verdict_on(name, EVIL[what]) or what == "a word that fails"


@pytest.mark.parametrize("what", EVIL)
def test_evil_things_that_a_function_returns_get_a_verdict(what):
    for name in ("gru_step", "windows", "clip", "which_reset", "share_above"):
        assert not verdict_on(name, lambda *_: EVIL[what])


async def promised(x_t, h_prev, w):
    return h_prev


def generated(x_t, h_prev, w):
    yield h_prev


def endless(*arguments):
    return endless(*arguments)


def closes_its_output(x_t, h_prev, w):
    sys.stdout.close()
    return h_prev


def replaces_its_output(x_t, h_prev, w):
    sys.stdout = None
    return h_prev


def spoils_its_arguments(x_t, h_prev, w):
    w.clear()
    w[EVIL["__eq__ fails"].__class__] = EVIL["its class fails"]
    w["W_z"] = EVIL["itself"]
    x_t.resize((0,), refcheck=False)
    return x_t


def too_much(x_t, h_prev, w):
    return np.zeros(10**15)


FUNCTIONS = {
    "async": promised,
    "a generator function": generated,
    "endless recursion": endless,
    "closes its output": closes_its_output,
    "replaces its output": replaces_its_output,
    "spoils its arguments": spoils_its_arguments,
    "wants more memory than there is": too_much,
    "fails unshowably": fail,
    "leaves": sys.exit,
    "keywords alone": lambda *, x: x,
    "a signature that fails": type("Q", (), {"__signature__": property(fail), "__call__": lambda self, *a: a[0]})(),
    "a signature that is none": type("R", (), {"__signature__": 3, "__call__": lambda self, *a: a[0]})(),
    "prints what cannot be sent": lambda x_t, h_prev, w: print("\ud800"),
    "prints without end": lambda x_t, h_prev, w: print("x" * 10**6),
    "gives itself": lambda *_: FUNCTIONS["gives itself"],
    "raises warnings": lambda x_t, h_prev, w: np.exp(h_prev * 1e6) - np.exp(h_prev * 1e6),
}


@pytest.mark.parametrize("what", FUNCTIONS)
def test_evil_functions_get_a_verdict(what, capsys):
    stdout = sys.stdout
    verdict = verdict_on("gru_step", FUNCTIONS[what])
    assert not verdict
    assert verdict.attempt
    assert sys.stdout is stdout
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary()
    | st.sampled_from([len, object(), int, ..., np.float32(3), np.zeros((3, 6)), np.zeros((3, 6, 1), dtype="int8")]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["A", "B", "C", "W", "b", "W_z", "b_z"]) | st.text(), inner, max_size=4)
        | st.builds(lambda value: lambda *_: value, inner)
        | st.builds(iter, st.lists(inner))
    ),
    max_leaves=8,
)


@given(st.sampled_from(SOME), ANYTHING)
@settings(max_examples=80, deadline=None)
def test_any_answer_gets_a_verdict(name, answer):
    verdict_on(name, answer)


@given(st.sampled_from(["gru_step", "windows", "clip", "which_reset", "skill"]), ANYTHING)
@settings(max_examples=80, deadline=None)
def test_anything_that_a_function_returns_gets_a_verdict(name, value):
    verdict_on(name, lambda *_: value)
