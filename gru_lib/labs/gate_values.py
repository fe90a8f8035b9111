"""Every number and word in the picture of GateLab; gate_values.js computes the same."""

from gru_lib.labs.gate_units import MOST_UNITS
from gru_lib.labs.picture import add_up, rounded, written

PARTS = ("z", "r", "candidate", "h")


def values(state, arrays, results):
    """The dictionary that fills gate_lab.svg.

    `state`: the settings, with the numbers of the chosen unit; `arrays`: those of all units, as NumPy arrays;
    `results`: `z` (in the convention of `update`), `r`, `candidate` and `h`, each (units,).
    """
    u, x, after = state["unit"], state["x"], state["reset"] == "after"
    h_prev, r = arrays["h_prev"], results["r"]
    z, candidate = results["z"][u].item(), results["candidate"][u].item()
    keep, write = (z, 1 - z) if state["update"] == "keep" else (1 - z, z)
    heard = h_prev if after else r * h_prev  # what the product with U_h meets
    product = (heard @ arrays["U_h"])[u].item()
    at_door = product + state["c_h"] if after else state["h_prev"]
    let_through = r[u].item() * at_door
    numbers = {part: results[part][u].item() for part in PARTS} | {
        "a_z": state["W_z"] * x + (h_prev @ arrays["U_z"])[u].item() + state["b_z"],
        "a_r": state["W_r"] * x + (h_prev @ arrays["U_r"])[u].item() + state["b_r"],
        "from_x": state["W_h"] * x + state["b_h"],
        "at_door": at_door,
        "let_through": let_through,
        "from_h": let_through if after else product,
        "from_others": product - (heard[u] * arrays["U_h"][u, u]).item(),
        "keep": keep,
        "write": write,
        "kept": keep * state["h_prev"],
        "written": write * candidate,
        "dropped": write * state["h_prev"],
        "unused": keep * candidate,
    }
    numbers["a_h"] = numbers["from_x"] + numbers["from_h"]
    v = state | numbers
    return v | _units(state["units"], state["unit"], h_prev, results) | _sums(v, arrays, r) | _shown(v) | _drawn(v)


def sentence(v):
    """What the gates do, in words, from `values`."""
    keep = rounded(100 * v["keep"], 0)
    heard = rounded(100 * v["r"], 0)
    many = v["units"] > 1
    who = f"Unit {v['unit']} of {v['units']}. " if many else ""
    hears = f"the candidate hears {heard} % of the old state"
    if many and v["reset"] == "after":
        hears = f"the candidate hears {heard} % of what U_h makes of all old states"
    elif many:
        hears = f"all candidates hear {heard} % of this unit's old state"
    return (
        f"{who}Update gate z = {written(v['z'])}: the unit keeps {keep} % of the old state {written(v['h_prev'])} and "
        f"writes {100 - keep} % of the candidate {written(v['candidate'])}. Reset gate r = {written(v['r'])}: {hears}. "
        f"New state h = {written(v['h'])}."
    )


def _units(units, unit, h_prev, results):
    """The strip of all units; what has no unit is 0 and not shown."""
    v = {"count": str(units), "who": f"unit {unit}"}
    for k in range(MOST_UNITS):
        there = k < units
        v[f"has_{k}"] = "yes" if there else "no"
        for part, value in (("h_prev", h_prev), *results.items()):
            v[f"{part}_{k}"] = value[k].item() if there else 0.0
    # The ghost of the last move is the browser's alone.
    return v | dict.fromkeys([f"ghost_{part}" for part in (*PARTS, *(f"h_{k}" for k in range(MOST_UNITS)))], "no")


def _sums(v, arrays, r):
    """The products of the old states with one column of each U, written as sums."""
    h_prev, u = arrays["h_prev"].tolist(), v["unit"]
    sums = {}
    for gate in "zr":
        column = arrays[f"U_{gate}"][:, u].tolist()
        terms = (f"{written(w, 'p+')}·{written(h, 'pf')}" for w, h in zip(column, h_prev, strict=True))
        sums[f"sum_{gate}"] = " ".join(terms)
    terms = []
    for j, (w, h) in enumerate(zip(arrays["U_h"][:, u].tolist(), h_prev, strict=True)):
        if v["reset"] == "after":
            terms.append(f"{written(w, 'p+' if j else 'p')}·{written(h, 'pf')}")
        else:
            terms.append(f"{written(w, 'p+')}·({written(r[j].item())}·{written(h, 'pf')})")
    return sums | {"sum_h": " ".join(terms)}


def _shown(v):
    """Numbers as they are printed: rounded so that what should add up does so to the last printed digit."""
    z = float(rounded(v["z"]))
    rest = (1000 - int(rounded(v["z"]) * 1000)) / 1000
    kept, written_part = add_up(v["h"], v["kept"], v["written"])
    from_x, from_h = add_up(v["a_h"], v["from_x"], v["from_h"])
    return {
        "keep_name": "z" if v["update"] == "keep" else "1 − z",
        "write_name": "1 − z" if v["update"] == "keep" else "z",
        "shown_keep": z if v["update"] == "keep" else rest,
        "shown_write": rest if v["update"] == "keep" else z,
        "shown_kept": kept,
        "shown_written": written_part,
        "shown_dropped": float(rounded(v["h_prev"])) - kept,
        "shown_unused": float(rounded(v["candidate"])) - written_part,
        "shown_from_x": from_x,
        "shown_from_h": from_h,
    }


def _drawn(v):
    """What the drawing needs: values cut where an axis or a flow ends, and the marks that say so."""
    drawn = {f"wide_{name}": max(-2, min(2, v[name])) for name in ("from_x", "at_door", "let_through", "from_h")}
    for name, end in (("a_z", 8), ("a_r", 8), ("a_h", 4)):
        drawn[f"at_{name}"] = max(-end, min(end, v[name]))
        drawn[f"beyond_{name}"] = "▸" if v[name] > end else "◂" if v[name] < -end else ""
    for name in ("x", "h_prev", "candidate", "h", "from_x", "at_door", "from_h"):
        drawn[f"stripes_{name}"] = "7 4" if v[name] < 0 else ""
    keeps, alone, many = v["update"] == "keep", v["focus"] != "all", v["units"] > 1
    for i, part in enumerate(PARTS):
        drawn[f"place_{part}"] = "translate(8 322) scale(1.6)" if alone else f"translate({8 + 180 * i} 322)"
        large = f"translate(290 380) scale({1 if part == 'candidate' else 1.25})"
        drawn[f"line_{part}"] = large if alone else f"translate(8 {470 + 42 * i})"
        if many:  # longer equations: a line for the sum, and one for what it makes
            drawn[f"line_{part}"] = f"translate(8 {570 if alone else 470 + 60 * i}) scale(0.9)"
    strip = 34 + 22 * v["units"] if many else 0
    height = 544 if alone else 624
    if many:
        height = 624 if alone else 700
    own_line = alone or many
    return drawn | {
        "gauge_top": 100 if keeps else 204 - 104 * v["z"],
        "result_x": "0" if own_line else "",
        "result_dy": "25" if alone else "20" if many else "",
        "result_dx": "" if own_line else "6",
        "numbers_y": 25 if alone else 18,
        "strip": -strip,
        "chosen_y": 22 * v["unit"] + 1,
        "height": height + strip,
    }
