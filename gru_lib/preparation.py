"""The data of the five systems as a network reads them: split by time, scaled on the training part, cut into windows."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from gru_lib import _checks, datasets, windows

MISSING = ("skip", "zero", "previous", "linear", "keep")
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
    naive: np.ndarray  # what the baseline says for them
    inverse: object  # from what the network says to the units of the data; None for reviews
    scaler: object  # windows.Scaler, fitted on the training part; None for reviews
    caption: str  # a line for figures: what the data are, and whether they are generated


def prepare(system, missing="skip", source="sample"):
    """Load and prepare the data of a `systems.System`. `missing` and `source` as in `experiments.Run`.

    Training part 70 %, validation part 15 %, test part 15 %, in this order; min-max scaled by the training part.
    Raises ValueError (missing, source), DataError (data).
    """
    _checks.choice("missing", missing, MISSING)
    data = datasets.load(system.data, source=source)
    return _reviews(system, data) if system.embedding else _forecasts(system, data, missing)


def _forecasts(system, data, missing):
    measured = data.frame.select_dtypes("number") if not system.columns else data.frame[list(system.columns)]
    target = list(measured).index(system.column)
    filled = data
    if missing not in ("skip", "keep"):
        filled = data.fill(missing, limit=LONGEST if missing == "previous" else None)
    values = filled.frame[list(measured)].to_numpy(np.float64)
    parts = windows.split(values, TRAIN, VALIDATION)
    scaler = windows.Scaler("minmax").fit(values[parts.train])
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
    return Prepared(
        X={part: array.astype(np.float32) for part, array in X.items()},
        y={part: array.astype(np.float32) for part, array in y.items()},
        truth=measured.to_numpy()[p[:, None] + np.arange(system.horizon), target],
        naive=windows.last_value(measured, p, system.horizon, target=target),
        inverse=lambda said: scaler.inverse(said, column=target),
        scaler=scaler,
        caption=filled.caption,
    )


def _reviews(system, data):
    words = [re.findall(r"[a-z']+", text.lower()) for text in data.frame["review"]]
    answers = (data.frame["sentiment"] == "positive").to_numpy(np.float32)[:, None]
    # Files of reviews may be sorted by answer, so the parts are drawn; the same ones in every run.
    order = np.random.default_rng(0).permutation(len(words))
    parts = {name: order[piece] for name, piece in windows.split(order, TRAIN, VALIDATION)._asdict().items()}
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
        inverse=None,
        scaler=None,
        caption=data.caption,
    )
