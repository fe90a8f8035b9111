"""Fixtures of the browser tests: one JupyterLab and one Chromium for all of them, a fresh page for each."""

import sys
from pathlib import Path

import npm_packages
import pytest
from harness import chromium, find_chromium, jupyterlab, write_notebook

sys.path.insert(0, str(Path(__file__).parents[1] / "notebooks"))
from export import CDN

LABS = {
    "GateLab": "GateLab()",
    "SequenceLab": 'SequenceLab(preset="copy")',
    "GradientLab": 'GradientLab(paths="show")',
    "ConventionLab": "ConventionLab(units=4)",
    "DescentLab": 'DescentLab(cost="cliff")',
    "LossCurve": "curve",
    "ForecastLab": "ForecastLab()",
}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    try:
        find_chromium()
    except FileNotFoundError as missing:
        pytest.fail(str(missing), pytrace=False)
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def packages():
    """The folder of the npm packages."""
    try:
        return npm_packages.install()
    except RuntimeError as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def site(tmp_path_factory, packages):
    """A folder, and the address at which its files are served."""
    folder = tmp_path_factory.mktemp("html")
    with npm_packages.served(folder) as address:
        yield folder, address


@pytest.fixture
def open_html(site, browser):
    """Open a page, HTML text; it must end without a problem.

    What it takes from the CDN comes from the installed packages (`cdn=False`: is refused); what else it asks for
    beyond its own address is refused, and fails the test.
    """
    folder, address = site
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"page error: {error}"))
    page.on("console", lambda said: said.type == "error" and page.problems.append(f"console error: {said.text}"))

    def answer(route, cdn):
        asked = route.request.url
        if asked.startswith(CDN) and not cdn:
            route.abort()
        elif asked.startswith(CDN):
            route.fulfill(response=route.fetch(url=f"{address}/npm/{asked.removeprefix(CDN)}"))
        elif asked.startswith(address):
            route.fulfill(status=204) if asked.endswith("/favicon.ico") else route.continue_()
        else:
            page.problems.append(f"asked for {asked}")
            route.abort()

    def open_(html, cdn=True, size=None):
        (folder / "page.html").write_text(html, encoding="utf-8")
        context.route("**/*", lambda route: answer(route, cdn))
        if size:
            page.set_viewport_size(size)
        page.goto(f"{address}/page.html")
        return page

    yield open_
    problems = list(page.problems)
    context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def open_notebook(server, browser):
    """Open and run a notebook; its page must end without a problem."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    pages = []

    def open_(path, run=True):
        pages.append(server.open(context, path, run))
        return pages[-1]

    yield open_
    problems = [problem for page in pages for problem in page.problems]
    context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def show_lab(open_notebook, tmp_path):
    """Open a notebook that shows one lab called `lab`, which `code` makes; gives its page and the lab in it."""

    def open_(code):
        cell = f"from gru_lib.labs import {', '.join(LABS)}\n{code}\nlab"
        page = open_notebook(write_notebook(tmp_path / "lab.ipynb", cell))
        page.locator(".gru-lab svg").first.wait_for()
        return page, page.locator(".gru-lab")

    return open_


@pytest.fixture(scope="module")
def every_lab(server, browser, tmp_path_factory):
    """A page that shows one lab of each kind, with much of it on the screen; it must end without a problem."""
    names = ", ".join(LABS)
    code = f"from IPython.display import display\nfrom gru_lib.labs import {names}\n"
    code += "curve = LossCurve()\nfor epoch in range(1, 30):\n    curve.add(epoch, 1 / epoch, 2 / epoch)\n"
    path = write_notebook(tmp_path_factory.mktemp("labs") / "labs.ipynb", f"{code}display({', '.join(LABS.values())})")
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, device_scale_factor=2)
    page = server.open(context, path)
    for name in LABS:
        page.locator(f'.gru-lab[aria-label^="{name}"] svg').first.wait_for()
    page.locator(".gru-lab summary").evaluate_all("all => all.forEach(one => one.click())")
    yield page
    problems = page.problems
    context.close()
    assert not problems, "\n".join(problems)
