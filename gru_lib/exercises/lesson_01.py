"""Exercises of lesson 1, Why gates?"""

import math
from typing import NamedTuple

import numpy as np

from gru_lib.exercises.exercise import Exercise, Mistake


class HowFar(NamedTuple):
    """What is left after 20 steps at z = 0.9, and the z that leaves half."""

    left: float
    z: float


def steps_until(u, share):
    """The smallest number of steps T with |u|^T < share."""
    steps, product = 0, 1.0
    while not product < share:
        steps, product = steps + 1, product * abs(u)
    return steps


def jacobian(x_t, h_prev, W, U, b):
    """dh / dh_prev of a plain RNN for one row: entry [i, j] is dh[j] / dh_prev[i]."""
    return U * (1 - np.tanh(x_t @ W + h_prev @ U + b) ** 2)


def _pre_activation(x_t, h_prev, W, U, b):
    return x_t @ W + h_prev @ U + b


def _state(*arguments):
    return np.tanh(_pre_activation(*arguments))


def _rows():
    cases = []
    for inputs, hidden, seed in ((2, 3, 0), (1, 5, 1), (3, 1, 2)):
        rng = np.random.default_rng(seed)
        shapes = ((inputs,), (hidden,), (inputs, hidden), (hidden, hidden), (hidden,))
        cases.append(tuple(rng.normal(scale=0.7, size=shape) for shape in shapes))
    return cases


EXERCISES = (
    Exercise(
        name="how_far",
        lesson=1,
        kind="by hand",
        variable="my_how_far",
        prompt=r"""
**Your turn.** A GRU whose update gates all stand at $z = 0.9$, with nothing else passing a gradient. What share of it is left after 20 steps? And which $z$
would leave half after 20 steps? Give both, to two digits.
""",
        start="my_how_far = None, None  # Your turn: what is left, and the z that leaves half.",
        solution="my_how_far = 0.9**20, 0.5 ** (1 / 20)",
        explanation="Twenty steps multiply by z twenty times: 0.12 is left at 0.9, and half at 0.966.",
        hint="Each step multiplies. What is z multiplied by itself 20 times?",
        right=HowFar(0.9**20, 0.5 ** (1 / 20)),
        within=0.006,
        mistakes=(
            Mistake(
                "subtracted",
                "You have taken the same amount away at every step. A gate takes away a share of what is left.",
                answer={"z": 0.975},
            ),
            Mistake("lost for left", "That is what is lost. What is left?", answer={"left": 1 - 0.9**20}),
            Mistake(
                "power for root",
                "This z is what one half becomes in 20 steps. You want the number that becomes one half.",
                answer={"z": 0.5**20},
            ),
            Mistake("one step", "That is what one step leaves.", answer={"left": 0.9}),
        ),
    ),
    Exercise(
        name="steps_until",
        lesson=1,
        kind="write",
        variable="my_steps",
        prompt=r"""
**Your turn.** $h_T = u^T h_0$. Write a function that says after how many steps $|u|^T$ is *below* a given share, for $|u| < 1$. Check it by hand
with $u = 0.95$ and 0.01. ($u$ may be negative.)
""",
        start="""
def my_steps(u, share):
    # Your turn: the smallest whole number T for which |u| to the power of T is below share.
    return None
""",
        solution="""
def my_steps(u, share):
    steps, product = 0, 1.0
    while product >= share:
        steps, product = steps + 1, product * abs(u)
    return steps
""",
        explanation="For u = 0.95 and 0.01 it is 90: the logarithm of the share over that of |u|, and the next whole number.",
        hint="Try u = 0.5 and a share of 0.25 in your head: after 2 steps it is 0.25, which is not below 0.25.",
        right=steps_until,
        cases=lambda: [(0.95, 0.01), (0.5, 0.25), (0.9, 0.5), (-0.8, 0.1), (0.99, 0.001)],
        mistakes=(
            Mistake(
                "one too early",
                "At the number of steps that you give it is not below the share yet.",
                answer=lambda u, share: steps_until(u, share) - 1,
            ),
            Mistake(
                "below or equal",
                "Nearly: where a power hits the share exactly you stop one step too early.",
                answer=lambda u, share: math.ceil(math.log(share) / math.log(abs(u))),
            ),
            Mistake(
                "not a whole number",
                "A number of steps is a whole number, and yours are not.",
                answer=lambda u, share: math.log(share) / math.log(abs(u)),
            ),
            Mistake(
                "lost for left",
                "You wait until the share is lost. Wait until no more than the share is left.",
                answer=lambda u, share: steps_until(u, 1 - share),
            ),
        ),
    ),
    Exercise(
        name="rnn_jacobian",
        lesson=1,
        kind="write",
        variable="my_jacobian",
        prompt=r"""
**Your turn.** One step of a plain RNN for one row, $h_t = \tanh(x_t W + h_{t-1} U + b)$. Return its Jacobian, a (hidden, hidden) array in which entry
`[i, j]` says how much $h_t$ of unit `j` changes with $h_{t-1}$ of unit `i`.
""",
        start="""
def my_jacobian(x_t, h_prev, W, U, b):
    # Your turn: the state first, then the slope of tanh, then the matrix.
    return None
""",
        solution="""
def my_jacobian(x_t, h_prev, W, U, b):
    h = np.tanh(x_t @ W + h_prev @ U + b)
    return U * (1 - h**2)
""",
        explanation="A matrix and a slope, at every step: the only path a plain RNN has.",
        hint="Unit i reaches unit j through U[i, j], and then through the slope of unit j.",
        right=jacobian,
        cases=_rows,
        mistakes=(
            Mistake(
                "slope missing",
                "That is the matrix alone. What does tanh do to a small change?",
                answer=lambda x_t, h_prev, W, U, b: U,
            ),
            Mistake(
                "slope of the wrong unit",
                "The slope belongs to the unit in which a change arrives; you took that of the unit it comes from.",
                answer=lambda x_t, h_prev, W, U, b: U * (1 - _state(x_t, h_prev, W, U, b) ** 2)[:, None],
            ),
            Mistake(
                "slope of the old state",
                "The slope of tanh is taken at the new state, not at the old one.",
                answer=lambda x_t, h_prev, W, U, b: U * (1 - h_prev**2),
            ),
            Mistake(
                "sigmoid's slope",
                "This is the slope of the logistic function; here it is tanh.",
                answer=lambda x_t, h_prev, W, U, b: (
                    U * _state(x_t, h_prev, W, U, b) * (1 - _state(x_t, h_prev, W, U, b))
                ),
            ),
            Mistake(
                "slope of the pre-activation",
                "The slope of tanh is written with its result. You have put in what tanh is taken of.",
                answer=lambda x_t, h_prev, W, U, b: U * (1 - _pre_activation(x_t, h_prev, W, U, b) ** 2),
            ),
            Mistake(
                "tanh twice",
                "You have taken tanh of the state, and the state is a tanh already.",
                answer=lambda x_t, h_prev, W, U, b: U * (1 - np.tanh(_state(x_t, h_prev, W, U, b)) ** 2),
            ),
            Mistake(
                "square missing",
                "Your slope is below 1 on one side of 0 and above 1 on the other. Is the curve of tanh steeper there?",
                answer=lambda x_t, h_prev, W, U, b: U * (1 - _state(x_t, h_prev, W, U, b)),
            ),
            Mistake(
                "bias missing",
                "It is the slope at another place of the curve: the bias is missing in the state.",
                answer=lambda x_t, h_prev, W, U, b: jacobian(x_t, h_prev, W, U, 0),
            ),
            Mistake(
                "transposed",
                "From and to are exchanged: entry [i, j] is the way from unit i to unit j.",
                answer=lambda x_t, h_prev, W, U, b: jacobian(x_t, h_prev, W, U, b).T,
            ),
        ),
    ),
    Exercise(
        name="order_of_curves",
        lesson=1,
        kind="read",
        variable="my_order",
        prompt=r"""
**Your turn.** Read the figure above, "share left" against lag. Sort the four curves by what they have left at lag 50, the smallest first. Their names:
`"plain RNN"`, `"GRU 0"`, `"GRU 2"`, `"GRU 4"` (the number is the bias).
""",
        start="my_order = None  # Your turn: a list of the four names.",
        solution='my_order = ["GRU 0", "plain RNN", "GRU 2", "GRU 4"]',
        explanation="A fresh GRU halves what it carries at each step, so with a bias of 0 it loses more than the plain RNN.",
        hint="Go up the figure at its right end. The vertical axis is logarithmic: what is lowest is smallest by far.",
        right=["GRU 0", "plain RNN", "GRU 2", "GRU 4"],
        mistakes=(
            Mistake(
                "plain RNN last of all",
                "That is what the textbooks lead one to expect: gates always better. Look again at bias 0.",
                answer=["plain RNN", "GRU 0", "GRU 2", "GRU 4"],
            ),
            Mistake(
                "largest first",
                "That is the order from the largest down.",
                answer=["GRU 4", "GRU 2", "plain RNN", "GRU 0"],
            ),
        ),
    ),
)
