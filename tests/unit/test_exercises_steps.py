"""Mistakes in the step and its loops, and on the way back, as learners wrote them beside the table of the bank."""

import numpy as np
import pytest
from test_exercises_wrong import AVERAGE, WHERE, learner

from gru_lib import exercises

# Exercise, edits of the solution, and the mistake that is named, or the two.
SEEN = [
    ("gru_step", [('w["U_z"]', 'w["U_r"]')], "U_r for U_z"),
    ("gru_step", [(' + w["c_z"]', ""), (' + w["c_h"]', "")], {"c_z missing", "c_h missing"}),
    ("gru_step", [('w["W_z"]', 'w["W_r"]'), ('w["U_z"]', 'w["U_r"]')], {"W_r for W_z", "U_r for U_z"}),
    ("gru_step", [(AVERAGE, "return [z, r, candidate, z * h_prev + (1 - z) * candidate]")], "all four returned"),
    (
        "gru_step",
        [('w["W_z"]', "A"), ('w["W_r"]', 'w["W_z"]'), ("A", 'w["W_r"]')],
        {"W_r for W_z", "W_z for W_r"},
    ),
    ("gru_forward", [("x.shape[1]", "x.shape[0]")], "as many steps as rows"),
    ("gru_forward", [("np.stack(states, axis=1)", "np.concatenate(states)")], "steps joined"),
    ("gru_forward", [("np.stack(states, axis=1)", "np.hstack(states)")], "steps joined"),
    ("gru_forward", [("for t in range(x.shape[1]):", "for t in list(range(x.shape[1]))[:-1]:")], "last step left out"),
    ("masked_forward", [(WHERE, "h = gru_step(x[:, t], h, w)"), ("(h)", "(h * mask[:, t, None])")], "state reads on"),
    (
        "masked_forward",
        [
            ("h, states =", "shown, h, states = h0,"),
            (WHERE, "h = gru_step(x[:, t], h, w)\n        shown = np.where(mask[:, t, None], h, shown)"),
            ("(h)", "(shown)"),
        ],
        "state reads on",
    ),
    (
        "masked_forward",
        [(WHERE, "if mask[:, t].any():\n            h = gru_step(x[:, t], h, w)")],
        "all rows if one counts",
    ),
    ("step_backward", [("(h_prev - candidate) * z * (1 - z)", "(candidate - h_prev) * (z - z**2)")], "sign of dz"),
    ("step_backward", [("da_h = g * (1 - z)", "da_h = g * z")], "z for the candidate's share"),
    ("step_backward", [('du @ w["U_h"].T', 'r * (da_h @ w["U_h"].T)')], "reset on the other side of U_h"),
    ("bptt", [("dh[:, t] + from_later", "dh[:, t] * 0 + from_later")], "dh missing"),
    ("bptt", [("for t in reversed(", "for t in (")], "forward in time"),
    ("bptt", [("reversed(range(x.shape[1]))", "reversed(range(1, x.shape[1]))")], "first step left out"),
    (
        "bptt",
        [("    return total", "    for name in w:\n        total[name] /= x.shape[1]\n    return total")],
        "mean over time",
    ),
    ("step_before_backward", [("s * h_prev * r", 'da_h * (h_prev @ w["U_h"]) * r')], "dr of the other GRU"),
    ("step_before_backward", [('@ w["U_h"].T  # dL', '@ w["U_h"]  # dL')], "U_h not transposed"),
]


@pytest.mark.parametrize(("name", "edits", "mistakes"), SEEN)
def test_what_learners_wrote_is_named(name, edits, mistakes):
    exercises.forget(name)
    verdict = exercises.check(name, learner(name, edits))
    assert not verdict
    found = verdict.mistake if not isinstance(mistakes, set) else set(verdict.mistake.split("; "))
    assert found == mistakes, verdict.text


def test_the_hint_of_bptt_holds_where_g_is_right():
    right = learner("bptt", [])

    def wrong(change):
        return lambda x, h0, dh, w: right(x, h0, dh, w) | {"W_z": change(w["W_z"])}

    exercises.forget("bptt")
    first, second = (exercises.check("bptt", wrong(change)) for change in (np.cos, np.cosh))
    assert first.mistake is None
    assert first.text.endswith("x, g, h0.")
    assert "g of a step has two parts" not in second.text
    assert exercises.exercise("bptt").hint in second.text


@pytest.mark.parametrize("name", ["gru_step", "gru_forward"])
def test_no_name_is_given_to_what_is_in_no_bank(name):
    exercises.forget(name)
    odd = [("z * h_prev + (1 - z) * candidate", "z * h_prev + (1 - z) * candidate**2")]
    verdict = exercises.check(name, learner(name, odd))
    assert not verdict
    assert verdict.mistake is None, verdict.text
