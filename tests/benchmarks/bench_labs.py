"""From the hand to the pixels: how long a lab in JupyterLab takes to show what the learner did.

100 key presses, one at a time: the time from the key event to the end of the first frame that shows the change.
One drag over nearly the whole range of what a learner drags, each of its steps a new value and sent when the one
before has been taken: frames a second, how long after the last step its frame came, and the time the lab's code took
for one step. The values of the last frame are those Python has for what was set, or the benchmark fails.
The targets are a median of at most 12 ms and at most 20 ms for 95 of 100 key presses, 50 frames a second, and a last
frame at most 40 ms after the last step.

Beside the labs stands GateLab's figure as most notebooks would make it, with `interact` and matplotlib: the same four
curves, drawn by the kernel. Its key presses take turns with those of each lab, so that a busy machine slows both.
The table is printed and written to labs.json beside this script.
"""

import json
import math
import statistics
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "browser"))

from harness import chromium, jupyterlab, write_notebook

# For each lab the slider that is moved by key, and what is dragged: a slider, or a point of the sequence itself.
LABS = {
    "GateLab": ("b_z", "b_z"),
    "SequenceLab": ("step", ".gl-point >> nth=12"),
    "GradientLab": ("radius", "radius"),
    "ConventionLab": ("recurrent_bias", "recurrent_bias"),
    "DescentLab": ("learning_rate", "learning_rate"),
}
INTERACT = """
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatSlider, interact
from gru_lib.labs import GateLab

%matplotlib inline
a = np.linspace(-8, 8, 49)

def draw(b_z):
    unit = GateLab(b_z=b_z)
    figure, axes = plt.subplots(1, 4, figsize=(10, 2.5))
    axes[0].plot(a, 1 / (1 + np.exp(-a)))
    axes[0].plot(unit.values()["a_z"], unit.z, "o")
    axes[1].plot(a, 1 / (1 + np.exp(-a)))
    axes[1].plot(unit.values()["a_r"], unit.r, "o")
    axes[2].plot(a / 2, np.tanh(a / 2))
    axes[2].plot(unit.values()["a_h"], unit.candidate, "o")
    axes[3].plot([0, 1], [unit.candidate, unit.h_prev])
    axes[3].plot(unit.z, unit.h, "o")
    for axis, name, value in zip(axes, ("z", "r", "candidate", "h"), (unit.z, unit.r, unit.candidate, unit.h)):
        axis.set_title(f"{name} = {value:.3f}")
    plt.show()

interact(draw, b_z=FloatSlider(min=-8, max=8, step=0.05, value=-0.5));
"""
KEYS = 100
PEER_EVERY = 5  # a key press of the slow peer after so many of the lab's
STEPS = 30  # of a drag; the sliders have more stands than that
THUMB = 16  # pixels: the width of a slider's thumb, whose middle follows the pointer
READOUTS = """() => Object.fromEntries([...document.querySelectorAll(".gru-lab svg [data-readout]")]
    .map(element => [element.dataset.readout, Number(element.dataset.value)]))"""
# The numbers of the lab in the kernel, as JSON; what is no number is left out.
KNOWN = """() => jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.requestExecute({code: "",
    user_expressions: {it: "__import__('json').dumps({k: float(v) for k, v in lab.values().items() " +
        "if isinstance(v, (int, float)) or hasattr(v, 'dtype')})"}}).done.then(r => r.content.user_expressions.it)"""


def percentile(values, share):
    """The smallest value that at least `share` of the values do not exceed."""
    return sorted(values)[max(0, round(share * len(values)) - 1)]


def press(page, target, i, settle):
    """Milliseconds from one arrow key on `target` to the frame that shows it."""
    page.bring_to_front()
    target.focus()
    page.evaluate("() => { labProbe.inputs.length = 0; labProbe.frames.length = 0; }")
    page.keyboard.press("ArrowRight" if i % 20 < 10 else "ArrowLeft")
    page.wait_for_function("() => labProbe.frames.length", timeout=30_000)
    log = page.evaluate("({inputs: labProbe.inputs, frames: labProbe.frames})")
    page.wait_for_timeout(settle)
    return log["frames"][0]["painted"] - log["inputs"][0]["at"]


def key_presses(page, slider, peer):
    """The times of the lab's key presses and of its peer's, taken in turns."""
    times, peer_times = [], []
    for i in range(KEYS + 5):
        times.append(press(page, slider, i, 180))
        if i % PEER_EVERY == 0:
            peer_times.append(press(peer, peer.locator(".noUi-handle").first, i // PEER_EVERY, 500))
    return times[5:], peer_times[1:]  # the first ones warm up


def way_of(page, dragged):
    """Where the pointer takes hold of `dragged`, where the drag begins and where it ends: three places."""
    box = dragged.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if dragged.evaluate("element => element.matches('input')"):
        way = box["width"] - THUMB
        left, right = (box["x"] + THUMB / 2 + share * way for share in (0.02, 0.98))
        return (left, y), (left, y), (right, y)
    # A point of the sequence: from the top of its axis to the bottom, 80 units of the picture.
    unit = page.locator(".gru-lab svg").evaluate("svg => svg.getScreenCTM().a")
    middle = y + 40 * unit * float(dragged.get_attribute("aria-valuenow"))
    return (x, y), (x, middle - 38 * unit), (x, middle + 38 * unit)


def drag(page, dragged):
    """One drag: frames a second, the last frame's distance from the last step, the code of one step; in milliseconds."""
    page.bring_to_front()
    hold, start, end = way_of(page, dragged)
    page.mouse.move(*hold)
    page.mouse.down()
    page.mouse.move(*start, steps=3)
    page.wait_for_timeout(300)
    log = "labProbe.inputs.length = labProbe.moves.length = labProbe.frames.length = 0"
    dragged.evaluate(f"element => {{ {log}; labProbe.dragged = element; }}")
    page.mouse.move(*end, steps=STEPS)
    page.wait_for_timeout(100)
    moves, frames = page.evaluate("[labProbe.moves, labProbe.frames]")
    shown = page.evaluate(READOUTS)
    page.mouse.up()
    if len({move["value"] for move in moves}) != STEPS:
        raise RuntimeError(f"{STEPS} steps of the drag made {len(moves)} changes: each must be a new value")
    if frames[-1]["value"] != moves[-1]["value"]:
        raise RuntimeError(f"the last frame shows {frames[-1]['value']}, not {moves[-1]['value']}")
    check(page, shown)
    painted = [frame["painted"] for frame in frames]
    fps = 1000 * (len(painted) - 1) / (painted[-1] - painted[0])
    return fps, painted[-1] - moves[-1]["at"], statistics.median(move["work"] for move in moves)


def check(page, shown):
    """Every number that a picture showed against what the lab in the kernel has for the same settings."""
    page.wait_for_timeout(500)
    known = json.loads(page.evaluate(KNOWN)["data"]["text/plain"][1:-1])
    common = [name for name in shown if name in known]
    wrong = [name for name in common if not math.isclose(shown[name], known[name], rel_tol=1e-6, abs_tol=1e-6)]
    if wrong or not common:
        raise RuntimeError(f"the last frame is not what Python computes: {wrong or 'no number in common'}")


def opened(server, browser, folder, name, code):
    """A page with one executed cell, watched by the probe."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.add_init_script(path=HERE / "lab_probe.js")
    return server.open(context, write_notebook(folder / f"{name}.ipynb", code))


def measure(server, browser, folder, name, peer):
    """Measure one lab against its peer; returns a row of the table."""
    page = opened(server, browser, folder, name, f"from gru_lib.labs import {name}\nlab = {name}()\nlab")
    keyed, dragged = (
        page.locator(f'.gru-lab input[data-name="{where}"]' if where.isidentifier() else f".gru-lab {where}")
        for where in LABS[name]
    )
    keyed.wait_for()
    page.wait_for_timeout(1000)
    times, peer_times = key_presses(page, keyed, peer)
    fps, lag, work = drag(page, dragged)
    page.context.close()
    p50, interact = statistics.median(times), statistics.median(peer_times)
    row = {"lab": name, "p50_ms": p50, "p95_ms": percentile(times, 0.95), "drag_fps": fps, "lag_ms": lag}
    row |= {"interact_p50_ms": interact, "ratio": interact / p50, "code_ms": work}
    return {key: value if key == "lab" else round(value, 1) for key, value in row.items()}


def main():
    """Print the table and write labs.json."""
    with tempfile.TemporaryDirectory() as folder, jupyterlab(Path(folder) / "server") as server, chromium() as browser:
        peer = opened(server, browser, Path(folder), "interact", INTERACT)
        peer.locator(".noUi-handle").first.wait_for()
        rows = []
        for name in LABS:
            rows.append(measure(server, browser, Path(folder), name, peer))
            if name == "GateLab":
                print("".join(f"{key:>17}" for key in rows[0]))
            print("".join(f"{value:>17}" for value in rows[-1].values()), flush=True)
    (HERE / "labs.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
