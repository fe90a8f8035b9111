"""Write notebooks as web pages whose labs work without a kernel: `python tests/notebooks/export.py notebooks/*.ipynb`.

Each notebook is executed, and its page goes to build/html/. The page holds all a lab needs: its state, its arithmetic
and its picture. What brings widgets and equations to life in a page comes from a CDN, in the versions of
tests/browser/packages.json, with which the pages are tested; without a network a page shows pictures of its labs.
"""

import json
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from execute import WIDGET, drop_progress_bars, run
from nbconvert import HTMLExporter

HERE = Path(__file__).resolve().parent
STATE = "application/vnd.jupyter.widget-state+json"
CDN = "https://cdn.jsdelivr.net/npm/"  # where the widget manager looks for widgets, too


def executed(path):
    """The notebook at `path`, run, with the state of its widgets and without progress bars."""
    notebook = run(path, store_widget_state=True)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            drop_progress_bars(cell)
    return notebook


def page(notebook, path):
    """The page, HTML text, of the notebook at `path`, executed."""
    exporter = HTMLExporter(template_file=str(HERE / "page.html.j2"), **from_cdn())
    keep_shown_widgets(notebook)
    notebook.metadata["title"] = re.search(r"^# (.+)$", notebook.cells[0].source, re.M)[1]
    html, _ = exporter.from_notebook_node(notebook, {"metadata": {"path": str(path.parent)}})
    return with_page_links(html)


def version(package):
    """The version in which an npm package is pinned."""
    return json.loads((HERE.parent / "browser/packages.json").read_text())[package]["version"]


def from_cdn():
    """The options of an exporter that say where widgets and equations come from, and in which versions."""
    return {
        "require_js_url": f"{CDN}requirejs@{version('requirejs')}/require.js",
        "mathjax_url": f"{CDN}mathjax@{version('mathjax')}/MathJax.js?config=TeX-AMS_CHTML-full,Safe",
        "jupyter_widgets_base_url": CDN,
        "html_manager_semver_range": version("@jupyter-widgets/html-manager"),
    }


def with_page_links(html):
    """A page whose links to notebooks lead to their pages, and whose links to other files are plain text."""
    soup = BeautifulSoup(html, "html.parser")
    for link in soup.select("a[href]"):
        address, hash_, place = link["href"].partition("#")
        if re.fullmatch(r"[\w.-]+\.ipynb", address):
            link["href"] = address.removesuffix(".ipynb") + ".html" + hash_ + place
        elif address and "://" not in address:
            link.unwrap()  # a file of the project, which the reader of a page need not have
    return str(soup)


def keep_shown_widgets(notebook):
    """Drop the state of widgets that no output shows, such as progress bars."""
    if "widgets" not in notebook.metadata:
        return
    state = notebook.metadata["widgets"][STATE]["state"]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    wanted = [output.data[WIDGET]["model_id"] for output in outputs if WIDGET in output.get("data", {})]
    shown = set()
    while wanted:
        model = wanted.pop()
        if model not in shown:
            shown.add(model)
            wanted += re.findall(r"IPY_MODEL_(\w+)", json.dumps(state[model]["state"]))
    notebook.metadata["widgets"][STATE]["state"] = {model: state[model] for model in state if model in shown}


def write(paths, page, folder):
    """Execute each notebook and write its `page`, a function of the notebook and its path, into build/`folder`/."""
    build = HERE.parents[1] / "build" / folder
    build.mkdir(parents=True, exist_ok=True)
    for path in map(Path, paths):
        made = build / f"{path.stem}.html"
        made.write_text(page(executed(path), path), encoding="utf-8")
        print(f"build/{folder}/{made.name}: {made.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    write(sys.argv[1:], page, "html")
