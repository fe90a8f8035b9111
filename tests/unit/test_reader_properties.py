"""Properties of the readers: a table written in a source's format comes back as it was; a cell that is spoilt is named,
or it is NaN and counted; the fast reader of minutes and the one that goes row by row always agree."""

import csv
import io
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gru_lib.datasets import DataError
from gru_lib.readers import minutes, table
from gru_lib.readers.sets import SETS

NAN = float("nan")
FORMATS = SETS["power"].read.keywords["formats"]
calm = settings(deadline=None, max_examples=15)  # for each of seven sources
thorough = settings(deadline=None, max_examples=100)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SPOILT = (
    *("", "?", "-", "null", "?0.2", "abc", "1.2.3", "--5", "nan", "inf", "-9999", "12,34", "1 2", "0x1F", "<b>", "1e5"),
    *("1_0", ".", "+", "%", "K", "１２", "5.", ".5"),
)
price, whole = st.integers(1, 9_999_999), st.integers(0, 10**11)


class Source:
    """How one source writes a table; `rows` is a strategy for rows of (cells, values), NaN for no value."""

    def __init__(self, name, header, day, rows, names=None, sep=",", end="\n", newest_first=False, tail="", quote=0):
        self.name, self.header, self.day, self.rows, self.sep, self.end = name, header, day, rows, sep, end
        self.names, self.newest_first, self.tail, self.quote = names or header[1:], newest_first, tail, quote

    def write(self, lines):
        """The file's bytes. `quote`: the csv module's rule."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=self.sep, lineterminator=self.end, quoting=self.quote)
        writer.writerows([self.header, *lines])
        return (out.getvalue() + self.tail).encode()

    def read(self, lines):
        return SETS[self.name].read(self.write(lines), "x.csv")


def row(*cells):
    """A row of the cells given, each a strategy for (text, value)."""
    return st.tuples(*cells).map(lambda found: ([text for text, _ in found], [value for _, value in found]))


def decimals(n, strategy=price, form="{:.{}f}"):
    return strategy.map(lambda i: (form.format(i / 10**n, n), i / 10**n))


def or_mark(cell, mark):
    return st.one_of(cell, st.just((mark, NAN)))


def scaled(i):
    """Investing.com's volumes, by integer arithmetic: 9405 thousandths of ... as 94.05K."""
    letter, power = [("", 0), ("K", 3), ("M", 6), ("B", 9)][i % 4]
    return f"{i // 100}.{i % 100:02d}{letter}", i * 10**power / 100


yahoo = st.one_of(row(*[decimals(6)] * 5, whole.map(lambda i: (str(i), i))), st.just((["null"] * 6, [NAN] * 6)))
commas = decimals(1, form="{:,.{}f}")
investing = row(
    *[commas] * 4, or_mark(price.map(scaled), "-"), st.integers(-9998, 9999).map(lambda i: (f"{i / 100:.2f}%", i / 100))
)
grouped = or_mark(whole.map(lambda i: (f"{i:,d}", i)), "-")
power_full = row(*[decimals(3, st.integers(0, 999_999))] * 7)
power_lost = st.just((["?"] * 6 + [""], [NAN] * 7))
OHLC = ("Open", "High", "Low", "Close")
SOURCES = {
    "Yahoo Finance": Source(
        "bitcoin", ("Date", *OHLC, "Adj Close", "Volume"), lambda d: [d.isoformat()], yahoo
    ),
    "Investing.com": Source(
        "bitcoin", ("Date", "Price", "Open", "High", "Low", "Vol.", "Change %"), lambda d: [f"{d:%d-%m-%Y}"], investing,
        names=("Close", "Open", "High", "Low", "Volume", "Change"), newest_first=True, quote=csv.QUOTE_ALL,
    ),
    "CoinMarketCap": Source(
        "bitcoin", ("Date", *OHLC, "Volume", "Market Cap"),
        lambda d: [f"{MONTHS[d.month - 1]} {d.day:02d}, {d.year}"], row(*[decimals(2)] * 4, grouped, grouped), newest_first=True,
    ),
    "CoinDesk": Source(
        "bitcoin", ("Date", "Close"), lambda d: [d.isoformat()], row(decimals(4)),
        tail='\n"This data was produced from the CoinDesk Bitcoin Price Index. In USD."\nhttp://www.coindesk.com/price/\n',
    ),
    "UCI": Source(
        "power", FORMATS[0].header,
        lambda d: [f"{d.day}/{d.month}/{d.year}", "17:24:00"], st.one_of(power_full, power_lost),
        names=FORMATS[0].header[2:], sep=";", end="\r\n",
    ),
    "Melbourne": Source(
        "melbourne", ("Date", "Temp"), lambda d: [d.isoformat()], row(decimals(1, st.integers(-500, 500))), end="\r\n"
    ),
    "noise": Source(
        "noise", ("Date", "Temperature"), lambda d: [d.isoformat()],
        row(st.floats(0.001, 1e6).filter(lambda x: "e" not in repr(x)).map(lambda x: (repr(x), x))), end="\r\n",
    ),
}  # fmt: skip


@st.composite
def tables(draw, source):
    """Lines in the order of the file, and the same as stamps and values."""
    if source.name == "power":
        first = draw(st.integers(0, 1430))
        day = draw(st.dates(date(1990, 1, 1), date(2020, 1, 1)))
        stamps = [pd.Timestamp(day) + pd.Timedelta(minutes=first + i) for i in range(draw(st.integers(3, 12)))]
    else:
        first = draw(st.dates(date(1990, 1, 1), date(2020, 1, 1)))
        stamps = [pd.Timestamp(first + timedelta(days=i)) for i in range(draw(st.integers(3, 12)))]
    keep = [draw(st.integers(0, 4)) > 0 for _ in stamps]
    assume(sum(keep) >= max(3, len(stamps) / 2))
    stamps = [stamp for stamp, kept in zip(stamps, keep, strict=True) if kept]
    assume(2 * len(stamps) >= (stamps[-1] - stamps[0]) // (stamps[1] - stamps[0]) + 1)
    rows = [draw(source.rows) for _ in stamps]
    lines = []
    for stamp, (cells, _) in zip(stamps, rows, strict=True):
        when = source.day(stamp.date())
        if source.name == "power":
            when[1] = f"{stamp:%H:%M}:00"
        lines.append([*when, *cells])
    return (lines[::-1] if source.newest_first else lines), stamps, [values for _, values in rows]


def attempt(action):
    """The result and None, or None and the DataError."""
    try:
        return action(), None
    except DataError as error:
        return None, error


@pytest.mark.parametrize("name", SOURCES)
class TestEverySource:
    @calm
    @given(data=st.data())
    def test_round_trip(self, name, data):
        source = SOURCES[name]
        lines, stamps, values = data.draw(tables(source))
        found = source.read(lines)
        assert list(found.frame.columns) == list(source.names)
        expected = pd.DataFrame(values, index=stamps, columns=source.names, dtype=float)
        assert (found.frame.index[0], found.frame.index[-1]) == (stamps[0], stamps[-1])
        assert list(found.absent) == sorted(set(found.frame.index) - set(stamps))
        assert found.frame.loc[found.absent].isna().all(axis=None)
        np.testing.assert_array_equal(found.frame.loc[stamps], expected)

    @calm
    @given(data=st.data())
    def test_a_spoilt_cell_is_named_or_missing(self, name, data):
        source = SOURCES[name]
        lines, stamps, values = data.draw(tables(source))
        at = data.draw(st.integers(0, len(lines) - 1))
        column = data.draw(st.integers(0, len(source.header) - 1))
        n_stamps = len(source.header) - len(source.names)
        where = len(lines) - 1 - at if source.newest_first else at
        assume(column < n_stamps or not np.isnan(values[where][column - n_stamps]))
        spoilt = [list(line) for line in lines]
        spoilt[at][column] = data.draw(st.sampled_from(SPOILT))
        before = int(source.read(lines).frame.isna().sum().sum())
        found, error = attempt(lambda: source.read(spoilt))
        if error is not None:
            assert (error.file, error.row, error.column) == ("x.csv", at + 2, source.header[column])
            assert error.came == spoilt[at][column]
            assert error.expected
            return
        assert column >= n_stamps
        assert np.isnan(found.frame.loc[stamps[where], source.names[column - n_stamps]])
        assert int(found.frame.isna().sum().sum()) == before + 1
        assert any(note.startswith(f"{source.names[column - n_stamps]}: the marker") for note in found.notes)

    @calm
    @given(data=st.data())
    def test_lost_and_added_fields_are_named(self, name, data):
        source = SOURCES[name]
        lines, _, _ = data.draw(tables(source))
        at = data.draw(st.integers(0, len(lines) - 1))
        changed = [list(line) for line in lines]
        if data.draw(st.booleans()):
            changed[at].append("1.0")
        else:
            changed[at].pop()
            assume(len(changed[at]) > 0)
        with pytest.raises(DataError, match="fields in place of") as caught:
            source.read(changed)
        assert caught.value.row == at + 2


class TestFastAndRowByRow:
    """`minutes.quick` and `table._by_row` are two formulations of the same rules."""

    def agree(self, raw):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table, "BLOCK", 3)
            fast, fast_error = attempt(lambda: table.read(raw, "x", FORMATS, quick=minutes.quick))
        plain, plain_error = attempt(lambda: table.read(raw, "x", FORMATS))
        assert str(fast_error) == str(plain_error)
        if plain_error is None:
            pd.testing.assert_frame_equal(fast.frame, plain.frame, check_exact=True)
            assert list(fast.absent) == list(plain.absent)
            assert fast[2:] == plain[2:]

    @calm
    @given(data=st.data())
    def test_on_whole_files_in_any_order(self, data):
        lines, _, _ = data.draw(tables(SOURCES["UCI"]))
        lines = data.draw(st.permutations(lines))
        raw = SOURCES["UCI"].write(lines)
        assert minutes.quick(raw.decode().splitlines()[1:], *FORMATS) is not None
        self.agree(raw)

    @thorough
    @given(data=st.data())
    def test_on_spoilt_files(self, data):
        lines, _, _ = data.draw(tables(SOURCES["UCI"]))
        raw = bytearray(SOURCES["UCI"].write(lines))
        for _ in range(data.draw(st.integers(1, 2))):
            at = data.draw(st.integers(0, len(raw) - 1))
            new = data.draw(
                st.one_of(
                    st.sampled_from([b";", b".", b"?", b"\r", b"\n", b"-", b"1", b"", b" ", b'"']),
                    st.binary(max_size=2),
                )
            )
            raw[at : at + data.draw(st.integers(0, 2))] = new
        self.agree(bytes(raw))

    @calm
    @given(st.text("0123456789.+-?", min_size=1, max_size=20))
    @example("9007199254740993")
    @example("0.30000000000000004")
    @example("123456789012.345")
    def test_on_single_numbers(self, cell):
        line = ["9/1/2007", "00:00:00", cell, *["1.000"] * 6]
        self.agree(SOURCES["UCI"].write([line, ["9/1/2007", "00:01:00", *["1.000"] * 7]]))


@thorough
@given(st.lists(st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=3), min_size=10, max_size=10), st.data())
def test_series_without_dates(values, data):
    values = np.array(values) / 7
    assume((values != -9999).all())
    out = io.StringIO()
    np.savetxt(out, values, delimiter=",")  # the program that wrote the published files
    lines = out.getvalue().splitlines()
    read = SETS["bankex"].read
    np.testing.assert_array_equal(read(out.getvalue().encode(), "x").frame.T, values)
    at, column = data.draw(st.integers(0, 9)), data.draw(st.integers(0, 2))
    cells = lines[at].split(",")
    cells[column] = data.draw(st.sampled_from([cell for cell in SPOILT if "," not in cell]))
    spoilt = "\n".join([*lines[:at], ",".join(cells), *lines[at + 1 :]]) + "\n"
    if cells[column] == "-9999":
        found = read(spoilt.encode(), "x")
        assert found.frame.isna().sum().sum() == np.isnan(found.frame.iloc[column, at]) == 1
        assert len(found.notes) == 1
        return
    with pytest.raises(DataError) as caught:
        read(spoilt.encode(), "x")
    assert (caught.value.row, caught.value.column, caught.value.came) == (at + 1, column + 1, cells[column])


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff"), min_size=1).filter(str.strip)


@thorough
@given(st.lists(st.tuples(texts, st.sampled_from(["positive", "negative"])), min_size=1), st.data())
def test_reviews(rows, data):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([("review", "sentiment"), *rows])
    raw = out.getvalue().encode()
    frame = SETS["reviews"].read(raw, "x").frame
    assert list(frame.itertuples(index=False, name=None)) == rows
    at = data.draw(st.integers(0, len(rows) - 1))
    spoilt = [list(line) for line in rows]
    spoilt[at][1] = data.draw(st.sampled_from(["", "pos", "Positive", "1", "positive "]))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([("review", "sentiment"), *spoilt])
    with pytest.raises(DataError) as caught:
        SETS["reviews"].read(out.getvalue().encode(), "x")
    line = 2 + sum(1 + text.count("\n") for text, _ in rows[:at])
    assert (caught.value.row, caught.value.column) == (line, "sentiment")
