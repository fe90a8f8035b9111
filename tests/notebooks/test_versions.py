"""Exercises in a notebook, and the versions made from it: on one small notebook, run for real."""

import copy
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

sys.path.insert(0, str(Path(__file__).parent))
import exercise_cells
import versions
from execute import tidy

from gru_lib import exercises

LESSON = 3
NAMES = [
    "gru_step",
    "gru_forward",
    "repair_torch",
]  # written, with something given; and one that starts from a wrong unit


def lesson():
    """A small lesson without exercises."""
    cells = [
        new_markdown_cell("# 3 · A small lesson"),
        new_code_cell("import numpy as np\nfrom gru_lib import exercises\nfrom gru_lib.labs import Choose"),
        new_markdown_cell("## What to remember\n\nLittle.\n\n## Exercises\n\nThree.\n\n## References\n\nNone."),
        new_code_cell('Choose("Which?", {"a": "Yes.", "b": "No."}, right="a")'),
        new_code_cell('step = exercises.exercise("gru_step").right\nprint(callable(step))'),
        new_markdown_cell(
            "Open.\n\n<details><summary>Solutions</summary>\n\nThe secret answer to an open question.\n</details>\n\nEnd."
        ),
        new_code_cell("# Exercise 5, a solution\nprint('another secret answer')"),
        new_markdown_cell("Predict.\n\n<details><summary>Reveal</summary>\n\nNo secret after the vote.\n</details>"),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def committed():
    notebook = lesson()
    for name in NAMES:
        exercise_cells.put(notebook, name, "Exercises")
    return notebook


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Both versions, run: {kind: (problems, notebook)}."""
    folder = tmp_path_factory.mktemp("versions")
    notebook = lesson()
    for name in NAMES:
        exercise_cells.put(notebook, name, "Exercises")
    nbformat.write(notebook, folder / "03_small.ipynb")
    found = {}
    for kind in versions.SAYS:
        found[kind] = versions.make(kind, folder / "03_small.ipynb", folder / kind)
        found[kind] = found[kind], nbformat.read(folder / kind / "03_small.ipynb", 4)
    return found


def sources(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def test_exercises_stand_in_order_under_their_heading(committed):
    assert exercise_cells.names_in(committed) == NAMES
    text = sources(committed)
    places = [
        text.index(word) for word in ("Three.", *(f'exercises.check("{name}"' for name in NAMES), "## References")
    ]
    assert places == sorted(places)


def test_put_again_changes_nothing_and_mends_what_was_changed(committed):
    before = nbformat.writes(committed)
    for name in NAMES:
        exercise_cells.put(committed, name)
    assert nbformat.writes(committed) == before
    for cell in committed.cells:
        if exercise_cells.grade_id(cell) in ("prompt-gru_step", "explanation-gru_forward"):
            cell.source = "something else"
    assert len(exercise_cells.as_in_the_package(committed)) == 2
    for name in NAMES:
        exercise_cells.put(committed, name)
    assert nbformat.writes(committed) == before


def test_what_the_start_uses_stands_before_the_marks(committed):
    solution = next(cell for cell in committed.cells if exercise_cells.grade_id(cell) == "gru_forward").source
    assert "def gru_step" not in exercise_cells.without_solution(
        nbformat.from_dict({"source": solution, "metadata": {}})
    )
    alone = exercise_cells.cells_of(exercises.exercise("repair_torch"), lesson().cells)[1]
    assert exercise_cells.without_solution(alone).startswith("def sigmoid(a):")
    assert exercise_cells.start_source(exercises.exercise("repair_torch"), lesson().cells).count("def ") == 2


@pytest.mark.parametrize(
    ("after", "says"), [(None, "after which"), ("Nowhere", "Nowhere"), ("3 · A small", "import exercises and np")]
)
def test_a_place_or_an_import_that_is_missing_is_named(after, says):
    with pytest.raises(ValueError, match=says):
        exercise_cells.put(lesson(), "gru_step", after)


def test_every_kind_of_damage_is_found(committed):
    assert exercise_cells.as_in_the_package(committed) == []
    place = {exercise_cells.grade_id(cell): i for i, cell in enumerate(committed.cells)}
    for damage in (
        lambda cells: cells[place["prompt-gru_step"]].update(source="Your turn?"),
        lambda cells: cells[place["gru_step"]].update(source=cells[place["gru_step"]].source.replace("(1 - z)", "z")),
        lambda cells: cells[place["check-gru_step"]].update(source='exercises.check("gru_forward", my_step)'),
        lambda cells: cells[place["check-gru_step"]].metadata.nbgrader.update(points=5),
        lambda cells: cells[place["gru_step"]].metadata.nbgrader.update(grade_id="gru_stop"),
        lambda cells: cells[place["explanation-gru_step"]].metadata.update(tags=[]),
        lambda cells: cells.pop(place["check-gru_step"]),
        lambda cells: cells.insert(place["gru_step"], new_markdown_cell("In between.")),
    ):
        broken = copy.deepcopy(committed)
        damage(broken.cells)
        assert exercise_cells.as_in_the_package(broken) != []


def test_each_exercise_is_in_one_notebook(committed):
    problems = exercise_cells.each_in_one({"03_small.ipynb": committed})
    assert "masked_forward is in no notebook" in problems
    assert not [problem for problem in problems if problem.startswith(tuple(NAMES))]
    twice = exercise_cells.each_in_one({"03_small.ipynb": committed, "04_other.ipynb": committed})
    assert "gru_step is in 03_small.ipynb and 04_other.ipynb" in twice
    assert "gru_step belongs to lesson 3 and is in 04_other.ipynb" in twice


def test_the_student_version_runs_and_says_not_yet(made):
    problems, student = made["student"]
    assert problems == []
    assert [cell.outputs[0].data["text/plain"][:7] for cell in versions.checks(student)] == ["Not yet"] * 3
    for name in NAMES:
        assert exercises.exercise(name).start in sources(student)


def test_the_student_version_keeps_no_secret(made, committed):
    student = made["student"][1]
    for secret in ("secret answer", "another secret", "Explanation", versions.BEGIN, 'c_h"]))\n    return z'):
        assert secret not in sources(student)
    assert "No secret after the vote." in sources(student)
    assert versions.leaks(committed, student) == []


def test_the_instructor_version_passes(made):
    problems, instructor = made["instructor"]
    assert problems == []
    for cell in versions.checks(instructor):
        assert cell.source.startswith("### BEGIN HIDDEN TESTS\nassert exercises.check(")
        assert cell.outputs[-1].data["text/plain"].startswith("Right")


def test_the_student_version_shows_no_result_before_it_is_run(made):
    _, student = made["student"]
    for cell in (cell for cell in student.cells if cell.cell_type == "code"):
        assert cell.execution_count is None
        assert bool(cell.outputs) == (cell in versions.checks(student) or cell.source.startswith("Choose("))
    assert any(cell.source.startswith("Choose(") for cell in student.cells)
    _, instructor = made["instructor"]
    assert any(cell.outputs for cell in instructor.cells if cell.source.startswith("step ="))


def test_the_committed_version_folds_what_the_others_show(made, committed):
    hidden = [cell.metadata["jupyter"] for cell in committed.cells if "jupyter" in cell.metadata]
    assert hidden == [{"source_hidden": True}, {"outputs_hidden": True}] * len(NAMES)
    for _, version in made.values():
        assert not [cell.id for cell in version.cells if "jupyter" in cell.metadata]


def test_a_solution_that_survives_is_found(made, committed):
    for place, secret in (
        (0, "The secret  answer to an open question."),
        (1, exercises.exercise("gru_forward").explanation),
    ):
        student = copy.deepcopy(made["student"][1])
        student.cells[place].source += "\n  " + secret
        assert len(versions.problems("student", committed, student)) == 1
    printed = copy.deepcopy(made["student"][1])
    versions.checks(printed)[0].outputs[0].data["text/plain"] = "Right. " + exercises.exercise("gru_step").explanation
    assert [problem for problem in versions.problems("student", committed, printed) if "not 'Not yet'" in problem]


def test_a_line_shown_on_purpose_is_no_secret(committed):
    line = exercises.exercise("gru_forward").solution.splitlines()[3]
    assert " ".join(line.split()) in versions.secrets(committed)
    committed.cells[1].source += f"\n# {line}"
    committed.cells.append(new_markdown_cell(line, metadata={"tags": [versions.GIVEN]}))
    assert " ".join(line.split()) not in versions.secrets(committed)


def test_a_later_cell_that_relies_on_an_answer_is_found(tmp_path, committed):
    committed.cells.append(new_code_cell("my_step(None, None, None).shape"))
    nbformat.write(committed, tmp_path / "03_small.ipynb")
    problems = versions.make("student", tmp_path / "03_small.ipynb", tmp_path / "student")
    assert len(problems) == 1
    assert "does not run to its end: AttributeError" in problems[0]


def test_files_of_the_project_come_along(tmp_path):
    notebook = new_notebook(cells=[new_code_cell('open("../tests/reference/torch.npz", "rb").close()')])
    versions.bring_files(notebook, tmp_path)
    assert notebook.cells[0].source == 'open("tests/reference/torch.npz", "rb").close()'
    assert (tmp_path / "tests/reference/torch.npz").stat().st_size > 1000


def test_tidy_keeps_what_versions_and_slides_read(committed):
    committed.cells[0].metadata.update(slideshow={"slide_type": "skip"}, collapsed=True)
    kept = [(exercise_cells.grade_id(cell), cell.metadata.get("tags")) for cell in committed.cells]
    tidied = tidy(committed)
    assert [(exercise_cells.grade_id(cell), cell.metadata.get("tags")) for cell in tidied.cells] == kept
    assert tidied.cells[0].metadata == {"slideshow": {"slide_type": "skip"}}
    assert exercise_cells.as_in_the_package(tidied) == []
