"""Exercises that name the mistake.

`check(name, answer)` runs the learner's function, or reads a number, an array, a word, beside an independent right
answer, and says what is wrong: not only that it is. `is_right` answers with yes or no alone; `names` and `exercise`
give what a lesson shows; `forget` starts the hints anew. The exercises of a lesson are in the module of its number,
`lesson_00` to `lesson_09`: to add one, copy another there. What it takes to recognise a mistake is in `mistakes` and
`likeness` (of any exercise), and in `unit`, `loops` and `passes` (of a GRU's step, over time, and of its way back).
"""

from gru_lib.exercises.checking import check, exercise, forget, is_right, names
from gru_lib.exercises.exercise import Exercise, Mistake
from gru_lib.exercises.verdicts import Verdict

__all__ = ["Exercise", "Mistake", "Verdict", "check", "exercise", "forget", "is_right", "names"]
