"""The data sets: find, fetch, check, load. What is wrong with a file is an error that names the row.

`load("seattle")` is real and needs no network. `load("melbourne")` gives the real file if it has been fetched, else
a generated sample, and says which. Nothing is downloaded unless asked for (`fetch`, source="real", `make data`).
Nothing is dropped or filled: absent days become rows of NaN, counted in `missing` and listed in `absent`.

A data set is one `_Entry` in `_ENTRIES` with a parser: (text, file) -> (frame, absent days, notes).
pandas and pooch load when a function first needs them.
"""

import csv
import hashlib
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from gru_lib import _checks
from gru_lib._checks import DataError

SOURCES = ("auto", "sample", "real")
_ROOT = Path(__file__).resolve().parent.parent
_SAMPLES = _ROOT / "data" / "samples"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_MARKER = -9999.0  # how weather archives write "no value"


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """What `load` returns. `frame` has one row a day, without holes; where the file has no value it has NaN."""

    name: str
    title: str
    frame: object  # pandas.DataFrame, indexed by date
    source: str  # "real" | "sample" (generated)
    file: str
    provenance: str  # where the numbers come from, and under which terms
    units: dict  # column -> unit, "" if it has none
    missing: dict  # column -> number of missing values, absent days included
    absent: object  # pandas.DatetimeIndex: the days the file does not have
    notes: tuple  # what was done to the rows and what is unusual, one sentence each

    @property
    def caption(self):
        """One line for a figure; it says so if the numbers are generated."""
        return f"{self.title}{' (generated sample, not measured)' if self.source == 'sample' else ''}"

    def label(self, column):
        """An axis label, for example "temp_min (°C)"."""
        unit = self.units[column]
        return f"{column} ({unit})" if unit else column

    def __repr__(self):
        first, last = (f"{day:%Y-%m-%d}" for day in (self.frame.index[0], self.frame.index[-1]))
        gaps = ", ".join(f"{column} {count}" for column, count in self.missing.items() if count) or "none"
        kind = "generated sample" if self.source == "sample" else "real"
        return (
            f"Dataset({self.name!r}, {kind}: {len(self.frame):,} days {first} to {last}; "
            f"columns {', '.join(self.frame.columns)}; missing {gaps})"
        )


@dataclass(frozen=True)
class _Entry:
    title: str
    about: str
    units: dict
    parse: Callable
    file: str  # under the folder of real files; with `package`, under that package's parent
    rows: int  # of the published file
    url: str | None = None
    sha256: str | None = None
    package: str | None = None  # an installed package that brings the file
    sample: str | None = None  # under data/samples/


# Parsing -----------------------------------------------------------------------------------------------------------


def _text(raw, file):
    """The file's bytes as text; a byte order mark is left out. Raises DataError: empty, HTML page, not UTF-8."""
    if not raw.strip():
        raise DataError("the file is empty", file=file, came=f"{len(raw)} bytes")
    if _is_html(raw):
        raise DataError("this is an HTML page, not data", file=file, row=1, came=raw[:60].decode("ascii", "replace"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise DataError("not UTF-8 text", file=file, row=row, came=raw[error.start : error.end]) from None


def _is_html(raw):
    return re.match(rb"(\xef\xbb\xbf)?\s*<[!?a-zA-Z]", raw) is not None


def _fields(line, file, row):
    try:
        return [cell.strip() for cell in next(csv.reader([line], strict=True), [])]
    except csv.Error as error:
        raise DataError(f"broken quotes ({error})", file=file, row=row, came=line) from None


def _number(cell):
    """A cell as a float, the marker -9999 as NaN. ValueError tells what was expected."""
    if not _NUMBER.fullmatch(cell):
        doubt = " (what the mark before the digits stands for is not guessed)" if cell.startswith("?") else ""
        raise ValueError(f"a number such as 12.3{doubt}")
    return float("nan") if float(cell) == _MARKER else float(cell)


def _word(*allowed):
    def read(cell):
        if cell not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return cell

    return read


def _day(cell, date_format, example):
    try:
        day = datetime.strptime(cell, date_format)
    except ValueError:
        day = None
    if day is None or not 1700 <= day.year <= 2200:
        raise ValueError(f"a date from 1700 to 2200 written like {example}")
    return day


def _daily_csv(text, file, *, headers, readers, date_format, example):
    """Comma-separated text with a date in the first column, one row a day, as (frame, absent days, notes).

    `headers`: the header lines allowed; `readers`: for each further column its name in the frame and the function
    that reads a cell. Rows out of order are sorted and noted; a day the file does not have becomes a row of NaN.
    Raises DataError: header, field count, quotes, date, duplicate date, value, a last line that is cut off.
    """
    import pandas as pd

    lines = re.split(r"\r\n|\n|\r", text)
    open_end = bool(lines[-1].strip())  # the last line has no line end: complete, or cut off
    given = len(lines)
    while not lines[-1].strip():
        lines.pop()
    blank = given - len(lines) - 1
    notes = [f"blank lines at the end: {blank}"] if blank > 0 else []
    header = _fields(lines[0], file, 1)
    if header not in headers:
        wanted = " or ".join(",".join(names) for names in headers)
        raise DataError("wrong header", file=file, row=1, came=lines[0], expected=wanted)
    if len(lines) == 1:
        raise DataError("no rows after the header", file=file, row=2)

    rows, values = {}, {name: [] for name in readers}  # rows: day -> row in the file
    last_cells = []
    for row, line in enumerate(lines[1:], start=2):
        cut = "; the last line has no line end: the file may be cut off" if open_end and row == len(lines) else ""
        try:
            cells = _fields(line, file, row)
        except DataError as error:
            raise DataError(f"broken quotes{cut}", file=file, row=row, came=line) from error
        if len(cells) != len(header):
            what = f"{len(cells)} fields in place of {len(header)}{cut}" if line.strip() else "blank line"
            raise DataError(what, file=file, row=row, came=line, expected=",".join(header))
        for column, name, cell in zip(header, [None, *readers], cells, strict=True):
            try:
                value = readers[name](cell) if name else _day(cell, date_format, example)
            except ValueError as error:
                what = f"cannot be read{cut}"
                raise DataError(what, file=file, row=row, column=column, came=cell, expected=str(error)) from None
            if name:
                values[name].append(value)
            elif value in rows:
                raise DataError(
                    f"this day is already in row {rows[value]}", file=file, row=row, column=column, came=cell
                )
            else:
                rows[value] = row
        last_cells = [*last_cells[-1:], cells[-1]]
    if open_end and len({len(cell.partition(".")[2]) for cell in last_cells}) > 1:
        what = f"fewer or more decimals than {last_cells[0]} in the row before, and no line end: cut off"
        raise DataError(what, file=file, row=len(lines), column=header[-1], came=last_cells[1])

    days = list(rows)
    early = next((i for i in range(1, len(days)) if days[i] < days[i - 1]), None)
    if early is not None:
        notes.append(f"the rows were not in order of date (row {rows[days[early]]} goes back); they were sorted")
    frame = pd.DataFrame(values, index=pd.DatetimeIndex(days, name="date")).sort_index()
    every_day = pd.date_range(frame.index[0], frame.index[-1], freq="D", name="date")
    absent = every_day.difference(frame.index)
    if len(absent) > len(frame):
        what = f"{len(absent)} days are absent between {frame.index[0]:%Y-%m-%d} and {frame.index[-1]:%Y-%m-%d}"
        raise DataError(what, file=file, column=header[0], came=f"{len(frame)} rows", expected="one row a day")
    for name in frame:
        if count := int(frame[name].isna().sum()):
            notes.append(f"{name}: the marker {_MARKER:g}, read as missing: {count}")
    if len(absent):
        notes.append(f"days absent from the file, rows of NaN here: {len(absent)}")
    return frame.reindex(every_day), absent, tuple(notes)


# The sets ----------------------------------------------------------------------------------------------------------

_ENTRIES = {
    "seattle": _Entry(
        title="Daily weather of Seattle",
        about=(
            "Daily weather of Seattle, 2012 to 2015, drawn from public-domain data of the National Oceanic and "
            "Atmospheric Administration (NOAA); the file comes with the Python package vega_datasets."
        ),
        units={"precipitation": "mm", "temp_max": "°C", "temp_min": "°C", "wind": "m/s", "weather": ""},
        parse=partial(
            _daily_csv,
            headers=[["date", "precipitation", "temp_max", "temp_min", "wind", "weather"]],
            readers={
                "precipitation": _number,
                "temp_max": _number,
                "temp_min": _number,
                "wind": _number,
                "weather": _word("drizzle", "fog", "rain", "snow", "sun"),
            },
            date_format="%Y/%m/%d",
            example="2012/01/31",
        ),
        file="vega_datasets/_data/seattle-weather.csv",
        rows=1461,
        package="vega_datasets",
    ),
    "melbourne": _Entry(
        title="Daily minimum temperature of Melbourne",
        about=(
            "Daily minimum temperature of Melbourne, 1981 to 1990: Time Series Data Library, citing the Australian "
            "Bureau of Meteorology. The address it is fetched from states no licence."
        ),
        units={"Temp": "°C"},
        parse=partial(
            _daily_csv,
            headers=[["Date", "Temp"], ["Date", "Value"]],  # Value: the older DataMarket export
            readers={"Temp": _number},
            date_format="%Y-%m-%d",
            example="1981-01-31",
        ),
        file="melbourne/daily-min-temperatures.csv",
        rows=3650,
        url="https://raw.githubusercontent.com/jbrownlee/Datasets/master/daily-min-temperatures.csv",
        sha256="8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da",
        sample="melbourne.csv",
    ),
}


# Finding and fetching ----------------------------------------------------------------------------------------------


def load(name, source="auto", path=None):
    """Load a data set as a `Dataset`. `name`: "seattle" or "melbourne".

    `source`: "auto", the real file if it is there, else the generated sample; "sample", the sample; "real", the
    real file, fetched first if it is not there. `path`: a file of your own in the same format, loaded instead.
    Real files lie in data/cache/, or in the folder that the environment variable GRU_LIB_DATA names.
    Raises DataError (the file; see the class), ValueError (an unknown name or source).
    """
    _checks.choice("name", name, tuple(_ENTRIES))
    _checks.choice("source", source, SOURCES)
    entry = _ENTRIES[name]
    if path is not None and source == "sample":
        raise ValueError("source='sample' and path exclude each other: path names the file to load")
    file = Path(path) if path is not None else _find(name, entry, source)
    shown = str(path) if path is not None else entry.file if entry.package else _shown(file)
    raw = _read(file, shown)
    published = hashlib.sha256(raw).hexdigest() == entry.sha256
    generated = entry.sample is not None and file.resolve() == _SAMPLES / entry.sample
    if path is None and entry.sha256 and not generated:
        advice = f"give it as path=, or delete it and run datasets.fetch({name!r})"
        _same_hash(raw, entry, f"{shown} is not the published file", advice)

    frame, absent, notes = entry.parse(_text(raw, shown), shown)
    present = len(frame) - len(absent)
    if entry.package and path is None and (present != entry.rows or notes):
        raise DataError(f"{entry.rows:,} complete days expected, {present:,} came {notes}", file=shown)
    about = entry.about
    if generated:
        about = (
            "Generated by data/make_samples.py, not measured: made-up numbers in the format of the real file, with a "
            f"season, noise and a gap like the real series ({entry.title}). Free to use."
        )
    elif path is not None and not published:
        about = f"Your own file {shown}; its origin is not checked. It has the format of: {entry.about}"
        if present != entry.rows:
            notes += (f"{present:,} rows; the published file has {entry.rows:,}",)
    kind = "sample" if generated else "real"
    missing = {column: int(count) for column, count in frame.isna().sum().items()}
    return Dataset(name, entry.title, frame, kind, shown, about, dict(entry.units), missing, absent, notes)


def _find(name, entry, source):
    """The file that `source` means; downloads it if "real" is asked for and it is not there."""
    if entry.package:
        if source == "sample":
            raise DataError(f"{name} has no sample, for its real data are always there: use load({name!r})")
        return _packaged(entry)
    if source != "sample":
        file = _real_folder() / entry.file
        if source == "real" or file.exists():
            return file if file.exists() else fetch(name)
    if not (_SAMPLES / entry.sample).is_file():
        raise DataError(
            f"the generated sample {entry.sample} is not there: samples lie in data/samples/ of a checkout of this "
            "project, and data/make_samples.py writes them; give a file of your own as path="
        )
    return _SAMPLES / entry.sample


def fetch(name, progress=True):
    """Download the real file of `name`, unless it is there already, check its sha256 and return its path.

    `progress`: show a bar. A set that comes with an installed package is not downloaded.
    Raises DataError: no network, a server's refusal, a file that is not the published one (nothing is kept then).
    """
    import pooch
    from requests import RequestException

    _checks.choice("name", name, tuple(_ENTRIES))
    entry = _ENTRIES[name]
    if entry.package:
        return _packaged(entry)
    target = _real_folder() / entry.file
    if target.exists():
        raw = _read(target, _shown(target))
        _same_hash(raw, entry, f"{_shown(target)} is not the published file", "delete it and fetch again")
        return target
    instead = f"use the generated sample, load({name!r}, source='sample'), or real data offline, load('seattle')"

    def download(url, output, _):
        pooch.HTTPDownloader(progressbar=progress, timeout=30)(url, output, None)
        _same_hash(Path(output).read_bytes(), entry, f"{url} gave another file, which was not kept", instead)

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        pooch.retrieve(entry.url, f"sha256:{entry.sha256}", target.name, target.parent, downloader=download)
    except RequestException as error:
        answer = getattr(error, "response", None)
        why = "no answer, is there a network?" if answer is None else f"the server answered {answer.status_code}"
        raise DataError(f"{name} could not be fetched from {entry.url} ({why}): {instead}") from None
    except OSError as error:
        raise DataError(
            f"{name} could not be stored in {_shown(target.parent)} ({error.strerror}): {instead}"
        ) from None
    finally:
        logger.setLevel(level)
    return target


def _same_hash(raw, entry, what, advice):
    came = hashlib.sha256(raw).hexdigest()
    if came != entry.sha256:
        page = ", and it looks like an HTML page" if _is_html(raw) else ""
        raise DataError(f"{what}: sha256 {came} came, {entry.sha256} expected{page}; {advice}")


def _read(file, shown):
    try:
        return file.read_bytes()
    except OSError as error:
        raise DataError(f"the file cannot be read ({error.strerror})", file=shown) from None


def _shown(path):
    """`path` as text; inside this project relative to it, so that no machine's path gets into a notebook."""
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else str(path)


def _packaged(entry):
    found = find_spec(entry.package)  # finds the package without running it
    if found is None:
        raise DataError(f"the package {entry.package}, which brings this file, is not installed", file=entry.file)
    return Path(found.origin).parent.parent / entry.file


def _real_folder():
    if named := os.environ.get("GRU_LIB_DATA"):
        if not Path(named).is_dir():
            raise DataError(f"the environment variable GRU_LIB_DATA names {named!r}, which is not a folder")
        return Path(named)
    if (_ROOT / "data" / "make_samples.py").is_file():
        return _ROOT / "data" / "cache"
    import pooch

    return Path(pooch.os_cache("gru_lib"))


def main():
    """Fetch every set that has a public address, one line each. Returns the exit code: 1 if any failed."""
    failed = False
    for name, entry in _ENTRIES.items():
        if entry.url is None:
            continue
        try:
            print(f"{name}: {_shown(fetch(name))}, sha256 as published")
        except DataError as error:
            failed = True
            print(f"{name}: failed. {error}", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
