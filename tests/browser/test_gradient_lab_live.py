"""GradientLab in a real JupyterLab: the numbers of the browser are those of gru_lib, over the range of every slider."""

import math
import random

import numpy as np
import pytest
from lab_page import CROWDED, LEAVES, READOUTS, leaves_of, python, set_from_python, sweep

from gru_lib.labs import GradientLab

RANGES = GradientLab()._spec["ranges"]
START = {name: getattr(GradientLab(), name) for name in RANGES}
CELLS = ("rnn", "gru", "lstm")
PATHS = ("carry", "update", "reset", "candidate")
# Every number, those of the picture and those that its curves are drawn from.
NUMBERS = f"""lab => ({{
    cells: Object.fromEntries(Object.entries(lab.flows).map(([cell, {{norm, paths, update}}]) =>
        [cell, {{norm: [...norm], paths: paths.map(path => [...path]), update}}])),
    read: ({READOUTS})(lab),
}})"""


def compare(shown, state):
    """Every number of the browser against gru_lib: 1e-6 relative; parts of a whole relative to the whole."""
    lab = GradientLab(**state)
    for cell in CELLS:
        there = shown["cells"][cell]
        assert len(there["norm"]) == state["length"]
        np.testing.assert_allclose(there["norm"], lab.norms[cell], rtol=1e-6, atol=1e-290, err_msg=f"{cell} in {state}")
        raw, clipped = lab.updates[cell]
        assert there["update"] == pytest.approx(raw, rel=1e-6), (cell, state)
        assert shown["read"][f"raw_{cell}"] == pytest.approx(raw, rel=1e-6)
        assert shown["read"][f"clipped_{cell}"] == pytest.approx(clipped, rel=1e-6)
        assert shown["read"][f"last_{cell}"] == pytest.approx(lab.norms[cell][-1], rel=1e-6, abs=1e-290)
    whole = np.maximum(lab.norms["gru"], 1e-290)
    for path, there in zip(PATHS, shown["cells"]["gru"]["paths"], strict=True):
        assert np.max(np.abs(there - lab.paths_of_gru[path]) / whole) < 1e-6, (path, state)
    total = np.sum(shown["cells"]["gru"]["paths"], axis=0)
    np.testing.assert_allclose(total, shown["cells"]["gru"]["norm"], rtol=1e-10, atol=1e-290)


def test_every_slider_over_its_range(show_lab):
    _, lab = show_lab("lab = GradientLab()")
    count = 0
    for name, (low, high) in RANGES.items():
        if name == "threshold":  # its slider is that of the power of ten
            positions = [round(float(p), 2) for p in np.linspace(math.log10(low), math.log10(high), 17)]
        else:
            positions = [round(float(p), 0 if name == "length" else 2) for p in np.linspace(low, high, 17)]
        for position, shown in sweep(lab, name, positions, NUMBERS):
            value = 10**position if name == "threshold" else position
            compare(shown, {**START, name: value})
            count += 1
        sweep(lab, name, [math.log10(START[name]) if name == "threshold" else START[name]])
    assert count == len(RANGES) * 17
    kept = """lab => {
        const slider = lab.querySelector('input[data-name="threshold"]'), flows = lab.flows;
        slider.value = 1.5;
        slider.dispatchEvent(new Event("input", {bubbles: true}));
        return flows === lab.flows;
    }"""
    assert lab.evaluate(kept)  # clipping leaves the gradients as they are


def test_every_corner_and_no_crowd(show_lab):
    _, lab = show_lab("lab = GradientLab()")
    lab.locator('input[data-name="paths"][value="show"]').check()
    chance = random.Random(1)
    for _ in range(30):
        state = {name: chance.choice([*RANGES[name], START[name]]) for name in RANGES}
        for name, value in state.items():
            ((_, shown),) = sweep(lab, name, [math.log10(value) if name == "threshold" else value], NUMBERS)
        compare(shown, state)
        texts, crowded = lab.locator("svg").evaluate(CROWDED)
        assert texts > 30
        assert not crowded, state


def near(a, b):
    """Equal texts, or equal but for the numbers in them, which may differ by a rounding."""
    if a == b:
        return True
    numbers = [[float(n) for n in text.replace("M", " ").replace("L", " ").split()] for text in (a, b)]
    return len(numbers[0]) == len(numbers[1]) and np.allclose(*numbers, rtol=0, atol=0.11)


def test_the_stored_picture_is_the_live_one(show_lab):
    page, lab = show_lab("lab = GradientLab()")
    chance = random.Random(3)
    for i in range(12):
        state = {name: round(chance.uniform(low, high), 2) for name, (low, high) in RANGES.items()}
        state |= {"length": chance.randint(2, 100), "paths": ("hide", "show")[i % 2]}
        state["input_scale"] *= i % 3 != 0
        here = set_from_python(page, GradientLab, state)
        live = lab.locator("svg").evaluate(LEAVES)
        stored = leaves_of(here.svg())
        assert [leaf[2] for leaf in live if leaf[2]] == [leaf[2] for leaf in stored if leaf[2]], state
        drawn = [leaf for leaf in stored if leaf[0] == "path" and "gl-curve" in leaf[1].get("class", "")]
        seen = [leaf for leaf in live if leaf[0] == "path" and "gl-curve" in leaf[1].get("class", "")]
        assert len(seen) >= 3 + 4 * (i % 2) - 1
        for tag, attributes, _ in seen:
            (same,) = [leaf for leaf in drawn if leaf[1]["class"] == attributes["class"]]
            assert near(attributes["d"], same[1]["d"]), (tag, attributes, state)


def test_every_slider_has_a_name_and_moves_by_keyboard(show_lab):
    page, lab = show_lab("lab = GradientLab()")
    steps = {"length": 1}
    for name, (low, high) in RANGES.items():
        slider = lab.locator(f'input[data-name="{name}"]')
        assert len(slider.evaluate("e => e.labels[0].textContent")) > 8
        slider.focus()
        ends = [math.log10(low), math.log10(high)] if name == "threshold" else [low, high]
        for key, value in (("Home", ends[0]), ("End", ends[1]), ("ArrowLeft", ends[1] - steps.get(name, 0.05))):
            page.keyboard.press(key)
            assert float(slider.input_value()) == pytest.approx(value)
        assert slider.evaluate("e => e === document.activeElement"), "JupyterLab took the key"
    lab.locator('input[data-name="paths"][value="hide"]').focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(500)
    for name, (_, high) in RANGES.items():
        expected = high * 10**-0.05 if name == "threshold" else high - steps.get(name, 0.05)
        assert float(python(page, f"lab.{name}")) == pytest.approx(expected), name
    assert python(page, "lab.paths") == "'show'"
    assert python(page, "lab.summary()").strip("'\"").endswith(lab.locator("[aria-live]").inner_text())
    assert "the share of each path" in lab.locator("svg").text_content()
