"""Models in files: the same bits come back, and whatever is wrong with a file is said by name."""

import json
import pickle
import re
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gru_lib import GRU, LSTM, SimpleRNN, checkpoints, training
from gru_lib._checks import DataError
from gru_lib.heads import Classifier, Regressor

CELLS = {
    "after": lambda dtype: GRU(2, 3, reset="after", seed=1, dtype=dtype),
    "before": lambda dtype: GRU(2, 3, reset="before", seed=1, dtype=dtype),
    "lstm": lambda dtype: LSTM(2, 3, seed=1, dtype=dtype),
    "rnn": lambda dtype: SimpleRNN(2, 3, seed=1, dtype=dtype),
}
HEADS = {
    "cell": lambda cell: cell,
    "regressor": lambda cell: Regressor(cell, 2, seed=2),
    "classifier": lambda cell: Classifier(cell, 4, read="every", seed=2),
}


def regressor(**options):
    return Regressor(GRU(2, 3, seed=5, **options), 2, seed=6)


def altered(path, change):
    """Write the checkpoint again with its arrays and its description changed by `change(arrays, about)`."""
    with np.load(path) as archive:
        arrays = dict(archive)
    about = json.loads(str(arrays.pop("about")))
    about = change(arrays, about) or about
    np.savez(path, about=np.array(json.dumps(about)), **arrays)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("cell", CELLS)
def test_the_same_bits_come_back(tmp_path, cell, head, dtype):
    model = HEADS[head](CELLS[cell](dtype))
    rng = np.random.default_rng(0)
    for weight in model.weights.values():
        weight[...] = rng.normal(size=weight.shape)
        weight.flat[0] = -0.0
    path = tmp_path / "model.npz"
    checkpoints.save(path, model)
    found = checkpoints.load(path)
    assert repr(found) == repr(model)
    assert type(found) is type(model)
    assert list(found.weights) == list(model.weights)
    for name, weight in model.weights.items():
        assert found.weights[name].dtype == dtype
        assert found.weights[name].tobytes() == weight.tobytes(), name
    x = rng.normal(size=(4, 5, 2))
    run = "predict" if head != "cell" else "forward"
    first, second = getattr(model, run)(x), getattr(found, run)(x)
    if head == "cell":
        first, second = first.h, second.h
    assert first.tobytes() == second.tobytes()


def test_what_is_loaded_can_be_trained_and_shares_nothing(tmp_path):
    path = tmp_path / "model.npz"
    model = regressor()
    checkpoints.save(path, model)
    found = checkpoints.load(path)
    x, y = np.ones((8, 3, 2)), np.ones((8, 2))
    training.fit(found, x, y, epochs=2, progress=False)
    assert found.loss(x, y) < model.loss(x, y)
    assert checkpoints.load(path).loss(x, y) == model.loss(x, y)


def test_into_a_model_overwrites_its_arrays(tmp_path):
    path = tmp_path / "model.npz"
    checkpoints.save(path, regressor())
    model = Regressor(GRU(2, 3, seed=50), 2, seed=60)
    arrays = dict(model.weights)
    assert checkpoints.load(path, into=model) is model
    for name, weight in regressor().weights.items():
        assert model.weights[name] is arrays[name]
        np.testing.assert_array_equal(arrays[name], weight)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Regressor(GRU(2, 4), 2), "cell hidden_size differs; came 3; expected 4"),
        (Regressor(GRU(1, 3), 2), "cell input_size differs; came 2; expected 1"),
        (Regressor(GRU(2, 3, reset="before"), 2), "cell reset differs; came 'after'; expected before"),
        (Regressor(GRU(2, 3, dtype="float32"), 2), "cell dtype differs; came 'float64'; expected float32"),
        (Regressor(GRU(2, 3), 1), "output_size differs; came 2; expected 1"),
        (Regressor(GRU(2, 3), 2, read="every"), "read differs; came 'last'; expected every"),
        (Classifier(GRU(2, 3), 2), "class differs; came 'Regressor'; expected Classifier"),
        (Regressor(LSTM(2, 3), 2), "cell class differs; came 'GRU'; expected LSTM"),
        (GRU(2, 3), "class differs; came 'Regressor'; expected GRU"),
    ],
    ids=repr,
)
def test_into_another_model_is_refused_and_changes_nothing(tmp_path, model, said):
    path = tmp_path / "model.npz"
    checkpoints.save(path, regressor())
    before = {name: weight.copy() for name, weight in model.weights.items()}
    with pytest.raises(DataError, match=re.escape(f"{path}: this is another model: {said}")):
        checkpoints.load(path, into=model)
    for name, weight in model.weights.items():
        np.testing.assert_array_equal(weight, before[name])


def remove(arrays, about):
    del arrays["U_r"]


def reshape(arrays, about):
    arrays["b_h"] = np.zeros(4)


def retype(arrays, about):
    arrays["W_z"] = arrays["W_z"].astype("float32")


def swap_bytes(arrays, about):
    arrays["W_z"] = arrays["W_z"].astype(">f8")


def put_nan(arrays, about):
    arrays["U_h"][1, 2] = np.nan


def add(arrays, about):
    arrays["V"] = np.zeros(2)


def cell(**entries):
    return lambda arrays, about: about | {"cell": about["cell"] | entries}


def head(**entries):
    return lambda arrays, about: about | entries


def without(name):
    return lambda arrays, about: {key: value for key, value in about.items() if key != name}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove, "the array U_r is missing; expected shape (3, 3)"),
        (reshape, "the array b_h has another shape; came (4,); expected shape (3,)"),
        (retype, "the array W_z has another dtype; came 'float32'; expected float64"),
        (swap_bytes, "the array W_z has another dtype; came '>f8'; expected float64"),
        (put_nan, "the array U_h holds NaN or infinity, first at (1, 2); came nan; expected finite weights"),
        (add, "unknown array V; expected only W_z"),
        (
            cell(reset="between"),
            "description of the Regressor is wrong: reset must be 'after' or 'before', not 'between'",
        ),
        (cell(update="z writes"), "unknown convention of update; came 'z writes'; expected 'z keeps'"),
        (cell(reset="before"), "unknown array c_z"),
        (cell(hidden_size=10**9), "the array W_z has another shape; came (2, 3); expected shape (2, 1000000000)"),
        (cell(hidden_size="3"), "hidden_size must be an integer of at least 1, not '3'"),
        (cell(dtype="float16"), "dtype must be 'float32' or 'float64', not 'float16'"),
        (cell(**{"class": "Transformer"}), "unknown class of cell; came 'Transformer'"),
        (head(cell=None), "description of the Regressor is wrong"),
        (head(output_size=10**9), "the array W_y has another shape; came (3, 2)"),
        (head(read="first"), "read must be 'last' or 'every', not 'first'"),
        (head(**{"class": "Transformer"}), "unknown class; came 'Transformer'; expected GRU or LSTM"),
        (head(version=2), "later than this gru_lib knows: update it; came 2; expected version 1"),
        (head(version="1"), "came '1'; expected version 1"),
        (head(format="other"), "the format differs; came 'other'; expected 'gru_lib checkpoint'"),
        (without("read"), "the description of the Regressor lacks 'read'"),
        (without("version"), "no checkpoint: the array about does not describe a model"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, change, said):
    path = tmp_path / "model.npz"
    checkpoints.save(path, regressor())
    altered(path, change)
    with pytest.raises(DataError, match=re.escape(said)) as caught:
        checkpoints.load(path)
    assert str(caught.value).startswith(str(path))


def test_files_that_are_no_checkpoints(tmp_path):
    path = tmp_path / "model.npz"
    with pytest.raises(FileNotFoundError, match=re.escape(path.name)):
        checkpoints.load(path)
    for content in (b"", b"P", b"not a zip", pickle.dumps({"a": 1})):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"not an \.npz file; expected a file that checkpoints\.save wrote"):
            checkpoints.load(path)
    np.savez(path, a=np.ones(3))
    with pytest.raises(DataError, match="no checkpoint: the array about"):
        checkpoints.load(path)
    np.savez(path, about=np.array([1, 2]))
    with pytest.raises(DataError, match="no checkpoint: the array about"):
        checkpoints.load(path)


class Bomb:
    """Raises an alarm if it is ever unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def test_objects_are_never_unpickled(tmp_path):
    path = tmp_path / "model.npz"
    np.savez(path, about=np.array([Bomb()], dtype=object))
    with pytest.raises(DataError, match="about: Object arrays cannot be loaded"):
        checkpoints.load(path)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_a_file_cut_off_or_altered_anywhere_is_refused_or_the_same(tmp_path_factory, draw):
    """A byte changed or the end lost: an error that names the file, or bits that play no part, never other weights."""
    path = tmp_path_factory.getbasetemp() / "altered.npz"
    model = regressor()
    checkpoints.save(path, model)
    content = bytearray(path.read_bytes())
    place = draw.draw(st.integers(2, len(content) - 1))
    if draw.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= draw.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        found = checkpoints.load(path)
    except DataError as error:
        found, said = None, str(error)
    if found is None:
        assert said.startswith(str(path))
    else:
        for name, weight in model.weights.items():
            np.testing.assert_array_equal(found.weights[name], weight)


def test_the_name_of_a_damaged_array_is_said(tmp_path):
    path = tmp_path / "model.npz"
    checkpoints.save(path, regressor())
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        offset = archive.getinfo("U_h.npy").header_offset
    content[offset + 30 + len("U_h.npy") + 200] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged or cut off at U_h: Bad CRC"):
        checkpoints.load(path)


def test_what_is_not_worth_keeping_is_not_saved(tmp_path):
    path = tmp_path / "model.npz"
    model = regressor()
    checkpoints.save(path, model)
    before = path.read_bytes()
    model.W_y[0, 0] = np.inf
    with pytest.raises(FloatingPointError, match="W_y holds NaN or infinity"):
        checkpoints.save(path, model)
    model = regressor()
    model.cell.weights["U_z"] = np.ones(3)
    with pytest.raises(ValueError, match=r"U_z must have shape \(3, 3\), but it has shape \(3,\)"):
        checkpoints.save(path, model)
    with pytest.raises(TypeError, match="one of GRU, LSTM, SimpleRNN, Regressor, Classifier, not a dict"):
        checkpoints.save(path, {})
    with pytest.raises(TypeError, match="not a object"):
        checkpoints.save(path, Regressor_of_something_else())
    with pytest.raises(ValueError, match=r"must end in .npz, not 'model.txt'"):
        checkpoints.save(tmp_path / "model.txt", regressor())
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]


def Regressor_of_something_else():
    model = regressor()
    model.cell = object()
    return model


def test_a_file_opens_with_numpy_alone(tmp_path):
    path = tmp_path / "model.npz"
    checkpoints.save(path, GRU(2, 3, seed=0))
    with np.load(path, allow_pickle=False) as archive:
        about = json.loads(str(archive["about"]))
        assert sorted(archive.files) == sorted(["about", *GRU(2, 3).weights])
    assert about == {
        "format": "gru_lib checkpoint",
        "version": 1,
        "class": "GRU",
        "input_size": 2,
        "hidden_size": 3,
        "dtype": "float64",
        "reset": "after",
        "update": "z keeps",
    }
