"""SequenceLab in a real JupyterLab: every number of every step and unit is what gru_lib computes."""

import json
import math
from xml.etree import ElementTree

import numpy as np
import pytest
from lab_page import CROWDED, READOUTS, execute

from gru_lib import GRU
from gru_lib.labs import SequenceLab
from gru_lib.labs.sequence_presets import NOTES

PRESETS = list(SequenceLab()._spec["models"])
# A GRU whose every weight is of the size that training gives; {} is the reset.
TRAINED_LIKE = """import numpy as np
from gru_lib import GRU
rng = np.random.default_rng(5)
gru = GRU(3, 6, reset={!r}, seed=5)
for weight in gru.weights.values():
    weight[...] += rng.normal(scale=0.6, size=weight.shape)
x = rng.normal(size=(20, 3))
"""
# The table of the chosen unit: a row of numbers for each step.
TABLE = """lab => [...lab.querySelectorAll("tbody tr")].map(row => [...row.querySelectorAll("td")]
    .map(cell => Number(cell.dataset.value)))"""
# Visible leaves of the picture: name, attributes, text.
LEAVES = """svg => [...svg.querySelectorAll("*")].filter(e => {
        for (let p = e; p !== svg; p = p.parentNode) if (p.style.display === "none") return false;
        return true;
    }).map(e => [e.tagName, Object.fromEntries([...e.attributes].map(a => [a.name, a.value])
        .filter(([name]) => !/^(data-|aria-|style$|role$|tabindex$)/.test(name))),
        e.children.length ? "" : e.textContent])"""


def python(page, expression):
    """Evaluate an expression in the notebook's kernel; its value by way of JSON."""
    run = """code => jupyterapp.shell.currentWidget.context.sessionContext.session.kernel
        .requestExecute({code: "", user_expressions: {it: code}}).done.then(r => r.content.user_expressions.it)"""
    reply = page.evaluate(run, f"__import__('json').dumps({expression})")
    assert reply["status"] == "ok", reply
    return json.loads(reply["data"]["text/plain"][1:-1])


def expected(gru, x, unit):
    """The table of one unit, from gru_lib."""
    trace = gru.forward(np.asarray(x)[None])
    z, r, candidate, h = (getattr(trace, name)[0, :, unit] for name in ("z", "r", "candidate", "h"))
    with np.errstate(divide="ignore"):
        half_life = np.log(0.5) / np.log(z)
    return np.column_stack([x, z, r, candidate, h, half_life])


def compare_all_units(lab, gru, x):
    for unit in range(gru.hidden_size):
        if gru.hidden_size > 1:
            lab.locator('select[data-name="unit"]').select_option(f"unit {unit}")
        shown = np.array(lab.evaluate(TABLE))
        assert shown.shape == (len(x), x.shape[1] + 5)
        assert shown == pytest.approx(expected(gru, x, unit), abs=1e-6, rel=1e-6)


def open_table(lab):
    lab.locator("summary").click()
    lab.locator("td").first.wait_for()


def test_every_number_of_every_preset(show_lab):
    page, lab = show_lab("lab = SequenceLab()")
    open_table(lab)
    for preset in PRESETS:
        lab.locator('select[data-name="preset"]').select_option(preset)
        known = SequenceLab(preset=preset)
        compare_all_units(lab, known.gru, known.x)
        page.wait_for_timeout(500)
        assert python(page, "lab._model") == preset
        assert python(page, "lab.x.tolist()") == known.x.tolist()
        assert python(page, "lab.step") == known.step


@pytest.mark.parametrize("reset", ["after", "before"])
def test_every_number_of_a_larger_gru_with_several_inputs(show_lab, reset):
    code = TRAINED_LIKE.format(reset)
    page, lab = show_lab(code + "lab = SequenceLab(gru, x)")
    made = {}
    exec(code, made)
    open_table(lab)
    compare_all_units(lab, made["gru"], made["x"])
    page.wait_for_timeout(500)  # the last choice of a unit is with Python
    for step in (0, 7, 19):
        for unit in (0, 5):
            execute(page, f"lab.step, lab.unit = {step}, {unit}")
            known = SequenceLab(made["gru"], made["x"], step=step, unit=unit)
            says = known.summary().split("candidate and h. ")[1]
            page.wait_for_function("says => document.querySelector('.gru-lab .gl-says').textContent === says", arg=says)
            values = known.values()
            shown = lab.evaluate(READOUTS)
            assert len(shown) == 9
            for name, number in shown.items():
                assert number == pytest.approx(values[name], abs=1e-6), name
    # Edit another input: only it changes.
    lab.locator('select[data-name="input"]').select_option("2: x2")
    lab.locator(".gl-point").nth(3).focus()
    page.keyboard.press("End")
    made["x"][3, 2] = SequenceLab(made["gru"], made["x"])._model_now["limits"][2]
    compare_all_units(lab, made["gru"], made["x"])


def test_the_stored_picture_is_the_live_one(show_lab):
    page, lab = show_lab("lab = SequenceLab()")
    for preset in PRESETS:
        for step, unit, column in ((0, 0, 0), (9, -1, -1)):
            known = SequenceLab(preset=preset, step=step)
            model = known._model_now
            known.unit, known.input = unit % model["units"], column % len(model["inputs"])
            execute(
                page,
                f"with lab.hold_sync():\n lab.preset({preset!r}); lab.step = {step}; lab.unit = {known.unit}; "
                f"lab.input = {known.input}",
            )
            label = known.summary().split("candidate and h. ")[1]
            page.wait_for_function(
                "says => document.querySelector('.gru-lab svg').ariaLabel?.endsWith(says)", arg=f"{preset}. {label}"
            )
            live = lab.locator("svg").evaluate(LEAVES)
            found = [e for e in list(ElementTree.fromstring(known.svg()).iter())[1:] if "}title" not in e.tag]
            stored = [[e.tag.split("}")[1], dict(e.attrib), "" if len(e) else e.text or ""] for e in found]
            stored = [leaf for leaf in stored if leaf[0] != "style"]
            assert live == stored, (preset, next((a, b) for a, b in zip(live, stored, strict=False) if a != b))
            texts, crowded = lab.locator("svg").evaluate(CROWDED)
            assert texts > 30
            assert not crowded, preset


def test_printed_equations_hold(show_lab):
    page, lab = show_lab(TRAINED_LIKE.format("after") + "lab = SequenceLab(gru, x)")
    for step in range(0, 20, 3):
        execute(page, f"lab.step = {step}; lab.unit = {step % 6}")
        page.wait_for_timeout(300)
        lines = lab.locator(".gl-equation text:visible").all_text_contents()
        lines = [line for line in lines if line.startswith("=")]
        assert len(lines) == 5
        lines[3] += lines.pop()
        for line in lines:
            text = line.replace("−", "-").replace("·", "*").replace("σ", "sigma")
            names = {"sigma": lambda a: 1 / (1 + math.exp(-a)), "tanh": math.tanh}
            sides = [eval(side, names) for side in text.strip("= ").split("=")]
            assert sides == pytest.approx([sides[-1]] * len(sides), abs=2e-3), line
        assert sides[1] == pytest.approx(sides[2], abs=1e-9), line


def test_dragging_a_point_changes_the_curve_within_a_frame_and_reaches_python(show_lab):
    page, lab = show_lab("lab = SequenceLab()")
    point = lab.locator(".gl-point").nth(10)
    box = point.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    up = lab.locator(".gl-point").nth(4).bounding_box()
    # After each pointer event, is the new curve there when the next frame is drawn?
    page.evaluate("""() => {
        const lab = document.querySelector(".gru-lab");
        const curve = lab.querySelector(".gl-series.gl-candidate[data-set-d]");
        window.frames_late = [];
        lab.querySelector(".gl-stage").addEventListener("pointermove", () => {
            const before = curve.getAttribute("d");
            requestAnimationFrame(() => window.frames_late.push([before, curve.getAttribute("d")]));
        }, true);
    }""")
    page.mouse.move(x, y)
    page.mouse.down()
    target = up["y"] + up["height"] / 2
    for i in range(1, 11):
        page.mouse.move(x, y + (target - y) * i / 10)
        page.wait_for_timeout(40)
    page.mouse.up()
    moves = page.evaluate("window.frames_late")
    assert sum(before != after for before, after in moves) >= 9
    shown = lab.evaluate(READOUTS)
    assert shown["x"] == pytest.approx(1, abs=0.02)
    assert shown["candidate"] == pytest.approx(math.tanh(5 * shown["x"]), abs=1e-9)
    page.wait_for_timeout(500)
    assert python(page, "lab.step") == 10
    assert python(page, "lab.x[10, 0]") == shown["x"]
    assert python(page, "lab.candidate[10, 0]") == pytest.approx(shown["candidate"], abs=1e-6)
    lab.get_by_role("button", name="Undo edits").click()
    page.wait_for_timeout(400)
    assert python(page, "lab.x[10, 0]") == -0.6


def test_points_and_controls_work_by_keyboard(show_lab):
    page, lab = show_lab("lab = SequenceLab()")
    focused = "() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    assert lab.locator('.gl-point[tabindex="0"]').count() == 1
    lab.locator('.gl-point[tabindex="0"]').focus()
    assert page.evaluate(focused) == "signal at step 4"
    for key, label, value in (
        ("ArrowRight", "signal at step 5", 0),
        ("ArrowUp", "signal at step 5", 0.05),
        ("PageUp", "signal at step 5", 0.55),
        ("ArrowDown", "signal at step 5", 0.5),
        ("End", "signal at step 5", 1),
        ("Home", "signal at step 5", -1),
        ("ArrowLeft", "signal at step 4", 1),
    ):
        page.keyboard.press(key)
        assert page.evaluate(focused) == label
        assert float(page.evaluate("() => document.activeElement.getAttribute('aria-valuenow')")) == pytest.approx(
            value
        )
    page.wait_for_timeout(400)
    assert python(page, "lab.x[5, 0]") == -1
    assert python(page, "lab.step") == 4
    assert "Step 4 (0 to 29): signal = 1.00, now = 1.00. Update gate z = " in lab.locator("[aria-live]").inner_text()
    scrubber = lab.get_by_role("slider", name="Step", exact=True)
    scrubber.focus()
    page.keyboard.press("End")
    assert lab.evaluate(READOUTS)["h"] == pytest.approx(SequenceLab().h[-1, 0], abs=1e-6)
    assert lab.get_by_role("button", name="One step on").is_disabled()
    lab.get_by_role("button", name="One step back").click()
    page.wait_for_timeout(400)
    assert python(page, "lab.step") == 28
    for control in lab.locator("input, select, button, .gl-point").all():
        assert control.evaluate("e => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent"), control
        assert control.evaluate("e => Boolean(e.closest('[data-lm-suppress-shortcuts=true]'))")


def test_a_presets_note_is_shown_with_its_own_sequence_alone(show_lab):
    page, lab = show_lab('lab = SequenceLab(preset="review: verdict at the end")')
    note, menu, undo = lab.locator(".gl-why"), lab.locator('select[data-name="preset"]'), '[data-name="undo"]'
    own, edited = NOTES["review: verdict at the end"][1], "Edited: what the preset was made to show may no longer"
    assert note.inner_text() == own
    lab.locator('.gl-point[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    assert note.inner_text().startswith(edited)
    lab.locator(undo).click()
    assert note.inner_text() == own
    execute(page, "x = lab.x.copy(); x[3, 0] = 0.5; lab.x = x")
    page.wait_for_function("() => document.querySelector('.gl-why').textContent.startsWith('Edited')")
    menu.select_option("latch")
    assert note.inner_text() == NOTES["latch"][1]


def test_play_pause_and_less_motion(show_lab):
    page, lab = show_lab("lab = SequenceLab(step=0)")
    play = lab.locator('button[data-name="play"]')
    play.click()
    assert play.inner_text() == "Pause"
    page.wait_for_timeout(1600)
    assert lab.locator("[aria-live]").inner_text() == "Playing."
    play.click()
    stopped = lab.locator("output").inner_text()
    assert int(stopped.split()[1]) in (2, 3, 4)
    page.wait_for_timeout(700)
    assert lab.locator("output").inner_text() == stopped
    assert python(page, "lab.step") == int(stopped.split()[1])
    assert lab.locator("[aria-live]").inner_text().startswith(f"Step {stopped.split()[1]} (0 to 29)")
    lab.get_by_role("slider", name="Step", exact=True).evaluate(
        "e => { e.value = 28; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    play.click()
    page.wait_for_timeout(1500)
    assert lab.locator("output").inner_text() == "step 29"  # the end: it stops by itself
    assert play.inner_text() == "Play"
    assert lab.locator("[aria-live]").inner_text().startswith("Step 29 (0 to 29)")
    page.emulate_media(reduced_motion="reduce")
    lab.get_by_role("button", name="One step back").click()
    assert play.is_disabled()
    assert "less motion" in play.inner_text()


def test_hover_shows_another_step_and_leaves_the_chosen_one(show_lab):
    page, lab = show_lab(TRAINED_LIKE.format("after") + "lab = SequenceLab(gru, x, step=2)")
    made = {}
    exec(TRAINED_LIKE.format("after"), made)
    h = SequenceLab(made["gru"], made["x"]).h
    point = lab.locator(".gl-point").nth(12).bounding_box()
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + 180)
    assert lab.evaluate(READOUTS)["h"] == pytest.approx(h[12, 0], abs=1e-6)
    row = lab.locator(".gl-chosen").first.bounding_box()
    page.mouse.click(point["x"] + point["width"] / 2, row["y"] + 3.4 * row["height"])  # a row of the heatmap
    page.mouse.move(5, 5)
    page.wait_for_timeout(400)
    unit = python(page, "lab.unit")
    assert unit in (3, 4)
    assert python(page, "lab.step") == 12
    assert lab.evaluate(READOUTS)["h"] == pytest.approx(h[12, unit], abs=1e-6)


def test_python_moves_the_picture_and_loads_another_gru(show_lab):
    page, lab = show_lab("import numpy as np\nfrom gru_lib import GRU\nlab = SequenceLab()")
    execute(page, "x = lab.x.copy(); x[8] = 0.5, 1; lab.x = x; lab.step = 8")
    page.wait_for_function("() => document.querySelector('[data-readout=x]').dataset.value === '0.5'")
    assert lab.evaluate(READOUTS)["h"] == pytest.approx(math.tanh(2.5), abs=1e-3)
    execute(page, "lab.load(GRU(1, 3, seed=2), np.linspace(-1, 1, 7), labels=list('abcdefg'))")
    lab.locator('select[data-name="unit"]').wait_for()
    gru, x = GRU(1, 3, seed=2), np.linspace(-1, 1, 7)[:, None]
    open_table(lab)
    compare_all_units(lab, gru, x)
    execute(page, "lab.load(GRU(2, 2, seed=3, dtype='float32'), np.eye(2), inputs=['left', 'right'])")
    lab.locator('select[data-name="input"]').wait_for()
    compare_all_units(lab, GRU(2, 2, seed=3), np.eye(2))
    assert not lab.get_by_role("alert").is_visible()


def test_two_views_of_one_lab_show_the_same(show_lab):
    page, labs = show_lab("from ipywidgets import VBox\nlab = SequenceLab()\nshown, lab = lab, VBox([lab, lab])")
    one, two = labs.all()
    one.locator('select[data-name="preset"]').select_option("copy")
    two.locator('select[data-name="unit"]').wait_for()
    two.locator('select[data-name="unit"]').select_option("unit 2")
    page.wait_for_timeout(500)
    assert one.evaluate(READOUTS) == two.evaluate(READOUTS)
    assert python(page, "[shown.unit, shown.step, len(shown.x)]") == [2, 5, 16]


def test_the_lab_goes_on_without_a_kernel(show_lab):
    page, lab = show_lab("lab = SequenceLab()")
    open_table(lab)
    page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    page.wait_for_timeout(1500)
    for preset in ("decay", "review: verdict at the start"):
        lab.locator('select[data-name="preset"]').select_option(preset)
        known = SequenceLab(preset=preset)
        lab.locator(".gl-point").nth(2).focus()
        page.keyboard.press("Home")
        page.wait_for_timeout(250)
        x = known.x.copy()
        x[2, 0] = -1
        compare_all_units(lab, known.gru, x)
    assert not lab.get_by_role("alert").is_visible()
    assert all("Could not send widget sync message" in problem for problem in page.problems), page.problems
    page.problems.clear()


def test_an_error_in_the_browser_is_a_sentence_in_the_lab(show_lab):
    page, lab = show_lab("lab = SequenceLab()")
    execute(page, "lab._trait_values['step'] = 99; lab.send_state('step')")
    alert = lab.get_by_role("alert")
    alert.wait_for()
    assert "step must be a whole number from 0 to 29, not 99" in alert.inner_text()
    assert all("step must be a whole number" in problem for problem in page.problems), page.problems
    page.problems.clear()


def test_the_largest_lab_still_answers(show_lab):
    code = "import numpy as np\nfrom gru_lib import GRU\nx = np.random.default_rng(0).normal(size=(200, 4))\n"
    page, lab = show_lab(code + "lab = SequenceLab(GRU(4, 32, seed=0), x, unit=31)")
    x = np.random.default_rng(0).normal(size=(200, 4))
    lab.locator(".gl-point").first.focus()
    page.keyboard.press("Home")
    x[0, 0] = -SequenceLab(GRU(4, 32), x)._model_now["limits"][0]
    lab.get_by_role("slider", name="Step", exact=True).focus()
    page.keyboard.press("End")
    h = GRU(4, 32, seed=0).forward(x[None]).h[0]
    assert lab.evaluate(READOUTS)["h"] == pytest.approx(h[199, 31], abs=1e-6)
    page.wait_for_timeout(500)
    assert python(page, "lab.h[199, 31]") == pytest.approx(h[199, 31], abs=1e-12)
