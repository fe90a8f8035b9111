"""GateLab with several units, its ghost, and its code, in a real JupyterLab."""

import ast
import random

import numpy as np
import pytest
from harness import set_theme
from lab_page import CROWDED, READOUTS, contrast, execute, python, set_from_python, sweep
from test_gate_lab import RANGES, check_equations, compare_pictures

from gru_lib import GRU
from gru_lib.labs import GateLab
from gru_lib.labs.gate_lab import PRESETS

PARTS = ("z", "r", "candidate", "h")


def expected(x, arrays, reset, update):
    """z, r, candidate and h of all units, from gru_lib.GRU, whose z keeps; "write" reads its z the other way round."""
    h_prev = np.array(arrays["h_prev"])
    gru = GRU(1, len(h_prev), reset=reset, seed=0)
    for name in gru.weights:
        gru.weights[name] = np.array(arrays.get(name, np.zeros(len(h_prev))), dtype=float)
    step = gru.step([[x]], [h_prev])
    results = {part: getattr(step, part)[0] for part in PARTS}
    if update == "write":
        z = results["z"]
        results["h"] = (1 - z) * h_prev + z * results["candidate"]
    return results


def compare(readouts, unit, x, arrays, reset, update):
    results, what = expected(x, arrays, reset, update), (unit, x, arrays, reset, update)
    units = len(arrays["h_prev"])
    for part in PARTS:
        assert readouts[part] == pytest.approx(results[part][unit], abs=1e-6), (part, what)
        if units > 1:
            strip = [readouts[f"{part}_{k}"] for k in range(units)]
            assert strip == pytest.approx(results[part], abs=1e-6), (part, what)
    assert readouts["from_x"] + readouts["from_h"] == pytest.approx(readouts["a_h"], abs=1e-9)
    assert np.tanh(readouts["a_h"]) == pytest.approx(readouts["candidate"], abs=1e-9)
    assert readouts["kept"] + readouts["written"] == pytest.approx(readouts["h"], abs=1e-9)
    own = arrays["h_prev"][unit] * arrays["U_h"][unit][unit]
    if reset == "after":
        own += arrays["c_h"][unit]
        assert own + readouts["from_others"] == pytest.approx(readouts["at_door"], abs=1e-9)
    else:
        assert readouts["r"] * own + readouts["from_others"] == pytest.approx(readouts["from_h"], abs=1e-9)


def sliders_of(lab):
    return lab.evaluate("""lab => [...lab.querySelectorAll("input[type=range]")]
        .filter(e => e.getClientRects().length && !e.disabled).map(e => e.dataset.name)""")


@pytest.mark.parametrize("units", [1, 2, 3, 4])
def test_every_slider_over_its_range_for_every_number_of_units(show_lab, units):
    page, lab = show_lab(f"lab = GateLab(units={units}, unit={units - 1})")
    unit, count = units - 1, 0
    arrays = {name: np.array(value) for name, value in GateLab(units=units).arrays.items()}
    arrays["c_h"] += 0.75  # so that the bias inside the reset tells
    set_from_python(page, GateLab, {"units": units, "unit": unit, "arrays": {n: v.tolist() for n, v in arrays.items()}})
    for reset in ("after", "before"):
        lab.locator(f'input[data-name="reset"][value="{reset}"]').check()
        for update in ("keep", "write"):
            lab.locator(f'input[data-name="update"][value="{update}"]').check()
            names = sliders_of(lab)
            assert len(names) == 12 - (reset == "before") + 3 * (units - 1)
            for name in names:
                array, _, source = name.removesuffix("]").partition("[")
                low, high = RANGES[array]
                if name == "x":
                    place, old = None, 0.8
                else:
                    place = (int(source or unit),) if array[0] == "U" else (0,) if array[0] == "W" else ()
                    place = (*place, unit)
                    old = arrays[array][place].item()
                positions = [round(float(p), 2) for p in np.linspace(low, high, 13)]
                for position, readouts in sweep(lab, name, [*positions, old]):
                    now = {n: v.copy() for n, v in arrays.items()}
                    if place:
                        now[array][place] = position
                    now = {n: v.tolist() for n, v in now.items()}
                    compare(readouts, unit, 0.8 if place else position, now, reset, update)
                    count += 1
    assert count == 2 * 14 * (23 + 6 * (units - 1))


def random_state(chance, units, extreme=False):
    def number(name):
        low, high = RANGES[name]
        return chance.choice([low, high]) if extreme else round(chance.uniform(low, high), 2)

    def numbers(name):
        row = {"W": [units], "U": [units] * units}.get(name[0])
        made = [[number(name) for _ in range(n)] for n in row or [units]]
        return made if row else made[0]

    return {
        "units": units,
        "arrays": {name: numbers(name) for name in GateLab().arrays},
        "unit": chance.randrange(units),
        "x": number("x"),
        "reset": chance.choice(["after", "before"]),
        "update": chance.choice(["keep", "write"]),
    }


def test_the_stored_picture_is_the_live_one_and_has_room_for_every_number(show_lab):
    page, lab = show_lab("lab = GateLab()")
    chance = random.Random(5)
    for i in range(15):
        extreme = i % 3 == 2
        state = random_state(chance, 4 if extreme else chance.randint(2, 4), extreme)
        state["focus"] = ("all", "z", "all", "r", "candidate", "h", "all")[i % 7] if not extreme else "all"
        compare_pictures(lab, set_from_python(page, GateLab, state))
        texts, crowded = lab.locator("svg").evaluate(CROWDED)
        assert texts > 40
        assert not crowded, state


def test_printed_equations_of_several_units_hold(show_lab):
    page, lab = show_lab("lab = GateLab()")
    chance = random.Random(11)
    for i in range(12):
        state = random_state(chance, 2 + i % 3)
        scale = {name: 1.0 if name == "h_prev" else 0.15 for name in state["arrays"]}
        state["arrays"] = {
            name: (np.array(value) * scale[name]).round(2).tolist() for name, value in state["arrays"].items()
        }
        set_from_python(page, GateLab, state)
        check_equations(lab, rounding=3e-3)


def python_arrays(page):
    return ast.literal_eval(python(page, "lab.arrays"))


def test_units_are_chosen_by_keyboard_and_sent_to_python(show_lab):
    page, lab = show_lab("lab = GateLab()")
    assert not lab.get_by_role("group", name="unit under your hand").is_visible()
    lab.locator('select[data-name="units"]').focus()
    page.keyboard.press("3")
    assert lab.get_by_role("group", name="unit under your hand").is_visible()
    assert lab.locator('input[data-name="unit"]:visible').count() == 3
    lab.locator('input[data-name="unit"]:checked').focus()
    page.keyboard.press("ArrowRight")
    start = {name: list(value) for name, value in GateLab(units=3).arrays.items()}
    slider = lab.locator('input[data-name="U_h[2]"]')
    assert slider.evaluate("e => e.labels[0].textContent") == "Uh from 2"
    assert float(slider.input_value()) == start["U_h"][2][1]
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.evaluate("e => e === document.activeElement"), "JupyterLab took the key"
    start["U_h"] = np.array(start["U_h"])
    start["U_h"][2, 1] += 0.05
    compare(lab.evaluate(READOUTS), 1, 0.8, start, "after", "keep")
    assert not lab.locator('input[data-name="U_h[1]"]').is_visible()  # its own is U_h
    page.wait_for_timeout(400)
    assert python(page, "(lab.units, lab.unit)") == "(3, 1)"
    assert np.array(python_arrays(page)["U_h"]) == pytest.approx(start["U_h"])
    assert float(python(page, "lab.b_z")) == start["b_z"][1]
    assert ast.literal_eval(python(page, "lab.h.tolist()")) == pytest.approx(
        expected(0.8, start, "after", "keep")["h"], abs=1e-12
    )
    menu = lab.locator('select[data-name="preset"]')
    for name in PRESETS:
        menu.select_option(name)
        assert menu.input_value() == name
        other = GateLab(units=3, unit=1, arrays=start)
        other.preset(name)
        readouts = lab.evaluate(READOUTS)
        assert [readouts[f"h_{k}"] for k in range(3)] == pytest.approx(other.h, abs=1e-9), name
        page.wait_for_timeout(300)  # the lab tells Python of the preset first
        state = {"units": 3, "unit": 1, "x": 0.8, "arrays": {n: np.array(v).tolist() for n, v in start.items()}}
        set_from_python(page, GateLab, state)
    before = lab.evaluate(READOUTS)
    lab.get_by_role("button", name="Switch z's meaning and negate its weights").click()
    after = lab.evaluate(READOUTS)
    for k in range(3):
        assert after[f"h_{k}"] == pytest.approx(before[f"h_{k}"], abs=1e-12)
        assert after[f"z_{k}"] == pytest.approx(1 - before[f"z_{k}"], abs=1e-12)


def test_python_moves_the_units_and_undoes_nothing(show_lab):
    page, lab = show_lab("lab = GateLab()")
    execute(page, "lab.units = 4; lab.unit = 2; lab.U_r = 2.0")
    page.wait_for_function("() => document.querySelector('[data-readout=h_prev]').dataset.value === '0.3'")
    page.wait_for_timeout(300)
    arrays = {name: np.array(value) for name, value in GateLab(units=4).arrays.items()}
    arrays["U_r"][2, 2] = 2.0
    compare(lab.evaluate(READOUTS), 2, 0.8, arrays, "after", "keep")
    assert lab.locator('input[data-name="unit"]:checked').input_value() == "2"
    assert python(page, "(lab.units, lab.unit, lab.U_r, lab.h_prev)") == "(4, 2, 2.0, 0.3)"
    # What the learner has moved and the lab has not sent yet stays when Python moves something else.
    page.evaluate("""async () => {
        const kernel = jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
        const slider = document.querySelector('.gru-lab input[data-name="U_z[0]"]');
        const timer = setInterval(() => {
            slider.value = -3;
            slider.dispatchEvent(new Event("input", {bubbles: true}));
        }, 30);
        await kernel.requestExecute({code: "lab.arrays = lab.arrays | {'b_h': [1.0, 2.0, 3.0, 4.0]}"}).done;
        await new Promise(resolve => setTimeout(resolve, 300));
        clearInterval(timer);
    }""")
    page.wait_for_timeout(500)
    arrays["U_z"][0, 2] = -3
    arrays["b_h"][:] = [1, 2, 3, 4]
    compare(lab.evaluate(READOUTS), 2, 0.8, arrays, "after", "keep")
    now = python_arrays(page)
    assert now["U_z"][0][2] == -3
    assert now["b_h"] == (1, 2, 3, 4)
    execute(page, "lab.units = 1")
    page.wait_for_function("() => !document.querySelector('.gru-lab').classList.contains('gg-many')")
    assert python(page, "type(lab.h).__name__") == "'float'"


REFUSED = "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"
GHOST = """svg => [...svg.querySelectorAll(".gg-ghost, .gg-before")].filter(e => e.getClientRects().length)
    .map(e => e.tagName === "text" ? e.textContent : [e.getAttribute("class").split("gl-")[1], e.getAttribute("cy")])"""


def ghost_of(lab):
    """The ghost's words, and the heights of its points, by plot."""
    found = lab.locator("svg").evaluate(GHOST)
    words = [one for one in found if isinstance(one, str)]
    return words, {one[0]: float(one[1]) for one in found if not isinstance(one, str) and one[1]}


def says(lab):
    lab.page.wait_for_timeout(350)
    return lab.locator("[aria-live]").inner_text()


def test_the_ghost_marks_what_was_before_the_last_move(show_lab):
    page, lab = show_lab("lab = GateLab()")
    assert ghost_of(lab) == ([], {})
    assert says(lab).startswith("Update gate z = 0.679")
    slider = lab.locator('input[data-name="b_z"]')
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2

    def drag(*shares):
        page.mouse.move(box["x"] + box["width"] * shares[0], y)
        page.mouse.down()
        for share in shares[1:]:
            page.mouse.move(box["x"] + box["width"] * share, y, steps=4)
            page.wait_for_timeout(400)  # a hand that rests is still the same move
        page.mouse.up()
        page.wait_for_timeout(50)

    drag(0.5, 0.6, 0.7)
    start, now = GateLab(), lab.evaluate(READOUTS)
    words, heights = ghost_of(lab)
    assert words == [f"before {start.h:.3f}", f"before {start.z:.3f}", f"before {start.h:.3f}"]
    assert heights == {
        "z": pytest.approx(104 - 80 * start.z, abs=0.01),
        "h": pytest.approx(64 - 40 * start.h, abs=0.01),
    }
    assert now["z"] > start.z + 0.1
    told = f"h went from {start.h:.3f} to {now['h']:.3f}; z from {start.z:.3f} to {now['z']:.3f}. Update gate z = "
    assert says(lab).startswith(told)
    dashes = "svg => getComputedStyle(svg.querySelector('circle.gg-ghost')).strokeDasharray"
    assert lab.locator("svg").evaluate(dashes) == "3px, 2px"
    assert not lab.locator("svg").evaluate(CROWDED)[1]

    drag(0.7, 0.3)  # another move: the ghost is where that one began
    words, _ = ghost_of(lab)
    assert words[1] == f"before {now['z']:.3f}"
    now = lab.evaluate(READOUTS)
    slider = lab.locator('input[data-name="W_h"]')
    slider.focus()
    for _ in range(3):  # keys in a row are one move
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(200)
    words, heights = ghost_of(lab)
    h, candidate = (f"before {now[part]:.3f}".replace("-", "−") for part in ("h", "candidate"))
    assert words == [h, candidate, h]
    assert set(heights) == {"candidate", "h"}
    page.wait_for_timeout(1100)  # and after a second's rest a new one
    now = lab.evaluate(READOUTS)
    page.keyboard.press("ArrowRight")
    assert ghost_of(lab)[0][1] == f"before {now['candidate']:.3f}".replace("-", "−")

    lab.get_by_label("mark where it was before").uncheck()
    assert ghost_of(lab) == ([], {})
    assert says(lab).startswith("Update gate z = ")
    assert python(page, "lab.ghost") == "False"
    execute(page, "lab.ghost = True")
    page.keyboard.press("Tab")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert ghost_of(lab)[0]
    execute(page, "lab.x = 0.5")  # no move of the learner's
    page.wait_for_function("() => document.querySelector('[data-readout=x]').dataset.value === '0.5'")
    assert ghost_of(lab) == ([], {})


def test_the_ghost_of_several_units_tells_of_the_others(show_lab):
    page, lab = show_lab("lab = GateLab(units=3, unit=1, reset='before')")
    before = lab.evaluate(READOUTS)
    slider = lab.locator('input[data-name="b_r"]')
    slider.focus()
    page.keyboard.press("PageUp")
    now = lab.evaluate(READOUTS)
    told = says(lab)
    for k in (0, 2):
        said = f"h of unit {k} from {before[f'h_{k}']:.3f} to {now[f'h_{k}']:.3f}".replace("-", "−")
        assert said in told
    assert not lab.locator("svg").evaluate(CROWDED)[1]
    lab.locator('input[data-name="unit"][value="2"]').check()
    assert ghost_of(lab) == ([], {})  # another unit is no move of this one


@pytest.mark.parametrize(
    "settings", ["", "units=3, unit=1, reset='before', update='write', x=-0.00002", "reset='before'"]
)
def test_copy_as_code_gives_what_python_gives(show_lab, settings):
    page, lab = show_lab(f"lab = GateLab({settings})")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    slider = lab.locator('input[data-name="U_z"]')
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    button = lab.get_by_role("button", name="Copy as code")
    button.click()
    page.wait_for_function("() => document.querySelector('.gl-says').textContent.startsWith('Copied')")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == ast.literal_eval(python(page, "lab.code()"))
    area = lab.get_by_label("Code of what the lab shows")
    assert not area.is_visible()
    page.evaluate(REFUSED)
    button.focus()
    page.keyboard.press("Enter")
    area.wait_for()
    assert area.input_value() == text
    assert area.get_attribute("readonly") is not None
    chosen = area.evaluate("e => [e === document.activeElement, e.value.slice(e.selectionStart, e.selectionEnd)]")
    assert chosen == [True, text]
    assert "press Ctrl+C" in lab.locator("[aria-live]").inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert not area.is_visible()  # what it says is no longer so


def test_text_of_several_units_and_of_the_ghost_stands_out_in_both_themes(show_lab):
    page, lab = show_lab("lab = GateLab(units=3)")
    page.evaluate(REFUSED)
    for dark in (False, True):
        set_theme(page, dark)
        lab.locator('input[data-name="b_z"]').focus()
        page.keyboard.press("PageUp")
        lab.get_by_role("button", name="Copy as code").click()
        ground = lab.evaluate("e => getComputedStyle(e).backgroundColor")
        assert (contrast("rgb(0, 0, 0)", ground) < 4.5) == dark
        colours = lab.evaluate("""lab => [...lab.querySelectorAll("*")]
            .filter(e => e.childElementCount === 0 && (e.textContent.trim() || e.tagName === "TEXTAREA"))
            .map(e => [e.textContent, getComputedStyle(e)[e.ownerSVGElement ? "fill" : "color"]])""")
        assert len(colours) > 100
        for text, colour in colours:
            assert contrast(colour, ground) >= 4.5, (text, colour, dark)
    set_theme(page, False)
