"""Every notebook as a web page and as slides: labs work without a kernel, with the CDN's packages served on localhost.

The pages are those of `make html` and `make slides`. Nothing else reaches the network: what a page asks for beyond its
own address and the packages of packages.json is refused and fails the test. SCREENSHOTS=folder keeps a picture of each
slide.
"""

import os
import sys
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from harness import NOTEBOOKS

from gru_lib import GRU, labs

sys.path.insert(0, str(Path(__file__).parents[1] / "notebooks"))
import export
import slides

PATHS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
LOGARITHMIC = ("learning_rate", "threshold")  # sliders whose position is the exponent
READOUTS = """lab => Object.fromEntries([...lab.querySelectorAll("svg [data-readout]")]
    .map(element => [element.dataset.readout, element.dataset.value]))"""
# For each place of a widget in the page the state of the labs in it, a box's from first to last; questions are no labs.
STATES = """type => {
    const { state } = JSON.parse(document.querySelector(`script[type="${type}"]`)?.textContent ?? '{"state": {}}');
    const labs = id => state[id].model_module === "anywidget" ? [state[id].state]
        : (state[id].state.children ?? []).flatMap(child => labs(child.replace("IPY_MODEL_", "")));
    return [...document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')]
        .flatMap(view => labs(JSON.parse(view.textContent).model_id))
        .filter(({ _anywidget_id: id }) => !/\\.(Choose|Order|Predict)$/.test(id));
}"""
QUESTIONS = """type => Object.values(JSON.parse(document.querySelector(`script[type="${type}"]`)?.textContent
    ?? '{"state": {}}').state).filter(({ state }) => /\\.(Choose|Order|Predict)$/.test(state._anywidget_id)).length"""


@cache
def notebook(path):
    return export.executed(path)


def in_python(state):
    """The lab that a page's widget state describes."""
    kind = getattr(labs, state["_anywidget_id"].rsplit(".", 1)[1])
    settings = {name: state[name] for name in kind.settings()}
    if kind is labs.SequenceLab:
        model = state["_spec"]["models"][state["_model"]]
        gru = GRU(len(model["inputs"]), model["units"], reset=model["reset"])
        for name, weight in gru.weights.items():
            weight[...] = model["weights"][name]
        return kind(gru, np.array(state["x"]), labels=model["labels"] or None, inputs=model["inputs"], **settings)
    if kind is labs.DescentLab and state["_spec"]["samples"]:
        samples = state["_spec"]["samples"]
        return kind([samples[name] for name in ("theta", "J", "slope")], name=state["_spec"]["name"], **settings)
    if kind is labs.ForecastLab:
        spec = state["_spec"]
        return kind(spec["truth"], spec["forecast"], name=spec["name"], unit=spec["unit"], **settings)
    lab = kind(**settings)
    if kind is labs.LossCurve:
        for point in state["_points"]:
            lab.add(*point)
    return lab


def compare(lab, known):
    """All numbers of the picture are those of gru_lib."""
    shown, values = lab.evaluate(READOUTS), known.values()
    numbers = [name for name in shown if isinstance(values.get(name), int | float)]
    assert len(numbers) > 2
    for name in numbers:
        assert float(shown[name]) == pytest.approx(values[name], rel=1e-6, abs=1e-6), (repr(known), name)
    return shown


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_labs_of_the_page_work_without_a_kernel(open_html, path):
    page = open_html(export.page(notebook(path), path))
    states = page.evaluate(STATES, export.STATE)
    shown = page.locator(".gru-lab")
    questions = page.evaluate(QUESTIONS, export.STATE)
    page.wait_for_function("n => document.querySelectorAll('.gru-lab svg').length >= n", arg=len(states))
    page.wait_for_function("n => document.querySelectorAll('.gru-question fieldset').length === n", arg=questions)
    assert shown.count() == len(states)
    assert page.locator(".lab-picture:visible").count() == 0
    for lab, state in zip(shown.all(), states, strict=True):
        known = in_python(state)
        before = compare(lab, known)
        if isinstance(known, labs.LossCurve):
            known.scale = "linear" if known.scale == "log" else "log"
            lab.locator(f'input[value="{known.scale}"]').check()
            assert compare(lab, known)
            continue
        control = lab.locator(
            "input[type=range]:visible" + "".join(f':not([data-name="{name}"])' for name in LOGARITHMIC)
        ).first
        name = control.get_attribute("data-name")
        control.focus()
        for key in ("ArrowLeft", "ArrowRight", "ArrowLeft") if float(control.input_value()) > 0 else ("ArrowRight",):
            page.keyboard.press(key)
        setattr(known, name, type(getattr(known, name))(control.input_value()))
        assert compare(lab, known) != before, f"{known!r} does not answer"
        assert not lab.get_by_role("alert").is_visible()
    # Equations are typeset, and answers folded away.
    page.wait_for_function("() => MathJax.Hub.queue.pending === 0 && !MathJax.Hub.queue.running")
    assert page.locator(".MathJax_Error, .merror, .mjx-merror").count() == 0
    cells = nbformat.read(path, 4).cells
    text = "".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert (page.locator(".mjx-chtml").count() > 0) == ("$" in text)
    hidden = page.locator(".hidden-source")
    assert hidden.count() == sum(c.metadata.get("jupyter", {}).get("source_hidden", False) for c in cells)
    assert not any(source.is_visible() for source in hidden.locator("pre").all())
    verdicts = page.locator(".hidden-output")
    assert verdicts.count() == sum(c.metadata.get("jupyter", {}).get("outputs_hidden", False) for c in cells)
    assert not any(verdict.is_visible() for verdict in verdicts.get_by_role("status", include_hidden=True).all())
    folded = page.locator("details:not(.gru-lab *, .gru-question *, .lab-picture *, .hidden-source, .hidden-output)")
    answers = folded.evaluate_all("all => all.map(e => e.textContent.length)")
    assert len(answers) == text.count("<details>")
    assert min(answers, default=99) > 30


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_space_goes_through_all_slides_and_their_labs_answer(open_html, path):
    page = open_html(slides.page(notebook(path), path), size={"width": 1280, "height": 720})
    page.wait_for_function("() => document.querySelector('.reveal.ready')")
    labs_there = len(page.evaluate(STATES, export.STATE))
    page.wait_for_function("n => document.querySelectorAll('.gru-lab svg').length >= n", arg=labs_there)
    wanted = page.locator(".slides section:not(:has(section))").count()
    assert wanted > 10
    here = page.locator("section.present:not(:has(section))")
    number = page.locator(".slide-number")
    seen, labs_seen = [], 0
    while number.inner_text() not in seen:
        seen.append(number.inner_text())
        for fragment in here.locator(".fragment").all():
            assert not fragment.evaluate("e => e.checkVisibility({ visibilityProperty: true })")
            page.keyboard.press("Space")
            fragment.wait_for()
        assert number.inner_text() == seen[-1]
        assert here.evaluate("slide => slide.innerText.trim() || slide.querySelector('img, svg').checkVisibility()")
        for question in here.locator(".gru-question").all():
            assert question.locator("fieldset").is_visible()
        for lab in here.locator(".gru-lab").all():
            assert lab.locator("svg").first.is_visible()
            labs_seen += 1
            before, slider = lab.evaluate(READOUTS), lab.locator("input[type=range]:visible").first
            if slider.count():  # the keys are the lab's: it answers, and no page is turned
                slider.focus()
                page.keyboard.press("ArrowLeft")
                page.keyboard.press("ArrowLeft")
                assert lab.evaluate(READOUTS) != before
                assert number.inner_text() == seen[-1]
                slider.blur()
        if folder := os.environ.get("SCREENSHOTS"):
            page.wait_for_timeout(300)
            page.screenshot(path=Path(folder, f"{path.stem}-{len(seen):02}.png"))
        page.keyboard.press("Space")
    assert len(seen) == wanted
    assert labs_seen == labs_there
    assert page.locator(".lab-picture:visible").count() == 0


def test_without_the_cdn_the_page_shows_pictures_of_its_labs(open_html):
    path = NOTEBOOKS / "00_start_here.ipynb"
    page = open_html(export.page(notebook(path), path), cdn=False)
    pictures = page.locator(".lab-picture img:visible")
    assert pictures.count() == len(page.evaluate(STATES, export.STATE))
    for picture in pictures.all():
        assert picture.bounding_box()["width"] > 500
        assert "gated recurrent unit" in picture.get_attribute("alt")
    assert all("net::ERR_FAILED" in problem for problem in page.problems), page.problems
    page.problems.clear()
