"""What a check says of a wrong answer is true of it: no mistake is named that was not made."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gru_lib import exercises
from gru_lib.exercises import differing
from gru_lib.exercises.examining import examine
from gru_lib.exercises.exercise import Exercise
from gru_lib.exercises.lesson_01 import steps_until
from gru_lib.exercises.words import vocabulary


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


@pytest.mark.parametrize(
    ("made", "mistake"),
    [
        (lambda a, b: {"W": -a, "b": b}, "sign"),
        (lambda a, b: {"W": 2 * a, "b": 2 * b}, "factor"),
        (lambda a, b: {"W": a + 1, "b": b}, "offset"),
        (lambda a, b: {"W": a[::-1], "b": b}, "backwards"),
        (lambda a, b: {"W": 1 - a, "b": b}, "1 - the answer"),
        (lambda a, b: {"W": a * len(a), "b": b}, "sum instead of mean"),
        (lambda a, b: {"W": a / len(a), "b": b}, "mean instead of sum"),
        (lambda a, b: {"W": b, "b": b}, "an argument given back"),
    ],
)
def test_what_is_said_of_every_number_holds_in_every_call(made, mistake):
    rng = np.random.default_rng(0)
    cases = [(rng.normal(size=(3, 1)), rng.normal(size=(3, 1))) for _ in range(3)]
    task = task_of(lambda a, b: {"W": a, "b": b}, cases)
    finding = examine(task, made)
    assert finding.name == mistake
    assert ("Right already: b." in finding.says) == (mistake != "factor")

    def in_one_call(a, b):
        return made(a, b) if np.array_equal(a, cases[1][0]) else {"W": a, "b": b}

    assert examine(task, in_one_call).name is None


def test_a_factor_leaves_no_number_out():
    task = task_of(lambda a: a, [(np.array([1.0, 2.0, 0.0, 4.0]),)])
    assert examine(task, lambda a: 3 * a).says == "Every number is the right one times 3."
    assert examine(task, lambda a: 3 * a + (a == 0)).name is None


# Where it differs


def test_the_call_that_went_wrong_is_written_out():
    rounds = lambda u, share: int(np.round(np.log(share) / np.log(abs(u))))  # noqa: E731
    verdict = exercises.check("steps_until", rounds)
    assert verdict.text == "Not yet. my_steps(0.5, 0.25) gives 2; expected is 3."
    assert verdict.mistake is None
    for_negative = lambda u, share: 90 if u == 0.95 else np.log(share) / np.log(u)  # noqa: E731
    assert exercises.check("steps_until", lambda u, share: for_negative(u, share)).mistake is None
    only_negative = lambda u, share: steps_until(u, share) - (u < 0)  # noqa: E731
    assert exercises.check("steps_until", only_negative).text.startswith("Not yet. my_steps(-0.8, 0.1) gives 10; exp")
    fails = lambda u, share: steps_until(u, share) * float(np.sqrt(u) > 0) if u > 0 else np.sqrt(u)  # noqa: E731
    assert exercises.check("steps_until", fails).text.startswith(
        "Not yet. There is a NaN or an infinity in the answer to my_steps(-0.8, 0.1)."
    )
    raises = lambda u, share: steps_until(u, share) if u > 0 else 1 // 0  # noqa: E731
    assert "It was called as my_steps(-0.8, 0.1)." in exercises.check("steps_until", raises).text


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ((-0.8, 3, True, "GRU"), "f(-0.8, 3, True, 'GRU')"),
        ((np.float64(0.5), np.array([1, 2])), "f(0.5, np.array([1, 2]))"),
        (([[1, 2], []], {"a": np.array([0.5])}), "f([[1, 2], []], {'a': np.array([0.5])})"),
        ((np.arange(20),), ""),
        (("x" * 70,), ""),
        ((object(),), ""),
    ],
)
def test_a_short_call_is_written_as_one_would_write_it(arguments, call):
    assert differing.written("f", arguments) == call


NUMBERS = (
    st.floats(-1e6, 1e6) | st.floats(-1, 1) | st.floats(-1e-3, 1e-3) | st.sampled_from([0.0, 0.5, -1.5, 0.3, 90.0])
)
WITHIN = 1e-5


@given(NUMBERS, st.floats(1.01, 1e7), st.sampled_from([-1, 1]))
@example(0.0, 10.0, 1)
@settings(deadline=None)
def test_the_range_holds_the_right_number_and_not_the_wrong_one(right, times, sign):
    wrong = right + sign * times * WITHIN * max(1, abs(right))
    says = differing.first_difference("", np.array(wrong), np.array(right), WITHIN, "")
    found = re.fullmatch(r"The answer is (\S+); expected is a number from (\S+) to (\S+)\.", says)
    came, low, high = map(float, found.groups())
    assert low <= right <= high
    assert came > high if wrong > right else came < low
    assert came == pytest.approx(wrong, rel=1e-5, abs=1e-12)
    assert high - low <= max(abs(right) / 9, 1.1e-1 if right == 0 else 1.1e-6)


@given(st.integers(-(10**9), 10**9), st.integers(1, 100) | st.floats(1e-4, 1e4))
def test_a_wrong_whole_number_is_not_shown_as_the_right_one(right, more):
    says = differing.first_difference("", np.array(right + more), np.array(right), WITHIN, "f(1)")
    came, wanted = re.fullmatch(r"f\(1\) gives (\S+); expected is (\S+)\.", says).groups()
    assert wanted == str(right)
    assert float(came) > right
    assert float(came) == pytest.approx(right + more, rel=1e-5)


# Words


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        (
            "which_convention",
            {"A": "write", "B": "keeps", "C": "cannot tell"},
            "'write' is none of the three: keeps, writes, cannot tell. Right already: B, C.",
        ),
        (
            "order_of_curves",
            ["GRU 0", "RNN", "GRU 2", "GRU 4"],
            "'RNN' is none of the four: plain RNN, GRU 0, GRU 2, GRU 4. Right already: elements 0, 2, 3.",
        ),
        ("order_of_curves", "RNN", "A list of four names is expected, not a string."),
        ("order_of_curves", ["RNN"], "A list of four names is expected, but 1 came."),
        (
            "order_of_curves",
            ["GRU 0", "GRU 2", "GRU 4", "GRU 4"],
            "Element 1 is not 'GRU 2'. Right already: elements 0, 3.",
        ),
        ("read_a_failure", "dr", "'dr' is none of the four: da_z, da_h, da_r, du."),
        ("read_a_failure", " DR x", "'DR x' is none of the four: da_z, da_h, da_r, du."),
        ("which_reset", lambda h_prev, r, U, past: "befor", "'befor' is none of the two: before, after."),
        (
            "verdict",
            lambda low, high: "no",
            "my_verdict(0.7, 0.9): 'no' is none of the three: holds, does not hold, not shown.",
        ),
        ("how_far", 0.5, "Two numbers, left, z, are expected, not a float."),
        ("windows", lambda series, window, horizon: series, "Two arrays, X, y, are expected, but one array came."),
    ],
)
def test_what_words_there_are_is_said_where_one_is_none_of_them(name, answer, says):
    assert exercises.check(name, answer).text == f"Not yet. {says}"


def test_the_words_stand_in_the_order_of_the_task_and_not_of_the_answer():
    for name in exercises.names():
        task = exercises.exercise(name)
        words = vocabulary(task) if task.judge is None else []
        assert [word for word in words if f'"{word}"' not in task.prompt] == []
        assert words == sorted(words, key=task.prompt.index)
        assert not words or task.cases or words != list(task.right)


# What came instead


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("update_gate", [0.73], "One number is expected, not a list or array of one."),
        ("update_gate", np.array([[0.73]]), "One number is expected, not a list or array of one."),
        ("update_gate", [0.5], "It is an array of shape (1,); expected is one number."),
        ("update_gate", {0.73}, "The answer is a set, where one number is expected."),
        ("how_far", (0.12, [0.97]), "One number is expected, not a list or array of one. Right already: left."),
        (
            "half_life_bias",
            lambda steps: [1, steps],
            "my_bias(20): the answer is an array of shape (2,); expected is one number.",
        ),
        ("which_reset", lambda h_prev, r, U, past: past, "The answer is an array, where a word in quotes is expected."),
        (
            "clip",
            lambda grads, max_norm: grads["W"],
            "A dict is expected, with the names W, b, not an array.",
        ),
    ],
)
def test_what_came_is_said_in_plain_words(name, answer, says):
    assert exercises.check(name, answer).text == f"Not yet. {says}"


def test_an_argument_given_back_is_named():
    verdict = exercises.check("gru_step", lambda x_t, h_prev, w: h_prev)
    assert verdict.text == "Not yet. What comes back is the argument h_prev, as it came in."
    right = exercises.exercise("bptt").right
    verdict = exercises.check("bptt", lambda x, h0, dh, w: right(x, h0, dh, w) | {"g": dh})
    assert verdict.text.startswith("Not yet. g is the argument dh, as it came in. Right already: W_z, ")
    verdict = exercises.check("bptt", lambda x, h0, dh, w: right(x, h0, dh, w) | {"g": dh, "x": x})
    assert verdict.text.startswith("Not yet. x is the argument x; g is the argument dh, as they came in.")


def test_zeros_are_no_argument_given_back():
    task = task_of(lambda a, h0: a, [(np.arange(3.0), np.zeros(3))])
    assert examine(task, lambda a, h0: np.zeros(3)).name is None


@pytest.mark.parametrize(
    ("name", "answer"), [("one_step_by_hand", -0.331), ("where_it_ends", -1), ("steps_until", None)]
)
def test_the_other_sign_of_a_number_is_said_of_one_number(name, answer):
    if name == "steps_until":
        answer = lambda u, share: -steps_until(u, share)  # noqa: E731
    verdict = exercises.check(name, answer)
    assert (verdict.text == "Not yet. It is the right number with the other sign.") == (name != "where_it_ends")


def test_the_rows_of_one_array_are_not_counted_as_answers():
    says = exercises.check("adam", lambda w, g, m, v, t, rate: w).text
    assert says == "Not yet. Three arrays, w, m, v, are expected, but one array came."
    exercises.forget()
    says = exercises.check("adam", lambda w, g, m, v, t, rate: (w, m)).text
    assert says == "Not yet. Three arrays, w, m, v, are expected, but 2 came."
