"""Exercises of lesson 3, A GRU in NumPy."""

import numpy as np

from gru_lib.exercises import loops, passes, unit
from gru_lib.exercises.exercise import Exercise, Mistake

SIGMOID = """
def sigmoid(a):
    return 1 / (1 + np.exp(-a))
"""
GRU_STEP = """
def gru_step(x_t, h_prev, w):
    z = sigmoid(x_t @ w["W_z"] + h_prev @ w["U_z"] + w["b_z"] + w["c_z"])
    r = sigmoid(x_t @ w["W_r"] + h_prev @ w["U_r"] + w["b_r"] + w["c_r"])
    candidate = np.tanh(x_t @ w["W_h"] + w["b_h"] + r * (h_prev @ w["U_h"] + w["c_h"]))
    return z * h_prev + (1 - z) * candidate
"""
# batch, time, inputs, units: all different, one of everything, and all alike, where a wrong side does not even fail.
SIZES = ((3, 5, 4, 6), (1, 2, 1, 1), (3, 3, 3, 3))


def _steps():
    for seed, (batch, _, inputs, hidden) in enumerate(SIZES):
        rng = np.random.default_rng(seed)
        yield rng.normal(size=(batch, inputs)), rng.uniform(-1, 1, (batch, hidden)), unit.weights(inputs, hidden, seed)


def _sequences():
    for seed, (batch, time, inputs, hidden) in enumerate(SIZES):
        rng = np.random.default_rng(seed)
        x, h0 = rng.normal(size=(batch, time, inputs)), rng.uniform(-1, 1, (batch, hidden))
        yield x, h0, unit.weights(inputs, hidden, seed)


def _masked():
    # Padded to the right, masked in the middle, and a row that is masked from the start.
    for seed, (x, h0, w) in enumerate(_sequences()):
        mask = np.random.default_rng(seed + 10).random(x.shape[:2]) < 0.6
        mask[0, -1] = mask[-1, 0] = False
        yield x, h0, w, mask


def step(x_t, h_prev, w):
    """The right step, reset after the product."""
    return unit.step(x_t, h_prev, w)


def forward(x, h0, w):
    """The states after all steps."""
    return unit.loop(x, h0, w)


def masked(x, h0, w, mask):
    """The states after all steps; a step that does not count carries the state."""
    return unit.loop(x, h0, w, mask=mask)


def _step_with(made):
    return lambda x_t, h_prev, w: unit.step(x_t, h_prev, w, made)


def _still_before(x_t, h_prev, w):
    r = unit.sigmoid(x_t @ w["W_r"] + h_prev @ w["U_r"] + w["b_r"] + w["c_r"])
    return unit.step(x_t, h_prev, w | {"b_h": w["b_h"] + r * w["c_h"], "c_h": 0.0}, "reset before the product")


def _all_four(x_t, h_prev, w):
    z, r, _, candidate, h = passes.forward(x_t, h_prev, w)
    return np.stack([z, r, candidate, h])


def _loop_with(made):
    return lambda x, h0, w: unit.loop(x, h0, w, made)


EXERCISES = (
    Exercise(
        name="parameters_of_a_gru",
        lesson=3,
        kind="predict",
        variable="my_number",
        prompt=r"""
**Predict.** A GRU with 4 inputs and 5 units: how many numbers does it store, with all biases in the table and `c_z`, `c_r`?
""",
        start="my_number = None  # Your turn.",
        solution="my_number = 3 * (4 * 5 + 5 * 5 + 5 + 5)",
        explanation="Three blocks, each with a W of 4 × 5, a U of 5 × 5 and two biases of 5. With one bias a block it is 150.",
        hint="Count one block: a W, a U and its biases. How many blocks are there, and how many biases has each?",
        right=165,
        mistakes=(
            Mistake(
                "one bias",
                "That is the count with one bias a block, as in Cho's paper. How many does the table have?",
                answer=150,
            ),
            Mistake(
                "one block", "That is one block. How many gates and candidates have weights of their own?", answer=55
            ),
            Mistake("no bias", "That is the count of the matrices alone.", answer=135),
            Mistake("four blocks", "Four blocks make an LSTM. A GRU has two gates and a candidate.", answer=220),
            Mistake("no recurrent weights", "The old state has weights too, from every unit to every unit.", answer=90),
            Mistake("two blocks", "Two gates are two blocks. What else has weights?", answer=110),
        ),
    ),
    Exercise(
        name="gru_step",
        lesson=3,
        kind="write",
        variable="my_step",
        prompt=r"""
**Your turn.** Four lines. `w` is a dict of the arrays above; return `h`.
""",
        given=SIGMOID,
        start="""
def my_step(x_t, h_prev, w):
    # Your turn: z, r, candidate, h, in the order of the equations above.
    return None
""",
        solution=GRU_STEP.replace("gru_step", "my_step"),
        explanation="Two gates, a candidate, an average: four lines, and each row of the batch by itself.",
        hint="Compare your four lines with the four equations, term by term, and say of each array what its shape is.",
        right=step,
        cases=lambda: list(_steps()),
        mistakes=(
            Mistake(
                "all four returned",
                "You return all that the four equations compute. The new state alone is asked for.",
                "The next step goes on from what this one returns. What does it need?",
                _all_four,
            ),
            *unit.mistakes(_step_with, leave_out=("reset after the product",)),
        ),
        together=_step_with,
    ),
    Exercise(
        name="gru_forward",
        lesson=3,
        kind="write",
        variable="my_forward",
        prompt=r"""
**Your turn.** `x` is (batch, time, input). Call your step for each `x[:, t]` and return the states after every step, (batch, time, hidden).
""",
        given=SIGMOID + GRU_STEP,
        start="""
def my_forward(x, h0, w):
    # Your turn: a list, a loop over x.shape[1], np.stack(..., axis=1).
    return None
""",
        solution="""
def my_forward(x, h0, w):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = gru_step(x[:, t], h, w)
        states.append(h)
    return np.stack(states, axis=1)
""",
        explanation="The same step with the same weights, again and again; the state is all that travels.",
        hint="One step takes x[:, t] and the state that the step before has left; keep each new state.",
        right=forward,
        cases=lambda: list(_sequences()),
        mistakes=(*loops.FORWARD, *unit.mistakes(_loop_with, leave_out=("reset after the product",))),
        together=_loop_with,
    ),
    Exercise(
        name="repair_torch",
        lesson=3,
        kind="repair",
        variable="my_torch_step",
        prompt=r"""
**Your turn.** This was meant to be PyTorch's GRU, in the names of this lesson. Two things in it are wrong. Repair them.
""",
        given=SIGMOID,
        start="""
def my_torch_step(x_t, h_prev, w):
    z = sigmoid(x_t @ w["W_z"] + h_prev @ w["U_z"] + w["b_z"] + w["c_z"])
    r = sigmoid(x_t @ w["W_r"] + h_prev @ w["U_r"] + w["b_r"] + w["c_r"])
    candidate = np.tanh(x_t @ w["W_h"] + w["b_h"] + (r * h_prev) @ w["U_h"] + w["c_h"])
    return z * h_prev + (1 - z) * candidate
""",
        solution=GRU_STEP.replace("gru_step", "my_torch_step"),
        explanation="PyTorch resets after the product, and its second bias stands inside: r * (h U_h + c_h).",
        hint="Both mistakes are in the candidate. What does PyTorch's reset gate multiply?",
        right=step,
        cases=lambda: list(_steps()),
        mistakes=(
            Mistake(
                "reset still before the product",
                "One of the two is repaired: the second bias stands where it should. The state is still reset too early.",
                "What does PyTorch's reset gate multiply: h_prev, or what comes out of the product?",
                _still_before,
            ),
            *unit.mistakes(
                _step_with, leave_out=("reset after the product", "reset before the product", "U transposed")
            ),
        ),
    ),
    Exercise(
        name="masked_forward",
        lesson=3,
        kind="write",
        variable="my_masked",
        prompt=r"""
**Your turn.** Sequences of different length are padded with zeros. `mask` (batch, time) is True where a step counts; where it is False the state is carried, $h_t = h_{t-1}$.
Return the states, (batch, time, hidden).
""",
        given=SIGMOID + GRU_STEP,
        start="""
def my_masked(x, h0, w, mask):
    # Your turn: the loop of before, and for each row either the new state or the old one.
    return None
""",
        solution="""
def my_masked(x, h0, w, mask):
    h, states = h0, []
    for t in range(x.shape[1]):
        h = np.where(mask[:, t, None], gru_step(x[:, t], h, w), h)
        states.append(h)
    return np.stack(states, axis=1)
""",
        explanation="A masked step carries the state, so the last column holds the state at each sequence's own end.",
        hint="At each step some rows take the new state and others keep the old one; mask[:, t] says which.",
        right=masked,
        cases=lambda: list(_masked()),
        mistakes=loops.MASKED,
    ),
    Exercise(
        name="one_step_by_hand",
        lesson=3,
        kind="by hand",
        variable="my_h",
        prompt=r"""
**Your turn.** One unit, one input: $W_z = U_z = 0$, $b_z = c_z = 0$; $W_h = 1$, $U_h = 0$, $b_h = c_h = 0$; $x_t = 0.5$, $h_{t-1} = 0.2$. What is $h_t$, to two digits?
""",
        start="my_h = None  # Your turn.",
        solution="my_h = 0.5 * 0.2 + 0.5 * np.tanh(0.5)",
        explanation="z = sigma(0) = 0.5 and the candidate is tanh(0.5) = 0.46: half of each makes 0.33.",
        hint="Which value has z if all its weights are 0? What is the candidate? Then the average.",
        right=0.5 * 0.2 + 0.5 * float(np.tanh(0.5)),
        within=0.006,
        mistakes=(
            Mistake("z is 0", "That is the candidate. All weights of z are 0, but what is sigma(0)?", answer=0.462),
            Mistake("not squashed", "The candidate is squashed, by tanh.", answer=0.35),
            Mistake(
                "sigmoid for tanh",
                "You have squashed the candidate by sigma. It is a candidate, not a gate.",
                answer=0.411,
            ),
            Mistake("sum for average", "The two are averaged, not added.", answer=0.662),
            Mistake("all kept", "That is the old state.", answer=0.2),
        ),
    ),
)
