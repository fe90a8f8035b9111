"""Series without header or dates: one series a line, one day a column, numbers alone."""

import re

from gru_lib._checks import DataError
from gru_lib.readers import cells, text
from gru_lib.readers.table import Table


def read(raw, file, series, unit):
    """Read `series` lines of numbers as a frame with a row for each day (0, 1, ...) and the columns series_1, ...

    Raises DataError: another number of lines, lines of unequal length, a cell that is no number.
    """
    import pandas as pd

    lines, blank, open_end = text.split(text.decode(raw, file))
    rows = []
    for row, line in enumerate(lines, start=1):
        cut = "; the last line has no line end: the file may be cut off" if open_end and row == len(lines) else ""
        found = text.fields(line, ",", file, row)
        if rows and len(found) != len(rows[0]):
            what = f"{len(found)} fields in place of {len(rows[0])}, which row 1 has{cut}"
            raise DataError(what, file=file, row=row, came=line)
        values = []
        for column, cell in enumerate(found, start=1):
            try:
                values.append(cells.scientific(cell))
            except ValueError as error:
                what = "cannot be read: this file has neither header nor dates" if row == 1 else f"cannot be read{cut}"
                raise DataError(what, file=file, row=row, column=column, came=cell, expected=str(error)) from None
        rows.append(values)
    if len(rows) != series:
        what = f"{len(rows)} lines of {len(rows[0])} numbers"
        raise DataError(what, file=file, expected=f"{series} lines, one for each series, a day in each column")
    if open_end and len(found) > 1 and _form(found[-1]) != _form(found[-2]):
        what = f"not written like {found[-2]} before it, and no line end: cut off"
        raise DataError(what, file=file, row=len(rows), column=len(found), came=found[-1])
    names = [f"series_{i}" for i in range(1, series + 1)]
    frame = pd.DataFrame(dict(zip(names, rows, strict=True)), index=pd.RangeIndex(len(rows[0]), name="day"))
    notes = [f"blank lines at the end: {blank}"] if blank else []
    for name, count in frame.isna().sum().items():
        if count:
            notes.append(f"{name}: the marker {cells.MARKER:g}, read as missing: {count}")
    return Table(frame, frame.index[:0], tuple(notes), dict.fromkeys(names, unit), f"{series} series, one a line")


def _form(cell):
    """How a number is written after its decimal point: the same in every cell that one program wrote."""
    return re.sub("[0-9]", "0", cell.partition(".")[2]).replace("-", "+")
