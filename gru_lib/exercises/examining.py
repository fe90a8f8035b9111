"""Is an answer right, and if not, what is wrong with it? One finding, whatever the answer is."""

import itertools
from typing import NamedTuple

import numpy as np

from gru_lib.exercises import answers, differing, mistakes, running
from gru_lib.exercises.exercise import Found
from gru_lib.exercises.words import part_names, vocabulary


class Finding(NamedTuple):
    """`status`: "right", "empty" (nothing tried yet) or "wrong"; `name` of the mistake; first and second hint.

    Of a right answer `says` is what explains it, if that is something else than the exercise's explanation.
    """

    status: str
    name: str | None = None
    says: str = ""
    more: str = ""
    printed: str = ""


RIGHT = Finding("right")


def empty(says):
    """The finding for an answer that is no attempt."""
    return Finding("empty", None, says)


def examine(exercise, answer):
    """The `Finding` for an answer to an exercise. Never raises, whatever the answer is."""
    if exercise.cases is not None:
        return _function(exercise, answer)
    if _nothing(answer):
        return empty(f"{exercise.variable} holds no answer. Fill it in, run its cell, then check again.")
    untouched, _ = running.guarded(running.same, answer, exercise.untouched)
    if untouched:
        return empty(f"{exercise.variable} is still as it was at the start.")
    return _value(exercise, answer) if exercise.judge is None else _judged(exercise, answer)


def _nothing(answer):
    if answer is None or answer is ...:
        return True
    if type(answer) is list or type(answer) is tuple:
        return all(one is None or one is ... for one in answer)
    return type(answer) is dict and all(one is None or one is ... for one in answer.values())


def _value(exercise, answer):
    came, problem = answers.read(answer, exercise.right)
    if problem is not None:
        return Finding("wrong", problem.name, _first_upper(problem.says), exercise.hint)
    right = answers.parts(exercise.right)
    if answers.agree(came, right, exercise.within):
        return RIGHT
    for mistake in exercise.mistakes:
        if _explains(answers.parts(mistake.answer), came, right, exercise.within):
            return Finding("wrong", mistake.name, mistake.says, mistake.more or exercise.hint)
    return _unknown(exercise, [came], [right], [{}], [None])


def _explains(made, came, right, within):
    """Whether a mistake, which may name some parts alone, gives what came, and none of its errors is in a right part.

    Where right and wrong lie close together an answer may be within the tolerance of both.
    """
    parts_right = {name: right[name] for name in made if answers.agree_part(came[name], right[name], within)}
    return answers.agree(came, made, within) and answers.agree(made, parts_right, within)


def _judged(exercise, answer):
    def ask():
        try:
            return exercise.judge(answer)
        except Found as found:
            return found

    found, error = running.guarded(ask)
    if error is not None:
        says = "it fails when it is looked at."
        return Finding("wrong", "unreadable", f"{exercise.variable} cannot be used: {says}", exercise.hint)
    if not isinstance(found, Found):
        return RIGHT._replace(says=found or "")
    for mistake in exercise.mistakes:
        if mistake.name == found.name:
            says = f"{mistake.says} {found.detail}".strip()
            return Finding("wrong", mistake.name, says, mistake.more or exercise.hint)
    return Finding("wrong", found.name, found.detail, exercise.hint)


def _function(exercise, function):
    names, variable = exercise.parameters, exercise.variable
    if function is None or function is ...:
        return empty(f"{variable} is None. Write the function, run its cell, then check again.")
    if not callable(function):
        says = f"A function is to be checked: give {variable} itself, without parentheses and arguments behind it."
        return Finding("wrong", "not a function", says, exercise.hint)
    if problem := running.signature_problem(function, names):
        return Finding("wrong", "other arguments", _first_upper(problem), exercise.hint)

    cases, outcomes, came, right = exercise.cases(), [], [], []
    for case in cases:
        outcome = running.run(function, case, names)
        wanted = exercise.right(*case)
        parts, finding = _answered(exercise, outcome, wanted, case, first=not outcomes)
        if finding is not None:
            failed = _failed(exercise, cases, came, outcome.error)
            return _left_over(exercise, function, cases, came, right) or failed or finding
        outcomes.append(outcome)
        came.append(parts)
        right.append(answers.parts(wanted))

    changed = tuple(dict.fromkeys(name for outcome in outcomes for name in outcome.changed))
    if all(map(lambda c, r: answers.agree(c, r, exercise.within), came, right)):
        return _changes(changed) or _left_over(exercise, function, cases, came, right) or RIGHT
    if exercise.kind == "repair" and _as_at_the_start(exercise, cases, came):
        return empty(f"{variable} still computes what it did at the start. Something in it has to change.")
    arguments = [dict(zip(names, case, strict=True)) for case in cases]
    calls = [differing.written(variable, case) for case in cases]
    finding = _known(exercise, cases, came) or _left_over(exercise, function, cases, came, right)
    finding = finding or _unknown(exercise, came, right, arguments, calls, changed)
    return finding._replace(printed=outcomes[0].printed)


def _answered(exercise, outcome, wanted, case, first):
    """The parts of what one call gave, or the finding that there is nothing to compare."""
    call = differing.written(exercise.variable, case)
    if outcome.error is not None:
        called = f"as {call}" if call else f"with {_described(case, exercise.parameters)}"
        says = f"{_first_upper(outcome.error)}\nIt was called {called}."
        return None, Finding("wrong", "error", says, exercise.hint, outcome.printed)
    if outcome.value is None and outcome.changed:
        changed = ", ".join(outcome.changed)
        says = f"The function returns nothing, and it has changed what it was given: {changed}. Return the answer."
        return None, Finding("wrong", "argument changed", says, exercise.hint, outcome.printed)
    if outcome.value is None and outcome.printed:
        says = "The answer is printed and then lost: the function returns None. Whoever calls it needs the value."
        return None, Finding("wrong", "printed, not returned", says, exercise.hint, outcome.printed)
    if outcome.value is None and first:
        return None, empty("the function returns None. Write it, run its cell, then check again.")
    parts, problem = answers.read(outcome.value, wanted)
    if problem is not None:
        says = f"{call}: {problem.says}" if call else _first_upper(problem.says)
        return None, Finding("wrong", problem.name, says, exercise.hint, outcome.printed)
    return parts, None


def _changes(changed):
    """The finding for a right answer that changes its arguments, or None."""
    if not changed:
        return None
    says = f"The answer is right, but the function has changed what it was given: {', '.join(changed)}."
    more = "Whoever calls it still needs these arrays. Look for +=, *= and assignments to a slice of an argument."
    return Finding("wrong", "argument changed", says, more)


def _left_over(exercise, function, cases, came, right):
    """The finding for a first call that was right and gives something else when it is made again, or None."""
    if not came or not answers.agree(came[0], right[0], exercise.within):
        return None
    again = running.run(function, cases[0], exercise.parameters)
    parts, problem = answers.read(again.value, exercise.right(*cases[0]))
    if problem is None and answers.agree(parts, came[0], exercise.within):
        return None
    says = "The first call is right, and a second one with the same arguments is not: something is left over."
    more = "A list or array that is made once, outside the function or as a default argument, is still filled."
    return Finding("wrong", "something is left over", says, more)


def _as_at_the_start(exercise, cases, came):
    start = [answers.read(exercise.untouched(*case), exercise.right(*case))[0] for case in cases]
    return all(map(lambda c, s: answers.agree(c, s, exercise.within), came, start))


def _known(exercise, cases, came):
    """The mistake of the exercise's own bank whose answers these are, or two of them at once."""

    def explains(answer):
        return _gives(answer, cases, came, exercise.within)

    for mistake in exercise.mistakes:
        if explains(mistake.answer):
            return Finding("wrong", mistake.name, mistake.says, mistake.more or exercise.hint)
    if exercise.together is not None:
        for one, other in itertools.combinations(exercise.mistakes, 2):
            if explains(exercise.together((one.name, other.name))):
                says = f"Two things at once. {one.says}\n{other.says}"
                more = "\n".join(filter(None, (one.more, other.more)))
                return Finding("wrong", f"{one.name}; {other.name}", says, more or exercise.hint)
    return None


def _gives(answer, cases, came, within):
    """Whether a function of the bank gives what came; one that fails does not."""
    for case, parts in zip(cases, came, strict=True):
        made, error = running.guarded(answer, *case)
        if error is not None or not answers.agree(parts, answers.parts(made), within):
            return False
    return True


def _failed(exercise, cases, came, error):
    """The mistake of the bank that gives what came in the calls before, and fails in this one with the same error."""
    if error is None:
        return None
    for mistake in exercise.mistakes:
        _, theirs = running.guarded(mistake.answer, *cases[len(came)])
        alike = theirs is not None and running.same_error(error, theirs)
        if alike and _gives(mistake.answer, cases[: len(came)], came, exercise.within):
            says = f"{mistake.says}\n{_first_upper(error)}"
            return Finding("wrong", mistake.name, says, mistake.more or exercise.hint)
    return None


def _unknown(exercise, came, right, arguments, calls, changed=()):
    """A mistake that can be made anywhere, or else the first element that is wrong."""

    def same(c, r):
        return answers.agree_part(c, r, exercise.within)

    call, c_parts, r_parts = next(
        one for one in zip(calls, came, right, strict=True) if not answers.agree(*one[1:], exercise.within)
    )
    parts_right = [part for part in r_parts if all(same(c[part], r[part]) for c, r in zip(came, right, strict=True))]
    already = f" Right already: {part_names(parts_right)}." if parts_right else ""
    mistake, words = mistakes.recognise(came, right, same, arguments, exercise.within)
    if mistake is not None:
        words["to"] = f" to {call}" if call else ""
        more = mistake.more.format(**words) if mistake.more else exercise.hint
        return Finding("wrong", mistake.name, mistake.says.format(**words) + already, more)
    if changed:
        says = f"The function changes what it was given, {', '.join(changed)}, and then computes with it."
        return Finding("wrong", "argument changed", says, "Work on new arrays: what came in is still needed as it was.")
    words = any(isinstance(r, str) for r in r_parts.values())
    if words and (says := differing.foreign_word(c_parts, vocabulary(exercise))):
        says = f"{call}: {says}" if call else says
        return Finding("wrong", "none of the words", says + already, exercise.hint)
    part = next(name for name in r_parts if not same(c_parts[name], r_parts[name]))
    says = differing.first_difference(part, c_parts[part], r_parts[part], exercise.within, call)
    return Finding("wrong", None, says + already, exercise.hint)


def _described(case, names):
    def one(value):
        if isinstance(value, np.ndarray):
            return f"of shape {value.shape}"
        if isinstance(value, dict):
            return f"a dict of {', '.join(map(str, value))}"
        return running.clean(repr(value), 60)

    return "; ".join(f"{name} {one(value)}" for name, value in zip(names, case, strict=True))


def _first_upper(text):
    return text[:1].upper() + text[1:]
