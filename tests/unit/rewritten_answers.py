"""Right answers to the coding exercises that are not written as their solutions are: {exercise: [code, ...]}."""

STEP_LOOPS = """
def my_step(x_t, h_prev, w):
    h = [[0.0] * len(w["b_z"]) for _ in x_t]
    for row in range(len(x_t)):
        def into(kind, gate, values, unit):
            return sum(value * w[kind + "_" + gate][i][unit] for i, value in enumerate(values))
        for unit in range(len(w["b_z"])):
            a = {g: into("W", g, x_t[row], unit) + w["b_" + g][unit] for g in "zrh"}
            s = {g: into("U", g, h_prev[row], unit) + w["c_" + g][unit] for g in "zrh"}
            z, r = 1 / (1 + np.exp(-a["z"] - s["z"])), 1 / (1 + np.exp(-a["r"] - s["r"]))
            h[row][unit] = z * h_prev[row][unit] + (1 - z) * np.tanh(a["h"] + r * s["h"])
    return h
"""
STEP_EINSUM = """
def my_step(x_t, h_prev, w):
    W, U, b, c = (np.stack([w[f"{kind}_{gate}"] for gate in "zrh"]) for kind in "WUbc")
    a = np.einsum("bi,gih->gbh", x_t, W) + b[:, None]
    s = np.einsum("bk,gkh->gbh", h_prev, U) + c[:, None]
    z, r = 0.5 + 0.5 * np.tanh((a[:2] + s[:2]) / 2)
    return h_prev + (1 - z) * (np.tanh(a[2] + r * s[2]) - h_prev)
"""
STEP_FUSED = """
def my_step(x_t, h_prev, w):
    side = lambda kind: np.concatenate([w[f"{kind}_{gate}"] for gate in "rzh"], axis=-1)
    a, s = x_t @ side("W") + side("b"), h_prev @ side("U") + side("c")
    n = h_prev.shape[1]
    r, z = np.split(1 / (1 + np.exp(-(a + s)[:, : 2 * n])), 2, axis=1)
    new = np.tanh(a[:, 2 * n :] + r * s[:, 2 * n :])
    return new - z * (new - h_prev)
"""
STEP_STACKED = """
def my_step(x_t, h_prev, w):
    xh1 = np.hstack([x_t, h_prev, np.ones((len(x_t), 1))])
    gate = lambda k: sigmoid(xh1 @ np.vstack([w["W_" + k], w["U_" + k], [w["b_" + k] + w["c_" + k]]]))
    z = gate("z")
    candidate = np.tanh(gate("r") * (h_prev.dot(w["U_h"]) + w["c_h"]) + x_t.dot(w["W_h"]) + w["b_h"])
    return (1 - z) * candidate + z * h_prev
"""
STEP_ROWS = """
def my_step(x_t, h_prev, w):
    rows = []
    for x, h in zip(x_t, h_prev):
        z = sigmoid(w["W_z"].T @ x + w["U_z"].T @ h + w["b_z"] + w["c_z"])
        r = sigmoid(w["W_r"].T @ x + w["U_r"].T @ h + w["b_r"] + w["c_r"])
        rows.append(z * h + (1 - z) * np.tanh(w["W_h"].T @ x + w["b_h"] + r * (w["U_h"].T @ h + w["c_h"])))
    return rows
"""
FORWARD_ALLOCATED = """
def my_forward(x, h0, w):
    states = np.empty((x.shape[0], x.shape[1] + 1, h0.shape[1]))
    states[:, 0] = h0
    for t in range(x.shape[1]):
        states[:, t + 1] = gru_step(x[:, t], states[:, t], w)
    return states[:, 1:]
"""
FORWARD_RECURSIVE = """
def my_forward(x, h0, w):
    if x.shape[1] == 0:
        return np.zeros((len(x), 0, h0.shape[1]))
    h = gru_step(x[:, 0], h0, w)
    return np.concatenate([h[:, None], my_forward(x[:, 1:], h, w)], axis=1)
"""
FORWARD_BY_ROW = """
def my_forward(x, h0, w):
    def one(sequence, h):
        for x_t in sequence:
            h = gru_step(x_t[None], h[None], w)[0]
            yield h
    return np.array([list(one(*pair)) for pair in zip(x, h0)])
"""
FORWARD_HOISTED = """
def my_forward(x, h0, w):
    a = {k: x @ w["W_" + k] + w["b_" + k] for k in "zrh"}
    h, states = h0, []
    for t in range(len(x[0])):
        z, r = (sigmoid(a[k][:, t] + h @ w["U_" + k] + w["c_" + k]) for k in "zr")
        h = z * h + (1 - z) * np.tanh(a["h"][:, t] + r * (h @ w["U_h"] + w["c_h"]))
        states += [h]
    return np.swapaxes(states, 0, 1)
"""
FORWARD_ACCUMULATED = """
import itertools
def my_forward(x, h0, w):
    steps = itertools.accumulate(np.moveaxis(x, 1, 0), lambda h, x_t: gru_step(x_t, h, w), initial=h0)
    return np.moveaxis(np.array(list(steps)[1:]), 0, 1)
"""
MASKED_ARITHMETIC = """
def my_masked(x, h0, w, mask):
    h, states = h0, []
    for t in range(x.shape[1]):
        m = mask[:, [t]]
        h = m * gru_step(x[:, t], h, w) + (1 - m) * h
        states.append(h)
    return np.stack(states, axis=1)
"""
MASKED_INDEXED = """
def my_masked(x, h0, w, mask):
    h, states = h0.copy(), np.zeros((*mask.shape, h0.shape[1]))
    for t in range(x.shape[1]):
        rows = np.flatnonzero(mask[:, t])
        h[rows] = gru_step(x[rows, t], h[rows], w)
        states[:, t] = h
    return states
"""
MASKED_BY_ROW = """
def my_masked(x, h0, w, mask):
    states = []
    for row in range(len(x)):
        h, found = h0[row], []
        for t, counts in enumerate(mask[row]):
            if counts:
                h = gru_step(x[row : row + 1, t], h[None], w)[0]
            found.append(h)
        states.append(found)
    return states
"""
BACKWARD_SEPARATE = """
def my_step_backward(g, x_t, h_prev, saved, w):
    z, r, u, cand, _ = saved
    dz, dcand = g * (h_prev - cand), g * (1 - z)
    az, ah = dz * z * (1 - z), dcand * (1 - cand * cand)
    ar, du = ah * u * r * (1 - r), ah * r
    ones = np.ones(len(g))
    return {
        "W_z": np.einsum("bi,bh->ih", x_t, az), "W_r": np.einsum("bi,bh->ih", x_t, ar),
        "W_h": np.einsum("bi,bh->ih", x_t, ah), "U_z": np.einsum("bi,bh->ih", h_prev, az),
        "U_r": np.einsum("bi,bh->ih", h_prev, ar), "U_h": np.einsum("bi,bh->ih", h_prev, du),
        "b_z": ones @ az, "b_r": ones @ ar, "b_h": ones @ ah,
        "c_z": ones @ az, "c_r": ones @ ar, "c_h": ones @ du,
        "x_t": np.einsum("bh,ih->bi", az, w["W_z"]) + (w["W_r"] @ ar.T + w["W_h"] @ ah.T).T,
        "h_prev": (w["U_z"] @ az.T + w["U_r"] @ ar.T + w["U_h"] @ du.T).T + g * z,
    }
"""
BACKWARD_BY_ROW = """
def my_step_backward(g, x_t, h_prev, saved, w):
    total = {name: np.zeros_like(value) for name, value in w.items()}
    total |= {"x_t": np.zeros_like(x_t), "h_prev": np.zeros_like(h_prev)}
    for row in range(len(g)):
        z, r, u, cand, _ = (a[row] for a in saved)
        d = {"z": g[row] * (h_prev[row] - cand) * z * (1 - z), "h": g[row] * (1 - z) * (1 - cand**2)}
        d["r"] = d["h"] * u * r * (1 - r)
        back = {"z": d["z"], "r": d["r"], "h": d["h"] * r}
        for k in "zrh":
            total["W_" + k] += np.outer(x_t[row], d[k])
            total["U_" + k] += np.outer(h_prev[row], back[k])
            total["b_" + k] += d[k]
            total["c_" + k] += back[k]
            total["x_t"][row] += w["W_" + k] @ d[k]
            total["h_prev"][row] += w["U_" + k] @ back[k]
        total["h_prev"][row] += g[row] * z
    return total
"""
BACKWARD_NUDGED = """
def my_step_backward(g, x_t, h_prev, saved, w):
    places = {**w, "x_t": x_t.copy(), "h_prev": h_prev.copy()}
    places = {name: value.copy() for name, value in places.items()}
    def loss():
        return np.sum(g * step(places["x_t"], places["h_prev"], places)[-1])
    found = {}
    for name, value in places.items():
        found[name] = np.empty_like(value)
        for i in np.ndindex(value.shape):
            middle = value[i]
            value[i] = middle + 1e-6
            above = loss()
            value[i] = middle - 1e-6
            found[name][i] = (above - loss()) / 2e-6
            value[i] = middle
    return found
"""
BPTT_LIBRARY = """
from gru_lib import GRU
def my_bptt(x, h0, dh, w):
    gru = GRU(x.shape[2], h0.shape[1])
    gru.weights = w
    grads = gru.backward(gru.forward(x, h0), dh)
    g, h = np.zeros_like(dh), [h0, *np.moveaxis(gru.forward(x, h0).h, 1, 0)]
    later = 0
    for t in range(x.shape[1] - 1, -1, -1):
        g[:, t] = dh[:, t] + later
        later = gru.backward(gru.forward(x[:, t : t + 1], h[t]), g[:, t : t + 1]).h0
    return {**grads.weights, "x": grads.x, "h0": grads.h0, "g": g}
"""
BPTT_STACKED = """
def my_bptt(x, h0, dh, w):
    h, saved = [h0], []
    for x_t in np.swapaxes(x, 0, 1):
        saved.append(step(x_t, h[-1], w))
        h.append(saved[-1][4])
    every, g, later = [], [], np.zeros(h0.shape)
    for t in range(len(saved))[::-1]:
        g.insert(0, dh[:, t] + later)
        every.insert(0, step_backward(g[0], x[:, t], h[t], saved[t], w))
        later = every[0]["h_prev"]
    found = {name: np.sum([one[name] for one in every], axis=0) for name in w}
    found["x"] = np.stack([one["x_t"] for one in every], 1)
    found["g"], found["h0"] = np.stack(g, 1), later
    return found
"""
BPTT_RECURSIVE = """
def my_bptt(x, h0, dh, w):
    saved = step(x[:, 0], h0, w)
    rest = my_bptt(x[:, 1:], saved[-1], dh[:, 1:], w) if x.shape[1] > 1 else None
    g = dh[:, 0] + (rest["h0"] if rest else 0)
    here = step_backward(g, x[:, 0], h0, saved, w)
    found = {name: here[name] + (rest[name] if rest else 0) for name in w}
    found["x"] = np.concatenate([here["x_t"][:, None]] + ([rest["x"]] if rest else []), axis=1)
    found["g"] = np.concatenate([g[:, None]] + ([rest["g"]] if rest else []), axis=1)
    return {**found, "h0": here["h_prev"]}
"""
BEFORE_EINSUM = """
def my_before(g, x_t, h_prev, saved, w):
    z, r, c, _ = saved
    d = {"z": g * (h_prev - c) * (z - z**2), "h": (g - g * z) * (1 - c**2)}
    s = np.einsum("bh,kh->bk", d["h"], w["U_h"])
    d["r"] = s * h_prev * (r - r**2)
    states = {"z": h_prev, "r": h_prev, "h": r * h_prev}
    out = {"W_" + k: np.einsum("bi,bh->ih", x_t, d[k]) for k in d}
    out |= {"U_" + k: np.einsum("bi,bh->ih", states[k], d[k]) for k in d}
    out |= {"b_" + k: np.einsum("bh->h", d[k]) for k in d}
    out["x_t"] = sum(d[k] @ w["W_" + k].T for k in d)
    out["h_prev"] = g * z + r * s + sum(d[k] @ w["U_" + k].T for k in "zr")
    return out
"""
BEFORE_BY_OTHER = """
def my_before(g, x_t, h_prev, saved, w):
    z, r, c, h = saved
    out = step_backward(g, x_t, h_prev, (z, r, np.zeros_like(r), c, h), w)  # its reset paths are 0
    da_h = g * (1 - z) * (1 - c * c)
    s = da_h.dot(w["U_h"].T)
    da_r = s * h_prev * r * (1 - r)
    out["W_r"], out["U_r"], out["b_r"] = x_t.T.dot(da_r), h_prev.T.dot(da_r), da_r.sum(0)
    out["U_h"] = (r * h_prev).T.dot(da_h)
    out["x_t"] = out["x_t"] + da_r.dot(w["W_r"].T)
    out["h_prev"] = g * z + (g * (h_prev - c) * z * (1 - z)).dot(w["U_z"].T) + da_r.dot(w["U_r"].T) + s * r
    return out
"""
BEFORE_BY_ROW = """
def my_before(g, x_t, h_prev, saved, w):
    found = {name: 0.0 for name in w}
    found["x_t"], found["h_prev"] = [], []
    for gi, x, hp, z, r, c in zip(g, x_t, h_prev, *saved[:3]):
        az, ah = gi * (hp - c) * z * (1 - z), gi * (1 - z) * (1 - c**2)
        s = w["U_h"] @ ah
        ar = s * hp * r * (1 - r)
        for k, a, state in (("z", az, hp), ("r", ar, hp), ("h", ah, r * hp)):
            found["W_" + k] = found["W_" + k] + np.outer(x, a)
            found["U_" + k] = found["U_" + k] + np.outer(state, a)
            found["b_" + k] = found["b_" + k] + a
        found["x_t"].append(w["W_z"] @ az + w["W_r"] @ ar + w["W_h"] @ ah)
        found["h_prev"].append(gi * z + w["U_z"] @ az + w["U_r"] @ ar + s * r)
    return found
"""
ADAM_OUT = "w - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)"
COUNT_NAMES = """
def my_count(cell, inputs, units, reset_after=True):
    total = 0
    for block in {"RNN": ["h"], "GRU": ["z", "r", "h"], "LSTM": ["i", "f", "g", "o"]}[cell]:
        total += (inputs + units) * units + units
        if cell == "GRU" and reset_after is True:
            total += units
    return total
"""
READER_FORWARD = """
def my_reader(numbers, E, w, w_y, b_y):
    x, h, found = E[numbers], np.zeros((1, w_y.size)), []
    for t in range(len(numbers)):
        new = gru_step(x[t : t + 1], h, w)
        h = np.where(numbers[t] > 0, new, h)
        found.append((1 + np.tanh((h @ w_y + b_y) / 2)) / 2)
    return np.concatenate(found)
"""
READER_LIBRARY = """
from gru_lib import GRU
def my_reader(numbers, E, w, w_y, b_y):
    gru = GRU(E.shape[1], len(w_y))
    gru.weights = w
    h = gru.forward(E[numbers][None], mask=(numbers != 0)[None]).h[0]
    return 1 / (1 + np.exp(-(np.einsum("th,h->t", h, w_y) + b_y)))
"""
READER_ONE_HOT = """
def my_reader(numbers, E, w, w_y, b_y):
    x = np.eye(len(E))[numbers] @ E
    h = np.zeros(len(w_y))
    said = np.empty(len(numbers))
    for t, number in enumerate(numbers):
        h = gru_step(x[[t]], h[None, :], w)[0] if number else h
        said[t] = sigmoid(np.sum(h * w_y) + b_y)
    return said
"""
REWRITTEN = {
    "steps_until": [
        "import math\ndef my_steps(u, share):\n    return math.floor(math.log(share) / math.log(abs(u)) + 1e-12) + 1",
        "def my_steps(u, share):\n    return int(np.argmax(abs(u) ** np.arange(10000.0) < share))",
        "def my_steps(u, share, so_far=1.0):\n    return 0 if so_far < share else 1 + my_steps(u, share, so_far * abs(u))",
    ],
    "rnn_jacobian": [
        "def my_jacobian(x_t, h_prev, W, U, b):\n    return U @ np.diag(1 - np.tanh(x_t @ W + h_prev @ U + b) ** 2)",
        "def my_jacobian(x_t, h_prev, W, U, b):\n    h = np.tanh(W.T @ x_t + U.T @ h_prev + b)\n"
        "    return [[U[i, j] * (1 - h[j] * h[j]) for j in range(len(h))] for i in range(len(h))]",
        "def my_jacobian(x_t, h_prev, W, U, b):\n    f = lambda h: np.tanh(x_t @ W + h @ U + b)\n"
        "    return np.array([(f(h_prev + e) - f(h_prev - e)) / 2e-5 for e in 1e-5 * np.eye(len(b))])",
    ],
    "half_life_bias": [
        "def my_bias(steps):\n    return -np.log(2 ** (1 / steps) - 1)",
        "import math\ndef my_bias(steps):\n    z = math.exp(math.log(0.5) / steps)\n    return math.log(z) - math.log1p(-z)",
        "def my_bias(steps):\n    low, high = -20.0, 20.0\n    for _ in range(80):\n        middle = (low + high) / 2\n"
        "        if (1 / (1 + np.exp(-middle))) ** steps < 0.5:\n            low = middle\n        else:\n            high = middle\n"
        "    return low",
    ],
    "which_reset": [
        "def my_reset(h_prev, r, U, past):\n    return 'after' if abs(r * (h_prev @ U) - past).max() < 1e-9 else 'before'",
        "def my_reset(h_prev, r, U, past):\n    found = np.einsum('bi,bi,ij->bj', r, h_prev, U)\n"
        "    return 'Before ' if np.linalg.norm(found - past) < 1e-6 else 'AFTER'",
        "def my_reset(h_prev, r, U, past):\n    ways = {'before': (r * h_prev) @ U, 'after': r * (h_prev @ U)}\n"
        "    return min(ways, key=lambda way: np.abs(ways[way] - past).sum())",
    ],
    "swap_convention": [
        "def my_swap(w):\n    new = {k: v.copy() for k, v in w.items()}\n    for k in 'WUbc':\n        new[k + '_z'] *= -1\n    return new",
        "from gru_lib import conventions\ndef my_swap(w):\n    return conventions.swap_update(w)",
        "def my_swap(w):\n    return dict(w, **{k: 0 - w[k] for k in ('b_z', 'c_z', 'U_z', 'W_z')})",
    ],
    "gru_step": [STEP_LOOPS, STEP_EINSUM, STEP_FUSED, STEP_STACKED, STEP_ROWS],
    "repair_torch": [
        code.replace("my_step", "my_torch_step")
        for code in (STEP_LOOPS, STEP_EINSUM, STEP_FUSED, STEP_STACKED, STEP_ROWS)
    ],
    "gru_forward": [FORWARD_ALLOCATED, FORWARD_RECURSIVE, FORWARD_BY_ROW, FORWARD_HOISTED, FORWARD_ACCUMULATED],
    "masked_forward": [
        MASKED_ARITHMETIC,
        MASKED_INDEXED,
        MASKED_BY_ROW,
        "from gru_lib import GRU\ndef my_masked(x, h0, w, mask):\n    gru = GRU(x.shape[2], h0.shape[1])\n"
        "    gru.weights = w\n    return gru.forward(x, h0, mask).h",
    ],
    "step_backward": [BACKWARD_SEPARATE, BACKWARD_BY_ROW, BACKWARD_NUDGED],
    "bptt": [BPTT_LIBRARY, BPTT_STACKED, BPTT_RECURSIVE],
    "step_before_backward": [BEFORE_EINSUM, BEFORE_BY_OTHER, BEFORE_BY_ROW],
    "clip": [
        "from gru_lib import gradients\ndef my_clip(grads, max_norm):\n    return gradients.clip_by_global_norm(grads, max_norm)",
        "def my_clip(grads, max_norm):\n    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))\n"
        "    if norm <= max_norm:\n        return grads\n    return {k: g / norm * max_norm for k, g in grads.items()}",
        "def my_clip(grads, max_norm):\n    square = 0.0\n    for g in grads.values():\n        for value in g.flat:\n"
        "            square += value * value\n    factor = max_norm / max(max_norm, square**0.5)\n"
        "    return {k: [[factor * v for v in row] for row in g] if g.ndim > 1 else factor * g for k, g in grads.items()}",
    ],
    "adam": [
        f"def my_adam(w, g, m, v, t, rate):\n    m = m + 0.1 * (g - m)\n    v = v + 0.001 * (g * g - v)\n    return {ADAM_OUT}, m, v",
        f"def my_adam(w, g, m, v, t, rate):\n    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2\n    w = {ADAM_OUT}\n    return [w, m, v]",
        "def my_adam(w, g, m, v, t, rate):\n    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2\n"
        "    eta = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)\n"
        "    return w - eta * m / (np.sqrt(v) + 1e-8 * np.sqrt(1 - 0.999**t)), m, v",
        "def my_adam(w, g, m, v, t, rate):\n    w, m, v = w.copy(), m.copy(), v.copy()\n    m *= 0.9\n    m += 0.1 * g\n    v *= 0.999\n"
        f"    v += 0.001 * g**2\n    w[...] = {ADAM_OUT}\n    return w, m, v",
    ],
    "count_parameters": [
        COUNT_NAMES,
        "from gru_lib import systems\ndef my_count(cell, inputs, units, reset_after=True):\n"
        "    return sum(systems.layer_parameters(cell, inputs, units, reset_after).values())",
        "def my_count(cell, inputs, units, reset_after):\n    if cell == 'RNN':\n        return units * (inputs + units + 1)\n"
        "    if cell == 'LSTM':\n        return 4 * units * (inputs + units + 1)\n"
        "    return 3.0 * units * (inputs + units + (2 if reset_after else 1))",
    ],
    "to_keras": [
        "def my_arrays(w):\n    kernel = np.hstack([w['W_z'], w['W_r'], w['W_h']])\n    rec = np.hstack([w['U_z'], w['U_r'], w['U_h']])\n"
        "    return kernel, rec, np.array([[*w['b_z'], *w['b_r'], *w['b_h']], [*w['c_z'], *w['c_r'], *w['c_h']]])",
        "from gru_lib import GRU, conventions\ndef my_arrays(w):\n    gru = GRU(*w['W_z'].shape)\n    gru.weights = w\n"
        "    return conventions.to_keras(gru)",
        "def my_arrays(w):\n    n, H = w['W_z'].shape\n    k, u, b = np.empty((n, 3 * H)), np.empty((H, 3 * H)), np.empty((2, 3 * H))\n"
        "    for i, g in enumerate('zrh'):\n        s = slice(i * H, (i + 1) * H)\n        k[:, s], u[:, s] = w['W_' + g], w['U_' + g]\n"
        "        b[0, s], b[1, s] = w['b_' + g], w['c_' + g]\n    return [k, u, b]",
    ],
    "windows": [
        "from gru_lib import windows\ndef my_windows(series, window, horizon):\n    X, y = windows.make(series, window, horizon)\n"
        "    return X[:, :, 0], y",
        "def my_windows(series, window, horizon):\n"
        "    both = np.lib.stride_tricks.sliding_window_view(series, window + horizon)\n    return both[:, :window], both[:, window:]",
        "def my_windows(series, window, horizon):\n    X, y, i = [], [], 0\n    while i + window + horizon <= len(series):\n"
        "        X.append(list(series[i : i + window]))\n        y.append(list(series[i + window :][:horizon]))\n        i += 1\n"
        "    return X, y",
        "def my_windows(series, window, horizon):\n    at = np.arange(len(series) - window - horizon + 1)[:, None]\n"
        "    return series[at + np.arange(window)], series[at + window + np.arange(horizon)]",
    ],
    "scale": [
        "from gru_lib.windows import Scaler\ndef my_scale(series, n_train):\n    return Scaler().fit(series[:n_train]).transform(series)",
        "def my_scale(series, n_train):\n    m = sum(series[:n_train]) / n_train\n"
        "    s = (sum((v - m) ** 2 for v in series[:n_train]) / n_train) ** 0.5\n    return [(v - m) / s for v in series]",
        "def my_scale(series, n_train):\n    return (series - np.average(series[:n_train])) / np.sqrt(np.var(series[:n_train]))",
    ],
    "skill": [
        "def my_skill(truth, forecast, last):\n    return 1 - np.linalg.norm(truth - forecast) ** 2 / np.linalg.norm(truth - last) ** 2",
        "def my_skill(truth, forecast, last):\n    a, b = ((truth - f).ravel() for f in (forecast, last))\n    return (b @ b - a @ a) / (b @ b)",
        "from gru_lib import windows\ndef my_skill(truth, forecast, last):\n"
        "    return 1 - (windows.rmse(truth, forecast) / windows.rmse(truth, last)) ** 2",
    ],
    "encode": [
        "def my_encode(words, index, vocabulary):\n"
        "    return [1] + [n if n < vocabulary else 2 for n in (index.get(word, vocabulary) + 3 for word in words)]",
        "def my_encode(words, index, vocabulary):\n    table = {word: rank + 3 for word, rank in index.items() if rank + 3 < vocabulary}\n"
        "    return np.array([1, *(table.get(word, 2) for word in words)])",
        "def my_encode(words, index, vocabulary):\n    found = np.array([0] + [index.get(w, 10**6) for w in words]) + 3\n"
        "    found[found >= vocabulary] = 2\n    found[0] = 1\n    return found.astype(float)",
    ],
    "pad": [
        "def my_pad(sequences, length):\n    return [([0] * length + s)[-length:] for s in sequences]",
        "def my_pad(sequences, length):\n    return np.array([np.pad(s[-length:], (max(0, length - len(s)), 0)) for s in sequences])",
        "def my_pad(sequences, length):\n    out = np.zeros((len(sequences), length))\n    for i, s in enumerate(sequences):\n"
        "        for j, n in enumerate(reversed(s)):\n            if j < length:\n                out[i, -1 - j] = n\n    return out",
    ],
    "read_review": [READER_FORWARD, READER_LIBRARY, READER_ONE_HOT],
    "share_above": [
        "def my_share(a, b):\n    return np.mean(0.5 + 0.5 * np.sign(np.subtract.outer(a, b)))",
        "from scipy.stats import mannwhitneyu\ndef my_share(a, b):\n    return mannwhitneyu(a, b).statistic / (len(a) * len(b))",
        "from scipy.stats import rankdata\ndef my_share(a, b):\n    n, m = len(a), len(b)\n"
        "    return (rankdata([*a, *b])[:n].sum() - n * (n + 1) / 2) / (n * m)",
        "from fractions import Fraction\ndef my_share(a, b):\n    wins = sum((x > y) * 2 + (x == y) for x in a for y in b)\n"
        "    return Fraction(int(wins), 2 * len(a) * len(b))",
    ],
    "paired_error": [
        "def my_difference(a, b):\n    d, n = a - b, len(a)\n    return d.mean(), np.sqrt(np.sum((d - d.mean()) ** 2) / (n - 1) / n)",
        "from scipy.stats import sem\ndef my_difference(a, b):\n    return np.mean(a) - np.mean(b), sem(a - b)",
        "import statistics\ndef my_difference(a, b):\n    d = [float(x - y) for x, y in zip(a, b)]\n"
        "    return [statistics.mean(d), statistics.stdev(d) / len(d) ** 0.5]",
    ],
    "verdict": [
        "def my_verdict(low, high):\n    return 'not shown' if low <= 1 <= high else 'holds' if low < 1 else 'does not hold'",
        "def my_verdict(low, high):\n    return ['does not hold', 'not shown', 'holds'][(high < 1) + (low <= 1)]",
        "def my_verdict(low, high):\n    for word, says in (('Holds', high < 1), ('Does not hold', 1 < low), ('Not shown', True)):\n        if says:\n            return word",
    ],
    "equal_parameters": [
        "def my_units(inputs, units):\n    target = 3 * units * (inputs + units + 2) / 4\n    n = (-(inputs + 1) + np.sqrt((inputs + 1) ** 2 + 4 * target)) / 2\n"
        "    return min(int(n), int(n) + 1, key=lambda k: abs(k * (inputs + k + 1) - target))",
        "def my_units(inputs, units):\n    n = np.arange(1, 2 * units)\n"
        "    return n[np.abs(4 * n * (inputs + n + 1) - 3 * units * (inputs + units + 2)).argmin()]",
        "def my_units(inputs, units):\n    best = 1\n    for n in range(2, units + 50):\n        gap = lambda k: abs(4 * k * (inputs + k + 1) - 3 * units * (inputs + units + 2))\n"
        "        best = n if gap(n) < gap(best) else best\n    return best",
    ],
}
MORE = {
    "steps_until": [
        "import itertools\ndef my_steps(u, share):\n    return next(n for n in itertools.count() if abs(u) ** n < share)",
        "import bisect\ndef my_steps(u, share):\n    return bisect.bisect_left(range(10**5), True, key=lambda n: abs(u) ** n < share)",
    ],
    "rnn_jacobian": [
        "def my_jacobian(x_t, h_prev, W, U, b):\n    h = np.tanh(np.hstack([x_t, h_prev, 1]) @ np.vstack([W, U, b]))\n"
        "    return np.einsum('ij,j->ij', U, (1 - h) * (1 + h))",
        "def my_jacobian(x_t, h_prev, W, U, b):\n    out = [np.tanh(x_t @ W + (h_prev + 1e-20j * e) @ U + b) for e in np.eye(len(b))]\n"
        "    return np.imag(out) / 1e-20",
    ],
    "half_life_bias": [
        "from scipy.special import logit\ndef my_bias(steps):\n    return logit(2.0 ** (-1 / steps))",
        "def my_bias(steps):\n    return -np.log(np.expm1(np.log(2) / steps))",
    ],
    "which_reset": [
        "def my_reset(h_prev, r, U, past):\n    for row, h, p in zip(r, h_prev, past):\n"
        "        if not np.allclose(U.T @ (row * h), p):\n            return 'after'\n    return 'before'",
        "def my_reset(h_prev, r, U, past):\n    off = r * h_prev @ U - past\n    return ('before', 'after')[int((off**2).sum() > 1e-12)]",
    ],
    "swap_convention": [
        "import copy\ndef my_swap(w):\n    new = copy.deepcopy(w)\n    for name in filter(lambda name: name[-1] == 'z', new):\n"
        "        np.negative(new[name], out=new[name])\n    return new",
        "def my_swap(w):\n    return {name: value * (1 - 2 * (name[2] == 'z')) for name, value in w.items()}",
    ],
    "masked_forward": [
        "def my_masked(x, h0, w, mask):\n    states = [h0]\n    for x_t, m in zip(x.swapaxes(0, 1), mask.T):\n"
        "        new = gru_step(x_t, states[-1], w)\n        states += [np.choose(m[:, None], [states[-1], new])]\n"
        "    return np.moveaxis(states[1:], 0, 1)",
    ],
    "step_backward": [
        """
from gru_lib import GRU
def my_step_backward(g, x_t, h_prev, saved, w):
    gru = GRU(x_t.shape[1], h_prev.shape[1])
    gru.weights = w
    grads = gru.backward(gru.forward(x_t[:, None], h_prev), g[:, None])
    return {**grads.weights, "x_t": grads.x[:, 0], "h_prev": grads.h0}
""",
        """
def my_step_backward(g, x_t, h_prev, saved, w):
    z, r, u, c, _ = saved
    a_h = g * (1 - z) * (1 - c**2)
    into = np.hstack([g * (h_prev - c) * z * (1 - z), a_h * u * r * (1 - r), a_h])
    back = np.hstack([into[:, : -g.shape[1]], a_h * r])
    side = lambda kind: np.hstack([w[f"{kind}_{gate}"] for gate in "zrh"])
    parts = {"W": x_t.T @ into, "U": h_prev.T @ back, "b": into.sum(0), "c": back.sum(0)}
    found = {"x_t": into @ side("W").T, "h_prev": back @ side("U").T + g * z}
    for kind, part in parts.items():
        found |= {f"{kind}_{gate}": piece for gate, piece in zip("zrh", np.split(part, 3, axis=-1))}
    return found
""",
    ],
    "bptt": [
        """
def my_bptt(x, h0, dh, w):
    rows = [one(x[[row]], h0[[row]], dh[[row]], w) for row in range(len(x))]
    found = {name: sum(row[name] for row in rows) for name in w}
    return found | {name: np.concatenate([row[name] for row in rows]) for name in ("x", "h0", "g")}
def one(x, h, dh, w):
    steps = []
    for t in range(x.shape[1]):
        steps.append((h, step(x[:, t], h, w)))
        h = steps[-1][1][4]
    found = dict.fromkeys(w, 0) | {"x": np.zeros(x.shape), "g": dh.copy(), "h0": 0}
    while steps:
        t = len(steps) - 1
        found["g"][:, t] += found["h0"]
        here = step_backward(found["g"][:, t], x[:, t], *steps.pop(), w)
        found["h0"], found["x"][:, t] = here["h_prev"], here["x_t"]
        found |= {name: found[name] + here[name] for name in w}
    return found
""",
        """
import functools
def my_bptt(x, h0, dh, w):
    x, dh = np.moveaxis(x, 1, 0), np.moveaxis(dh, 1, 0)
    saved = [step(x[0], h0, w)]
    for x_t in x[1:]:
        saved.append(step(x_t, saved[-1][-1], w))
    olds = [h0] + [one[-1] for one in saved[:-1]]
    def back(later, now):
        g = now[0] + (later[-1][1]["h_prev"] if later else 0)
        return [*later, (g, step_backward(g, *now[1:], w))]
    done = functools.reduce(back, reversed(list(zip(dh, x, olds, saved))), [])[::-1]
    found = {name: np.add.reduce([grads[name] for _, grads in done]) for name in w}
    found["x"] = np.stack([grads["x_t"] for _, grads in done], axis=1)
    return {**found, "g": np.stack([g for g, _ in done], axis=1), "h0": done[0][1]["h_prev"]}
""",
    ],
    "step_before_backward": [
        """
def my_before(g, x_t, h_prev, saved, w):
    z, r, c, _ = saved
    d_c = (1 - z) * g
    a_h = d_c - d_c * c * c
    d_rh = (w["U_h"] @ a_h.T).T
    a = {"h": a_h, "r": d_rh * h_prev * r * (1 - r), "z": g * z * (1 - z) * (h_prev - c)}
    found = {"x_t": np.zeros_like(x_t), "h_prev": z * g + r * d_rh}
    for gate in a:
        seen = h_prev * r if gate == "h" else h_prev
        found["W_" + gate] = np.tensordot(x_t, a[gate], axes=(0, 0))
        found["U_" + gate] = np.tensordot(seen, a[gate], axes=(0, 0))
        found["b_" + gate] = np.ones(len(g)) @ a[gate]
        found["x_t"] += a[gate] @ w["W_" + gate].T
        if gate != "h":
            found["h_prev"] += a[gate] @ w["U_" + gate].T
    return found
""",
        """
def my_before(g, x_t, h_prev, saved, w):
    places = {name: np.array(value) for name, value in {**w, "x_t": x_t, "h_prev": h_prev}.items()}
    def loss():
        x, h, v = places["x_t"], places["h_prev"], places
        z, r = (sigmoid(x @ v["W_" + k] + h @ v["U_" + k] + v["b_" + k]) for k in "zr")
        return np.sum(g * (z * h + (1 - z) * np.tanh(x @ v["W_h"] + (r * h) @ v["U_h"] + v["b_h"])))
    found = {name: np.empty_like(value) for name, value in places.items()}
    for name, value in places.items():
        for i in np.ndindex(value.shape):
            middle, ends = value[i], []
            for value[i] in (middle + 1e-6, middle - 1e-6):
                ends.append(loss())
            found[name][i], value[i] = (ends[0] - ends[1]) / 2e-6, middle
    return found
""",
    ],
    "clip": [
        "import math\ndef my_clip(grads, max_norm):\n    norm = math.hypot(*(math.sqrt(np.vdot(g, g)) for g in grads.values()))\n"
        "    return {name: g if norm < max_norm else g * (max_norm / norm) for name, g in grads.items()}",
        "def my_clip(grads, max_norm):\n    new = {name: g.copy() for name, g in grads.items()}\n"
        "    norm = sum(np.linalg.norm(g) ** 2 for g in new.values()) ** 0.5\n    for g in new.values():\n"
        "        g /= max(1, norm / max_norm)\n    return new",
    ],
    "adam": [
        "def my_adam(w, g, m, v, t, rate):\n    m, v = np.average([m, g], axis=0, weights=[0.9, 0.1]), np.average([v, g * g], axis=0, weights=[0.999, 0.001])\n"
        f"    return {ADAM_OUT}, m, v",
    ],
    "count_parameters": [
        "def my_count(cell, inputs, units, reset_after=True):\n    kernel = np.zeros((inputs + units, units))\n    bias = np.zeros(units)\n"
        "    arrays = [kernel, bias] * (('RNN', '', 'GRU', 'LSTM').index(cell) + 1)\n"
        "    if cell == 'GRU' and reset_after:\n        arrays += [bias] * 3\n    return sum(array.size for array in arrays)",
        "def my_count(cell, inputs, units, reset_after=True):\n    match cell:\n        case 'RNN':\n            return np.int64(units * (inputs + units) + units)\n"
        "        case 'GRU':\n            return np.int64(3 * (units * (inputs + units) + units * (1 + bool(reset_after))))\n"
        "    return np.int64(4 * (units * (inputs + units) + units))",
    ],
    "to_keras": [
        "def my_arrays(w):\n    W, U, b, c = (np.stack([w[f'{kind}_{gate}'] for gate in 'zrh'], axis=-2) for kind in 'WUbc')\n"
        "    return W.reshape(len(W), -1), U.reshape(len(U), -1), np.array([b.ravel(), c.ravel()])",
        "def my_arrays(w):\n    return (\n        np.block([[w['W_z'], w['W_r'], w['W_h']]]),\n        np.block([[w['U_z'], w['U_r'], w['U_h']]]),\n"
        "        np.block([[w['b_z'], w['b_r'], w['b_h']], [w['c_z'], w['c_r'], w['c_h']]]),\n    )",
    ],
    "windows": [
        "def my_windows(series, window, horizon):\n    n = len(series) - window - horizon + 1\n    X, y = np.empty((n, window)), np.empty((n, horizon))\n"
        "    for k in range(window):\n        X[:, k] = series[k : k + n]\n    for k in range(horizon):\n"
        "        y[:, k] = series[window + k : window + k + n]\n    return X, y",
    ],
    "scale": [
        "import statistics\ndef my_scale(series, n_train):\n    train = [float(v) for v in series[:n_train]]\n"
        "    known = statistics.NormalDist(statistics.fmean(train), statistics.pstdev(train))\n    return np.array([known.zscore(v) for v in series])",
        "def my_scale(series, n_train):\n    centred = series - series[:n_train].mean()\n    return centred / np.sqrt(np.mean(centred[:n_train] ** 2))",
    ],
    "skill": [
        "def my_skill(truth, forecast, last):\n    square = lambda said: sum((t - s) ** 2 for t, s in zip(np.ravel(truth), np.ravel(said)))\n"
        "    return 1 - square(forecast) / square(last)",
        "def my_skill(truth, forecast, last):\n    errors = np.stack([forecast, last]) - truth\n"
        "    model, naive = np.square(errors).reshape(2, -1).mean(axis=1)\n    return (naive - model) / naive",
    ],
    "encode": [
        "def my_encode(words, index, vocabulary):\n    def number(word):\n        try:\n            n = index[word] + 3\n        except KeyError:\n"
        "            return 2\n        return 2 if n >= vocabulary else n\n    return (1, *map(number, words))",
        "def my_encode(words, index, vocabulary):\n    ranks = np.fromiter((index.get(word, vocabulary) for word in words), int)\n"
        "    return np.concatenate([[1], np.where(ranks + 3 < vocabulary, ranks + 3, 2)])",
    ],
    "pad": [
        "import itertools\ndef my_pad(sequences, length):\n    turned = [list(reversed(s))[:length] for s in sequences]\n"
        "    columns = itertools.zip_longest([0] * length, *turned, fillvalue=0)\n    return np.array(list(columns)).T[1:, ::-1]",
        "from collections import deque\ndef my_pad(sequences, length):\n    rows = [deque([0] * length, maxlen=length) for _ in sequences]\n"
        "    for row, s in zip(rows, sequences):\n        row.extend(s)\n    return [list(row) for row in rows]",
    ],
    "read_review": [
        "def my_reader(numbers, E, w, w_y, b_y):\n    def states():\n        h = np.zeros((1, len(w_y)))\n        for number in numbers.tolist():\n"
        "            if number:\n                h = gru_step(E[number][None], h, w)\n            yield h[0]\n"
        "    return sigmoid(np.array(list(states())) @ w_y + b_y)",
        "def my_reader(numbers, E, w, w_y, b_y):\n    if len(numbers) == 0:\n        return np.zeros(0)\n    h = np.zeros((1, len(w_y)))\n    says = []\n"
        "    for t in range(len(numbers)):\n        if numbers[t] != 0:\n            h = gru_step(E.take(numbers[t : t + 1], axis=0), h, w)\n"
        "        says.append(1 / (1 + np.exp(-float(h[0].dot(w_y)) - float(b_y))))\n    return says",
    ],
    "share_above": [
        "def my_share(a, b):\n    b = np.sort(b)\n    below, up_to = (np.searchsorted(b, a, side) for side in ('left', 'right'))\n"
        "    return (below + up_to).sum() / 2 / (len(a) * len(b))",
    ],
    "paired_error": [
        "def my_difference(a, b):\n    d = np.subtract(a, b)\n    variance = (np.mean(d**2) - np.mean(d) ** 2) * len(d) / (len(d) - 1)\n"
        "    return d.mean(), (variance / len(d)) ** 0.5",
        "def my_difference(a, b):\n    c = np.cov(a, b)\n    return a.mean() - b.mean(), np.sqrt((c[0, 0] + c[1, 1] - 2 * c[0, 1]) / len(a))",
    ],
    "verdict": [
        "def my_verdict(low, high):\n    return {(True, True): 'holds', (False, False): 'does not hold'}.get((low < 1, high < 1), 'not shown')"
        " if 1 not in (low, high) else 'not shown'",
        "def my_verdict(low, high):\n    match np.sign(low - 1) + np.sign(high - 1):\n        case -2:\n            return 'holds'\n"
        "        case 2:\n            return 'does not hold'\n    return 'not shown'",
    ],
    "equal_parameters": [
        "def my_units(inputs, units):\n    wanted = 3 * units * (inputs + units + 2)\n    count = lambda n: 4 * n * (inputs + n + 1)\n    n = 1\n"
        "    while count(n + 1) <= wanted:\n        n += 1\n    return n if wanted - count(n) <= count(n + 1) - wanted else n + 1",
        "import bisect\ndef my_units(inputs, units):\n    wanted, count = 3 * units * (inputs + units + 2), lambda n: 4 * n * (inputs + n + 1)\n"
        "    n = bisect.bisect_left(range(units + 1), wanted, key=count)\n    return sorted([n - 1, n], key=lambda n: (abs(count(n) - wanted), n))[0]",
    ],
}
for name, codes in MORE.items():
    REWRITTEN[name] += codes
