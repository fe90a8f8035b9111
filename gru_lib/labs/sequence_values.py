"""What SequenceLab shows: every number, word and path of its picture by name, as sequence_values.js computes them.

What does not change while the learner edits (where a step stands, how high a row is) is laid out here alone and
travels to the browser with the model.
"""

import math
from itertools import groupby
from typing import NamedTuple

import numpy as np

from gru_lib.labs.picture import add_up, rounded, written

LEFT, RIGHT = 56, 606
WIDE, READING = 990, 420  # width of the picture; height of the reading of one step
LEVELS = 10  # shades of a heatmap
GATES = ("z", "r", "candidate", "h")
LN_HALF = math.log(0.5)


class Series(NamedTuple):
    """Gates and state of every step and unit, each (time, unit)."""

    z: np.ndarray
    r: np.ndarray
    candidate: np.ndarray
    h: np.ndarray


def model(gru, x, inputs, labels, step, note):
    """All the browser needs to know of a GRU and its sequence; lists, numbers and words."""
    limits = [_limit(float(size)) for size in np.abs(x).max(axis=0)]
    weights = {name: np.asarray(value, float).tolist() for name, value in gru.weights.items()}
    second = gru.reset == "after" and (np.any(gru.weights["c_z"]) or np.any(gru.weights["c_r"]))
    return {
        "reset": gru.reset,
        "weights": weights,
        "units": gru.hidden_size,
        "inputs": [_cut(name, 16) for name in inputs],
        "labels": list(labels or []),
        "limits": limits,
        "x": np.asarray(x, float).tolist(),
        "step": step,
        "note": note,
        "place": _place(len(x), gru.hidden_size, list(labels or [])) | {"second_bias": "yes" if second else "no"},
    }


def _limit(size):
    """The end of an input's axis: 1, 2, 3, 4, 5, 6, 8, 10, 20, ..., the first that holds `size`."""
    ten = 10.0 ** max(0, math.floor(math.log10(max(size, 1))))
    return next(float(first * ten) for first in (1, 2, 3, 4, 5, 6, 8, 10) if size <= first * ten)


def _cut(text, most):
    """`text`, shortened to at most `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _place(time, units, labels):
    """Where steps, words and rows of heatmaps stand."""
    width = (RIGHT - LEFT) / time
    place = {"cell": width, "radius": max(1.5, min(6, width / 2.4)), "many": "yes" if units > 1 else "no"}
    if labels:
        longest = max(len(label) for label in labels)
        every, bottom = math.ceil(11 / width), 350 + min(90, 5 * longest)
    else:
        every = next(k for k in (1, 2, 5, 10, 20, 50) if k * width >= 22)
        bottom = 360
    for i in range(time):
        middle = LEFT + (i + 0.5) * width
        place[f"cx_{i}"] = middle
        place[f"label_{i}"] = "" if i % every else (_cut(labels[i], 18) if labels else str(i))
        turned = f"translate({_n(middle + 4)} 348) rotate(-50)" if labels else f"translate({_n(middle)} 352)"
        place[f"place_label_{i}"] = turned
    place["anchor"] = "end" if labels else "middle"
    row = next(high for most, high in ((3, 14), (6, 10), (12, 7), (16, 6), (32, 4)) if units <= most)
    for i, gate in enumerate(GATES):
        place[f"heat_{gate}"] = bottom + 24 + i * (units * row + 12)
    place |= {"row": row, "heat_height": units * row, "heat_title": bottom + 14}
    place["bottom"] = bottom if units == 1 else place["heat_h"] + units * row + 4
    place["cursor_height"] = place["bottom"] - 20 if units > 1 else 318
    return place


def _n(value):
    """A length as it stands in a path: two decimals at most."""
    return f"{math.floor(value * 100 + 0.5) / 100 + 0.0:g}"


def values(model, x, trace, step, unit, chosen):
    """The dictionary that fills sequence_lab.svg. `trace` is a `Series`."""
    v = dict(model["place"])
    v |= _numbers(model, x, trace, step, unit) | _words(model, x, step, unit, chosen)
    v["half_life"], v["half_life_text"] = half_life(v["z"])
    v |= _shown(v) | {f"shade_{level}": level / LEVELS for level in range(1, LEVELS + 1)}
    v |= _curves(model, x, trace, step, unit, chosen)
    if model["units"] > 1:
        v |= _heatmaps(model, trace, unit)
    else:
        v |= {f"{kind}_{level}": "" for kind in ("heat_z", "heat_r", *_signed()) for level in range(1, LEVELS + 1)}
        v |= {"stripes_candidate": "", "stripes_h": ""} | {f"row_{gate}": 0 for gate in GATES}
    v |= {"place_reading": "translate(656 0)", "place_equations": "translate(0 0)"}
    return v | {"width": WIDE, "height": max(READING, v["bottom"])}


def half_life(z):
    """Steps after which half of the old state is gone if z stays as it is: the number, and the number in words."""
    steps = 0.0 if z <= 0 else math.inf if z >= 1 else LN_HALF / math.log(z)
    if steps >= 10_000:
        return steps, "over 10 000 steps"
    return steps, f"{rounded(steps, 2 if steps < 10 else 1)} steps"


def _numbers(model, x, trace, t, j):
    """One unit at one step: all numbers of its equations."""
    w = {name: np.asarray(value) for name, value in model["weights"].items()}
    before = trace.h[t - 1].astype(float) if t else np.zeros(model["units"])
    v = {name: float(getattr(trace, name)[t, j]) for name in GATES}
    v["h_prev"] = float(before[j])
    for gate in "zr":
        v[f"x_{gate}"] = float(x[t] @ w[f"W_{gate}"][:, j] + w[f"b_{gate}"][j] + w.get(f"c_{gate}", w["b_z"] * 0)[j])
        v[f"h_{gate}"] = float(before @ w[f"U_{gate}"][:, j])
        v[f"a_{gate}"] = v[f"x_{gate}"] + v[f"h_{gate}"]
    v["from_x"] = float(x[t] @ w["W_h"][:, j] + w["b_h"][j])
    if model["reset"] == "after":
        v["from_h"] = v["r"] * float(before @ w["U_h"][:, j] + w["c_h"][j])
    else:
        v["from_h"] = float((trace.r[t] * before) @ w["U_h"][:, j])
    v["a_h"] = v["from_x"] + v["from_h"]
    v |= {"kept": v["z"] * v["h_prev"], "written": (1 - v["z"]) * v["candidate"]}
    return v


def _words(model, x, t, j, chosen):
    last, labels = len(x) - 1, model["labels"]
    names, numbers = model["inputs"], [written(value, "p") for value in x[t].tolist()]
    if len(names) > 2:
        inputs = f"x = ({', '.join(numbers)})"
    else:
        inputs = ", ".join(f"{name} = {number}" for name, number in zip(names, numbers, strict=True))
    limit = model["limits"][chosen]
    others = [name for i, name in enumerate(names) if i != chosen]
    thin = others[0] if len(others) == 1 else "the other inputs"
    return {
        "reset": model["reset"],
        "step": str(t),
        "last": str(last),
        "word": f": {_cut(labels[t], 18)}" if labels else "",
        "of_unit": f" · unit {j}" if model["units"] > 1 else "",
        "unit": str(j),
        "inputs": inputs,
        "input": names[chosen],
        "others": f"thin: {thin} · " if others else "",
        "x": float(x[t, chosen]),
        "limit": str(int(limit)),
        "minus_limit": f"−{int(limit)}",
    }


def _shown(v):
    """Numbers as they are printed: rounded so that what should add up does so to the last printed digit."""
    kept, written_part = add_up(v["h"], v["kept"], v["written"])
    shown = {"shown_kept": kept, "shown_written": written_part}
    shown["shown_keep"] = float(rounded(v["z"]))
    shown["shown_write"] = (1000 - int(rounded(v["z"]) * 1000)) / 1000
    for gate, first, second in (("z", "x_z", "h_z"), ("r", "x_r", "h_r"), ("h", "from_x", "from_h")):
        shown[f"shown_{first}"], shown[f"shown_{second}"] = add_up(v[f"a_{gate}"], v[first], v[second])
    for name in ("h_prev", "candidate", "h"):
        shown[f"stripes_of_{name}"] = "7 4" if v[name] < 0 else ""
    return shown


def _curves(model, x, trace, t, j, chosen):
    cell, limit = model["place"]["cell"], model["limits"][chosen]
    at = [LEFT + (i + 0.5) * cell for i in range(len(x))]

    def path(series, middle, scale):
        return "M" + "L".join(
            f"{_n(a)} {_n(middle - scale * value)}" for a, value in zip(at, series.tolist(), strict=True)
        )

    v = {"path_z": path(trace.z[:, j], 210, 70), "path_r": path(trace.r[:, j], 210, 70)}
    v |= {"path_candidate": path(trace.candidate[:, j], 291, 45), "path_h": path(trace.h[:, j], 291, 45)}
    v["path_x"] = path(x[:, chosen] / limit, 64, 40)
    others = (path(x[:, i] / model["limits"][i], 64, 40) for i in range(x.shape[1]) if i != chosen)
    v["path_others"] = "".join(others)
    v |= {f"cy_{i}": 64 - 40 * value / limit for i, value in enumerate(x[:, chosen].tolist())}
    return v | {"at": at[t], "mark": at[t], "cursor": at[t] - cell / 2}


def _signed():
    return tuple(f"heat_{gate}_{sign}" for gate in ("candidate", "h") for sign in ("plus", "minus"))


def _heatmaps(model, trace, unit):
    """Each shade of each heatmap is one path; neighbours of one shade in a row are one rectangle."""
    place = model["place"]
    row, cell = place["row"], place["cell"]
    paths = {f"{kind}_{level}": [] for kind in ("heat_z", "heat_r", *_signed()) for level in range(1, LEVELS + 1)}
    stripes = {"candidate": [], "h": []}
    for gate in GATES:
        for j, series in enumerate(getattr(trace, gate).T.tolist()):
            y = place[f"heat_{gate}"] + j * row
            start = 0
            for shade, run in groupby(map(_shade, series)):
                length = len(list(run))
                left, width = _n(LEFT + start * cell), _n(length * cell)
                start += length
                if shade:
                    sign = "" if gate in "zr" else "_plus" if shade > 0 else "_minus"
                    paths[f"heat_{gate}{sign}_{abs(shade)}"].append(f"M{left} {_n(y)}h{width}v{row}h-{width}z")
                if shade < 0:
                    stripes[gate].append(f"M{left} {_n(y + row / 2)}h{width}")
    v = {name: "".join(parts) for name, parts in paths.items()}
    v |= {f"stripes_{gate}": "".join(parts) for gate, parts in stripes.items()}
    v |= {f"row_{gate}": place[f"heat_{gate}"] + unit * row for gate in GATES}
    return v


def _shade(value):
    shade = math.floor(abs(value) * LEVELS + 0.5)
    return -shade if value < 0 else shade


def sentence(v):
    """One step in words, from `values`."""
    keep = rounded(100 * v["z"], 0)
    of_unit = f", unit {v['unit']}" if v["many"] == "yes" else ""
    return (
        f"Step {v['step']} (0 to {v['last']}){v['word']}{of_unit}: {v['inputs']}. Update gate z = {written(v['z'])}: "
        f"{keep} % of the old state {written(v['h_prev'])} kept, half-life {v['half_life_text']}. "
        f"Reset gate r = {written(v['r'])}. Candidate {written(v['candidate'])}. New state h = {written(v['h'])}."
    )
