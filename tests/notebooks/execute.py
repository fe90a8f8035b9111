"""Run notebooks from top to bottom and store their outputs: `python tests/notebooks/execute.py notebooks/*.ipynb`.

What differs from run to run without meaning is not stored (time stamps, widget ids), so an unchanged notebook stays
the same file. A lab is stored as the picture of its first state; it comes alive when the notebook is run.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"


def run(path, store_widget_state=False):
    """The notebook at `path`, executed in its own folder."""
    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook,
        timeout=300,
        resources=resources,
        store_widget_state=store_widget_state,
        coalesce_streams=True,  # a print is one output, also on a busy machine
    )
    return client.execute()


def drop_progress_bars(cell):
    """Drop what has a widget and no picture where the output differs between runs: it says nothing once it is full."""
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        cell.outputs = [
            output for output in cell.outputs if WIDGET not in output.get("data", {}) or "image/svg+xml" in output.data
        ]


def tidy(notebook):
    """Drop what is different in every run, and number the cells."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = nbformat.from_dict(
            {k: cell.metadata[k] for k in ("jupyter", "nbgrader", "slideshow", "tags") if cell.metadata.get(k)}
        )
        if cell.cell_type == "code":
            drop_progress_bars(cell)
            for output in cell.outputs:
                output.get("data", {}).pop(WIDGET, None)  # a lab is stored as a picture, a box of labs in words
    return notebook


def main(paths):
    """Execute each notebook in its own folder."""
    for path in map(Path, paths):
        start = time.perf_counter()
        notebook = run(path)
        nbformat.write(tidy(notebook), path)
        print(f"{path}: {time.perf_counter() - start:.1f} s, {path.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
