"""Keras' numbered reviews: a small archive in the format of the published one, read here and by Keras itself."""

import hashlib
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_lib import imdb, systems
from gru_lib._checks import DataError

WORDS = {"the": 1, "and": 2, "a": 3, "of": 4, "film": 5, "dull": 6, "superb": 7}
ARRAYS = {
    "x_train": [[1, 5, 7], [6, 6, 6, 1, 2, 9], [3], [4, 2, 1, 7]],
    "y_train": [1, 0, 0, 1],
    "x_test": [[2, 2], [5], [7, 1, 9, 8]],
    "y_test": [0, 1, 1],
}


def archive(path, **changes):
    """Write the arrays as the published file holds them: lists of different length in an object array."""
    arrays = {}
    for name, values in (ARRAYS | changes).items():
        if name[0] == "x":
            arrays[name] = np.empty(len(values), dtype=object)
            arrays[name][:] = values
        else:
            arrays[name] = np.array(values)
    np.savez(path, **arrays)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of real files, empty."""
    monkeypatch.setenv("GRU_LIB_DATA", str(tmp_path))
    (tmp_path / "imdb").mkdir()
    return tmp_path


@pytest.mark.parametrize(("words", "window"), [(9, 5), (5, 3), (100, 8), (4, 1)])
def test_it_is_what_keras_loads(tmp_path, monkeypatch, words, window):
    path = archive(tmp_path / "imdb.npz")
    keras = systems.load_keras()
    monkeypatch.setattr("keras.src.datasets.imdb.get_file", lambda **_: str(path))
    theirs = dict(zip(imdb.PARTS, keras.datasets.imdb.load_data(num_words=words), strict=True))
    found = imdb.load(path, words=words, window=window)
    for part, (x, y) in theirs.items():
        padded = keras.utils.pad_sequences(x, maxlen=window)
        np.testing.assert_array_equal(found.X[part], padded)
        np.testing.assert_array_equal(found.y[part][:, 0], y)
        assert (found.X[part].dtype, found.y[part].dtype) == (np.int32, np.float32)


def test_a_review_by_hand(tmp_path):
    found = imdb.load(archive(tmp_path / "one.npz", x_train=[[1, 5, 9]], y_train=[1]), words=9, window=6)
    assert found.X["train"].tolist() == [[0, 0, 1, 4, 8, 2]]  # rank 9 is number 12, not below 9
    assert found.y["train"].tolist() == [[1]]
    assert imdb.decode(found.X["train"][0], WORDS) == ["<pad>", "<pad>", "<start>", "the", "film", "<unknown>"]


def test_the_last_numbers_are_kept(tmp_path):
    path = archive(tmp_path / "long.npz", x_train=[[1, 2, 3, 4, 5]], y_train=[0])
    assert imdb.load(path, window=2).X["train"].tolist() == [[7, 8]]


class TestWords:
    def test_signs_and_ranks(self):
        assert imdb.decode([0, 1, 4, 2, 10], WORDS) == ["<pad>", "<start>", "the", "<unknown>", "superb"]
        assert imdb.encode(["the", "nonsense", "superb"], WORDS) == [1, 4, 2, 10]

    def test_the_limit_counts_as_in_load(self, tmp_path):
        path = archive(tmp_path / "limit.npz", x_train=[[5, 6, 7]], y_train=[0])
        for words in range(4, 12):
            numbers = imdb.load(path, words=words, window=4).X["train"][0]
            assert imdb.encode(["film", "dull", "superb"], WORDS, words) == numbers.tolist()

    @given(st.lists(st.sampled_from(list(WORDS))))
    def test_there_and_back(self, words):
        assert imdb.decode(imdb.encode(words, WORDS), WORDS)[1:] == words

    @pytest.mark.parametrize("number", [3, 11, -1])
    def test_a_number_without_a_word(self, number):
        with pytest.raises(ValueError, match=f"{number} stands for no word: expected 0, 1, 2 or the rank"):
            imdb.decode([4, number], WORDS)

    @pytest.mark.parametrize("number", [4.0, True, "4", np.float32(4)])
    def test_no_number(self, number):
        with pytest.raises(TypeError, match="numbers must be whole numbers"):
            imdb.decode([number], WORDS)


class TestFiles:
    @pytest.mark.parametrize("function", [imdb.load, imdb.word_index])
    def test_not_there(self, folder, function):
        with pytest.raises(DataError, match=rf"is not there: imdb\.{function.__name__}\(fetch=True\)"):
            function()

    @pytest.mark.parametrize(("function", "name"), [(imdb.load, "imdb.npz"), (imdb.word_index, "imdb_word_index.json")])
    @pytest.mark.parametrize("fetch", [False, True])
    def test_another_file_in_the_published_ones_place(self, folder, function, name, fetch):
        (folder / "imdb" / name).write_bytes(b"{}")
        with pytest.raises(DataError, match=f"{name} is not the published file: .* delete it and fetch again"):
            function(fetch=fetch)

    def test_the_published_files(self, folder, monkeypatch):
        path = archive(folder / "imdb" / "imdb.npz")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        monkeypatch.setattr(imdb, "_REVIEWS", replace(imdb._REVIEWS, hash=f"sha256:{digest}"))
        raw = json.dumps(WORDS).encode()
        (folder / "imdb" / "imdb_word_index.json").write_bytes(raw)
        digest = hashlib.md5(raw, usedforsecurity=False).hexdigest()
        monkeypatch.setattr(imdb, "_WORDS", replace(imdb._WORDS, hash=f"md5:{digest}"))
        found, again = imdb.load(window=4), imdb.load(path, window=4)
        assert all((found.X[part] == again.X[part]).all() for part in imdb.PARTS)
        assert imdb.word_index() == WORDS

    def test_no_network(self, folder, monkeypatch):
        entry = replace(imdb._REVIEWS, url="http://127.0.0.1:9/imdb.npz")
        monkeypatch.setattr(imdb, "_REVIEWS", entry)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(DataError, match=r"reviews could not be fetched from http://127\.0\.0\.1:9/imdb\.npz"):
            imdb.load(fetch=True)
        assert not (folder / "imdb" / "imdb.npz").exists()

    def test_a_file_of_ones_own_that_is_not_there(self, tmp_path):
        with pytest.raises(DataError, match="the file cannot be read"):
            imdb.load(tmp_path / "nothing.npz")


class TestRefused:
    def refused(self, tmp_path, message, **changes):
        with pytest.raises(DataError, match=message) as caught:
            imdb.load(archive(tmp_path / "bad.npz", **changes))
        assert caught.value.file == str(tmp_path / "bad.npz")

    def test_cut_off(self, tmp_path):
        path = archive(tmp_path / "bad.npz")
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(DataError, match="or it is cut off"):
            imdb.load(path)

    def test_an_array_is_absent(self, tmp_path):
        np.savez(tmp_path / "bad.npz", x_train=np.arange(3))
        with pytest.raises(DataError, match=r"not an archive of .* \(.*y_train"):
            imdb.load(tmp_path / "bad.npz")

    def test_other_lengths(self, tmp_path):
        self.refused(tmp_path, r"x_test has shape \(3,\), y_test \(2,\)", y_test=[0, 1])

    def test_another_answer(self, tmp_path):
        self.refused(tmp_path, "an answer that is neither 0 nor 1", y_train=[0, 1, 2, 1])

    @pytest.mark.parametrize("review", [[0], [1, -4], [1.5], ["the"], 3])
    def test_what_is_no_review(self, tmp_path, review):
        self.refused(tmp_path, "review 1 is not a list of ranks", x_test=[[1], review, [2, 3]])

    def test_a_pickle_that_would_run_code(self, tmp_path):
        class Harmful:
            def __reduce__(self):
                return (tmp_path.joinpath, ("ran",))

        archive(tmp_path / "bad.npz")
        header = np.lib.format.header_data_from_array_1_0(np.empty(1, object))
        with zipfile.ZipFile(tmp_path / "bad.npz", "w") as file, file.open("x_train.npy", "w") as member:
            np.lib.format.write_array_header_1_0(member, header)
            member.write(pickle.dumps(Harmful()))
        with pytest.raises(DataError, match="is no part of an array"):
            imdb.load(tmp_path / "bad.npz")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ('{"the": 1', "not JSON, or cut off"),
            ("[1, 2]", "no words with their ranks"),
            ("{}", "no words with their ranks"),
            ('{"the": 1, "and": 0}', "column and: not a rank from 1 on; came 0"),
            ('{"the": "1"}', "column the: not a rank from 1 on"),
        ],
    )
    def test_what_is_no_word_index(self, tmp_path, content, message):
        (tmp_path / "bad.json").write_text(content)
        with pytest.raises(DataError, match=message):
            imdb.word_index(tmp_path / "bad.json")

    @pytest.mark.parametrize("words", [0, 3])
    def test_no_room_for_words(self, tmp_path, words):
        with pytest.raises(ValueError, match="words must be"):
            imdb.load(archive(tmp_path / "good.npz"), words=words)
