"""Delimited text with a date in front of every row, read row by row; and any dated rows laid on a grid without holes.

The format is the one whose header the file has; a file with another header is refused.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

import numpy as np

from gru_lib._checks import DataError
from gru_lib.readers import cells, text

BLOCK = 20_000  # lines that a quick reader takes at once


@dataclass(frozen=True)
class Format:
    """One layout of a file: the header line tells it apart."""

    name: str
    header: tuple  # of the file: the date, with `step` "min" the time, then one name for each of `columns`
    columns: tuple  # of `cells.Column`
    day: object  # the reader of a date, from `cells.day`
    sep: str = ","
    step: str = "D"  # one row a day ("D") or a minute ("min")
    footer: str | None = None  # how the text begins that may follow the rows after a blank line

    @property
    def stamps(self):
        """The names of the columns that hold date and time."""
        return self.header[: len(self.header) - len(self.columns)]

    @property
    def unit(self):
        """What a row is."""
        return "day" if self.step == "D" else "minute"

    @property
    def written(self):
        """How messages write a date, for strftime."""
        return "%Y-%m-%d" if self.step == "D" else "%Y-%m-%d %H:%M"

    @property
    def units(self):
        return {column.name: column.unit for column in self.columns}


class Table(NamedTuple):
    """What a reader returns."""

    frame: object  # pandas.DataFrame
    absent: object  # pandas.Index: rows of the grid that the file does not have
    notes: tuple  # what was done to the rows and what is unusual, one sentence each
    units: dict
    format: str


def recognise(cells_of_header, formats, file, came):
    """The format with this header. Raises DataError that lists the headers known."""
    for form in formats:
        if tuple(cells_of_header) == form.header:
            return form
    known = " or ".join(form.sep.join(form.header) for form in formats)
    raise DataError("wrong header", file=file, row=1, came=came, expected=known)


def read(raw, file, formats, quick=None):
    """Read dated rows. Rows out of order are sorted and noted; a day or minute that is absent becomes a row of NaN.

    `quick`: reads a block of lines at once, (lines, form) -> frame, or returns None where a line must be looked at.
    Raises DataError: header, field count, quotes, date, duplicate date, value, a last line that is cut off.
    """
    import pandas as pd

    lines, blank, open_end = text.split(text.decode(raw, file))
    header = [cell.strip() for cell in text.fields(lines[0], formats[0].sep, file, 1)]
    form = recognise(header, formats, file, lines[0])
    lines, footnotes = _without_footer(lines, form)
    if footnotes:
        open_end = False
    notes = [*footnotes, *([f"blank lines at the end: {blank}"] if blank else [])]
    if len(lines) == 1:
        raise DataError("no rows after the header", file=file, row=2)

    parts, spaces = [], False
    size = BLOCK if quick else len(lines)
    for start in range(1, len(lines), size):
        block = lines[start : start + size]
        part = quick(block, form) if quick else None
        if part is None:
            part, spaced = _by_row(block, form, file, start + 1, open_end and start + size >= len(lines))
            spaces |= spaced
        parts.append(part)
    if open_end:
        notes += _end(lines, form, file)
    if spaces:
        notes.append("spaces around cells were left out")
    return on_grid(pd.concat(parts), form, file, notes)


def _by_row(lines, form, file, first, open_end):
    """Lines as a frame indexed by date, and whether there were spaces around cells. `first`: the first line's row."""
    import pandas as pd

    stamps, rows, spaces = [], [], False
    for row, line in enumerate(lines, start=first):
        last = open_end and row == first + len(lines) - 1
        cut = "; the last line has no line end: the file may be cut off" if last else ""
        found, spaced = _cells(line, form, file, row, cut)
        stamp, values = _values(found, form, file, row, cut)
        stamps.append(stamp)
        rows.append(values)
        spaces |= spaced
    columns = {column.name: list(values) for column, values in zip(form.columns, zip(*rows, strict=True), strict=True)}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(stamps)), spaces


def _cells(line, form, file, row, cut):
    """The cells of a line without the spaces around them, and whether there were any."""
    try:
        given = text.fields(line, form.sep, file, row)
    except DataError as error:
        raise DataError(f"broken quotes{cut}", file=file, row=row, came=line) from error
    if len(given) != len(form.header):
        what = f"{len(given)} fields in place of {len(form.header)}{cut}" if line.strip() else "blank line"
        raise DataError(what, file=file, row=row, came=line, expected=form.sep.join(form.header))
    found = [cell.strip() for cell in given]
    return found, found != given


def _values(found, form, file, row, cut):
    """Date and time of a row, and its values."""
    readers = [form.day, cells.minute][: len(form.stamps)] + [column.value for column in form.columns]
    values = []
    for name, reader, cell in zip(form.header, readers, found, strict=True):
        try:
            values.append(reader(cell))
        except ValueError as error:
            what = f"cannot be read{cut}"
            raise DataError(what, file=file, row=row, column=name, came=cell, expected=str(error)) from None
    stamp = datetime.combine(values[0], time())
    if form.step == "min":
        stamp += timedelta(minutes=values[1])
    return stamp, values[len(form.stamps) :]


def _without_footer(lines, form):
    """Leave out the text after the rows that this format is known for, and note it."""
    if form.footer is None or "" not in (bare := [line.strip() for line in lines]):
        return lines, []
    blank = bare.index("")
    if not " ".join(bare[blank:]).strip(' "').startswith(form.footer):
        return lines, []
    return lines[:blank], [f"text after the rows, left out: {len(lines) - blank - 1} lines beginning {form.footer!r}"]


def _end(lines, form, file):
    """Whether a last line without a line end is complete, judged by its last cell. Returns notes.

    Where all cells above it have the same number of decimals, it must have as many.
    """
    *above, found = ([cell.strip() for cell in text.fields(line, form.sep, file, None)] for line in lines[-1000:])
    if above and tuple(above[0]) == form.header:
        above = above[1:]
    last, marks = found[-1], form.columns[-1].missing
    decimals = {_decimals(cell) for *_, cell in above if cell not in marks}
    what = ""
    if last in marks:
        if not last and found[-2] not in form.columns[-2].missing:
            what = "no value and no line end: cut off"
    elif len(decimals) == 1 and _decimals(last) not in decimals:
        what = f"{_decimals(last)} decimals where the rows before have {min(decimals)}, and no line end: cut off"
    if what:
        raise DataError(what, file=file, row=len(lines), column=form.header[-1], came=last)
    if last in marks or not last[-1].isdigit() or (len(decimals) == 1 and min(decimals) > 0):
        return []
    return [f"the last line has no line end; whether {form.header[-1]} is complete there cannot be told"]


def _decimals(cell):
    return len(cell.partition(".")[2])


def on_grid(frame, form, file, notes):
    """Rows in the order of the file, indexed by date, as a `Table` in order of time and without holes.

    Raises DataError if a date comes twice, or if more rows of the grid are absent than present: a date must be wrong.
    """
    import pandas as pd

    if (twice := np.flatnonzero(frame.index.duplicated())).size:
        stamp, row = frame.index[twice[0]], twice[0] + 2  # the line of the file: the header is row 1
        what = f"this {form.unit} is already in row {frame.index.get_indexer_for([stamp])[0] + 2}"
        raise DataError(what, file=file, row=int(row), column=form.header[0], came=f"{stamp:{form.written}}")
    back = np.flatnonzero(np.diff(frame.index.asi8) < 0)
    if len(back) and len(back) == len(frame) - 1:
        notes.append("the rows came newest first; they were sorted by date")
    elif len(back):
        row = back[0] + 3
        notes.append(f"the rows were not in order of date (row {row} goes back); they were sorted")
    if len(back):
        frame = frame.sort_index()
    first, last = frame.index[0], frame.index[-1]
    unit, n = form.unit, (last - first) // pd.Timedelta(1, form.step) + 1
    if n > 2 * len(frame):
        what = f"{n - len(frame)} {unit}s are absent between {first:%Y-%m-%d} and {last:%Y-%m-%d}"
        came = f"{len(frame)} rows"
        raise DataError(what, file=file, column=form.header[0], came=came, expected=f"one row a {unit}")
    for column in form.columns:
        if count := int(frame[column.name].isna().sum()):
            notes.append(f"{column.name}: the marker {column.markers}, read as missing: {count}")
    grid = pd.date_range(first, last, freq=form.step, name="date" if form.step == "D" else "time")
    absent = grid.difference(frame.index)
    if len(absent):
        notes.append(f"{unit}s absent from the file, rows of NaN here: {len(absent)}")
    frame = frame.reindex(grid) if len(absent) else frame.set_axis(grid)
    return Table(frame, absent, tuple(notes), form.units, form.name)
