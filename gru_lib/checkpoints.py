"""Models in files: a cell or a head with its cell, as an .npz that says what it holds; never a pickle.

The file is a zip of NumPy arrays. `about` is a line of JSON: the format and its version, the class, the sizes, the
dtype, and for a GRU its convention, where the reset gate stands and that z keeps. Every other array is a weight under
its own name. A file is taken at its word nowhere: names, shapes, dtype and convention are checked before a weight is
used, and a DataError names the file, the array, what came and what was expected.
"""

import io
import json
import os
from pathlib import Path

import numpy as np

from gru_lib import _checks
from gru_lib._checks import DataError
from gru_lib.gru import GRU
from gru_lib.heads import Classifier, Regressor
from gru_lib.lstm import LSTM
from gru_lib.rnn import SimpleRNN, current_weights

FORMAT, VERSION = "gru_lib checkpoint", 1
CELLS = {cell.__name__: cell for cell in (GRU, LSTM, SimpleRNN)}
HEADS = {"Regressor": (Regressor, "output_size"), "Classifier": (Classifier, "classes")}


def save(path, model):
    """Write `model` to the file `path` (.npz): a `GRU`, `LSTM`, `SimpleRNN`, `Regressor` or `Classifier`.

    The weights are stored bit by bit. The file appears whole or not at all; one that was there is replaced.
    Raises TypeError for another model, ValueError for a name that does not end in .npz or weights of wrong names or
    shapes, FloatingPointError if a weight is NaN or infinite.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"the name of a checkpoint must end in .npz, not {path.name!r}")
    about, weights = _about(model), _weights(model)
    for name, weight in weights.items():
        if not np.isfinite(weight).all():
            raise FloatingPointError(f"{name} holds NaN or infinity: such a model is not worth keeping")
    memory = io.BytesIO()
    np.savez(memory, about=np.array(json.dumps(about)), **weights)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(memory.getvalue())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path, into=None):
    """The model in the file `path`, as `save` wrote it.

    With `into`, a model, its weights are overwritten in place and `into` itself is returned; it must be of the same
    class, sizes, dtype and convention as the one in the file.
    Raises FileNotFoundError, and DataError naming the file for one that is damaged or no checkpoint, of a later
    version, with an array that is missing, unknown, of another shape or dtype, NaN or infinite, with an unknown
    convention, or that does not fit `into`, which then stays as it is.
    """
    arrays = _read(path)
    about = _parsed(path, arrays.pop("about", None))
    model = _model(path, about, arrays)
    if into is not None:
        ours, theirs = _flat(_about(into)), _flat(about)
        for name in ours | theirs:
            if ours.get(name) != theirs.get(name):
                came, expected = theirs.get(name, "nothing"), ours.get(name, "nothing")
                raise DataError(f"this is another model: {name} differs", file=path, came=came, expected=expected)
        for name, weight in into.weights.items():
            weight[...] = arrays[name]
        return into
    return model


def _about(model):
    """What stands in the file beside the weights."""
    for name, (head, size) in HEADS.items():
        if type(model) is head:
            about = {"class": name, size: getattr(model, size), "read": model.read, "cell": _about_cell(model.cell)}
            return {"format": FORMAT, "version": VERSION, **about}
    return {"format": FORMAT, "version": VERSION, **_about_cell(model)}


def _about_cell(cell):
    if type(cell) not in CELLS.values():
        known = ", ".join([*CELLS, *HEADS])
        raise TypeError(f"a checkpoint holds one of {known}, not a {type(cell).__name__}")
    about = {"class": type(cell).__name__, "input_size": cell.input_size, "hidden_size": cell.hidden_size}
    about["dtype"] = cell.dtype.name
    return about | ({"reset": cell.reset, "update": "z keeps"} if isinstance(cell, GRU) else {})


def _weights(model):
    """All weights by name, in the model's dtype; names and shapes are checked."""
    cell = getattr(model, "cell", model)
    head = {} if cell is model else {"W_y": model.W_y, "b_y": model.b_y}
    return current_weights(cell) | {name: np.asarray(value, cell.dtype) for name, value in head.items()}


def _read(path):
    """All arrays of the file by name. Raises DataError if it is no .npz file, damaged, or holds Python objects."""
    content = Path(path).read_bytes()
    if content[:2] != b"PK":
        raise DataError("not an .npz file", file=path, expected="a file that checkpoints.save wrote")
    name = "its list of arrays"
    try:
        arrays = {}
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            for name in archive.files:
                arrays[name] = archive[name]
        return arrays
    except Exception as error:  # a damaged file can trip zipfile and NumPy in a dozen ways
        what = f"the file is damaged or cut off at {name}: {error}"
        raise DataError(what, file=path, expected="a file that checkpoints.save wrote") from error


def _parsed(path, about):
    """The description in the file, a dict. Raises DataError for another format or a later version."""
    if about is None:
        what = "no checkpoint: the array about is missing"
        raise DataError(what, file=path, expected="a file that checkpoints.save wrote")
    try:
        about = json.loads(str(about[()]))
        form, version = about["format"], about["version"]
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise DataError("no checkpoint: the array about does not describe a model", file=path) from error
    if form != FORMAT:
        raise DataError("the format differs", file=path, came=form, expected=repr(FORMAT))
    if type(version) is not int or version > VERSION or version < 1:
        what = "the version of the format is later than this gru_lib knows: update it"
        raise DataError(what, file=path, came=version, expected=f"version {VERSION}")
    return about


def _model(path, about, arrays):
    """The model described, with the weights in `arrays`, which are compared with the description first."""
    name = about.get("class")
    if not isinstance(name, str) or name not in [*CELLS, *HEADS]:
        raise DataError("unknown class", file=path, came=name, expected=" or ".join([*CELLS, *HEADS]))
    try:
        if name not in HEADS:
            cell = _cell(path, about)
            _compare(path, arrays, cell.shapes(), cell.dtype)
            cell.weights = {name: arrays[name] for name in cell.shapes()}
            return cell
        head, size = HEADS[name]
        cell, outputs = _cell(path, about["cell"]), _checks.size(size, about[size])
        shapes = cell.shapes() | {"W_y": (cell.hidden_size, outputs), "b_y": (outputs,)}
        _compare(path, arrays, shapes, cell.dtype)
        cell.weights = {name: arrays[name] for name in cell.shapes()}
        model = head(cell, outputs, read=about["read"], seed=0)
        model.W_y, model.b_y = arrays["W_y"], arrays["b_y"]
        return model
    except KeyError as error:
        raise DataError(f"the description of the {name} lacks {error}", file=path) from error
    except (TypeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"the description of the {name} is wrong: {error}", file=path) from error


def _cell(path, about):
    """A cell of the class, sizes and convention described; its weights are still those of a cell of size 1."""
    name = about["class"]
    if name not in CELLS:
        raise DataError("unknown class of cell", file=path, came=name, expected=" or ".join(CELLS))
    options = {"dtype": about["dtype"], "seed": 0}
    if name == "GRU":
        if about["update"] != "z keeps":
            raise DataError("unknown convention of update", file=path, came=about["update"], expected="'z keeps'")
        options["reset"] = about["reset"]
    # A size in a damaged file may be anything: nothing of that size is made before the arrays have it too.
    cell = CELLS[name](1, 1, **options)
    cell.input_size = _checks.size("input_size", about["input_size"])
    cell.hidden_size = _checks.size("hidden_size", about["hidden_size"])
    return cell


def _compare(path, arrays, shapes, dtype):
    """Raise DataError unless the arrays have these names and shapes, this dtype, and finite values."""
    for name, shape in shapes.items():
        if name not in arrays:
            raise DataError(f"the array {name} is missing", file=path, expected=f"shape {shape}")
        array = arrays[name]
        if array.shape != shape:
            what = f"the array {name} has another shape"
            raise DataError(what, file=path, came=array.shape, expected=f"shape {shape}")
        if array.dtype != dtype:
            what = f"the array {name} has another dtype"
            raise DataError(what, file=path, came=str(array.dtype), expected=f"{dtype}")
        if not np.isfinite(array).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            what = f"the array {name} holds NaN or infinity, first at {index}"
            raise DataError(what, file=path, came=float(array[index]), expected="finite weights")
    unknown = [name for name in arrays if name not in shapes]
    if unknown:
        raise DataError(f"unknown array {unknown[0]}", file=path, expected=f"only {', '.join(shapes)}")


def _flat(about):
    """The description in one level: the cell's entries under "cell ..."."""
    cell = {f"cell {name}": value for name, value in about.get("cell", {}).items()}
    return {name: value for name, value in about.items() if name != "cell"} | cell
