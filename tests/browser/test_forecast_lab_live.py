"""ForecastLab in a real JupyterLab: moved by the keyboard, its numbers are those of `windows.rmse` and of Python."""

import random

import numpy as np
import pytest
from harness import set_theme
from lab_page import (
    COLOURS,
    CROWDED,
    READ,
    compare,
    contrast,
    leaves_of,
    python,
    set_from_python,
    shut_down_kernel,
    sweep,
)

from gru_lib import windows
from gru_lib.labs import ForecastLab

MAKE = """import numpy as np
from gru_lib.labs import ForecastLab
rng = np.random.default_rng(0)
truth = 400 + rng.normal(0, 10, 80).cumsum()
forecast = np.concatenate([truth[:1], truth[:-1]]) + rng.normal(-4, 3, 80)
lab = ForecastLab(truth, forecast, name="GRU", unit="USD")"""


def example(**settings):
    rng = np.random.default_rng(0)
    truth = 400 + rng.normal(0, 10, 80).cumsum()
    forecast = np.concatenate([truth[:1], truth[:-1]]) + rng.normal(-4, 3, 80)
    return ForecastLab(truth, forecast, name="GRU", unit="USD", **settings)


def test_by_keyboard(show_lab):
    """What the lesson asks for: the truth three days late, then the forecast moved until it fits best."""
    page, lab = show_lab(MAKE)
    here = example()
    truth, forecast = (np.array(here._spec[name]) for name in ("truth", "forecast"))

    def press(name, *keys):
        lab.locator(f'input[data-name="{name}"]{":checked" if name == "show" else ""}').focus()
        for key in keys:
            page.keyboard.press(key)
        return lab.evaluate(READ)

    shown = press("lag", "ArrowRight", "ArrowRight")
    assert float(shown["late_rmse"]) == pytest.approx(windows.rmse(truth[3:], truth[:-3]), rel=1e-12)
    assert float(shown["forecast_rmse"]) == pytest.approx(windows.rmse(truth[3:], forecast[3:]), rel=1e-12)
    press("lag", "Home", "ArrowRight")
    shown = press("shift", "ArrowLeft")
    assert float(shown["forecast_rmse"]) == pytest.approx(windows.rmse(truth[1:-1], forecast[2:]), rel=1e-12)
    page.wait_for_timeout(300)
    assert "moved into the past" in lab.inner_text()
    assert python(page, "lab.shift, lab.lag") == "(-1, 1)"
    errors = {
        shift: float(press("shift", "Home", *["ArrowRight"] * (shift + 10))["forecast_rmse"]) for shift in (-2, -1, 0)
    }
    assert min(errors, key=errors.get) == -1  # a copy of the last value fits best where it was copied
    shown = press("days", "Home")
    shown = press("first", "End")
    assert (shown["from"], shown["to"]) == ("71", "80")
    press("show", "ArrowDown")
    assert lab.locator("svg .gl-curve.fl-late").is_hidden()
    press("show", "ArrowDown")
    assert lab.get_by_label("late truth", exact=True).is_checked()
    here = example(shift=0, lag=1, days=10, first=70, show="late truth")
    compare(lab.evaluate(READ), here)
    page.wait_for_timeout(300)
    assert lab.locator("[aria-live]").inner_text() == here.summary()
    assert lab.locator("svg").get_attribute("aria-label") == here.summary()
    shut_down_kernel(page)
    press("lag", "End")
    compare(lab.evaluate(READ), example(shift=0, lag=10, days=10, first=70, show="late truth"))
    page.wait_for_timeout(300)
    assert not lab.get_by_role("alert").is_visible()
    assert all("Could not send widget sync message" in problem for problem in page.problems), page.problems
    page.problems.clear()


def test_every_control_over_its_range(show_lab):
    _, lab = show_lab(MAKE)
    here = example()
    for name, places in {
        "lag": [*range(11), 1],
        "shift": [*range(-10, 11), -2],
        "days": [80, 10, 33],
        "first": [0, 20, 70, 5],
    }.items():
        for value, shown in sweep(lab, name, places, READ):
            setattr(here, name, int(value))
            compare(shown, here)


def test_the_stored_picture_is_the_live_one(show_lab):
    page, lab = show_lab("from gru_lib.labs import ForecastLab\nlab = ForecastLab()")
    chance = random.Random(5)
    for _ in range(8):
        state = {
            "lag": chance.randrange(11),
            "shift": chance.randrange(-10, 11),
            "days": chance.randrange(10, 121),
            "first": chance.randrange(111),
            "show": chance.choice(["both", "forecast", "late truth"]),
        }
        here = set_from_python(page, ForecastLab, state)
        live = lab.locator("svg path, svg text").evaluate_all(
            """all => all.filter(e => e.closest("[style*=none]") === null)
                .map(e => [e.getAttribute("d") ?? "", e.textContent]).filter(([d, text]) => d || text)"""
        )
        stored = [[a.get("d", ""), text] for tag, a, text in leaves_of(here.svg()) if tag in ("path", "text")]
        assert live == [part for part in stored if any(part)]
        count, crowded = lab.locator("svg").evaluate(CROWDED)
        assert count > 7
        assert not crowded, state


def test_it_stands_out_from_its_ground_in_both_themes(show_lab, tmp_path):
    page, lab = show_lab(MAKE)
    for dark in (False, True):
        set_theme(page, dark)
        texts, curves = lab.evaluate(COLOURS)
        assert len(texts) > 20
        assert len(curves) == 4
        for text, colour, ground in texts:
            assert contrast(colour, ground) >= 4.5, (text, colour, ground)
        for curve, colour, ground in curves:
            assert contrast(colour, ground) >= 3, (curve, colour, ground)
        lab.screenshot(path=tmp_path / f"{'dark' if dark else 'light'}.png")
    set_theme(page, False)
