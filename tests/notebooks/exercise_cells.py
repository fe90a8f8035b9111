"""Put exercises into notebooks: `python tests/notebooks/exercise_cells.py NOTEBOOK NAME ... --after "Exercises"`.

`gru_lib.exercises` is the one source of what an exercise says. In a notebook it is four cells, with the metadata that
nbgrader reads: the prompt, the solution between two marks, the check, and the explanation, folded. Run again without
names, the command brings every exercise of the notebooks up to date; `--check` names what is not, what stands in no
notebook and what stands in two. Execute the notebook afterwards.
"""

import argparse
import ast
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from gru_lib import exercises

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
TAG = "solution"  # of every cell that a student version is without
# The nbgrader id of each cell of an exercise, from the exercise's name.
PROMPT, SOLUTION, CHECK, EXPLANATION = "prompt-{}", "{}", "check-{}", "explanation-{}"
PARTS = (PROMPT, SOLUTION, CHECK, EXPLANATION)
POINTS = {"write": 2, "repair": 2, "design": 2}  # the others: 1


def put(notebook, name, after=None):
    """Insert the cells of one exercise; if it is there already, write them anew where they stand.

    `notebook`: a parsed notebook, changed in place. `after`: the id of a cell, or a heading: the exercise then stands
    at the end of what is under that heading, up to the next one, behind the exercises that stand there already.
    Raises ValueError: no such exercise or place; what the cells need is not imported before them.
    """
    task = exercises.exercise(name)
    ids = {part.format(name) for part in PARTS}
    old = [i for i, cell in enumerate(notebook.cells) if grade_id(cell) in ids]
    place = old[0] if old else place_after(notebook, after)
    notebook.cells = [cell for i, cell in enumerate(notebook.cells) if i not in old]
    before = notebook.cells[:place]
    missing = {"exercises", *names_used(task.solution, task.start, task.given)} & {"exercises", "np"} - defined(before)
    if missing:
        raise ValueError(f"{name}: import {' and '.join(sorted(missing))} before it")
    notebook.cells[place:place] = cells_of(task, before)


def place_after(notebook, after):
    """The index behind the cell `after`, or behind the text under the heading `after`, whose cell may be split."""
    if not after:
        raise ValueError("say after which cell or heading the exercise is to stand")
    for i, cell in enumerate(notebook.cells):
        heading = (
            re.search(rf"^#+ {re.escape(after)}\b.*$", cell.source, re.M) if cell.cell_type == "markdown" else None
        )
        if not heading and cell.get("id") != after:
            continue
        following = re.compile(r"^#+ ", re.M).search(cell.source, heading.end()) if heading else None
        if following:
            rest = new_markdown_cell(cell.source[following.start() :])
            cell.source = cell.source[: following.start()].rstrip()
            notebook.cells.insert(i + 1, rest)
        ends = i + 1
        while ends < len(notebook.cells) and grade_id(notebook.cells[ends]):
            ends += 1
        return ends
    raise ValueError(f"no cell has the id {after!r} and no heading begins with it")


def cells_of(task, before):
    """The four cells of an exercise that stands behind the cells `before`."""
    parts = (
        new_markdown_cell(task.prompt),
        new_code_cell(solution_source(task, before)),
        new_code_cell(task.call),
        new_markdown_cell(f"<details><summary>Explanation</summary>\n\n{task.explanation}\n</details>"),
    )
    for part, cell in zip(PARTS, parts, strict=True):
        graded = part is CHECK
        cell.id = part.format(task.name).replace("_", "-")[:64]
        cell.metadata["nbgrader"] = {
            "schema_version": 3,
            "grade_id": part.format(task.name),
            "solution": part is SOLUTION,
            "grade": graded,
            "locked": part is not SOLUTION,
            "task": False,
            **({"points": POINTS.get(task.kind, 1)} if graded else {}),
        }
    parts[1].metadata["jupyter"] = {"source_hidden": True}
    parts[2].metadata["jupyter"] = {"outputs_hidden": True}  # "Right", and why; shown again when the cell is run
    parts[3].metadata["tags"] = [TAG]
    return list(parts)


def solution_source(task, before):
    """The code of the solution cell: what the solution needs and no cell before it defines comes with it."""
    shown, hidden = given(task, before)
    return laid_out(*shown, BEGIN, *hidden, task.solution, END)


def start_source(task, before):
    """The code that a learner finds in the place of the solution."""
    return laid_out(*given(task, before)[0], task.start)


def given(task, before):
    """What the exercise takes as given and no cell before defines: what its start uses, and the rest; lists of code."""
    there, seen, wanted = defined(before), defined(before, solutions=False), names_used(task.start)
    shown, hidden = [], []
    for statement in reversed(ast.parse(task.given).body):
        bound, code = bound_by(statement), ast.get_source_segment(task.given, statement)
        if bound & wanted and not bound & seen:
            wanted |= names_used(code)
            shown.insert(0, code)
        elif not bound & there:
            hidden.insert(0, code)
    return shown, hidden


def bound_by(statement):
    """The names that a statement at top level binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def defined(cells, solutions=True):
    """The names that code cells bind at top level; without `solutions`, those alone that a learner's version has too."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    sources = [text(cell) if solutions else without_solution(cell) for cell in code]
    return set().union(*(bound_by(statement) for source in sources for statement in ast.parse(source).body))


def without_solution(cell):
    """The source of a cell without what stands between the marks; "" if the whole cell is a solution."""
    kept = re.sub(rf"^{BEGIN}$.*?^{END}$", "", text(cell), flags=re.M | re.S).strip("\n")
    return "" if TAG in cell["metadata"].get("tags", ()) else kept


def names_used(*codes):
    """All names that occur in pieces of code."""
    return {node.id for code in codes for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def laid_out(*pieces):
    """Pieces of code, one below the other, as the formatter wants them: two empty lines before and behind a function."""
    lines = []
    for piece in pieces:
        behind = lines and lines[-1].startswith(" ")
        before = lines and lines[-1] != BEGIN and piece.startswith(("def ", "class "))
        lines += ["", ""] if behind or before else []
        lines += piece.split("\n")
    return "\n".join(lines)


def text(cell):
    """The source of a cell, stored as one string or as a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def grade_id(cell):
    """A cell's nbgrader id, None if it has none."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def names_in(notebook):
    """The names of the exercises in a notebook, in their order."""
    return [grade_id(cell) for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]


def as_in_the_package(notebook):
    """A list of problems: exercises that are not, cell by cell and word for word, what the package says."""
    cells, problems = notebook["cells"], []
    for name in names_in(notebook):
        if name not in exercises.names():
            problems.append(f"there is no exercise {name!r}")
            continue
        ids = [part.format(name) for part in PARTS]
        first = next(i for i, cell in enumerate(cells) if grade_id(cell) in ids)
        wanted = cells_of(exercises.exercise(name), cells[:first])
        for cell, found in zip(wanted, cells[first : first + len(wanted)], strict=False):
            if (cell.cell_type, cell.source) != (found["cell_type"], text(found)):
                problems.append(f"{grade_id(cell)} is not what gru_lib.exercises says")
            if any(found["metadata"].get(key) != value for key, value in cell.metadata.items()):
                problems.append(f"{grade_id(cell)} has not the metadata of its part of an exercise")
        if [grade_id(cell) for cell in cells if grade_id(cell) in ids] != ids:
            problems.append(f"{name} has not its four cells, once and in their order")
    return problems


def each_in_one(notebooks):
    """A list of problems: exercises that stand in no notebook of the dict {file name: notebook}, in two, or in another lesson's."""
    places = {name: [] for name in exercises.names()}
    for file, notebook in notebooks.items():
        for name in names_in(notebook):
            places.setdefault(name, []).append(file)
    problems = [
        f"{name} is in {' and '.join(files) or 'no notebook'}" for name, files in places.items() if len(files) != 1
    ]
    for name in exercises.names():
        for file in places[name]:
            if int(file[:2]) != exercises.exercise(name).lesson:
                problems.append(f"{name} belongs to lesson {exercises.exercise(name).lesson} and is in {file}")
    return problems


def main(arguments=None):
    """Put exercises into one notebook, bring those of several up to date, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("words", nargs="+", metavar="NOTEBOOK|NAME", help="files, and names of exercises")
    parser.add_argument("--after", help="id of a cell, or the beginning of a heading")
    parser.add_argument("--check", action="store_true", help="change nothing, say what is not as in the package")
    options = parser.parse_args(arguments)
    paths = [Path(word) for word in options.words if word.endswith(".ipynb")]
    names = [word for word in options.words if not word.endswith(".ipynb")]
    if names and (len(paths) != 1 or options.check):
        parser.error("names go into one notebook")
    notebooks = {path: nbformat.read(path, 4) for path in paths}
    if options.check:
        problems = [f"{path.name}: {problem}" for path in paths for problem in as_in_the_package(notebooks[path])]
        problems += each_in_one({path.name: notebooks[path] for path in paths})
        sys.exit("\n".join(problems) or None)
    for path, notebook in notebooks.items():
        try:
            for name in names or names_in(notebook):
                put(notebook, name, options.after)
        except ValueError as error:
            sys.exit(f"{path}: {error}")
        nbformat.write(notebook, path)
        print(f"{path}: {', '.join(names or names_in(notebook)) or 'no exercises'}")


if __name__ == "__main__":
    main()
