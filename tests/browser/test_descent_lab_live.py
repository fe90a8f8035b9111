"""DescentLab in a real JupyterLab: the path and the verdict are those of Python, whatever is set and played."""

import random

import numpy as np
import pytest
from lab_page import CROWDED, READ, execute, leaves_of, python, set_from_python, sweep

from gru_lib import GRU
from gru_lib.labs.descent_lab import DescentLab
from gru_lib.training import Regressor

SLICE = """import numpy as np
from gru_lib import GRU
from gru_lib.training import Regressor
x = np.random.default_rng(0).standard_normal((20, 8, 1))
lab = DescentLab.from_model(Regressor(GRU(1, 4, seed=0), seed=0), x, x[:, :3, 0].sum(1, keepdims=True), span=6)"""


def slice_lab():
    x = np.random.default_rng(0).standard_normal((20, 8, 1))
    return DescentLab.from_model(Regressor(GRU(1, 4, seed=0), seed=0), x, x[:, :3, 0].sum(1, keepdims=True), span=6)


def compare(shown, lab):
    path = np.array([float(theta) for theta in shown["path"].split()])
    assert len(path) == len(lab.path)
    np.testing.assert_allclose(path, lab.path, rtol=1e-12, atol=1e-6)
    assert shown["verdict"] == lab.verdict
    k = min(lab.step, len(path) - 1)
    assert int(shown["k"]) == k
    assert float(shown["theta"]) == pytest.approx(lab.path[k], rel=1e-12, abs=1e-6)
    assert float(shown["J"]) == pytest.approx(lab.losses[k], rel=1e-9, abs=1e-6)


def sweep_all(lab, here):
    """Move every control over its range, from the state of `here`; returns the verdicts met."""
    low, high = here._low, here._high
    middle = 0 if here.cost != "slice" else round(np.log10(here.learning_rate))
    positions = {
        "start": [round(float(p), 3) for p in np.linspace(low, high, 25)],
        "learning_rate": [round(middle + p, 2) for p in np.arange(-2, 1, 0.06)],
        "clip": [0, 0.3, 1, 2.5, 5] if here.cost != "slice" else [0],
        "step": [0, 1, 7, 50, 99, 100],
    }
    met = set()

    def move(name, places):
        for value, shown in sweep(lab, name, places, READ):
            if name == "learning_rate":  # its slider is that of the power of ten
                value = float(f"{10**value:.1e}")
            if name == "start":
                value = min(max(value, low), high)
            setattr(here, name, int(value) if name == "step" else value)
            compare(shown, here)
            met.add(shown["verdict"])

    for name, places in positions.items():
        before = getattr(here, name)
        move(name, [*places, float(np.log10(before) if name == "learning_rate" else before)])
    return met


def test_every_control_over_its_range(show_lab):
    _, lab = show_lab("lab = DescentLab()")
    met = set()
    for cost in ("bowl", "two valleys", "plateau", "cliff"):
        lab.locator('[data-name="cost"]').select_option(cost)
        met |= sweep_all(lab, DescentLab(cost=cost))
    assert {"converges", "oscillates", "diverges", "stalls"} <= met


def test_a_slice_of_a_real_loss(show_lab):
    page, lab = show_lab(SLICE)
    here = slice_lab()
    compare(lab.evaluate(READ), here)
    execute(page, f"lab.start = {here._low + 1.0}; lab.learning_rate = 7.0")
    page.wait_for_function("() => document.querySelector('.gru-lab svg').ariaLabel.includes('rate 7.000')")
    here.start, here.learning_rate = here._low + 1.0, 7.0
    compare(lab.evaluate(READ), here)
    assert "leaves" in sweep_all(lab, here) | {sweep(lab, "learning_rate", [3], READ)[0][1]["verdict"]}
    assert "one direction" in lab.inner_text()


def test_play_pause_step_and_reset(show_lab):
    page, lab = show_lab("lab = DescentLab(step=0, learning_rate=0.1)")
    play = lab.locator('[data-name="play"]')

    def k():
        return int(lab.evaluate(READ)["k"])

    def words():
        return lab.locator("[aria-live]").inner_text(), lab.locator("svg").get_attribute("aria-label")

    play.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => Number(document.querySelector('[data-readout=k]').dataset.value) >= 3")
    assert play.inner_text() == "Pause"
    assert words() == ("Playing.", "Playing.")  # the step is told when it pauses
    play.click()
    there = k()
    page.wait_for_timeout(500)
    assert k() == there
    assert f"After step {there}" in words()[0]
    assert words()[1] == words()[0]
    assert python(page, "lab.step") == str(there)
    lab.get_by_role("button", name="One step").click()
    assert k() == there + 1
    lab.get_by_role("button", name="Back to the start").click()
    assert k() == 0
    # Words of an earlier change that are on their way do not come while it plays, nor does "Playing." stay after it.
    lab.evaluate("""lab => {
        const slider = lab.querySelector('[data-name="step"]');
        slider.value = 99;
        slider.dispatchEvent(new Event("input", {bubbles: true}));
        lab.querySelector('[data-name="play"]').click();
    }""")
    assert words()[0] == "Playing."
    page.wait_for_timeout(150)
    assert words()[0] == "Playing."
    page.wait_for_function("() => document.querySelector('[data-name=play]').textContent === 'Play'")
    page.wait_for_timeout(600)
    assert "After step 100" in words()[0]
    lab.evaluate("""lab => {
        lab.querySelector('[data-name="play"]').click();
        lab.querySelector('[data-name="play"]').click();
    }""")
    page.wait_for_timeout(300)
    assert "After step 0" in words()[0]
    page.emulate_media(reduced_motion="reduce")
    play.click()
    assert k() == 100
    compare(lab.evaluate(READ), DescentLab(step=100, learning_rate=0.1))


def test_the_stored_picture_is_the_live_one(show_lab):
    page, lab = show_lab("lab = DescentLab()")
    chance = random.Random(3)
    for _ in range(12):
        state = {
            "cost": chance.choice(["bowl", "two valleys", "plateau", "cliff"]),
            "start": round(chance.uniform(-3, 3), 2),
            "learning_rate": float(f"{10 ** chance.uniform(-2, 1):.1e}"),
            "clip": chance.choice([0, 1]),
            "step": chance.randrange(101),
        }
        here = set_from_python(page, DescentLab, state)
        live = lab.locator("svg path, svg text").evaluate_all(
            "all => all.map(e => [e.getAttribute('d') ?? '', e.textContent]).filter(([d, text]) => d || text)"
        )
        stored = [[a.get("d", ""), text] for tag, a, text in leaves_of(here.svg()) if tag in ("path", "text")]
        assert live == [part for part in stored if any(part)]
        _, crowded = lab.locator("svg").evaluate(CROWDED)
        assert not [text for text in crowded if "▸" not in text and "◂" not in text], state


def test_keyboard_and_names(show_lab):
    page, lab = show_lab("lab = DescentLab()")
    for name in ("start", "learning_rate", "clip", "step"):
        control = lab.locator(f'[data-name="{name}"]')
        assert control.evaluate("e => e.labels[0].textContent")
        assert control.get_attribute("data-lm-suppress-shortcuts") == "true"
        control.focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        assert control.evaluate("e => e === document.activeElement")
    page.wait_for_timeout(400)
    assert python(page, "[lab.start, lab.learning_rate, lab.clip, lab.step]") == "[2.95, 95.0, 4.95, 99]"
    sweep(lab, "learning_rate", [0.6])
    sweep(lab, "clip", [0])
    page.wait_for_timeout(400)
    assert python(page, "lab.learning_rate, lab.verdict") == "(4.0, 'oscillates')"
    assert "It oscillates" in lab.locator("[aria-live]").inner_text()
