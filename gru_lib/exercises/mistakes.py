"""Mistakes that can be made in any exercise, recognised by what they do to the right numbers."""

import math

import numpy as np

from gru_lib.exercises import likeness
from gru_lib.exercises.exercise import Mistake
from gru_lib.exercises.likeness import in_all, in_wrong
from gru_lib.exercises.words import number_word, part_names

MOST = 100  # an array this many times larger than the right one is not computed with

# In the order in which they are tried: the shape first, for numbers of another shape cannot be compared.
GENERAL = (
    (
        Mistake(
            "shape",
            "One number is expected, not a list or array of one.",
            "A number in brackets is a list that holds it. Take it out, or leave the brackets away.",
        ),
        in_wrong(likeness.in_a_list),
    ),
    (
        Mistake(
            "shape",
            "The numbers are right, their shape is not: {came} came, and {right} is expected.",
            "(n,) and (n, 1) hold the same numbers, but combined with another array they do not do the same.",
        ),
        in_wrong(likeness.flat_shape),
    ),
    (
        Mistake(
            "axes exchanged",
            "The numbers are right and lie the wrong way round: two axes are exchanged.",
            "Say for each axis of your answer what it counts, and compare with the shape that is asked for: {right}.",
        ),
        in_wrong(likeness.axes),
    ),
    (
        Mistake(
            "a table instead of a row",
            "Out of {right} numbers you have made a table {came}: somewhere a column has met a row.",
            "(n, 1) and (n,) combined give (n, n). Look at the shapes of the two things that you combine.",
        ),
        in_wrong(likeness.table),
    ),
    (
        Mistake(
            "sum missing",
            "There is an axis too many: {came} came, and {right} is expected. What all of its entries share collects "
            "a contribution from each.",
            "The same weight serves every row and every step; how do contributions from several ways combine?",
        ),
        in_wrong(likeness.sum_missing),
    ),
    (
        Mistake(
            "summed away",
            "Something is added up that should stay apart: {came} came, and {right} is expected.",
            "Which axis has its own number for every entry?",
        ),
        in_wrong(likeness.summed_away),
    ),
    (
        Mistake(
            "integers",
            "What stands behind the decimal point is lost: integers came where fractions are expected.",
            "Look for //, for int(...), or for an array whose dtype is an integer one and that you write into.",
        ),
        likeness.integers,
    ),
    (
        Mistake(
            "rounded",
            "Right as far as it goes, but rounded too far: give {digits} after the point.",
        ),
        likeness.typed_rounded,
    ),
    (
        Mistake(
            "rounded",
            "The numbers are right as far as they go, but they are rounded.",
            "Round what you show to people, never what is computed with.",
        ),
        likeness.rounded,
    ),
    (
        Mistake(
            "not finite",
            "There is a NaN or an infinity in the answer{to}.",
            "Something was divided by 0, or grew too large for a float: exp of a large number, or a log of 0.",
        ),
        in_wrong(likeness.not_finite),
    ),
    (Mistake("sign", "It is the right number with the other sign."), in_all(likeness.sign_of_a_number)),
    (Mistake("sign", "The numbers{of} have the right size and the wrong sign."), in_all(likeness.sign)),
    (
        Mistake(
            "1 - the answer",
            "You have computed what is left to 1: one minus what is right.",
            "Which of the two shares is asked for, what is kept or what is replaced?",
        ),
        in_all(likeness.complement),
    ),
    (
        Mistake("backwards", "The numbers are right and stand in the opposite order."),
        likeness.backwards,
    ),
    (
        Mistake(
            "an argument given back",
            "{back}, as {it} came in.",
            "Is the new value ever computed, and is it that one which is returned?",
        ),
        likeness.given_back,
    ),
    (
        Mistake(
            "mean instead of sum",
            "Every number{of} is too small by one and the same factor: how many rows there are. It is a mean where a sum "
            "is asked for.",
        ),
        in_all(likeness.mean),
    ),
    (
        Mistake(
            "sum instead of mean",
            "Every number{of} is too large by one and the same factor: how many rows there are. It is a sum where a mean "
            "is asked for.",
        ),
        in_all(likeness.summed),
    ),
    (
        Mistake(
            "constant",
            "The answer is the same whatever the arguments are: it does not look at them.",
            "Is a name from outside the function used in it in place of an argument?",
        ),
        likeness.constant,
    ),
    (
        Mistake(
            "factor",
            "Every number{of} is the right one times {factor}.",
            "What is counted more than once, or left out?",
        ),
        likeness.factor,
    ),
    (
        Mistake("offset", "Every number{of} is off by the same amount, {offset}.", "What is added to all of them?"),
        likeness.offset,
    ),
)


def recognise(came, right, same, arguments, within):
    """The general mistake that explains all answers, or None; and what its sentences are to be filled with.

    `came` and `right` are lists, one entry a call, of dicts of parts; `arguments` a list of dicts, empty ones for a
    value. `same(c, r)` says whether two arrays agree `within` the exercise's tolerance.
    """
    calls = [
        (part, c[part], r[part], call, not same(c[part], r[part]))
        for c, r, call in zip(came, right, arguments, strict=True)
        for part in r
        if not isinstance(r[part], str)
    ]
    touched = list(dict.fromkeys(part for part, *_, wrong in calls if wrong))
    if not touched or any(c.size > MOST * max(r.size, MOST) for _, c, r, *_ in calls):
        return None, {}
    pairs = [likeness.Pair(*pair, pair[0] in touched) for pair in calls]
    first = next(pair for pair in pairs if pair.wrong)
    of = f" of {part_names(touched)}" if len(touched) < len(right[0]) else ""
    words = {"came": first.c.shape, "right": first.r.shape, "of": of, "digits": _digits(within)}
    with np.errstate(all="ignore"):
        for mistake, test in GENERAL:
            if (found := test(pairs, same)) is not None:
                return mistake, words | found
    return None, {}


def _digits(within):
    """How many digits after the point are exact enough, in words."""
    digits = max(1, math.ceil(-math.log10(2 * within)))
    return f"{number_word(digits)} digit{'s' if digits > 1 else ''}"
