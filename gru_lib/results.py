"""Long runs of the memory tasks, each one row of a CSV file that holds all that is needed to do it again.

A `Setting` says what is run, `train` runs it, `row` adds when, where and with which versions. The files lie in
data/results/ and are written by data/make_results.py; `read` checks what it reads.
"""

import time
from dataclasses import asdict, dataclass, fields

import numpy as np

from gru_lib import _checks, tables, tasks
from gru_lib.gru import GRU
from gru_lib.lstm import LSTM
from gru_lib.rnn import SimpleRNN
from gru_lib.training import SGD, Adam, Classifier, Regressor, fit, one_thread

CELLS = {"RNN": SimpleRNN, "GRU": GRU, "LSTM": LSTM}
STARTS = ("usual", "keep")
OPTIMIZERS = {"adam": Adam, "sgd": SGD}
SYMBOLS, WORD = 4, 3  # of the copy task
MAKE = {
    "adding": lambda n, length, seed: tasks.adding(n, length, seed=seed),
    "copy": lambda n, delay, seed: tasks.copy_memory(n, delay, seed=seed, symbols=SYMBOLS, word=WORD),
    "latch": lambda n, length, seed: tasks.latch(n, length, seed=seed),
    "reviews start": lambda n, length, seed: tasks.reviews(n, seed=seed, verdict="start", length=length),
    "reviews end": lambda n, length, seed: tasks.reviews(n, seed=seed, verdict="end", length=length),
    "reviews both": lambda n, length, seed: tasks.reviews(n, seed=seed, verdict="both", length=length),
}
# A task is solved at a squared error below LARGEST_ERROR (numbers) or an accuracy of LEAST_ACCURACY (classes).
LARGEST_ERROR, LEAST_ACCURACY = 0.01, 0.99
# Training stops at somewhat more, on the validation sequences, so that the test is not decided by chance.
STOP_ERROR, STOP_ACCURACY = 0.008, 0.995
CHECK_EVERY = 100  # steps between two looks at the validation sequences
VALIDATION, TEST = 1000, 2000  # sequences
PLACES = ("verdict", "aside", "before", "after")


@dataclass(frozen=True)
class Setting:
    """All that decides what a run does, save the versions of the programs.

    `task` is a key of `MAKE`, `length` its length (of "copy": the delay), `cell` a key of `CELLS`. `start`: "usual",
    the library's initial weights; or "keep", weights that begin with a long memory: for the GRU and the LSTM chrono
    initialisation (Tallec and Ollivier 2018, arXiv 1804.11188: time constants between 1 and the length of the
    sequence), for the plain RNN the identity as U_h (Le et al. 2015, arXiv 1504.00941).
    Each of `most_steps` steps sees `batch` new sequences; gradients are clipped to the norm `max_norm` (infinity: not
    at all); `optimizer`, "adam" or "sgd", has `learning_rate`. With `stop` the run ends once the validation sequences are well solved.
    Raises TypeError or ValueError for anything else.
    """

    task: str
    length: int
    cell: str
    start: str
    seed: int
    units: int = 16
    learning_rate: float = 0.01
    batch: int = 32
    max_norm: float = 1.0
    most_steps: int = 2000
    stop: bool = True
    optimizer: str = "adam"

    def __post_init__(self):
        for name, allowed in (("task", MAKE), ("cell", CELLS), ("start", STARTS), ("optimizer", OPTIMIZERS)):
            _checks.choice(name, getattr(self, name), tuple(allowed))
        for name in ("length", "units", "batch", "most_steps"):
            _checks.size(name, getattr(self, name))
        for name in ("learning_rate", "max_norm"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")

    def sequences(self, n, *stream):
        """`n` sequences of this task; `stream`, integers, tells the training, validation and test sequences apart."""
        return MAKE[self.task](n, self.length, [self.seed, *stream])


def build(setting):
    """The model of `setting` before its first step: a `Regressor` or a `Classifier` around a float32 cell."""
    one = setting.sequences(1, 0)
    _, time, inputs = one.x.shape
    cell = CELLS[setting.cell](inputs, setting.units, seed=setting.seed, dtype="float32")
    if setting.start == "keep":
        start_keeping(cell, time, seed=setting.seed)
    if one.classes is None:
        return Regressor(cell, one.y.shape[1], read=one.read, seed=setting.seed)
    return Classifier(cell, one.classes, read=one.read, seed=setting.seed)


def start_keeping(cell, longest, *, seed):
    """Change the initial weights of `cell`, in place, to ones that keep for up to `longest` steps (at least 3).

    A gate sigma(b) that keeps has the time constant 1 / (1 - sigma(b)) = 1 + e^b, so b = ln u with u uniform between 1
    and longest - 1 spreads the units' memories (Tallec and Ollivier 2018, section 2): b_z of a GRU; b_f of an LSTM,
    with b_i = -b_f. A plain RNN has no gate: its U_h becomes the identity. Raises ValueError for a shorter `longest`.
    """
    if not longest >= 3:
        raise ValueError(f"longest must be at least 3, not {longest}")
    if isinstance(cell, SimpleRNN):
        cell.weights["U_h"][...] = np.eye(cell.hidden_size)
        return
    bias = np.log(np.random.default_rng(seed).uniform(1, longest - 1, cell.hidden_size))
    if isinstance(cell, GRU):
        cell.weights["b_z"][...] = bias
    else:
        cell.weights["b_f"][...] = bias
        cell.weights["b_i"][...] = -bias


def score(model, task):
    """What decides whether a task is solved: the loss and the accuracy (NaN for numbers).

    The accuracy of the copy task is that of the symbols written down after the signal; its blanks are easy.
    """
    loss = model.loss(task.x, task.y)
    if task.classes is None:
        return loss, float("nan")
    right = np.argmax(model.predict(task.x), axis=-1) == task.y
    return loss, float(np.mean(right[:, -task.where.shape[1] :] if task.read == "every" else right))


def is_solved(loss, accuracy, largest_error=LARGEST_ERROR, least_accuracy=LEAST_ACCURACY):
    """Whether a `score` is good enough, a bool: the squared error of numbers, the accuracy of classes."""
    return bool(loss < largest_error if np.isnan(accuracy) else np.isfinite(loss) and accuracy >= least_accuracy)


def train(setting, on_check=None):
    """Run a `Setting`. Returns the model and a dict of `params`, `steps`, `loss`, `accuracy`, `naive`, `solved`, `end`.

    The figures are of test sequences that nothing was chosen on. `end` is "stopped" (the validation sequences are well
    solved), "all steps" or "NaN"; a run that ends in NaN is not solved, its loss is that of the last weights without one, and
    its `steps` leave out the unfinished hundred.
    `on_check(steps, model)` is called before the first step and after every CHECK_EVERY steps.
    """
    model, optimizer = build(setting), OPTIMIZERS[setting.optimizer](setting.learning_rate)
    validation = setting.sequences(VALIDATION, 1)
    end, steps = "all steps", 0
    if on_check:
        on_check(0, model)
    while steps < setting.most_steps:
        more = min(CHECK_EVERY, setting.most_steps - steps)
        new = setting.sequences(more * setting.batch, 3, steps)
        try:
            fit(
                model,
                new.x,
                new.y,
                epochs=1,
                batch_size=setting.batch,
                optimizer=optimizer,
                max_norm=setting.max_norm,
                progress=False,
            )
        except FloatingPointError:
            end = "NaN"
            break
        steps += more
        if on_check:
            on_check(steps, model)
        if setting.stop and is_solved(*score(model, validation), STOP_ERROR, STOP_ACCURACY):
            end = "stopped"
            break
    test = setting.sequences(TEST, 2)
    with np.errstate(over="ignore", invalid="ignore"):
        loss, accuracy = score(model, test)
    outcome = {"params": model.n_params, "steps": steps, "loss": loss, "accuracy": accuracy, "naive": test.naive}
    return model, {**outcome, "solved": end != "NaN" and is_solved(loss, accuracy), "end": end}


def review_gates(gru, task):
    """What the gates of a trained `gru` do in `task`, a `tasks.reviews`: for each of PLACES a dict of figures.

    Places: the judging word of the "verdict"; judging words of another matter, "aside"; all other words "before" the
    verdict's judging word and "after" it. Over all units and all such words: `r` and `z` (means), `r_10` ... `z_90`
    (deciles), `r_below` (share of r < 0.1), `z_below` (share of z < 0.1), `z_above` (share of z > 0.9). `passed`: how
    much of the past gets through the word. The state before it is exchanged for that of another review at the same
    step; the distance between the two new states, over that between the two old ones. 1: all of the past goes on, 0:
    none; NaN where the old states do not differ. `words` is their number. A place that does not occur (as "after" where the verdict ends) is left out.
    """
    trace = gru.forward(task.x)
    n, time, _ = task.x.shape
    before = np.concatenate([np.zeros_like(trace.h[:, :1]), trace.h[:, :-1]], axis=1)
    shift = np.roll(np.arange(n), 1)
    passed = np.full((n, time), np.nan)
    for t in range(1, time):
        old, new = before[:, t] - before[shift, t], gru.step(task.x[:, t], before[shift, t]).h - trace.h[:, t]
        old, new = np.linalg.norm(old, axis=1), np.linalg.norm(new, axis=1)
        passed[:, t] = np.where(old > 1e-6, new / np.where(old > 1e-6, old, 1), np.nan)
    step, verdict = np.arange(time), task.where
    judging = task.x[:, :, :2].any(axis=2)
    places = {
        "verdict": step == verdict,
        "aside": judging & (step != verdict),
        "before": ~judging & (step < verdict),
        "after": ~judging & (step > verdict),
    }
    found = {}
    for place, at in places.items():
        if not at.any():
            continue
        known = passed[at][~np.isnan(passed[at])]
        figures = {"words": int(at.sum()), "passed": float(known.mean()) if known.size else float("nan")}
        for gate, values in (("r", trace.r[at]), ("z", trace.z[at])):
            tenth, middle, ninth = np.quantile(values, (0.1, 0.5, 0.9))
            figures |= {gate: float(values.mean()), f"{gate}_10": float(tenth)}
            figures |= {f"{gate}_50": float(middle), f"{gate}_90": float(ninth)}
            figures |= {f"{gate}_below": float(np.mean(values < 0.1)), f"{gate}_above": float(np.mean(values > 0.9))}
        found[place] = figures
    return found


def reset_held(model, r):
    """A copy of a `Classifier` around a GRU whose reset gate is held at `r`, 0 or 1, whatever it reads."""
    cell = model.cell.astype(model.cell.dtype)
    for name in ("W_r", "U_r", "b_r", "c_r"):
        cell.weights[name][...] = 0
    cell.weights["b_r"][...] = 30 if r else -30
    held = Classifier(cell, model.classes, read=model.read)
    held.W_y, held.b_y = model.W_y, model.b_y
    return held


# The files: for each column its type, in order.
_SETTING = {field.name: field.type for field in fields(Setting)}
_WHEN_AND_WHERE = {"seconds": float, "date": str, "python": str, "numpy": str, "gru_lib": str, "machine": str}
_OUTCOME = {"params": int, "steps": int, "loss": float, "accuracy": float, "naive": float, "solved": bool, "end": str}
_AT_PLACE = {"accuracy": float, "accuracy_r_0": float, "accuracy_r_1": float, "place": str, "words": int}
_GATE = ("", "_10", "_50", "_90", "_below", "_above")
_AT_PLACE |= dict.fromkeys(["passed", *(gate + part for gate in "rz" for part in _GATE)], float)
COLUMNS = {
    "search": {**_SETTING, **_OUTCOME, **_WHEN_AND_WHERE},
    "memory": {**_SETTING, **_OUTCOME, **_WHEN_AND_WHERE},
    "gates": {**_SETTING, **_AT_PLACE, **_WHEN_AND_WHERE},
    "clipping": {**_SETTING, **_OUTCOME, **_WHEN_AND_WHERE},
}


def rows(kind, setting):
    """Run `setting` and return its rows of the file `kind`, a list of dicts: one, or for "gates" one for each place.

    `seconds` is the processor's time for the run on one thread, which other programs on the machine lengthen little.
    """
    start = time.process_time()
    with one_thread():
        model, outcome = train(setting)
        found = [outcome] if kind != "gates" else _gates(model, setting.sequences(TEST, 2))
    about = {"seconds": time.process_time() - start, **tables.about()}
    return [{**asdict(setting), **figures, **about} for figures in found]


def _gates(model, test):
    """For each place the accuracy of a trained reader, also with its reset gate held, and what its gates do there."""
    accuracy = {"accuracy": model.accuracy(test.x, test.y)}
    accuracy |= {f"accuracy_r_{r}": reset_held(model, r).accuracy(test.x, test.y) for r in (0, 1)}
    return [{**accuracy, "place": place, **figures} for place, figures in review_gates(model.cell, test).items()]


def append(path, kind, new):
    """Add rows (dicts) to the file, which begins with the header if it is new. Raises ValueError for other columns."""
    tables.append(path, COLUMNS[kind], new, kind)


def read(path, kind):
    """The rows of a results file, a pandas DataFrame. Raises what `tables.read` raises; an accuracy may be nan."""
    columns = {name: {bool: tables.flag, str: tables.word}.get(kind, kind) for name, kind in COLUMNS[kind].items()}
    apart = [name for name in ("place",) if name in columns]
    made_by = "`make results` makes it, or gets it from the project again"
    return tables.read(path, columns, Setting, made_by=made_by, apart=apart)


def missing(settings, frame):
    """Those of `settings` that `frame`, as `read` returns it, holds no row of, in their order."""
    done = {Setting(**row) for row in frame[list(_SETTING)].to_dict("records")}
    return [setting for setting in settings if setting not in done]


def best_learning_rate(search, task, cell, start):
    """The learning rate that the runs of `search`, as `read` returns them, recommend for a task, cell and start.

    Runs of all lengths and seeds count together: the rate with the most solved runs; among equals the fewest steps in
    the mean, then the lowest mean loss. Raises ValueError without runs.
    """
    runs = search[(search["task"] == task) & (search["cell"] == cell) & (search["start"] == start)]
    if runs.empty:
        raise ValueError(f"no search run of task {task!r}, cell {cell!r}, start {start!r}")
    rates = runs.groupby("learning_rate").agg(solved=("solved", "sum"), loss=("loss", "mean"), steps=("steps", "mean"))
    return float(rates.sort_values(["solved", "steps", "loss"], ascending=[False, True, True]).index[0])
