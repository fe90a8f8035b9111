"""Every stored notebook satisfies every rule, and every rule finds the mistake it is there for."""

import copy
import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import exercise_cells
import rules

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[0-9]*.ipynb"))
TENSORFLOW = ("06", "07", "08", "09")


def code(source, *, outputs=(), count=1, tags=()):
    return {
        "cell_type": "code",
        "id": "planted",
        "source": source,
        "execution_count": count,
        "metadata": {"tags": list(tags)},
        "outputs": list(outputs),
    }


def prose(source):
    return {"cell_type": "markdown", "id": "prose", "source": source, "metadata": {}}


def shows(mime, value):
    return {"output_type": "display_data", "metadata": {}, "data": {mime: value}}


def prints(value, name="stdout"):
    return {"output_type": "stream", "name": name, "text": value}


def question(source, count):
    asked = code(source, count=count, outputs=[shows("text/plain", "Question (choose one): z?")])
    return asked | {"metadata": {"jupyter": {"source_hidden": True}}}


SVG = '<svg role="img" aria-label="The update gate rises from 0 to 1."></svg>'
GOOD = {
    "metadata": {"kernelspec": {"name": "python3"}},
    "cells": [
        prose("# A lesson\n\n" + "\n\n".join(f"## {name}\n\nWords." for name in rules.SECTIONS)),
        prose("Predict: what will z be?\n<details><summary>Answer</summary>Half.</details>"),
        code("GateLab()", outputs=[shows("image/svg+xml", SVG), shows("text/plain", "GateLab: z=0.5")]),
        code("# Not compared: CPUs differ\ntrain()", count=2, tags=[rules.IGNORE]),
        code("assert loss < 1\nprint(f'{loss:.3f}')", count=3, outputs=[prints("0.123\n")]),
        question("# A question\nChoose(...)", count=4),
        question("# A question\nOrder(...)", count=5),
    ],
}
ANSWER = {
    "nbgrader": {"schema_version": 3, "solution": True, "grade": False, "locked": False, "grade_id": "update_gate"}
}
# One planted mistake for every rule: the rule, and what to put in the place of a cell (or of the metadata).
PLANTED = [
    (rules.executed_in_order, 4, code("1", count=None)),
    (rules.executed_in_order, 4, code("1", count=7)),
    (rules.no_errors, 4, code("1/0", count=3, outputs=[{"output_type": "error", "ename": "ZeroDivisionError"}])),
    (rules.no_errors, 4, code("x", count=3, outputs=[prints("UserWarning", "stderr")])),
    (rules.svg_only, 2, code("x", outputs=[shows("image/png", "iVBOR")])),
    (rules.alt_text, 2, code("x", outputs=[shows("image/svg+xml", "<svg></svg>")])),
    (rules.alt_text, 2, code("x", outputs=[shows("text/html", '<img src="data:image/svg+xml;base64,PHN2Zz4=">')])),
    (rules.alt_text, 1, prose("![](images/cell.svg)")),
    (rules.alt_text, 1, prose('<img src="images/cell.svg">')),
    (rules.every_figure_is_shown, 2, code("figures.show(figure, alt='A line.')\nprint(1)", outputs=[prints("1")])),
    (rules.no_dates_in_pictures, 2, code("x", outputs=[shows("image/svg+xml", SVG + "<dc:date>2020</dc:date>")])),
    (rules.offline, 2, code("pandas.read_csv('https://example.org/a.csv')")),
    (rules.offline, 2, code("!ls")),
    (rules.offline, 2, code("%pip install numpy")),
    (rules.offline, 2, code("x", outputs=[shows("text/html", "<script src='x'></script>")])),
    (rules.hides_nothing, 2, code("warnings.filterwarnings('ignore')")),
    (rules.hides_nothing, 2, code("interact(draw, z=(0, 1))")),
    (rules.formatted_floats, 2, code("x", outputs=[prints("0.30000000000000004")])),
    (rules.no_machine_paths, 2, code("x", outputs=[prints("/home/ada/gru")])),
    (rules.ignored_cells_are_asserted, 3, code("train()", count=2, tags=[rules.IGNORE])),
    (rules.ignored_cells_are_asserted, 4, code("print('fine')", count=3)),
    (rules.structure, 0, prose("# A lesson")),
    (rules.structure, 0, prose("\n".join(f"## {name}" for name in rules.SECTIONS))),
    (rules.predict_before_lab, 1, prose("Here is a lab.")),
    (rules.questions_hide_their_source, 2, code("asked", outputs=[shows("text/plain", "Question (choose one): z?")])),
    (rules.questions_hide_their_source, 2, question("Choose(...)", count=1)),
    (rules.asks_questions, 5, code("asked", count=4)),
    (rules.exercises_as_in_the_package, 3, code("my_z = 0", count=2) | {"metadata": ANSWER}),
    (rules.right_kernel, "metadata", {}),
]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
@pytest.mark.parametrize("rule", rules.RULES, ids=lambda r: r.__name__)
def test_notebook(path, rule):
    assert rule(json.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_size(path):
    assert path.stat().st_size <= rules.MAX_BYTES


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p.name[:2] not in TENSORFLOW], ids=lambda p: p.stem)
def test_tensorflow_only_where_it_is_the_subject(path):
    sources = [rules.text(c["source"]) for c in rules.code_cells(json.loads(path.read_text(encoding="utf-8")))]
    assert not [s for s in sources if "import tensorflow" in s or "import keras" in s or "from keras" in s]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda r: r.__name__)
def test_a_good_notebook_passes(rule):
    assert rule(GOOD) == []


@pytest.mark.parametrize(("rule", "place", "bad"), PLANTED, ids=lambda v: getattr(v, "__name__", ""))
def test_a_planted_mistake_is_found(rule, place, bad):
    notebook = copy.deepcopy(GOOD)
    if place == "metadata":
        notebook["metadata"] = bad
    else:
        notebook["cells"][place] = bad
    assert rule(notebook) != []


def test_a_question_before_a_lab_is_a_prediction():
    notebook = copy.deepcopy(GOOD)
    notebook["cells"][1:2] = [prose("Here is a lab."), notebook["cells"][-1]]
    assert rules.predict_before_lab(notebook) == []


def test_every_rule_has_a_planted_mistake():
    assert {rule for rule, _, _ in PLANTED} == set(rules.RULES)


def test_links_between_notebooks_lead_somewhere():
    link = re.compile(r"\]\((?!https?:|#|attachment:)([^)#]+)")
    for path in NOTEBOOKS:
        targets = link.findall(rules.markdown(json.loads(path.read_text(encoding="utf-8"))))
        assert [target for target in targets if not (FOLDER / target).exists()] == []


def test_the_collection_is_there():
    assert [path.name[:2] for path in NOTEBOOKS] == sorted({path.name[:2] for path in NOTEBOOKS})
    assert {"00", "02", "03"} <= {path.name[:2] for path in NOTEBOOKS}


def test_questions_of_every_kind_are_asked():
    asked = {"choose one": 0, "choose all": 0, "put in order": 0, "predict a number": 0, "predict in a sentence": 0}
    for path in NOTEBOOKS:
        for shown in map(rules.plain, rules.code_cells(json.loads(path.read_text(encoding="utf-8")))):
            for kind in asked:
                asked[kind] += any(said.startswith(f"Question ({kind}") for said in shown)
    assert min(asked.values()) > 0, asked


def test_each_exercise_is_in_one_notebook():
    notebooks = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in NOTEBOOKS}
    assert exercise_cells.each_in_one(notebooks) == []
