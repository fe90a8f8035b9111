"""What a check says of a wrong answer is true of it: no mistake is named that was not made."""

import numpy as np
import pytest

from gru_lib import exercises
from gru_lib.exercises.examining import examine
from gru_lib.exercises.exercise import Exercise


@pytest.fixture(autouse=True)
def _fresh():
    exercises.forget()


# A part that is right


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (0.13, "left is too large."),
        (0.35, "left is too large."),
        (18, "left is too large."),
    ],
)
def test_a_right_part_near_a_mistake_is_right(left, says):
    verdict = exercises.check("how_far", (left, 0.97))
    assert verdict.text == f"Not yet. {says} Right already: z."
    assert verdict.mistake is None


def test_a_mistake_in_one_part_is_named_beside_any_other_part():
    assert exercises.check("how_far", (0.88, 0.97)).mistake == "lost for left"
    assert exercises.check("how_far", (0.12, 0.975)).mistake == "subtracted"
    assert exercises.check("how_far", (18, 0.975)).mistake == "subtracted"
    assert exercises.check("four_paths", (0.9, 0.045, 0, 0.1)).mistake == "g forgotten"  # its 0 is right


# Mistakes that can be made anywhere, and were not made here


def task_of(right, cases):
    """An exercise that asks for the function `right`, without mistakes of its own."""
    texts = dict.fromkeys(("prompt", "solution", "explanation", "hint"), "x")
    return Exercise("own", 1, "write", "my_own", start="my_own = None", right=right, cases=lambda: cases, **texts)


def test_a_typed_0_is_no_lost_fraction():
    for answer in ((1.8, 0.09, 0, 0), (1.8, 0, 0, 0.2), (0, 0, 0, 0)):
        assert exercises.check("four_paths", answer).mistake is None
    assert exercises.check("update_gate", 0).text == "Not yet. It is too small."
    assert exercises.check("how_far", (0, 0.97)).mistake is None
    assert exercises.check("four_paths", (1, 0, 0, 0)).mistake == "integers"
    assert exercises.check("last_value_error", 2).mistake == "integers"


def test_a_fraction_lost_in_one_part_alone_is_not_lost_in_all():
    right = lambda n: {"whole": n, "half": n / 4, "third": n / 3}  # noqa: E731
    task = task_of(right, [(5,), (7,)])
    assert examine(task, lambda n: right(n) | {"half": n // 4}).name is None
    assert examine(task, lambda n: right(n) | {"half": n // 4, "third": n // 3}).name == "integers"


def test_a_buffer_of_integers_loses_every_fraction_and_zeros_lose_none():
    h = np.array([[0.25, -0.5], [0.75, 0.5]])
    task = task_of(lambda x: x / 4, [(4 * h,)])
    assert examine(task, lambda x: np.zeros(x.shape, dtype=int)).name == "integers"
    assert examine(task, lambda x: np.zeros(x.shape)).name is None


def test_rounding_is_the_same_for_all_numbers():
    assert exercises.check("how_far", (0.1, 0.97)).text == "Not yet. left is too small. Right already: z."
    assert exercises.check("how_far", (0.1, 1.0)).mistake == "rounded"
    verdict = exercises.check("update_gate", 0.7)
    assert verdict.text == "Not yet. Right as far as it goes, but rounded too far: give two digits after the point."
