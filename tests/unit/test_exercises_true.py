"""What a check says of a wrong answer is true of it: no mistake is named that was not made."""

import pytest

from gru_lib import exercises


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
