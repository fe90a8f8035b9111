"""LossCurve in a real JupyterLab: it grows while a model learns, and its numbers are those of the run's history."""

import json

import pytest
from harness import IDLE, set_theme, write_notebook
from lab_page import CROWDED, execute, leaves_of, luminance, python

from gru_lib.labs import LossCurve

READ = """lab => Object.fromEntries([...lab.querySelectorAll("[data-readout]")]
    .map(element => [element.dataset.readout, element.dataset.value]))"""
SETUP = """import json, threading
import numpy as np
from gru_lib import GRU
from gru_lib.labs import LossCurve
from gru_lib.training import Adam, Regressor, fit
x = np.random.default_rng(0).standard_normal((40, 6, 1))
def run(watch, epochs=20, slow=None, **options):
    model, validation = Regressor(GRU(1, 4, seed=0), seed=0), (x[:9], x[:9].mean(1) + 0.3)
    wait = (lambda *_: threading.Event().wait(slow)) if slow else None
    return fit(model, x, x.mean(1), epochs=epochs, optimizer=Adam(0.02), validation=validation, watch=watch,
               on_epoch=wait, progress=False, **options)
curve = LossCurve()"""
# Start code in the kernel and do not wait for it.
START = """code => { jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.requestExecute({code}); }"""
BUSY = "() => jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.status === 'busy'"


@pytest.fixture
def show(open_notebook, tmp_path):
    def open_(*cells):
        page = open_notebook(write_notebook(tmp_path / "curve.ipynb", SETUP, *(cells or ["curve"])))
        page.locator(".gru-lab svg").first.wait_for()
        return page, page.locator(".gru-lab").first

    return open_


def losses(shown):
    return [[float(value) for value in shown[name].split()] for name in ("losses", "validations")]


def history_of(page, name="history"):
    return json.loads(python(page, f"json.dumps([{name}.loss, {name}.validation])").strip("'"))


def same_as_history(page, lab):
    page.wait_for_function(IDLE)
    expected = history_of(page)
    count = len(expected[0])
    page.wait_for_function(f"() => document.querySelector('[data-readout=count]').dataset.value === '{count}'")
    shown = lab.evaluate(READ)
    assert losses(shown) == expected  # to the last bit
    best = min(expected[1])
    assert float(shown["best"]) == best
    assert int(shown["best_epoch"]) == expected[1].index(best) + 1
    assert float(shown["loss"]) == expected[0][-1]
    assert float(shown["validation"]) == expected[1][-1]


def test_it_grows_while_the_model_learns(show):
    page, lab = show()
    assert "No epoch yet" in lab.inner_text()
    page.evaluate(START, "history = run(curve, epochs=25, slow=0.15)")
    counts, paths = [], []
    for least in (2, 8, 16):
        page.wait_for_function(f"() => document.querySelector('[data-readout=count]').dataset.value >= {least}")
        assert page.evaluate(BUSY)
        counts.append(int(lab.evaluate(READ)["count"]))
        paths.append(lab.locator("[data-readout=losses]").get_attribute("d"))
    assert counts == sorted(set(counts))
    assert counts[0] < 25
    assert len(set(paths)) == 3
    same_as_history(page, lab)
    assert f"After epoch {25}" in lab.inner_text()
    # a second run begins anew, and with early stopping it tells of as many epochs as there were
    execute(page, "history = run(curve, epochs=60, patience=3)")
    assert len(history_of(page)[0]) < 60
    same_as_history(page, lab)


def test_shown_and_trained_in_one_cell_and_seen_twice(show):
    """The first epochs end before the page has loaded the picture; nothing is lost."""
    page, lab = show("from IPython.display import display\ndisplay(curve)\nhistory = run(curve, epochs=30)", "curve")
    same_as_history(page, lab)
    second = page.locator(".gru-lab").nth(1)
    assert losses(second.evaluate(READ)) == history_of(page)
    second.get_by_label("log").check()
    page.wait_for_function("() => [...document.querySelectorAll('.gru-lab input[value=log]')].every(e => e.checked)")
    assert python(page, "curve.scale") == "'log'"


def test_a_screen_reader_is_not_told_of_every_epoch(show):
    page, lab = show()
    page.evaluate("""() => {
        window.heard = [];
        const says = document.querySelector(".gru-lab [aria-live]");
        new MutationObserver(() => heard.push(says.textContent)).observe(says, {childList: true});
    }""")
    execute(page, "history = run(curve, epochs=25, slow=0.1)")
    assert len(page.evaluate("heard")) <= 1
    lab.get_by_label("log").check()  # asked by hand, answered at once
    page.wait_for_function("() => heard.length && heard.at(-1).includes('log scale. After epoch 25')", timeout=2000)
    execute(page, "curve.add(26, 0.5, 0.6)")
    page.wait_for_function(
        "() => heard.at(-1).includes('After epoch 26: training 0.5, validation 0.6')", timeout=15_000
    )
    assert len(page.evaluate("heard")) <= 4
    assert lab.locator("[aria-live]").get_attribute("aria-live") == "polite"
    assert "After epoch 26" in lab.locator("svg").get_attribute("aria-label")


RUNS = {
    "usual": [(k, 2.5 / k, 1 / k + 0.02 * k) for k in range(1, 41)],
    "one": [(1, 0.7, None)],
    "no validation": [(k, 3.0**-k, None) for k in range(1, 30)],
    "close together": [(k, 0.693 - 1e-4 * k, 0.6931) for k in range(3, 9)],
    "zero and below": [(1, 1.0, 0.5), (2, 0.0, -1.0), (3, 0.25, 1e-7)],
    "large": [(k, 12345678.0 * k, 1e9 / k) for k in range(1, 1200, 7)],
    "none": [],
}


def test_the_stored_picture_is_the_live_one(show, tmp_path):
    page, lab = show()
    for name, points in RUNS.items():
        for scale in ("linear", "log"):
            execute(page, f"curve.clear(); curve.scale = {scale!r}\nfor p in {points!r}: curve.add(*p)")
            here = LossCurve(scale=scale)
            for point in points:
                here.add(*point)
            v = here.values()
            page.wait_for_function(
                "([n, note]) => { const e = document.querySelector('[data-readout=count]');"
                "return e.dataset.value === n && e.textContent === note; }",
                arg=[str(len(points)), v["note"]],
            )
            live = lab.locator("svg path, svg text, svg circle").evaluate_all(
                """all => all.filter(e => e.closest("[style*=none]") === null)
                    .map(e => [e.getAttribute("d") ?? e.getAttribute("cx") ?? e.getAttribute("y"), e.textContent])"""
            )
            stored = [
                [a.get("d", a.get("cx", a.get("y"))), text]
                for tag, a, text in leaves_of(here.svg())
                if tag in ("path", "text", "circle")
            ]
            assert live == stored, (name, scale)
            count, crowded = lab.locator("svg").evaluate(CROWDED)
            assert count > 2
            assert not crowded, (name, scale)
            assert not lab.get_by_role("alert").is_visible()


def test_keyboard_and_kernel_gone(show):
    page, lab = show()
    execute(page, "history = run(curve)")
    first = lab.get_by_label("linear")
    first.focus()
    page.keyboard.press("ArrowDown")
    assert lab.get_by_label("log").is_checked()
    page.wait_for_function("() => document.querySelector('[data-readout=count]').textContent.includes('log')")
    for name in ("linear", "log"):
        assert lab.get_by_label(name).get_attribute("data-lm-suppress-shortcuts") == "true"
    page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    page.wait_for_timeout(1000)
    page.keyboard.press("ArrowUp")
    assert first.is_checked()
    page.wait_for_function("() => document.querySelector('[data-readout=count]').textContent.includes('linear')")
    page.wait_for_timeout(300)
    assert not lab.get_by_role("alert").is_visible()
    assert all("Could not send widget sync message" in problem for problem in page.problems), page.problems
    page.problems.clear()


def test_text_stands_out_from_its_ground_in_both_themes(show, tmp_path):
    page, lab = show()
    execute(page, "history = run(curve)")
    for dark in (False, True):
        set_theme(page, dark)
        ground = luminance(lab.evaluate("e => getComputedStyle(e).backgroundColor"))
        colours = lab.evaluate("""lab => [...lab.querySelectorAll("*")]
            .filter(e => e.childElementCount === 0 && e.textContent.trim())
            .map(e => [e.textContent, getComputedStyle(e)[e.ownerSVGElement ? "fill" : "color"]])""")
        colours += lab.locator("svg [data-readout=losses], svg [data-readout=validations]").evaluate_all(
            "all => all.map(e => [e.dataset.readout, getComputedStyle(e).stroke])"
        )
        assert len(colours) > 12
        for text, colour in colours:
            light, low = sorted((luminance(colour), ground), reverse=True)
            assert (light + 0.05) / (low + 0.05) >= 4.5, (text, colour, dark)
        lab.screenshot(path=tmp_path / f"{'dark' if dark else 'light'}.png")
    set_theme(page, False)
