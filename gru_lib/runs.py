"""What a run of one of the five systems is, and the table that runs are kept in: a row a run, in a CSV file."""

from dataclasses import dataclass, fields, replace

from gru_lib import _checks, datasets, systems, tables
from gru_lib.preparation import MISSING, TARGETS


@dataclass(frozen=True)
class Run:
    """All that decides what a run does, save the versions of the programs.

    `system` is a key of `systems.SYSTEMS`; `units`, `window` and `epochs` are the system's unless given. `missing`,
    what is done about missing values: "skip" leaves out the windows that touch one; "zero", "previous" and "linear"
    fill them by that policy, "previous" at most 10 in a row; "keep" leaves NaN in. `source` as in `datasets.load`.
    `data`, another series for the same system, a key of `systems.SERIES`. `target`: what is learned, the "level" or,
    of prices, the "return", the logarithm of one day's price over the last. `back`: how many test parts earlier than
    at the end of the series everything lies (`windows.walk_forward`). `share` of the training part, its last rows, is
    used. `mask`: of reviews, whether the padding is masked.
    Raises TypeError or ValueError for anything else.
    """

    system: str
    cell: str
    seed: int
    reset_after: bool = True
    units: tuple = ()
    window: int = 0
    horizon: int = 0
    epochs: int = 0
    missing: str = "skip"
    source: str = "sample"
    data: str = ""
    target: str = "level"
    back: int = 0
    share: float = 1.0
    mask: bool = True

    def __post_init__(self):
        _checks.choice("system", self.system, tuple(systems.SYSTEMS))
        _checks.choice("cell", self.cell, systems.CELLS)
        _checks.choice("missing", self.missing, MISSING)
        _checks.choice("source", self.source, datasets.SOURCES)
        _checks.choice("target", self.target, TARGETS)
        if self.back != 0:
            _checks.size("back", self.back)
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, not {self.share!r}")
        for name in ("units", "window", "horizon", "epochs", "data"):
            chosen = getattr(self, name) or getattr(systems.SYSTEMS[self.system], name)
            object.__setattr__(self, name, tuple(chosen) if name == "units" else chosen)
        _ = self.plan

    @property
    def plan(self):
        """The `System` with this run's units, window, horizon, epochs, data and mask."""
        changes = {name: getattr(self, name) for name in ("units", "window", "horizon", "epochs")}
        plan = systems.on(systems.system(self.system, **changes), self.data)
        return replace(plan, mask=plan.mask and self.mask)


# The file: for each column how its text is read, in order.
SCORES = ("mae", "rmse", "naive_mae", "naive_rmse", "linear_mae", "linear_rmse", "return_rmse", "naive_return_rmse")
SCORES += ("linear_return_rmse", "hits", "ups", "accuracy", "naive_accuracy")
SERIES_SCORES = ("series_rmse", "series_naive")
_READ = {field.name: field.type for field in fields(Run)}
_READ |= {"reset_after": tables.flag, "mask": tables.flag, "units": tables.tuple_of(int)}
_READ |= {"params": int, "end": str, "losses": tables.tuple_of(float), "validation": tables.tuple_of(float)}
_READ |= dict.fromkeys(SCORES, float) | dict.fromkeys(SERIES_SCORES, tables.tuple_of(float)) | {"seconds": float}
_READ |= dict.fromkeys(("date", "python", "numpy", "keras", "tensorflow", "gru_lib", "machine", "sha256"), str)
COLUMNS = tuple(_READ)


def append(path, new):
    """Add a row, as `row` returns it, to the file, which begins with the header if it is new. Raises ValueError."""
    tables.append(path, COLUMNS, [new])


def read(path):
    """The rows of a results file, a pandas DataFrame; `losses`, `validation` and `units` hold tuples.

    Raises what `tables.read` raises.
    """
    return tables.read(path, _READ, Run, made_by="data/make_keras_results.py makes it")


def epochs(frame):
    """The loss curves of a table of runs as a table of their own: a row an epoch, with its `loss` and `validation`."""
    names = [field.name for field in fields(Run) if field.name != "epochs"]
    numbers = [tuple(range(1, len(losses) + 1)) for losses in frame["losses"]]
    long = frame[[*names, "losses", "validation"]].assign(epoch=numbers)
    long = long.explode(["losses", "validation", "epoch"], ignore_index=True).rename(columns={"losses": "loss"})
    return long.astype({"loss": float, "validation": float, "epoch": int})


def settings(frame):
    """The `Run` of each row of a table, a list."""
    return [Run(**names) for names in frame[[field.name for field in fields(Run)]].to_dict("records")]
