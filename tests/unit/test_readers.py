"""The formats of the five systems: what the file holds comes out; whatever is wrong is named with row and column."""

import io
import tarfile

import numpy as np
import pandas as pd
import pytest

from gru_lib import windows
from gru_lib.datasets import DataError, load
from gru_lib.readers import files, table
from gru_lib.readers.sets import SETS

NAN = float("nan")
YAHOO = "Date,Open,High,Low,Close,Adj Close,Volume\n"
INVESTING = '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n'
MARKETCAP = "Date,Open,High,Low,Close,Volume,Market Cap\n"
COINDESK = "Date,Close\n"
FOOTER = '\n"This data was produced from the CoinDesk Bitcoin Price Index. BPI value data."\nhttp://www.coindesk.com/price/\n'
POWER = (
    "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;"
    "Sub_metering_1;Sub_metering_2;Sub_metering_3\r\n"
)
FULL = "4.216;0.418;234.840;18.400;0.000;1.000;17.000"
LOST = "?;?;?;?;?;?;"
REVIEWS = "review,sentiment\r\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Load a text or bytes as a file of a set, from a file called bad.csv."""
    monkeypatch.chdir(tmp_path)

    def load_content(name, content):
        (tmp_path / "bad.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(name, path="bad.csv")

    return load_content


def power(*rows, end="\r\n"):
    return POWER + "".join(row + end for row in rows)


def refused(read, name, content, message):
    with pytest.raises(DataError) as caught:
        read(name, content)
    assert message in str(caught.value)
    assert caught.value.file == "bad.csv"
    return caught.value


class TestBitcoin:
    def test_yahoo(self, read):
        rows = (
            "2020-04-16,6640.45,7134.45,6555.50,7116.80,7116.80,46783242377\n2020-04-17,null,null,null,null,null,null\n"
        )
        data = read("bitcoin", YAHOO + rows)
        assert data.format == "Yahoo Finance"
        assert list(data.frame.columns) == ["Open", "High", "Low", "Close", "Adj Close", "Volume"]
        assert data.frame.iloc[0].to_list() == [6640.45, 7134.45, 6555.5, 7116.8, 7116.8, 46783242377.0]
        assert data.frame.iloc[1].isna().all()
        assert set(data.missing.values()) == {1}
        assert data.notes[0] == "Open: the marker null or -9999, read as missing: 1"
        assert data.label("Close") == "Close (USD)"

    def test_investing(self, read):
        rows = '"01-03-2024","69,664.4","71,329.3","71,329.3","68,175.9","94.05K","-2.34%"\n'
        rows += '"29-02-2024","424.4","463.5","480.3","409.3","1.20B","4.23%"\n'
        rows += '"27-02-2024","424.4","463.5","480.3","409.3","71","0.00%"\n"26-02-2024","1.0","1.0","1.0","1.0","2.5M","0%"\n'
        data = read("bitcoin", INVESTING + rows)
        assert data.format == "Investing.com"
        assert list(data.frame.columns) == ["Close", "Open", "High", "Low", "Volume", "Change"]
        assert data.frame.loc["2024-03-01"].to_list() == [69664.4, 71329.3, 71329.3, 68175.9, 94050.0, -2.34]
        np.testing.assert_array_equal(data.frame.Volume, [2.5e6, 71, NAN, 1.2e9, 94050])
        assert list(data.absent) == [pd.Timestamp("2024-02-28")]
        assert data.notes[0] == "the rows came newest first; they were sorted by date"
        assert (data.label("Volume"), data.label("Change")) == ("Volume (BTC)", "Change (%)")

    def test_coinmarketcap(self, read):
        rows = '"Sep 05, 2017",4228.29,4427.84,3998.11,4376.53,"2,697,970,000","69,954,400,000"\n'
        rows += '"Sep 04, 2017",4591.63,4591.63,4108.40,4236.31,-,"75,955,500,000"\n'
        data = read("bitcoin", MARKETCAP + rows)
        assert data.format == "CoinMarketCap"
        assert list(data.frame.index) == [pd.Timestamp("2017-09-04"), pd.Timestamp("2017-09-05")]
        np.testing.assert_array_equal(data.frame.Volume, [NAN, 2697970000])
        assert data.frame["Market Cap"].to_list() == [75955500000, 69954400000]
        assert data.notes == (
            "the rows came newest first; they were sorted by date",
            "Volume: the marker - or -9999, read as missing: 1",
        )

    def test_coindesk(self, read):
        data = read("bitcoin", COINDESK + "2016-05-23,443.7340\n2016-05-24,445.1300\n" + FOOTER)
        assert data.format == "CoinDesk"
        assert data.frame.Close.to_list() == [443.734, 445.13]
        footer = "This data was produced from the CoinDesk Bitcoin Price Index"
        assert data.notes == (f"text after the rows, left out: 2 lines beginning {footer!r}",)
        other = COINDESK + "2016-05-23,443.7340\n\nsome other text\n"
        refused(read, "bitcoin", other, "bad.csv, row 3: blank line")
        other = YAHOO + "2016-05-23,1,1,1,1,1,1\n" + FOOTER  # this format has no such text
        refused(read, "bitcoin", other, "bad.csv, row 3: blank line")

    def test_unknown_header_lists_the_known_ones(self, read):
        error = refused(
            read, "bitcoin", "Date,Open,Close\n2020-01-01,1,2\n", "bad.csv, row 1: wrong header; came 'Date,"
        )
        for form in ("Low,Close,Volume,Market Cap or ", "Adj Close,Volume or ", "Vol.,Change % or Date,Close"):
            assert form in error.expected

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (YAHOO + "2020-04-17,null,null,null,null,null,nul\n", "row 2, column Volume: cannot be read; came 'nul'"),
            (YAHOO + '2020-04-17,"7,134.45",1,1,1,1,1\n', "row 2, column Open: cannot be read; came '7,134.45'"),
            (YAHOO + "2020-04-17,1,1,1,1,1\n", "row 2: 6 fields in place of 7"),
            (
                YAHOO + "17-04-2020,1,1,1,1,1,1\n",
                "column Date: cannot be read; came '17-04-2020'; expected a date from",
            ),
            (YAHOO + "2020-4-17,1,1,1,1,1,1\n", "column Date: cannot be read; came '2020-4-17'"),
            (YAHOO + "2020-04-17,1,1,1,1,1,", "row 2, column Volume: cannot be read; the last line has no line end"),
            (MARKETCAP + '"Sept 05, 2017",1,1,1,1,-,-\n', "row 2, column Date: cannot be read; came 'Sept 05, 2017'"),
            (MARKETCAP + '"Sep 31, 2017",1,1,1,1,-,-\n', "row 2, column Date: cannot be read; came 'Sep 31, 2017'"),
            (MARKETCAP + '"Sep 05, 2017",1,1,1,-,-,-\n', "row 2, column Close: cannot be read; came '-'"),
            (MARKETCAP + '"Sep 05, 2017",1,1,1,1,"2,69",-\n', "row 2, column Volume: cannot be read; came '2,69'"),
            (
                INVESTING + '"04/01/2024","1","1","1","1","1K","1%"\n',
                "came '04/01/2024'; expected a date from 1700 to 2",
            ),
            (
                INVESTING + '"31-01-2024","1","1","1","1","1k","1%"\n',
                "column Vol.: cannot be read; came '1k'; expected a nu",
            ),
            (
                INVESTING + '"31-01-2024","1","1","1","1","1K","1"\n',
                "column Change %: cannot be read; came '1'; expected a",
            ),
            (INVESTING + '"31-01-2024","1","1","1","1","1K","1%\n', "row 2: broken quotes"),
        ],
    )
    def test_errors(self, read, content, message):
        refused(read, "bitcoin", content, message)

    def test_numbers_of_varying_length_are_no_sign_of_a_cut(self, read):
        whole = "Date,Temperature\n2010-01-01,27.483570765056165\n2010-01-02,24.30867849414408\n2010-01-03,28.23844269050346"
        data = read("noise", whole)
        assert data.frame.Temperature.to_list() == [27.483570765056165, 24.30867849414408, 28.23844269050346]
        assert data.notes[0] == "the last line has no line end; whether Temperature is complete there cannot be told"

    def test_a_last_number_of_no_fixed_length_is_noted(self, read):
        data = read("bitcoin", (YAHOO + "2020-04-16,1,1,1,1,1,4678\n2020-04-17,1,1,1,1,1,46"))
        assert data.notes == ("the last line has no line end; whether Volume is complete there cannot be told",)


class TestPower:
    def test_values(self, read):
        data = read(
            "power", power(f"9/1/2007;23:58:00;{FULL}", f"9/1/2007;23:59:00;{LOST}", f"10/1/2007;00:00:00;{FULL}")
        )
        values = [4.216, 0.418, 234.84, 18.4, 0.0, 1.0, 17.0]
        np.testing.assert_array_equal(data.frame, [values, [NAN] * 7, values])
        assert list(data.frame.index) == list(pd.date_range("2007-01-09 23:58", periods=3, freq="min"))
        assert data.frame.index.name == "time"
        assert set(data.missing.values()) == {1}
        assert data.notes[6] == "Sub_metering_3: the marker ? or (empty) or -9999, read as missing: 1"
        assert data.label("Voltage") == "Voltage (V)"
        assert repr(data).startswith(
            "Dataset('power', real: 3 minutes 2007-01-09 23:58 to 2007-01-10 00:00; columns Glob"
        )

    def test_dates_are_day_month_year_padded_or_not(self, read):
        rows = [f"{day};00:00:00;{FULL}" for day in ("31/1/2007", "01/02/2007", "1/2/2007")]
        for row, day in zip(rows, ("2007-01-31", "2007-02-01", "2007-02-01"), strict=True):
            assert list(read("power", power(row)).frame.index) == [pd.Timestamp(day)]

    def test_absent_minutes(self, read):
        data = read("power", power(*(f"16/12/2006;17:{m}:00;{FULL}" for m in (21, 22, 23, 25))))
        assert list(data.absent) == [pd.Timestamp("2006-12-16 17:24")]
        assert data.frame.isna().any(axis=1).to_list() == [False] * 3 + [True, False]
        assert "minutes absent from the file, rows of NaN here: 1" in data.notes

    def test_no_window_crosses_an_absent_minute(self, read):
        frame = read("power", power(*(f"16/12/2006;17:{m}:00;{FULL}" for m in (*range(10, 15), *range(16, 30))))).frame
        with pytest.raises(
            DataError, match=r"bad.csv, column Global_active_power, .*: 7 values are NaN, at position 5;"
        ):
            windows.make(frame, 2)
        at = windows.positions(frame, 3, gaps="skip")
        assert at.tolist() == [3, 4, *range(9, 20)]

    def test_rows_out_of_order(self, read):
        minutes_ = [f"16/12/2006;17:{m}:00;{m}.000{FULL[5:]}" for m in (22, 23, 21)]
        data = read("power", power(*minutes_))
        assert data.frame.Global_active_power.to_list() == [21, 22, 23]
        assert data.notes[0] == "the rows were not in order of date (row 4 goes back); they were sorted"

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ((FULL, FULL.replace("0.418", "?0.4")), "row 3, column Global_reactive_power: cannot be read; came '?0.4'; expected"),
            ((FULL, FULL.replace("234.840", "")), "row 3, column Voltage: cannot be read; came ''"),
            ((FULL, FULL.replace("234.840", "234,840")), "row 3, column Voltage: cannot be read; came '234,840'"),
            ((FULL, FULL.replace("234.840", "2.4.0")), "row 3, column Voltage: cannot be read; came '2.4.0'"),
            ((FULL, FULL.replace("234.840", "234.")), "row 3, column Voltage: cannot be read; came '234.'"),
            ((FULL, FULL.replace("234.840", ".840")), "row 3, column Voltage: cannot be read; came '.840'"),
            ((FULL, FULL.replace("234.840", "nan")), "row 3, column Voltage: cannot be read; came 'nan'"),
            ((FULL, FULL.replace("234.840", "2e3")), "row 3, column Voltage: cannot be read; came '2e3'"),
            ((FULL, FULL.replace("234.840", "9" * 400)), "a number that a float can hold"),
            ((FULL, FULL[:-7]), "row 3: 8 fields in place of 9"),
            ((FULL, FULL + ";1.000"), "row 3: 10 fields in place of 9"),
            ((FULL[:-7], FULL + ";1.000"), "row 2: 8 fields in place of 9"),  # the separators of both are 16 together
        ],
    )  # fmt: skip
    def test_bad_values(self, read, rows, message):
        refused(read, "power", power(*(f"9/1/2007;23:0{i}:00;{row}" for i, row in enumerate(rows))), message)

    @pytest.mark.parametrize(
        ("stamp", "message"),
        [
            ("9/1/2007;00:00:00", "row 3, column Date: this minute is already in row 2; came '2007-01-09 00:00'"),
            ("09/01/2007;00:00:00", "row 3, column Date: this minute is already in row 2"),
            (
                "9/13/2007;00:01:00",
                "row 3, column Date: cannot be read; came '9/13/2007'; expected a date from 1700 to 2200",
            ),
            ("9.1.2007;00:01:00", "row 3, column Date: cannot be read; came '9.1.2007'"),
            ("9/1/07;00:01:00", "row 3, column Date: cannot be read; came '9/1/07'"),
            (
                "9/1/2007;24:00:00",
                "row 3, column Time: cannot be read; came '24:00:00'; expected a time on the full minute",
            ),
            ("9/1/2007;00:01:30", "row 3, column Time: cannot be read; came '00:01:30'"),
            ("9/1/2007;0:01:00", "row 3, column Time: cannot be read; came '0:01:00'"),
            ("9/1/2009;00:00:00", "column Date: 1052639 minutes are absent between 2007-01-09 and 2009-01-09"),
        ],
    )
    def test_bad_stamps(self, read, stamp, message):
        refused(read, "power", power(f"9/1/2007;00:00:00;{FULL}", f"{stamp};{FULL}"), message)

    def test_a_file_cut_anywhere_in_its_last_rows_is_refused(self, read):
        for last in (FULL, LOST):
            whole = power(f"9/1/2007;00:00:00;{FULL}", f"9/1/2007;00:01:00;{last}").encode()
            start = whole.rstrip().rindex(b"\n") + 1
            for end in range(start + 1, len(whole) - 2):
                error = refused(read, "power", whole[:end], "row 3")
                assert "cut off" in str(error)
        assert len(read("power", whole[:-2]).frame) == 2  # the line end alone is gone
        assert len(read("power", whole[:-1]).frame) == 2

    @pytest.mark.parametrize(
        ("change", "note"),
        [
            (lambda text: "\ufeff" + text, None),
            (lambda text: text.replace("\r\n", "\n"), None),
            (lambda text: text.replace("\r\n", "\r"), None),
            (lambda text: text + "\r\n", "blank lines at the end: 1"),
            (lambda text: text.replace("17.000\r", "17.000 \r", 1), "spaces around cells were left out"),
        ],
        ids=["byte order mark", "line feeds", "carriage returns", "blank line at the end", "space"],
    )
    def test_harmless_variants(self, read, change, note):
        whole = power(*(f"9/1/2007;00:0{m}:00;{FULL}" for m in range(4)))
        data, plain = read("power", change(whole)), read("power", whole)
        pd.testing.assert_frame_equal(data.frame, plain.frame)
        assert [text for text in data.notes if text not in plain.notes] == ([note] if note else [])

    def test_the_marker_of_weather_archives(self, read):
        data = read(
            "power", power(f"9/1/2007;00:00:00;{FULL}".replace("234.840", "-9999.000"), f"9/1/2007;00:01:00;{FULL}")
        )
        assert data.missing["Voltage"] == sum(data.missing.values()) == 1

    def test_millions_of_rows_do_not_go_row_by_row(self, monkeypatch):
        """Only a block in which a line is unusual reaches the reader of single rows."""
        raw = files.sample(SETS["power"]).read_bytes()
        expected = table.read(raw, "x", SETS["power"].read.keywords["formats"])

        by_row, slow = table._by_row, []

        def watched(lines, form, file, first, open_end):
            slow.append((first, len(lines)))
            return by_row(lines, form, file, first, open_end)

        monkeypatch.setattr(table, "_by_row", watched)
        monkeypatch.setattr(table, "BLOCK", 1000)
        for usual in (raw, raw[:-2], raw + b"\r\n", b"\xef\xbb\xbf" + raw):
            found = SETS["power"].read(usual, "x")
            pd.testing.assert_frame_equal(found.frame, expected.frame)
            assert slow == []
        assert SETS["power"].read(raw, "x").notes == expected.notes
        lines = raw.split(b"\r\n")
        lines[4321] = lines[4321].replace(b";", b" ;")
        found = SETS["power"].read(b"\r\n".join(lines), "x")
        pd.testing.assert_frame_equal(found.frame, expected.frame)
        assert slow == [(4002, 1000)]
        ends_open = [line if i != 1000 else line.replace(b".", b",") for i, line in enumerate(lines[:-1])]
        with pytest.raises(DataError, match=r"row 1001, column Global_active_power: cannot be read; came"):
            SETS["power"].read(b"\r\n".join(ends_open), "x")  # the last line of its block, not of the file
        lines[7654] = lines[7654].replace(b";1", b";x")
        with pytest.raises(DataError, match="row 7655, column"):
            SETS["power"].read(b"\r\n".join(lines), "x")


def matrix(rows):
    return "".join(",".join(f"{value:.18e}" for value in row) + "\n" for row in rows)


class TestMatrix:
    VALUES = np.arange(50.0).reshape(10, 5) / 7

    @pytest.mark.parametrize("name", ["bankex", "activities"])
    def test_values(self, read, name):
        data = read(name, matrix(self.VALUES))
        np.testing.assert_array_equal(data.frame.T, self.VALUES)
        assert list(data.frame.columns) == [f"series_{i}" for i in range(1, 11)]
        assert (data.frame.index.name, list(data.frame.index)) == ("day", [0, 1, 2, 3, 4])
        assert len(data.absent) == 0
        assert data.label("series_1") == ("series_1 (INR)" if name == "bankex" else "series_1")

    def test_plain_numbers_and_the_marker(self, read):
        data = read("bankex", "1,2.5,-9999\n" + "1,2,3\n" * 9)
        np.testing.assert_array_equal(data.frame.series_1, [1, 2.5, NAN])
        assert data.missing["series_1"] == 1
        assert data.notes[0] == "series_1: the marker -9999, read as missing: 1"

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (
                "AXISBANK,PNB\n" + "1,2\n" * 10,
                "row 1, column 1: cannot be read: this file has neither header nor dates",
            ),
            (
                "1,2\n" * 4 + "1,x\n" + "1,2\n" * 5,
                "row 5, column 2: cannot be read; came 'x'; expected a number such as",
            ),
            ("1,2\n" * 4 + "1,\n" + "1,2\n" * 5, "row 5, column 2: cannot be read; came ''"),
            ("1,2\n" * 4 + "1,nan\n" + "1,2\n" * 5, "row 5, column 2: cannot be read; came 'nan'"),
            ("1,2\n" * 4 + "1,1e999\n" + "1,2\n" * 5, "row 5, column 2: cannot be read; came '1e999'"),
            ("1,2\n" * 4 + "1,1.0e+999\n" + "1,2\n" * 5, "row 5, column 2: cannot be read"),
            ("1,2\n" * 4 + "1,2,3\n" + "1,2\n" * 5, "row 5: 3 fields in place of 2, which row 1 has"),
            ("1,2\n" * 4 + "\n" + "1,2\n" * 5, "row 5: 0 fields in place of 2"),
            ("1,2\n" * 9, "9 lines of 2 numbers; expected 10 lines, one for each series, a day in each column"),
            ("1,2\n" * 30, "30 lines of 2 numbers; expected 10 lines"),
            ("", "the file is empty"),
            ("<html>", "this is an HTML page"),
        ],
    )
    def test_errors(self, read, content, message):
        refused(read, "bankex", content, message)

    def test_a_file_cut_anywhere_in_its_last_row_is_refused(self, read):
        whole = matrix(self.VALUES).rstrip()
        for end in range(whole.rindex("\n") + 2, len(whole)):
            assert "cut off" in str(refused(read, "bankex", whole[:end], "row 10"))
        assert len(read("bankex", whole).frame) == 5


def archive(members, mode="w:gz"):
    """A tar archive of the members {name: text} as bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            tar.addfile(info, io.BytesIO(content.encode()))
    return out.getvalue()


MEMBERS = {
    "aclImdb/README": "about",
    "aclImdb/test/neg/0_2.txt": "Bad.",
    "aclImdb/train/unsup/0_0.txt": "No label.",
    "aclImdb/train/pos/10_9.txt": "Third.",
    "aclImdb/train/pos/2_9.txt": "Second, café.",
    "aclImdb/train/neg/1_1.txt": "First.",
}


class TestReviews:
    def test_values(self, read):
        content = REVIEWS + '"A ""great"" film, café.<br /><br />\nTwo lines.",positive\r\nShort and bad.,negative\r\n'
        data = read("reviews", content)
        assert data.frame.review.to_list() == ['A "great" film, café.<br /><br />\nTwo lines.', "Short and bad."]
        assert data.frame.sentiment.to_list() == ["positive", "negative"]
        assert data.notes == ("2 rows; the published file has 50,000",)
        assert repr(data) == ("Dataset('reviews', real: 2 reviews 0 to 1; columns review, sentiment; missing none)")

    def test_repeated_reviews_are_kept_and_counted(self, read):
        data = read("reviews", REVIEWS + "Good.,positive\r\n" * 3 + "\r\n")
        assert len(data.frame) == 3
        assert "reviews that repeat an earlier one word for word, kept: 2" in data.notes
        assert "blank lines at the end: 1" in data.notes

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("text,label\r\nGood.,1\r\n", "row 1: wrong header; came 'text,label'; expected review,sentiment"),
            (REVIEWS, "row 2: no rows after the header"),
            (REVIEWS + "Good.,positive\r\n\r\nBad.,negative\r\n", "row 3: blank line"),
            (
                REVIEWS + 'Good.,positive\r\n"Two\r\nlines",1\r\n',
                "row 3, column sentiment: cannot be read; came '1'; expected",
            ),
            (
                REVIEWS + '"Two\r\nlines",positive\r\nBad.,Negative\r\n',
                "row 4, column sentiment: cannot be read; came 'Nega",
            ),
            (REVIEWS + "Good, really.,positive\r\n", "row 2: 3 fields in place of 2"),
            (REVIEWS + '"",positive\r\n', "row 2, column review: empty"),
            (REVIEWS + '"Good." indeed,positive\r\n', "row 2: broken quotes, or the file is cut off"),
            (b"review,sentiment\r\nCaf\xe9,positive\r\n", "row 2: not UTF-8 text"),
            ("", "the file is empty"),
            ("<!DOCTYPE html>", "row 1: this is an HTML page"),
        ],
    )
    def test_errors(self, read, content, message):
        refused(read, "reviews", content, message)

    def test_a_file_cut_anywhere_in_its_last_row_is_refused(self, read):
        whole = REVIEWS + 'Good.,positive\r\n"Bad, ""really"" bad.",negative'
        for end in range(len(whole) - len('"Bad, ""really"" bad.",negative') + 1, len(whole)):
            refused(read, "reviews", whole[:end], "row 3")

    def test_archive(self, read):
        data = read("reviews", archive(MEMBERS))
        assert data.frame.to_dict("list") == {
            "review": ["First.", "Second, café.", "Third.", "Bad."],
            "sentiment": ["negative", "positive", "positive", "negative"],
            "part": ["train", "train", "train", "test"],
        }

    def test_broken_archives(self, read):
        random = np.random.default_rng(0).bytes(20000).hex()  # too varied to be packed into one block
        raw = archive({**MEMBERS, "aclImdb/train/pos/3_9.txt": random})
        for cut in (3, 40, len(raw) // 2, len(raw) - 9):
            refused(read, "reviews", raw[:cut], "the archive is cut off or broken")
        refused(read, "reviews", raw[:200] + b"xxxxxxxx" + raw[208:], "the archive is cut off or broken")
        refused(
            read, "reviews", archive({"other.txt": "x"}), "no reviews in this archive; expected aclImdb/train/pos/0_9"
        )
        with pytest.raises(DataError, match=r"bad.csv: aclImdb/train/pos/2_9.txt: the file is empty"):
            read("reviews", archive({**MEMBERS, "aclImdb/train/pos/2_9.txt": " "}))
