"""From the slider to the pixels: how long a lab in JupyterLab takes to show what the learner did.

100 key presses, one at a time: the time from the key event to the end of the first frame that shows the change.
One drag of 30 steps, each sent when the one before has been taken: frames a second, and how long after the last
step the last frame came.
The targets are a median of at most 12 ms and at most 20 ms for 95 of 100 key presses.
"""

import statistics
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "browser"))

from harness import chromium, jupyterlab, write_notebook

LABS = {"GateLab": ("from gru_lib.labs import GateLab\nGateLab()", "b_z")}
KEYS = 100
STEPS = 30


def percentile(values, share):
    """The smallest value that at least `share` of the values do not exceed."""
    return sorted(values)[max(0, round(share * len(values)) - 1)]


def key_presses(page, slider):
    """Milliseconds from each key press to the frame that shows it."""
    slider.focus()
    times = []
    for i in range(KEYS + 5):
        page.evaluate("() => { labProbe.inputs.length = 0; labProbe.frames.length = 0; }")
        page.keyboard.press("ArrowRight" if i % 20 < 10 else "ArrowLeft")
        page.wait_for_function("() => labProbe.frames.length")
        log = page.evaluate("labProbe")
        times.append(log["frames"][0]["painted"] - log["inputs"][0]["at"])
        page.wait_for_timeout(180)
    return times[5:]  # the first ones warm up


def drag(page, slider):
    """Frames a second during a drag, and the last frame's distance from the last step in milliseconds."""
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.evaluate("() => { labProbe.inputs.length = 0; labProbe.frames.length = 0; }")
    page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=STEPS)
    page.wait_for_timeout(100)
    log = page.evaluate("labProbe")
    page.mouse.up()
    painted = [frame["painted"] for frame in log["frames"]]
    span = painted[-1] - painted[0]
    return 1000 * (len(painted) - 1) / span, painted[-1] - log["inputs"][-1]["at"], len(painted)


def measure(server, browser, folder, name):
    """Measure one lab; returns a row of the table."""
    code, moved = LABS[name]
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.add_init_script(path=HERE / "lab_probe.js")
    page = server.open(context, write_notebook(folder / f"{name}.ipynb", code))
    slider = page.locator(f'.gru-lab input[data-name="{moved}"]')
    slider.wait_for()
    page.wait_for_timeout(1000)
    times = key_presses(page, slider)
    traffic = page.evaluate("() => [labProbe.sent, labProbe.received]")
    fps, lag, frames = drag(page, slider)
    after = page.evaluate("() => [labProbe.sent, labProbe.received]")
    kilobytes = sum(after[i] - traffic[i] for i in range(2)) / 1000
    context.close()
    return statistics.median(times), percentile(times, 0.95), fps, lag, frames, kilobytes


def main():
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, jupyterlab(Path(folder) / "server") as server, chromium() as browser:
        print(f"{'lab':<12}{'p50 ms':>8}{'p95 ms':>8}{'drag fps':>10}{'lag ms':>8}{'frames':>8}{'socket kB':>11}")
        for name in LABS:
            p50, p95, fps, lag, frames, kilobytes = measure(server, browser, Path(folder), name)
            print(f"{name:<12}{p50:>8.1f}{p95:>8.1f}{fps:>10.1f}{lag:>8.1f}{frames:>8}{kilobytes:>11.1f}")


if __name__ == "__main__":
    main()
