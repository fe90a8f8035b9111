"""Regressor and Classifier: against Keras, against finite differences, with and without padding."""

import numpy as np
import pytest
from gru_checks import imported, reference
from numpy.testing import assert_allclose, assert_array_equal

from gru_lib import GRU, LSTM, SimpleRNN
from gru_lib.heads import Classifier, Regressor

EXACT = {"rtol": 1e-12, "atol": 1e-13}
HEADS = [(head, read) for head in (Regressor, Classifier) for read in ("last", "every")]
OUTPUTS = 3


def data(head, read, seed=0, batch=4, time=5, inputs=2):
    """x, y and a mask whose rows have 5, 4, 2 and 3 steps that count, one row a gap and one a late start."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, time, inputs))
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0], [1, 0, 1, 0, 0], [0, 1, 1, 1, 0]], bool)
    rows = (batch, time) if read == "every" else (batch,)
    if head is Classifier:
        y = rng.integers(0, OUTPUTS, rows)
        if read == "every":
            y[0, 3] = y[3, 1] = -1
    else:
        y = rng.normal(size=(*rows, OUTPUTS))
    return x, y, mask


def made(head, read, cell=GRU, dtype="float64", **options):
    model = head(cell(2, 3, seed=1, dtype=dtype, **options), OUTPUTS, read=read, seed=2)
    model.b_y[:] = np.random.default_rng(3).normal(size=OUTPUTS)
    return model


@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize(("head", "read"), HEADS)
@pytest.mark.parametrize(
    ("cell", "options"), [(GRU, {"reset": "after"}), (GRU, {"reset": "before"}), (LSTM, {}), (SimpleRNN, {})]
)
def test_gradients_are_those_of_finite_differences(cell, options, head, read, padded):
    model = made(head, read, cell, **options)
    x, y, mask = data(head, read)
    mask = mask if padded else None
    loss, grads = model.loss_and_gradients(x, y, mask)
    assert loss == pytest.approx(model.loss(x, y, mask), abs=1e-15)
    assert grads.keys() == model.weights.keys()
    for name, weight in model.weights.items():
        for index in np.ndindex(weight.shape):
            kept, eps = weight[index], 1e-6
            weight[index] = kept + eps
            above = model.loss(x, y, mask)
            weight[index] = kept - eps
            below = model.loss(x, y, mask)
            weight[index] = kept
            assert grads[name][index] == pytest.approx((above - below) / (2 * eps), abs=1e-8), (name, index)


@pytest.mark.parametrize(("head", "read"), HEADS)
def test_losses_and_gradients_are_those_of_keras(head, read):
    arrays = reference("heads_keras.npz")
    cell = imported("keras_after.npz", arrays)
    model = head(cell, OUTPUTS, read=read, seed=0)
    model.W_y[...], model.b_y[...] = arrays["dense_kernel"], arrays["dense_bias"]
    y = arrays["labels" if head is Classifier else "y"]
    y = y[:, -1] if read == "last" else y
    theirs = f"{head.__name__.lower()}_{read}_"
    loss, grads = model.loss_and_gradients(arrays["x"], y, arrays["mask"])
    assert loss == pytest.approx(float(arrays[theirs + "loss"]), rel=1e-12)
    assert_allclose(grads["W_y"], arrays[theirs + "d_dense_kernel"], **EXACT)
    assert_allclose(grads["b_y"], arrays[theirs + "d_dense_bias"], **EXACT)
    for kind, name in (("W", "kernel"), ("U", "recurrent_kernel")):
        ours = np.concatenate([grads[f"{kind}_{gate}"] for gate in "zrh"], axis=1)
        assert_allclose(ours, arrays[f"{theirs}d_{name}"], **EXACT)
    ours = np.stack([np.concatenate([grads[f"{kind}_{gate}"] for gate in "zrh"]) for kind in "bc"])
    assert_allclose(ours, arrays[theirs + "d_bias"], **EXACT)
    counts = np.ones(1, bool) if read == "last" else arrays["mask"]
    outputs = arrays[theirs + "outputs"]
    if head is Classifier:
        outputs = np.exp(outputs) / np.exp(outputs).sum(axis=-1, keepdims=True)
    found = model.predict(arrays["x"], arrays["mask"])
    assert found.shape == outputs.shape
    assert_allclose(
        found[counts] if read == "every" else found, outputs[counts] if read == "every" else outputs, **EXACT
    )


@pytest.mark.parametrize(("head", "read"), HEADS)
def test_padding_changes_nothing(head, read):
    """Sequences of length 1 to 5, one by one without a mask or all in one padded batch: the same, whatever is there."""
    model = made(head, read)
    x, y, _ = data(head, read, batch=5, seed=7) if head is Regressor else data(head, read, seed=7)
    lengths = np.arange(1, 6)[: len(x)]
    if head is Classifier and read == "every":
        y = np.where(y == -1, 0, y)
    mask = np.arange(5) < lengths[:, None]
    total, sums = 0.0, dict.fromkeys(model.weights, 0.0)
    for i, length in enumerate(lengths):
        part = y[i : i + 1, :length] if read == "every" else y[i : i + 1]
        loss, grads = model.loss_and_gradients(x[i : i + 1, :length], part)
        weight = length if read == "every" else 1
        total += weight * loss
        for name in sums:
            sums[name] = sums[name] + weight * grads[name]
    n = lengths.sum() if read == "every" else len(lengths)
    x[~mask] = 1e6
    if read == "every":
        y[~mask] = 99 if head is Classifier else np.nan
    loss, grads = model.loss_and_gradients(x, y, mask)
    assert loss == pytest.approx(total / n, rel=1e-12)
    for name in sums:
        assert_allclose(grads[name], sums[name] / n, rtol=1e-10, atol=1e-14, err_msg=name)


def test_a_label_of_minus_1_is_run_but_not_counted():
    model = made(Classifier, "every")
    x, y, _ = data(Classifier, "every")
    y[:] = -1
    y[:, -1] = [0, 1, 2, 0]
    last = Classifier(model.cell, OUTPUTS, seed=2)
    last.b_y[:] = model.b_y
    loss, grads = model.loss_and_gradients(x, y)
    expected, theirs = last.loss_and_gradients(x, y[:, -1])
    assert loss == pytest.approx(expected, rel=1e-14)
    for name in grads:
        assert_allclose(grads[name], theirs[name], rtol=1e-12, atol=1e-15)


def test_cross_entropy_of_known_probabilities():
    model = made(Classifier, "last")
    model.W_y[:] = 0
    model.b_y[:] = np.log([0.5, 0.3, 0.2])
    x, _, _ = data(Classifier, "last")
    assert_allclose(model.predict(x), np.tile([0.5, 0.3, 0.2], (4, 1)), rtol=1e-14)
    assert model.loss(x, [0, 1, 2, 2]) == pytest.approx(-np.mean(np.log([0.5, 0.3, 0.2, 0.2])))
    assert model.accuracy(x, [0, 1, 0, 2]) == 0.5
    model.b_y[:] = 0
    assert model.loss(x, [0, 1, 2, 2]) == pytest.approx(np.log(3))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_outputs_neither_overflow_nor_lose_the_loss(dtype):
    model = made(Classifier, "last", dtype=dtype)
    x, _, _ = data(Classifier, "last")
    model.W_y[:] = 0
    model.b_y[:] = [2000, 0, -2000]
    loss, grads = model.loss_and_gradients(x, [2, 2, 2, 2])
    assert loss == 4000
    assert_array_equal(grads["b_y"], [1, 0, -1])
    assert model.loss(x, [0, 0, 0, 0]) == 0
    assert all(g.dtype == dtype for g in grads.values())


def test_accuracy_counts_what_counts():
    model = made(Classifier, "every")
    x, y, mask = data(Classifier, "every")
    guess = np.argmax(model.predict(x, mask), axis=-1)
    right = np.where(np.arange(5) % 2 == 0, guess, (guess + 1) % 3)
    counts = mask & (y != -1)
    right[y == -1] = -1
    expected = counts[:, ::2].sum() / counts.sum()
    assert 0 < expected < 1
    assert model.accuracy(x, right, mask) == pytest.approx(expected)
    model.b_y[:] = np.nan
    with pytest.raises(FloatingPointError, match="no class is the most probable"):
        model.accuracy(x, y, mask)


@pytest.mark.parametrize(("head", "read"), HEADS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_and_dtypes(head, read, dtype):
    model = made(head, read, dtype=dtype)
    x, y, mask = data(head, read)
    found = model.predict(x, mask)
    assert found.shape == ((4, 5, OUTPUTS) if read == "every" else (4, OUTPUTS))
    assert found.dtype == dtype
    if head is Classifier:
        assert_allclose(found.sum(axis=-1), 1, rtol=1e-6)
    loss, grads = model.loss_and_gradients(x, y, mask)
    assert isinstance(loss, float)
    for name, weight in model.weights.items():
        assert grads[name].shape == weight.shape
        assert grads[name].dtype == dtype
    assert model.n_params == sum(weight.size for weight in model.weights.values())


def test_n_params():
    assert Regressor(GRU(1, 16), 1).n_params == 3 * 16 * (1 + 16 + 2) + 16 + 1 == 929


def test_weights_are_the_arrays_themselves():
    model = Classifier(GRU(2, 3, seed=0), 3)
    model.weights["W_y"][:] = 7
    model.weights["U_h"][:] = 8
    assert np.all(model.W_y == 7)
    assert np.all(model.cell.weights["U_h"] == 8)


def test_repr():
    cell = GRU(2, 3)
    assert repr(Regressor(cell)) == f"Regressor({cell!r}, output_size=1, read='last')"
    assert repr(Classifier(cell, 5, read="every")) == f"Classifier({cell!r}, classes=5, read='every')"


@pytest.mark.parametrize(
    ("head", "read", "change", "error", "said"),
    [
        (Classifier, "last", {"y": [0, 1, 2, 3]}, ValueError, r"integers 0 to 2, but 3 stands at \(3,\)"),
        (Classifier, "last", {"y": [0, -1, 2, 1]}, ValueError, r"integers 0 to 2, but -1 stands at \(1,\)"),
        (Classifier, "last", {"y": [0.0, 1, 2, 1]}, TypeError, "integers 0 to 2, not values of dtype float64"),
        (Classifier, "last", {"y": [True] * 4}, TypeError, "not values of dtype bool"),
        (Classifier, "last", {"y": np.eye(3, dtype=int)}, ValueError, r"shape \(batch=4,\).*shape \(3, 3\)"),
        (Classifier, "every", {"y": [0, 1, 2, 1]}, ValueError, r"shape \(batch=4, time=5\).*shape \(4,\)"),
        (Classifier, "every", {"y": np.full((4, 5), -2)}, ValueError, r"0 to 2, or -1 where .*, but -2 stands"),
        (Classifier, "every", {"y": np.full((4, 5), -1)}, ValueError, "needs a label that counts, but row 0 has none"),
        (Regressor, "last", {"y": np.full((4, 3), np.nan)}, ValueError, "y has 12 values that are NaN"),
        (Regressor, "every", {"y": np.full((4, 5, 3), np.nan)}, ValueError, "y has .* values that are NaN"),
        (Regressor, "every", {"y": np.zeros((4, 3))}, ValueError, r"y must have 3 axes .*time=5, outputs=3"),
        (Regressor, "last", {"mask": np.ones((4, 5))}, TypeError, "mask must be boolean"),
        (Regressor, "last", {"mask": np.ones((4, 4), bool)}, ValueError, r"mask must have shape \(batch=4, time=5\)"),
        (Classifier, "last", {"mask": np.arange(20).reshape(4, 5) < 10}, ValueError, "row 2 of mask is all False"),
    ],
)
def test_bad_data_are_refused(head, read, change, error, said):
    x, y, mask = data(head, read)
    for call in (made(head, read).loss, made(head, read).loss_and_gradients):
        with pytest.raises(error, match=said):
            call(**{"x": x, "y": y, "mask": mask, **change})


def test_bad_options_are_refused():
    cell = GRU(2, 3)
    with pytest.raises(ValueError, match="read must be 'last' or 'every', not 'all'"):
        Regressor(cell, read="all")
    with pytest.raises(ValueError, match="classes must be at least 2, not 1"):
        Classifier(cell, 1)
    with pytest.raises(TypeError, match="classes must be an integer"):
        Classifier(cell, 2.0)
