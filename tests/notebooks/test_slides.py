"""Slides: what one key press brings, in which order, and what stays away."""

import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

sys.path.insert(0, str(Path(__file__).parent))
import exercise_cells
import slides

SHOWN = [new_output("stream", text="shown")]


@pytest.fixture
def notebook():
    made = new_notebook(
        cells=[
            new_markdown_cell("# A lesson\n\nHello."),
            new_code_cell("import numpy as np\nfrom gru_lib import exercises"),
            new_markdown_cell(
                "## First\n\nProse.\n\n**Predict.** What?\n\n<details><summary>Reveal</summary>\n\nThat.\n</details>"
            ),
            new_code_cell("a = 1"),
            new_code_cell("lab", outputs=SHOWN),
            new_code_cell("look", outputs=SHOWN, metadata={"tags": [slides.SHOW_CODE]}),
            new_markdown_cell("### Deeper\n\n<details><summary>Solution</summary>\n\nSecret.\n</details>"),
            new_markdown_cell("For me alone.", metadata={"slideshow": {"slide_type": "notes"}}),
            new_markdown_cell("## Exercises"),
        ]
    )
    exercise_cells.put(made, "gru_step", "Exercises")
    return made


def test_what_is_revealed_comes_after_the_lab(notebook):
    made = slides.in_slides(notebook)
    assert [(cell.source.splitlines()[0], cell.metadata.slideshow.slide_type) for cell in made.cells] == [
        ("# A lesson", "slide"),
        ("## First", "slide"),
        ("**Predict.** What?", "subslide"),
        ("lab", "fragment"),
        ("That.", "fragment"),
        ("look", "fragment"),
        ("### Deeper", "subslide"),
        ("For me alone.", "notes"),
        ("## Exercises", "slide"),
        ("**Your turn.** Four lines. `w` is a dict of the arrays above; return `h`.", "subslide"),
    ]


def kinds(*cells):
    return [cell.metadata.slideshow.slide_type for cell in slides.in_slides(new_notebook(cells=list(cells))).cells]


def test_what_does_not_fit_gets_a_slide_of_its_own():
    def text():
        return new_code_cell("print(table)", outputs=[new_output("stream", text="row\n" * 9)])

    assert kinds(new_markdown_cell("Prose."), text()) == ["subslide", "fragment"]
    assert kinds(new_markdown_cell("Much prose. " * 100), text()) == ["subslide", "subslide"]
    assert kinds(new_markdown_cell("Prose."), text(), text(), text()) == [
        "subslide",
        "fragment",
        "fragment",
        "subslide",
    ]
    lab = new_output("display_data", {slides.WIDGET: {"model_id": "1"}, "text/plain": "GateLab: z=0.5"})
    assert kinds(new_markdown_cell("Prose."), new_code_cell("lab", outputs=[lab]), text()) == ["subslide"] * 3
    skipped = new_code_cell("x", outputs=SHOWN, metadata={"slideshow": {"slide_type": "skip"}})
    assert kinds(new_markdown_cell("Prose."), skipped, text()) == ["subslide", "skip", "fragment"]


def test_the_page_shows_outputs_and_no_code_nor_solution(notebook):
    html = slides.page(notebook, Path("notebooks/03_small.ipynb"))
    assert html.count("shown") >= 2
    assert "look" in html
    for hidden in (">lab<", "Secret", "BEGIN SOLUTION", "exercises.check", "<details>"):
        assert hidden not in html
    assert f"reveal.js@{slides.version('reveal.js')}/dist/reveal.js" in html
    assert "unpkg.com" not in html
    assert "cdnjs" not in html
