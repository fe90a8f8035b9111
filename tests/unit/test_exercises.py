"""`check` and its verdicts: starts, hints, errors, changed arguments, mistakes of any exercise, and the bank as data."""

import ast
import gc
import linecache
import re
import signal
import subprocess
import sys
import weakref
from html.parser import HTMLParser

import numpy as np
import pytest

from gru_lib import GRU, conventions, exercises, gradients
from gru_lib.exercises import lesson_09, loops, passes, running, unit
from gru_lib.exercises.exercise import KINDS, Exercise, Mistake, answer_of
from gru_lib.exercises.verdicts import Verdict

NAMES = exercises.names()


@pytest.fixture(autouse=True)
def _fresh():
    exercises.forget()


def solution(name):
    """The right answer to an exercise, from its own solution."""
    task = exercises.exercise(name)
    return answer_of(task, task.solution)


def changed(name, change):
    """The right function, with `change` made to what it returns."""
    right = solution(name)
    return lambda *arguments: change(right(*arguments))


class Cell:
    """Runs code as a notebook cell does: as a file of its own whose lines can be looked up."""

    def __init__(self):
        self.names = {"np": np}

    def __call__(self, code):
        file = "ipykernel_1/cell.py"
        linecache.cache[file] = len(code), None, code.splitlines(keepends=True), file
        exec(compile(code, file, "exec"), self.names)
        return self.names


# The bank as data


def test_there_are_exercises_of_every_lesson_and_kind():
    assert len(NAMES) == len(set(NAMES)) >= 30
    counts = [len(exercises.names(lesson)) for lesson in range(10)]
    assert sum(counts) == len(NAMES)
    assert counts[0] >= 1
    assert min(counts[1:]) >= 3
    tasks = [exercises.exercise(name) for name in NAMES]
    assert {task.kind for task in tasks} == set(KINDS)
    assert [task.lesson for task in tasks] == sorted(task.lesson for task in tasks)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_notebook_shows_is_whole(name):
    task = exercises.exercise(name)
    assert task.name == name
    assert re.match(r"\*\*(Your turn|Predict)\.\*\* ", task.prompt)
    assert task.variable.startswith("my_")
    assert 20 < len(task.explanation) < 200
    assert 20 < len(task.hint) < 200
    assert len(task.mistakes) >= 2
    assert task.call == f'exercises.check("{name}", {task.variable})'
    for code in (task.start, task.solution):
        ast.parse(code)
        assert task.variable in code
        assert max(map(len, code.splitlines())) <= 100
        assert code == code.strip()
    if task.cases is not None:
        assert f"def {task.variable}({', '.join(task.parameters)}" in task.start


@pytest.mark.parametrize("name", NAMES)
def test_the_start_is_not_yet_an_answer_and_uses_up_no_hint(name):
    task = exercises.exercise(name)
    for _ in range(4):
        verdict = exercises.check(name, answer_of(task, task.start))
        assert not verdict.right
        assert verdict.text.startswith("Not yet: ")
        assert not verdict.attempt
        assert verdict.solution is None
        assert verdict.mistake is None


@pytest.mark.parametrize("name", [name for name in NAMES if exercises.exercise(name).cases])
def test_no_two_mistakes_of_an_exercise_look_alike_and_none_is_right(name):
    task = exercises.exercise(name)
    for mistake in task.mistakes:
        verdict = exercises.check(name, mistake.answer)
        assert verdict.mistake == mistake.name
        assert not verdict


def test_the_reference_does_not_look_at_the_learners_names():
    cell = Cell()
    names = cell("def sigmoid(a):\n    return a\n\ndef gru_step(x_t, h_prev, w):\n    return h_prev\n")
    assert exercises.check("gru_forward", solution("gru_forward"))
    names["np"] = None
    assert exercises.check("gru_step", solution("gru_step"))


def test_nothing_heavy_is_loaded():
    code = (
        "import sys; from gru_lib import exercises\n"
        "[exercises.check(name, exercises.exercise(name).untouched) for name in exercises.names()]\n"
        "print([name for name in ('tensorflow', 'keras', 'pandas', 'scipy', 'matplotlib', 'IPython') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


# The formulas behind the bank, beside the library's


@pytest.mark.parametrize("reset", ["after", "before"])
def test_the_unit_and_its_way_back_are_the_librarys(reset):
    gru = GRU(2, 4, reset=reset)
    gru.weights = w = unit.weights(2, 4, 5, "WUbc" if reset == "after" else "WUb")
    rng = np.random.default_rng(1)
    x, h0, dh = rng.normal(size=(3, 1, 2)), rng.uniform(-1, 1, (3, 4)), rng.normal(size=(3, 1, 4))
    np.testing.assert_allclose(unit.step(x[:, 0], h0, w, reset=reset), gru.step(x[:, 0], h0).h, atol=1e-14)
    theirs = gru.backward(gru.forward(x, h0), dh)
    mine = passes.backward(dh[:, 0], x[:, 0], h0, passes.forward(x[:, 0], h0, w, reset), w, reset=reset)
    for name, value in {**theirs.weights, "x_t": theirs.x[:, 0], "h_prev": theirs.h0}.items():
        np.testing.assert_allclose(mine[name], value, atol=1e-13, err_msg=name)


def test_the_loops_are_the_librarys():
    gru = GRU(3, 4)
    gru.weights = w = unit.weights(3, 4, 2)
    rng = np.random.default_rng(3)
    x, h0, dh = rng.normal(size=(2, 6, 3)), rng.uniform(-1, 1, (2, 4)), rng.normal(size=(2, 6, 4))
    mask = rng.random((2, 6)) < 0.5
    np.testing.assert_allclose(unit.loop(x, h0, w, mask=mask), gru.forward(x, h0, mask).h, atol=1e-13)
    theirs, mine = gru.backward(gru.forward(x, h0), dh), loops.through_time(x, h0, dh, w)
    for name, value in {**theirs.weights, "x": theirs.x, "h0": theirs.h0}.items():
        np.testing.assert_allclose(mine[name], value, atol=1e-12, err_msg=name)
    assert gradients.check(gru, x, dh, h0=h0) < 1e-6


def test_swapped_weights_are_the_conventions():
    w = unit.weights(2, 3, seed=4)
    theirs = conventions.swap_update(w)
    mine = exercises.exercise("swap_convention").right(w)
    assert all(np.array_equal(mine[name], theirs[name]) for name in w)


def test_equal_parameters_is_the_librarys_count():
    from gru_lib import systems

    for inputs, units in ((7, 75), (4, 50)):
        found = lesson_09.equal_units(inputs, units)
        target = sum(systems.layer_parameters("GRU", inputs, units).values())
        gaps = [abs(sum(systems.layer_parameters("LSTM", inputs, n).values()) - target) for n in range(1, 100)]
        assert gaps.index(min(gaps)) + 1 == found


# The ladder of hints


def test_hints_get_stronger_and_then_a_solution_is_offered():
    wrong = changed("gru_step", lambda h: -h)

    def wrong_reset():
        return lambda x_t, h_prev, w: unit.step(x_t, h_prev, w, "reset missing")

    says, more = unit.STEP["reset missing"]
    first = exercises.check("gru_step", wrong_reset())
    for nothing in (None, exercises.exercise("gru_step").untouched, lambda *_: None):
        assert not exercises.check("gru_step", nothing).attempt  # uses up no hint
    second, third = (exercises.check("gru_step", wrong_reset()) for _ in range(2))
    assert first.text == f"Not yet. {says}"
    assert second.text == f"Not yet. {says}\n{more}"
    assert third.text == second.text
    assert first.solution is second.solution is None
    assert third.solution == exercises.exercise("gru_step").solution
    assert repr(third).endswith('\nTo see a solution: print(exercises.exercise("gru_step").solution)')
    assert exercises.check("gru_step", wrong).solution  # another mistake, the same ladder
    assert exercises.check("gru_forward", None).attempt is False  # each exercise has its own
    assert exercises.check("gru_step", solution("gru_step"))
    assert exercises.check("gru_step", wrong_reset()).text == first.text  # a right answer starts anew


def test_is_right_tells_no_more_and_is_no_attempt():
    assert exercises.is_right("gru_step", exercises.exercise("gru_step").right) is True
    for _ in range(4):
        assert exercises.is_right("gru_step", lambda x_t, h_prev, w: h_prev) is False
        assert exercises.is_right("gru_step", None) is False
    assert exercises.check("gru_step", lambda x_t, h_prev, w: h_prev).solution is None
    with pytest.raises(ValueError, match="did you mean 'gru_step'"):
        exercises.is_right("gru_stepp", None)


def test_forget_starts_the_hints_anew():
    for value in (1.0, 0.27, 1.0):
        last = exercises.check("update_gate", value)
    assert last.solution
    exercises.forget("update_gate")
    assert exercises.check("update_gate", 1.0).solution is None
    for value in (0.27, 1.0, 0.27):
        last = exercises.check("update_gate", value)
    assert last.solution
    exercises.forget()
    assert exercises.check("update_gate", 0.27).text == "Not yet. That is 1 - z, the share of the candidate."


def test_the_answer_of_the_last_check_is_no_new_attempt():
    names = Cell()("def my_step(x_t, h_prev, w):\n    return -h_prev\n")
    first = exercises.check("gru_step", names["my_step"])
    for _ in range(3):
        again = exercises.check("gru_step", names["my_step"])
        assert again.text == first.text + (
            "\nmy_step is the same function as at the last check: "
            "did its cell run, without an error, and under this name?"
        )
        assert not again.attempt
        assert again.solution is None
    names = Cell()("def my_step(x_t, h_prev, w):\n    return -h_prev\n")  # its cell has run again
    second = exercises.check("gru_step", names["my_step"])
    assert second.attempt
    assert second.text.startswith(first.text + "\n")
    assert "last check" not in second.text


def test_a_function_that_does_something_else_now_is_a_new_attempt():
    """Its text is the same, and what it calls is not."""
    cell = Cell()
    names = cell("def helper(h):\n    return -h\n\ndef my_step(x_t, h_prev, w):\n    return helper(h_prev)\n")
    exercises.check("gru_step", names["my_step"])
    cell("def helper(h):\n    return h\n")
    verdict = exercises.check("gru_step", names["my_step"])
    assert verdict.attempt
    assert verdict.mistake == "an argument given back"


@pytest.mark.parametrize(
    ("name", "one", "same", "other"),
    [
        ("update_gate", 0.1, 0.1, 0.2),
        ("update_gate", np.float64(0.1), np.float64(0.1), np.float64(0.1 + 1e-15)),
        ("how_far", (0.5, 0.5), (0.5, 0.5), (0.5, 0.6)),
        ("how_far", np.array([0.5, 0.5]), np.array([0.5, 0.5]), np.array([0.5, 0.5 + 1e-15])),
        ("which_convention", {"A": "keeps", "B": "keeps"}, {"A": "keeps", "B": "keeps"}, {"A": "keeps", "C": "keeps"}),
        ("latch", {"b_z": 1}, {"b_z": 1}, {"b_z": 1.0000001}),
    ],
)
def test_an_equal_value_is_no_new_attempt(name, one, same, other):
    first = exercises.check(name, one)
    again = exercises.check(name, same)
    variable = exercises.exercise(name).variable
    assert first.attempt
    assert not again.attempt
    assert again.text.startswith(first.text + f"\n{variable} is the same as at the last check: did its cell run")
    assert exercises.check(name, other).attempt


def test_what_cannot_be_compared_is_a_new_attempt_and_is_not_held_on_to():
    gru = GRU(2, 1)
    assert exercises.check("latch", gru).attempt
    assert exercises.check("latch", gru).attempt  # its weights may have changed in between
    step = changed("gru_step", lambda h: -h)
    kept = weakref.ref(step)
    exercises.check("gru_step", step)
    del step
    gc.collect()
    assert kept() is None


def test_a_number_out_of_nowhere_gets_its_direction_and_the_hint():
    first, second = exercises.check("update_gate", 0.1), exercises.check("update_gate", 0.99)
    assert first.text == "Not yet. It is too small."
    assert second.text.startswith("Not yet. It is too large.\nFirst what comes")
    assert first.mistake is None


def test_unknown_names_and_lessons_say_what_there_is():
    with pytest.raises(ValueError, match="there is no exercise 'gru_setp': did you mean 'gru_step'"):
        exercises.check("gru_setp", None)
    with pytest.raises(ValueError, match=r"there is no exercise 3: exercises.names\(\) lists them"):
        exercises.exercise(3)
    with pytest.raises(ValueError, match="there is no exercise 'x'"):
        exercises.forget("x")
    with pytest.raises(ValueError, match=r"lesson must be one of 0, 1, .*, not 12"):
        exercises.names(12)


# Mistakes that can be made anywhere

ANYWHERE = [
    ("gru_step", "shape", lambda h: h[:, :, None]),
    ("gru_step", "axes exchanged", lambda h: h.T),
    ("masked_forward", "axes exchanged", lambda h: np.moveaxis(h, 2, 0)),
    ("scale", "a table instead of a row", lambda z: z[:, None] - z),
    ("step_backward", "sum missing", lambda grads: grads | {"b_z": np.stack([grads["b_z"] / 2] * 2)}),
    ("gru_step", "summed away", lambda h: h.sum(axis=0)),
    ("scale", "integers", lambda z: z.astype(int)),
    ("scale", "integers", lambda z: z // 1),
    ("half_life_bias", "rounded", lambda b: round(b, 2)),
    ("gru_step", "not finite", lambda h: h / 0),
    ("gru_step", "sign", lambda h: -h),
    ("gru_step", "1 - the answer", lambda h: 1 - h),
    ("gru_forward", "backwards", lambda h: h[:, ::-1]),
    ("scale", "mean instead of sum", lambda z: z / len(z)),
    ("scale", "sum instead of mean", lambda z: z * len(z)),
    ("half_life_bias", "constant", lambda b: 3.3449),
    ("half_life_bias", "factor", lambda b: 2 * b),
    ("half_life_bias", "offset", lambda b: b + 1.5),
    ("count_parameters", "offset", lambda n: n + 1),
    ("which_reset", "not a word", lambda word: word == "before"),
    ("windows", "wrong number", lambda both: (*both, 0)),
    ("windows", "not a tuple", lambda both: 5),
    ("clip", "names missing", lambda grads: {"W": grads["W"]}),
    ("clip", "not a dict", lambda grads: list(grads.values())),
    ("clip", "nothing", lambda grads: grads | {"W": None}),
    ("gru_step", "ragged", lambda h: [[1.0], [1.0, 2.0]]),
    ("gru_step", "a generator", lambda h: (row for row in h)),
    ("gru_step", "a function", lambda h: np.tanh),
    ("gru_step", "not a number", lambda h: "0.3"),
    ("gru_step", "not a number", lambda h: h + 0j),
    ("gru_step", "not an array", lambda h: {"h": h}),
]


@pytest.mark.parametrize(
    ("name", "mistake", "change"), ANYWHERE, ids=[f"{n}-{m}-{i}" for i, (n, m, _) in enumerate(ANYWHERE)]
)
def test_a_mistake_that_can_be_made_anywhere_is_named(name, mistake, change):
    with np.errstate(all="ignore"):
        verdict = exercises.check(name, changed(name, change))
    assert verdict.mistake == mistake, verdict.text
    assert "{" not in verdict.text.replace("{'", "")
    assert exercises.check(name, changed(name, change)).text != verdict.text  # a second hint


def test_an_argument_given_back():
    assert exercises.check("gru_step", lambda x_t, h_prev, w: h_prev).mistake == "an argument given back"


def test_an_unknown_mistake_is_shown_by_its_first_element():
    def wrong(x_t, h_prev, w):
        h = unit.step(x_t, h_prev, w)
        h[-1, -1] += 0.25
        return h

    verdict = exercises.check("gru_step", wrong)
    x_t, h_prev, w = exercises.exercise("gru_step").cases()[0]
    right = GRU(4, 6)
    right.weights = w
    expected = right.step(x_t, h_prev).h[2, 5]
    found = re.fullmatch(
        r"Not yet\. At index \(2, 5\) the answer is (\S+); expected is a number from (\S+) to (\S+)\.", verdict.text
    )
    came, low, high = map(float, found.groups())
    assert came == pytest.approx(expected + 0.25, abs=1e-5)
    assert low - 1e-3 <= expected <= high + 1e-3
    assert 0 < high - low <= abs(expected) / 5
    assert verdict.mistake is None


def test_the_parts_that_are_right_are_named():
    verdict = exercises.check("windows", changed("windows", lambda both: (both[0], both[1] ** 2)))
    assert verdict.text.startswith("Not yet. At index (0, 0) y is ")
    assert verdict.text.endswith("Right already: X.")


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_single_precision_is_right_and_half_precision_is_not(dtype):
    verdict = exercises.check("gru_step", changed("gru_step", lambda h: h.astype(dtype)))
    assert verdict.right == (dtype == "float32")


# What the code does besides


def test_an_error_is_shortened_to_the_learners_own_line():
    names = Cell()(
        "def inner(h):\n    return np.linalg.inv(h)\n\n\n"
        "def my_step(x_t, h_prev, w):\n    z = inner(h_prev)\n    return z\n"
    )
    verdict = exercises.check("gru_step", names["my_step"])
    assert verdict.mistake == "error"
    assert verdict.text == (
        "Not yet. LinAlgError in inner, line 2: return np.linalg.inv(h)\n"
        "Last 2 dimensions of the array must be square\n"
        "It came to that in my_step, line 6: z = inner(h_prev)\n"
        "It was called with x_t of shape (3, 4); h_prev of shape (3, 6); "
        "w a dict of W_z, W_r, W_h, U_z, U_r, U_h, b_z, b_r, b_h, c_z, c_r, c_h."
    )


def test_the_line_of_the_call_is_quoted_for_an_error_further_in():
    names = Cell()(
        "def gru_step(x_t, h, w):\n    return h + x_t @ w['W_z']\n\n\n"
        "def my_forward(x, h0, w):\n    return gru_step(x[0], h0, w)\n"
    )
    text = exercises.check("gru_forward", names["my_forward"]).text
    assert text.startswith("Not yet. ValueError in gru_step, line 2: return h + x_t @ w['W_z']\n")
    assert "\nIt came to that in my_forward, line 6: return gru_step(x[0], h0, w)\n" in text


ERRORS = {
    "return h_prev @ w['W_z']": "a product of matrices does not fit: 6 columns on its left meet 4 rows on its right",
    "return undefined": "NameError in my_step, line 2: return undefined\nname 'undefined' is not defined",
    "return w['Wz']": "KeyError in my_step, line 2: return w['Wz']\n'Wz'",
    "return my_step(x_t, h_prev, w)": "the function calls itself without end",
    "raise SystemExit(3)": "SystemExit in my_step, line 2: raise SystemExit(3)\nthe code ends the program",
    "raise GeneratorExit": "GeneratorExit in my_step, line 2",
    "raise ValueError(object())": "<object object at 0x...>",
    "open('/home/somebody/secret/x')": "No such file or directory: '...'",
    "raise ValueError('x' * 1000)": "x" * 157 + "...",
    "return 1 / 0.12345678901234": None,
}


@pytest.mark.parametrize("line", ERRORS)
def test_errors_are_words(line):
    verdict = exercises.check("gru_step", Cell()(f"def my_step(x_t, h_prev, w):\n    {line}\n")["my_step"])
    assert not verdict
    if ERRORS[line]:
        assert ERRORS[line] in verdict.text
        assert verdict.mistake == "error"
    assert not re.search(r"\d\.\d{9,}|/(home|root|tmp)/|0x[0-9a-f]{6}", verdict.text)


def test_a_loop_without_end_is_stopped(monkeypatch):
    def endless(x_t, h_prev, w):
        try:
            while True:
                pass
        except Exception:
            return h_prev

    with monkeypatch.context() as patch:
        patch.setattr(running, "SECONDS", 0.2)
        assert "does a loop in it ever end?" in exercises.check("gru_step", endless).text
    assert exercises.check("gru_step", solution("gru_step"))  # and the alarm is off again


def test_the_alarm_clock_is_left_as_it_was():
    rings = signal.getsignal(signal.SIGALRM)
    for answer in (solution("gru_step"), lambda *_: 1 / 0, None):
        exercises.check("gru_step", answer)
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        assert signal.getsignal(signal.SIGALRM) is rings


def test_a_keyboard_interrupt_is_the_learners_own():
    def interrupted(x_t, h_prev, w):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exercises.check("gru_step", interrupted)


def test_arguments_that_are_changed_are_noticed():
    right = solution("gru_step")

    def in_place(x_t, h_prev, w):
        h = right(x_t, h_prev, w)
        h_prev[...] = h
        return h

    verdict = exercises.check("gru_step", in_place)
    assert verdict.mistake == "argument changed"
    assert "The answer is right, but the function has changed what it was given: h_prev." in verdict.text

    def adds_a_weight(x_t, h_prev, w):
        w["new"] = 1
        return right(x_t, h_prev, w)

    assert "given: w.\n" in exercises.check("gru_step", adds_a_weight).text

    def nothing_returned(x_t, h_prev, w):
        h_prev *= 2

    assert exercises.check("gru_step", nothing_returned).mistake == "argument changed"

    def spoilt(x_t, h_prev, w):
        x_t += 1
        return right(x_t, h_prev, w)

    assert exercises.check("gru_step", spoilt).mistake == "argument changed"


def test_what_is_left_over_from_the_first_call_is_noticed():
    right = solution("gru_forward")

    def my_forward(x, h0, w, states=[]):  # noqa: B006
        states.extend(np.moveaxis(right(x, h0, w), 1, 0))
        return np.stack(states, axis=1)

    assert exercises.check("gru_forward", my_forward).mistake == "something is left over"

    def my_share(a, b, seen=[]):  # noqa: B006
        seen.append(0.0 if len(seen) < 3 else 0.1)
        return lesson_09.share_above(a, b) + seen[-1]

    assert exercises.check("share_above", my_share).mistake == "something is left over"


def test_nothing_for_some_arguments_is_an_attempt():
    verdict = exercises.check("half_life_bias", lambda steps: np.log(1 / (2 ** (1 / steps) - 1)) if steps > 2 else None)
    assert verdict.mistake == "nothing"
    assert verdict.attempt


def test_printing_is_no_answer_and_is_shown(capsys):
    def prints(x_t, h_prev, w):
        print("hello", h_prev.shape)

    def prints_and_errs(x_t, h_prev, w):
        print("half-way")
        return h_prev

    verdict = exercises.check("gru_step", prints)
    assert verdict.mistake == "printed, not returned"
    assert verdict.text.endswith("\nIt printed: hello (3, 6)")
    assert exercises.check("gru_step", prints_and_errs).text.endswith("\nIt printed: half-way")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("answer", "mistake", "says"),
    [
        (lambda x_t: x_t, "other arguments", "The function is called with (x_t, h_prev, w), but yours takes (x_t)."),
        (lambda: 1, "other arguments", "but yours takes (nothing)."),
        (np.zeros(3), "not a function", "give my_step itself, without parentheses"),
        ("my_step", "not a function", "A function is to be checked"),
    ],
)
def test_what_is_no_such_function_is_told_apart(answer, mistake, says):
    verdict = exercises.check("gru_step", answer)
    assert verdict.mistake == mistake
    assert says in verdict.text


def test_values_come_in_many_forms():
    for value in (0.73, "0.73", np.float32(0.731), [0.731], np.array(0.7311), 0.731 + 0j, None, True):
        verdict = exercises.check("update_gate", value)
        assert verdict.right == (isinstance(value, float | np.floating | np.ndarray) and np.ndim(value) == 0), value
    assert exercises.check("parameters_of_a_gru", 165.0)
    assert not exercises.check("parameters_of_a_gru", 165.4)
    assert exercises.check("read_a_failure", " DA_R ")
    assert exercises.check("how_far", np.array([0.12, 0.966]))
    assert exercises.check("which_convention", {"C": "Cannot tell", "B": "keeps", "A": "writes", "D": 1})
    assert exercises.check("order_of_curves", ("gru 0", "plain rnn", "gru 2", "gru 4"))


# Designs


@pytest.mark.parametrize(
    "weights",
    [
        {"W_z": [[0], [-16]], "b_z": [8], "W_h": [[5], [0]]},
        {"b_z": -8, "b_r": 8, "W_h": [5, 0], "U_h": 2},  # the candidate restates
        {"W_z": np.array([0, -24.0]), "b_z": np.float32(12), "W_h": ((4,), (0,)), "c_z": 0},
    ],
)
def test_a_latch_may_hold_by_its_gate_or_by_its_candidate(weights):
    assert exercises.check("latch", weights)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (
            {"W_h": [5, 0], "U_h": 3},
            "By z alone, 0.50 between signals, only 0.00 of the sign would be left; the candidate",
        ),
        ({"b_z": -8, "b_r": 8, "W_h": [5, 0], "U_h": 2}, "By z alone, 0.00 between signals, only 0.00 of the sign"),
        (
            {"W_z": [0, -10], "b_z": 4.5, "b_r": 8, "W_h": [5, 0], "U_h": 2},
            "By z alone, 0.99 between signals, only 0.33",
        ),
        (
            {"W_z": [0, -16], "b_z": 8, "W_h": [5, 0]},
            "z is near 1 except at the signal, where it lets the candidate in.",
        ),
        ({"W_z": [0, -16], "b_z": 8, "W_h": [5, 0], "U_h": 2}, "z is near 1 except at the signal"),
    ],
)
def test_what_holds_a_latch_is_said_as_it_is(weights, says):
    assert exercises.check("latch", weights).text.startswith(f"Right. {says}")


def test_a_design_may_be_a_gru():
    gru = GRU(2, 1, seed=0)
    for name, weight in gru.weights.items():
        weight[...] = {"W_z": [[0], [-16]], "b_z": 8, "W_h": [[5], [0]]}.get(name, 0)
    assert exercises.check("latch", gru)
    assert exercises.check("latch", GRU(3, 1)).mistake == "weights"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"W_z": 3}, "W_z must have one number for each input: shape (2, 1)."),
        ({"W_z": [1, 2, 3]}, "W_z must hold 2 finite numbers."),
        ({"b_z": np.nan}, "b_z must hold 1 finite numbers."),
        ({"Wz": 1}, "There is no 'Wz': the names are W_z, W_r, W_h"),
        ([1, 2], "A dict was expected"),
    ],
)
def test_weights_that_no_such_unit_has(answer, says):
    verdict = exercises.check("latch", answer)
    assert verdict.mistake == "weights"
    assert says in verdict.text


def test_what_the_unit_did_is_measured():
    verdict = exercises.check("latch", {"W_z": [[0], [-8]], "b_z": 4, "W_h": [[5], [0]]})
    assert "At the signal z is 0.02, else 0.98; the states end near " in verdict.text


# The verdict itself


class Tags(HTMLParser):
    """Collects the tags of a page, and checks that each is closed."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_a_verdict_shows_itself_as_text_and_as_html():
    right = exercises.check("update_gate", 0.73)
    assert bool(right) is right.right is True
    assert repr(right) == right.text
    page = Tags(right._repr_html_())
    assert page.seen[0][1]["role"] == "status"
    assert page.text.strip() == right.text
    assert right._repr_html_().splitlines()[0].isspace()  # what is left to see of a folded output
    wrong = Verdict(False, "Not yet. <b>&\nsecond", mistake="x", solution="a < b", exercise="update_gate")
    page = Tags(wrong._repr_html_())
    assert page.text.strip() == "Not yet. <b>&secondA solutiona < b"
    assert [tag for tag, _ in page.seen if tag in ("details", "summary", "pre")] == ["details", "summary", "pre"]
    empty = Tags(exercises.check("update_gate", None)._repr_html_())
    assert empty.text.strip() == "Not yet: my_z holds no answer. Fill it in, run its cell, then check again."
    assert repr(exercises.exercise("gru_step")) == "Exercise('gru_step', lesson 3, write)"


def test_an_exercise_that_cannot_work_is_refused():
    options = dict.fromkeys(("variable", "prompt", "start", "solution", "explanation", "hint"), "x")
    with pytest.raises(ValueError, match=r"kind of a must be one of predict, .*, not 'guess'"):
        Exercise("a", 1, "guess", right=1, **options)
    with pytest.raises(ValueError, match="a needs a right value, or a right function and cases, or a judge"):
        Exercise("a", 1, "write", right=len, **options)
    with pytest.raises(ValueError, match="a needs a right value"):
        Exercise("a", 1, "predict", **options)
    assert Exercise("a", 1, "predict", right=1, mistakes=(Mistake("m", "s", answer=2),), **options).parameters == ()
