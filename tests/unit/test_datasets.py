"""Data sets: what is loaded is what the file holds; everything wrong with a file is named; nothing comes unasked."""

import csv
import functools
import hashlib
import http.server
import os
import pickle
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gru_lib import datasets, windows
from gru_lib.datasets import DataError, load
from gru_lib.readers import files
from gru_lib.readers.sets import SETS

ROOT = Path(datasets.__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "samples" / "melbourne.csv"
HEAD = '"Date","Temp"\r\n'
NAN = float("nan")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """An empty folder of real files for every test, and no proxy before 127.0.0.1."""
    monkeypatch.setenv("GRU_LIB_DATA", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path


@pytest.fixture
def put(tmp_path):
    """Write a Melbourne file and return its path."""

    def write(content):
        path = tmp_path / "bad.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows(*values, first="1981-01-01", end="\r\n"):
    days = pd.date_range(first, periods=len(values))
    return HEAD + "".join(f'"{day:%Y-%m-%d}",{value}{end}' for day, value in zip(days, values, strict=True))


class TestSeattle:
    def test_every_value_is_the_file_s(self):
        data = load("seattle")
        path = datasets.fetch("seattle")
        with path.open(newline="") as file:
            lines = list(csv.DictReader(file))
        assert len(lines) == len(data.frame) == 1461
        for line, (day, row) in zip(lines, data.frame.iterrows(), strict=True):
            assert line.pop("date") == f"{day:%Y/%m/%d}"
            assert line.pop("weather") == row.weather
            assert {name: float(value) for name, value in line.items()} == row.drop("weather").to_dict()

    def test_facts(self):
        data = load("seattle")
        frame = data.frame
        assert (data.name, data.source, data.file) == ("seattle", "real", "vega_datasets/_data/seattle-weather.csv")
        assert list(frame.columns) == ["precipitation", "temp_max", "temp_min", "wind", "weather"]
        assert (frame.index == pd.date_range("2012-01-01", "2015-12-31", name="date")).all()
        assert frame.index.name == "date"
        assert all(frame[c].dtype == np.float64 for c in frame.columns[:4])
        assert set(frame.weather) == {"drizzle", "fog", "rain", "snow", "sun"}
        assert (frame.temp_min <= frame.temp_max).all()
        assert set(data.missing.values()) == {0}
        assert len(data.absent) == 0
        assert data.notes == ()
        assert "NOAA" in data.provenance
        assert data.label("temp_min") == "temp_min (°C)"
        assert data.label("weather") == "weather"
        assert data.caption == "Daily weather of Seattle"
        assert repr(data) == (
            "Dataset('seattle', real: 1,461 days 2012-01-01 to 2015-12-31; "
            "columns precipitation, temp_max, temp_min, wind, weather; missing none)"
        )

    def test_needs_no_network_and_runs_no_code_of_the_package(self):
        code = (
            "import socket, sys\n"
            "def refuse(*a, **k): raise AssertionError('network')\n"
            "socket.socket.connect = refuse\n"
            "from gru_lib import datasets\n"
            "assert not {'pandas', 'pooch', 'requests'} & set(sys.modules), 'heavy import'\n"
            "datasets.load('seattle'); datasets.load('melbourne')\n"
            "assert 'vega_datasets' not in sys.modules and 'pooch' not in sys.modules\n"
        )
        done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stderr

    def test_no_sample(self):
        with pytest.raises(DataError, match=r"seattle has no sample, for its real data are always there: use load"):
            load("seattle", source="sample")

    def test_an_incomplete_packaged_file_is_refused(self, tmp_path, monkeypatch):
        lines = datasets.fetch("seattle").read_text().splitlines(keepends=True)
        short = tmp_path / "short.csv"
        short.write_text("".join(lines[:1000]))
        assert load("seattle", path=short).notes == ("999 rows; the published file has 1,461",)
        monkeypatch.setattr(files, "packaged", lambda entry: short)
        with pytest.raises(DataError, match="1,461 complete days expected, 999 came"):
            load("seattle")

    def test_package_not_installed(self, monkeypatch):
        monkeypatch.setattr(files, "find_spec", lambda name: None)
        with pytest.raises(DataError, match="the package vega_datasets, which brings this file, is not installed"):
            load("seattle")

    def test_unknown_weather(self, tmp_path):
        path = tmp_path / "w.csv"
        path.write_text("date,precipitation,temp_max,temp_min,wind,weather\n2012/01/01,0.0,12.8,5.0,4.7,hail\n")
        with pytest.raises(DataError, match="row 2, column weather: cannot be read; came 'hail'; expected one of driz"):
            load("seattle", path=path)


class TestSample:
    def test_has_the_original_format(self):
        raw = SAMPLE.read_bytes()
        assert raw.startswith(HEAD.encode() + b'"1981-01-01",')
        assert raw.count(b"\r\n") == raw.count(b"\n") == 1826

    def test_says_that_it_is_generated(self):
        data = load("melbourne")
        assert data.source == "sample"
        assert data.file == "data/samples/melbourne.csv"
        assert data.provenance.startswith("Generated by data/make_samples.py, not measured")
        assert data.caption == "Daily minimum temperature of Melbourne (generated sample, not measured)"
        assert repr(data) == (
            "Dataset('melbourne', generated sample: 1,826 days 1981-01-01 to 1985-12-31; columns Temp; missing Temp 1)"
        )
        assert load("melbourne", source="sample").frame.equals(data.frame)

    def test_stays_a_sample_wherever_it_lies(self, put):
        for path in (SAMPLE, put(SAMPLE.read_bytes())):
            data = load("melbourne", path=path)
            assert data.source == "sample"
            assert data.provenance.startswith("Generated by")

    def test_gap_is_nan_and_counted(self):
        data = load("melbourne", source="sample")
        assert data.missing == {"Temp": 1}
        assert list(data.absent) == [pd.Timestamp("1984-12-31")]
        assert np.isnan(data.frame.Temp["1984-12-31"])
        assert (np.diff(data.frame.index) == np.timedelta64(1, "D")).all()
        assert data.notes == ("days absent from the file, rows of NaN here: 1",)

    def test_absent_samples(self, monkeypatch):
        monkeypatch.setattr(files, "SAMPLES", Path("/nowhere/data/samples"))
        with pytest.raises(DataError, match=r"the generated sample melbourne.csv is not there: samples lie in data/"):
            load("melbourne")


class TestArguments:
    def test_name(self):
        for use in (load, datasets.fetch):
            with pytest.raises(
                ValueError, match=r"name must be 'seattle' or 'melbourne' or .* or 'noise', not 'sydney'"
            ):
                use("sydney")

    def test_source(self):
        with pytest.raises(ValueError, match="source must be 'auto' or 'sample' or 'real', not 'web'"):
            load("melbourne", source="web")

    def test_path_and_sample(self):
        with pytest.raises(ValueError, match="exclude each other"):
            load("melbourne", source="sample", path=SAMPLE)

    def test_path_that_is_not_there(self):
        with pytest.raises(DataError, match=r"nowhere.csv: the file cannot be read \(No such file or directory\)"):
            load("melbourne", path="nowhere.csv")

    def test_path_that_is_a_folder(self, tmp_path):
        with pytest.raises(DataError, match="the file cannot be read"):
            load("melbourne", path=tmp_path)

    def test_folder_variable_that_names_no_folder(self, monkeypatch):
        monkeypatch.setenv("GRU_LIB_DATA", "/nowhere")
        with pytest.raises(DataError, match="GRU_LIB_DATA names '/nowhere', which is not a folder"):
            load("melbourne")

    def test_default_folders(self, monkeypatch, tmp_path):
        monkeypatch.delenv("GRU_LIB_DATA")
        assert files.real_folder() == ROOT / "data" / "cache"
        monkeypatch.setattr(files, "ROOT", tmp_path)  # as when the package is installed without the checkout
        assert files.real_folder().name == "gru_lib"


class TestFormat:
    def test_own_file(self, put):
        path = put(rows(20.7, 17.9, -0.2, 14))
        data = load("melbourne", path=path)
        assert data.frame.Temp.to_list() == [20.7, 17.9, -0.2, 14.0]
        assert data.source == "real"
        assert data.provenance.startswith(f"Your own file {path}; its origin is not checked.")
        assert data.notes == ("4 rows; the published file has 3,650",)

    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbf" + rows(1.5, 2.5).encode(),
            rows(1.5, 2.5, end="\n"),
            rows(1.5, 2.5).rstrip(),
            rows(1.5, 2.5).replace('"', ""),
            rows(1.5, 2.5).replace("Temp", "Value"),
        ],
        ids=["byte order mark", "line feeds", "no line end at the end", "no quotes", "DataMarket header"],
    )
    def test_harmless_variants(self, put, content):
        data = load("melbourne", path=put(content))
        assert data.frame.Temp.to_list() == [1.5, 2.5]
        assert len(data.notes) == 1  # the number of rows

    def test_blank_lines_at_the_end_are_noted(self, put):
        assert "blank lines at the end: 2" in load("melbourne", path=put(rows(1.5, 2.5) + "\r\n\r\n")).notes

    def test_rows_out_of_order_are_sorted_and_noted(self, put):
        content = HEAD + '"1981-01-02",2.0\r\n"1981-01-03",3.0\r\n"1981-01-01",1.0\r\n'
        data = load("melbourne", path=put(content))
        assert data.frame.index.is_monotonic_increasing
        assert data.frame.Temp.to_list() == [1.0, 2.0, 3.0]
        assert data.notes[0] == "the rows were not in order of date (row 4 goes back); they were sorted"

    def test_absent_days(self, put):
        data = load("melbourne", path=put(HEAD + '"1981-01-01",1.0\r\n"1981-01-03",3.0\r\n'))
        assert data.frame.Temp.isna().to_list() == [False, True, False]
        assert data.missing == {"Temp": 1}
        assert list(data.absent) == [pd.Timestamp("1981-01-02")]

    def test_marker_is_missing_and_noted(self, put):
        data = load("melbourne", path=put(rows(1.0, "-9999", "-9999.0", 4.0)))
        assert data.frame.Temp.isna().to_list() == [False, True, True, False]
        assert data.missing == {"Temp": 2}
        assert len(data.absent) == 0
        assert "Temp: the marker -9999, read as missing: 2" in data.notes

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "bad.csv: the file is empty; came '0 bytes'"),
            (" \r\n", "bad.csv: the file is empty; came '3 bytes'"),
            ("\n<!DOCTYPE html><p>404", "bad.csv, row 1: this is an HTML page, not data; came '\\n<!DOCTYPE html><p>404'"),
            ("<HTML>", "bad.csv, row 1: this is an HTML page"),
            (HEAD.encode() + b'"1981-01-01",\xb0\r\n', "bad.csv, row 2: not UTF-8 text; came b'\\xb0'"),
            (b"PK\x03\x04abc", "bad.csv: this is a zip archive: unpack it and give the file in it"),
            ("a,b\r\n", "bad.csv, row 1: wrong header; came 'a,b'; expected Date,Temp or Date,Value"),
            (rows(1.0)[len(HEAD) :], "bad.csv, row 1: wrong header; came '\"1981-01-01\",1.0'; expected Date,Temp"),
            (HEAD, "bad.csv, row 2: no rows after the header"),
            (rows(1.0, "2.0,9"), "bad.csv, row 3: 3 fields in place of 2; came '\"1981-01-02\",2.0,9'; expected Date,Temp"),
            (rows(1.0) + "\r\n" + rows(1.0)[len(HEAD) :], "bad.csv, row 3: blank line"),
            (rows(1.0, "?0.2"), "bad.csv, row 3, column Temp: cannot be read; came '?0.2'; expected a number such as 12.3 ("),
            (rows(1.0, ""), "bad.csv, row 3, column Temp: cannot be read; came ''; expected a number such as 12.3"),
            (rows("9" * 400), "expected a number that a float can hold"),
            (rows("nan"), "bad.csv, row 2, column Temp: cannot be read; came 'nan'"),
            (rows("inf"), "came 'inf'"),
            (rows("1_0"), "came '1_0'"),
            (rows("12.", 1.0), "came '12.'"),
            (rows('"12,5"'), "row 2, column Temp: cannot be read; came '12,5'"),
            (rows('"1.0'), "bad.csv, row 2: broken quotes; came "),
            (rows(1.0, 2.0).replace("01-02", "01-01"), "bad.csv, row 3, column Date: this day is already in row 2"),
            (rows(1.0, 2.0).replace("01-02", "02-30"), "row 3, column Date: cannot be read; came '1981-02-30'; expected a date"),
            (rows(1.0).replace("1981-01-01", "01/01/1981"), "came '01/01/1981'; expected a date from 1700 to 2200 written like"),
            (rows(1.0, 2.0).replace("1981-01-02", "9999-01-02"), "row 3, column Date: cannot be read; came '9999-01-02'"),
            (rows(1.0, 2.0).replace("1981-01-02", "2081-01-02"), "column Date: 36525 days are absent between 1981-01-01"),
        ],
    )  # fmt: skip
    def test_errors(self, put, content, message):
        with pytest.raises(DataError) as caught:
            load("melbourne", path=put(content))
        assert message in str(caught.value)

    def test_a_file_cut_anywhere_in_its_last_row_is_refused(self, put):
        whole = rows(20.7, 17.9, 13.0)
        last_row = whole.rstrip().rindex("\r\n") + 2
        for end in range(last_row + 1, len(whole.rstrip())):
            with pytest.raises(DataError, match="row 4") as caught:
                load("melbourne", path=put(whole[:end]))
            assert "cut off" in str(caught.value)

    def test_attributes(self, put):
        path = put(rows(1.0, "?0.2"))
        with pytest.raises(DataError) as caught:
            load("melbourne", path=path)
        for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
            assert (error.file, error.row, error.column, error.came) == (str(path), 3, "Temp", "?0.2")
            assert error.expected.startswith("a number such as 12.3")
            assert str(error) == str(caught.value)


PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


@pytest.fixture
def server(tmp_path_factory):
    """A web server of this machine: its folder and its address."""
    folder = tmp_path_factory.mktemp("server")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=web.serve_forever, args=[0.02])
    thread.start()
    yield folder, f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    thread.join()
    web.server_close()


@pytest.fixture
def published(server, monkeypatch):
    """The server as Melbourne's address, `right` being the published bytes. Gives the function that publishes."""
    folder, address = server
    right = rows(20.7, 17.9, 13.0).encode()
    changes = {"url": f"{address}/melbourne.csv", "hash": f"sha256:{hashlib.sha256(right).hexdigest()}", "rows": 3}
    entry = replace(SETS["melbourne"], **changes)
    monkeypatch.setitem(SETS, "melbourne", entry)

    def publish(content=right):
        (folder / "melbourne.csv").write_bytes(content)
        return entry

    return publish


def stored(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


class TestFetch:
    def test_right_file(self, published, own_folder, capfd):
        published()
        assert load("melbourne").source == "sample"  # nothing comes unasked
        assert stored(own_folder) == []
        path = datasets.fetch("melbourne", progress=False)
        assert path == own_folder / "melbourne" / "daily-min-temperatures.csv"
        assert stored(own_folder) == [path]
        assert capfd.readouterr() == ("", "")
        data = load("melbourne")
        assert data.source == "real"
        assert data.frame.Temp.to_list() == [20.7, 17.9, 13.0]
        assert data.provenance == SETS["melbourne"].about
        assert data.notes == ()

    def test_asking_for_the_real_file_fetches_it_once(self, published, server, own_folder):
        published()
        assert load("melbourne", source="real").source == "real"
        (server[0] / "melbourne.csv").unlink()
        assert load("melbourne", source="real").source == "real"
        assert datasets.fetch("melbourne").exists()

    def test_progress_bar(self, published, capfd):
        published()
        datasets.fetch("melbourne")
        assert "100%" in capfd.readouterr().err

    @pytest.mark.parametrize(("content", "page"), [(b"other", False), (b"", False), (PAGE, True)])
    def test_wrong_file(self, published, own_folder, content, page):
        entry = published(content)
        with pytest.raises(DataError) as caught:
            datasets.fetch("melbourne", progress=False)
        text = str(caught.value)
        assert f"sha256 {hashlib.sha256(content).hexdigest()} came, {entry.hash[7:]} expected" in text
        assert ("it looks like an HTML page" in text) == page
        assert "gave another file, which was not kept" in text
        assert "load('melbourne', source='sample')" in text
        assert stored(own_folder) == []
        assert load("melbourne").source == "sample"

    def test_server_refuses(self, published, own_folder):
        with pytest.raises(
            DataError, match=r"could not be fetched from http.*\(the server answered 404\): use the gen"
        ):
            load("melbourne", source="real")
        assert stored(own_folder) == []

    def test_no_network(self, monkeypatch, own_folder):
        monkeypatch.setitem(SETS, "melbourne", replace(SETS["melbourne"], url="http://127.0.0.1:9/melbourne.csv"))
        with pytest.raises(DataError) as caught:
            load("melbourne", source="real")
        assert str(caught.value) == (
            "melbourne could not be fetched from http://127.0.0.1:9/melbourne.csv (no answer, is there a network?): "
            "use the generated sample, load('melbourne', source='sample'), or real data offline, load('seattle')"
        )
        assert stored(own_folder) == []

    def test_folder_that_cannot_be_written(self, published, own_folder):
        published()
        (own_folder / "melbourne").write_text("a file where the folder should be")
        with pytest.raises(DataError, match=r"melbourne could not be stored in .*: use the generated sample"):
            datasets.fetch("melbourne", progress=False)

    def test_a_changed_file_in_the_cache_is_refused(self, published, own_folder):
        entry = published()
        path = datasets.fetch("melbourne", progress=False)
        changed = path.read_bytes().replace(b"17.9", b"71.9")
        path.write_bytes(changed)
        hashes = f"sha256 {hashlib.sha256(changed).hexdigest()} came, {entry.hash[7:]} expected"
        for action in (load, datasets.fetch, functools.partial(load, source="real")):
            with pytest.raises(DataError, match="is not the published file: " + hashes):
                action("melbourne")
        assert load("melbourne", source="sample").source == "sample"
        assert load("melbourne", path=path).frame.Temp.max() == 71.9

    def test_command(self, published, capsys, own_folder):
        assert datasets.main(["melbourne"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("melbourne: failed. melbourne could not be fetched from http")
        assert err.count("\n") == 1
        published()
        assert datasets.main(["melbourne"]) == 0
        out = capsys.readouterr().out
        assert out == f"melbourne: {own_folder / 'melbourne' / 'daily-min-temperatures.csv'}, sha256 as published\n"

    def test_command_as_make_runs_it(self):
        environment = {**os.environ, "GRU_LIB_DATA": "/nowhere"}
        command = [sys.executable, "-W", "error", "-m", "gru_lib.datasets"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        problem = "failed. the environment variable GRU_LIB_DATA names '/nowhere', which is not a folder"
        public = ("melbourne", "power", "reviews", "bankex", "activities")
        assert done.stderr.splitlines() == [f"{name}: {problem}" for name in public]
        done = subprocess.run([*command, "noise", "sydney"], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "")
        first, second = done.stderr.splitlines()
        assert first.startswith("noise: failed. noise has no public address it could be fetched from")
        assert second.startswith("sydney: failed. name must be 'seattle' or")

    def test_without_an_address(self, own_folder):
        with pytest.raises(DataError, match=r"bitcoin has no public address it could be fetched from; give a file"):
            load("bitcoin", source="real")
        (own_folder / "bitcoin").mkdir()
        (own_folder / "bitcoin" / "b.csv").write_text("Date,Close\n2012-01-01,5.20\n")
        assert load("bitcoin", source="real").frame.Close.to_list() == [5.2]
        (own_folder / "bitcoin" / "a.csv").write_text("Date,Close\n2012-01-01,5.50\n")
        data = load("bitcoin")
        assert data.frame.Close.to_list() == [5.5]
        assert data.notes[0] == "2 files will do, the first by name was taken; with path= you choose: b.csv"
        (own_folder / "bitcoin" / "BTC-USD.csv").write_text("Date,Close\n2012-01-01,7.00\n")
        assert load("bitcoin").frame.Close.to_list() == [7.0]
        assert load("bitcoin").notes == ()
        assert load("bitcoin", source="sample").source == "sample"


class TestFetchArchives:
    """A file that comes in a zip archive: what is kept, checked and loaded is the file."""

    @pytest.fixture
    def zipped(self, server, monkeypatch):
        folder, address = server
        header = ";".join(("Date", "Time", *load("power", source="sample").frame.columns))
        right = f"{header}\r\n1/2/2007;00:00:00;1.0;1.0;1.0;1.0;1.0;1.0;1.0\r\n".encode()
        digest = hashlib.sha256(right).hexdigest()
        entry = replace(SETS["power"], url=f"{address}/power.zip", hash=f"sha256:{digest}", rows=1)
        monkeypatch.setitem(SETS, "power", entry)

        def publish(content=right, member=entry.member):
            with zipfile.ZipFile(folder / "power.zip", "w") as archive:
                archive.writestr(member, content)
            return folder / "power.zip"

        return publish

    def test_right_file(self, zipped, own_folder, capfd):
        zipped()
        data = load("power", source="real")
        assert stored(own_folder) == [own_folder / "household" / "household_power_consumption.txt"]
        assert "100%" in capfd.readouterr().err
        assert data.provenance == SETS["power"].about
        assert data.notes == ()
        assert datasets.fetch("power") == stored(own_folder)[0]

    def test_wrong_files(self, zipped, own_folder):
        zipped(content=b"other")
        with pytest.raises(DataError, match=r"gave another file, which was not kept: sha256 .* came"):
            datasets.fetch("power", progress=False)
        zipped(member="other.txt")
        with pytest.raises(DataError, match=r"no zip archive with household_power_consumption.txt in it"):
            datasets.fetch("power", progress=False)
        zipped().write_bytes(PAGE)
        with pytest.raises(DataError, match="looks like an HTML page; use the generated sample"):
            datasets.fetch("power", progress=False)
        assert stored(own_folder) == []

    def test_an_excerpt_is_your_own_file(self, own_folder):
        lines = files.sample(SETS["power"]).read_bytes().splitlines(keepends=True)
        (own_folder / "household").mkdir()
        path = own_folder / "household" / "household_power_consumption.txt"
        path.write_bytes(b"".join(lines[:101]))
        data = load("power")
        assert data.source == "real"
        assert data.provenance.startswith(f"Your own file {path}; its origin is not checked.")
        assert data.notes[-1] == "100 rows; the published file has 2,075,259"
        with pytest.raises(DataError, match="is not the published file: sha256"):
            datasets.fetch("power")

    def test_md5(self, server, monkeypatch, own_folder):
        folder, address = server
        (folder / "reviews.tar.gz").write_bytes(b"other")
        monkeypatch.setitem(SETS, "reviews", replace(SETS["reviews"], url=f"{address}/reviews.tar.gz"))
        with pytest.raises(DataError, match=r"not kept: md5 795f.* came, 7c2ac02c03563afcf9b574c7e56c153a expected"):
            datasets.fetch("reviews", progress=False)
        assert stored(own_folder) == []


class TestFill:
    @pytest.fixture
    def gappy(self, put):
        return load("melbourne", path=put(rows("-9999", 2.0, "-9999", "-9999", 5.0, "-9999", 7.0, "-9999")))

    @pytest.mark.parametrize(
        ("policy", "limit", "expected", "left"),
        [
            ("zero", None, [0, 2, 0, 0, 5, 0, 7, 0], 0),
            ("previous", None, [NAN, 2, 2, 2, 5, 5, 7, 7], 1),
            ("linear", None, [NAN, 2, 3, 4, 5, 6, 7, NAN], 2),
            ("zero", 1, [0, 2, NAN, NAN, 5, 0, 7, 0], 2),
            ("previous", 1, [NAN, 2, NAN, NAN, 5, 5, 7, 7], 3),
            ("linear", 1, [NAN, 2, NAN, NAN, 5, 6, 7, NAN], 4),
            ("linear", 2, [NAN, 2, 3, 4, 5, 6, 7, NAN], 2),
        ],
    )
    def test_policies(self, gappy, policy, limit, expected, left):
        before = gappy.frame.copy()
        data = gappy.fill(policy, limit=limit)
        np.testing.assert_array_equal(data.frame.Temp, expected)
        assert data.missing == {"Temp": left}
        assert data.notes[-1] == f"Temp: missing values filled, policy {policy}: {5 - left}"
        assert data.caption == f"Daily minimum temperature of Melbourne (missing values filled: {policy})"
        assert repr(data).endswith(f"missing {f'Temp {left}' if left else 'none'}; filled: {policy})")
        pd.testing.assert_frame_equal(gappy.frame, before)
        assert gappy.filled == ""

    def test_one_after_the_other(self, gappy):
        data = gappy.fill("linear", limit=1).fill("zero")
        assert data.filled == "linear, zero"
        assert data.frame.Temp.to_list() == [0, 2, 0, 0, 5, 6, 7, 0]

    def test_a_sample_stays_labelled(self):
        data = load("melbourne", source="sample").fill("previous")
        assert data.caption.endswith("(generated sample, not measured; missing values filled: previous)")

    def test_nothing_to_fill(self):
        for name in ("seattle", "reviews"):
            data = load(name)
            filled = data.fill("zero")
            assert (filled.filled, filled.notes, filled.caption) == ("", data.notes, data.caption)
            assert filled.frame.equals(data.frame)

    def test_errors(self, gappy):
        with pytest.raises(ValueError, match="policy must be 'zero' or 'previous' or 'linear', not 'mean'"):
            gappy.fill("mean")
        with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
            gappy.fill("zero", limit=0)


class TestInWindows:
    """What `windows` says about a series that was loaded: the file and the column are named."""

    def test_a_window_never_crosses_absent_days(self, put):
        content = rows(*range(10)) + rows(*range(10, 20), first="1981-01-13")[len(HEAD) :]
        data = load("melbourne", path=put(content))
        with pytest.raises(DataError, match=r"bad.csv, column Temp: 2 values are NaN, at position 10, 11; choose"):
            windows.make(data.frame, 3)
        X, y = windows.make(data.frame, 3, gaps="skip")
        assert len(X) == 2 * 7
        np.testing.assert_array_equal(np.diff(np.concatenate([X[:, :, 0], y], axis=1)), 1)
        at = windows.positions(data.frame.Temp, 3, gaps="skip")
        assert not set(range(10, 15)) & set(at.tolist())

    def test_errors_name_file_and_column(self, put):
        frame = load("melbourne", path=put(rows(1.0, 1.0, 1.0))).frame
        for series in (frame, frame.Temp, frame[:2], frame[["Temp"]]):
            with pytest.raises(DataError, match=r"bad.csv, column Temp: constant, 1.0 in all . rows: it cannot be"):
                windows.Scaler("minmax").fit(series)
        with pytest.raises(DataError, match=r"bad.csv: too few rows: with window 3 and horizon 1 the first"):
            windows.make(frame, 3)
        with pytest.raises(DataError, match=r"bad.csv: too few rows: 3 would be split into 2, 1 and 0"):
            windows.split(frame)
        with pytest.raises(DataError, match=r"bad.csv: no window of 2 and horizon 1 is free of NaN"):
            windows.make(load("melbourne", path=put(rows(1.0, "-9999", 2.0))).frame, 2, gaps="skip")
