"""Runs of the five systems over seeds: prepared, trained with Keras, judged beside a baseline, and kept in a table.

A `Run` says what is run, `train` trains it, `row` adds scores, when, where and with which versions, `run_all` does many
and stores each as it ends; data/make_keras_results.py calls it for data/results/. A run that ends in NaN or at its
deadline is a row like any other, and its `end` says so.
"""

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gru_lib import systems, tables, windows
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
    "restore",
    "row",
    "run_all",
    "save",
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
    plan = run.plan
    data = prepare(plan, run.missing, run.source, target=run.target, back=run.back, share=run.share)
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
    """How good the trained model is on the test part, and the baselines on the same rows: a dict of floats.

    Forecasts, in the units of the data: `mae`, `rmse`; of the last value, repeated, `naive_mae`, `naive_rmse`; of a
    linear autoregression `linear_mae`, `linear_rmse`. Of prices also `return_rmse` and so on, with the logarithms of
    each price over the last one known; `hits`, how often the forecast rises or falls as the price does; `ups`, how
    often the price rises. Reviews: `accuracy`, and of the more frequent answer `naive_accuracy`.
    What does not apply, or is not a number because the run is not, is NaN.
    """
    data, scores = outcome.data, dict.fromkeys(SCORES, float("nan"))
    good = outcome.end != "NaN"
    said = predict(outcome.model, data.X["test"]) if good else None
    if data.inverse is None:
        scores["naive_accuracy"] = float(np.mean(data.naive == data.truth))
        if good:
            scores["accuracy"] = float(np.mean((said > 0.5) == data.truth))
        return scores
    forecasts = {"naive_": data.naive}
    if np.isfinite(data.linear).all():
        forecasts["linear_"] = data.linear
    if good:
        forecasts[""] = data.inverse(said)
    for who, forecast in forecasts.items():
        scores[f"{who}mae"] = windows.mae(data.truth, forecast)
        scores[f"{who}rmse"] = windows.rmse(data.truth, forecast)
    if data.data.name in systems.PRICES:
        last = data.naive[:, :1]
        for who, forecast in forecasts.items():
            if (forecast > 0).all():
                scores[f"{who}return_rmse"] = windows.rmse(np.log(data.truth / last), np.log(forecast / last))
        rises = data.truth > last
        scores["ups"] = float(np.mean(rises))
        if good:
            scores["hits"] = float(np.mean((forecasts[""] > last) == rises))
    return scores


def score_series(run, outcome):
    """The model of a run on each of the ten series of "bankex" or "activities", scaled by that series' training part.

    Trained on the first series alone, as the source of the bank system has it. Returns a dict of two tuples:
    `series_rmse`, of the model, and `series_naive`, of the last value; both empty for other data or a run that is NaN.
    """
    found = {"series_rmse": (), "series_naive": ()}
    if run.data not in ("bankex", "activities") or outcome.end == "NaN":
        return found
    for name in outcome.data.data.frame.columns:
        plan = replace(run.plan, column=name, columns=(name,))
        data = prepare(plan, run.missing, run.source, target=run.target, back=run.back)
        said = data.inverse(predict(outcome.model, data.X["test"]))
        found["series_rmse"] += (windows.rmse(data.truth, said),)
        found["series_naive"] += (windows.rmse(data.truth, data.naive),)
    return found


def save(run, model, folder):
    """Save the trained model of a run, in Keras' format, under a name that says what it is. Returns its path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    units = "x".join(map(str, run.units))
    parts = (run.system, run.data, run.source, run.target, run.cell, units, run.horizon, run.back, run.seed)
    path = folder / ("-".join(map(str, parts)) + ".keras")
    model.save(path)
    return path


def restore(path):
    """The model that `save` wrote. Raises FileNotFoundError, and ValueError for a file that is no Keras model."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no saved model at {path}")
    return systems.load_keras().models.load_model(path)


def row(run, deadline=600.0, models=None):
    """Do a run and return its row of the table, a dict: the run, how it went, its scores, when and where.

    With `models`, a folder, the trained model is saved there.
    """
    outcome = train(run, deadline)
    if models is not None:
        save(run, outcome.model, models)
    return {
        **asdict(run),
        "params": outcome.model.count_params(),
        "end": outcome.end,
        "losses": outcome.losses,
        "validation": outcome.validation,
        **score(outcome),
        **score_series(run, outcome),
        "seconds": outcome.seconds,
        **tables.about("keras", "tensorflow"),
        "sha256": outcome.data.data.sha256,
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
    """`row` with its other arguments, as something that can be sent to another process."""

    def __init__(self, *others):
        self.others = others

    def __call__(self, run):
        return row(run, *self.others)


def run_all(runs, path, *, deadline=600.0, models=None, processes=None, progress=True):
    """Do those of `runs` that the file at `path` does not hold; write each as it ends.

    An interrupted call loses only the runs it was at: call again. A stored run is not done again, whatever its `end`.
    `models` as in `row`, `processes` as in `each`. Returns a pandas DataFrame, a row a run, in the order of `runs`. Raises DataError (the
    file), ValueError (a run given twice).
    """
    runs, path = list(runs), Path(path)
    if len(set(runs)) < len(runs):
        raise ValueError("a run is given twice")
    stored = set(settings(read(path))) if path.exists() else set()
    left = [run for run in runs if run not in stored]
    for new in each(_Job(deadline, models), left, processes=processes, progress=progress and bool(left)):
        append(path, new)
    frame = read(path)
    place = {run: number for number, run in enumerate(settings(frame))}
    return frame.iloc[[place[run] for run in runs]].reset_index(drop=True)


def with_seeds(run, seeds):
    """The same run once for each seed."""
    return [replace(run, seed=seed) for seed in seeds]
