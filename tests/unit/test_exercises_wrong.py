"""Every known wrong answer, written as a learner would write it, is recognised and called by its name.

A wrong answer is the solution with an edit or two, or a value worked out anew here. Nothing is taken from the bank of
the package but its names: so a bank that computes something else than the mistake it names is caught.
"""

import pytest

from gru_lib import exercises
from gru_lib.exercises.exercise import answer_of

W_H = 'np.tanh(x_t @ w["W_h"] + w["b_h"] + r * (h_prev @ w["U_h"] + w["c_h"]))'
AVERAGE = "return z * h_prev + (1 - z) * candidate"
STEP = {
    "z and 1 - z exchanged": [(AVERAGE, "return (1 - z) * h_prev + z * candidate")],
    "z and r exchanged": [(AVERAGE, "return r * h_prev + (1 - r) * candidate"), ("r * (h_prev", "z * (h_prev")],
    "reset before the product": [('r * (h_prev @ w["U_h"] + w["c_h"])', '(r * h_prev) @ w["U_h"] + w["c_h"]')],
    "reset missing": [("r * (h_prev", "(h_prev")],
    "reset on the candidate": [(W_H, 'np.tanh(r * (x_t @ w["W_h"] + w["b_h"] + h_prev @ w["U_h"] + w["c_h"]))')],
    "c_h missing": [(' + w["c_h"]', "")],
    "c_h outside the reset": [(' + w["c_h"])', ") + w['c_h']")],
    "b_h inside the reset": [(' + w["b_h"]', ""), ('w["c_h"]', 'w["c_h"] + w["b_h"]')],
    "b_h missing": [(' + w["b_h"]', "")],
    "gate biases missing": [(' + w["b_z"] + w["c_z"]', ""), (' + w["b_r"] + w["c_r"]', "")],
    "second gate biases missing": [(' + w["c_z"]', ""), (' + w["c_r"]', "")],
    "bias doubled": [('w["c_z"]', 'w["b_z"]'), ('w["c_r"]', 'w["b_r"]')],
    "sigmoid for tanh": [("np.tanh", "sigmoid")],
    "tanh for sigmoid": [("z = sigmoid", "z = np.tanh"), ("r = sigmoid", "r = np.tanh")],
    "squashing missing": [("np.tanh", "")],
    "U transposed": [(f'w["U_{k}"]', f'w["U_{k}"].T') for k in "zrh"],
    "U_h transposed": [('w["U_h"]', 'w["U_h"].T')],
    "state from the gates missing": [(' + h_prev @ w["U_z"]', ""), (' + h_prev @ w["U_r"]', "")],
    "all of the candidate added": [("(1 - z) * candidate", "candidate")],
    "candidate returned": [(AVERAGE, "return candidate")],
    "reset twice": [('r * (h_prev @ w["U_h"]', 'r * ((r * h_prev) @ w["U_h"]')],
    "all biases missing": [
        (' + w["b_z"] + w["c_z"]', ""),
        (' + w["b_r"] + w["c_r"]', ""),
        (' + w["b_h"]', ""),
        (' + w["c_h"]', ""),
    ],
    **{f"{bias} missing": [(f' + w["{bias}"]', "")] for bias in ("b_z", "b_r", "c_z", "c_r")},
    **{f"b_{k} doubled": [(f'w["c_{k}"]', f'w["b_{k}"]')] for k in "zr"},
    **{
        f"{kind}_{other} for {kind}_{k}": [(f'w["{kind}_{k}"]', f'w["{kind}_{other}"]')]
        for k, other in ("zr", "rz", "hz", "hr")
        for kind in "WUbc"
    },
    "z computed as r": [(AVERAGE, "z = r\n    " + AVERAGE)],
    "r computed as z": [("    candidate =", "    r = z\n    candidate =")],
}
# In the loop, the mistakes of the step are made in `gru_step`.
LOOP = {
    "stale state": [("gru_step(x[:, t], h, w)", "gru_step(x[:, t], h0, w)")],
    "first state ignored": [("h, states = h0, []", "h, states = np.zeros_like(h0), []")],
    "last state only": [("return np.stack(states, axis=1)", "return h")],
    "first state included": [("states = h0, []", "states = h0, [h0]")],
    "one step late": [
        ("        h = gru_step", "        states.append(h); h = gru_step"),
        ("\n        states.append(h)\n", "\n"),
    ],
    "time first": [("axis=1", "axis=0")],
    "as many steps as rows": [("range(x.shape[1])", "range(len(x))")],
    "first state only": [("    return np.stack", "        return np.stack")],
    "first step left out": [("range(", "range(1, ")],
    "last step left out": [("x.shape[1]", "x.shape[1] - 1")],
    "steps joined": [("np.stack", "np.concatenate")],
    "read backwards": [("x[:, t]", "x[:, -1 - t]")],
}
WHERE = "h = np.where(mask[:, t, None], gru_step(x[:, t], h, w), h)"
MASKED = {
    "mask ignored": [(WHERE, "h = gru_step(x[:, t], h, w)")],
    "mask inverted": [("np.where(mask", "np.where(~mask")],
    "state set to 0": [("h, w), h)", "h, w), 0.0)")],
    "back to the first state": [("h, w), h)", "h, w), h0)")],
    "all rows if one counts": [(WHERE, "h = gru_step(x[:, t], h, w) if mask[:, t].any() else h")],
    "no row unless all count": [(WHERE, "h = gru_step(x[:, t], h, w) if mask[:, t].all() else h")],
    "state reads on": [
        (WHERE, "new = gru_step(x[:, t], h, w)"),
        ("states.append(h)", "states.append(np.where(mask[:, t, None], new, h)); h = new"),
    ],
    "output set to 0": [("states.append(h)", "states.append(h * mask[:, t, None])")],
    "input set to 0": [(WHERE, "h = gru_step(x[:, t] * mask[:, t, None], h, w)")],
}
PATHS = 'g * z + da_z @ w["U_z"].T + da_r @ w["U_r"].T + du @ w["U_h"].T'
BACKWARD = {
    "slope of z missing": [("(h_prev - candidate) * z * (1 - z)", "(h_prev - candidate)")],
    "slope of r missing": [("da_h * u * r * (1 - r)", "da_h * u")],
    "slope of the candidate missing": [(" * (1 - candidate**2)", "")],
    "sign of dz": [("(h_prev - candidate)", "(candidate - h_prev)")],
    "u missing in da_r": [("da_h * u * r", "da_h * r")],
    "reset forgotten in du": [("du = da_h * r", "du = da_h")],
    "reset forgotten in dU_h": [("h_prev.T @ at_state", 'h_prev.T @ (da_h if gate == "h" else at_state)')],
    "reset forgotten in dU_h and dc_h": [('("h", da_h, du)', '("h", da_h, da_h)')],
    "reset forgotten in the path": [('du @ w["U_h"].T', 'da_h @ w["U_h"].T')],
    "reset on the other side of U_h": [('du @ w["U_h"].T', '(da_h @ w["U_h"].T) * r')],
    "dr of the other GRU": [("da_h * u * r", '(da_h @ w["U_h"].T) * h_prev * r')],
    "c_h as b_h": [('grads["c_" + gate] = at_state', 'grads["c_" + gate] = at_input')],
    "carry missing": [("g * z + da_z @", "da_z @")],
    "path through z missing": [(PATHS, PATHS.replace('da_z @ w["U_z"].T + ', ""))],
    "path through r missing": [(PATHS, PATHS.replace('da_r @ w["U_r"].T + ', ""))],
    "path through the candidate missing": [(PATHS, PATHS.replace(' + du @ w["U_h"].T', ""))],
    "U not transposed": [(PATHS, PATHS.replace(".T", ""))],
    **{f"U_{k} not transposed": [(f'w["U_{k}"].T', f'w["U_{k}"]')] for k in "zrh"},
    "path through z to x missing": [('da_z @ w["W_z"].T + ', "")],
    "path through r to x missing": [(' + da_r @ w["W_r"].T', "")],
    "path through the candidate to x missing": [(' + da_h @ w["W_h"].T', "")],
    "z for the candidate's share": [("da_h = g * (1 - z)", "da_h = g * z")],
    "1 - z for the carry": [("g * z + da_z", "g * (1 - z) + da_z")],
    "new state for old": [("r, u, candidate, _ = saved", "r, u, candidate, h_prev = saved")],
    "1 - z for z": [("da_h = g * (1 - z)", "da_h = g * z"), ("g * z + da_z", "g * (1 - z) + da_z")],
    "mean over the batch": [
        ("x_t.T @ at_input", "x_t.T @ at_input / len(g)"),
        ("h_prev.T @ at_state", "h_prev.T @ at_state / len(g)"),
        (".sum(axis=0)", ".mean(axis=0)"),
    ],
}
TIME = {
    "no sum over time": [("total[name] += grads[name]", "total[name] = grads[name]")],
    "nothing handed back": [("dh[:, t] + from_later", "dh[:, t]")],
    "own terms missing": [("dh[:, t] + from_later", "from_later + (dh[:, t] if t == x.shape[1] - 1 else 0)")],
    "dh missing": [("dh[:, t] + from_later", "from_later")],
    "one dh for all steps": [("dh[:, t] + from_later", "dh[:, -1] + from_later")],
    "forward in time": [("reversed(range(x.shape[1]))", "range(x.shape[1])")],
    "first step left out": [("reversed(range(x.shape[1]))", "range(x.shape[1] - 1, 0, -1)")],
    "handed back added up": [('grads["h_prev"], grads["x_t"]', 'from_later + grads["h_prev"], grads["x_t"]')],
    "mean over time": [("+= grads[name]", "+= grads[name] / x.shape[1]")],
    "g for h0": [('"h0": from_later', '"h0": total["g"][:, 0]')],
    "started from zeros": [("saved, h = [], h0", "saved, h = [], np.zeros_like(h0)")],
}
BEFORE = {
    "reset forgotten in dU_h": [('("h", da_h, r * h_prev)', '("h", da_h, h_prev)')],
    "reset forgotten in the path": [("+ s * r}", "+ s}")],
    "reset on the other side of U_h": [("+ s * r}", '+ (da_h * r) @ w["U_h"].T}')],
    "dr of the other GRU": [("da_r = s * h_prev", 'da_r = da_h * (h_prev @ w["U_h"])')],
    "U_h missing in dr": [("da_r = s * h_prev", "da_r = da_h * h_prev")],
    "slope of r missing": [("s * h_prev * r * (1 - r)", "s * h_prev")],
    "carry missing": [('"h_prev": g * z + ', '"h_prev": ')],
    "path through z missing": [(' + da_z @ w["U_z"].T', "")],
    "path through r missing": [(' + da_r @ w["U_r"].T', "")],
    "path through the candidate missing": [(" + s * r}", "}")],
    "U not transposed": [(f'w["U_{k}"].T', f'w["U_{k}"]') for k in "zrh"],
    "1 - z for z": [("da_h = g * (1 - z)", "da_h = g * z"), ("g * z + da_z", "g * (1 - z) + da_z")],
    "new state for old": [("z, r, candidate, _ = saved", "z, r, candidate, h_prev = saved")],
    "mean over the batch": [
        ("x_t.T @ da,", "x_t.T @ da / len(g),"),
        ("state.T @ da", "state.T @ da / len(g)"),
        (".sum(", ".mean("),
    ],
    **{
        name: BACKWARD[name]
        for name in (
            "sign of dz",
            "slope of z missing",
            "slope of the candidate missing",
            "U_z not transposed",
            "U_r not transposed",
            "U_h not transposed",
            "path through z to x missing",
            "path through r to x missing",
            "path through the candidate to x missing",
            "z for the candidate's share",
            "1 - z for the carry",
        )
    },
}
H_W_Y = "sigmoid(h[0] @ w_y + b_y)"
READER = {
    "mask ignored": [("number != 0", "True")],
    "mask inverted": [("number != 0", "number == 0")],
    "output not squashed": [(H_W_Y, "h[0] @ w_y + b_y")],
    "tanh for sigmoid": [(H_W_Y, "np.tanh(h[0] @ w_y + b_y)")],
    "last step only": [("return np.array(said)", "return said[-1]")],
    "shifted up": [("E[number]", "E[(number + 3) % len(E)]")],
    "shifted down": [("E[number]", "E[number - 3]")],
    "output bias missing": [(" + b_y)", ")")],
    "mean state": [
        ("h, said =", "total = 0; h, said ="),
        ("        said.append", "        total = total + h\n        said.append"),
        (H_W_Y, "sigmoid((total / (len(said) + 1))[0] @ w_y + b_y)"),
    ],
    "state reset at padding": [("h, w)\n", "h, w)\n        else:\n            h = np.zeros((1, len(w_y)))\n")],
    "padding left out": [("        said.append", "            said.append")],
    "each word alone": [("[None], h, w)", "[None], np.zeros((1, len(w_y))), w)")],
    "one step late": [
        (f"        said.append({H_W_Y})\n", ""),
        ("        if number", f"        said.append({H_W_Y})\n        if number"),
    ],
    **{name: STEP[name] for name in STEP if name not in ("reset after the product", "tanh for sigmoid")},
}
REORDERED = (
    "    return [",
    "    def REORDERED(kind):\n        return np.hstack([w[kind + k] for k in ('_r', '_h', '_z')])\n\n    return [",
)
# Exercise by exercise: the mistake, and either edits of the solution or code that sets the answer.
WRONG = {
    "first_gate": {
        "z and 1 - z exchanged": "my_b_z = -1.03",
        "z for b_z": "my_b_z = 0.74",
        "h for b_z": "my_b_z = 0.5",
    },
    "where_it_ends": {"one step only": "my_end = np.tanh(0.4)", "keeps": "my_end = 0.8", "the far end": "my_end = 1"},
    "how_far": {
        "subtracted": "my_how_far = 0.12, 1 - 0.5 / 20",
        "lost for left": "my_how_far = 0.88, 0.966",
        "power for root": "my_how_far = 0.12, 0.5**20",
        "one step": "my_how_far = 0.9, 0.966",
    },
    "steps_until": {
        "one too early": [("return steps", "return steps - 1")],
        "below or equal": [("product >= share", "product > share * (1 + 1e-12)")],
        "not a whole number": [("return steps", "return np.log(share) / np.log(abs(u))")],
        "lost for left": [("    steps, product = 0", "    share = 1 - share\n    steps, product = 0")],
    },
    "rnn_jacobian": {
        "slope missing": [(" * (1 - h**2)", "")],
        "slope of the wrong unit": [("(1 - h**2)", "(1 - h**2)[:, None]")],
        "slope of the old state": [("(1 - h**2)", "(1 - h_prev**2)")],
        "sigmoid's slope": [("(1 - h**2)", "h * (1 - h)")],
        "slope of the pre-activation": [("np.tanh(x_t @ W + h_prev @ U + b)", "x_t @ W + h_prev @ U + b")],
        "tanh twice": [("(1 - h**2)", "(1 - np.tanh(h) ** 2)")],
        "square missing": [("h**2", "h")],
        "bias missing": [(" + b)", ")")],
        "transposed": [("U * (1 - h**2)", "np.diag(1 - h**2) @ U.T")],
    },
    "order_of_curves": {
        "plain RNN last of all": 'my_order = ["plain RNN", "GRU 0", "GRU 2", "GRU 4"]',
        "largest first": 'my_order = ("GRU 4", "GRU 2", "plain RNN", "GRU 0")',
    },
    "update_gate": {
        "not squashed": "my_z = 2 * 0.25 - 1 + 1.5",
        "tanh for sigmoid": "my_z = np.tanh(1)",
        "1 - the answer": "my_z = 0.27",
        "bias missing": "my_z = 1 / (1 + np.exp(-(2 * 0.25 - 1)))",
        "sign of U": "my_z = 1 / (1 + np.exp(-(2 * 0.25 + 1 + 1.5)))",
        "state missing": "my_z = 1 / (1 + np.exp(-(2 * 0.25 + 1.5)))",
    },
    "half_life_bias": {
        "z for b_z": [("return np.log(z / (1 - z))", "return z")],
        "z and 1 - z exchanged": [("z / (1 - z)", "(1 - z) / z")],
        "mean life": [("0.5 ** (1 / steps)", "1 - 1 / steps")],
        "e for one half": [("0.5 ** (1 / steps)", "np.exp(-1 / steps)")],
        "rule of thumb": [("0.5 ** (1 / steps)", "1 - np.log(2) / steps")],
        "log missing": [("np.log(z / (1 - z))", "z / (1 - z)")],
        "other base": [("np.log(", "np.log10(")],
        "log of z": [("np.log(z / (1 - z))", "np.log(z)")],
    },
    "which_convention": {
        "exchanged": 'my_conventions = {"A": "keeps", "B": "writes", "C": "cannot tell"}',
        "C decided": 'my_conventions = {"A": "writes", "B": "keeps", "C": "writes"}',
        "A keeps": 'my_conventions = {"A": "keeps", "B": "keeps", "C": "cannot tell"}',
        "B writes": 'my_conventions = {"A": "writes", "B": "writes", "C": "cannot tell"}',
    },
    "which_reset": {
        "exchanged": [('"before" if', '"after" if'), ('else "after"', 'else "before"')],
        "always before": [('"after"', '"before"')],
        "always after": [("(r * h_prev) @ U", "(r * h_prev) @ U + 1")],
    },
    "swap_convention": {
        "c_z forgotten": [('name.endswith("_z")', 'name in ("W_z", "U_z", "b_z")')],
        "biases forgotten": [('name.endswith("_z")', 'name in ("W_z", "U_z")')],
        "biases alone": [('name.endswith("_z")', 'name in ("c_z", "b_z")')],
        "all gates": [('-value if name.endswith("_z") else value', "-value")],
        "reset gate": [("_z", "_r")],
        "1 - the weights": [("-value if", "1 - value if")],
    },
    "latch": {
        "weights": 'my_latch = {"W_z": [[0], [-16]], "b_z": 8, "V_h": [[5], [0]]}',
        "z and 1 - z exchanged": 'my_latch = {"W_z": [[0], [16]], "b_z": -8, "W_h": [[5], [0]]}',
        "never writes": 'my_latch = {"b_z": 8, "W_h": [[5], [0]]}',
        "leaks": 'my_latch = {"W_z": [[0], [-8]], "b_z": 4, "W_h": [[5], [0]]}',
        "deaf candidate": 'my_latch = {"W_z": [[0], [-16]], "b_z": 8}',
        "sign turned round": 'my_latch = {"W_z": [[0], [-16]], "b_z": 8, "W_h": [[-5], [0]]}',
    },
    "parameters_of_a_gru": {
        "one bias": "my_number = 3 * (4 * 5 + 5 * 5 + 5)",
        "one block": "my_number = 4 * 5 + 5 * 5 + 2 * 5",
        "no bias": "my_number = 3 * (4 * 5 + 5 * 5)",
        "four blocks": "my_number = 4 * (4 * 5 + 5 * 5 + 2 * 5)",
        "no recurrent weights": "my_number = 3 * (4 * 5 + 2 * 5)",
        "two blocks": "my_number = 2 * (4 * 5 + 5 * 5 + 2 * 5)",
    },
    "gru_step": {"all four returned": [(AVERAGE, AVERAGE.replace("return", "return z, r, candidate,"))]} | STEP,
    "gru_forward": LOOP | STEP,
    "repair_torch": {
        "reset still before the product": [
            ('r * (h_prev @ w["U_h"] + w["c_h"])', '(r * h_prev) @ w["U_h"] + r * w["c_h"]')
        ],
        **{name: STEP[name] for name in STEP if name not in ("reset before the product", "U transposed")},
    },
    "masked_forward": MASKED,
    "one_step_by_hand": {
        "z is 0": "my_h = np.tanh(0.5)",
        "not squashed": "my_h = 0.5 * 0.2 + 0.5 * 0.5",
        "sigmoid for tanh": "my_h = 0.1 + 0.5 / (1 + np.exp(-0.5))",
        "sum for average": "my_h = 0.2 + np.tanh(0.5)",
        "all kept": "my_h = 0.2",
    },
    "four_paths": {
        "g forgotten": "my_paths = 0.9, 0.045, 0, 0.1",
        "slope of z missing": "my_paths = 1.8, 2 * 0.5, 0, 0.2",
        "slope of r missing": "my_paths = 1.8, 0.09, 2 * 0.1 * 0.5, 0.2",
        "1 - z for z": "my_paths = 2 * 0.1, 0.09, 0, 0.2",
        "carry alone": "my_paths = 1.8, 0.09, 0, 2",
        "sign": "my_paths = 1.8, 2 * (0 - 0.5) * 0.9 * 0.1, 0, 0.2",
    },
    "step_backward": BACKWARD,
    "bptt": TIME | BACKWARD,
    "step_before_backward": BEFORE,
    "read_a_failure": {name: f'my_line = "{name}"' for name in ("da_z", "da_h", "du")},
    "clip": {
        "each array on its own": [("g * min(1, max_norm / norm)", "g * min(1, max_norm / np.sqrt(np.sum(g**2)))")],
        "each entry on its own": [("g * min(1, max_norm / norm)", "np.clip(g, -max_norm, max_norm)")],
        "always shortened": [("min(1, max_norm / norm)", "max_norm / norm")],
        "root missing": [("np.sqrt(", "(")],
        "largest entry": [
            ("np.sqrt(sum(np.sum(g**2) for g in grads.values()))", "max(abs(g).max() for g in grads.values())")
        ],
        "nothing clipped": [("min(1, max_norm / norm)", "1")],
        "lengths added": [("np.sqrt(sum(np.sum(g**2)", "(sum(np.linalg.norm(g)")],
        "limit not used": [("max_norm / norm", "1 / norm")],
    },
    "adam": {
        "uphill": [("w - rate", "w + rate")],
        "correction missing": [("m / (1 - 0.9**t), v / (1 - 0.999**t)", "m, v")],
        "correction of v missing": [("v / (1 - 0.999**t)", "v")],
        "correction of m missing": [("m / (1 - 0.9**t)", "m")],
        "t missing": [("**t", "")],
        "one step too many": [("**t", "**(t + 1)")],
        "corrected means returned": [("+ 1e-8), m, v", "+ 1e-8), m_hat, v_hat")],
        "root missing": [("np.sqrt(v_hat)", "v_hat")],
        "not squared": [("0.001 * g**2", "0.001 * abs(g)")],
        "shares exchanged": [("0.9 * m + 0.1 * g", "0.1 * m + 0.9 * g")],
    },
    "naive_copy": {
        "not a mean": "my_naive = 10 * np.log(8)",
        "guesses alone": "my_naive = np.log(8)",
        "bits for nats": "my_naive = 30 / 120",
        "other base": "my_naive = 10 * np.log10(8) / 120",
        "delay for length": "my_naive = 10 * np.log(8) / 100",
        "symbols and length exchanged": "my_naive = 8 * np.log(10) / 120",
        "nine classes": "my_naive = 10 * np.log(9) / 120",
        "every step a guess": "my_naive = np.log(9)",
    },
    "review_unit": {
        "weights": 'my_reader = {"W_z": [[-16], [-16]], "b_z": 8}',
        "deaf candidate": 'my_reader = {"W_z": [[-16], [-16], [0], [0]], "b_z": 8, "W_h": [[5], [5], [0], [0]]}',
        "never writes": 'my_reader = {"W_z": [[16], [16], [0], [0]], "b_z": -8, "W_h": [[5], [-5], [0], [0]]}',
        "half written": 'my_reader = {"W_z": [[-16], [-16], [0], [0]], "b_z": 8, "W_h": [[0.5], [-0.5], [0], [0]]}',
        "leaks": 'my_reader = {"W_z": [[-4], [-4], [0], [0]], "b_z": 0, "W_h": [[5], [-5], [3], [0]]}',
        "sign turned round": 'my_reader = {"W_z": [[-16], [-16], [0], [0]], "b_z": 8, "W_h": [[-5], [5], [0], [0]]}',
    },
    "count_parameters": {
        "second bias forgotten": [('2 if cell == "GRU" and reset_after else 1', "1")],
        "second bias always": [(" and reset_after", "")],
        "second bias everywhere": [('cell == "GRU" and ', "")],
        "biases forgotten": [(" + biases * units", "")],
        "recurrent weights forgotten": [(" + units * units", "")],
        "gates for blocks": [('"GRU": 3, "LSTM": 4', '"GRU": 2, "LSTM": 3')],
        "GRU and LSTM exchanged": [('"GRU": 3, "LSTM": 4', '"GRU": 4, "LSTM": 3')],
        "inputs squared": [("units * units", "inputs**2")],
        "own state alone": [("units * units", "units")],
        "one block for the LSTM": [('"LSTM": 4', '"LSTM": 1')],
        "one block for the GRU": [('"GRU": 3', '"GRU": 1')],
        "one block for every cell": [("blocks * (", "(")],
    },
    "work_backwards": {
        "two biases": "my_units = (-3 + np.sqrt(9 + 4 * 1088)) / 2",
        "four blocks": "my_units = -1 + np.sqrt(1 + 816)",
        "bias forgotten": "my_units = (-1 + np.sqrt(1 + 4 * 1088)) / 2",
        "one block": "my_units = -1 + np.sqrt(1 + 3264)",
        "recurrent weights alone": "my_units = np.sqrt(3264 / 3)",
        "one block's count": "my_units = 3264 // 3",
    },
    "to_keras": {
        "PyTorch's order": [('"zrh"', '"rzh"')],
        "candidate not last": [('"zrh"', '"hzr"')],
        **{
            f"order of the {array}": [(f'side_by_side("{kind}")', f"REORDERED({kind!r})"), REORDERED]
            for kind, array in (("W", "kernel"), ("U", "recurrent kernel"))
        },
        "order of the bias": [
            ('side_by_side("b")', "REORDERED('b')"),
            ('side_by_side("c")', "REORDERED('c')"),
            REORDERED,
        ],
        **{
            f"order of all but the {array}": [
                ('"zrh"', '"rzh"'),
                (f'side_by_side("{kind}")', f'np.hstack([w["{kind}_" + gate] for gate in ("z", "r", "h")])'),
            ]
            for kind, array in (("W", "kernel"), ("U", "recurrent kernel"))
        },
        "order of all but the bias": [
            ('side_by_side("W"), side_by_side("U")', "REORDERED('W'), REORDERED('U')"),
            REORDERED,
        ],
        "one bias twice": [('side_by_side("c")', 'side_by_side("b")')],
        "biases in one row": [
            ('np.stack([side_by_side("b"), side_by_side("c")])', 'np.append(side_by_side("b"), side_by_side("c"))')
        ],
        "W and U exchanged": [('side_by_side("W"), side_by_side("U")', 'side_by_side("U"), side_by_side("W")')],
        "one below the other": [("axis=-1", "axis=0")],
        "biases exchanged": [('side_by_side("b"), side_by_side("c")', 'side_by_side("c"), side_by_side("b")')],
        "biases added": [('np.stack([side_by_side("b"), side_by_side("c")])', 'side_by_side("b") + side_by_side("c")')],
        "second bias dropped": [('np.stack([side_by_side("b"), side_by_side("c")])', 'side_by_side("b")')],
        "transposed": [('side_by_side("W"), side_by_side("U")', 'side_by_side("W").T, side_by_side("U").T')],
        "interleaved": [
            (
                'np.concatenate([w[f"{kind}_{gate}"] for gate in "zrh"], axis=-1)',
                'np.stack([w[f"{kind}_{gate}"] for gate in "zrh"], axis=-1).reshape(*w[kind + "_z"].shape[:-1], -1)',
            )
        ],
    },
    "windows": {
        "target in the window": [
            ("series[i + window : i + window + horizon]", "series[i + window - 1 : i + window + horizon - 1]")
        ],
        "a step between": [
            ("- horizon + 1", "- horizon"),
            ("series[i + window : i + window + horizon]", "series[i + window + 1 : i + window + horizon + 1]"),
        ],
        "last window lost": [("- horizon + 1", "- horizon")],
        "beyond the end": [("- window - horizon + 1", "- window")],
        "last value only": [("series[i + window : i + window + horizon]", "series[[i + window + horizon - 1]]")],
        "first value only": [("i + window + horizon]", "i + window + 1]")],
        "windows that do not overlap": [("range(n)", "range(0, n, window)")],
    },
    "scale": {
        "each part by itself": [
            ("return (series", "test = series[n_train:]\n    return np.append((train"),
            ("/ train.std()", "/ train.std(), (test - test.mean()) / test.std())"),
        ],
        "scaled by the test part": [("series[:n_train]", "series[n_train:]")],
        "training part alone": [("(series - train", "(train - train")],
        "mean of the whole": [("train.mean()", "series.mean()")],
        "spread of the whole": [("train.std()", "series.std()")],
        "variance for standard deviation": [("train.std()", "train.var()")],
        "minimum and maximum": [("train.mean()) / train.std()", "train.min()) / (train.max() - train.min())")],
    },
    "skill": {
        "share for skill": [("1 - np.mean", "np.mean")],
        "ratio inverted": [
            ("(truth - forecast)", "(truth - other)"),
            ("(truth - last)", "(truth - forecast)"),
            ("other", "last"),
        ],
        "root mean squares": [
            (
                "np.mean((truth - forecast) ** 2) / np.mean((truth - last) ** 2)",
                "np.std([0]) - np.sqrt(np.mean((truth - forecast) ** 2) / np.mean((truth - last) ** 2))",
            ),
            ("1 - np.std", "1 + np.std"),
        ],
        "absolute errors": [
            ("np.mean((truth - forecast) ** 2)", "abs(truth - forecast).mean()"),
            ("np.mean((truth - last) ** 2)", "abs(truth - last).mean()"),
        ],
        "mean for last value": [("np.mean((truth - last) ** 2)", "np.var(truth)")],
        "mean of the ratios": [
            (
                "np.mean((truth - forecast) ** 2) / np.mean((truth - last) ** 2)",
                "np.mean((truth - forecast) ** 2 / (truth - last) ** 2)",
            )
        ],
        "forecast and last value compared": [("(truth - last)", "(last - forecast)")],
        "difference": [
            (
                "1 - np.mean((truth - forecast) ** 2) / np.mean((truth - last) ** 2)",
                "np.mean((truth - last) ** 2) - np.mean((truth - forecast) ** 2)",
            )
        ],
    },
    "last_value_error": {
        "divided by the days": "my_error = (3 + 1 + 3) / 4",
        "signs kept": "my_error = (3 - 1 + 3) / 3",
        "root mean square": "my_error = np.sqrt((9 + 1 + 9) / 3)",
        "mean square": "my_error = (9 + 1 + 9) / 3",
        "sum for mean": "my_error = 3 + 1 + 3",
        "distance from the mean": "my_error = np.mean(np.abs(np.array([12, 15, 14, 17]) - 14.5))",
    },
    "encode": {
        "offset forgotten": [("index[word] + 3", "index[word]")],
        "start forgotten": [("numbers = [1]", "numbers = []")],
        "unknown words left out": [
            (
                "        number = index[word] + 3 if word in index else 2\n",
                "        if word not in index or index[word] + 3 >= vocabulary:\n            continue\n        number = index[word] + 3\n",
            )
        ],
        "unknown words as padding": [("else 2", "else 0")],
        "unknown words moved": [("index[word] + 3 if word in index else 2", "index.get(word, 2) + 3")],
        "limit one too high": [("number < vocabulary", "number <= vocabulary")],
        "limit before the offset": [
            ("index[word] + 3 if word in index else 2", "index.get(word, vocabulary)"),
            ("number if number", "number + 3 if number"),
        ],
        "limit forgotten": [("number if number < vocabulary else 2", "number")],
        "offset by one": [("index[word] + 3", "index[word] + 2")],
    },
    "pad": {
        "zeros behind": [("row[length - len(kept) :]", "row[: len(kept)]")],
        "beginning kept": [("sequence[-length:]", "sequence[:length]")],
        "both sides exchanged": [
            ("row[length - len(kept) :]", "row[: len(kept)]"),
            ("sequence[-length:]", "sequence[:length]"),
        ],
        "padded with 1": [("np.zeros", "np.ones")],
        "not cut": [("padded = np", "length = max(len(s) for s in sequences)\n    padded = np")],
    },
    "read_review": READER,
    "parameters_of_reviews": {
        "one bias": "my_number = 5000 * 32 + 3 * (32 * 32 + 32 * 32 + 32) + 33",
        "output forgotten": "my_number = 5000 * 32 + 3 * (32 * 32 + 32 * 32 + 64)",
        "output bias forgotten": "my_number = 5000 * 32 + 3 * (32 * 32 + 32 * 32 + 64) + 32",
        "embedding forgotten": "my_number = 3 * (32 * 32 + 32 * 32 + 64) + 33",
        "LSTM": "my_number = 5000 * 32 + 4 * (32 * 32 + 32 * 32 + 32) + 33",
        "embedding with bias": "my_number = 5001 * 32 + 3 * (32 * 32 + 32 * 32 + 64) + 33",
        "one block": "my_number = 5000 * 32 + (32 * 32 + 32 * 32 + 64) + 33",
    },
    "share_above": {
        "ties not counted": [("0.5 if", "0 if")],
        "ties counted whole": [("0.5 if", "1 if")],
        "exchanged": [("one > other", "one < other")],
        "number for share": [(" / (len(a) * len(b))", "")],
        "element by element": "def my_share(a, b):\n    return np.mean(a > b) + np.mean(a == b) / 2",
        "mean of a": [("in a:", "in [a.mean()]:"), ("len(a)", "1")],
        "mean of b": [("in b:", "in [b.mean()]:"), ("len(b)", "1")],
        "neighbours only": [
            (
                "    for one in a:\n        for other in b:\n            above",
                "    for one, other in zip(a, b):\n        above",
            ),
            ("(len(a) * len(b))", "min(len(a), len(b))"),
        ],
    },
    "paired_error": {
        "pairs torn apart": [
            ("gaps.std(ddof=1) / np.sqrt(len(gaps))", "np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))")
        ],
        "standard deviation": [(" / np.sqrt(len(gaps))", "")],
        "n for n - 1": [("ddof=1", "ddof=0")],
        "signs lost": [("gaps = a - b", "gaps = abs(a - b)")],
        "sign of the mean lost": [("gaps.mean()", "abs(gaps.mean())")],
        "divided by n": [("np.sqrt(len(gaps))", "len(gaps)")],
        "exchanged": [("a - b", "b - a")],
    },
    "verdict": {
        "open for refuted": [('"does not hold" if low > 1 else "not shown"', '"does not hold"')],
        "open for holds": [('else "not shown"', 'else "holds"')],
        "ends at 1": [("high < 1", "high <= 1"), ("low > 1", "low >= 1")],
        "middle": [("high < 1", "low + high < 2"), ('"does not hold" if low > 1 else "not shown"', '"does not hold"')],
        "exchanged": [('"holds"', '"X"'), ('"does not hold"', '"holds"'), ('"X"', '"does not hold"')],
        "always open": [('"holds"', '"not shown"'), ('"does not hold"', '"not shown"')],
    },
    "equal_parameters": {
        "equal units": [
            (
                "return min(range(1, units + 1), key=lambda n: abs(4 * (inputs * n + n * n + n) - target))",
                "return units",
            )
        ],
        "three quarters of the units": [("return min", "return round(units * 3 / 4) or min")],
        "one bias": [("2 * units", "units")],
        "second bias for the LSTM": [("n * n + n)", "n * n + 2 * n)")],
        "second bias for the other": [("n * n + n)", "n * n + 2 * n)"), ("2 * units", "units")],
        "no whole number": [
            (
                "return min(range(1, units + 1), key=lambda n: abs(4 * (inputs * n + n * n + n) - target))",
                "return np.roots([4, 4 * (inputs + 1), -target]).max()",
            )
        ],
        "rounded down": [
            (
                "return min(range(1, units + 1), key=lambda n: abs(4 * (inputs * n + n * n + n) - target))",
                "n = 1\n    while 4 * (inputs * (n + 1) + (n + 1) ** 2 + n + 1) <= target:\n        n += 1\n    return n",
            )
        ],
        "rounded up": [
            (
                "return min(range(1, units + 1), key=lambda n: abs(4 * (inputs * n + n * n + n) - target))",
                "n = 1\n    while 4 * (inputs * n + n**2 + n) < target:\n        n += 1\n    return n",
            )
        ],
    },
    "smallest_p": {
        "one side": "my_p = 0.05, 1 / 252",
        "coin flips": "my_p = 0.5**2, 0.5**4",
        "all orders": "my_p = 2 / 720, 2 / 3628800",
        "zero": "my_p = 0, 0",
    },
}
TABLE = [(name, mistake, change) for name, wrong in WRONG.items() for mistake, change in wrong.items()]


def learner(name, change):
    """What a learner has written: the code given and the solution with edits, or code of its own."""
    task = exercises.exercise(name)
    if isinstance(change, str):
        return answer_of(task, change)
    code = task.given + "\n\n\n" + task.solution
    for old, new in change:
        assert old in code, f"{name}: the solution has no {old!r}"
        code = code.replace(old, new)
    return answer_of(task, code)


@pytest.mark.parametrize(("name", "mistake", "change"), TABLE, ids=[f"{name}-{mistake}" for name, mistake, _ in TABLE])
def test_a_known_mistake_is_called_by_its_name(name, mistake, change):
    exercises.forget(name)
    verdict = exercises.check(name, learner(name, change))
    assert not verdict
    assert verdict.mistake == mistake, verdict.text
    assert verdict.text.startswith("Not yet. ")


# The same mistakes with other numbers, and so another row of the bank.
OTHERWISE = (
    ("half_life_bias", "rule of thumb", [("0.5 ** (1 / steps)", "1 - 0.69 / steps")]),
    ("half_life_bias", "rule of thumb", [("0.5 ** (1 / steps)", "1 - 0.693 / steps")]),
    ("half_life_bias", "rule of thumb", [("0.5 ** (1 / steps)", "1 - 0.7 / steps")]),
    ("half_life_bias", "other base", [("np.log(", "np.log2(")]),
)


@pytest.mark.parametrize(("name", "mistake", "change"), OTHERWISE)
def test_a_known_mistake_made_with_other_numbers_has_the_same_name(name, mistake, change):
    exercises.forget(name)
    assert exercises.check(name, learner(name, change)).mistake == mistake


PAIRS = (
    ("z and 1 - z exchanged", "c_h missing"),
    ("reset before the product", "U transposed"),
    ("reset missing", "b_h missing"),
    ("second gate biases missing", "sigmoid for tanh"),
    ("gate biases missing", "all of the candidate added"),
)


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
@pytest.mark.parametrize("name", ["gru_step", "gru_forward"])
def test_two_mistakes_at_once_are_both_named(name, pair):
    exercises.forget(name)
    verdict = exercises.check(name, learner(name, [edit for mistake in pair for edit in STEP[mistake]]))
    assert set(verdict.mistake.split("; ")) == set(pair), verdict.text
    hints = {mistake.name: mistake for mistake in exercises.exercise(name).mistakes}
    assert verdict.text.startswith("Not yet. Two things at once. ")
    assert all(hints[mistake].says in verdict.text for mistake in pair)


@pytest.mark.parametrize("name", exercises.names())
def test_every_mistake_of_the_bank_is_made_above(name):
    assert set(WRONG[name]) == {mistake.name for mistake in exercises.exercise(name).mistakes}


@pytest.mark.parametrize("name", exercises.names())
def test_hints_lead_to_the_idea_and_hold_no_code(name):
    task = exercises.exercise(name)
    for mistake in task.mistakes:
        for hint in (mistake.says, mistake.more):
            assert len(hint) < 260
            assert hint == "" or hint.strip()[-1] in ".?!"
            assert "\n" not in hint
            assert " @ " not in hint
            assert "np." not in hint
