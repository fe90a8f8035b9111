"""What a cell may hold. A reader returns the value, or raises ValueError whose text says what was expected.

Every notation is read by one explicit rule; a cell that does not follow it exactly is never guessed at.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

MARKER = -9999.0  # how weather archives write "no value"
NAN = float("nan")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+\.[0-9]+e[+-][0-9]{2}")
_GROUPED = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")
_SHORT = re.compile(r"([0-9]+(?:\.[0-9]+)?)([KMB]?)")
_PERCENT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)%")
_POWERS = {"": "", "K": "e3", "M": "e6", "B": "e9"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Column:
    """A column of a file: its name in the frame, the reader of its cells, its unit, and its marks for "no value"."""

    name: str
    read: object
    unit: str = ""
    missing: tuple = ()

    def value(self, cell):
        """The cell's value, NaN for a mark of "no value"."""
        return NAN if cell in self.missing else self.read(cell)

    @property
    def markers(self):
        """The marks as a reader of notes sees them."""
        return " or ".join([*(mark or "(empty)" for mark in self.missing), f"{MARKER:g}"])


def _value(text):
    """The float, the marker -9999 as NaN, an overflow refused."""
    value = float(text)
    if value in (float("inf"), -float("inf")):
        raise ValueError("a number that a float can hold")
    return NAN if value == MARKER else value


def number(cell):
    """A plain number: 12.3, -4."""
    if not _PLAIN.fullmatch(cell):
        doubt = " (what the mark before the digits stands for is not guessed)" if cell[:1] == "?" and cell[1:] else ""
        raise ValueError(f"a number such as 12.3{doubt}")
    return _value(cell)


def scientific(cell):
    """A number as `numpy.savetxt` writes it, 5.03e+01, or a plain one."""
    if not (_SCIENTIFIC.fullmatch(cell) or _PLAIN.fullmatch(cell)):
        raise ValueError("a number such as 5.03e+01 or 50.3")
    return _value(cell)


def grouped(cell):
    """A number that may have commas between thousands: 69,664.4."""
    if not _GROUPED.fullmatch(cell):
        raise ValueError("a number such as 69,664.4")
    return _value(cell.replace(",", ""))


def short(cell):
    """A number with K, M or B for thousands, millions, billions: 94.05K."""
    found = _SHORT.fullmatch(cell)
    if found is None:
        raise ValueError("a number such as 94.05K (K, M or B)")
    return _value(found[1] + _POWERS[found[2]])


def percent(cell):
    """A number of per cent: -2.34%."""
    found = _PERCENT.fullmatch(cell)
    if found is None:
        raise ValueError("a number of per cent such as -2.34%")
    return _value(found[1])


def word(*allowed):
    """A reader of one of the words `allowed`."""

    def read(cell):
        if cell not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return cell

    return read


def day(pattern, example):
    """A reader of dates: `pattern` has the groups y, d, and m (a number) or b (an English month, three letters)."""
    compiled = re.compile(pattern)

    @lru_cache(maxsize=10_000)
    def read(cell):
        found = compiled.fullmatch(cell)
        try:
            parts = found.groupdict()
            month = MONTHS.index(parts["b"]) + 1 if "b" in parts else int(parts["m"])
            value = date(int(parts["y"]), month, int(parts["d"]))
        except (AttributeError, ValueError):
            value = None
        if value is None or not 1700 <= value.year <= 2200:
            raise ValueError(f"a date from 1700 to 2200 written like {example}")
        return value

    return read


def minute(cell):
    """A time on the full minute, 00:00:00 to 23:59:00, as the number of minutes since midnight."""
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]:00", cell):
        raise ValueError("a time on the full minute written like 17:24:00")
    return int(cell[:2]) * 60 + int(cell[3:5])
