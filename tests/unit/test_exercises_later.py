"""Wrong answers that learners gave in lessons 5 to 9: none passes, and what is said of each is true of it."""

import pytest

from gru_lib import exercises
from gru_lib.exercises.examining import examine
from gru_lib.exercises.exercise import answer_of


@pytest.fixture(autouse=True)
def _fresh():
    exercises.forget()


def checked(name, code):
    """The verdict on an answer that is set by `code`."""
    task = exercises.exercise(name)
    return exercises.check(name, answer_of(task, code))


READER = """
def my_reader(numbers, E, w, w_y, b_y):
    s = lambda a: 1 / (1 + np.exp(-a))
    h, said = np.zeros(len(w_y)), []
    for n in numbers:
        x = E[n]
        if n != 0:
            z = s(x @ w["W_z"] + w["b_z"] + h @ w["U_z"] + w["c_z"])
            r = s(x @ w["W_r"] + w["b_r"] + h @ w["U_r"] + w["c_r"])
            c = np.tanh(x @ w["W_h"] + w["b_h"] + r * (h @ w["U_h"]) + w["c_h"])
            h = z * h + (1 - z) * c
        said.append(s(h @ w_y + b_y))
    return np.array(said)
"""
COUNT = """
def my_count(cell, inputs, units, reset_after=True):
    if cell == "GRU":
        return 3 * (inputs * units + units**2 + units * (1 + reset_after))
    if cell == "LSTM":
        print(4 * units * (inputs + units + 1))
    return units * (inputs + units + 1)
"""
ARRAYS = """
def my_arrays(w):
    W, U, b, c = (np.hstack([w[p + "_" + k] for k in {!r}[p]]) for p in "WUbc")
    return {}
"""
ADAM = """
def my_adam(w, g, m, v, t, rate):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
"""
ORDER = dict.fromkeys("WUbc", "zrh")
# Exercise, code, and the mistakes that the verdict names.
FOUND = [
    (
        "clip",
        "def my_clip(grads, max_norm):\n    n = sum(np.linalg.norm(g) for g in grads.values())\n"
        "    return {k: g * min(1, max_norm / n) for k, g in grads.items()}",
        "lengths added",
    ),
    (
        "adam",
        ADAM + "    m, v = m / (1 - 0.9**t), v / (1 - 0.999**t)\n    return w - rate * m / (np.sqrt(v) + 1e-8), m, v",
        "corrected means returned",
    ),
    (
        "adam",
        ADAM + "    a, b = m / (1 - 0.9), v / (1 - 0.999)\n    return w - rate * a / (np.sqrt(b) + 1e-8), m, v",
        "t missing",
    ),
    (
        "adam",
        ADAM + "    t += 1\n    a, b = m / (1 - 0.9**t), v / (1 - 0.999**t)\n"
        "    return w - rate * a / (np.sqrt(b) + 1e-8), m, v",
        "one step too many",
    ),
    (
        "adam",
        ADAM + "    a, b = m / (1 - 0.9), v / (1 - 0.999)\n    return w + rate * a / (np.sqrt(b) + 1e-8), m, v",
        "uphill; t missing",
    ),
    ("naive_copy", "my_naive = 8 * np.log(10) / 120", "symbols and length exchanged"),
    ("count_parameters", COUNT, "one block for the LSTM"),
    ("count_parameters", COUNT.replace("units**2", "inputs**2").replace('"LSTM"', '"RNN"'), None),
    (
        "skill",
        "def my_skill(truth, forecast, last):\n    return 1 - np.mean((forecast - truth) ** 2 / (last - truth) ** 2)",
        "mean of the ratios",
    ),
    (
        "skill",
        "def my_skill(truth, forecast, last):\n"
        "    return 1 - np.mean((forecast - truth) ** 2) / np.mean((last - forecast) ** 2)",
        "forecast and last value compared",
    ),
    ("work_backwards", "my_units = 33", "recurrent weights alone"),
    ("to_keras", ARRAYS.format(ORDER | {"U": "zhr"}, "W, U, np.array([b, c])"), "order of the recurrent kernel"),
    ("to_keras", ARRAYS.format(ORDER | {"W": "rzh"}, "W, U, np.array([b, c])"), "order of the kernel"),
    ("to_keras", ARRAYS.format(ORDER, "U, W, np.array([b, c])"), "W and U exchanged"),
    ("to_keras", ARRAYS.format(ORDER, "W, U, np.array([b, b])"), "one bias twice"),
    ("to_keras", ARRAYS.format(ORDER, "W, U, np.append(b, c)"), "biases in one row"),
    (
        "encode",
        "def my_encode(words, index, vocabulary):\n    n = [index[w] + 3 if w in index else 2 for w in words]\n"
        "    return [1] + [k if k <= vocabulary else 2 for k in n]",
        "limit one too high",
    ),
    (
        "encode",
        "def my_encode(words, index, vocabulary):\n    return [1] + [index.get(w, 2) for w in words]",
        "offset forgotten; limit forgotten",
    ),
    (
        "encode",
        "def my_encode(words, index, vocabulary):\n    return [1] + [index.get(w, 2) + 3 for w in words]",
        "unknown words moved; limit forgotten",
    ),
    (
        "encode",
        "def my_encode(words, index, vocabulary):\n"
        "    return [1] + [index[w] + 3 if index[w] + 3 < vocabulary else 2 for w in words if w in index]",
        "unknown words left out",
    ),
    ("encode", "def my_encode(words, index, vocabulary):\n    return [index.get(w, 2) for w in words] or [1]", None),
    (
        "pad",
        "def my_pad(sequences, length):\n    out = np.zeros((len(sequences), length), int)\n"
        "    for row, q in zip(out, sequences):\n        q = q[-length:]\n        row[-len(q) :] = q\n    return out",
        "error",
    ),
    ("read_review", READER, "c_h outside the reset"),
    (
        "read_review",
        READER.replace('(h @ w["U_h"]) + w["c_h"]', '(h @ w["U_h"] + w["c_h"])').replace(
            "if n != 0:", "if n == 0:\n            h = 0 * h\n        else:"
        ),
        "state reset at padding",
    ),
    (
        "equal_parameters",
        "def my_units(inputs, units):\n    g = 3 * (inputs * units + units**2 + 2 * units)\n"
        "    return min(range(1, 2 * units), key=lambda n: abs(4 * (inputs * n + n * n + 2 * n) - g))",
        "second bias for the LSTM",
    ),
    (
        "equal_parameters",
        "def my_units(inputs, units):\n    g, b = 3 * (inputs * units + units**2 + 2 * units), inputs + 1\n"
        "    return (-b + (b * b + g) ** 0.5) / 2",
        "no whole number",
    ),
    (
        "paired_error",
        "def my_difference(a, b):\n    d = abs(a - b)\n    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))",
        "signs lost",
    ),
    ("share_above", "def my_share(a, b):\n    return np.mean(a.mean() > b)", "mean of a"),
    ("share_above", "def my_share(a, b):\n    return np.mean(a[:, None] > b.mean())", "mean of b"),
    ("share_above", "def my_share(a, b):\n    return np.mean(np.median(a) > b)", None),
    ("share_above", "def my_share(a, b):\n    return np.mean(a > np.median(b))", None),
    *(
        (
            "verdict",
            f"def my_verdict(low, high):\n    if high {below} 1:\n        return 'holds'\n"
            f"    return 'does not hold' if low {above} 1 else 'not shown'",
            "ends at 1",
        )
        for below, above in (("<=", ">"), ("<", ">="), ("<=", ">="))
    ),
]


@pytest.mark.parametrize(("name", "code", "mistake"), FOUND, ids=[f"{n}-{m}-{i}" for i, (n, _, m) in enumerate(FOUND)])
def test_a_wrong_answer_is_called_what_it_is(name, code, mistake):
    verdict = checked(name, code)
    assert not verdict
    assert verdict.mistake == mistake, verdict.text


def test_the_arrays_for_keras_have_their_names():
    verdict = checked("to_keras", ARRAYS.format(ORDER, "W, U, np.array([b, 2 * c])"))
    assert "bias" in verdict.text
    assert "kernel, recurrent_kernel" in verdict.text.partition("Right already: ")[2]
    assert "2 things" not in verdict.text
    verdict = checked("to_keras", "my_arrays = lambda w: [w['W_z'], w['U_z']]")
    assert "kernel, recurrent_kernel, bias" in verdict.text


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("collect", ["np.array", "np.stack"])
def test_windows_beyond_the_end_are_told_so_beside_the_error(late, collect):
    verdict = checked(
        "windows",
        f"def my_windows(series, window, horizon):\n    n = len(series) - window\n"
        f"    X = {collect}([series[i : i + window] for i in range(n)])\n"
        f"    y = {collect}([series[i + window + {late} : i + window + horizon + {late}] for i in range(n)])\n    return X, y",
    )
    assert verdict.mistake == "beyond the end"
    assert verdict.text.startswith("Not yet. The last rows of y are shorter")
    assert "ValueError in my_windows, line 4" in verdict.text


def test_another_error_is_not_taken_for_the_mistake():
    code = "def my_share(a, b):\n    return np.mean(np.ones(6) > b)"
    assert checked("share_above", code).mistake == "error"
    code = "def my_windows(series, window, horizon):\n    return np.array([[1], [1, 2]])"
    assert checked("windows", code).mistake == "error"
    code = (
        "def my_windows(series, window, horizon):\n    n = len(series) - window\n"
        "    X = np.array([2 * series[i : i + window] for i in range(n)])\n"
        "    return X, np.array([series[i + window : i + window + horizon] for i in range(n)])"
    )
    assert checked("windows", code).mistake == "error"  # what came before it was not that of the mistake either
    code = "def my_share(a, b):\n    raise TypeError('operands could not be broadcast together with shapes (5,) (4,) ')"
    assert checked("share_above", code).mistake == "error"


def unit_with(b_z, W_h=5, at_words=-20):
    """A unit for the reviews that keeps by `b_z` and lets judging words in."""
    return {"W_z": [[at_words], [at_words], [0], [0]], "b_z": b_z, "W_h": [[W_h], [-W_h], [0], [0]]}


@pytest.mark.parametrize(("b_z", "left"), [(3, 0.95257**24), (0, 0), (2.5, 0.92414**24)])
def test_a_leak_is_measured_over_all_words_that_follow(b_z, left):
    finding = examine(exercises.exercise("review_unit"), unit_with(b_z))
    assert finding.name == "leaks"
    assert finding.says.endswith(f"z leaves {left:.2f} of the state.")
    assert "What is z then?" not in finding.more


def test_what_was_never_written_does_not_leak():
    assert exercises.check("review_unit", unit_with(10, W_h=0.5)).mistake == "half written"
    assert exercises.check("review_unit", unit_with(10, at_words=-10.4)).mistake == "half written"
    assert exercises.check("review_unit", unit_with(10))


@pytest.mark.parametrize("mistake", [one.name for one in exercises.exercise("adam").mistakes])
def test_a_step_of_adam_that_goes_the_right_way_is_not_asked_for_its_direction(mistake):
    task = exercises.exercise("adam")
    answer = next(one.answer for one in task.mistakes if one.name == mistake)
    finding = examine(task, answer)
    text = f"{finding.says} {finding.more}"
    assert ("direction" in text) == (mistake == "uphill")
    assert "direction" not in task.hint
