"""The tables that runs are kept in: CSV files, a row a run, with when, where and with which versions it was made."""

import csv
import os
import platform
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from gru_lib import _checks


def flag(text):
    """True or False from its name. Raises KeyError."""
    return {"True": True, "False": False}[text]


def word(text):
    """Any text but an empty one. Raises ValueError."""
    if not text:
        raise ValueError("empty")
    return text


def tuple_of(kind):
    """A function that makes a tuple from what stands in a text between spaces, each of a `kind`."""

    def numbers(text):
        return tuple(map(kind, text.split()))

    return numbers


def machine():
    """The processor and the number of cores this process may use, in words; not the computer's name."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        named = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = named[0] if named else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores"


def about(*packages):
    """When, where and with what a run was made, a dict: date, python, numpy, the versions of `packages`, gru_lib, machine."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        **{name: version(name) for name in packages},
        "gru_lib": version("gru_lib"),
        "machine": machine(),
    }


def append(path, columns, rows, name=""):
    """Add rows (dicts) to the file, which begins with the header if it is new; numbers in six digits.

    Raises ValueError for a row with other columns; the message calls it a row of `name`.
    """
    columns, path = list(columns), Path(path)
    for row in rows:
        if list(row) != columns:
            what = f"a row of {name}" if name else "a row"
            raise ValueError(f"{what} must have the columns {', '.join(columns)}, not {', '.join(row)}")
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerows({column: _text(value) for column, value in row.items()} for row in rows)


def read(path, columns, setting, *, made_by, apart=()):
    """The rows of a file, a pandas DataFrame. `columns`: {name: function that makes a value of its text}, in order.

    `setting`, a dataclass, is made of the columns of its names, to check them. No two rows have the same setting and
    the same values in the columns `apart`. `made_by` says how to make the file if it is not there.
    Raises FileNotFoundError, and `DataError` naming the file, and row and column where it applies: other columns, a
    value of the wrong kind, a setting that is refused, a run stored twice.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} is not there: {made_by}")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(frame) != list(columns):
        expected = ", ".join(columns)
        raise _checks.DataError("wrong columns", file=path.name, came=", ".join(frame), expected=expected)
    for name, parse in columns.items():
        values = [_parsed(text, parse, path.name, row, name) for row, text in enumerate(frame[name], start=2)]
        frame[name] = pd.Series(values, dtype=object if values and isinstance(values[0], tuple) else None)
    seen = set()
    for row, values in enumerate(frame.to_dict("records"), start=2):
        try:
            one = setting(**{field.name: values[field.name] for field in fields(setting)})
        except (TypeError, ValueError) as error:
            raise _checks.DataError(str(error), file=path.name, row=row) from error
        if (run := (one, *(values[name] for name in apart))) in seen:
            raise _checks.DataError("this run is stored twice", file=path.name, row=row)
        seen.add(run)
    return frame


def _parsed(text, parse, file, row, column):
    try:
        return parse(text)
    except (KeyError, ValueError):
        expected = {flag: "True or False", word: "text"}.get(parse, parse.__name__)
        what = "a value of the wrong kind"
        raise _checks.DataError(what, file=file, row=row, column=column, came=text, expected=expected) from None


def _text(value):
    """A value as it stands in the file. Six digits are enough for every use, and the file stays readable."""
    if isinstance(value, tuple):
        return " ".join(map(_text, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
