"""The data sets: find, fetch, check, load. What is wrong with a file is an error that names the row.

`load("seattle")` is real and needs no network. Every other set gives the real file if it is there, else a generated
sample, and says which. Nothing is downloaded unless asked for (`fetch`, source="real", `make data`).
Nothing is dropped or filled: what a file does not have is NaN, counted in `missing`; absent days and minutes are rows
of NaN, listed in `absent`. Filling is up to you, by a named rule: `Dataset.fill`.

Each set is an entry in `readers.sets`. pandas and pooch load when a function first needs them.
"""

import hashlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gru_lib import _checks
from gru_lib._checks import DataError
from gru_lib.readers import files
from gru_lib.readers.sets import SETS

SOURCES = ("auto", "sample", "real")
NAMES = tuple(SETS)
POLICIES = ("zero", "previous", "linear")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """What `load` returns. `frame` has one row a day (or minute), without holes; where the file has no value, NaN.

    Sets without dates are numbered from 0: bankex and activities by day, reviews by review.
    """

    name: str
    title: str
    frame: object  # pandas.DataFrame, indexed by date or time
    source: str  # "real" | "sample" (generated)
    file: str
    provenance: str  # where the numbers come from, and under which terms
    units: dict  # column -> unit, "" if it has none
    missing: dict  # column -> number of missing values, absent rows included
    absent: object  # pandas.Index: the days or minutes the file does not have
    notes: tuple  # what was done to the rows and what is unusual, one sentence each
    format: str  # whose layout the file has, for example "Yahoo Finance"
    row: str = "day"  # what a row is
    filled: str = ""  # the policy that filled missing values, if one did
    sha256: str = ""  # of the file's bytes

    @property
    def caption(self):
        """One line for a figure; it says so if the numbers are generated, or if values were filled."""
        remarks = ["generated sample, not measured"] if self.source == "sample" else []
        remarks += [f"missing values filled: {self.filled}"] if self.filled else []
        return f"{self.title} ({'; '.join(remarks)})" if remarks else self.title

    def label(self, column):
        """An axis label, for example "temp_min (°C)"."""
        unit = self.units[column]
        return f"{column} ({unit})" if unit else column

    def fill(self, policy, limit=None):
        """A new `Dataset` whose missing numbers are filled by a rule, which its notes and its caption name.

        `policy`: "zero", the number 0; "previous", the last value before, known at the time; "linear", a straight
        line between the two neighbours, the later of which was not known at the time: never fill a test part so.
        `limit`: a longer run of missing values stays as it is, whole. "previous" cannot fill a run at the
        beginning, "linear" none at either end. Whatever stays NaN is counted in `missing`.
        Raises ValueError or TypeError (policy, limit).
        """
        _checks.choice("policy", policy, POLICIES)
        limit = len(self.frame) if limit is None else _checks.size("limit", limit)
        frame, notes = self.frame.copy(), list(self.notes)
        for name in frame.select_dtypes("number"):
            values = frame[name].to_numpy(copy=True)
            count = _fill(values, policy, limit)
            frame[name] = values
            if count:
                notes.append(f"{name}: missing values filled, policy {policy}: {count}")
        filled = policy if len(notes) > len(self.notes) else ""
        filled = ", ".join(filter(None, [self.filled, filled]))
        return replace(self, frame=frame, missing=_missing(frame), notes=tuple(notes), filled=filled)

    def __repr__(self):
        first, last = self.frame.index[[0, -1]]
        if hasattr(first, "strftime"):
            first, last = (
                f"{stamp:{'%Y-%m-%d %H:%M' if self.row == 'minute' else '%Y-%m-%d'}}" for stamp in (first, last)
            )
        gaps = ", ".join(f"{column} {count}" for column, count in self.missing.items() if count) or "none"
        kind = "generated sample" if self.source == "sample" else "real"
        return (
            f"Dataset({self.name!r}, {kind}: {len(self.frame):,} {self.row}s {first} to {last}; "
            f"columns {', '.join(self.frame.columns)}; missing {gaps}{f'; filled: {self.filled}' if self.filled else ''})"
        )


def load(name, source="auto", path=None):
    """Load a data set as a `Dataset`.

    `name`: "seattle", "melbourne", "bitcoin", "power", "reviews", "bankex", "activities" or "noise".
    `source`: "auto", the real file if it is there, else the generated sample; "sample", the sample; "real", the
    real file, fetched first if it is not there. `path`: a file of your own in one of the set's formats, loaded
    instead; which format it is, its header tells.
    Real files lie in data/cache/, or in the folder that the environment variable GRU_LIB_DATA names.
    Raises DataError (the file; see the class), ValueError (an unknown name or source).
    """
    _checks.choice("name", name, NAMES)
    _checks.choice("source", source, SOURCES)
    entry = SETS[name]
    if path is not None and source == "sample":
        raise ValueError("source='sample' and path exclude each other: path names the file to load")
    file, found = (Path(path), ()) if path is not None else files.find(name, entry, source)
    shown = str(path) if path is not None else entry.file if entry.package else files.shown(file)
    raw = files.read(file, shown)
    generated = files.is_sample(raw, entry)
    published = files.is_published(raw, entry)
    ours = path is None and (entry.package or file == files.real_folder() / entry.file)
    if ours and entry.hash and not (published or generated or entry.excerpts):
        advice = f"give it as path=, or delete it and run datasets.fetch({name!r})"
        files.check_hash(raw, entry, f"{shown} is not the published file", advice)

    frame, absent, notes, units, form = entry.read(raw, shown)
    frame.attrs["file"] = shown  # for the messages of `windows`
    present = len(frame) - len(absent)
    if entry.package and path is None and (present != entry.rows or notes):
        raise DataError(f"{entry.rows:,} complete days expected, {present:,} came {notes}", file=shown)
    about = entry.about
    if generated:
        about = (
            "Generated by data/make_samples.py, not measured: made-up data in the format of the real file: "
            f"{entry.made} ({entry.title}). Free to use."
        )
    elif not published and not (ours and entry.package):
        about = f"Your own file {shown}; its origin is not checked. It has the format of: {entry.about}"
        if entry.rows not in (None, present):
            notes += (f"{present:,} rows; the published file has {entry.rows:,}",)
    return Dataset(
        name,
        entry.title,
        frame,
        "sample" if generated else "real",
        shown,
        about,
        units,
        _missing(frame),
        absent,
        found + notes,
        form,
        entry.row,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def fetch(name, progress=True):
    """Download the real file of `name`, unless it is there already, check its hash and return its path.

    `progress`: show a bar. A set that comes with an installed package is not downloaded.
    Raises DataError: no public address, no network, a server's refusal, a file that is not the published one (nothing
    is kept then).
    """
    _checks.choice("name", name, NAMES)
    return files.fetch(name, SETS[name], progress)


def _missing(frame):
    return {column: int(count) for column, count in frame.isna().sum().items()}


def _fill(values, policy, limit):
    """Fill NaN in a column of numbers, in place, by the rules of `Dataset.fill`. Returns how many."""
    bad = np.isnan(values)
    if not bad.any():
        return 0
    change = np.diff(np.concatenate([[0], bad.view(np.int8), [0]]))
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    keep = ends - starts <= limit
    if policy != "zero":
        keep &= starts > 0
    if policy == "linear":
        keep &= ends < len(values)
    for start, end in zip(starts[keep], ends[keep], strict=True):
        if policy == "zero":
            values[start:end] = 0.0
        elif policy == "previous":
            values[start:end] = values[start - 1]
        else:
            values[start:end] = np.interp(np.arange(start, end), [start - 1, end], [values[start - 1], values[end]])
    return int((ends - starts)[keep].sum())


def main(names=()):
    """Fetch the sets named, or every one that has a public address; a line each. Returns the exit code: 1 if any failed."""
    failed = False
    for name in names or [name for name, entry in SETS.items() if entry.url]:
        try:
            path = fetch(name)
            print(f"{name}: {files.shown(path)}, {SETS[name].hash.partition(':')[0]} as published")
        except ValueError as error:  # DataError, or a name that is none
            failed = True
            print(f"{name}: failed. {error}", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
