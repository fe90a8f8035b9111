"""What every stored notebook must satisfy. Each rule takes a parsed notebook and returns a list of problems."""

import re

import exercise_cells

MAX_BYTES = 1_000_000
SECTIONS = ("What you will be able to do", "Time needed", "What to remember", "Exercises", "References")
IGNORE = "nbval-ignore-output"


def text(value):
    """A notebook's multi-line string, stored as one string or as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def code_cells(notebook):
    """The code cells that hold code."""
    return [c for c in notebook["cells"] if c["cell_type"] == "code" and text(c["source"]).strip()]


def markdown(notebook):
    """All prose in one string."""
    return "\n\n".join(text(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown")


def outputs(notebook):
    """Pairs (cell id, output) of all stored outputs."""
    return [(c.get("id", "?"), out) for c in code_cells(notebook) for out in c["outputs"]]


def data(notebook):
    """Triples (cell id, MIME type, content) of all stored rich outputs."""
    return [
        (cell, mime, text(value))
        for cell, out in outputs(notebook)
        for mime, value in out.get("data", {}).items()
        if isinstance(value, str | list)
    ]


def printed(notebook):
    """Pairs (cell id, text) of everything stored as plain text."""
    streams = [(cell, text(out["text"])) for cell, out in outputs(notebook) if out["output_type"] == "stream"]
    return streams + [(cell, value) for cell, mime, value in data(notebook) if mime == "text/plain"]


def plain(cell):
    """What the rich outputs of a code cell say in plain text."""
    return [text(out.get("data", {}).get("text/plain", "")) for out in cell.get("outputs", [])]


def asks(cell):
    """Whether a code cell shows a question."""
    return any(shown.startswith("Question (") for shown in plain(cell))


def executed_in_order(notebook):
    """Every code cell has run, from top to bottom, in one go: else nbval compares nothing there."""
    counts = [c.get("execution_count") for c in code_cells(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"execution counts are {counts}, not 1, 2, 3, ..."]


def no_errors(notebook):
    """No stored traceback and nothing on the error stream."""
    bad = [
        (cell, out) for cell, out in outputs(notebook) if out["output_type"] == "error" or out.get("name") == "stderr"
    ]
    return [f"cell {cell} stores {out['output_type']} {out.get('ename', out.get('name'))}" for cell, out in bad]


def svg_only(notebook):
    """Pictures are SVG, which nbval compares; PNG and JPEG it skips."""
    return [f"cell {cell} stores {mime}" for cell, mime, _ in data(notebook) if mime in ("image/png", "image/jpeg")]


def alt_text(notebook):
    """Every picture says in words what it shows, in outputs and in prose."""
    problems = []
    for cell, mime, value in data(notebook):
        if mime == "image/svg+xml":
            label = re.search(r'<svg[^>]*\baria-label="([^"]*)"', value)
            if not label or len(label.group(1)) < 20:
                problems.append(f"cell {cell}: its SVG has no aria-label of 20 characters or more")
        if "html" in mime and re.search(r'<img(?![^>]*\balt="[^"]{20,}")', value):
            problems.append(f"cell {cell}: its <img> has no alt text of 20 characters or more")
    prose = markdown(notebook)
    problems += [
        f"picture {src} has no alt text" for alt, src in re.findall(r"!\[(.*?)\]\((.*?)\)", prose) if not alt.strip()
    ]
    problems += [
        "an <img> has no alt text" for tag in re.findall(r"<img\b[^>]*>", prose) if not re.search(r'alt="[^"]+"', tag)
    ]
    return problems


def every_figure_is_shown(notebook):
    """A cell that finishes a figure stores it: what is not the last expression of a cell is lost."""
    return [
        f"cell {c.get('id')} calls figures.show and stores no SVG"
        for c in code_cells(notebook)
        if "figures.show(" in text(c["source"])
        and not any("image/svg+xml" in out.get("data", {}) for out in c["outputs"])
    ]


def no_dates_in_pictures(notebook):
    """A picture is the same on every day."""
    return [
        f"cell {cell}: its SVG holds a date" for cell, mime, v in data(notebook) if "svg" in mime and "<dc:date>" in v
    ]


def offline(notebook):
    """No cell fetches, installs or calls the shell; no output loads a script from elsewhere."""
    pattern = r"https?://|urlopen|requests\.|\bpip\b|\bconda\b|^\s*[!%]"
    problems = [
        f"cell {c.get('id')}: {found.group(0).strip()!r} in code"
        for c in code_cells(notebook)
        if (found := re.search(pattern, text(c["source"]), re.M))
    ]
    problems += [
        f"cell {cell} stores a script" for cell, mime, v in data(notebook) if "html" in mime and "<script" in v
    ]
    return problems


def hides_nothing(notebook):
    """No warning is switched off, and nothing is drawn through `interact` or `Output`, which swallow errors."""
    pattern = r"filterwarnings|simplefilter|\binteract\b|\binteractive\b|widgets\.Output|clear_output|except Exception"
    return [
        f"cell {c.get('id')}: {found.group(0)!r}"
        for c in code_cells(notebook)
        if (found := re.search(pattern, text(c["source"])))
    ]


def formatted_floats(notebook):
    """Printed floats are formatted: nbval compares strings, and the last digits differ between CPUs."""
    return [
        f"cell {cell} prints {found.group(0)}"
        for cell, value in printed(notebook)
        if (found := re.search(r"\d\.\d{9,}", value))
    ]


def no_machine_paths(notebook):
    """Nothing stored names a folder of one machine."""
    pattern = r"/(home|Users|root|tmp|site-packages)/|[A-Z]:\\\\"
    return [f"cell {cell}: {found.group(0)}" for cell, v in printed(notebook) if (found := re.search(pattern, v))]


def ignored_cells_are_asserted(notebook):
    """A cell that nbval does not compare says why, and a compared cell after it asserts what its output shows."""
    cells, problems = code_cells(notebook), []
    for i, c in enumerate(cells):
        if IGNORE not in c["metadata"].get("tags", []):
            continue
        if not re.search(r"^# Not compared: \S+", text(c["source"]), re.M):
            problems.append(f"cell {c.get('id')} is not compared and does not say why (# Not compared: ...)")
        following = cells[i + 1] if i + 1 < len(cells) else None
        if (
            following is None
            or IGNORE in following["metadata"].get("tags", [])
            or "assert" not in text(following["source"])
        ):
            problems.append(f"cell {c.get('id')} is not compared and no compared cell with an assert follows it")
    return problems


def structure(notebook):
    """A title, and the sections that every lesson has."""
    prose = markdown(notebook)
    problems = [] if prose.startswith("# ") else ["the first line is no title"]
    return problems + [
        f"no section {name!r}" for name in SECTIONS if not re.search(rf"^#+ {name}|\*\*{name}", prose, re.M)
    ]


def predict_before_lab(notebook):
    """Before every lab the learner predicts: prose with the word Predict and a folded answer, or a question."""
    problems, predicted = [], False
    for c in notebook["cells"]:
        if c["cell_type"] == "markdown":
            predicted = "Predict" in text(c["source"]) and "<details>" in text(c["source"])
        elif asks(c):
            predicted = True
        elif any(re.match(r"\w+Lab:", shown) for shown in plain(c)) and not predicted:
            problems.append(f"cell {c.get('id')} shows a lab and no prediction with a folded answer stands before it")
    return problems


def questions_hide_their_source(notebook):
    """The source of a cell that shows a question is hidden, and the line of it that is still shown is a comment."""
    asking = [c for c in code_cells(notebook) if asks(c)]
    problems = [
        f"cell {c.get('id')} shows a question, and its source, in which the answer stands, is not hidden"
        for c in asking
        if not c["metadata"].get("jupyter", {}).get("source_hidden")
    ]
    return problems + [
        f"cell {c.get('id')} begins with no comment; JupyterLab shows the first line of a hidden source"
        for c in asking
        if not text(c["source"]).startswith("# ")
    ]


def asks_questions(notebook):
    """At least two questions stand between the sections."""
    count = sum(map(asks, code_cells(notebook)))
    return [] if count >= 2 else [f"{count} questions, not two or more"]


def exercises_as_in_the_package(notebook):
    """What an exercise says stands in gru_lib.exercises, word for word: there it is changed, and then put in again."""
    return exercise_cells.as_in_the_package(notebook)


def right_kernel(notebook):
    """The kernel's name is there (without it JupyterLab asks), and no trace of one machine's Python."""
    name = notebook["metadata"].get("kernelspec", {}).get("name")
    return [] if name == "python3" else [f"kernelspec is {name!r}, not 'python3'"]


RULES = (
    executed_in_order,
    no_errors,
    svg_only,
    alt_text,
    every_figure_is_shown,
    no_dates_in_pictures,
    offline,
    hides_nothing,
    formatted_floats,
    no_machine_paths,
    ignored_cells_are_asserted,
    structure,
    predict_before_lab,
    questions_hide_their_source,
    asks_questions,
    exercises_as_in_the_package,
    right_kernel,
)
