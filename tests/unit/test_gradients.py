"""The finite-difference check itself, and clipping by global norm and by value."""

import numpy as np
import pytest
from gru_checks import Case
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gru_lib import GRU, gradients


class Off(GRU):
    """A GRU whose gradient of one array is changed by `change`."""

    name = "U_h"

    @staticmethod
    def change(value):
        return value

    def backward(self, trace, dh):
        grads = super().backward(trace, dh)
        if self.name in ("x", "h0"):
            return grads._replace(**{self.name: self.change(getattr(grads, self.name).copy())})
        grads.weights[self.name] = self.change(grads.weights[self.name])
        return grads


def off(of, changed_by):
    class Wrong(Off):
        name = of
        change = staticmethod(changed_by)

    return Wrong


def checked(model_class, case=None, **options):
    case = case or Case()
    x, h0, mask, dh = case.data()
    return gradients.check(case.model(model_class), x, dh, h0=h0, mask=mask, **options)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_a_correct_gradient_passes(reset):
    assert 0 < checked(GRU, Case(reset=reset)) < 1e-7


@pytest.mark.parametrize("name", [*GRU(1, 1).weights, "x", "h0"])
def test_one_wrong_entry_of_any_array_shows(name):
    def scaled(value):
        index = np.unravel_index(np.argmax(np.abs(value)), value.shape)
        value[index] *= 1.01
        return value

    assert checked(off(name, scaled)) == pytest.approx(0.01 / 1.01, rel=1e-4)


def test_the_error_is_the_one_defined():
    """One entry is off by a tenth of the array's largest gradient: that is the error, however small the entry was."""

    def shifted(value):
        index = np.unravel_index(np.argmin(np.abs(value)), value.shape)
        value[index] += 0.1 * np.max(np.abs(value))
        return value

    assert checked(off("U_r", shifted)) == pytest.approx(0.1, rel=1e-4)


def test_an_array_of_small_gradients_does_not_hide_an_error():
    case = Case(reset="before", scale=0.01)  # r hardly matters here
    x, h0, _, dh = case.data()
    grads = case.model(GRU).backward(case.model(GRU).forward(x, h0), dh)
    sizes = {name: np.max(np.abs(value)) for name, value in grads.weights.items()}
    assert sizes["U_r"] < 0.05 * max(sizes.values())
    assert checked(off("U_r", lambda value: 2 * value), case) == pytest.approx(0.5, rel=1e-3)


def test_a_forgotten_gradient_shows():
    assert checked(off("b_z", np.zeros_like)) == pytest.approx(1)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_gradient_that_is_no_number_gives_infinity(value):
    def spoilt(gradient):
        gradient[0] = value
        return gradient

    assert checked(off("b_h", spoilt)) == np.inf


def test_a_gradient_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"the gradient of b_z has shape \(1, 4\), expected \(4,\)"):
        checked(off("b_z", lambda value: value[None]))


def test_no_loss_has_no_error():
    x, _, _, dh = Case().data()
    assert gradients.check(Case().model(GRU), x, 0 * dh) == 0


def test_the_step_of_the_differences():
    assert checked(GRU, eps=1e-5) < 1e-8
    assert checked(GRU, eps=1e-2) > 1e-6  # the differences' own error
    for eps in (0, -1e-6, np.nan):
        with pytest.raises(ValueError, match="eps must be above 0"):
            checked(GRU, eps=eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_model_and_the_arguments_stay_and_float32_is_checked_in_float64(dtype):
    case = Case()
    x, h0, mask, dh = case.data()
    model = case.model(GRU, dtype)
    assert gradients.check(model, x, dh, h0=h0, mask=mask) < 1e-7
    assert model.dtype == dtype
    for name, value in case.model(GRU, dtype).weights.items():
        assert_array_equal(model.weights[name], value)
        assert model.weights[name].dtype == dtype
    for now, then in zip((x, h0, mask, dh), case.data(), strict=True):
        assert_array_equal(now, then)


def test_bad_input_is_refused_as_by_the_model():
    x, _, _, dh = Case().data()
    with pytest.raises(ValueError, match="x must have 3 axes"):
        gradients.check(Case().model(GRU), x[0], dh)
    with pytest.raises(ValueError, match="dh must have shape"):
        gradients.check(Case().model(GRU), x, dh[:, :1])


# Clipping


def test_global_norm():
    grads = {"a": np.array([3.0, 0]), "b": np.array([[4.0], [12]])}
    assert gradients.global_norm(grads) == 13
    assert gradients.global_norm(list(grads.values())) == 13
    assert gradients.global_norm({}) == 0
    assert gradients.global_norm([np.zeros(3), np.zeros((0, 2))]) == 0
    assert gradients.global_norm([np.array([1.0, np.inf])]) == np.inf
    assert np.isnan(gradients.global_norm([np.array([np.nan, np.inf])]))


def test_global_norm_neither_overflows_nor_underflows():
    assert gradients.global_norm([np.array([3e200]), np.array([4e200])]) == pytest.approx(5e200)
    assert gradients.global_norm([np.array([3e-200]), np.array([4e-200])]) == pytest.approx(5e-200)
    assert gradients.global_norm([np.full(4, 1e30, "float32")]) == pytest.approx(2e30)


ARRAYS = st.lists(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=5).map(np.array), min_size=1, max_size=4
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(ARRAYS, st.floats(1e-3, 1e3))
def test_clipping_bounds_the_norm_and_keeps_the_direction(grads, max_norm):
    before = [a.copy() for a in grads]
    norm = gradients.global_norm(grads)
    clipped = gradients.clip_by_global_norm(grads, max_norm)
    assert gradients.global_norm(clipped) <= max(0, min(norm, max_norm)) * (1 + 1e-12)
    for a, b, then in zip(grads, clipped, before, strict=True):
        assert_array_equal(a, then)
        assert not np.shares_memory(a, b)
        assert_allclose(b, a if norm <= max_norm else a * (max_norm / norm), rtol=1e-12)


@pytest.mark.parametrize("max_norm", [1.0, 5.0, 7.0, np.inf])
@pytest.mark.parametrize("kind", [dict, list, tuple])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_container_its_keys_and_dtypes_are_kept(kind, dtype, max_norm):
    arrays = [np.array([3], dtype), np.array([[-4, 0]], dtype)]
    grads = dict(zip("ab", arrays, strict=True)) if kind is dict else kind(arrays)
    clipped = gradients.clip_by_global_norm(grads, max_norm)
    assert type(clipped) is kind
    values = list(clipped.values() if kind is dict else clipped)
    assert kind is not dict or list(clipped) == ["a", "b"]
    for value, array in zip(values, arrays, strict=True):
        assert value.dtype == dtype
        assert_allclose(value, array * min(1, max_norm / 5), rtol=1e-6)
        if max_norm >= 5:
            assert_array_equal(value, array)


def test_the_gradients_of_a_gru():
    case = Case()
    x, h0, _, dh = case.data()
    model = case.model(GRU)
    grads = model.backward(model.forward(x, h0), dh)
    clipped = gradients.clip_by_global_norm(grads.weights, 1.0)
    assert list(clipped) == list(model.weights)
    assert gradients.global_norm(clipped) == pytest.approx(1)
    with pytest.raises(TypeError, match=r"such as backward\(...\).weights, not Gradients"):
        gradients.clip_by_global_norm(grads, 1.0)


@pytest.mark.parametrize("max_norm", [0, -1.0, np.nan])
def test_a_bound_not_above_0_is_refused(max_norm):
    with pytest.raises(ValueError, match=f"max_norm must be above 0, not {max_norm}"):
        gradients.clip_by_global_norm([np.ones(2)], max_norm)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_gradients_that_are_no_numbers_are_refused_by_name(value):
    grads = {"W_z": np.ones(2), "U_z": np.array([1.0, value]), "b_z": np.array([value])}
    with pytest.raises(FloatingPointError, match=r"global norm .* is (nan|inf), .* NaN or infinity in U_z, b_z"):
        gradients.clip_by_global_norm(grads, 1.0)


def test_a_norm_beyond_the_largest_float_is_refused():
    with pytest.raises(FloatingPointError, match=r"is inf, .* in the norm itself"):
        gradients.clip_by_global_norm([np.full(9, 1e308)], 1.0)


@pytest.mark.parametrize("grads", [np.ones(3), "abc", None, [None], {"a": "text"}, [np.array([1j])]])
def test_what_holds_no_real_arrays_is_refused(grads):
    with pytest.raises(TypeError, match=r"expected a dict, list or tuple|must hold real numbers"):
        gradients.clip_by_global_norm(grads, 1.0)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(ARRAYS, st.floats(1e-3, 1e3))
def test_clipping_by_value_cuts_each_entry_by_itself(grads, max_value):
    clipped = gradients.clip_by_value(grads, max_value)
    for a, b in zip(grads, clipped, strict=True):
        assert b.tolist() == [min(max(v, -max_value), max_value) for v in a.tolist()]


@pytest.mark.parametrize("kind", [dict, list, tuple])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_clipping_by_value_keeps_the_container_and_copies(kind, dtype):
    arrays = {"a": np.array([3, 0], dtype), "b": np.array([[-4]], dtype)}
    grads = arrays if kind is dict else kind(arrays.values())
    clipped = gradients.clip_by_value(grads, 2.5)
    assert type(clipped) is kind
    first, second = clipped.values() if kind is dict else clipped
    assert first.tolist() == [2.5, 0]
    assert second.tolist() == [[-2.5]]
    assert first.dtype == second.dtype == ("float64" if dtype == "int64" else dtype)
    assert arrays["a"].tolist() == [3, 0]
    same, _ = gradients.clip_by_value(list(arrays.values()), 100)
    assert not np.shares_memory(same, arrays["a"])


@pytest.mark.parametrize("max_value", [0, -1.0, np.nan])
def test_a_value_not_above_0_is_refused(max_value):
    with pytest.raises(ValueError, match=f"max_value must be above 0, not {max_value}"):
        gradients.clip_by_value([np.ones(2)], max_value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_clipping_by_value_refuses_nan_and_infinity(bad):
    with pytest.raises(FloatingPointError, match="gradient U_z holds NaN or infinity"):
        gradients.clip_by_value({"W_z": np.ones(2), "U_z": np.array([1.0, bad])}, 1.0)


def test_clipping_by_value_refuses_what_holds_no_arrays():
    with pytest.raises(TypeError, match="expected a dict, list or tuple of arrays"):
        gradients.clip_by_value(np.ones(3), 1.0)
