"""Exercises of lesson 3, A GRU in NumPy."""

import numpy as np

from gru_lib.exercises import passes, unit
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


def _always_h0(x, h0, w):
    return np.stack([step(x[:, t], h0, w) for t in range(x.shape[1])], axis=1)


def _from_zeros(x, h0, w):
    return forward(x, np.zeros_like(h0), w)


def _inverted(x, h0, w, mask):
    return masked(x, h0, w, ~mask)


def _masked_by(rule):
    """The loop in which `rule` says how a step goes on: given new, h, h0 and whether the row counts, (batch, 1)."""

    def states(x, h0, w, mask):
        h, found = h0, []
        for t in range(x.shape[1]):
            h = rule(step(x[:, t], h, w), h, h0, mask[:, t, None])
            found.append(h)
        return np.stack(found, axis=1)

    return states


def _shown_by(rule):
    """The state reads on; `rule` says what is shown: given the new state, the old one, what was shown last, and mask."""

    def states(x, h0, w, mask):
        shown, h, found = h0, h0, []
        for t in range(x.shape[1]):
            new = step(x[:, t], h, w)
            shown, h = rule(new, h, shown, mask[:, t, None]), new
            found.append(shown)
        return np.stack(found, axis=1)

    return states


LOOP = (
    Mistake(
        "stale state",
        "Every step starts from the first state again: nothing travels from step to step.",
        "What does step t + 1 need from step t? Is it handed on in your loop?",
        _always_h0,
    ),
    Mistake("first state ignored", "The sequence starts from zeros, and h0 is not looked at.", answer=_from_zeros),
    Mistake(
        "last state only",
        "That is the state after the last step alone. The states after all steps are asked for.",
        answer=lambda x, h0, w: forward(x, h0, w)[:, -1],
    ),
    Mistake(
        "first state included",
        "There is a state too many: the one before the first step is not asked for.",
        answer=lambda x, h0, w: np.concatenate([h0[:, None], forward(x, h0, w)], axis=1),
    ),
    Mistake(
        "one step late",
        "Each state stands one place too late: you have kept the state before the step, not after it.",
        answer=lambda x, h0, w: np.concatenate([h0[:, None], forward(x, h0, w)[:, :-1]], axis=1),
    ),
    Mistake(
        "time first",
        "The numbers are right, and time is the first axis. (batch, time, hidden) is asked for.",
        "Along which axis do you stack the states?",
        lambda x, h0, w: forward(x, h0, w).swapaxes(0, 1),
    ),
    Mistake(
        "as many steps as rows",
        "There are as many states as the batch has rows. You count along another axis than time.",
        "x is (batch, time, input). Over which of the three does the loop go?",
        lambda x, h0, w: forward(x, h0, w)[:, : len(x)],
    ),
    Mistake(
        "first state only",
        "That is the state after the first step alone: the others never come back.",
        "A return ends the function wherever it stands. How far does your loop get?",
        lambda x, h0, w: forward(x, h0, w)[:, :1],
    ),
    Mistake(
        "first step left out",
        "There is a state too few: the first step of the sequence is never made, and all later states lack it.",
        "Which number has the first step?",
        lambda x, h0, w: forward(x[:, 1:], h0, w),
    ),
    Mistake(
        "last step left out",
        "There is a state too few: the one after the last step.",
        "How many steps has x, and how many does your loop make?",
        lambda x, h0, w: forward(x, h0, w)[:, :-1],
    ),
    *(
        Mistake(
            "steps joined",
            "The states are right, but they are joined along an axis that was there before, so time has none of its own.",
            "Each state has two axes, and the answer has three. Joining along an old axis makes no new one.",
            joined,
        )
        for joined in (
            lambda x, h0, w: np.concatenate(list(forward(x, h0, w).swapaxes(0, 1)), axis=1),
            lambda x, h0, w: np.concatenate(list(forward(x, h0, w).swapaxes(0, 1)), axis=0),
        )
    ),
    Mistake(
        "read backwards",
        "The sequence is read from its end.",
        answer=lambda x, h0, w: forward(x[:, ::-1], h0, w),
    ),
)

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
        mistakes=(*LOOP, *unit.mistakes(_loop_with, leave_out=("reset after the product",))),
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
        mistakes=(
            Mistake(
                "mask ignored",
                "Your unit goes on reading where the mask says that a step does not count.",
                answer=lambda x, h0, w, mask: forward(x, h0, w),
            ),
            Mistake(
                "mask inverted",
                "The state is carried where the steps count, and moves where they do not.",
                "True means that a step counts.",
                _inverted,
            ),
            Mistake(
                "state set to 0",
                "Where a step does not count your state becomes 0, and the past is lost. It is to be carried.",
                answer=_masked_by(lambda new, h, h0, counts: new * counts),
            ),
            Mistake(
                "back to the first state",
                "Where a step does not count your state goes back to h0, and what was read before is lost.",
                "h0 is the old state of the first step alone. Which one is that of step t?",
                _masked_by(lambda new, h, h0, counts: np.where(counts, new, h0)),
            ),
            Mistake(
                "all rows if one counts",
                "The rows are not told apart: as soon as the step counts in one of them, all of them move.",
                "mask has a number for each row. Which of them should decide for row 0?",
                _masked_by(lambda new, h, h0, counts: new if counts.any() else h),
            ),
            Mistake(
                "no row unless all count",
                "The rows are not told apart: none of them moves unless the step counts in all of them.",
                "mask has a number for each row. Which of them should decide for row 0?",
                _masked_by(lambda new, h, h0, counts: new if counts.all() else h),
            ),
            *(
                Mistake(
                    "state reads on",
                    "What you return is masked, but inside the state reads on, at the steps that do not count too.",
                    "Which state goes into the next step: the one that you keep in your list?",
                    _shown_by(rule),
                )
                for rule in (
                    lambda new, h, shown, counts: np.where(counts, new, h),
                    lambda new, h, shown, counts: np.where(counts, new, shown),
                    lambda new, h, shown, counts: new * counts,
                )
            ),
            Mistake(
                "output set to 0",
                "The state is carried on inside, but what you return shows 0 where a step does not count.",
                answer=lambda x, h0, w, mask: masked(x, h0, w, mask) * mask[:, :, None],
            ),
            Mistake(
                "input set to 0",
                "An input of 0 is an input: the unit still steps, and its state drifts.",
                answer=lambda x, h0, w, mask: forward(x * mask[:, :, None], h0, w),
            ),
        ),
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
