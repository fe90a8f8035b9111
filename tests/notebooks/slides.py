"""Write notebooks as slides for a class: `python tests/notebooks/slides.py notebooks/*.ipynb`.

Each notebook is executed, and its slides go to build/slides/. A heading starts a slide. What is under it goes down from
there: the prose, each prediction, the lab or picture, and only then what *Reveal* has folded; what fits is added to the
slide that is shown, at one more key press. Code is not shown, except
of cells tagged `show-code`; solutions and their checks are left out. `slideshow` metadata of a cell wins over all this.
As in the pages of `make html` the labs work without a kernel, and what brings slides, widgets and equations to life
comes from a CDN: with no network there is the text on one long page, with a picture of each lab.
"""

import math
import re
import sys

from execute import WIDGET
from export import CDN, HERE, from_cdn, keep_shown_widgets, version, with_page_links, write
from nbconvert import SlidesExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat.v4 import new_markdown_cell
from versions import TAG, checks, marked

REVEALED = re.compile(r"<details>\s*<summary>Reveal</summary>(.*?)</details>", re.S)
STARTS = re.compile(r"^(?=#{1,3} |\*\*Predict)", re.M)  # where prose is cut
ROOM = 19  # of a slide, in lines of prose
SHOW_CODE, HIDE_CODE = "show-code", "hide-code"


def in_slides(notebook):
    """A copy of an executed notebook, cut up so that each cell is what one key press brings."""
    made, cells, answers = marked(notebook), [], []
    left_out = [cell.id for cell in checks(made)]
    for cell in made.cells:
        graded = cell.metadata.get("nbgrader", {})
        if TAG in cell.metadata.get("tags", []) or graded.get("solution") or cell.id in left_out:
            continue
        if cell.cell_type == "code":
            cells += [with_type(cell, "subslide")] if shows_something(cell) else []
            if shows_something(cell):
                cells, answers = cells + answers, []
            continue
        cells, answers = cells + answers, []
        for piece in filter(str.strip, STARTS.split(cell.source)):
            answers += [slide(answer, "subslide", answers=True) for answer in REVEALED.findall(piece)]
            kind = "slide" if re.match("##? ", piece) else "subslide"
            cells.append(with_type(slide(REVEALED.sub("", piece), kind), kind, cell.metadata))
    made.cells = brought_together(cells + answers)
    return made


def brought_together(cells):
    """The cells; an output, or what was folded, comes onto the slide before it at one more key press if it fits."""
    used = ROOM
    for cell in cells:
        kind, needed = cell.metadata.slideshow.slide_type, height(cell)
        answers = cell.cell_type == "code" or cell.metadata.get("answers")
        if kind == "subslide" and answers and used + needed <= ROOM:
            cell.metadata.slideshow.slide_type = "fragment"
            used += needed
        elif kind in ("slide", "subslide"):
            used = needed
    return cells


def height(cell):
    """About how much of a slide a cell needs, in lines of prose."""
    if cell.cell_type == "markdown":
        return sum(1.4 * math.ceil(len(line) / 95) for line in cell.source.split("\n") if line.strip())
    needed = cell.source.count("\n") + 2 if SHOW_CODE in cell.metadata.get("tags", []) else 0
    for output in cell.outputs:
        data = output.get("data", {})
        plain = output.get("text") or data.get("text/plain", "")
        if WIDGET in data:
            return ROOM
        needed += 11 if "image/svg+xml" in data else 0.8 * (plain.count("\n") + 1)
    return needed


def slide(prose, kind, **metadata):
    """A cell of prose that starts a slide."""
    return new_markdown_cell(prose.strip("\n"), metadata={"slideshow": {"slide_type": kind}, **metadata})


def with_type(cell, kind, metadata=None):
    """The cell, a slide of a kind if neither its metadata nor those given say otherwise; its code is hidden."""
    chosen = (cell.metadata if metadata is None else metadata).get("slideshow")
    cell.metadata["slideshow"] = chosen or {"slide_type": kind}
    if cell.cell_type == "code" and SHOW_CODE not in cell.metadata.get("tags", []):
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), HIDE_CODE]
    return cell


def shows_something(cell):
    """Whether a code cell has an output, or code that is to be seen."""
    return bool(cell.outputs) or SHOW_CODE in cell.metadata.get("tags", [])


def page(notebook, path):
    """The slides, HTML text, of the notebook at `path`, executed."""
    made = in_slides(notebook)
    keep_shown_widgets(made)
    exporter = SlidesExporter(
        template_file=str(HERE / "slides.html.j2"),
        reveal_url_prefix=f"{CDN}reveal.js@{version('reveal.js')}",
        reveal_theme="white",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        **from_cdn(),
    )
    exporter.register_preprocessor(TagRemovePreprocessor(remove_input_tags={HIDE_CODE}, enabled=True), enabled=True)
    made.metadata["title"] = re.search(r"^# (.+)$", made.cells[0].source, re.M)[1]
    html, _ = exporter.from_notebook_node(made, {"metadata": {"path": str(path.parent)}})
    return with_page_links(html)


if __name__ == "__main__":
    write(sys.argv[1:], page, "slides")
