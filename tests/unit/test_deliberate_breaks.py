"""Wrong GRUs, each of which the checks of `test_gru` must catch.

A break is one edit of plain_gru.py, and the checks that must fail on it. Other checks may fail too; a check that no
break names would be one that nobody has seen fail, so there must be none.
"""

from pathlib import Path
from typing import NamedTuple

import pytest
from gru_checks import FIXED, PROPERTIES, Case
from plain_gru import PlainGRU

SOURCE = (Path(__file__).parent / "plain_gru.py").read_text(encoding="utf-8")
CASES = [Case(reset=reset, seed=seed) for reset in ("after", "before") for seed in (1, 2)]


class Break(NamedTuple):
    name: str
    old: str
    new: str
    caught_by: str


FORWARD = "forward_references plain gradients_equal_differences"
BACKWARD = "gradient_references plain gradients_equal_differences"
PARTS = "steps_equal_forward parts_equal_whole"
MASKS = "masked_steps_carry masked_steps_vanish"
BREAKS = [
    # Weights in the wrong place
    Break("z and r swapped", "return SimpleNamespace(**w)", "return SimpleNamespace(**swapped(w))", FORWARD),
    Break("U_h transposed", "r * (h_prev @ w.U_h + w.c_h))", "r * (h_prev @ w.U_h.T + w.c_h))", FORWARD),
    Break("U_z transposed", "h_prev @ w.U_z + w.b_z", "h_prev @ w.U_z.T + w.b_z", FORWARD),
    Break("U_r transposed", "h_prev @ w.U_r + w.b_r", "h_prev @ w.U_r.T + w.b_r", FORWARD),
    Break("no b_z", "+ w.b_z + w.c_z", "+ w.c_z", FORWARD),
    Break("no b_r", "+ w.b_r + w.c_r", "+ w.c_r", FORWARD),
    Break("no b_h", "x_t @ w.W_h + w.b_h + r", "x_t @ w.W_h + r", FORWARD),
    Break("no b_h, reset before", "x_t @ w.W_h + w.b_h + (r", "x_t @ w.W_h + (r", FORWARD),
    Break("no c_z", "+ w.b_z + w.c_z", "+ w.b_z", FORWARD),
    Break("no c_r", "+ w.b_r + w.c_r", "+ w.b_r", FORWARD),
    Break("no c_h", "(h_prev @ w.U_h + w.c_h))", "(h_prev @ w.U_h))", FORWARD),
    Break("c_h outside the reset", "r * (h_prev @ w.U_h + w.c_h))", "r * (h_prev @ w.U_h) + w.c_h)", FORWARD),
    # Wrong equations
    Break("z and 1 - z exchanged", "z * h_prev + (1 - z) * cand", "(1 - z) * h_prev + z * cand", FORWARD),
    Break(
        "reset on the wrong side", 'reset == "after":\n            cand', 'reset != "after":\n            cand', FORWARD
    ),
    Break("no reset", "r * (h_prev @ w.U_h + w.c_h))", "(h_prev @ w.U_h + w.c_h))", FORWARD),
    Break("no reset, reset before", "(r * h_prev) @ w.U_h)", "h_prev @ w.U_h)", FORWARD),
    Break("all of h_prev kept", "h = z * h_prev", "h = h_prev", "state_is_bounded state_is_between"),
    Break(
        "all of the candidate added", "h_prev + (1 - z) * cand", "h_prev + cand", "state_is_bounded state_is_between"
    ),
    Break("sigmoid for tanh", "np.tanh(x_t @ w.W_h + w.b_h + r", "sigmoid(x_t @ w.W_h + w.b_h + r", FORWARD),
    Break(
        "sigmoid for tanh, reset before",
        "np.tanh(x_t @ w.W_h + w.b_h + (r",
        "sigmoid(x_t @ w.W_h + w.b_h + (r",
        FORWARD,
    ),
    Break("tanh for sigmoid in z", "z = sigmoid(", "z = np.tanh(", "gates_are_open_shares state_is_between " + FORWARD),
    Break("tanh for sigmoid in r", "r = sigmoid(", "r = np.tanh(", "gates_are_open_shares " + FORWARD),
    Break(
        "no tanh",
        "np.tanh(x_t @ w.W_h + w.b_h + r",
        "(x_t @ w.W_h + w.b_h + r",
        "gates_are_open_shares state_is_bounded",
    ),
    Break("hard sigmoid", "1 / (1 + np.exp(-a))", "np.clip(0.2 * a + 0.5, 0, 1)", "gates_are_open_shares " + FORWARD),
    # Time, rows, state
    Break("stale h", "(w, x[:, t], states[-1])", "(w, x[:, t], states[max(0, t - 1)])", f"{PARTS} {FORWARD}"),
    Break("h0 ignored", "if h0 is None else h0", "", f"{PARTS} {FORWARD}"),
    Break("reads backwards", "(w, x[:, t]", "(w, x[:, -1 - t]", f"past_alone_matters {PARTS}"),
    Break(
        "one step ahead", "(w, x[:, t]", "(w, x[:, min(t + 1, time - 1)]", "past_alone_matters padding_does_not_matter"
    ),
    Break("batch and time confused", "(x, self.dtype)", "(x, self.dtype).T.reshape(x.shape)", "rows_are_independent"),
    Break(
        "rows leak",
        "(counts, s.h,",
        "(counts, s.h + 1e-9 * s.h.mean(axis=0),",
        "rows_are_independent steps_equal_forward",
    ),
    # Masks
    Break("mask ignored", "if mask is None else mask", "", f"{MASKS} padding_does_not_matter forward_references"),
    Break("mask inverted", "= mask[:, t, N", "= ~mask[:, t, N", f"{MASKS} padding_does_not_matter forward_references"),
    Break("masked steps set the state to 0", "s.h, states[-1])", "s.h, 0)", f"{MASKS} forward_references"),
    Break("masked steps carry almost", "s.h, states[-1])", "s.h, states[-1] * (1 + 1e-15))", "masked_steps_carry"),
    Break("masked steps block the gradient", "s.z, 1)", "s.z, 0)", f"{MASKS} {BACKWARD}"),
    Break("masked steps have gradients", "s.z, 1)", "s.z, s.z)", f"{MASKS} padding_does_not_matter {BACKWARD}"),
    # Backward passes
    Break(
        "no derivative in z",
        "da_z = g * (h_prev - candidate) * z * (1 - z)",
        "da_z = g * (h_prev - candidate)",
        BACKWARD,
    ),
    Break("half a derivative in z", "(h_prev - candidate) * z * (1 - z)", "(h_prev - candidate) * z", BACKWARD),
    Break("no derivative in r", "(h_prev @ w.U_h + w.c_h) * r * (1 - r)", "(h_prev @ w.U_h + w.c_h)", BACKWARD),
    Break("no derivative in r, reset before", "dv * h_prev * r * (1 - r)", "dv * h_prev", BACKWARD),
    Break("no derivative in the candidate", "(1 - z) * (1 - candidate**2)", "(1 - z)", BACKWARD),
    Break("no share of the candidate", "da_h = g * (1 - z) * (1 ", "da_h = g * (1 ", BACKWARD),
    Break("z's gradient of the other convention", "(h_prev - candidate)", "(candidate - h_prev)", BACKWARD),
    Break("no carry", "g = g * z + through_candidate", "g = through_candidate", BACKWARD),
    Break("no path through the candidate", "g = g * z + through_candidate", "g = g * z", BACKWARD),
    Break("no path through z", "+ da_z @ w.U_z.T", "", BACKWARD),
    Break("no path through r", "+ da_r @ w.U_r.T", "", BACKWARD),
    Break("path through U, not its transpose", "+ da_z @ w.U_z.T", "+ da_z @ w.U_z", BACKWARD),
    Break("reset forgotten on the way back", "du = da_h * r", "du = da_h", BACKWARD),
    Break("reset forgotten on the way back, before", "through_candidate = dv * r", "through_candidate = dv", BACKWARD),
    Break("c_h forgotten in r's gradient", "(h_prev @ w.U_h + w.c_h) * r", "(h_prev @ w.U_h) * r", BACKWARD),
    Break("no sum over time", "total[name] = total[name] + value", "total[name] = value", BACKWARD),
    Break("mean over the batch", '"b_z": da_z.sum(', '"b_z": da_z.mean(', "masked_steps_vanish " + BACKWARD),
    Break("x through one gate less", " + da_r @ w.W_r.T", "", BACKWARD),
    Break("only the last dL/dh", "dh[:, t]", "dh[:, t] * (t == dh.shape[1] - 1)", BACKWARD),
    Break("clipped on the way", "g + dh[:, t]", "np.clip(g + dh[:, t], -1, 1)", "backward_is_linear " + BACKWARD),
    Break("gradient at the wrong step", "dx[:, t] = ", "dx[:, t - 1] = ", "past_alone_matters " + BACKWARD),
    Break("no gradient of h0", "dx, g)", "dx, 0 * g)", "masked_steps_vanish " + BACKWARD),
    Break(
        "rows leak on the way back",
        "da_h = g * (1",
        "da_h = (g + g.mean(axis=0)) * (1",
        "rows_are_independent " + BACKWARD,
    ),
    # Numbers and memory
    Break("gradient of float64", "dx = np.zeros_like(trace.x)", "dx = np.zeros(trace.x.shape)", "float32_is_near"),
    Break("states of float64", "[np.asarray(h0, self.dtype)]", "[np.asarray(h0, float)]", "float32_is_near"),
    Break(
        "half precision",
        "g + dh[:, t]",
        "(g + dh[:, t]).astype('e').astype(self.dtype)",
        "backward_is_linear " + BACKWARD,
    ),
    Break("half precision in float32", "1 / (1 + np.exp(-a))", "rounded(1 / (1 + np.exp(-a)))", "float32_is_near"),
    Break("backward reads the weights of now", "w = trace.w", "w = self.read_weights()", "trace_keeps_its_weights"),
    Break("trace shares the weights", "name: value.copy() for", "name: value for", "trace_keeps_its_weights"),
    Break("writes to dh", "dh = np.asarray(dh, self.dtype)", "dh *= 0.5", "arguments_stay"),
    Break("writes to x", "da_z = g", "x_t *= 0.5; da_z = g", "arguments_stay"),
    Break("writes to the trace", "da_z = g", "trace.h[:, t] *= 0.5; da_z = g", "arguments_stay"),
]


def edited(old, new):
    """The class PlainGRU with one edit of its source."""
    assert SOURCE.count(old) == 1, f"plain_gru.py has {old!r} {SOURCE.count(old)} times; write this break anew"
    names = {"__name__": "edited_gru", "swapped": swapped, "rounded": rounded}
    exec(compile(SOURCE.replace(old, new), "edited_gru.py", "exec"), names)
    return names["PlainGRU"]


def swapped(weights):
    """The weights with those of z and r exchanged."""
    return {name.translate(str.maketrans("zr", "rz")): value for name, value in weights.items()}


def rounded(a):
    """float32 values with the precision of float16, others as they are."""
    return a.astype("float16").astype("float32") if a.dtype == "float32" else a


def passes(check, model_class):
    """Whether a class passes a check; anything but an AssertionError is an error of the break, not a catch."""
    try:
        if check in FIXED:
            FIXED[check](model_class)
        else:
            for case in CASES:
                PROPERTIES[check](model_class, case)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("check", [*FIXED, *PROPERTIES])
def test_the_plain_gru_passes(check):
    assert passes(check, PlainGRU)


@pytest.mark.parametrize("wrong", BREAKS, ids=lambda wrong: wrong.name)
def test_break_is_caught(wrong):
    model_class = edited(wrong.old, wrong.new)
    missed = [check for check in wrong.caught_by.split() if passes(check, model_class)]
    assert not missed, f"{wrong.name}: not caught by {', '.join(missed)}"


def test_every_check_catches_something():
    named = {check for wrong in BREAKS for check in wrong.caught_by.split()}
    assert named == {*FIXED, *PROPERTIES}
