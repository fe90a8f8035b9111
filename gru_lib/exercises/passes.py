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
    "reset forgotten in du": (
        "What arrives at U_h and c_h did not pass the reset gate on its way back.",
        "Going forward, u is multiplied by r. Going back, each factor of a product gets the other one.",
    ),
    "c_h as b_h": (
        "The two biases of the candidate have the same gradient in your answer. One of them is behind the reset.",
        "b_h collects what arrives at the candidate's pre-activation, c_h what arrives at u.",
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
    "new state for old": (
        "The state after the step is used where the one before it is meant.",
        "The equations have h on the left and h_prev on the right. The way back needs the right-hand one.",
    ),
    "1 - z for z": (
        "The shares of z are exchanged on the way back: the carry gets what belongs to the candidate.",
        "The old state was multiplied by z going forward. By what is its gradient multiplied?",
    ),
    "mean over the batch": (
        "The gradients of the weights are means over the rows. The loss of this exercise is a sum, so they add.",
        "Whatever division there is belongs to the loss, and has been made in g already.",
    ),
}
# And in the loop over time.
THROUGH_TIME = {
    "no sum over time": (
        "The weights have the gradient of one step alone, and serve at every step.",
        "Contributions from several ways add, those of several steps as well as those of several rows.",
    ),
    "nothing handed back": (
        "Each state hears of its own loss alone: what later steps hand back to it is lost.",
        "A state acts at once and later. What does step t + 1 give to g of step t?",
    ),
    "own terms missing": (
        "Only the last state's loss finds its way back; the loss looks at every step.",
        "What is dh[:, t] added to?",
    ),
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
    keep, write = (1 - z, z) if made == "1 - z for z" else (z, 1 - z)
    da_z = g * (h_prev - candidate) * (1 if made == "slope of z missing" else z * (1 - z))
    da_h = g * write * (1 if made == "slope of the candidate missing" else 1 - candidate**2)
    slope_r = 1 if made == "slope of r missing" else r * (1 - r)
    U = {k: w["U_" + k] if made == "U not transposed" else w["U_" + k].T for k in "zrh"}
    if reset == "after":
        da_r = da_h * u * slope_r
        du = da_h * (1 if made == "reset forgotten in du" else r)
        states, arrives = {"z": h_prev, "r": h_prev, "h": h_prev}, {"z": da_z, "r": da_r, "h": du}
        through = du @ U["h"]
    else:
        s = da_h @ U["h"]
        da_r = s * h_prev * slope_r
        states, arrives = {"z": h_prev, "r": h_prev, "h": r * h_prev}, {"z": da_z, "r": da_r, "h": da_h}
        if made == "reset forgotten in dU_h":
            states["h"] = h_prev
        through = s * (1 if made == "reset forgotten in du" else r)
    grads = {}
    for k, da in (("z", da_z), ("r", da_r), ("h", da_h)):
        rows = len(x_t) if made == "mean over the batch" else 1
        grads["W_" + k] = x_t.T @ da / rows
        grads["U_" + k] = states[k].T @ arrives[k] / rows
        grads["b_" + k] = da.sum(axis=0) / rows
        if reset == "after":
            grads["c_" + k] = (da if made == "c_h as b_h" else arrives[k]).sum(axis=0) / rows
    grads["x_t"] = da_z @ w["W_z"].T + da_r @ w["W_r"].T + da_h @ w["W_h"].T
    grads["h_prev"] = sum(
        path
        for name, path in (
            ("carry", g * keep),
            ("path through z", da_z @ U["z"]),
            ("path through r", da_r @ U["r"]),
            ("path through the candidate", through),
        )
        if made != f"{name} missing"
    )
    return grads


def through_time(x, h0, dh, w, made=None):
    """The summed gradients of all weights, "x", "h0" and "g", with the mistake `made` in it."""
    saved, h = [], h0
    for t in range(x.shape[1]):
        saved.append((h, forward(x[:, t], h, w)))
        h = saved[t][1][-1]
    total = {name: np.zeros_like(value) for name, value in w.items()}
    total |= {"x": np.zeros_like(x), "g": np.zeros_like(dh)}
    later, last = np.zeros_like(h0), x.shape[1] - 1
    for t in reversed(range(x.shape[1])):
        own = 0 if made == "own terms missing" and t < last else dh[:, t]
        g = own + (0 if made == "nothing handed back" else later)
        grads = backward(g, x[:, t], saved[t][0], saved[t][1], w, made)
        total["g"][:, t], total["x"][:, t], later = g, grads["x_t"], grads["h_prev"]
        for name in w:
            total[name] = grads[name] if made == "no sum over time" else total[name] + grads[name]
    return total | {"h0": later}


def mistakes(answer, texts=BACKWARD):
    """The bank of `texts`; `answer(name)` gives the function that makes the mistake of that name."""
    return tuple(Mistake(name, says, more, answer(name)) for name, (says, more) in texts.items())
