"""The 50,000 reviews of IMDB as Keras hands them out: numbers in place of words, and the offset that turns them back.

Rank 1 is the most frequent word, "the". In a review its number is 4: the numbers 0, 1 and 2 are signs, 3 is not used,
and every rank is moved up by `OFFSET`. The file with the ranks does not say so; who forgets it reads other words.

`load` gives what `keras.datasets.imdb.load_data` gives, padded; it needs neither Keras nor a network once the files
lie in the folder of real files, and fetches nothing unless asked to.
Sources: A. Maas and others, Learning Word Vectors for Sentiment Analysis, ACL 2011; the numbers, their order and the
defaults start_char=1, oov_char=2, index_from=3: https://keras.io/api/datasets/imdb/
"""

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gru_lib import _checks
from gru_lib._checks import DataError
from gru_lib.readers import files
from gru_lib.readers.sets import SETS, Entry

PAD, START, UNKNOWN, OFFSET = 0, 1, 2, 3
SIGNS = {PAD: "<pad>", START: "<start>", UNKNOWN: "<unknown>"}
PARTS = ("train", "test")
SEED = 113  # of the order in which Keras hands the reviews out

_AT = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


class Numbered(NamedTuple):
    """What `load` returns; `X` and `y` are dicts by part, "train" and "test"."""

    X: dict  # (n, window), int32: the numbers of the last words of each review, padded in front
    y: dict  # (n, 1), float32: 1 positive, 0 negative
    file: str


def load(path=None, fetch=False, words=5000, window=500):
    """The reviews as `Numbered`: those of `keras.datasets.imdb.load_data(num_words=words)`, in the same order.

    Numbers of `words` and above become `UNKNOWN`; as the signs count, `words - 4` words are left. Each review begins
    with `START`; the last `window` numbers are kept, shorter ones padded in front, as `keras.utils.pad_sequences` does.
    `path`: a file of your own in place of imdb/imdb.npz in the folder of real files. `fetch`: download that one if it
    is not there (some 17 MB). Only arrays of numbers are read from the file: it cannot run code.
    Raises DataError (no file, another file than the published one, a file that is cut off), ValueError, TypeError.
    """
    words, window = _checks.size("words", words), _checks.size("window", window)
    if words <= OFFSET:
        raise ValueError(f"words must be above {OFFSET}, the signs and the offset, not {words}")
    raw, name = _bytes(_REVIEWS, path, fetch, "load")
    arrays, X, y = _REVIEWS.read(raw, name), {}, {}
    generator = np.random.RandomState(SEED)  # Keras' own, one for both parts: they are sorted by answer in the file
    for part in PARTS:
        reviews, answers = arrays[f"x_{part}"], arrays[f"y_{part}"]
        order = generator.permutation(len(reviews))
        X[part] = np.full((len(reviews), window), PAD, dtype=np.int32)
        for row, i in enumerate(order):
            last = np.array([START, *(rank + OFFSET for rank in reviews[i])])[-window:]
            X[part][row, window - len(last) :] = np.where(last < words, last, UNKNOWN)
        y[part] = answers[order].astype(np.float32)[:, None]
    return Numbered(X, y, name)


def word_index(path=None, fetch=False):
    """The rank of each word, from 1, a dict: what `keras.datasets.imdb.get_word_index` gives. Arguments as in `load`.

    Raises DataError.
    """
    raw, name = _bytes(_WORDS, path, fetch, "word_index")
    return _WORDS.read(raw, name)


def decode(numbers, word_index):
    """The words of a review, a list as long as `numbers`; a sign is written as in `SIGNS`.

    Raises ValueError for a number without a word, TypeError for what is no whole number.
    """
    word_of = {rank + OFFSET: word for word, rank in word_index.items()} | SIGNS
    words = []
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise TypeError(f"numbers must be whole numbers, not {number!r} ({type(number).__name__})")
        if int(number) not in word_of:
            raise ValueError(f"{number} stands for no word: expected 0, 1, 2 or the rank of a word plus {OFFSET}")
        words.append(word_of[int(number)])
    return words


def encode(words, word_index, most=5000):
    """The numbers of a review, a list that begins with `START`; `most` is the argument `words` of `load`."""
    ranks = (word_index.get(word) for word in words)
    return [START, *(UNKNOWN if rank is None or rank + OFFSET >= most else rank + OFFSET for rank in ranks)]


def _bytes(entry, path, fetch, function):
    """The bytes of a file, and what messages call it."""
    if path is not None:
        return files.read(Path(path), str(path)), str(path)
    file = files.real_folder() / entry.file
    name = files.shown(file)
    if not (file.exists() or fetch):
        raise DataError(
            f"{name} is not there: imdb.{function}(fetch=True) downloads it, with a network; or copy {file.name} there "
            "from .keras/datasets in your home folder, where keras.datasets.imdb keeps it"
        )
    return files.read(files.fetch("reviews", entry), name), name  # checks the hash of a file that is there


class _Arrays(pickle.Unpickler):
    """Reads arrays of lists of numbers and refuses all else: a pickle can name any function to be called."""

    def find_class(self, module, name):
        if (module, name) in {("numpy", "ndarray"), ("numpy", "dtype")} or (
            module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct"
        ):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an array")


def _reviews(raw, file):
    """The four arrays of the file. Raises DataError."""
    found = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in (f"{kind}_{part}" for part in PARTS for kind in "xy"):
                found[name] = _array(archive.read(f"{name}.npy"))
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, pickle.UnpicklingError) as error:
        what = f"not an archive of x_train, y_train, x_test and y_test, or it is cut off ({error})"
        raise DataError(what, file=file) from None
    for part in PARTS:
        reviews, answers = found[f"x_{part}"], found[f"y_{part}"]
        if reviews.shape != answers.shape or reviews.ndim != 1:
            raise DataError(f"x_{part} has shape {reviews.shape}, y_{part} {answers.shape}", file=file)
        if not np.isin(answers, (0, 1)).all():
            raise DataError("an answer that is neither 0 nor 1", file=file, column=f"y_{part}")
        for row, review in enumerate(reviews):
            ranks = np.asarray(review)
            if ranks.ndim != 1 or (ranks.size and (ranks.dtype.kind not in "iu" or ranks.min() < 1)):
                what = f"review {row} is not a list of ranks from 1 on"
                raise DataError(what, file=file, column=f"x_{part}", came=str(review))
    return found


def _array(content):
    """One array of the archive; lists of different length are stored as a pickle after the header."""
    file = io.BytesIO(content)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(np.lib.format.read_magic(file))
    if read_header is None:
        raise ValueError("an array in an unknown format")
    _, _, dtype = read_header(file)
    if dtype.hasobject:
        return _Arrays(file).load()
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def _words(raw, file):
    """The ranks by word. Raises DataError."""
    try:
        ranks = json.loads(raw)
    except ValueError as error:
        raise DataError(f"not JSON, or cut off ({error})", file=file) from None
    if not isinstance(ranks, dict) or not ranks:
        raise DataError("no words with their ranks", file=file)
    for word, rank in ranks.items():
        if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
            raise DataError("not a rank from 1 on", file=file, column=word, came=rank)
    return ranks


_ABOUT = SETS["reviews"].about
_REVIEWS = Entry(
    title="Film reviews of IMDB in numbers",
    about=_ABOUT,
    read=_reviews,
    file="imdb/imdb.npz",
    rows=50_000,
    row="review",
    hash="sha256:69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    url=_AT + "imdb.npz",
)
_WORDS = Entry(
    title="The words of IMDB's reviews by rank",
    about=_ABOUT,
    read=_words,
    file="imdb/imdb_word_index.json",
    row="word",
    hash="md5:bfafd718b763782e994055a2d397834f",
    url=_AT + "imdb_word_index.json",
)
