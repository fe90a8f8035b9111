"""All exercises, by name, in the order of the lessons."""

from gru_lib.exercises import (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
)

_MODULES = (
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
)
NUMBERS = tuple(range(len(_MODULES)))
ALL = {task.name: task for module in _MODULES for task in module.EXERCISES}
