"""The data of the five systems as a network reads them: split by time, scaled on the training part, cut into windows."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from gru_lib import _checks, datasets, windows

MISSING = ("skip", "zero", "previous", "linear", "keep")
TARGETS = ("level", "return")
LONGEST = 10  # missing values in a row that "previous" fills
TRAIN, VALIDATION = 0.7, 0.15
PAD, UNKNOWN = 0, 1


@dataclass(frozen=True, eq=False)
class Prepared:
    """What `prepare` returns. `X` and `y` are dicts by part, "train", "validation", "test", in float32.

    The test part holds only windows without a missing value, whatever is done about those of the training part, so
    that all runs of a system with the same window are judged on the same rows.
    """

    X: dict
    y: dict
    truth: np.ndarray  # (n, horizon) of the test part, in the units of the data; of reviews 0 and 1
    naive: np.ndarray  # what the baseline says for them: the last value, or the more frequent answer
    linear: object  # what a linear autoregression says for them; None for reviews
    inverse: object  # from what the network says of the test part to the units of the data; None for reviews
    scaler: object  # windows.Scaler, fitted on the training part; None for reviews
    positions: object  # of the test part, in the rows of the data; for reviews their numbers
    data: object  # datasets.Dataset, as loaded
    words: tuple = ()  # of reviews: the word with number i, from 2 on

    @property
    def caption(self):
        """A line for figures: what the data are, and whether they are generated."""
        return self.data.caption


def prepare(system, missing="skip", source="sample", *, target="level", back=0, share=1.0):
    """Load and prepare the data of a `systems.System`. The other arguments as in `runs.Run`.

    Training part 70 %, validation part 15 %, test part 15 %, in this order; scaled by the training part, levels to
    0..1, returns to mean 0 and standard deviation 1.
    Raises ValueError (missing, source, target, back, share), DataError (data).
    """
    _checks.choice("missing", missing, MISSING)
    _checks.choice("target", target, TARGETS)
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share!r}")
    data = datasets.load(system.data, source=source)
    if system.embedding:
        if target != "level" or back:
            raise ValueError("reviews have no order in time: target must be 'level' and back 0")
        return _reviews(system, data, share)
    return _forecasts(system, data, missing, target, back, share)


def _forecasts(system, data, missing, kind, back, share):
    measured = data.frame.select_dtypes("number") if not system.columns else data.frame[list(system.columns)]
    target = list(measured).index(system.column)
    filled = data
    if missing not in ("skip", "keep"):
        filled = data.fill(missing, limit=LONGEST if missing == "previous" else None)
    values = filled.frame[list(measured)].to_numpy(np.float64)
    parts = windows.walk_forward(values, back + 1, TRAIN, VALIDATION)[0]
    kept = slice(parts.train.stop - round(share * parts.train.stop), parts.train.stop)
    parts = parts._replace(train=kept)
    levels = measured
    if kind == "return":
        values, measured = returns(filled.frame[list(measured)]), returns(measured)
    scaler = windows.Scaler("minmax" if kind == "level" else "standard").fit(values[parts.train])
    scaled = scaler.transform(values)
    shape = {"window": system.window, "horizon": system.horizon, "target": target}

    X, y = {}, {}
    for part in ("train", "validation"):
        piece = getattr(parts, part)
        if missing == "keep":  # windows.make refuses NaN, and rightly so: positions as if there were none
            p = windows.positions(np.nan_to_num(scaled), **shape, part=piece)[:, None]
            X[part] = scaled[p + np.arange(-system.window, 0)]
            y[part] = scaled[p + np.arange(system.horizon), target]
        else:
            X[part], y[part] = windows.make(scaled, **shape, gaps="skip", part=piece)
    p = windows.positions(measured, **shape, gaps="skip", part=parts.test)
    X["test"] = scaled[p[:, None] + np.arange(-system.window, 0)]
    y["test"] = scaled[p[:, None] + np.arange(system.horizon), target]
    naive = windows.last_value(levels, p, system.horizon, target=target)

    def inverse(said):
        said = scaler.inverse(np.asarray(said), column=target)
        return said if kind == "level" else naive[:, :1] * np.exp(np.cumsum(said, axis=1))

    nan = np.full_like(y["test"], np.nan)
    fitted = nan if missing == "keep" else windows.linear(X["train"], y["train"], X["test"])
    return Prepared(
        X={part: array.astype(np.float32) for part, array in X.items()},
        y={part: array.astype(np.float32) for part, array in y.items()},
        truth=levels.to_numpy()[p[:, None] + np.arange(system.horizon), target],
        naive=naive,
        linear=inverse(fitted),
        inverse=inverse,
        scaler=scaler,
        positions=p,
        data=filled,
    )


def returns(levels):
    """The logarithms of one value over the value before, (time, features); the first row is NaN.

    A return of 0.01 is a rise by about 1 %. Raises DataError for a value that is not above 0: it has none.
    """
    values = levels.to_numpy(np.float64)
    if (bad := values <= 0).any():
        row, column = np.argwhere(bad)[0]
        name, came = levels.columns[column], float(values[row, column])
        what = f"position {row}: a value not above 0 has no return"
        raise _checks.DataError(what, file=levels.attrs.get("file"), column=name, came=came)
    return np.diff(np.log(values), axis=0, prepend=np.nan)


def words_of(text):
    """The words of a review, a list, in lower case: tags such as `<br />` left out, apostrophes within words kept."""
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", re.sub(r"<[^<>]*>", " ", text).lower())


def _reviews(system, data, share):
    words = [words_of(text) for text in data.frame["review"]]
    answers = (data.frame["sentiment"] == "positive").to_numpy(np.float32)[:, None]
    # Files of reviews may be sorted by answer, so the parts are drawn; the same ones in every run.
    order = np.random.default_rng(0).permutation(len(words))
    parts = {name: order[piece] for name, piece in windows.split(order, TRAIN, VALIDATION)._asdict().items()}
    parts["train"] = parts["train"][: round(share * len(parts["train"]))]
    known = Counter(word for i in parts["train"] for word in words[i]).most_common(system.vocabulary - 2)
    numbers = {word: number for number, (word, _) in enumerate(known, start=2)}
    X = np.full((len(words), system.window), PAD, dtype=np.int32)
    for i, review in enumerate(words):  # the last words, padded in front, as Keras' pad_sequences does
        last = [numbers.get(word, UNKNOWN) for word in review[-system.window :]]
        X[i, len(X[i]) - len(last) :] = last
    often = np.float32(answers[parts["train"]].mean() > 0.5)
    truth = answers[parts["test"]]
    return Prepared(
        X={name: X[rows] for name, rows in parts.items()},
        y={name: answers[rows] for name, rows in parts.items()},
        truth=truth,
        naive=np.full_like(truth, often),
        linear=None,
        inverse=None,
        scaler=None,
        positions=parts["test"],
        data=data,
        words=("", "", *(word for word, _ in known)),
    )
