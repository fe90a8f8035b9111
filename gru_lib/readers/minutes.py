"""A table of minutes with millions of rows: read by pandas' C parser where every byte is as expected.

`quick` vouches for all the lines it is given or returns None; then `table.read` goes through this block row by row, and
either names what is wrong or reads what is merely unusual.
"""

import csv
import io

import numpy as np

from gru_lib.readers import cells

_ALLOWED = b"0123456789.+-;:/?\n"


def quick(lines, form):
    """The lines as a frame indexed by time, or None if there is anything to look at more closely."""
    import pandas as pd

    body = ("\n".join(lines) + "\n").encode()
    if not _regular(body, len(lines), len(form.header)):
        return None
    marks = {name: list(column.missing) for name, column in zip(form.header[2:], form.columns, strict=True)}
    try:
        frame = pd.read_csv(
            io.BytesIO(body),
            sep=form.sep,
            header=None,
            names=form.header,
            dtype={name: "float64" if name in marks else "category" for name in form.header},
            na_values=marks,
            keep_default_na=False,
            quoting=csv.QUOTE_NONE,
        )
        day, minute = (frame[name].cat for name in form.stamps)
        days = np.array([form.day(cell) for cell in day.categories], "datetime64[m]")
        minutes = np.array([cells.minute(cell) for cell in minute.categories], "timedelta64[m]")
    except ValueError:
        return None
    stamps = days[day.codes] + minutes[minute.codes]
    frame = frame.drop(columns=list(form.stamps)).set_axis([column.name for column in form.columns], axis=1)
    values = frame.to_numpy()
    if np.isinf(values).any():
        return None
    if (values == cells.MARKER).any():
        frame = frame.mask(frame == cells.MARKER)
    return frame.set_index(pd.DatetimeIndex(stamps.astype("datetime64[us]")))


def _regular(body, lines, fields):
    """Whether every byte is allowed, every line has that many fields, no cell is longer than 15 characters (so that
    older pandas rounds its digits as Python does), and every decimal point stands between digits."""
    if body.translate(None, _ALLOWED):
        return False
    codes = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero((codes == ord(";")) | (codes == ord("\n")))
    if len(ends) != lines * fields or np.diff(ends, prepend=-1).max() > 16:
        return False
    if (codes[ends].reshape(lines, fields)[:, -1] != ord("\n")).any():
        return False
    points = np.flatnonzero(codes == ord("."))
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    return bool(digit[points - 1].all() and digit[points + 1].all())
