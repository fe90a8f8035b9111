"""Exercises of lesson 2, The gates."""

import math

import numpy as np

from gru_lib.exercises import unit
from gru_lib.exercises.designs import WEIGHTS, judge_latch
from gru_lib.exercises.exercise import Exercise, Mistake


def _sigma(a):
    return 1 / (1 + math.exp(-a))


def half_life_bias(steps):
    """The bias of z, all its other weights 0, with which half of the state is left after `steps` steps."""
    return _logit(0.5 ** (1 / steps))


def _logit(z):
    """The pre-activation for which sigma gives z."""
    return math.log(z / (1 - z))


def swapped(w):
    """The weights of the same function in the other convention: a new dict, the update gate's arrays negated."""
    return {name: -value if name in ("W_z", "U_z", "b_z", "c_z") else value.copy() for name, value in w.items()}


def _negated(*names):
    return lambda w: {name: -value if name in names else value.copy() for name, value in w.items()}


def which_reset(h_prev, r, U, past):
    """Whether `past` was computed with the reset "before" or "after" the product with U."""
    return "before" if np.allclose((r * h_prev) @ U, past) else "after"


def _pasts():
    cases = []
    for seed, before in enumerate((True, False, False, True)):
        rng = np.random.default_rng(seed)
        h, r, U = rng.uniform(-1, 1, (2, 4)), rng.uniform(0, 1, (2, 4)), rng.normal(size=(4, 4))
        cases.append((h, r, U, (r * h) @ U if before else r * (h @ U)))
    return cases


EXERCISES = (
    Exercise(
        name="update_gate",
        lesson=2,
        kind="by hand",
        variable="my_z",
        prompt=r"""
**Your turn.** $W_z = 2$, $U_z = -1$, $b_z = 1.5$, $x_t = 0.25$, $h_{t-1} = 1$. What is $z$, to two digits? Work it out, then look at the first lab.
""",
        start="my_z = None  # Your turn.",
        solution="my_z = 1 / (1 + np.exp(-(2 * 0.25 - 1 * 1 + 1.5)))",
        explanation="The pre-activation is 0.5 - 1 + 1.5 = 1, and sigma(1) = 0.73.",
        hint="First what comes from the input, from the state and from the bias, added up; then sigma of that.",
        right=_sigma(1),
        within=0.006,
        mistakes=(
            Mistake("not squashed", "That is the pre-activation. A gate lies between 0 and 1.", answer=1.0),
            Mistake(
                "tanh for sigmoid",
                "That is tanh of the pre-activation. A gate is squashed by sigma.",
                answer=math.tanh(1),
            ),
            Mistake("1 - the answer", "That is 1 - z, the share of the candidate.", answer=_sigma(-1)),
            Mistake(
                "bias missing",
                "Something is missing in the sum: what does the gate say if it sees nothing?",
                answer=_sigma(-0.5),
            ),
            Mistake(
                "sign of U", "The weight from the state is negative: a large state shuts this gate.", answer=_sigma(3)
            ),
            Mistake("state missing", "The gate listens to the old state too.", answer=_sigma(2)),
        ),
    ),
    Exercise(
        name="half_life_bias",
        lesson=2,
        kind="write",
        variable="my_bias",
        prompt=r"""
**Your turn.** Which $b_z$, all other weights of $z$ being 0, gives a half-life of a given number of steps? Write it as a function and try it with 20.
""",
        start="""
def my_bias(steps):
    # Your turn: from the half-life to z, from z to the bias.
    return None
""",
        solution="""
def my_bias(steps):
    z = 0.5 ** (1 / steps)
    return np.log(z / (1 - z))
""",
        explanation="For 20 steps z = 0.966 and b_z = 3.35; each doubling of the half-life adds about 0.69.",
        hint="Two steps: which z leaves half after so many steps, and for which pre-activation does sigma give that z?",
        right=half_life_bias,
        cases=lambda: [(20,), (2,), (5,), (100,)],
        mistakes=(
            Mistake(
                "z for b_z",
                "That is z itself, the gate. Its bias is asked for.",
                answer=lambda steps: 0.5 ** (1 / steps),
            ),
            Mistake(
                "z and 1 - z exchanged",
                "With this bias the unit forgets as fast as it should remember.",
                answer=lambda steps: -half_life_bias(steps),
            ),
            Mistake(
                "mean life",
                "You have taken 1 / (1 - z) for the half-life; after that many steps about a third is left.",
                "What is left after k steps is z to the power of k. Set that to one half.",
                lambda steps: math.log(steps - 1),
            ),
            Mistake(
                "e for one half",
                "After so many steps this z leaves 1 / e, about a third. That is the mean life; you want one half.",
                "What is left after k steps is z to the power of k. Set that to one half.",
                lambda steps: _logit(math.exp(-1 / steps)),
            ),
            *(
                Mistake(
                    "rule of thumb",
                    "0.69 / (1 - z) is the rule for z near 1. For short half-lives it is off.",
                    answer=lambda steps, ln_2=ln_2: _logit(1 - ln_2 / steps),
                )
                for ln_2 in (math.log(2), 0.69, 0.693, 0.7)
            ),
            Mistake(
                "log missing",
                "That is how many times as large as 1 - z the gate z is. sigma has an exponential function in it.",
                "If sigma gives z for some b, then z / (1 - z) is e to the power of b. What is b?",
                lambda steps: math.exp(half_life_bias(steps)),
            ),
            *(
                Mistake(
                    "other base",
                    "The logarithm has another base than the exponential function in sigma.",
                    answer=lambda steps, base=base: half_life_bias(steps) / math.log(base),
                )
                for base in (10, 2)
            ),
            Mistake(
                "log of z",
                "The logarithm of z undoes the exponential function. What undoes sigma?",
                answer=lambda steps: math.log(0.5) / steps,
            ),
        ),
    ),
    Exercise(
        name="which_convention",
        lesson=2,
        kind="decide",
        variable="my_conventions",
        prompt=r"""
**Your turn.** Three programs print one step each. Does $z$ keep or write? Answer `"keeps"`, `"writes"` or `"cannot tell"` for each.

| program | $h_{t-1}$ | $\tilde h$ | $z$ | $h_t$ |
|---|---|---|---|---|
| A | 0.6 | −0.2 | 0.75 | 0 |
| B | −0.5 | 0.5 | 0.9 | −0.4 |
| C | 0.8 | −0.4 | 0.5 | 0.2 |
""",
        start='my_conventions = {"A": None, "B": None, "C": None}  # Your turn.',
        solution='my_conventions = {"A": "writes", "B": "keeps", "C": "cannot tell"}',
        explanation="0.25 · 0.6 - 0.75 · 0.2 = 0, so A writes; B keeps nine tenths of its state; at z = 0.5 both say the same.",
        hint="Compute the new state in both ways and see which one the program prints.",
        right={"A": "writes", "B": "keeps", "C": "cannot tell"},
        mistakes=(
            Mistake("exchanged", "A and B are the other way round.", answer={"A": "keeps", "B": "writes"}),
            Mistake(
                "C decided",
                "One of the three cannot be decided: both ways of computing give the number printed.",
                answer={"C": "keeps"},
            ),
            Mistake(
                "C decided",
                "One of the three cannot be decided: both ways of computing give the number printed.",
                answer={"C": "writes"},
            ),
            Mistake("A keeps", "Keeping three quarters of 0.6, could A get down to 0?", answer={"A": "keeps"}),
            Mistake(
                "B writes",
                "B's state hardly moves although z is 0.9. So what does a large z do?",
                answer={"B": "writes"},
            ),
        ),
    ),
    Exercise(
        name="which_reset",
        lesson=2,
        kind="decide",
        variable="my_reset",
        prompt=r"""
**Your turn.** A program shows what the past adds to the candidate's pre-activation, `past` (batch, units), beside `h_prev`, `r` and `U` (its $U_h$; there are
no biases). Write a function that says from these numbers alone whether its reset stands `"before"` or `"after"` the product.
""",
        start="""
def my_reset(h_prev, r, U, past):
    # Your turn: compute it in both ways and compare.
    return None
""",
        solution="""
def my_reset(h_prev, r, U, past):
    return "before" if np.allclose((r * h_prev) @ U, past) else "after"
""",
        explanation="With two units or more the two differ, so one step on random numbers tells which program you have.",
        hint="r * h_prev, then the product; or the product, then r. Which of the two gives past?",
        right=which_reset,
        cases=_pasts,
        mistakes=(
            Mistake(
                "exchanged",
                "You recognise both kinds, and give each the name of the other.",
                answer=lambda h_prev, r, U, past: {"before": "after", "after": "before"}[
                    which_reset(h_prev, r, U, past)
                ],
            ),
            Mistake("always before", "You say the same of every program.", answer=lambda h_prev, r, U, past: "before"),
            Mistake("always after", "You say the same of every program.", answer=lambda h_prev, r, U, past: "after"),
        ),
    ),
    Exercise(
        name="swap_convention",
        lesson=2,
        kind="write",
        variable="my_swap",
        prompt=r"""
**Your turn.** `w` is a dict with the weights of a GRU in which $z$ keeps (`W_z`, `U_z`, `b_z`, `c_z`, `W_r`, ...). Return a new dict with the same names that gives the same
states in a program in which $z$ writes.
""",
        start="""
def my_swap(w):
    # Your turn: which arrays make up z, and what turns z into 1 - z?
    return None
""",
        solution="""
def my_swap(w):
    return {name: -value if name.endswith("_z") else value for name, value in w.items()}
""",
        explanation="1 - sigma(a) = sigma(-a): everything that is added up in a is negated, and nothing else.",
        hint="1 - sigma(a) = sigma(-a). Which arrays are in the a of the update gate?",
        right=swapped,
        cases=lambda: [(unit.weights(2, 3, seed=0),), (unit.weights(1, 2, seed=1),)],
        mistakes=(
            Mistake(
                "c_z forgotten",
                "One array of the update gate has been left as it was.",
                answer=_negated("W_z", "U_z", "b_z"),
            ),
            Mistake(
                "biases forgotten",
                "Weights are negated, and biases are not. They are in the same sum.",
                answer=_negated("W_z", "U_z"),
            ),
            Mistake(
                "biases alone",
                "With the biases alone z becomes 1 - z only where the input and the state are 0.",
                answer=_negated("b_z", "c_z"),
            ),
            Mistake(
                "all gates",
                "You have turned round every gate, and the candidate. Which of them do the two conventions disagree about?",
                answer=lambda w: {name: -value for name, value in w.items()},
            ),
            Mistake(
                "reset gate",
                "You have turned round the reset gate. The conventions disagree about the other one.",
                answer=_negated("W_r", "U_r", "b_r", "c_r"),
            ),
            Mistake(
                "1 - the weights",
                "z becomes 1 - z, but its weights do not become 1 - weights: sigma stands between them.",
                answer=lambda w: {name: 1 - value if name.endswith("_z") else value for name, value in w.items()},
            ),
        ),
    ),
    Exercise(
        name="latch",
        lesson=2,
        kind="design",
        variable="my_latch",
        prompt=r"""
**Your turn.** Design a latch. One unit reads two inputs, a *sign* and *now*. Both are 0 nearly always; once the sign is $+1$ or $-1$ and *now* is 1. Set its weights such that it takes the
sign and still has it 100 steps later: above 0.5 or below $-0.5$. What you do not name is 0. `W_z`, `W_r` and `W_h` have two rows, for the sign and for *now*.
""",
        start="""
my_latch = {
    "W_z": [[0], [0]],  # from the sign, from now
    "b_z": 0,
    "W_h": [[0], [0]],
}
""",
        solution="""
my_latch = {
    "W_z": [[0], [-16]],
    "b_z": 8,
    "W_h": [[5], [0]],
}
""",
        explanation="z is near 1 except at the signal, where it lets the candidate in. (A candidate that restates the state holds it too.)",
        hint="What should z be at the signal, and what at all other steps? Near 1 is not 1: 0.98 to the power of 100 is 0.13.",
        judge=judge_latch,
        mistakes=(
            Mistake(WEIGHTS, "These are not the weights of a unit with two inputs."),
            Mistake(
                "z and 1 - z exchanged",
                "Your unit keeps at the signal and writes at all other steps: just the wrong way round.",
                "In this collection z near 1 keeps.",
            ),
            Mistake(
                "never writes",
                "The sign does not get in: at the signal z still keeps most of the old state.",
                "now has to pull the update gate down, against its bias.",
            ),
            Mistake(
                "leaks",
                "The sign gets in and is gone 100 steps later.",
                "What is z between signals, and what is that to the power of 100?",
            ),
            Mistake(
                "deaf candidate",
                "The candidate does not follow the sign: there is nothing worth writing.",
                "The candidate at the signal should be near +1 or -1. Which weight brings the sign into it?",
            ),
            Mistake(
                "sign turned round", "It holds a sign, and the wrong one.", "Which weight decides the candidate's sign?"
            ),
        ),
    ),
)
