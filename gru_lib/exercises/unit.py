"""The GRU's step, once right and once for each mistake that people make in it, and their loops over time.

Written anew, in the plainest way, so that it is independent of `gru_lib.gru`; a test holds the two together.
"""

import numpy as np

from gru_lib.exercises.exercise import Mistake

# Each mistake in a step: its name, the first hint, the second.
STEP = {
    "z and 1 - z exchanged": (
        "The two shares of the new state are exchanged: where this collection keeps, your unit writes.",
        "Put z = 1 into your last equation: what is left then, the old state or the candidate?",
    ),
    "z and r exchanged": (
        "Your unit's two gates have changed places: the reset gate decides what is kept.",
        "One gate stands in the last equation, the other in the candidate. Which of them did you compute first?",
    ),
    "reset before the product": (
        "Your reset gate dims the old state before it is mixed by U_h. With several units that is another function.",
        "There are two GRUs. In the one asked for, what does r multiply: h_prev, or what comes out of the product?",
    ),
    "reset after the product": (
        "Your reset gate dims what comes out of the product with U_h. Here each unit's own memory is to be dimmed first.",
        "There are two GRUs. In the one asked for, r stands next to h_prev.",
    ),
    "reset missing": (
        "The candidate sees all of the past: the reset gate is computed, if at all, and has no effect.",
        "Where in the candidate's equation does r stand?",
    ),
    "reset on the candidate": (
        "The reset gate multiplies everything the candidate is made of, the input too. It is to dim the past alone.",
        "What should the candidate be with r = 0: nothing, or a function of the input?",
    ),
    "c_h missing": (
        "One bias is forgotten: the candidate has two, and the one inside the reset is missing.",
        "Look at the candidate's equation for everything that stands in the parentheses behind r.",
    ),
    "c_h outside the reset": (
        "The candidate's second bias stands at the wrong place: it is added whatever r is.",
        "With r = 0, which of the two biases should the candidate still feel?",
    ),
    "b_h inside the reset": (
        "The candidate's first bias stands at the wrong place: your reset gate dims it.",
        "With r = 0, which of the two biases should the candidate still feel?",
    ),
    "b_h missing": (
        "One bias is forgotten: the candidate's own, outside the reset.",
        "Compare your candidate with its equation term by term; a bias that is 0 in a fresh layer hides well.",
    ),
    "gate biases missing": (
        "The gates have no bias in your step.",
        "Each gate adds its biases to what comes from the input and from the state, before it is squashed.",
    ),
    "second gate biases missing": (
        "The gates have two biases each, b and c; in your step one of them is missing.",
        "They are simply added. Which of the arrays in w have you not used?",
    ),
    "bias doubled": (
        "A bias is counted twice: each gate has b once and c once, and yours has b in both places.",
        "Which of the arrays in w have you not used?",
    ),
    "sigmoid for tanh": (
        "Your candidate can never be negative: it is squashed by the wrong function.",
        "A gate lies between 0 and 1, a candidate between -1 and 1. Which function has which range?",
    ),
    "tanh for sigmoid": (
        "Your gates can be negative: they are squashed by the wrong function.",
        "A gate lies between 0 and 1, a candidate between -1 and 1. Which function has which range?",
    ),
    "squashing missing": (
        "Your candidate is not squashed: nothing keeps it between -1 and 1.",
        "Which function stands around the whole of the candidate's equation?",
    ),
    "U transposed": (
        "The recurrent weights are used the wrong way round: transposed. Their shape is square, so nothing complains.",
        "Rows are examples. On which side of h_prev does a matrix stand then, and needs it a .T?",
    ),
    "U_h transposed": (
        "One recurrent matrix, the candidate's, is used transposed. Its shape is square, so nothing complains.",
        "Treat all three recurrent matrices alike: h_prev on the left.",
    ),
    "state from the gates missing": (
        "Your gates do not listen to the old state: they see the input alone.",
        "Three things are added up in a gate before it is squashed. Which of them is missing?",
    ),
    "all of the candidate added": (
        "The two shares of the new state do not add up to one: the candidate comes in whole.",
        "The new state lies between the old state and the candidate. What must the two weights sum to?",
    ),
    "candidate returned": (
        "What you return is the candidate. The new state is an average of it and of the old state.",
        "There is a fourth equation.",
    ),
    "reset twice": (
        "Your reset gate dims the past twice: once before the product with U_h, and once after it.",
        "There are two GRUs, and in each of them r stands in the candidate once.",
    ),
    "all biases missing": (
        "None of your equations has a bias.",
        "Which of the arrays in w have you not used? Say for each where it stands.",
    ),
}
# Mistakes that amount to a right step with other weights: which weight stands in for which; None: 0 does.
OTHER_WEIGHTS = {
    "c_h missing": {"c_h": None},
    "b_h missing": {"b_h": None},
    "gate biases missing": dict.fromkeys(("b_z", "b_r", "c_z", "c_r")),
    "second gate biases missing": dict.fromkeys(("c_z", "c_r")),
    "all biases missing": dict.fromkeys(("b_z", "b_r", "b_h", "c_z", "c_r", "c_h")),
    "bias doubled": {"c_z": "b_z", "c_r": "b_r"},
    "state from the gates missing": dict.fromkeys(("U_z", "U_r")),
}
EQUATIONS = {"z": "update gate", "r": "reset gate", "h": "candidate"}


def _of_one_equation():
    """Mistakes in one of the three equations: a bias forgotten or doubled, and what is copied from another one.

    Yields the name, the two hints, and the weights that are used for others.
    """
    for k in "zr":
        says = f"One bias is forgotten, in the {EQUATIONS[k]} alone."
        more = "A gate has two: one is added to what comes from the input, one to what comes from the state."
        for bias in (f"b_{k}", f"c_{k}"):
            yield f"{bias} missing", says, more, {bias: None}
        says = f"In the {EQUATIONS[k]} one bias is counted twice, and the other is not there."
        yield f"b_{k} doubled", says, "A gate has b once and c once.", {f"c_{k}": f"b_{k}"}
    for k, other in ("zr", "rz", "hz", "hr"):
        says = f"Your {EQUATIONS[k]} uses an array that belongs to the {EQUATIONS[other]}."
        more = "Each equation has arrays of its own. Look at the letter behind every underscore in it."
        for kind in "WUbc":
            used, meant = f"{kind}_{other}", f"{kind}_{k}"
            yield f"{used} for {meant}", says, more, {meant: used}
    for k, other in ("zr", "rz"):
        says = f"Your two gates are one and the same: the {EQUATIONS[k]} is made of the other's arrays throughout."
        more = "The two equations look alike. Which letters differ?"
        yield f"{k} computed as {other}", says, more, {f"{kind}_{k}": f"{kind}_{other}" for kind in "WUbc"}


for _name, _says, _more, _weights in _of_one_equation():
    STEP[_name] = _says, _more
    OTHER_WEIGHTS[_name] = _weights


def sigmoid(a):
    """The logistic function, any shape."""
    return 1 / (1 + np.exp(-a))


def step(x_t, h_prev, w, made=(), reset="after"):
    """One step of a GRU with the weights `w` (a dict; what is missing is 0), in which the mistakes `made` are made.

    `made` is the name of one, or a tuple of names.
    """
    made = (made,) if isinstance(made, str) else made or ()
    right = {**dict.fromkeys(("b_z", "b_r", "b_h", "c_z", "c_r", "c_h"), 0.0), **w}
    w = dict(right)
    for name in made:
        for weight, other in OTHER_WEIGHTS.get(name, {}).items():
            w[weight] = np.zeros_like(right[weight]) if other is None else right[other]
    U = {k: w["U_" + k] for k in "zrh"}
    if "U transposed" in made:
        U = {k: U[k].T for k in U}
    elif "U_h transposed" in made:
        U["h"] = U["h"].T

    a = {k: x_t @ w["W_" + k] + h_prev @ U[k] + w["b_" + k] + w["c_" + k] for k in "zr"}
    z, r = (np.tanh(a[k]) if "tanh for sigmoid" in made else sigmoid(a[k]) for k in "zr")
    if "z and r exchanged" in made:
        z, r = r, z
    if "z and 1 - z exchanged" in made:
        z = 1 - z

    x_part, b_h, c_h = x_t @ w["W_h"], w["b_h"], w["c_h"]
    if "b_h inside the reset" in made:
        b_h, c_h = 0, c_h + b_h
    if "c_h outside the reset" in made:
        b_h, c_h = b_h + c_h, 0
    if "reset missing" in made:
        past = h_prev @ U["h"] + c_h
    elif "reset twice" in made:
        past = r * ((r * h_prev) @ U["h"] + c_h)
    elif "reset before the product" in made or (reset == "before" and "reset after the product" not in made):
        past = (r * h_prev) @ U["h"] + c_h
    else:
        past = r * (h_prev @ U["h"] + c_h)
    a_h = x_part + b_h + past
    if "reset on the candidate" in made:
        a_h = r * (x_part + b_h + h_prev @ U["h"] + c_h)
    squash = sigmoid if "sigmoid for tanh" in made else np.tanh
    candidate = a_h if "squashing missing" in made else squash(a_h)
    if "candidate returned" in made:
        return candidate
    return z * h_prev + (1 if "all of the candidate added" in made else 1 - z) * candidate


def loop(x, h0, w, made=(), mask=None):
    """The states of all steps, (batch, time, hidden), every step with the mistakes `made`."""
    h, states = h0, []
    for t in range(x.shape[1]):
        new = step(x[:, t], h, w, made)
        h = new if mask is None else np.where(mask[:, t, None], new, h)
        states.append(h)
    return np.stack(states, axis=1)


def weights(inputs, hidden, seed, names="WUbc"):
    """Random weights by name, biases too: a zero would hide what it is multiplied with or added to."""
    rng = np.random.default_rng(seed)
    shapes = {"W": (inputs, hidden), "U": (hidden, hidden), "b": (hidden,), "c": (hidden,)}
    return {f"{kind}_{k}": rng.normal(scale=0.9, size=shapes[kind]) for kind in names for k in "zrh"}


def mistakes(answer, leave_out=()):
    """The bank of mistakes of a step; `answer(name)` gives the function that makes the mistake of that name."""
    return tuple(
        Mistake(name, says, more, answer(name)) for name, (says, more) in STEP.items() if name not in leave_out
    )
