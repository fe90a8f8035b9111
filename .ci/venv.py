"""Make `.venv` hold exactly what `requirements.lock` says, and this project; do nothing if it already does.

Run by `make` with any Python the machine has. Every failure a fresh machine can meet ends in one sentence.
Only the standard library is used, and nothing is fetched whose hash is not in the lock.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed.json"
LOWEST, ABOVE = (3, 11), (3, 14)
# JupyterLab as a lesson needs it: no news pop-up over the first notebook.
LAB_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def stop(sentence):
    """End with one sentence on the error stream and exit code 1."""
    sys.exit(f"make: {sentence}")


def wanted():
    """What an up-to-date environment was made from; any difference makes it stale."""
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return {
        "inputs": digest.hexdigest(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "root": str(ROOT),
    }


def up_to_date():
    """Whether `.venv` was finished from the present inputs and its Python still starts."""
    try:
        if json.loads(STAMP.read_text()) != wanted():
            return False
        return subprocess.run([python(), "-c", ""], capture_output=True).returncode == 0
    except (OSError, ValueError):
        return False


def python():
    """The path of the environment's interpreter."""
    return str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def locked(name):
    """The lines of the lock that pin one package, hashes included."""
    lines, inside = [], False
    for line in LOCK.read_text().splitlines():
        if line and not line[0].isspace():
            inside = line.startswith(name + "==")
        if inside and not line.lstrip().startswith("#"):
            lines.append(line)
    return "\n".join(lines) + "\n"


def run(command, problem):
    """Run a command quietly; if it fails, stop with `problem` and the last line that the command printed."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        said = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in said if line.lower().startswith("error")]
        last = (errors or said or ["no output"])[-1]
        stop(f"{problem} ({last[:300]})")


def install():
    """Build `.venv` anew: pip brings uv, uv brings the lock, then this project is linked in."""
    print(f"Making .venv with Python {sys.version.split()[0]}: about a minute, once.", flush=True)
    offline = "could not reach the package index; connect to the network and run make again"
    if VENV.exists():
        shutil.rmtree(VENV)
    run(
        [sys.executable, "-m", "venv", str(VENV)],
        "could not create .venv; on Debian and Ubuntu install the package python3-venv",
    )
    with tempfile.TemporaryDirectory() as folder:
        pin = Path(folder) / "uv.txt"
        pin.write_text(locked("uv"))
        pip = [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
        run([*pip, "--require-hashes", "-r", str(pin)], offline)
    uv = [python(), "-m", "uv", "pip"]
    sync = [*uv, "sync", "--quiet", "--python", python(), "--require-hashes", str(LOCK)]
    run(sync, "could not install what requirements.lock lists")
    # The build tool is in the lock too, so building needs no second, unpinned download.
    link = [*uv, "install", "--quiet", "--python", python(), "--no-deps", "--no-build-isolation", "-e", "."]
    run(link, "could not install the project into .venv")
    settings = VENV / "share/jupyter/lab/settings/overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(LAB_SETTINGS))
    STAMP.write_text(json.dumps(wanted()))


if __name__ == "__main__":
    if not LOWEST <= sys.version_info[:2] < ABOVE:
        stop(
            f"this project needs Python 3.11, 3.12 or 3.13, and {sys.executable} is {sys.version.split()[0]}; "
            "name another with: make PYTHON=python3.12"
        )
    if not up_to_date():
        install()
