"""A real JupyterLab in headless Chromium, and a page that notices every error: kernel, console, script.

The tests use it through the fixtures of conftest.py; the screenshot and the benchmark use it as it stands.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import nbformat

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NO_CHROMIUM = (
    "The browser tests need Chromium, and none was found: install it with `apt-get install chromium` (Debian, Ubuntu), "
    "or set CHROMIUM to the path of a Chromium or Chrome."
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
# Of JupyterLab's own making, with no bearing on a notebook; every other console error fails a test.
HARMLESS = ("favicon.ico", "the server responded with a status of 404", "ERR_INTERNET_DISCONNECTED")
IDLE = """() => {
    const widget = jupyterapp?.shell?.currentWidget, kernel = widget?.context?.sessionContext?.session?.kernel;
    return Boolean(widget?.context?.isReady && kernel?.status === "idle");
}"""


def find_chromium():
    """The path of the browser; a sentence that says how to install one if there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None or not Path(path).exists():
        raise FileNotFoundError(NO_CHROMIUM)
    return path


@contextmanager
def chromium():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium has no sandbox for root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGS, *(["--no-sandbox"] if root else [])])
        try:
            yield browser
        finally:
            browser.close()


class Jupyter:
    """A running JupyterLab: opens notebooks of its own folder in pages of a browser."""

    def __init__(self, url, token, root):
        self.url, self.token, self.root = url, token, root

    def open(self, context, path, run=True):
        """Copy a notebook into the server's folder, open it, run it; returns the page.

        `page.problems` fills with the errors of the kernel, also those that a widget swallowed, of scripts, and
        of the console.
        """
        space = Path(tempfile.mkdtemp(prefix="nb", dir=self.root))
        folder = space / "notebooks"
        folder.mkdir()
        shutil.copy(path, folder)
        # What a notebook of the collection refers to by relative path; the notebook itself is a copy, so that
        # running it changes nothing.
        if Path(path).parent == NOTEBOOKS:
            for target, link in ((NOTEBOOKS / "images", folder), (NOTEBOOKS.parent / "tests", space)):
                if target.exists():
                    (link / target.name).symlink_to(target)
            (space / "data").symlink_to(NOTEBOOKS.parent / "data")
        page = context.new_page()
        page.problems = []
        page.on("websocket", lambda ws: ws.on("framereceived", lambda data: _kernel_error(page, data)))
        page.on("pageerror", lambda error: page.problems.append(f"page error: {error}"))
        page.on("console", lambda message: _console_error(page, message))
        where = f"{space.name}/notebooks/{Path(path).name}"
        page.goto(f"{self.url}/lab/workspaces/{space.name}/tree/{where}?token={self.token}")
        page.wait_for_function("() => window.jupyterapp", timeout=90_000)
        page.wait_for_function(IDLE, timeout=90_000)
        if run:
            page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
            page.wait_for_function(IDLE, timeout=600_000)
        return page


def _kernel_error(page, data):
    data = data if isinstance(data, bytes) else data.encode()
    if b'"msg_type": "error"' in data or b'"msg_type":"error"' in data:
        text = re.sub(r"\\u001b\[[\d;]*m", "", data.decode("utf8", "replace"))
        page.problems.append("kernel error: " + text[text.find('{"traceback"') :].replace("\\n", "\n"))


def _console_error(page, message):
    where = message.location.get("url", "")
    if message.type == "error" and not any(word in message.text or word in where for word in HARMLESS):
        page.problems.append(f"console error: {message.text} ({where})")


@contextmanager
def jupyterlab(base):
    """A JupyterLab with settings of its own under the folder `base`, on a free port of this machine."""
    root, app = base / "root", base / "app"
    root.mkdir(parents=True)
    app.mkdir()
    (app / "overrides.json").write_text(json.dumps(QUIET))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment |= {
        "JUPYTER_CONFIG_DIR": str(base / "config"),
        "JUPYTER_RUNTIME_DIR": str(base / "runtime"),
        "IPYTHONDIR": str(base / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(base / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(base / "workspaces"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"]
    command += [f"--LabApp.app_settings_dir={app}", "--expose-app-in-browser"]
    log = base / "lab.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = monotonic() + 60
        while True:
            if server.poll() is not None or monotonic() > deadline:
                raise RuntimeError("JupyterLab did not start:\n" + log.read_text())
            try:
                with urllib.request.urlopen(f"{url}/api/status?token={token}", timeout=2):
                    break
            except OSError:
                sleep(0.1)
        yield Jupyter(url, token, root)
    finally:
        server.terminate()  # its kernels go with it
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def write_notebook(path, *cells):
    """A notebook of code cells, with the kernel named so that JupyterLab does not ask for it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell{i}"  # the same notebook on every run
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


def set_theme(page, dark):
    """Switch JupyterLab's theme; wait until the splash it shows meanwhile has faded, for it bears no second one."""
    theme = "JupyterLab Dark" if dark else "JupyterLab Light"
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{'false' if dark else 'true'}'")
    page.wait_for_function("() => !document.getElementById('jupyterlab-splash')")
