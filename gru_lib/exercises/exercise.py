"""What an exercise is: a task, an empty start, the right answer, and the wrong ones that are worth a name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

KINDS = ("predict", "by hand", "read", "decide", "write", "repair", "design")


@dataclass(frozen=True)
class Mistake:
    """A wrong answer with a name.

    `says` is the first hint, one or two sentences that lead to the idea; `more` the second, stronger one ("": the
    exercise's own `hint`). `answer` is what somebody who makes the mistake answers: a function of the exercise's
    arguments, or a value. None: the exercise's `judge` finds it. A function that raises is the answer of somebody whose
    own fails in the same call with the same error.
    """

    name: str
    says: str
    more: str = ""
    answer: object = None


class Found(Exception):
    """Raised by a `judge`: the answer has the mistake `name`; `detail` is a sentence on what was measured."""

    def __init__(self, name, detail=""):
        super().__init__(name)
        self.name, self.detail = name, detail


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `prompt` is markdown, `start` the code of the cell that the learner fills in, `solution` code that does; both set
    `variable`, which is what is checked. `given` is code that both rely on: what earlier cells have defined, beside
    `np`. `explanation` says in a sentence or two why the right answer is right.
    `right` is the answer: a value (number, array, string, tuple, dict), or a function; then `cases()` gives the
    arguments, a list of tuples, on which the learner's function has to agree with it. A NamedTuple or dict names its
    parts; a mistake in a value may name some of them alone, and the others are then not looked at. Numbers agree within `within`, relative to the larger of 1 and their size; integers agree exactly.
    `together`, given the names of two mistakes, gives the function that makes both at once.
    Instead of `right`, a `judge` may look at the answer itself and raise `Found`. Of a right answer it may return a
    sentence in place of the explanation, where that does not hold of the answer.
    """

    name: str
    lesson: int
    kind: str
    variable: str
    prompt: str
    start: str
    solution: str
    explanation: str
    hint: str
    right: object = None
    cases: Callable | None = None
    judge: Callable | None = None
    mistakes: tuple = ()
    together: Callable | None = None
    given: str = ""
    within: float = 1e-5

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind of {self.name} must be one of {', '.join(KINDS)}, not {self.kind!r}")
        if (self.right is None) == (self.judge is None) or callable(self.right) != (self.cases is not None):
            raise ValueError(f"{self.name} needs a right value, or a right function and cases, or a judge")
        for text in ("prompt", "start", "solution", "given"):
            object.__setattr__(self, text, getattr(self, text).strip("\n"))

    def __repr__(self):
        return f"Exercise({self.name!r}, lesson {self.lesson}, {self.kind})"

    @property
    def call(self):
        """The line that checks the answer, for the end of a cell."""
        return f'exercises.check("{self.name}", {self.variable})'

    @cached_property
    def parameters(self):
        """The names of the function's arguments; () if a value is asked for."""
        if self.cases is None:
            return ()
        code = self.right.__code__
        return code.co_varnames[: code.co_argcount]

    @cached_property
    def untouched(self):
        """What `start` sets `variable` to: the answer of somebody who has not written anything yet."""
        return answer_of(self, self.start)


def answer_of(exercise, code):
    """Run `code` after what the exercise takes as given; return what it sets the exercise's variable to."""
    namespace = {"np": np, "__name__": f"exercise {exercise.name}"}
    for part in (exercise.given, code):
        exec(compile(part, f"<{exercise.name}>", "exec"), namespace)
    return namespace[exercise.variable]
