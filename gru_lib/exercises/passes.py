"""The way back through a GRU, once right and once for each mistake that people make in it.

Names as in lesson 4: g = dL/dh_t, da_k = dL/d(pre-activation of k), u = h_{t-1} U_h + c_h, du = dL/du.
"""

import numpy as np

from gru_lib.exercises.exercise import Mistake
from gru_lib.exercises.unit import sigmoid

# Each mistake in the way back: its name, the first hint, the second.
BACKWARD = {
    "slope of z missing": (
        "Only what leads to the update gate's own weights is wrong, and what goes on from there: the gate's slope is "
        "missing between z and its pre-activation.",
        "A gate near 0 or 1 hardly moves when its pre-activation does. Which factor says so?",
    ),
    "slope of r missing": (
        "The reset gate's own derivative is missing between r and its pre-activation.",
        "sigma has a slope, for r as for z.",
    ),
    "slope of the candidate missing": (
        "The slope of tanh is missing between the candidate and its pre-activation.",
        "It can be written with the candidate itself, which the forward pass has computed.",
    ),
    "sign of dz": (
        "More of z brings the new state nearer to the old one, and away from the candidate. Your sign says the contrary.",
        "What is the derivative of the last equation with respect to z?",
    ),
    "u missing in da_r": (
        "r is one factor of a product, and its gradient lacks the other factor.",
        "What does r multiply in the candidate's equation?",
    ),
    "reset forgotten in du": (
        "What arrives at U_h and c_h did not pass the reset gate on its way back.",
        "Going forward, u is multiplied by r. Going back, each factor of a product gets the other one.",
    ),
    "c_h as b_h": (
        "The two biases of the candidate have the same gradient in your answer. One of them is behind the reset.",
        "b_h collects what arrives at the candidate's pre-activation, c_h what arrives at u.",
    ),
    "reset forgotten in dU_h": (
        "What arrives at U_h did not pass the reset gate on its way back; all else that lies behind r did.",
        "U_h makes u. Which gradient belongs to u, the one on this or on the other side of the reset?",
    ),
    "reset forgotten in dU_h and dc_h": (
        "What arrives at U_h and c_h did not pass the reset gate; what goes on to the old state did.",
        "Both make u. Which gradient belongs to u, the one on this or on the other side of the reset?",
    ),
    "reset forgotten in the path": (
        "On the way through the candidate to the old state the reset gate is forgotten.",
        "Going forward, r dims what comes from the old state. Going back, it dims the same.",
    ),
    "reset on the other side of U_h": (
        "On the way to the old state the reset gate stands on the wrong side of U_h: that is the path of the other GRU.",
        "Going forward, which of the two comes first, the reset or U_h? In which order do you meet them going back?",
    ),
    "dr of the other GRU": (
        "The reset gate gets what it would get in the other GRU.",
        "r is a factor of a product. What does it multiply in this unit, h_prev or what comes out of U_h?",
    ),
    "carry missing": (
        "One of the ways to the old state is missing: the one that leads straight back.",
        "Look for every place at which h_prev stands in the four equations. One has no matrix.",
    ),
    "path through z missing": (
        "One of the ways to the old state is missing: the one through the update gate.",
        "h_prev stands inside the pre-activation of each gate, too.",
    ),
    "path through r missing": (
        "One of the ways to the old state is missing: the one through the reset gate.",
        "h_prev stands inside the pre-activation of each gate, too.",
    ),
    "path through the candidate missing": (
        "One of the ways to the old state is missing: the one through the candidate.",
        "h_prev stands inside u as well.",
    ),
    "U not transposed": (
        "On the way back to the old state a matrix is used as on the way forward.",
        "Going forward, a unit sends along its row of U; going back, from where does it receive?",
    ),
    **{
        f"U_{k} not transposed": (
            f"On the way back one matrix, U_{k}, is used as on the way forward.",
            "Going forward, a unit sends along its row of U; going back, from where does it receive?",
        )
        for k in "zrh"
    },
    **{
        f"{way} to x missing": (
            f"x_t acts on the new state in three ways, and one is missing from its gradient: the one {words}.",
            "In which equations does x_t stand?",
        )
        for way, words in (
            ("path through z", "through the update gate"),
            ("path through r", "through the reset gate"),
            ("path through the candidate", "through the candidate"),
        )
    },
    "new state for old": (
        "The state after the step is used where the one before it is meant.",
        "The equations have h on the left and h_prev on the right. The way back needs the right-hand one.",
    ),
    "1 - z for z": (
        "The shares of z are exchanged on the way back: the carry gets what belongs to the candidate.",
        "The old state was multiplied by z going forward. By what is its gradient multiplied?",
    ),
    "z for the candidate's share": (
        "The candidate gets the share of the gradient that belongs to the carry.",
        "What was the candidate multiplied by, going forward?",
    ),
    "1 - z for the carry": (
        "The carry gets the share of the gradient that belongs to the candidate.",
        "What was the old state multiplied by, going forward?",
    ),
    "mean over the batch": (
        "The gradients of the weights are means over the rows. The loss of this exercise is a sum, so they add.",
        "Whatever division there is belongs to the loss, and has been made in g already.",
    ),
}
# Where r stands before the product with U_h, the way back to r and to the old state is another one.
BEFORE = {
    "reset forgotten in dU_h": (
        "The gradient of U_h is that of the other GRU: here U_h is multiplied with the state after the reset.",
        "What stands on the left of U_h going forward? That stands on the left of its gradient, transposed.",
    ),
    "reset forgotten in the path": (
        BACKWARD["reset forgotten in the path"][0],
        "r * h_prev is a product: each factor gets the other one.",
    ),
    "U_h missing in dr": (
        "On the way to the reset gate a matrix is left out: between r and the candidate stands U_h.",
        "One unit's r acts on every candidate. From which of them does its gradient come?",
    ),
    **{
        name: texts
        for name, texts in BACKWARD.items()
        if name not in ("c_h as b_h", "u missing in da_r") and not name.startswith("reset forgotten")
    },
}
# Where the reset gate is forgotten on the way back: which gradients lack it.
WITHOUT_RESET = {
    "c_h as b_h": ("c_h",),
    "reset forgotten in dU_h": ("U_h",),
    "reset forgotten in dU_h and dc_h": ("U_h", "c_h"),
    "reset forgotten in the path": ("h_prev",),
    "reset forgotten in du": ("U_h", "c_h", "h_prev"),
}


def forward(x_t, h_prev, w, reset="after"):
    """z, r, what the reset meets, candidate, h: for reset="after" the third is u, for "before" it is r * h_prev."""
    c = {k: w.get("c_" + k, 0.0) for k in "zrh"}
    z = sigmoid(x_t @ w["W_z"] + h_prev @ w["U_z"] + w["b_z"] + c["z"])
    r = sigmoid(x_t @ w["W_r"] + h_prev @ w["U_r"] + w["b_r"] + c["r"])
    if reset == "after":
        u = h_prev @ w["U_h"] + c["h"]
        candidate = np.tanh(x_t @ w["W_h"] + w["b_h"] + r * u)
    else:
        u = r * h_prev
        candidate = np.tanh(x_t @ w["W_h"] + w["b_h"] + u @ w["U_h"])
    return z, r, u, candidate, z * h_prev + (1 - z) * candidate


def backward(g, x_t, h_prev, saved, w, made=None, reset="after"):
    """The gradients of one step, a dict: every weight, "x_t", "h_prev"; the mistake `made` is in it."""
    z, r, u, candidate, h = saved
    if made == "new state for old":
        h_prev = h
    keep = 1 - z if made in ("1 - z for z", "1 - z for the carry") else z
    write = z if made in ("1 - z for z", "z for the candidate's share") else 1 - z
    slope_z, slope_r, slope_h = (
        1 if made == f"slope of {name} missing" else slope
        for name, slope in (("z", z * (1 - z)), ("r", r * (1 - r)), ("the candidate", 1 - candidate**2))
    )
    U = {k: w["U_" + k] if made in ("U not transposed", f"U_{k} not transposed") else w["U_" + k].T for k in "zrh"}
    da_z = g * (candidate - h_prev if made == "sign of dz" else h_prev - candidate) * slope_z
    da_h = g * write * slope_h

    states, bare = {"z": h_prev, "r": h_prev, "h": h_prev}, WITHOUT_RESET.get(made, ())
    other_side, s = made == "reset on the other side of U_h", da_h @ U["h"]
    if reset == "after":
        dr = {"u missing in da_r": da_h, "dr of the other GRU": s * h_prev}.get(made, da_h * u)
        at_U_h, at_c_h, du = (da_h if place in bare else da_h * r for place in ("U_h", "c_h", "h_prev"))
        through = s * r if other_side else du @ U["h"]
    else:
        other = da_h * (h_prev @ w["U_h"])
        dr = {"U_h missing in dr": da_h * h_prev, "dr of the other GRU": other}.get(made, s * h_prev)
        at_U_h, at_c_h = da_h, None
        states["h"] = h_prev if "U_h" in bare else r * h_prev
        through = (da_h * r) @ U["h"] if other_side else s if "h_prev" in bare else s * r
    da_r = dr * slope_r

    rows, grads = len(x_t) if made == "mean over the batch" else 1, {}
    for k, da, at_U, at_c in (("z", da_z, da_z, da_z), ("r", da_r, da_r, da_r), ("h", da_h, at_U_h, at_c_h)):
        grads["W_" + k] = x_t.T @ da / rows
        grads["U_" + k] = states[k].T @ at_U / rows
        grads["b_" + k] = da.sum(axis=0) / rows
        if reset == "after":
            grads["c_" + k] = at_c.sum(axis=0) / rows
    ways = ("path through z", da_z, "z"), ("path through r", da_r, "r"), ("path through the candidate", da_h, "h")
    grads["x_t"] = sum(da @ w["W_" + k].T for way, da, k in ways if made != f"{way} to x missing")
    to_h = g * keep, da_z @ U["z"], da_r @ U["r"], through
    names = "carry", *(way for way, _, _ in ways)
    grads["h_prev"] = sum(path for name, path in zip(names, to_h, strict=True) if made != f"{name} missing")
    return grads


def mistakes(answer, texts=BACKWARD):
    """The bank of `texts`; `answer(name)` gives the function that makes the mistake of that name."""
    return tuple(Mistake(name, says, more, answer(name)) for name, (says, more) in texts.items())
