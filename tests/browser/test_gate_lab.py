"""GateLab in a real JupyterLab: what the picture shows is what gru_lib computes, for every control over its range."""

import json
import math
import random
import re

import numpy as np
import pytest
from harness import IDLE, write_notebook
from lab_page import CROWDED, LEAVES, READOUTS, execute, leaves_of, python, set_from_python, sweep

from gru_lib import GRU
from gru_lib.labs import GateLab
from gru_lib.labs.gate_lab import PRESETS

RANGES = GateLab()._spec["ranges"]


def expected(state):
    """The numbers of one unit, from gru_lib.GRU, whose z keeps; "write" reads its z the other way round."""
    gru = GRU(1, 1, reset=state["reset"], seed=0)
    for name in gru.weights:
        gru.weights[name][...] = state.get(name, 0.0)
    step = gru.step([[state["x"]]], [[state["h_prev"]]])
    z, r, candidate, h = (float(value.item()) for value in step)
    keep = z
    if state["update"] == "write":
        keep = 1 - z
        h = keep * state["h_prev"] + z * candidate
    return {
        "x": state["x"],
        "h_prev": state["h_prev"],
        "z": z,
        "r": r,
        "candidate": candidate,
        "h": h,
        "kept": keep * state["h_prev"],
        "dropped": state["h_prev"] - keep * state["h_prev"],
        "written": (1 - keep) * candidate,
        "unused": candidate - (1 - keep) * candidate,
    }


def compare(readouts, state):
    for name, value in expected(state).items():
        assert readouts[name] == pytest.approx(value, abs=1e-6), f"{name} in {state}"
    # The parts shown on the way to a curve lead to the point on it.
    assert readouts["from_x"] + readouts["from_h"] == pytest.approx(readouts["a_h"], abs=1e-9)
    assert np.tanh(readouts["a_h"]) == pytest.approx(readouts["candidate"], abs=1e-9)
    for gate in "zr":
        assert 1 / (1 + math.exp(-readouts[f"a_{gate}"])) == pytest.approx(readouts[gate], abs=1e-9)


def set_slider(lab, name, value):
    return sweep(lab, name, [value])[0][1]


def test_every_slider_over_its_range_in_both_conventions(show_lab):
    _, lab = show_lab("lab = GateLab()")
    start = dict(PRESETS["start"], c_h=0.75)
    set_slider(lab, "c_h", 0.75)
    count = 0
    for reset in ("after", "before"):
        lab.locator(f'input[data-name="reset"][value="{reset}"]').check()
        for update in ("keep", "write"):
            lab.locator(f'input[data-name="update"][value="{update}"]').check()
            for name, (low, high) in RANGES.items():
                positions = [round(float(p), 2) for p in np.linspace(low, high, 33)]
                for position, readouts in sweep(lab, name, positions):
                    compare(readouts, {**start, name: position, "reset": reset, "update": update})
                    count += 1
                set_slider(lab, name, start[name])
    assert count == len(RANGES) * 33 * 4


def test_every_corner_of_the_weights(show_lab):
    _, lab = show_lab("lab = GateLab()")
    chance = random.Random(1)
    for _ in range(60):
        state = {name: chance.choice([low, high, 0.0]) for name, (low, high) in RANGES.items()}
        for name, value in state.items():
            readouts = set_slider(lab, name, value)
        compare(readouts, {**state, "reset": "after", "update": "keep"})
        texts, crowded = lab.locator("svg").evaluate(CROWDED)
        assert texts > 50
        assert not crowded, state


def compare_pictures(lab, here):
    """The live picture is the one that `here`, a lab of the same settings in this process, stores."""
    live = lab.locator("svg").evaluate(LEAVES)
    stored = leaves_of(here.svg())
    assert [leaf[2] for leaf in live if leaf[2]] == [leaf[2] for leaf in stored if leaf[2]], here
    # Elements with nothing to draw (a flow of width 0) are on no screen, but are in the file.
    missing = [leaf for leaf in live if leaf not in stored]
    assert not missing, (here, missing[:3])


def test_the_stored_picture_is_the_live_one(show_lab):
    page, lab = show_lab("lab = GateLab()")
    chance = random.Random(3)
    for i in range(20):
        focus = ("all", "z", "r", "candidate", "h")[i % 5]
        state = {name: round(chance.uniform(low, high), 2) for name, (low, high) in RANGES.items()}
        state |= {
            "update": chance.choice(["keep", "write"]),
            "reset": chance.choice(["after", "before"]),
            "focus": focus,
        }
        compare_pictures(lab, set_from_python(page, GateLab, state))


# Labels of the picture that a flow, the edge of a box or the frame of the chosen part runs through.
CROSSED = """svg => {
    const found = [], seen = e => e.getClientRects().length > 0;
    const flows = [...svg.querySelectorAll('.gl-flow[data-set-d^="M430"]')].filter(seen);
    const edges = [...svg.querySelectorAll("rect.gl-box, rect.gl-focus")].filter(seen);
    for (const text of [...svg.querySelectorAll("text.gl-label:not(.gg-before)")].filter(seen)) {
        const a = text.getBBox();
        if (text.getAttribute("x") === "294") continue; // the sums, printed on their flows
        for (const flow of flows) {
            const half = Number(flow.getAttribute("stroke-width")) / 2, long = flow.getTotalLength();
            for (let i = 0; half > 0 && i <= 100; i += 1) {
                const { x, y } = flow.getPointAtLength((long * i) / 100);
                const aside = Math.hypot(Math.max(a.x - x, x - a.x - a.width, 0), Math.max(a.y - y, y - a.y - a.height, 0));
                if (aside < half) { found.push(`${text.textContent}: ${flow.getAttribute("class")}`); break; }
            }
        }
        for (const edge of edges) {
            const b = edge.getBBox();
            const meets = a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
            if (meets) found.push(`${text.textContent}: ${edge.getAttribute("class")}`);
        }
    }
    return [flows.length, edges.length, found];
}"""


def test_nothing_runs_through_a_label(show_lab):
    page, lab = show_lab("lab = GateLab(W_z=0, U_z=0)")
    for h_prev in (0.9, -1):
        set_slider(lab, "h_prev", h_prev)
        for b_z in (-8, -3, -0.5, 0, 0.5, 2, 4, 8):
            set_slider(lab, "b_z", b_z)
            assert lab.locator("svg").evaluate(CROSSED) == [4, 9, []], (h_prev, b_z)
    for units, reset in ((1, "after"), (3, "after"), (3, "before")):
        for focus in ("all", "z", "r", "candidate", "h"):
            execute(page, f"lab.units = {units}; lab.focus = {focus!r}; lab.reset = {reset!r}")
            page.wait_for_timeout(300)
            flows, edges, found = lab.locator("svg").evaluate(CROSSED)
            assert (flows, edges) == (4, 9 + {"all": 0, "z": 2, "r": 2}.get(focus, 1)), focus
            assert not found, (units, reset, focus)


def evaluate_text(side):
    """The value of one side of a printed equation."""
    side = re.sub(r"[a-z]+ = ", "", side).replace("−", "-").replace("·", "*").replace("σ", "sigma")
    return eval(side, {"sigma": lambda a: 1 / (1 + math.exp(-a)), "tanh": math.tanh})


def check_equations(lab, rounding):
    """All sides of each printed equation are equal, up to the rounding of the numbers in them."""
    lines = [text.strip("\u200b ") for text in lab.locator(".gl-equation text:visible").all_text_contents()]
    lines = [line for line in lines if line.startswith("=")]
    assert len(lines) == 4
    for line in lines:
        sides = [side.strip() for side in line.strip("= ").split("=")]
        result = evaluate_text(sides[-1])
        for side in sides[:-1]:
            assert evaluate_text(side) == pytest.approx(result, abs=rounding), line
    assert evaluate_text(sides[1]) == pytest.approx(result, abs=1e-9), lines[-1]


def test_printed_equations_hold(show_lab):
    _, lab = show_lab("lab = GateLab()")
    chance = random.Random(7)
    for i in range(24):
        for name in RANGES:
            set_slider(lab, name, round(chance.uniform(-1, 1), 2))
        lab.locator(f'input[data-name="update"][value="{("keep", "write")[i % 2]}"]').check()
        lab.locator(f'input[data-name="reset"][value="{("after", "before")[i // 2 % 2]}"]').check()
        check_equations(lab, rounding=2.1e-3)


def test_presets_and_carrying_the_weights_over(show_lab):
    _, lab = show_lab("lab = GateLab()")
    menu = lab.locator('select[data-name="preset"]')
    for update in ("keep", "write"):
        lab.locator(f'input[data-name="update"][value="{update}"]').check()
        for name in PRESETS:
            menu.select_option(name)
            assert menu.input_value() == name
            python_lab = GateLab(update=update, h_prev=PRESETS["start"]["h_prev"])
            python_lab.preset(name)
            got = lab.evaluate(READOUTS)
            for part in ("z", "r", "candidate", "h"):
                assert got[part] == pytest.approx(getattr(python_lab, part), abs=1e-6), (name, update, part)
            menu.select_option("start")
    for update in ("keep", "write"):  # ends in z writes: the button starts from there, then from keeps
        before = lab.evaluate(READOUTS)
        lab.get_by_role("button", name="Switch z's meaning and negate its weights").click()
        after = lab.evaluate(READOUTS)
        assert after["h"] == pytest.approx(before["h"], abs=1e-12)
        assert after["z"] == pytest.approx(1 - before["z"], abs=1e-12)
        assert lab.locator(f'input[data-name="update"][value="{update}"]').is_checked()


def test_what_the_note_says_of_switching_is_so_in_both_conventions(show_lab):
    page, lab = show_lab("lab = GateLab(b_z=1.5)")
    button = lab.get_by_role("button", name="Switch z's meaning and negate its weights")
    note, meanings = lab.locator(".gl-why"), {"keep": "z keeps the old state", "write": "z writes the candidate"}
    for update, other in (("keep", "write"), ("write", "keep")):
        lab.locator(f'input[data-name="update"][value="{update}"]').check()
        page.wait_for_timeout(200)
        assert note.inner_text().startswith(meanings[update])
        assert "Switch its meaning alone, and the same numbers give another h." in note.inner_text()
        assert "To switch and keep h, use the button instead: it also negates W_z, U_z and b_z" in note.inner_text()
        h = lab.evaluate(READOUTS)["h"]
        lab.locator(f'input[data-name="update"][value="{other}"]').check()
        assert abs(lab.evaluate(READOUTS)["h"] - h) > 0.1
        lab.locator(f'input[data-name="update"][value="{update}"]').check()
        button.click()
        assert lab.evaluate(READOUTS)["h"] == pytest.approx(h, abs=1e-12)
        assert lab.locator(f'input[data-name="update"][value="{other}"]').is_checked()
        button.click()


def test_every_slider_has_a_name_and_moves_by_keyboard(show_lab):
    page, lab = show_lab("lab = GateLab()")
    for name, (low, high) in RANGES.items():
        slider = lab.locator(f'input[data-name="{name}"]')
        assert slider.evaluate("e => e.labels[0].textContent") == name.replace("_", "")
        slider.focus()
        for key, value in (("Home", low), ("End", high), ("ArrowLeft", high - 0.05)):
            page.keyboard.press(key)
            assert float(slider.input_value()) == pytest.approx(value)
        assert slider.evaluate("e => e === document.activeElement"), "JupyterLab took the key"
    page.wait_for_timeout(400)
    for name, (_, high) in RANGES.items():
        assert float(python(page, f"lab.{name}")) == pytest.approx(high - 0.05)
    shown = lab.evaluate(READOUTS)
    for part in ("z", "r", "candidate", "h"):
        assert float(python(page, f"lab.{part}")) == pytest.approx(shown[part], abs=1e-6)
    assert "Update gate z = " in lab.locator("[aria-live]").inner_text()


def test_python_moves_the_picture(show_lab):
    page, lab = show_lab("lab = GateLab()")
    execute(page, "lab.x = -1.234; lab.update = 'write'; lab.reset = 'before'; lab.focus = 'r'")
    page.wait_for_function("() => document.querySelector('[data-readout=x]').dataset.value === '-1.234'")
    page.wait_for_timeout(300)
    state = {**PRESETS["start"], "x": -1.234, "update": "write", "reset": "before"}
    compare(lab.evaluate(READOUTS), state)
    assert lab.locator("fieldset:visible").count() == 2
    assert lab.locator('input[data-name="W_r"]').is_visible()
    assert not lab.locator('input[data-name="W_h"]').is_visible()
    assert float(python(page, "lab.x")) == -1.234  # the slider's steps did not round it


def test_an_error_in_the_browser_is_a_sentence_in_the_lab(show_lab):
    page, lab = show_lab("lab = GateLab()")
    page.evaluate("""async () => {
        const kernel = jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
        await kernel.requestExecute({code: "lab.set_trait('_spec', {**lab._spec}); lab._trait_values['x'] = 99.0; " +
            "lab.send_state('x')"}).done;
    }""")
    alert = lab.get_by_role("alert")
    alert.wait_for()
    assert "x must be a number from -2 to 2, not 99" in alert.inner_text()
    assert page.problems
    assert all("x must be a number" in problem for problem in page.problems), page.problems
    page.problems.clear()


def test_an_untrusted_notebook_without_a_kernel_shows_the_picture(show_lab, open_notebook, server, tmp_path):
    page, _ = show_lab("lab = GateLab()")
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_timeout(1000)
    saved = max(server.root.rglob("lab.ipynb"), key=lambda path: path.stat().st_mtime)
    notebook = json.loads(saved.read_text())
    (output,) = notebook["cells"][0]["outputs"]
    assert set(output["data"]) == {
        "application/vnd.jupyter.widget-view+json",
        "image/svg+xml",
        "text/html",
        "text/plain",
    }
    notebook["cells"][0]["source"] = ["# not the text that was trusted when it ran\n", *notebook["cells"][0]["source"]]
    clone = tmp_path / "clone.ipynb"
    clone.write_text(json.dumps(notebook))
    page = open_notebook(clone, run=False)
    image = page.locator(".jp-OutputArea-output img")
    image.wait_for()
    page.wait_for_function("() => document.querySelector('.jp-OutputArea-output img').naturalWidth === 720")
    assert image.get_attribute("alt") == GateLab().summary()
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(IDLE)
    page.locator(".gru-lab svg").wait_for()
    assert page.locator(".jp-OutputArea-output img").count() == 0  # the live lab takes its place


def test_two_labs_in_a_box(open_notebook, tmp_path):
    code = "import ipywidgets\nfrom gru_lib.labs import GateLab\na, b = GateLab(focus='z'), GateLab(focus='h', b_z=2)\n"
    page = open_notebook(write_notebook(tmp_path / "box.ipynb", code + "ipywidgets.VBox([a, b])"))
    page.locator(".gru-lab svg").nth(1).wait_for()
    one, two = page.locator(".gru-lab").all()
    set_slider(one, "b_z", -3.0)
    compare(two.evaluate(READOUTS), {**PRESETS["start"], "b_z": 2.0, "update": "keep", "reset": "after"})
    compare(one.evaluate(READOUTS), {**PRESETS["start"], "b_z": -3.0, "update": "keep", "reset": "after"})
