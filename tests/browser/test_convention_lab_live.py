"""ConventionLab in a real JupyterLab: every number equals gru_lib's, for every control over its range."""

import random

import pytest
from lab_page import CROWDED, READOUTS, leaves_of, python, sweep

from gru_lib.labs.convention_lab import READINGS, ConventionLab

NAMES = list(READINGS)
POSITIONS = {
    "units": [1, 2, 3, 4],
    "inputs": [1, 2, 3],
    "seed": [1, 2, 3, 4, 5],
    "step": [1, 2, 3, 4, 5, 6],
    "recurrent_bias": [round(0.05 * i, 2) for i in range(41)],
    "d": [1, 2, 4, 100, 511, 512],
    "h": [1, 3, 5, 64, 257, 512],
}


def compare(shown, lab):
    """The readouts of the picture against gru_lib."""
    outputs, pairs = lab.outputs, lab.differences
    for i, one in enumerate(NAMES):
        for u in range(lab.units):
            assert shown[f"h_{i}_{u}"] == pytest.approx(outputs[one][lab.step - 1, u], abs=1e-6)
        for j, other in enumerate(NAMES):
            assert shown[f"raw_{i}_{j}"] == pytest.approx(pairs[one, other].same_weights, abs=1e-6)
            assert shown[f"mapped_{i}_{j}"] == pytest.approx(pairs[one, other].mapped, abs=1e-6)
    assert [shown[f"total_{k}"] for k in range(3)] == list(lab.counts.values())


def set_(lab, **settings):
    for name, value in settings.items():
        shown = sweep(lab, name, [value])[0][1]
    return shown


def test_every_control_over_its_range(show_lab):
    _, lab = show_lab("lab = ConventionLab()")
    here = ConventionLab()
    for start in ({"units": 3, "inputs": 2}, {"units": 1, "seed": 3}, {"units": 4, "inputs": 3, "seed": 2}):
        set_(lab, **start)
        for name, value in start.items():
            setattr(here, name, value)
        for name, positions in POSITIONS.items():
            before = getattr(here, name)
            for position, shown in sweep(lab, name, positions):
                setattr(here, name, position)
                compare(shown, here)
            setattr(here, name, before)
            set_(lab, **{name: before})


def test_the_stored_picture_is_the_live_one_and_nothing_covers_anything(show_lab):
    page, lab = show_lab("lab = ConventionLab()")
    chance = random.Random(3)
    for _ in range(8):
        state = {name: chance.choice(positions) for name, positions in POSITIONS.items()}
        set_(lab, **state)
        here = ConventionLab(**state)
        page.wait_for_function("says => document.querySelector('.gru-lab svg').ariaLabel === says", arg=here.summary())
        live = lab.locator("svg text").evaluate_all(
            "all => all.filter(e => e.getClientRects().length).map(e => e.textContent).filter(text => text)"
        )
        assert live == [leaf[2] for leaf in leaves_of(here.svg()) if leaf[2]]
        count, crowded = lab.locator("svg").evaluate(CROWDED)
        assert count > 100
        assert not crowded, state


def test_every_cell_of_the_matrix_holds_its_words(show_lab):
    _, lab = show_lab("lab = ConventionLab()")
    set_(lab, units=1)  # here three changes can come together
    words, wide = lab.locator("svg").evaluate("""svg => {
        const texts = [...svg.querySelectorAll(".gc-cell ~ text")].filter(e => e.textContent);
        const cells = [...svg.querySelectorAll(".gc-cell")].map(e => e.getBBox());
        const within = (a, b) => a.x >= b.x + 3 && a.x + a.width <= b.x + b.width - 3 && a.y >= b.y - 1 &&
            a.y + a.height <= b.y + b.height + 1;
        const inMatrix = texts.filter(e => e.matches("[data-text^='{word'], [data-text^='{gap']"));
        return [inMatrix.map(e => e.textContent),
            inMatrix.filter(e => !cells.some(cell => within(e.getBBox(), cell))).map(e => e.textContent)];
    }""")
    assert len(words) == 2 * 49
    assert "−z z⇄r c→b" in words
    assert not wide


def test_what_the_lab_says_of_one_unit(show_lab):
    page, lab = show_lab("lab = ConventionLab()")
    assert "150 parameters with one bias, 165 with two" in lab.locator("[aria-live]").inner_text()
    assert "No mapping leads from before to after" in lab.inner_text()
    set_(lab, units=1, recurrent_bias=0)
    page.wait_for_timeout(300)
    assert "before and after are the same function" in lab.inner_text()
    assert "no mapping" not in lab.inner_text()
    set_(lab, recurrent_bias=1)
    page.wait_for_timeout(300)
    assert "Set the recurrent bias to 0 and the two are one" in lab.inner_text()


def test_keyboard_names_and_python(show_lab):
    page, lab = show_lab("lab = ConventionLab()")
    for name in POSITIONS:
        control = lab.locator(f'[data-name="{name}"]')
        assert control.evaluate("e => e.labels[0].textContent")
        assert control.get_attribute("data-lm-suppress-shortcuts") == "true"
        if name == "seed":
            continue
        control.focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        assert control.evaluate("e => e === document.activeElement")
    page.wait_for_timeout(400)
    state = {"units": 2, "inputs": 2, "step": 2, "recurrent_bias": 0.05, "d": 2, "h": 2}
    assert python(page, "[lab.units, lab.inputs, lab.step, lab.recurrent_bias, lab.d, lab.h]") == str([*state.values()])
    compare(lab.evaluate(READOUTS), ConventionLab(**state))
