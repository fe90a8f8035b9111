"""Exercises of lesson 5, Training and memory."""

import math
from typing import NamedTuple

import numpy as np

from gru_lib.exercises.designs import WEIGHTS, judge_reviews
from gru_lib.exercises.exercise import Exercise, Mistake


class AdamStep(NamedTuple):
    """What a step of Adam gives: the weight and the two running means."""

    w: np.ndarray
    m: np.ndarray
    v: np.ndarray


def clip(grads, max_norm):
    """The gradients, shortened by one factor so that all together are at most `max_norm` long."""
    norm = math.sqrt(sum(float(np.sum(g * g)) for g in grads.values()))
    return {name: g * min(1, max_norm / norm) for name, g in grads.items()}


def _gradients():
    # Too long; too long only as a whole, for no array in it is; short enough; another limit.
    return [
        ({"W": np.full((2, 2), 2.0), "b": np.array([3.0, 0.0])}, 1.0),
        ({"W": np.full((2, 2), 0.4), "b": np.array([0.3, -0.6])}, 1.0),
        ({"W": np.full((2, 2), 0.1), "b": np.array([0.1, -0.1])}, 1.0),
        ({"W": np.array([[1.0, -2.0]]), "b": np.array([4.0])}, 3.0),
    ]


def _of_each(function):
    return lambda grads, max_norm: {name: function(g, max_norm) for name, g in grads.items()}


def _largest(grads, max_norm):
    most = max(float(np.abs(g).max()) for g in grads.values())
    return {name: g * min(1, max_norm / most) for name, g in grads.items()}


def _squared(grads, max_norm):
    square = sum(float(np.sum(g * g)) for g in grads.values())
    return {name: g * min(1, max_norm / square) for name, g in grads.items()}


def _added(grads, max_norm):
    lengths = sum(float(np.linalg.norm(g)) for g in grads.values())
    return {name: g * min(1, max_norm / lengths) for name, g in grads.items()}


def _to_one(grads, max_norm):
    return clip(grads, 1.0)


def _always(grads, max_norm):
    norm = math.sqrt(sum(float(np.sum(g * g)) for g in grads.values()))
    return {name: g * max_norm / norm for name, g in grads.items()}


def adam(w, g, m, v, t, rate):
    """One step of Adam with its usual constants."""
    return _adam(w, g, m, v, t, rate)


def _adam(w, g, m, v, t, rate, made=()):
    swap = "shares exchanged" in made
    m = (0.1 if swap else 0.9) * m + (0.9 if swap else 0.1) * g
    v = 0.999 * v + 0.001 * (np.abs(g) if "not squared" in made else g**2)
    steps = t + 1 if "one step too many" in made else 1 if "t missing" in made else t
    m_hat, v_hat = m / (1 - 0.9**steps), v / (1 - 0.999**steps)
    if "correction missing" in made or "correction of m missing" in made:
        m_hat = m
    if "correction missing" in made or "correction of v missing" in made:
        v_hat = v
    sign = -1 if "uphill" in made else 1
    root = v_hat if "root missing" in made else np.sqrt(v_hat)
    w = w - sign * rate * m_hat / (root + 1e-8)
    return AdamStep(w, m_hat, v_hat) if "corrected means returned" in made else AdamStep(w, m, v)


def _adam_with(*made):
    return lambda w, g, m, v, t, rate: _adam(w, g, m, v, t, rate, made)


def _moments():
    cases = []
    for seed, t in ((0, 1), (1, 4)):
        rng = np.random.default_rng(seed)
        w, g, m = rng.normal(size=(3, 2, 3))
        cases.append((w, g, m * (t > 1), rng.uniform(0.5, 2, (2, 3)) * (t > 1), t, 0.1))
    return cases


EXERCISES = (
    Exercise(
        name="clip",
        lesson=5,
        kind="write",
        variable="my_clip",
        prompt=r"""
**Your turn.** `grads` is a dict of arrays. Return a dict with the same names, clipped: if all arrays, taken as one long vector, are longer than `max_norm`, all are shortened by the same factor.
""",
        start="""
def my_clip(grads, max_norm):
    # Your turn: the norm of everything together, then one factor for all arrays.
    return None
""",
        solution="""
def my_clip(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    return {name: g * min(1, max_norm / norm) for name, g in grads.items()}
""",
        explanation="One factor for all arrays keeps the direction; what is short enough is left alone.",
        hint="One number first: the length of everything together. Then one factor, at most 1.",
        right=clip,
        cases=_gradients,
        mistakes=(
            Mistake(
                "each array on its own",
                "Each array was clipped on its own. One norm is meant, of all arrays together.",
                answer=_of_each(lambda g, most: g * min(1, most / float(np.linalg.norm(g)))),
            ),
            Mistake(
                "each entry on its own",
                "Each entry was clipped on its own. That changes the direction of the step.",
                answer=_of_each(lambda g, most: g.clip(-most, most)),
            ),
            Mistake(
                "always shortened",
                "Gradients that are short enough should be left alone; yours all end with the same length.",
                "Is there a factor that you must never go above?",
                _always,
            ),
            Mistake(
                "root missing",
                "The square of the length is taken for the length.",
                answer=_squared,
            ),
            Mistake(
                "lengths added",
                "The lengths of the arrays are added. One long vector made of them all is shorter than that.",
                "Gradients of 3 and of 4 in two directions: how long is the vector (3, 4)?",
                _added,
            ),
            Mistake(
                "limit not used",
                "All that is longer than 1 is shortened to 1; the limit is max_norm.",
                answer=_to_one,
            ),
            Mistake(
                "largest entry",
                "You measure the largest entry. The length of the whole is meant.",
                answer=_largest,
            ),
            Mistake(
                "nothing clipped",
                "The gradients come back as they were.",
                answer=lambda grads, max_norm: grads,
            ),
        ),
    ),
    Exercise(
        name="adam",
        lesson=5,
        kind="repair",
        variable="my_adam",
        prompt=r"""
**Your turn.** A step of Adam for one array `w` with gradient `g`; `m` and `v` are the two running means, `t` counts the steps from 1. Two things in it are wrong. Repair them.
""",
        start="""
def my_adam(w, g, m, v, t, rate):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    return w + rate * m / (np.sqrt(v) + 1e-8), m, v
""",
        solution="""
def my_adam(w, g, m, v, t, rate):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return w - rate * m_hat / (np.sqrt(v_hat) + 1e-8), m, v
""",
        explanation="The step goes against the gradient, and the hats undo that both means start at 0.",
        hint="Take the first step on paper: m and v were 0, t is 1. What do m and v hold afterwards, and how far from w is the new w?",
        right=adam,
        cases=_moments,
        together=lambda names: _adam_with(*names),
        mistakes=(
            Mistake(
                "uphill",
                "The weight is moved along the gradient: the loss would rise.",
                "In which direction does the loss fall?",
                _adam_with("uphill"),
            ),
            Mistake(
                "correction missing",
                "Both means start at 0 and are too small at first; nothing undoes that yet.",
                "After one step m is a tenth of g, and v a thousandth of its square. By what would you divide?",
                _adam_with("correction missing"),
            ),
            *(
                Mistake(
                    f"correction of {mean} missing",
                    "One of the two means is corrected for its start at 0, the other is not.",
                    "Both start at 0. Which of the two is used as it is?",
                    _adam_with(f"correction of {mean} missing"),
                )
                for mean in "mv"
            ),
            Mistake(
                "t missing",
                "Your correction is that of the first step, at every step.",
                "After many steps the means have forgotten their start at 0. What should the correction be then?",
                _adam_with("t missing"),
            ),
            Mistake(
                "one step too many",
                "The correction is that of the next step: t counts from 1, and has counted this one.",
                "After the first step m is a tenth of g. Which power of 0.9 makes 1 of it?",
                _adam_with("one step too many"),
            ),
            Mistake(
                "corrected means returned",
                "What you return for m and v is corrected. The next step would go on from there, and correct once more.",
                "The correction is for this one step. Which numbers should the running means remember?",
                _adam_with("corrected means returned"),
            ),
            Mistake(
                "root missing",
                "The step is divided by a mean square. Which unit has it then?",
                "If all gradients were ten times as large, how should the step change? How does yours?",
                _adam_with("root missing"),
            ),
            Mistake(
                "not squared",
                "v is to be the mean of the squares.",
                "What is v after the first step, compared with the square of g?",
                _adam_with("not squared"),
            ),
            Mistake(
                "shares exchanged",
                "m forgets nine tenths at every step, and should keep them.",
                "A running mean changes slowly. Which share belongs to the old mean?",
                _adam_with("shares exchanged"),
            ),
        ),
    ),
    Exercise(
        name="naive_copy",
        lesson=5,
        kind="by hand",
        variable="my_naive",
        prompt=r"""
**Your turn.** The copy task with words of 10 out of 8 symbols and a delay of 100 steps, 120 answers in all. What is the mean cross entropy, in nats a step, of somebody who remembers nothing? To three digits.
""",
        start="my_naive = None  # Your turn.",
        solution="my_naive = 10 * np.log(8) / 120",
        explanation="The 110 blanks are sure and cost nothing, 10 guesses cost ln 8 each: 0.173. It looks small, and is a guess.",
        hint="How many answers are sure, and cost nothing? What does one guess among 8 cost? Then the mean over all answers.",
        right=10 * math.log(8) / 120,
        within=0.0008,
        mistakes=(
            Mistake(
                "not a mean",
                "That is the sum over the whole sequence. The mean a step is asked for.",
                answer=10 * math.log(8),
            ),
            Mistake("guesses alone", "That is what one guess costs. Most answers are no guesses.", answer=math.log(8)),
            Mistake(
                "bits for nats",
                "That is in bits: you have used the logarithm to base 2.",
                answer=10 * math.log2(8) / 120,
            ),
            Mistake(
                "other base",
                "That is the logarithm to base 10. Nats are natural logarithms.",
                answer=10 * math.log10(8) / 120,
            ),
            Mistake(
                "delay for length",
                "The mean goes over all answers, and there are more of them than steps of delay.",
                answer=10 * math.log(8) / 100,
            ),
            Mistake(
                "symbols and length exchanged",
                "That is 8 guesses among 10 symbols. It is the other way round.",
                answer=8 * math.log(10) / 120,
            ),
            Mistake(
                "nine classes",
                "The guess is among the symbols; that a symbol is due is known.",
                answer=10 * math.log(9) / 120,
            ),
            Mistake(
                "every step a guess", "Not every step is a guess: when blanks are due is known.", answer=math.log(9)
            ),
        ),
    ),
    Exercise(
        name="review_unit",
        lesson=5,
        kind="design",
        variable="my_reader",
        prompt=r"""
**Your turn.** Set one unit by hand that solves `tasks.reviews(..., verdict="end")` and remembers: behind each review follow 24 words that merely fill, with all inputs 0. The last state is to be above 0.5 where the guest is content, else below $-0.5$. Four inputs: *good*, *bad*, *resort*, *other*;
`W_z`, `W_r` and `W_h` have a row for each. What you do not name is 0.
""",
        start="""
my_reader = {
    "W_z": [[0], [0], [0], [0]],  # from good, bad, resort, other
    "b_z": 0,
    "W_h": [[0], [0], [0], [0]],
}
""",
        solution="""
my_reader = {
    "W_z": [[-16], [-16], [0], [0]],
    "b_z": 8,
    "W_h": [[5], [-5], [0], [0]],
}
""",
        explanation="It writes at every judging word and keeps elsewhere: the last judgement wins, and it is the verdict.",
        hint="The verdict is the last judging word. Which words have to be written, and what has to happen at all others?",
        judge=judge_reviews,
        mistakes=(
            Mistake(WEIGHTS, "These are not the weights of a unit with four inputs."),
            Mistake(
                "deaf candidate",
                "The candidate does not tell good from bad.",
                "Give the two words weights of opposite sign to the candidate.",
            ),
            Mistake(
                "never writes",
                "At judging words most of the old state is kept, so the last one does not win.",
                "In this collection z near 1 keeps. What should z be at good and at bad?",
            ),
            Mistake(
                "leaks",
                "Judgements get in, but what follows does not leave the state as it is.",
                "Every word leaves a share z of the state, and 24 words follow. Which z leaves more than half of it?",
            ),
            Mistake(
                "half written",
                "A judging word does not say enough: right behind it the state is not yet beyond 0.5 on its side.",
                "Where the old state said the opposite, what is the new one with your z and your candidate?",
            ),
            Mistake(
                "sign turned round",
                "It reads every review, and says the opposite.",
                "Which sign has the candidate at a good word?",
            ),
        ),
    ),
)
