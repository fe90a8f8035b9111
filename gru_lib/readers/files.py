"""Where the files of the data sets lie, and how the real ones are fetched. Nothing is downloaded unless asked for."""

import hashlib
import os
import zipfile
from importlib.util import find_spec
from pathlib import Path

from gru_lib._checks import DataError
from gru_lib.readers import text

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "data" / "samples"


def read(file, name):
    """The bytes of a file; `name` is what messages call it."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"the file cannot be read ({error.strerror})", file=name) from None


def shown(path):
    """`path` as text; inside this project relative to it, so that no machine's path gets into a notebook."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def find(name, entry, source):
    """The file that `source` means, and notes; downloads it if "real" is asked for and it is not there."""
    if entry.package:
        if source == "sample":
            raise DataError(f"{name} has no sample, for its real data are always there: use load({name!r})")
        return packaged(entry), ()
    if source != "sample":
        folder = real_folder()
        if (folder / entry.file).exists():
            return folder / entry.file, ()
        there = sorted({path for pattern in entry.others for path in folder.glob(pattern)})
        if there:
            rest = ", ".join(path.name for path in there[1:])
            note = f"{len(there)} files will do, the first by name was taken; with path= you choose: {rest}"
            return there[0], (note,) if rest else ()
        if source == "real":
            return fetch(name, entry), ()
    return sample(entry), ()


def sample(entry):
    """The generated sample."""
    if not (SAMPLES / entry.sample).is_file():
        raise DataError(
            f"the generated sample {entry.sample} is not there: samples lie in data/samples/ of a checkout of this "
            "project, and data/make_samples.py writes them; give a file of your own as path="
        )
    return SAMPLES / entry.sample


def is_sample(raw, entry):
    """Whether these bytes are the generated sample's, wherever the file lies."""
    return entry.sample is not None and (SAMPLES / entry.sample).is_file() and raw == sample(entry).read_bytes()


def fetch(name, entry, progress=True):
    """Download the real file unless it is there already, check its hash and return its path."""
    import pooch
    from requests import RequestException

    if entry.package:
        return packaged(entry)
    target = real_folder() / entry.file
    if target.exists():
        check_hash(read(target, shown(target)), entry, f"{shown(target)} is not the published file", _AGAIN)
        return target
    if entry.url is None:
        raise DataError(
            f"{name} has no public address it could be fetched from; give a file of your own as path=, or put it at "
            f"{shown(target)}"
        )
    instead = f"use the generated sample, load({name!r}, source='sample'), or real data offline, load('seattle')"

    def download(url, output, _):
        pooch.HTTPDownloader(progressbar=progress, timeout=30)(url, output, None)
        what = f"{url} gave another file, which was not kept"
        if entry.member:
            _unpack(Path(output), entry, what, instead)
        check_hash(Path(output).read_bytes(), entry, what, instead)

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        pooch.retrieve(entry.url, entry.hash, target.name, target.parent, downloader=download)
    except RequestException as error:
        answer = getattr(error, "response", None)
        why = "no answer, is there a network?" if answer is None else f"the server answered {answer.status_code}"
        raise DataError(f"{name} could not be fetched from {entry.url} ({why}): {instead}") from None
    except OSError as error:
        raise DataError(f"{name} could not be stored in {shown(target.parent)} ({error.strerror}): {instead}") from None
    finally:
        logger.setLevel(level)
    return target


_AGAIN = "delete it and fetch again"


def _unpack(path, entry, what, advice):
    """Put the file that the zip archive at `path` holds in the archive's place."""
    try:
        with zipfile.ZipFile(path) as archive:
            content = archive.read(entry.member)
    except (zipfile.BadZipFile, KeyError) as error:
        page = ", and it looks like an HTML page" if text.is_html(path.read_bytes()) else ""
        raise DataError(f"{what}: no zip archive with {entry.member} in it ({error}){page}; {advice}") from None
    path.write_bytes(content)


def is_published(raw, entry):
    """Whether these are the bytes of the published file; False where no hash of it is known."""
    return entry.hash is not None and _digest(raw, entry) == entry.hash


def check_hash(raw, entry, what, advice):
    """Raise DataError unless these are the bytes of the published file."""
    if not is_published(raw, entry):
        kind, _, expected = entry.hash.partition(":")
        came = _digest(raw, entry).partition(":")[2]
        page = ", and it looks like an HTML page" if text.is_html(raw) else ""
        raise DataError(f"{what}: {kind} {came} came, {expected} expected{page}; {advice}")


def _digest(raw, entry):
    kind = entry.hash.partition(":")[0]
    return f"{kind}:{hashlib.new(kind, raw, usedforsecurity=False).hexdigest()}"


def packaged(entry):
    """The file that an installed package brings."""
    found = find_spec(entry.package)  # finds the package without running it
    if found is None:
        raise DataError(f"the package {entry.package}, which brings this file, is not installed", file=entry.file)
    return Path(found.origin).parent.parent / entry.file


def real_folder():
    """The folder of real files: what GRU_LIB_DATA names, else data/cache/, outside a checkout the user's cache."""
    if named := os.environ.get("GRU_LIB_DATA"):
        if not Path(named).is_dir():
            raise DataError(f"the environment variable GRU_LIB_DATA names {named!r}, which is not a folder")
        return Path(named)
    if (ROOT / "data" / "make_samples.py").is_file():
        return ROOT / "data" / "cache"
    import pooch

    return Path(pooch.os_cache("gru_lib"))
