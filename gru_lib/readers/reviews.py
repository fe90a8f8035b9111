"""Labelled reviews: a CSV file of two columns, or the archive of single files that the reviews were published as.

The texts stay as they are, line breaks (`<br />`) and all.
"""

import csv
import gzip
import io
import re
import tarfile
import zlib

from gru_lib._checks import DataError
from gru_lib.readers import text
from gru_lib.readers.table import Table

HEADER = ("review", "sentiment")
_LABELS = {"pos": "positive", "neg": "negative"}
_MEMBER = re.compile(r"aclImdb/(train|test)/(pos|neg)/([0-9]+)_[0-9]+\.txt")


def read(raw, file):
    """Read reviews as a frame with the columns review and sentiment ("positive" | "negative"), from the archive also
    part ("train" | "test"). Raises DataError: header, field count, label, empty review, a file that is cut off."""
    return _archive(raw, file) if raw.startswith(b"\x1f\x8b") else _csv(raw, file)


def _csv(raw, file):
    lines = csv.reader(io.StringIO(text.decode(raw, file), newline=""), strict=True)
    reviews, labels, row, blank = [], [], 1, 0
    while True:
        try:
            found = next(lines, None)
        except csv.Error as error:
            what = f"broken quotes, or the file is cut off ({error})"
            raise DataError(what, file=file, row=row, expected=",".join(HEADER)) from None
        if found is None:
            break
        if row == 1:
            if tuple(found) != HEADER:
                raise DataError("wrong header", file=file, row=1, came=",".join(found), expected=",".join(HEADER))
        elif not found:
            blank += 1
        elif blank:
            raise DataError("blank line", file=file, row=row - 1)
        else:
            _check(found, file, row)
            reviews.append(found[0])
            labels.append(found[1])
        row = lines.line_num + 1
    if not reviews:
        raise DataError("no rows after the header", file=file, row=2)
    return _table({"review": reviews, "sentiment": labels}, blank, "one CSV file")


def _check(found, file, row):
    if len(found) != 2:
        what = f"{len(found)} fields in place of 2 (or the file is cut off)"
        raise DataError(what, file=file, row=row, came=",".join(found), expected=",".join(HEADER))
    if not found[0].strip():
        raise DataError("empty", file=file, row=row, column="review", came=found[0], expected="a text")
    if found[1] not in _LABELS.values():
        expected = "positive or negative"
        raise DataError("cannot be read", file=file, row=row, column="sentiment", came=found[1], expected=expected)


def _archive(raw, file):
    """The texts of the archive, in order of part, label and number."""
    found = {}
    try:
        with gzip.open(io.BytesIO(raw)) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                if member.isfile() and (name := _MEMBER.fullmatch(member.name)):
                    part, label, number = name.groups()
                    content = text.decode(archive.extractfile(member).read(), f"{file}: {member.name}")
                    found[part == "test", label, int(number)] = (content, _LABELS[label], part)
            while stream.read(1 << 20):  # to the end, where the checksum is
                pass
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DataError(f"the archive is cut off or broken ({error})", file=file) from None
    if not found:
        raise DataError("no reviews in this archive", file=file, expected="aclImdb/train/pos/0_9.txt and so on")
    columns = zip(*(found[key] for key in sorted(found)), strict=True)
    return _table(dict(zip((*HEADER, "part"), map(list, columns), strict=True)), 0, "archive of single files")


def _table(columns, blank, form):
    import pandas as pd

    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(columns["review"]), name="review_number"))
    notes = [f"blank lines at the end: {blank}"] if blank else []
    if twice := int(frame.review.duplicated().sum()):
        notes.append(f"reviews that repeat an earlier one word for word, kept: {twice}")
    return Table(frame, frame.index[:0], tuple(notes), dict.fromkeys(columns, ""), form)
