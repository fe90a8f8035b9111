"""The words of a verdict, and those that an answer may be made of."""

from collections.abc import Mapping

from gru_lib.exercises import running

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def number_word(n):
    """A count as a word, from eleven on as digits."""
    return NUMBERS[n] if 0 <= n < len(NUMBERS) else str(n)


def kind(value):
    """What a value is, with its article."""
    name = type(value).__name__
    known = {"ndarray": "an array", "str": "a string", "NoneType": "None"}
    return known.get(name) or f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def folded(word):
    """A word as it is compared: without regard to case and spacing."""
    return " ".join(word.lower().split())


def vocabulary(exercise):
    """The words that an answer may be made of, in the order in which the task names them; [] if it asks for numbers.

    That order and not the right one: the list may be shown.
    """
    found = {}
    for case in [()] if exercise.cases is None else exercise.cases():
        for answer in (exercise.right, *(mistake.answer for mistake in exercise.mistakes)):
            made, _ = running.guarded(answer, *case) if callable(answer) else (answer, None)
            _collect(made, found)
    text = folded(exercise.prompt)
    return sorted(found.values(), key=lambda word: (text.find(f'"{folded(word)}"') % (len(text) + 1), word))


def _collect(answer, found):
    if isinstance(answer, str):
        found.setdefault(folded(answer), answer)
    elif isinstance(answer, Mapping):
        _collect(list(answer.values()), found)
    elif isinstance(answer, list | tuple):
        for one in answer:
            _collect(one, found)


def part_names(parts):
    """The names of parts, in a row; those of a list have numbers alone."""
    listed = ", ".join(parts)
    return f"element{'s' if len(parts) > 1 else ''} {listed}" if parts and parts[0].isdigit() else listed
