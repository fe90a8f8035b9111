"""Exercises of lesson 4, Backpropagation through time."""

from typing import NamedTuple

import numpy as np

from gru_lib.exercises import loops, passes, unit
from gru_lib.exercises.exercise import Exercise, Mistake
from gru_lib.exercises.lesson_03 import SIGMOID, SIZES

STEP = """
def step(x_t, h_prev, w):
    z = sigmoid(x_t @ w["W_z"] + h_prev @ w["U_z"] + w["b_z"] + w["c_z"])
    r = sigmoid(x_t @ w["W_r"] + h_prev @ w["U_r"] + w["b_r"] + w["c_r"])
    u = h_prev @ w["U_h"] + w["c_h"]
    candidate = np.tanh(x_t @ w["W_h"] + w["b_h"] + r * u)
    h = z * h_prev + (1 - z) * candidate
    return z, r, u, candidate, h
"""
STEP_BACKWARD = """
def step_backward(g, x_t, h_prev, saved, w):
    z, r, u, candidate, _ = saved
    da_z = g * (h_prev - candidate) * z * (1 - z)
    da_h = g * (1 - z) * (1 - candidate**2)
    da_r = da_h * u * r * (1 - r)
    du = da_h * r
    grads = {}
    for gate, at_input, at_state in (("z", da_z, da_z), ("r", da_r, da_r), ("h", da_h, du)):
        grads["W_" + gate] = x_t.T @ at_input
        grads["U_" + gate] = h_prev.T @ at_state
        grads["b_" + gate] = at_input.sum(axis=0)
        grads["c_" + gate] = at_state.sum(axis=0)
    grads["x_t"] = da_z @ w["W_z"].T + da_r @ w["W_r"].T + da_h @ w["W_h"].T
    grads["h_prev"] = g * z + da_z @ w["U_z"].T + da_r @ w["U_r"].T + du @ w["U_h"].T
    return grads
"""


class FourPaths(NamedTuple):
    """What each path brings to dL/dh_{t-1}."""

    carry: float
    update: float
    reset: float
    candidate: float


def step_backward(g, x_t, h_prev, saved, w):
    """The right gradients of a step."""
    return passes.backward(g, x_t, h_prev, saved, w)


def bptt(x, h0, dh, w):
    """The right gradients of a sequence."""
    return loops.through_time(x, h0, dh, w)


def before_backward(g, x_t, h_prev, saved, w):
    """The right gradients of a step with the reset before the product; `saved` is z, r, candidate, h."""
    return _before(g, x_t, h_prev, saved, w)


def _before(g, x_t, h_prev, saved, w, made=None):
    z, r, candidate, h = saved
    return passes.backward(g, x_t, h_prev, (z, r, r * h_prev, candidate, h), w, made, reset="before")


def _steps(reset="after"):
    for seed, (batch, _, inputs, hidden) in enumerate(SIZES):
        rng = np.random.default_rng(seed)
        x_t, h_prev, g = (
            rng.normal(size=(batch, inputs)),
            rng.uniform(-1, 1, (batch, hidden)),
            rng.normal(size=(batch, hidden)),
        )
        w = unit.weights(inputs, hidden, seed, "WUbc" if reset == "after" else "WUb")
        z, r, u, candidate, h = passes.forward(x_t, h_prev, w, reset)
        yield g, x_t, h_prev, (z, r, u, candidate, h) if reset == "after" else (z, r, candidate, h), w


def _sequences():
    for seed, (batch, time, inputs, hidden) in enumerate(SIZES):
        rng = np.random.default_rng(seed)
        x, dh = rng.normal(size=(batch, time, inputs)), rng.normal(size=(batch, time, hidden))
        yield x, rng.uniform(-1, 1, (batch, hidden)), dh, unit.weights(inputs, hidden, seed)


EXERCISES = (
    Exercise(
        name="four_paths",
        lesson=4,
        kind="by hand",
        variable="my_paths",
        prompt=r"""
**Your turn.** One unit: $z = 0.9$, $r = 1$, $u = 0.5$, $\tilde h = 0$, $h_{t-1} = 0.5$, $U_z = U_r = U_h = 1$, $g = 2$. What do the four paths bring to $\partial L / \partial h_{t-1}$: carry, update, reset, candidate?
""",
        start="my_paths = None, None, None, None  # Your turn: carry, update, reset, candidate.",
        solution="my_paths = 2 * 0.9, 2 * (0.5 - 0) * 0.9 * 0.1, 0, 2 * 0.1 * 1",
        explanation="With r at 1 its slope is 0, so the reset path brings nothing; the sum is 2.09, nearly all by the carry.",
        hint="Write down g * z, then da_z, da_h, da_r and du from the sections above, each with its slope.",
        right=FourPaths(1.8, 0.09, 0.0, 0.2),
        within=0.004,
        mistakes=(
            Mistake(
                "g forgotten",
                "What arrives at the state is g, and it is not 1 here.",
                answer=FourPaths(0.9, 0.045, 0, 0.1),
            ),
            Mistake(
                "slope of z missing",
                "Between z and its pre-activation stands the gate's slope.",
                answer={"update": 1.0},
            ),
            Mistake(
                "slope of r missing",
                "r is at 1. How much does a gate at its end move when it is pushed?",
                answer={"reset": 0.1},
            ),
            Mistake(
                "1 - z for z", "The shares are exchanged: the old state was multiplied by z.", answer={"carry": 0.2}
            ),
            Mistake(
                "carry alone",
                "The candidate path goes on at the candidate, which has the share 1 - z.",
                answer={"candidate": 2.0},
            ),
            Mistake(
                "sign",
                "The old state is above the candidate, so more z means more h: which sign has that?",
                answer={"update": -0.09},
            ),
        ),
    ),
    Exercise(
        name="step_backward",
        lesson=4,
        kind="write",
        variable="my_step_backward",
        prompt=r"""
**Your turn.** Put sections 1 to 5 together. `saved` is what `step` returned, `g` is (batch, hidden). Return one dict with the gradient of every weight and of `"x_t"` and `"h_prev"`.
""",
        given=SIGMOID + STEP,
        start="""
def my_step_backward(g, x_t, h_prev, saved, w):
    # Your turn: z, r, u, candidate, _ = saved; da_z, da_h; da_r, du;
    # the weights; "x_t"; and the four paths to "h_prev".
    return None
""",
        solution=STEP_BACKWARD.replace("step_backward", "my_step_backward"),
        explanation="A product gives each factor the other one, a squashing function its slope, a matrix its transpose.",
        hint="First da_z, da_h, da_r and du, each on paper; all else is one line for each array.",
        right=step_backward,
        cases=lambda: list(_steps()),
        mistakes=passes.mistakes(
            lambda made: lambda g, x_t, h_prev, saved, w: passes.backward(g, x_t, h_prev, saved, w, made)
        ),
    ),
    Exercise(
        name="bptt",
        lesson=4,
        kind="write",
        variable="my_bptt",
        prompt=r"""
**Your turn.** Forward: keep `h_prev` and what `step` returns, for each step. Backward: from the last step to the first. Return one dict with the summed gradients of all weights, with `"x"` (batch, time, input),
`"h0"` (batch, hidden), and `"g"`, all the $g_t$, (batch, time, hidden).
""",
        given=SIGMOID + STEP + STEP_BACKWARD,
        start="""
def my_bptt(x, h0, dh, w):
    # Your turn: a loop forward that saves, a loop backward that adds.
    return None
""",
        solution="""
def my_bptt(x, h0, dh, w):
    saved, h = [], h0
    for t in range(x.shape[1]):
        saved.append((h, step(x[:, t], h, w)))
        h = saved[t][1][-1]

    total = {name: np.zeros_like(value) for name, value in w.items()}
    total |= {"x": np.zeros_like(x), "g": np.zeros_like(dh)}
    from_later = np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        total["g"][:, t] = dh[:, t] + from_later
        grads = step_backward(total["g"][:, t], x[:, t], saved[t][0], saved[t][1], w)
        from_later, total["x"][:, t] = grads["h_prev"], grads["x_t"]
        for name in w:
            total[name] += grads[name]
    return total | {"h0": from_later}
""",
        explanation="What a step hands back is added to the loss of the step before it; what all steps share adds over time.",
        hint="From the last step to the first: g, what the step gives from it, the sums. h0 gets what the first step "
        "hands back. Which of these is right already?",
        right=bptt,
        cases=lambda: list(_sequences()),
        mistakes=(
            Mistake("no sum over time", *loops.THROUGH_TIME["no sum over time"], loops.last_step_alone),
            *passes.mistakes(
                lambda made: lambda x, h0, dh, w: loops.through_time(x, h0, dh, w, made),
                loops.THROUGH_TIME | passes.BACKWARD,
            ),
        ),
    ),
    Exercise(
        name="step_before_backward",
        lesson=4,
        kind="write",
        variable="my_before",
        prompt=r"""
**Your turn.** With the reset *before* the product the candidate is $\tanh\big(x_t W_h + (r \odot h_{t-1}) U_h + b_h\big)$ and there is one bias a gate. `saved` is `z, r, candidate, h`. Return the gradients of all
weights (no `c_`), of `"x_t"` and of `"h_prev"`.
""",
        given=SIGMOID + STEP_BACKWARD,
        start="""
def my_before(g, x_t, h_prev, saved, w):
    # Your turn: which lines of step_backward change?
    return None
""",
        solution="""
def my_before(g, x_t, h_prev, saved, w):
    z, r, candidate, _ = saved
    da_z = g * (h_prev - candidate) * z * (1 - z)
    da_h = g * (1 - z) * (1 - candidate**2)
    s = da_h @ w["U_h"].T  # dL / d(r * h_prev)
    da_r = s * h_prev * r * (1 - r)
    grads = {"h_prev": g * z + da_z @ w["U_z"].T + da_r @ w["U_r"].T + s * r}
    grads["x_t"] = da_z @ w["W_z"].T + da_r @ w["W_r"].T + da_h @ w["W_h"].T
    for gate, da, state in (("z", da_z, h_prev), ("r", da_r, h_prev), ("h", da_h, r * h_prev)):
        grads["W_" + gate], grads["U_" + gate] = x_t.T @ da, state.T @ da
        grads["b_" + gate] = da.sum(axis=0)
    return grads
""",
        explanation="U_h now meets r * h_prev, so r gets the gradients of all candidates, mixed by U_h, times its own h_prev.",
        hint="Give dL / d(r * h_prev) a name. It is a product: what goes to r, and what to h_prev?",
        right=before_backward,
        cases=lambda: list(_steps("before")),
        mistakes=passes.mistakes(
            lambda made: lambda g, x_t, h_prev, saved, w: _before(g, x_t, h_prev, saved, w, made), passes.BEFORE
        ),
    ),
    Exercise(
        name="read_a_failure",
        lesson=4,
        kind="read",
        variable="my_line",
        prompt=r"""
**Your turn.** Somebody's gradients fail the check on *one* step: wrong are $W_r$, $U_r$, $b_r$, $c_r$, `x` and `h0`, and nothing else. In which line is the mistake: that of `"da_z"`, `"da_h"`, `"da_r"` or `"du"`?
""",
        start="my_line = None  # Your turn: one of the four names.",
        solution='my_line = "da_r"',
        explanation="Its four arrays are wrong, and it is one of the sums in x and h0; da_h and du must be right, for W_h and U_h are.",
        hint="For each of the four lines: which arrays are computed from it? Compare the list with what is right.",
        right="da_r",
        mistakes=(
            Mistake("da_z", "Then the update gate's weights would be wrong, and they are right.", answer="da_z"),
            Mistake("da_h", "da_r is made of it, but so is the gradient of W_h, which is right.", answer="da_h"),
            Mistake("du", "U_h and c_h are computed from it, and they are right.", answer="du"),
        ),
    ),
)
