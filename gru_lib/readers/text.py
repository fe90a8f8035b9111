"""From bytes to lines and fields. What is empty, no text, a web page or an archive is an error that says so."""

import csv
import re
from typing import NamedTuple

from gru_lib._checks import DataError


class Lines(NamedTuple):
    """The lines of a text without the blank ones at its end, of which there were `blank`."""

    lines: list
    blank: int
    open_end: bool  # the last line has no line end: it is complete, or cut off


def decode(raw, file):
    """The bytes of a file as text; a byte order mark is left out. Raises DataError, see the module."""
    if not raw.strip():
        raise DataError("the file is empty", file=file, came=f"{len(raw)} bytes")
    if is_html(raw):
        raise DataError("this is an HTML page, not data", file=file, row=1, came=raw[:60].decode("ascii", "replace"))
    if raw.startswith(b"PK\x03\x04"):
        raise DataError("this is a zip archive: unpack it and give the file in it", file=file)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise DataError("not UTF-8 text", file=file, row=row, came=raw[error.start : error.end]) from None


def is_html(raw):
    return re.match(rb"(\xef\xbb\xbf)?\s*<[!?a-zA-Z]", raw[:1000]) is not None


def split(text):
    """A text as `Lines`; lines may end in CR LF, LF or CR."""
    lines = re.split(r"\r\n|\n|\r", text)
    open_end = bool(lines[-1].strip())
    given = len(lines)
    while not lines[-1].strip():
        lines.pop()
    return Lines(lines, max(given - len(lines) - 1, 0), open_end)


def fields(line, sep, file, row):
    """The cells of a line. Raises DataError if its quotes do not match."""
    try:
        return next(csv.reader([line], delimiter=sep, strict=True), [])
    except csv.Error as error:
        raise DataError(f"broken quotes ({error})", file=file, row=row, came=line) from None
