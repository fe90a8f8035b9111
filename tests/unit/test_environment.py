"""The set-up: what makes an environment stale, what it installs, and the one sentence of every failure."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def venv(tmp_path, monkeypatch):
    """The set-up script as a module, working on a copy of the project in which nothing is installed."""
    spec = importlib.util.spec_from_file_location("venv_script", ROOT / ".ci/venv.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv/installed.json")
    return module


def finished(venv, monkeypatch):
    """Pretend that `install` has run to its end."""
    venv.VENV.mkdir()
    venv.STAMP.write_text(json.dumps(venv.wanted()))
    monkeypatch.setattr(venv, "python", lambda: sys.executable)


def test_a_finished_environment_is_up_to_date(venv, monkeypatch):
    assert not venv.up_to_date()
    finished(venv, monkeypatch)
    assert venv.up_to_date()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_file_makes_it_stale(venv, monkeypatch, name):
    finished(venv, monkeypatch)
    (venv.ROOT / name).write_text((venv.ROOT / name).read_text() + "\n# changed\n")
    assert not venv.up_to_date()


def test_a_vanished_python_makes_it_stale(venv, monkeypatch):
    finished(venv, monkeypatch)
    monkeypatch.setattr(venv, "python", lambda: str(venv.ROOT / "gone"))
    assert not venv.up_to_date()


def test_a_moved_project_makes_it_stale(venv, monkeypatch):
    finished(venv, monkeypatch)
    stamp = venv.STAMP
    monkeypatch.setattr(venv, "ROOT", venv.ROOT.parent)
    (venv.ROOT / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    assert stamp.exists()
    assert not venv.up_to_date()


def test_pip_is_given_uv_with_its_hashes_and_nothing_else(venv):
    lines = venv.locked("uv").splitlines()
    assert re.fullmatch(r"uv==[\d.]+ \\", lines[0])
    assert len(lines) > 5
    assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines[1:])


def test_no_network_is_one_sentence(venv, monkeypatch, capsys):
    def run(command, **options):
        failed = "pip" in command
        said = "WARNING: Retrying\nERROR: No matching distribution found for uv\n"
        return subprocess.CompletedProcess(command, int(failed), stdout=said if failed else "")

    monkeypatch.setattr(venv.subprocess, "run", run)
    with pytest.raises(SystemExit) as stopped:
        venv.install()
    sentence = stopped.value.code
    assert "could not reach the package index; connect to the network and run make again" in sentence
    assert "No matching distribution found for uv" in sentence
    assert "\n" not in sentence
    assert not venv.up_to_date()


def test_a_wrong_python_is_one_sentence(tmp_path):
    program = (
        "import sys, runpy; sys.version_info = (3, 9, 1, 'final', 0); sys.version = '3.9.1 (main)';"
        f"runpy.run_path({str(ROOT / '.ci/venv.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "3.9.1" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_lock_pins_every_package_with_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"https?://|index-url|find-links", lock)
    pins = re.findall(r"^[a-zA-Z0-9_.\-\[\]]+==\S+", lock, re.M)
    blocks = re.split(r"^(?=[a-zA-Z0-9])", lock, flags=re.M)[1:]
    assert len(blocks) == len(pins) > 100
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_lock_has_every_declared_dependency():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"] + [
        d for group in project["dependency-groups"].values() for d in group
    ]
    pinned = {
        name.replace("_", "-").lower()
        for name in re.findall(r"^([\w.\-]+)==", (ROOT / "requirements.lock").read_text(), re.M)
    }
    assert {re.match(r"[\w.\-]+", d).group(0).replace("_", "-").lower() for d in declared} <= pinned


def test_conda_gets_the_lock():
    environment = (ROOT / "environment.yml").read_text()
    assert "- -r requirements.lock" in environment
    assert [line.strip() for line in environment.splitlines() if line.startswith("  - ")] == [
        "- conda-forge",
        "- python=3.12",
        "- pip",
        "- pip:",
    ]


def test_npm_packages_are_pinned_with_hashes_and_nothing_else():
    pins = json.loads((ROOT / "tests/browser/packages.json").read_text())
    assert len(pins) > 3
    for name, pin in pins.items():
        assert pin.keys() == {"version", "integrity"}, name
        assert re.fullmatch(r"\d+\.\d+\.\d+", pin["version"]), name
        assert re.fullmatch(r"sha512-[\w+/]{86}==", pin["integrity"], re.ASCII), name


def test_pages_load_the_browser_half_of_the_installed_widgets():
    """Else set the version and its hash (`npm view NAME@VERSION dist.integrity`) in tests/browser/packages.json."""
    import anywidget
    from ipywidgets._version import __html_manager_version__

    pins = json.loads((ROOT / "tests/browser/packages.json").read_text())
    manager = pins["@jupyter-widgets/html-manager"]["version"]
    assert pins["anywidget"]["version"].split(".")[:2] == anywidget.__version__.split(".")[:2]
    assert manager.split(".")[0] == __html_manager_version__.strip("^").split(".")[0]
