"""Make the student or the instructor version of notebooks: `python tests/notebooks/versions.py student NOTEBOOK ...`.

The notebooks in notebooks/ carry the solutions, in nbgrader's marks and metadata. In the student version there is the
exercise's own start in the place of each solution, and all that is tagged `solution` or folded as *Solution* is gone.
Run, it keeps what the checks say and the questions, but no result: that would give the predictions away.
The instructor version shows the start and, between nbgrader's marks, the solution below it; nbgrader makes a release
from it (notebooks/TEACHING.md says how). Each version is run from top to bottom, and stored only if it holds what it
promises: no line of a solution and "Not yet" at every check, or "Right" at every check.

Cells behind an exercise must not rely on a right answer: what they need comes from gru_lib or from a cell that is no
solution; for instance `step = my_step if verdict else exercises.exercise("gru_step").right`. The run of the student
version shows it. A lesson that shows a line of a solution on purpose says so by the tag `given` of the cell.
"""

import copy
import re
import shutil
import sys
from pathlib import Path

import exercise_cells
import nbformat
from execute import run, tidy
from exercise_cells import BEGIN, END, TAG, grade_id, laid_out
from nbclient.exceptions import CellExecutionError
from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor
from nbformat.v4 import new_markdown_cell
from rules import asks

from gru_lib import exercises

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDED = re.compile(r"<details>\s*<summary>Solutions?\b.*?</details>\n?", re.S)  # and not <summary>Reveal
CALLED = re.compile(r"# .*\ba solution$", re.M)  # the first line of a code cell that shows one
SAYS = {"student": "Not yet", "instructor": "Right"}
SHORT = 20  # characters; a line as short as that is anybody's
GIVEN = "given"  # the tag of a cell whose lines a lesson shows on purpose, though a solution has them too


def student(notebook):
    """A new notebook: the student version of a committed one, not run yet."""
    made, _ = TagRemovePreprocessor(remove_cell_tags={TAG}).preprocess(marked(notebook), {})
    for cell, task, before in solution_cells(notebook, made):
        cell.source = exercise_cells.start_source(task, before)
    return ClearOutputPreprocessor().preprocess(made, {})[0]


def instructor(notebook):
    """A new notebook: the instructor version of a committed one, not run yet."""
    made = marked(notebook)
    for cell, task, before in solution_cells(notebook, made):
        shown, hidden = exercise_cells.given(task, before)
        cell.source = laid_out(*shown, task.start, BEGIN, *hidden, task.solution, END)
    for cell in checks(made):
        hidden_test = f"### BEGIN HIDDEN TESTS\nassert {cell.source}\n### END HIDDEN TESTS\n"
        cell.source = hidden_test + cell.source  # nbgrader gives points where nothing is raised
    return ClearOutputPreprocessor().preprocess(made, {})[0]


def marked(notebook):
    """A copy whose exercises are unfolded; a solution folded into prose, or called one in code, is a tagged cell."""
    made, cells = copy.deepcopy(notebook), []
    for cell in made.cells:
        if grade_id(cell):
            cell.metadata.pop("jupyter", None)
        if cell.cell_type == "code" and CALLED.match(cell.source):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), TAG]
        if cell.cell_type != "markdown" or TAG in cell.metadata.get("tags", []) or not FOLDED.search(cell.source):
            cells.append(cell)
            continue
        end = 0
        for fold in [*FOLDED.finditer(cell.source), None]:
            prose = cell.source[end : fold.start() if fold else None].strip("\n")
            cells += [new_markdown_cell(prose)] if prose.strip() else []
            if fold:
                cells.append(new_markdown_cell(fold[0].strip("\n"), metadata={"tags": [TAG]}))
                end = fold.end()
    made.cells = cells
    return made


def solution_cells(notebook, made):
    """Triples: a cell of `made` for an answer, its exercise, and what stands before it in the committed notebook."""
    ids = [grade_id(cell) for cell in notebook.cells]
    for cell in made.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            first = ids.index(exercise_cells.PROMPT.format(grade_id(cell)))
            yield cell, exercises.exercise(grade_id(cell)), notebook.cells[:first]


def checks(notebook):
    """The cells that check an answer."""
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def lines(*texts):
    """The lines of texts, spaces made alike, without those too short to tell anything."""
    plain = {" ".join(line.split()) for text in texts for line in text.splitlines()}
    return {line for line in plain if len(line) > SHORT}


def secrets(notebook):
    """The lines of all solutions and explanations of a committed notebook that nothing shows on purpose."""
    tasks = [exercises.exercise(name) for name in exercise_cells.names_in(notebook)]
    cells = marked(notebook).cells
    hidden = [cell.source for cell in cells if TAG in cell.metadata.get("tags", [])]
    for cell in cells:
        hidden += re.findall(rf"^{BEGIN}$(.*?)^{END}$", cell.source, re.M | re.S)
    for task in tasks:
        hidden += [task.solution, task.explanation]
    given = [cell.source for cell in cells if GIVEN in cell.metadata.get("tags", [])]
    given += [text for task in tasks for text in (task.prompt, exercise_cells.start_source(task, []))]
    return lines(*hidden) - lines(*given)


def leaks(notebook, made):
    """The lines of solutions and explanations of `notebook` that `made`, its student version, still shows."""
    shown = [cell.source for cell in made.cells]
    for cell in made.cells:
        for output in cell.get("outputs", []):
            shown += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return sorted(secrets(notebook) & lines(*shown))


def problems(kind, notebook, made):
    """What an executed version of `notebook` does not keep of its promise, a list."""
    found = [f"shows of a solution: {line}" for line in (leaks(notebook, made) if kind == "student" else ())]
    wanted = [exercise_cells.CHECK.format(name) for name in exercise_cells.names_in(notebook)]
    if [grade_id(cell) for cell in checks(made)] != wanted:
        found.append("has not one check for each exercise")
    for cell in checks(made):
        said = cell.outputs[-1].get("data", {}).get("text/plain", "nothing") if cell.outputs else "nothing"
        if not said.startswith(SAYS[kind]):
            found.append(f"{grade_id(cell)} says {said!r}, not {SAYS[kind]!r}")
    return found


def bring_files(notebook, folder):
    """Copy what the notebook names of the project into `folder`, and let it look there: the folder can be handed out."""
    for cell in notebook.cells:
        for name in re.findall(r"\.\./((?:data|tests)/[\w./-]*\w)", cell.source):
            bring(ROOT / name, folder / name)
        cell.source = re.sub(r"\.\./(?=(?:data|tests)/)", "", cell.source)
    bring(ROOT / "notebooks/images", folder / "images")


def bring(source, target):
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def make(kind, path, folder):
    """Write one version of the notebook at `path` into `folder`, run; returns the list of its problems."""
    notebook = nbformat.read(path, 4)
    found = exercise_cells.as_in_the_package(notebook)
    if found:
        return found
    made = {"student": student, "instructor": instructor}[kind](notebook)
    bring_files(made, folder)
    target = folder / path.name
    nbformat.write(made, target)
    try:
        made = tidy(run(target))
    except CellExecutionError as error:
        return [f"does not run to its end: {error.ename}: {error.evalue}"]
    found = problems(kind, notebook, made)
    if kind == "student":
        forget_results(made)
    nbformat.write(made, target)
    return found


def forget_results(made):
    """Take away what was shown when a student version was run: it would give every prediction away.

    What the checks say stays, and the questions, whose answers are folded.
    """
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
            if not (asks(cell) or cell in checks(made)):
                cell.outputs = []


def main(kind, paths):
    """Make one version of each notebook in build/student/ or build/instructor/; fail if one is not as promised."""
    folder = ROOT / "build" / kind
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "instructor":
        shutil.copy(HERE / "nbgrader_config.py", folder)
    failed = False
    for path in map(Path, paths):
        found = make(kind, path, folder)
        failed = failed or bool(found)
        print(f"build/{kind}/{path.name}: {f'{len(found)} problems' if found else 'as promised'}", flush=True)
        print("".join(f"  {problem}\n" for problem in found), end="", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in SAYS:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
