"""Fixtures of the browser tests: one JupyterLab and one Chromium for all of them, a fresh page for each."""

import pytest
from harness import chromium, find_chromium, jupyterlab, write_notebook


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
def gate_lab(open_notebook, tmp_path):
    """Open a notebook that shows one lab called `lab`; `code` makes it."""

    def open_(code="lab = GateLab()", *more):
        cells = (f"from gru_lib.labs import GateLab\n{code}\nlab", *more)
        page = open_notebook(write_notebook(tmp_path / "lab.ipynb", *cells))
        page.locator(".gru-lab svg").first.wait_for()
        return page

    return open_
