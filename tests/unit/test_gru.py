"""The true GRU against other frameworks, against finite differences, and against what must hold for any input."""

import numpy as np
import pytest
from gru_checks import FIXED, PROPERTIES, Case, imported, reference, same_gradients
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import gru_lib.gru
from gru_lib import GRU

CASES = st.builds(
    Case,
    reset=st.sampled_from(["after", "before"]),
    seed=st.integers(0, 10_000),
    batch=st.integers(1, 4),
    time=st.integers(1, 6),
    input=st.integers(1, 3),
    hidden=st.integers(1, 5),
    scale=st.sampled_from([0.1, 0.7, 1.5]),
)
SLOW = {"gradients_equal_differences": 30}


def lengths(parts):
    return [part.stop - part.start for part in parts]


@pytest.mark.parametrize("name", FIXED)
def test_references(name):
    FIXED[name](GRU)


@pytest.mark.parametrize("name", PROPERTIES)
def test_property(name):
    @settings(max_examples=SLOW.get(name, 100), deadline=None, derandomize=True, database=None)
    @given(CASES)
    def holds(case):
        PROPERTIES[name](GRU, case)

    holds()


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("name", ["gates_are_open_shares", "state_is_bounded", "state_is_between"])
def test_bounds_hold_where_floats_saturate(name, reset):
    PROPERTIES[name](GRU, Case(reset=reset, scale=300.0, time=8))


def test_saturated_gates_keep_and_write_exactly():
    gru = GRU(1, 2, seed=0)
    x, h0 = np.ones((1, 3, 1)), np.array([[0.3, -0.7]])
    gru.weights["b_z"] = np.full(2, 1e4)
    trace = gru.forward(x, h0)
    assert_array_equal(trace.z, np.ones((1, 3, 2)))
    assert_array_equal(trace.h, np.repeat(h0[:, None], 3, axis=1))
    gru.weights["b_z"] = np.full(2, -1e4)
    trace = gru.forward(x, h0)
    assert_array_equal(trace.z, np.zeros((1, 3, 2)))
    assert_array_equal(trace.h, trace.candidate)


@pytest.mark.parametrize(("reset", "expected"), [("before", 150), ("after", 165)])
def test_n_params_of_5_units_on_4_inputs(reset, expected):
    assert GRU(4, 5, reset=reset).n_params == expected


@given(st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
def test_n_params_formulas(d, h):
    after, before = GRU(d, h), GRU(d, h, reset="before")
    assert before.n_params == 3 * h * (d + h + 1) == sum(w.size for w in before.weights.values())
    assert after.n_params == 3 * h * (d + h + 2) == sum(w.size for w in after.weights.values())


def test_weights_have_the_names_and_shapes_promised():
    shapes = {name: value.shape for name, value in GRU(2, 3).weights.items()}
    expected = {f"W_{k}": (2, 3) for k in "zrh"} | {f"U_{k}": (3, 3) for k in "zrh"}
    expected |= {f"{kind}_{k}": (3,) for kind in "bc" for k in "zrh"}
    assert shapes == expected
    assert set(GRU(2, 3, reset="before").weights) == {name for name in expected if name[0] != "c"}


def test_initial_weights():
    gru = GRU(7, 5, seed=1)
    for k in "zrh":
        assert np.abs(gru.weights[f"W_{k}"]).max() <= np.sqrt(6 / 12)
        assert_allclose(gru.weights[f"U_{k}"] @ gru.weights[f"U_{k}"].T, np.eye(5), atol=1e-12)
        assert not gru.weights[f"b_{k}"].any()
        assert not gru.weights[f"c_{k}"].any()


def test_a_seed_gives_the_same_weights_again_and_another_seed_others():
    a, b, c = GRU(2, 3, seed=4), GRU(2, 3, seed=4), GRU(2, 3, seed=5)
    for name, value in a.weights.items():
        assert_array_equal(value, b.weights[name])
    assert not np.array_equal(a.weights["W_z"], c.weights["W_z"])
    assert not np.array_equal(GRU(2, 3).weights["W_z"], GRU(2, 3).weights["W_z"])
    for name, value in GRU(2, 3, seed=4, dtype="float32").weights.items():
        assert_array_equal(value, a.weights[name].astype("float32"))


@pytest.mark.parametrize("reset", ["after", "before"])
def test_every_weight_takes_effect_when_replaced_or_changed_in_place(reset):
    case = Case(reset=reset)
    x, h0, _, _ = case.data()
    for name in case.model(GRU).weights:
        model = case.model(GRU)
        h = model.forward(x, h0).h
        model.weights[name] = model.weights[name] + 0.5
        replaced = model.forward(x, h0).h
        assert np.abs(replaced - h).max() > 1e-3, name
        model.weights[name] -= 0.5
        assert_allclose(model.forward(x, h0).h, h, atol=1e-12, err_msg=name)
        model.weights[name][...] += 0.5
        assert_allclose(model.step(x[:, 0], h0).h, replaced[:, 0], atol=1e-12, err_msg=name)


def test_astype_copies():
    gru = GRU(2, 3, seed=0)
    other = gru.astype("float32")
    assert other.dtype == np.float32
    assert {value.dtype for value in other.weights.values()} == {np.dtype("float32")}
    other = gru.astype("float64")
    other.weights["W_z"][...] = 9
    assert not np.any(gru.weights["W_z"] == 9)


def test_astype_keeps_the_class():
    class Child(GRU):
        pass

    assert type(Child(2, 3).astype("float32")) is Child


def test_plain_lists_and_integers_are_welcome():
    gru = GRU(2, 3, seed=0)
    x = [[[1, 0], [2, -1]]]
    trace = gru.forward(x, [[0, 1, 0]], [[True, False]])
    assert_array_equal(trace.h, gru.forward(np.array(x, float), np.array([[0.0, 1, 0]]), np.array([[True, False]])).h)
    assert gru.backward(trace, np.ones((1, 2, 3), int)).x.shape == (1, 2, 2)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_no_initial_state_is_a_state_of_zeros(reset):
    case = Case(reset=reset)
    x, h0, mask, dh = case.data()
    model = case.model(GRU)
    without, zeros = model.forward(x, None, mask), model.forward(x, np.zeros_like(h0), mask)
    assert_array_equal(without.h, zeros.h)
    same_gradients(model.backward(without, dh), model.backward(zeros, dh), rtol=0)


def test_a_mask_of_true_is_no_mask_and_a_mask_of_false_keeps_h0():
    case = Case()
    x, h0, mask, dh = case.data()
    model = case.model(GRU)
    assert_array_equal(model.forward(x, h0, np.ones_like(mask)).h, model.forward(x, h0).h)
    trace = model.forward(x, h0, np.zeros_like(mask))
    assert_array_equal(trace.h, np.repeat(h0[:, None], case.time, axis=1))
    grads = model.backward(trace, dh)
    assert_allclose(grads.h0, dh.sum(axis=1), rtol=1e-14)
    assert not any(np.any(value) for value in [grads.x, *grads.weights.values()])


@pytest.mark.parametrize("reset", ["after", "before"])
def test_blocks_of_time_do_not_show(reset, monkeypatch):
    case = Case(reset=reset, batch=4, time=23, hidden=5)
    x, h0, mask, dh = case.data()
    model = case.model(GRU)
    whole = model.forward(x, h0, mask)
    from_whole = model.backward(whole, dh)
    monkeypatch.setattr(gru_lib.gru, "MANY_ROWS", 1)
    for most, steps in ((1, [1] * 23), (7, [6, 6, 6, 5]), (12, [12, 11]), (23, [23])):
        monkeypatch.setattr(gru_lib.gru, "CACHED", 4 * 5 * most)
        assert lengths(gru_lib.gru._blocks(23, 4, 5)) == steps
        trace = model.forward(x, h0, mask)
        for field in ("z", "r", "candidate", "h", "recurrent"):
            assert_allclose(getattr(trace, field), getattr(whole, field), rtol=1e-14, atol=1e-15, err_msg=field)
        same_gradients(model.backward(trace, dh), from_whole)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_pieces_of_a_product_do_not_show(reset, monkeypatch):
    case = Case(reset=reset, batch=4, time=23, hidden=5)
    x, h0, mask, dh = case.data()
    model = case.model(GRU)
    trace = model.forward(x, h0, mask)
    from_whole = model.backward(trace, dh)
    monkeypatch.setattr(gru_lib.gru, "MANY_ROWS", 20)
    for small, rows in ((9, [92]), (10, [10] * 9 + [2]), (50, [46, 46]), (92, [92])):  # 10 rows are enough for a piece
        monkeypatch.setattr(gru_lib.gru, "SMALL_PRODUCT", 5 * 5 * small)
        assert lengths(gru_lib.gru._pieces(92, 5)) == rows
        same_gradients(model.backward(trace, dh), from_whole)


@given(st.integers(1, 200), st.integers(1, 300))
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_cut_takes_every_index_once_in_parts_of_nearly_one_length(length, most):
    parts = gru_lib.gru._cut(length, most)
    assert [i for part in parts for i in range(length)[part]] == list(range(length))
    assert len(parts) >= length / most
    assert max(lengths(parts)) == lengths(parts)[0] <= most
    assert all(size == lengths(parts)[0] for size in lengths(parts)[:-1])


@pytest.mark.parametrize("reset", ["after", "before"])
def test_a_size_of_several_blocks_and_pieces_as_shipped(reset):
    case = Case(reset=reset, batch=16, time=60, input=3, hidden=64, scale=0.1)
    blocks = gru_lib.gru._blocks(case.time, case.batch, case.hidden)
    assert 1 < len(blocks) < case.time
    assert len(gru_lib.gru._pieces(lengths(blocks)[0] * case.batch, case.hidden)) > 1
    PROPERTIES["plain"](GRU, case)
    PROPERTIES["masked_steps_vanish"](GRU, case)


def test_repr_is_short_and_stable():
    gru = GRU(2, 3, dtype="float32")
    assert repr(gru) == "GRU(input_size=2, hidden_size=3, reset='after', dtype='float32')"
    assert repr(gru.forward(np.zeros((1, 4, 2)))) == "Trace(batch=1, time=4, hidden=3)"


def test_the_references_tell_after_from_before():
    """The candidate's recurrent bias of the Keras file is large enough to show on which side of the reset it stands."""
    arrays = reference("keras_after.npz")
    gru = imported("keras_after.npz", arrays)
    other = GRU(gru.input_size, gru.hidden_size, reset="before")
    other.weights = {k: v for k, v in gru.weights.items() if k[0] != "c"}
    for k in "zrh":
        other.weights[f"b_{k}"] = gru.weights[f"b_{k}"] + gru.weights[f"c_{k}"]
    assert np.abs(other.forward(arrays["x"], arrays["h0"]).h - arrays["h"]).max() > 0.1
