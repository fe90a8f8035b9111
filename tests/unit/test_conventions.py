"""Weights to and from Keras, PyTorch and ONNX, the two conventions of z, and what cannot be mapped."""

import os

import numpy as np
import pytest
from gru_checks import EXACT, KERAS, TORCH, Case, imported, reference, references
from numpy.testing import assert_allclose, assert_array_equal

from gru_lib import GRU, conventions

TO_AND_FROM = [
    ("after", conventions.to_keras, lambda arrays: conventions.from_keras(arrays)),
    ("before", conventions.to_keras, lambda arrays: conventions.from_keras(arrays, reset_after=False)),
    ("after", conventions.to_torch, conventions.from_torch),
    ("after", conventions.to_onnx, lambda node: conventions.from_onnx(**inputs_of(node))),
    ("before", conventions.to_onnx, lambda node: conventions.from_onnx(**inputs_of(node))),
]
REFERENCES = [pytest.param(*found, id=found[0]) for found in references("keras", "torch", "onnx")]
IDS = ["keras-after", "keras-before", "torch", "onnx-after", "onnx-before"]


def inputs_of(node):
    return {name: value for name, value in node.items() if name != "hidden_size"}


def arrays_of(exported):
    values = exported.values() if isinstance(exported, dict) else exported
    return [value for value in values if isinstance(value, np.ndarray)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("reset", "to", "back"), TO_AND_FROM, ids=IDS)
def test_there_and_back_gives_the_same_weights(reset, to, back, dtype):
    gru = Case(reset=reset).model(GRU, dtype)
    again = back(to(gru))
    assert repr(again) == repr(gru)
    assert list(again.weights) == list(gru.weights)
    for name, value in gru.weights.items():
        assert_array_equal(again.weights[name], value, err_msg=name)
        assert again.weights[name].dtype == dtype
        assert again.weights[name].flags.c_contiguous
    for value in arrays_of(to(gru)):
        assert value.dtype == dtype
        assert value.flags.c_contiguous


@pytest.mark.parametrize(("reset", "to", "back"), TO_AND_FROM, ids=IDS)
def test_no_memory_is_shared(reset, to, back):
    gru = Case(reset=reset).model(GRU)
    exported = to(gru)
    again = back(exported)
    for array in arrays_of(exported):
        for value in [*gru.weights.values(), *again.weights.values()]:
            assert not np.shares_memory(array, value)


@pytest.mark.parametrize(("name", "arrays"), REFERENCES)
def test_imported_weights_give_the_outputs_of_the_framework(name, arrays):
    h = imported(name, arrays).forward(arrays["x"], arrays["h0"], arrays.get("mask")).h
    assert_allclose(h, arrays["h"], **EXACT)


@pytest.mark.parametrize(("name", "arrays"), REFERENCES)
def test_exported_weights_are_those_that_were_imported(name, arrays):
    gru = imported(name, arrays)
    if name.startswith("keras"):
        exported = dict(zip(KERAS, conventions.to_keras(gru, use_bias="bias" in arrays), strict=False))
        assert len(exported) == (3 if "bias" in arrays else 2)
    elif name.startswith("torch"):
        exported = conventions.to_torch(gru)
    else:
        exported = conventions.to_onnx(gru)
        assert exported["hidden_size"] == arrays["R"].shape[-1]
        assert exported["linear_before_reset"] == arrays["linear_before_reset"]
        if name == "onnx_before.npz":  # its two biases of each gate have been summed
            both = exported.pop("B")
            assert_array_equal(both[:, :18], arrays["B"][:, :18] + arrays["B"][:, 18:])
            assert not both[:, 18:].any()
    for key, value in exported.items():
        if key in arrays:
            assert_array_equal(value, arrays[key], err_msg=f"{name}: {key}")
        elif isinstance(value, np.ndarray) and key != "B":
            assert not value.any(), f"{name}: {key}"  # a bias that the layer did not have


def test_without_biases_they_are_zero():
    arrays = reference("torch_no_bias.npz")
    for gru in (
        conventions.from_torch({name: arrays[name] for name in TORCH[:2]}),
        conventions.from_keras([np.ones((4, 18)), np.ones((6, 18))]),
        conventions.from_keras([np.ones((4, 18)), np.ones((6, 18))], reset_after=False),
        conventions.from_onnx(np.ones((1, 18, 4)), np.ones((1, 18, 6)), linear_before_reset=1),
    ):
        biases = [name for name in gru.weights if name[0] in "bc"]
        assert len(biases) == (6 if gru.reset == "after" else 3)
        assert not any(gru.weights[name].any() for name in biases)


def test_only_float32_gives_float32():
    W, R = np.ones((1, 18, 4), "float32"), np.ones((1, 18, 6), "float32")
    assert conventions.from_onnx(W, R).dtype == np.float32
    assert conventions.from_onnx(W, R.astype("float64")).dtype == np.float64
    assert conventions.from_onnx(W.astype("float16"), R.astype("float16")).dtype == np.float64
    assert conventions.from_onnx(W.astype(int).tolist(), R.astype(int)).dtype == np.float64


class Tensor:
    """Like a PyTorch tensor: it has a dtype of its own kind and turns into an array when asked."""

    dtype = "torch.float32"

    def __init__(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        return self.value.astype(dtype or "float32")


def test_tensors_are_welcome():
    arrays = reference("torch.npz")
    gru = conventions.from_torch({name: Tensor(arrays[name]) for name in TORCH})
    assert gru.dtype == np.float32
    assert_array_equal(gru.weights["W_z"], arrays["weight_ih_l0"][6:12].T.astype("float32"))


# z keeps, z writes


@pytest.mark.parametrize("reset", ["after", "before"])
def test_swap_update_is_the_same_function_in_the_convention_where_z_writes(reset):
    case = Case(reset=reset)
    x, h0, _, _ = case.data()
    gru = case.model(GRU)
    keeps = gru.forward(x, h0)
    w = {f"c_{k}": 0.0 for k in "zrh"} | conventions.swap_update(gru.weights)
    h = h0
    for t in range(case.time):
        x_t = x[:, t]
        z = 1 / (1 + np.exp(-(x_t @ w["W_z"] + h @ w["U_z"] + w["b_z"] + w["c_z"])))
        r = 1 / (1 + np.exp(-(x_t @ w["W_r"] + h @ w["U_r"] + w["b_r"] + w["c_r"])))
        inside = r * (h @ w["U_h"] + w["c_h"]) if reset == "after" else (r * h) @ w["U_h"]
        candidate = np.tanh(x_t @ w["W_h"] + inside + w["b_h"])
        h = (1 - z) * h + z * candidate
        assert_allclose(z, 1 - keeps.z[:, t], **EXACT)
        assert_allclose(h, keeps.h[:, t], **EXACT)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_swap_update_twice_gives_the_original_and_leaves_its_input_alone(reset):
    weights = Case(reset=reset).model(GRU, "float32").weights
    before = {name: value.copy() for name, value in weights.items()}
    once = conventions.swap_update(weights)
    twice = conventions.swap_update(once)
    assert list(once) == list(twice) == list(weights)
    for name, value in weights.items():
        assert_array_equal(value, before[name])
        assert_array_equal(once[name], -value if name.endswith("_z") else value)
        assert_array_equal(twice[name], value)
        assert once[name].dtype == np.float32
        assert not np.shares_memory(once[name], value)


# What cannot be mapped, and what is not a GRU's


def keras(kernel=(4, 18), recurrent=(6, 18), bias=(2, 18), **options):
    return lambda: conventions.from_keras([np.ones(s) for s in (kernel, recurrent, bias)], **options)


def torch(drop=(), **shapes):
    found = dict(zip(TORCH, ((18, 4), (18, 6), (18,), (18,)), strict=True)) | shapes
    return lambda: conventions.from_torch({name: np.ones(s) for name, s in found.items() if name not in drop})


def onnx(W=(1, 18, 4), R=(1, 18, 6), B=(1, 36), **options):
    return lambda: conventions.from_onnx(np.ones(W), np.ones(R), np.ones(B), **options)


def to(function, reset="after", bias=0.0, **options):
    gru = GRU(4, 6, reset=reset)
    gru.weights["b_r"] += bias
    return lambda: function(gru, **options)


BAD = [
    # what is wrong, the call, what came, why or what was expected
    (
        "keras too few",
        lambda: conventions.from_keras([np.ones((4, 18))]),
        "1 came",
        "2 arrays (kernel, recurrent kernel)",
    ),
    ("keras bidirectional", lambda: conventions.from_keras([1] * 6), "6 came", "Bidirectional has those of two layers"),
    ("keras one bias for two", keras(bias=(18,)), "shape (18,)", "belongs to a layer with reset_after=False"),
    ("keras two for one", keras(reset_after=False), "shape (2, 18)", "belong to a layer with reset_after=True"),
    ("keras bias of 3 axes", keras(bias=(1, 2, 18)), "shape (1, 2, 18)", "(biases=2, 3 * hidden=18)"),
    ("keras bias length", keras(bias=(2, 12)), "shape (2, 12)", "(biases=2, 3 * hidden=18)"),
    ("keras one bias length", keras(bias=(6,), reset_after=False), "shape (6,)", "(3 * hidden=18)"),
    ("keras LSTM", keras(recurrent=(6, 24)), "shape (6, 24)", "(hidden=6, 3 * hidden=18)"),
    ("keras kernel", keras(kernel=(4, 15)), "shape (4, 15)", "(input, 3 * hidden=18)"),
    ("keras kernel axes", keras(kernel=(4,)), "shape (4,)", "2 axes (input, 3 * hidden=18)"),
    ("keras recurrent axes", keras(recurrent=(18,)), "shape (18,)", "2 axes"),
    ("keras flag", keras(reset_after="yes"), "'yes'", "must be 0 or 1"),
    ("keras bias dropped", to(conventions.to_keras, bias=1.0, use_bias=False), "b_r", "no place for biases"),
    ("torch before", to(conventions.to_torch, reset="before"), "reset='before'", "always applies the reset gate after"),
    ("torch layer 2", torch(weight_ih_l1=(18, 6)), "'weight_ih_l1'", "convert each layer by itself"),
    ("torch backwards", torch(bias_hh_l0_reverse=(18,)), "'bias_hh_l0_reverse'", "reads in one direction"),
    ("torch projection", torch(weight_hr_l0=(2, 6)), "'weight_hr_l0'", "without projection"),
    ("torch model", torch(**{"gru.weight_ih_l0": (18, 4)}), "'gru.weight_ih_l0'", "cut to those of its GRU"),
    ("torch without weight", torch(drop=["weight_hh_l0"]), "lacks weight_hh_l0", "expected weight_ih_l0, weight_hh_l0"),
    ("torch one bias", torch(drop=["bias_hh_l0"]), "lacks bias_hh_l0", "both biases or neither"),
    ("torch LSTM", torch(weight_hh_l0=(24, 6)), "shape (24, 6)", "(3 * hidden=18, hidden=6)"),
    ("torch turned", torch(weight_ih_l0=(4, 18)), "shape (4, 18)", "(3 * hidden=18, input)"),
    ("torch bias", torch(bias_ih_l0=(2, 18)), "shape (2, 18)", "(3 * hidden=18)"),
    ("onnx both ways", onnx(W=(2, 18, 4), R=(2, 18, 6), B=(2, 36)), "num_directions=2", "reads in one direction"),
    ("onnx B of both ways", onnx(B=(2, 36)), "(2, 36), num_directions=2", "reads in one direction"),
    ("onnx W axes", onnx(W=(18, 4)), "shape (18, 4)", "3 axes (num_directions=1, 3 * hidden=18, input)"),
    ("onnx R axes", onnx(R=(18, 6)), "shape (18, 6)", "3 axes"),
    ("onnx R", onnx(R=(1, 24, 6)), "shape (1, 24, 6)", "(num_directions=1, 3 * hidden=18, hidden=6)"),
    ("onnx B", onnx(B=(1, 18)), "shape (1, 18)", "(num_directions=1, 6 * hidden=36)"),
    ("onnx flag", onnx(linear_before_reset=2), "not 2", "must be 0 or 1"),
    ("swap of a part", lambda: conventions.swap_update({"W_z": 1, "b_z": 1}), "lack U_z", "names of GRU.weights"),
]


@pytest.mark.parametrize(("call", "came", "why"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_cannot_be_mapped_raises_with_the_reason(call, came, why):
    with pytest.raises(ValueError, match=r"\w") as caught:
        call()
    assert came in str(caught.value)
    assert why in str(caught.value)


def test_values_that_are_no_finite_numbers_are_refused():
    with pytest.raises(ValueError, match="bias has 36 values that are NaN or infinite"):
        conventions.from_keras([np.ones((4, 18)), np.ones((6, 18)), np.full((2, 18), np.nan)])
    with pytest.raises(TypeError, match="kernel must hold real numbers, not values of dtype <U1"):
        conventions.from_keras([np.full((4, 18), "1"), np.ones((6, 18))])
    with pytest.raises(ValueError, match=r"recurrent_kernel must be an array of shape .* rows differ in length"):
        conventions.from_keras([np.ones((4, 18)), [[1.0], [1.0, 2.0]]])
    with pytest.raises(ValueError, match=r"bias must be an array of shape .* rows differ in length"):
        conventions.from_keras([np.ones((4, 18)), np.ones((6, 18)), [[1.0], [1.0, 2.0]]])
    with pytest.raises(TypeError, match=r"expected a gru_lib.GRU, not a dict"):
        conventions.to_keras(GRU(1, 1).weights)


def test_the_table_says_what_the_functions_do():
    rows = {row.name: row for row in conventions.CONVENTIONS}
    assert len(rows) == len(conventions.CONVENTIONS) == 8
    n, H = 4, 6
    made = {
        "Keras, reset_after=True (default)": conventions.from_keras([np.ones((n, 18)), np.ones((H, 18))]),
        "Keras, reset_after=False": conventions.from_keras([np.ones((n, 18)), np.ones((H, 18))], reset_after=False),
        "PyTorch": torch()(),
        "ONNX, linear_before_reset=0 (default)": onnx()(),
        "ONNX, linear_before_reset=1": onnx(linear_before_reset=1)(),
    }
    exported = {
        "Keras": lambda gru: conventions.to_keras(gru)[0],
        "PyTor": lambda gru: conventions.to_torch(gru)[TORCH[0]],
    }
    exported["ONNX,"] = lambda gru: conventions.to_onnx(gru)["W"]
    for name, gru in made.items():
        row = rows[name]
        assert row.reset == gru.reset
        assert row.keep == "z"
        for k, gate in enumerate("zrh"):
            gru.weights[f"W_{gate}"][...] = k
        W = exported[name[:5]](gru)
        assert str(W.shape) == row.weights.replace("3H", str(3 * H)).replace("n", str(n))
        side = W if name.startswith("Keras") else W.reshape(3 * H, n).T
        assert row.gates.split() == ["zrh"[int(side[0, i * H])] for i in range(3)]


# The installed Keras itself


@pytest.fixture(scope="module")
def installed_keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    return keras


@pytest.mark.parametrize("mask", [False, True], ids=["all-steps", "masked"])
@pytest.mark.parametrize("reset_after", [True, False])
def test_the_installed_keras_computes_the_same(installed_keras, reset_after, mask):
    rng = np.random.default_rng(0)
    layer = installed_keras.layers.GRU(7, return_sequences=True, reset_after=reset_after)
    layer.build((None, None, 3))
    layer.set_weights([rng.normal(scale=0.5, size=value.shape) for value in layer.get_weights()])
    x, h0 = rng.normal(size=(4, 6, 3)).astype("float32"), rng.uniform(-1, 1, (4, 7)).astype("float32")
    counts = rng.random((4, 6)) < 0.6
    counts[:, 0] = True  # Keras puts out 0, not h0, at a masked first step
    counts = counts if mask else None

    gru = conventions.from_keras(layer.get_weights(), reset_after=reset_after)
    assert gru.dtype == np.float32
    theirs = np.asarray(layer(x, initial_state=h0, mask=counts))
    assert_allclose(gru.forward(x, h0, counts).h, theirs, rtol=0, atol=1e-6)
    assert gru.n_params == layer.count_params()

    other = installed_keras.layers.GRU(7, return_sequences=True, reset_after=reset_after)
    other.build((None, None, 3))
    other.set_weights(conventions.to_keras(gru))
    assert_array_equal(np.asarray(other(x, initial_state=h0, mask=counts)), theirs)
