"""Runs of the five systems over seeds: prepared, trained with Keras, judged beside a baseline, and kept in a table.

A `Run` says what is run, `train` trains it, `row` adds scores, when, where and with which versions, `run_all` does many
and stores each as it ends; data/make_keras_results.py calls it for data/results/. A run that ends in NaN or at its
deadline is a row like any other, and its `end` says so.
"""

import platform
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gru_lib import results, systems, windows
from gru_lib.preparation import prepare
from gru_lib.runs import COLUMNS, SCORES, Run, append, epochs, read, settings

__all__ = [
    "COLUMNS",
    "ENDS",
    "Outcome",
    "Run",
    "append",
    "each",
    "epochs",
    "predict",
    "read",
    "row",
    "run_all",
    "score",
    "stopper",
    "train",
    "with_seeds",
]

ENDS = ("finished", "NaN", "deadline")


class Outcome(NamedTuple):
    """What `train` returns."""

    model: object  # keras.Model
    losses: tuple  # per epoch the mean training loss, in the scaled numbers that the network sees
    validation: tuple  # per epoch the loss on the validation part
    end: str  # one of ENDS
    seconds: float
    data: object  # preparation.Prepared


def stopper(deadline):
    """A Keras callback that ends training when the loss is NaN or `deadline` seconds are over; its `end` says which.

    It looks after every batch, so a single batch can go beyond the deadline. Raises ValueError (deadline).
    """
    if not deadline > 0:
        raise ValueError(f"deadline must be above 0 seconds, not {deadline!r}")
    keras = systems.load_keras()

    class Stopper(keras.callbacks.Callback):
        end = "finished"

        def on_train_begin(self, logs=None):
            self.start = time.monotonic()

        def on_train_batch_end(self, batch, logs=None):
            # `loss` is the mean of the epoch so far: once it is NaN, it stays so.
            if not np.isfinite((logs or {}).get("loss", 0.0)):
                self.end = "NaN"
            elif time.monotonic() - self.start > deadline:
                self.end = "deadline"
            if self.end != "finished":
                self.model.stop_training = True

    return Stopper()


def train(run, deadline=600.0, watch=None):
    """Prepare the data of `run`, build its model and train it for its epochs or until `deadline` (seconds).

    `watch`: an object whose `add(epoch, loss, validation)` is called after each epoch, such as `labs.LossCurve`.
    """
    plan, data = run.plan, prepare(run.plan, run.missing, run.source)
    model = systems.build(plan, run.cell, run.reset_after, run.seed)
    ends = stopper(deadline)
    callbacks = [ends]
    if watch is not None:

        def tell(epoch, logs):
            if ends.end != "NaN":
                watch.add(epoch + 1, logs["loss"], logs["val_loss"])

        callbacks.append(systems.load_keras().callbacks.LambdaCallback(on_epoch_end=tell))
    start = time.perf_counter()
    history = model.fit(
        data.X["train"],
        data.y["train"],
        validation_data=(data.X["validation"], data.y["validation"]),
        batch_size=plan.batch,
        epochs=plan.epochs,
        shuffle=plan.shuffle,
        callbacks=callbacks,
        verbose=0,
    ).history
    seconds = time.perf_counter() - start
    losses, validation = (tuple(map(float, history.get(name, ()))) for name in ("loss", "val_loss"))
    return Outcome(model, losses, validation, ends.end, seconds, data)


def predict(model, X, batch=1024):
    """What `model` says for `X`, (n, horizon) in float64, called directly: `model.predict` would compile each new model."""
    return np.concatenate(
        [np.asarray(model(X[i : i + batch], training=False)) for i in range(0, len(X), batch)]
    ).astype(np.float64)


def score(outcome):
    """How good the trained model is on the test part, and the baseline on the same rows: a dict of floats.

    Forecasts, in the units of the data: `mae`, `rmse`, and of the last value, repeated, `naive_mae`, `naive_rmse`.
    Reviews: `accuracy`, and of the more frequent answer `naive_accuracy`. What does not apply, or is not a number
    because the run is not, is NaN.
    """
    data, scores = outcome.data, dict.fromkeys(SCORES, float("nan"))
    good = outcome.end != "NaN"
    said = predict(outcome.model, data.X["test"]) if good else None
    if data.inverse is None:
        scores["naive_accuracy"] = float(np.mean(data.naive == data.truth))
        if good:
            scores["accuracy"] = float(np.mean((said > 0.5) == data.truth))
        return scores
    for name, measure in (("mae", windows.mae), ("rmse", windows.rmse)):
        scores[f"naive_{name}"] = measure(data.truth, data.naive)
        if good:
            scores[name] = measure(data.truth, data.inverse(said))
    return scores


def row(run, deadline=600.0):
    """Do a run and return its row of the table, a dict: the run, how it went, its scores, when and where."""
    keras = systems.load_keras()
    outcome = train(run, deadline)
    return {
        **asdict(run),
        "params": outcome.model.count_params(),
        "end": outcome.end,
        "losses": outcome.losses,
        "validation": outcome.validation,
        **score(outcome),
        "seconds": outcome.seconds,
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "keras": keras.__version__,
        "tensorflow": version("tensorflow"),
        "gru_lib": version("gru_lib"),
        "machine": results.machine(),
    }


def each(job, arguments, *, processes=None, progress=True):
    """Call `job` with each of `arguments` and yield the results as they come, behind a progress bar.

    `processes`: how many at a time; None leaves it to joblib, which takes one, or what a `joblib.parallel_config`
    around the call says. That is how the same call runs on a Dask cluster:

        with Client(scheduler_address), joblib.parallel_config("dask"):
            run_all(runs, path)
    """
    import joblib
    from tqdm.auto import tqdm

    arguments = list(arguments)
    jobs = (joblib.delayed(job)(argument) for argument in arguments)
    done = joblib.Parallel(n_jobs=processes, return_as="generator_unordered")(jobs)
    yield from tqdm(done, total=len(arguments), desc="runs", unit="run", disable=not progress)


class _Job:
    """`row` with a deadline, as something that can be sent to another process."""

    def __init__(self, deadline):
        self.deadline = deadline

    def __call__(self, run):
        return row(run, self.deadline)


def run_all(runs, path, *, deadline=600.0, processes=None, progress=True):
    """Do those of `runs` that the file at `path` does not hold; write each as it ends.

    An interrupted call loses only the runs it was at: call again. A stored run is not done again, whatever its `end`.
    `processes` as in `each`. Returns a pandas DataFrame, a row a run, in the order of `runs`. Raises DataError (the
    file), ValueError (a run given twice).
    """
    runs, path = list(runs), Path(path)
    if len(set(runs)) < len(runs):
        raise ValueError("a run is given twice")
    stored = set(settings(read(path))) if path.exists() else set()
    left = [run for run in runs if run not in stored]
    for new in each(_Job(deadline), left, processes=processes, progress=progress and bool(left)):
        append(path, new)
    frame = read(path)
    place = {run: number for number, run in enumerate(settings(frame))}
    return frame.iloc[[place[run] for run in runs]].reset_index(drop=True)


def with_seeds(run, seeds):
    """The same run once for each seed."""
    return [replace(run, seed=seed) for seed in seeds]
