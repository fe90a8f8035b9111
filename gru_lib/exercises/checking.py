"""`check`: the verdict on an answer, with a stronger hint at each further attempt."""

import difflib
from typing import NamedTuple

from gru_lib.exercises import examining, lessons, repeats
from gru_lib.exercises.verdicts import Verdict


class _Tried(NamedTuple):
    """What is known of an exercise: how many wrong attempts so far, what the last one was, and what was found."""

    attempts: int = 0
    token: object = None
    finding: object = None


_tried = {}  # by exercise, since the kernel was started


def check(name, answer):
    """Check an answer to the exercise `name`; returns a `Verdict`, to stand at the end of a cell.

    `answer` may be anything and do anything: no error in it leaves this function (a keyboard interrupt does).
    The first wrong attempt is told what is wrong; the second gets a stronger hint; from the third on a solution is
    offered. An answer that is still empty is no attempt, the one of the last check once more is none either, and a
    right one starts the count anew.
    Raises ValueError if there is no exercise of this name.
    """
    task = exercise(name)
    finding = examining.examine(task, answer)
    if finding.status == "right":
        _tried.pop(name, None)
        return Verdict(True, f"Right. {finding.says or task.explanation}")
    if finding.status == "empty":
        return Verdict(False, f"Not yet: {finding.says}", attempt=False)
    last = _tried.get(name, _Tried())
    again = last.finding == finding and repeats.same(last.token, answer)  # with helpers of its own it may say otherwise
    attempts = last.attempts + (not again)
    _tried[name] = _Tried(attempts, repeats.token(answer), finding)
    text = f"Not yet. {finding.says}"
    if attempts > 1 and finding.more:
        text += f"\n{finding.more}"
    if finding.printed:
        text += f"\nIt printed: {finding.printed.rstrip()}"
    if again:
        what = f"{task.variable} is the same{' function' if callable(answer) else ''} as at the last check"
        text += f"\n{what}: did its cell run, without an error, and under this name?"
    solution = task.solution if attempts > 2 else None
    return Verdict(False, text, mistake=finding.name, attempt=not again, solution=solution, exercise=name)


def is_right(name, answer):
    """Whether an answer to the exercise `name` is right, a bool. Unlike `check` it tells no more, and is no attempt.

    For later cells, which go on with the learner's function if it is right. Raises ValueError as `check` does.
    """
    return examining.examine(exercise(name), answer).status == "right"


def forget(name=None):
    """Start the hints of the exercise `name` anew, of all exercises if None. Raises ValueError for an unknown name."""
    if name is None:
        _tried.clear()
    else:
        _tried.pop(exercise(name).name, None)


def names(lesson=None):
    """The names of the exercises of one lesson, 0 to 9, in their order, or of all. Raises ValueError (lesson)."""
    if lesson is not None and lesson not in lessons.NUMBERS:
        raise ValueError(f"lesson must be one of {', '.join(map(str, lessons.NUMBERS))}, not {lesson!r}")
    return [task.name for task in lessons.ALL.values() if lesson in (None, task.lesson)]


def exercise(name):
    """The `Exercise` of this name: its prompt, start, solution and explanation. Raises ValueError if there is none."""
    if isinstance(name, str) and name in lessons.ALL:
        return lessons.ALL[name]
    near = difflib.get_close_matches(name, lessons.ALL, n=3, cutoff=0.4) if isinstance(name, str) else []
    meant = f"did you mean {' or '.join(map(repr, near))}?" if near else "exercises.names() lists them"
    raise ValueError(f"there is no exercise {name!r}: {meant}")
