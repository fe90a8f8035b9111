"""What a GateLab shows, as a cell that computes it with `GRU`; gate_code.js writes the same text."""


def literal(value):
    """A number, or nested rows of numbers, as Python writes it; a zero has no sign."""
    if isinstance(value, float):
        return repr(value + 0.0)
    return f"[{', '.join(map(literal, value))}]"


def code(x, reset, update, arrays, results):
    """The cell as text. `arrays` as in `GateLab.arrays`; `results` (units,) by name, expected in a comment."""
    units = len(arrays["h_prev"])
    keeps = update == "keep"
    lines = ["from gru_lib import GRU", ""]
    lines += [f'gru = GRU(1, {units}, reset="{reset}")  # 1 input, {units} unit{"s" if units > 1 else ""}']
    if not keeps:
        lines += ["# In the lab z writes; in GRU z keeps. So W_z, U_z and b_z are negated, and z is shown as 1 - z."]
    for name, value in arrays.items():
        if name != "h_prev" and (name != "c_h" or reset == "after"):
            negated = name in ("W_z", "U_z", "b_z") and not keeps
            lines += [f'gru.weights["{name}"][:] = {literal(minus(value) if negated else value)}']
    lines += [f"step = gru.step([[{literal(x)}]], [{literal(arrays['h_prev'])}])"]
    z = "step.z" if keeps else "1 - step.z"
    lines += [f'shown = {{"z": {z}, "r": step.r, "candidate": step.candidate, "h": step.h}}']
    lines += ["for name, value in shown.items():"]
    lines += ['    print(f"{name}:", *(f"{number:.6f}" for number in value[0]))']
    lines += ["# Expected:"]
    lines += [f"# {name}: " + " ".join(f"{number:.6f}" for number in value) for name, value in results.items()]
    return "\n".join(lines) + "\n"


def minus(value):
    """The negative of a number or of nested rows of numbers."""
    return -value if isinstance(value, float) else tuple(map(minus, value))
