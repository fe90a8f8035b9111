"""Every notebook in a real JupyterLab: it runs, no error anywhere, and each lab in it answers.

SCREENSHOTS=folder keeps a picture of each notebook in the light and the dark theme.
"""

import os
from pathlib import Path

import pytest
from harness import NOTEBOOKS, set_theme

PATHS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
STATE = """lab => [...lab.querySelectorAll("[data-readout]")].map(element => element.dataset.value).join(" ")"""


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_notebook_runs_and_its_labs_answer(open_notebook, path):
    page = open_notebook(path)
    live = "application/vnd.jupyter.widget-view+json"
    labs = sum(live in data and "image/svg+xml" in data for data in outputs(page))
    seen = 0
    # JupyterLab renders what is near the screen, so each cell is brought there.
    for cell in range(page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")):
        page.evaluate(
            """i => { const notebook = jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = i; return notebook.scrollToItem(i); }""",
            cell,
        )
        page.wait_for_timeout(150)
        here = page.locator(f'.jp-Cell[data-windowed-list-index="{cell}"] .gru-lab')
        for lab in here.all():
            lab.locator("svg").wait_for()
            seen += 1
            before = lab.evaluate(STATE)
            slider = lab.locator("input[type=range]:visible").first
            if slider.count() == 0:  # a LossCurve is watched, not moved
                continue
            slider.focus()
            page.keyboard.press("ArrowLeft")
            page.keyboard.press("ArrowLeft")
            assert lab.evaluate(STATE) != before, f"the lab in cell {cell} does not answer"
            assert not lab.get_by_role("alert").is_visible()
    assert seen >= labs
    if folder := os.environ.get("SCREENSHOTS"):
        take(page, Path(folder), path.stem)


def outputs(page):
    """The output data of every cell, as the notebook holds it now."""
    return page.evaluate("""() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells
        .flatMap(cell => cell.toJSON().outputs ?? []).map(output => output.data ?? {})""")


def take(page, folder, name):
    """Pictures of the whole notebook, screen by screen, in both themes."""
    folder.mkdir(parents=True, exist_ok=True)
    scroller = ".jp-WindowedPanel-outer"
    for dark in (False, True):
        set_theme(page, dark)
        page.wait_for_timeout(500)
        page.evaluate("s => document.querySelector(s).scrollTo(0, 0)", scroller)
        for screen in range(60):
            page.wait_for_timeout(400)
            page.screenshot(path=folder / f"{name}-{'dark' if dark else 'light'}-{screen:02}.png")
            ended = page.evaluate(
                """s => { const e = document.querySelector(s), was = e.scrollTop; e.scrollBy(0, e.clientHeight - 60);
                return e.scrollTop - was < 5; }""",
                scroller,
            )
            if ended:
                break
    set_theme(page, False)
