"""Every notebook as a web page: its labs work without a kernel, with the packages of the CDN served on localhost.

The pages are those of `make html`. Nothing else reaches the network: what a page asks for beyond its own address and
the packages of packages.json is refused and fails the test.
"""

import sys
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from harness import NOTEBOOKS
from npm_packages import served

from gru_lib import GRU, labs

sys.path.insert(0, str(Path(__file__).parents[1] / "notebooks"))
from export import CDN, STATE, export

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
def html(path):
    return export(path)


@pytest.fixture(scope="module")
def site(tmp_path_factory, packages):
    folder = tmp_path_factory.mktemp("html")
    with served(folder) as address:
        yield folder, address


@pytest.fixture
def open_page(site, browser):
    """Open the page of a notebook; it must end without a problem."""
    folder, address = site
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"page error: {error}"))
    page.on("console", lambda said: said.type == "error" and page.problems.append(f"console error: {said.text}"))

    def answer(route, cdn):
        asked = route.request.url
        if asked.startswith(CDN) and not cdn:
            route.abort()
        elif asked.startswith(CDN):
            route.fulfill(response=route.fetch(url=f"{address}/npm/{asked.removeprefix(CDN)}"))
        elif asked.startswith(address):
            route.fulfill(status=204) if asked.endswith("/favicon.ico") else route.continue_()
        else:
            page.problems.append(f"asked for {asked}")
            route.abort()

    def open_(path, cdn=True):
        (folder / f"{path.stem}.html").write_text(html(path), encoding="utf-8")
        context.route("**/*", lambda route: answer(route, cdn))
        page.goto(f"{address}/{path.stem}.html")
        return page

    yield open_
    problems = list(page.problems)
    context.close()
    assert not problems, "\n".join(problems)


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
def test_labs_of_the_page_work_without_a_kernel(open_page, path):
    page = open_page(path)
    states = page.evaluate(STATES, STATE)
    shown = page.locator(".gru-lab")
    questions = page.evaluate(QUESTIONS, STATE)
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
    folded = page.locator("details:not(.gru-lab *, .gru-question *, .lab-picture *, .hidden-source)")
    answers = folded.evaluate_all("all => all.map(e => e.textContent.length)")
    assert len(answers) == text.count("<details>")
    assert min(answers, default=99) > 30


def test_without_the_cdn_the_page_shows_pictures_of_its_labs(open_page):
    page = open_page(NOTEBOOKS / "00_start_here.ipynb", cdn=False)
    pictures = page.locator(".lab-picture img:visible")
    assert pictures.count() == len(page.evaluate(STATES, STATE))
    for picture in pictures.all():
        assert picture.bounding_box()["width"] > 500
        assert "gated recurrent unit" in picture.get_attribute("alt")
    assert all("net::ERR_FAILED" in problem for problem in page.problems), page.problems
    page.problems.clear()
