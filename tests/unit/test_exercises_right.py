"""A right answer passes however it is written: loops, einsum, fused weights, single precision, lists, objects."""

import functools

import numpy as np
import pytest
from rewritten_answers import REWRITTEN

from gru_lib import exercises
from gru_lib.exercises.exercise import answer_of

CODING = [name for name in exercises.names() if exercises.exercise(name).cases is not None]


def converted(value, change):
    """`value` with `change` made to every array of floats in it."""
    if isinstance(value, dict):
        return {name: converted(one, change) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return tuple(converted(one, change) for one in value)
    return change(value) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


class Layer:
    """A solution as an object that can be called."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


class Tensor:
    """What another framework gives back: no array, but it can be made into one."""

    def __init__(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        return np.array(self.value, dtype)


FORMS = {
    "single precision": lambda f: lambda *a: converted(f(*converted(a, np.float32)), np.float32),
    "lists": lambda f: lambda *a: converted(f(*a), np.ndarray.tolist),
    "tensors": lambda f: lambda *a: converted(f(*a), Tensor),
    "an object": Layer,
    "a partial": functools.partial,
    "other memory": lambda f: lambda *a: converted(f(*converted(a, np.asfortranarray)), np.asfortranarray),
}


@pytest.mark.parametrize("name", exercises.names())
def test_the_solution_passes_and_is_explained(name):
    task = exercises.exercise(name)
    verdict = exercises.check(name, answer_of(task, task.solution))
    assert verdict, verdict.text
    assert verdict.text == f"Right. {task.explanation}"
    assert verdict.mistake is None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", CODING)
def test_a_solution_passes_in_another_form(name, form):
    task = exercises.exercise(name)
    verdict = exercises.check(name, FORMS[form](answer_of(task, task.solution)))
    assert verdict, verdict.text


@pytest.mark.parametrize(
    ("name", "code"),
    [(name, code) for name, codes in REWRITTEN.items() for code in codes],
    ids=[f"{name}-{i}" for name, codes in REWRITTEN.items() for i, _ in enumerate(codes)],
)
def test_a_right_answer_written_otherwise_passes(name, code):
    verdict = exercises.check(name, answer_of(exercises.exercise(name), code))
    assert verdict, verdict.text


def test_every_coding_exercise_is_written_anew():
    assert set(REWRITTEN) == set(CODING)
    assert min(len(set(codes)) for codes in REWRITTEN.values()) >= 5
    assert len(CODING) >= 12
