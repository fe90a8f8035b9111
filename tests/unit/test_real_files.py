"""The loaders on real files, which are no part of this project: GRU_LIB_REAL_DATA names a folder laid out like
data/cache/. Each file is read a second time by plain pandas or csv, and the values must be equal."""

import csv
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gru_lib import windows
from gru_lib.datasets import DataError, load
from gru_lib.readers.sets import SETS

REAL = os.environ.get("GRU_LIB_REAL_DATA")
if not REAL:
    pytest.skip("GRU_LIB_REAL_DATA names no folder of real files", allow_module_level=True)


@pytest.fixture(autouse=True)
def folder(monkeypatch):
    monkeypatch.setenv("GRU_LIB_DATA", REAL)
    return Path(REAL)


def there(pattern):
    """The one real file that fits; the test is skipped if it is not supplied."""
    found = sorted(Path(REAL).glob(pattern))
    if not found:
        pytest.skip(f"no {pattern} among the real files")
    return found[0]


def test_what_auto_finds(folder):
    for name, entry in SETS.items():
        data = load(name)
        if name == "noise":  # generated, wherever its file lies
            assert data.source == "sample"
            continue
        real = entry.package or (folder / entry.file).exists() or any(any(folder.glob(p)) for p in entry.others)
        assert data.source == ("real" if real else "sample"), name


class TestMelbourne:
    def test_values(self):
        data = load("melbourne")
        path = there("melbourne/daily-min-temperatures.csv")
        by_pandas = pd.read_csv(path, index_col=0, parse_dates=True).Temp
        assert data.source == "real"
        assert len(data.frame) == 3652
        assert data.missing == {"Temp": 2}
        assert [f"{day:%Y-%m-%d}" for day in data.absent] == ["1984-12-31", "1988-12-31"]
        assert (data.frame.Temp.dropna() == by_pandas).all()
        assert (data.frame.Temp.min(), data.frame.Temp.max()) == (0.0, 26.3)
        own = load("melbourne", path=path)
        assert own.provenance == data.provenance
        assert own.frame.equals(data.frame)

    def test_cut_anywhere_in_its_last_row(self, tmp_path):
        raw = there("melbourne/daily-min-temperatures.csv").read_bytes()
        for cut in (1, 2, 3, 5, 12):
            (tmp_path / "cut.csv").write_bytes(raw[:-cut])
            with pytest.raises(DataError, match=r"row 3651.*cut off"):
                load("melbourne", path=tmp_path / "cut.csv")

    def test_the_older_export_is_refused_at_its_first_mark(self):
        with pytest.raises(DataError, match=r"row 567, column Value: cannot be read; came '\?0\.2'"):
            load("melbourne", path=there("melbourne/*datamarket.csv"))


class TestBitcoin:
    def test_yahoo(self):
        path = there("bitcoin/yahoo_BTC-USD_2014-2021.csv")
        data = load("bitcoin", path=path)
        by_pandas = pd.read_csv(path, index_col="Date", parse_dates=True)
        assert data.format == "Yahoo Finance"
        np.testing.assert_array_equal(data.frame, by_pandas)
        assert (data.frame.index == by_pandas.index).all()
        assert set(data.missing.values()) == {4}
        assert len(data.absent) == 0
        gap = data.frame.index[data.frame.Close.isna()]
        assert [f"{day:%m-%d}" for day in gap] == ["04-17", "10-09", "10-12", "10-13"]
        at = windows.positions(data.frame.Close, 60, gaps="skip")
        inside = [not data.frame.Close.iloc[p - 60 : p + 1].isna().any() for p in range(60, len(data.frame))]
        assert at.tolist() == (np.flatnonzero(inside) + 60).tolist()

    def test_investing(self):
        path = there("bitcoin/investing*.csv")
        data = load("bitcoin", path=path)
        by_pandas = pd.read_csv(path, thousands=",", index_col="Date").iloc[::-1]
        assert (data.frame.index == pd.to_datetime(by_pandas.index, format="%d-%m-%Y")).all()
        np.testing.assert_array_equal(data.frame[["Close", "Open", "High", "Low"]], by_pandas.iloc[:, :4])
        factors = {"K": 1e3, "M": 1e6, "B": 1e9}
        volume = [float(v.rstrip("KMB")) * factors.get(v[-1], 1) for v in by_pandas["Vol."]]
        np.testing.assert_allclose(data.frame.Volume, volume, rtol=1e-15)
        assert data.notes == ("the rows came newest first; they were sorted by date",)

    def test_coinmarketcap(self):
        data = load("bitcoin", path=there("bitcoin/coinmarketcap*.csv"))
        assert (data.format, len(data.frame), data.missing["Volume"]) == ("CoinMarketCap", 1592, 243)
        assert f"{data.frame.index[0]:%Y-%m-%d} {data.frame.index[-1]:%Y-%m-%d}" == "2013-04-28 2017-09-05"

    def test_coindesk(self):
        data = load("bitcoin", path=there("bitcoin/coindesk*.csv"))
        assert (data.format, len(data.frame) - len(data.absent)) == ("CoinDesk", 2138)
        assert "2 lines beginning" in data.notes[0]


class TestPower:
    def test_values(self):
        path = there("household/household_power_consumption.txt")
        data = load("power")
        by_pandas = pd.read_csv(path, sep=";", na_values="?", low_memory=False)
        assert data.source == "real"
        np.testing.assert_array_equal(data.frame.dropna(), by_pandas.iloc[:, 2:].dropna())
        stamps = pd.to_datetime(by_pandas.Date + " " + by_pandas.Time, format="%d/%m/%Y %H:%M:%S")
        assert data.frame.index.difference(stamps).equals(data.absent)
        assert data.missing["Voltage"] == by_pandas.Voltage.isna().sum() + len(data.absent)

    def test_deleted_rows_are_absent_minutes(self):
        data = load("power", path=there("household/*rows-deleted.txt"))
        absent = [f"{stamp:%d %H:%M}" for stamp in data.absent]
        assert absent == ["21 11:23", "21 11:24", "30 10:08", "30 10:09"]
        assert "spaces around cells were left out" in data.notes

    def test_cut(self, tmp_path):
        raw = there("household/household_power_consumption.txt").read_bytes()
        rows = raw.count(b"\n")
        for cut in (3, 4, 20, 50):
            (tmp_path / "cut.txt").write_bytes(raw[:-cut])
            with pytest.raises(DataError, match=f"row {rows}.*cut off"):
                load("power", path=tmp_path / "cut.txt")


def test_reviews():
    path = there("imdb/*.csv")
    data = load("reviews", path=path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert data.frame.to_dict("records") == rows
    assert set(data.frame.sentiment) == {"positive", "negative"}


@pytest.mark.parametrize(("name", "days"), [("bankex", 3032), ("activities", 3584)])
def test_series_without_dates(name, days):
    path = there(SETS[name].file)
    data = load(name)
    np.testing.assert_array_equal(data.frame.T, np.loadtxt(path, delimiter=","))
    assert data.frame.shape == (days, 10)
    assert data.provenance == SETS[name].about


def test_noise_is_the_sample():
    path = there(SETS["noise"].file)
    assert load("noise", path=path).frame.equals(load("noise", source="sample").frame)
