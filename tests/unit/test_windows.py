"""Windows, split, scaler and baselines against independent computations, and against the ways they usually go wrong."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib.stride_tricks import sliding_window_view

from gru_lib.datasets import DataError, load
from gru_lib.windows import (
    Scaler,
    climatology,
    last_value,
    linear,
    mae,
    make,
    positions,
    rmse,
    seasonal_naive,
    split,
    walk_forward,
)

NAN = float("nan")
numbers = st.floats(-1e3, 1e3, width=32)
calm = settings(deadline=None)  # machines that tests share are slow now and then


def by_loop(series, window, horizon, target=0, start=0, stop=None):
    """Windows as one would write them down, NaN left out."""
    series = np.asarray(series, float).reshape(len(series), -1)
    stop = len(series) if stop is None else stop
    X, y, at = [], [], []
    for p in range(len(series)):
        if p < window or p < start or p + horizon > stop:
            continue
        inputs = [list(series[t]) for t in range(p - window, p)]
        targets = [series[t, target] for t in range(p, p + horizon)]
        if not np.isnan(inputs).any() and not np.isnan(targets).any():
            X.append(inputs)
            y.append(targets)
            at.append(p)
    return X, y, at


@st.composite
def gappy(draw):
    """A series with gaps, a window, a horizon, a target column and a part of the series."""
    shape = draw(st.tuples(st.integers(1, 30), st.integers(1, 3)))
    series = draw(arrays(float, shape, elements=st.one_of(numbers, st.just(NAN))))
    start, stop = sorted(draw(st.tuples(st.integers(0, shape[0]), st.integers(0, shape[0]))))
    return series, draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(0, shape[1] - 1)), start, stop


class TestMake:
    def test_by_hand(self):
        X, y = make([10, 11, 12, 13, 14], window=2, horizon=2)
        assert X.tolist() == [[[10], [11]], [[11], [12]]]
        assert y.tolist() == [[12, 13], [13, 14]]
        assert positions([10, 11, 12, 13, 14], 2, 2).tolist() == [2, 3]

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize(("window", "horizon"), [(1, 1), (3, 1), (60, 1), (7, 20), (199, 1)])
    def test_against_sliding_windows(self, window, horizon, dtype):
        series = np.random.default_rng(0).standard_normal((200, 3)).astype(dtype)
        X, y = make(series, window, horizon, target=2)
        both = sliding_window_view(series, window + horizon, axis=0).swapaxes(1, 2)
        assert X.dtype == y.dtype == dtype
        np.testing.assert_array_equal(X, both[:, :window])
        np.testing.assert_array_equal(y, both[:, window:, 2])
        np.testing.assert_array_equal(positions(series, window, horizon), np.arange(window, 200 - horizon + 1))

    @calm
    @given(gappy())
    def test_skip_and_part_against_a_loop(self, case):
        series, window, horizon, target, start, stop = case
        X, y, at = by_loop(series, window, horizon, target, start, stop)
        arguments = {"target": target, "gaps": "skip", "part": slice(start, stop)}
        if not at:
            with pytest.raises(DataError, match=r"too few rows|is free of NaN"):
                make(series, window, horizon, **arguments)
            return
        found_X, found_y = make(series, window, horizon, **arguments)
        assert found_X.shape == (len(at), window, series.shape[1])
        assert found_y.shape == (len(at), horizon)
        assert found_X.tolist() == X
        assert found_y.tolist() == y
        assert positions(series, window, horizon, **arguments).tolist() == at

    def test_pandas_series_and_frame(self):
        frame = load("seattle").frame
        for pandas_, plain in (
            (frame.temp_min, frame.temp_min.to_numpy()),
            (frame[["temp_max", "wind"]], frame[["temp_max", "wind"]].to_numpy()),
        ):
            for found, expected in zip(make(pandas_, 30), make(plain, 30), strict=True):
                np.testing.assert_array_equal(found, expected)

    def test_dates_of_the_targets(self):
        temp = load("seattle").frame.temp_min
        _, y = make(temp, 30, 3)
        dates = temp.index[positions(temp, 30, 3)]
        assert f"{dates[0]:%Y-%m-%d}" == "2012-01-31"
        assert y[:, 0].tolist() == temp[dates].to_list()

    def test_windows_are_copies(self):
        series = np.arange(5.0)
        X, y = make(series, 2)
        X[:], y[:] = -1, -1
        assert series.tolist() == [0, 1, 2, 3, 4]

    def test_gap_is_an_error_that_says_where(self):
        series = np.arange(20.0)
        series[[3, 9]] = NAN
        with pytest.raises(DataError, match=r"^2 values are NaN, at position 3, 9; choose gaps='skip'"):
            make(series, 2)
        series[5:15] = NAN
        with pytest.raises(DataError, match=r"11 values are NaN, at position 3, 5, 6, 7, 8 and 6 more"):
            positions(series, 2)

    def test_gap_outside_the_rows_used_is_none_of_its_business(self):
        series = np.arange(20.0)
        series[[7, 16]] = NAN
        X, _ = make(series, 2, part=slice(10, 16))
        assert X[0].ravel().tolist() == [8, 9]
        with pytest.raises(DataError, match="1 values are NaN, at position 7"):
            make(series, 3, part=slice(10, 16))

    def test_too_few_rows(self):
        assert len(make([1, 2, 3], 2)[0]) == 1
        message = "too few rows: with window 3 and horizon 1 the first targets end at position 3, but the last position"
        with pytest.raises(DataError, match=f"{message} is 2"):
            make([1, 2, 3], 3)
        with pytest.raises(DataError, match="first targets end at position 9, but the last position is 7"):
            make(np.arange(20.0), 2, horizon=3, part=slice(7, 8))
        with pytest.raises(DataError, match="no window of 2 and horizon 1 is free of NaN"):
            make([1, NAN, 3], 2, gaps="skip")

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            (([1, 2, 3], 0), ValueError, "window must be at least 1, not 0"),
            (([1, 2, 3], 1.0), TypeError, "window must be an integer"),
            (([1, 2, 3], 1, 0), ValueError, "horizon must be at least 1, not 0"),
            (([], 1), ValueError, r"a series must be \(time,\) or \(time, features\), not empty; the shape is \(0,\)"),
            ((np.zeros((3, 2, 1)), 1), ValueError, r"the shape is \(3, 2, 1\)"),
            ((["a", "b"], 1), TypeError, "series must hold real numbers, not values of dtype <U1"),
            (([1, float("inf"), 3], 1), DataError, "column 0: infinite at position 1"),
        ],
    )
    def test_bad_arguments(self, arguments, error, message):
        with pytest.raises(error, match=message):
            make(*arguments)

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"gaps": "fill"}, ValueError, "gaps must be 'error' or 'skip', not 'fill'"),
            ({"target": 1}, ValueError, "target must be from 0 to 0, not 1"),
            ({"target": "temp"}, TypeError, "target must be the number of a column, not 'temp'"),
            ({"part": (0, 3)}, TypeError, "part must be a slice without a step"),
            ({"part": slice(0, 3, 2)}, TypeError, "part must be a slice without a step"),
        ],
    )
    def test_bad_options(self, arguments, error, message):
        with pytest.raises(error, match=message):
            make([1, 2, 3], 1, **arguments)

    def test_text_column_is_named_by_its_type(self):
        with pytest.raises(TypeError, match="series must hold real numbers, not values of dtype object"):
            make(load("seattle").frame, 10)

    def test_loads_no_pandas(self):
        code = "import sys, gru_lib.windows; assert not {'pandas', 'pooch'} & set(sys.modules)"
        subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


class TestSplit:
    @calm
    @given(st.integers(1, 3000), st.floats(0.01, 0.99), st.floats(0, 0.98))
    def test_every_row_once_and_in_order(self, n, train, validation):
        assume(train + validation < 1)
        rows = np.arange(n)
        try:
            parts = split(rows, train, validation)
        except DataError:
            assert min(n * train, n * (1 - train - validation), n * validation or n) < 1.5
            return
        assert np.concatenate([rows[part] for part in parts]).tolist() == rows.tolist()
        for part, share in zip(parts, (train, validation, 1 - train - validation), strict=True):
            assert abs(len(rows[part]) - share * n) <= 1
        assert len(rows[parts.test]) >= 1

    def test_seattle(self):
        assert split(load("seattle").frame) == (slice(0, 1023), slice(1023, 1242), slice(1242, 1461))
        assert split(range(100), 0.7, 0) == (slice(0, 70), slice(70, 70), slice(70, 100))

    def test_targets_of_the_parts_together_are_all_targets_once(self):
        series = np.arange(200.0)
        parts = split(series)
        targets = [make(series, 10, part=part)[1].ravel() for part in parts]
        assert np.concatenate(targets).tolist() == series[10:].tolist()
        X, _ = make(series, 10, part=parts.test)
        assert X[0].ravel().tolist() == series[parts.validation][-10:].tolist()

    def test_errors(self):
        with pytest.raises(DataError, match="too few rows: 3 would be split into 2, 1 and 0 for training, validation"):
            split([1, 2, 3])
        for shares in ((0, 0.1), (1, 0), (0.7, 0.3), (0.7, -0.1), (NAN, 0.1)):
            with pytest.raises(ValueError, match="must be shares of the rows"):
                split(range(100), *shares)


features = arrays(float, st.tuples(st.integers(2, 20), st.integers(1, 3)), elements=st.integers(-10000, 10000))


class TestScaler:
    def test_standard_by_hand(self):
        scaler = Scaler().fit([1.0, 3.0, NAN, 5.0])
        assert scaler.offset.tolist() == [3.0]
        assert scaler.scale == pytest.approx([np.sqrt(8 / 3)], rel=1e-15)
        assert scaler.n_missing.tolist() == [1]
        scaled = scaler.transform([1.0, 3.0, NAN, 5.0])
        assert np.isnan(scaled).tolist() == [False, False, True, False]
        assert np.nanmean(scaled) == pytest.approx(0, abs=1e-15)
        assert np.nanstd(scaled) == pytest.approx(1, rel=1e-15)

    def test_minmax_by_hand(self):
        scaler = Scaler("minmax").fit([[1.0, 10.0], [3.0, 50.0], [5.0, 20.0]])
        assert scaler.transform([[1.0, 10.0], [5.0, 50.0], [9.0, 0.0]]).tolist() == [[0, 0], [1, 1], [2, -0.25]]

    @calm
    @given(features, st.sampled_from(["standard", "minmax"]), st.data())
    def test_round_trip(self, train, kind, data):
        train = train / 7
        assume((np.ptp(train, axis=0) > 0).all())
        scaler = Scaler(kind).fit(train)
        other = data.draw(arrays(float, (4, 5, train.shape[1]), elements=st.floats(-1e3, 1e3)))
        np.testing.assert_allclose(scaler.inverse(scaler.transform(train)), train, rtol=0, atol=1e-12)
        np.testing.assert_allclose(scaler.inverse(scaler.transform(other)), other, rtol=0, atol=1e-12)
        column = train.shape[1] - 1
        forecast = scaler.transform(other)[..., column]
        np.testing.assert_allclose(scaler.inverse(forecast, column=column), other[..., column], rtol=0, atol=1e-12)

    @calm
    @given(arrays(float, 40, elements=numbers), arrays(float, 6, elements=numbers))
    def test_the_test_part_leaks_nowhere(self, series, other):
        parts = split(series)
        assume(np.ptp(series[parts.train]) > 1e-3)
        changed = series.copy()
        changed[parts.test] = other
        found = []
        for values in (series, changed):
            scaler = Scaler().fit(values[parts.train])
            scaled = scaler.transform(values)
            found.append([scaler.offset, scaler.scale, *make(scaled, 3, part=parts.train)])
        for one, two in zip(*found, strict=True):
            np.testing.assert_array_equal(one, two)
        assert Scaler().fit(series[parts.train]).offset[0] == pytest.approx(series[:28].mean(), abs=1e-9)

    def test_float32_is_kept_and_integers_become_float64(self):
        scaler = Scaler().fit(np.arange(10, dtype="float32"))
        assert scaler.transform(np.arange(3, dtype="float32")).dtype == "float32"
        assert scaler.inverse(np.arange(3, dtype="float32"), column=0).dtype == "float32"
        assert scaler.transform([1, 2]).dtype == "float64"

    @pytest.mark.parametrize("kind", ["standard", "minmax"])
    def test_what_cannot_be_scaled_names_the_column(self, kind):
        frame = pd.DataFrame({"wind": [1.0, 2.0, 4.0], "temp": [0.1, 0.1, 0.1]})
        with pytest.raises(DataError, match=r"^column temp: constant, 0.1 in all 3 rows: it cannot be scaled"):
            Scaler(kind).fit(frame)
        with pytest.raises(DataError, match="column temp: constant"):
            Scaler(kind).fit(frame.temp)
        with pytest.raises(DataError, match="column 1: constant"):
            Scaler(kind).fit(frame.to_numpy())
        with pytest.raises(DataError, match="column temp: no number in it to fit a scaler to; came '3 NaN'"):
            Scaler(kind).fit(frame.assign(temp=NAN))
        with pytest.raises(DataError, match="column temp: infinite at position 2"):
            Scaler(kind).fit(frame.assign(temp=[1.0, 2.0, np.inf]))
        with pytest.raises(DataError, match="column 0: too large or too small a range to be scaled"):
            Scaler(kind).fit([-1.7e308, 1.7e308])

    def test_use_before_fit(self):
        for use in (Scaler().transform, Scaler().inverse):
            with pytest.raises(RuntimeError, match="this scaler is not fitted: call fit with the training part first"):
                use([1.0])
        assert repr(Scaler()) == "Scaler(kind='standard', not fitted)"
        assert repr(Scaler("minmax").fit([1, 2])) == "Scaler(kind='minmax')"

    def test_wrong_shape(self):
        scaler = Scaler().fit([[1.0, 2.0], [3.0, 5.0]])
        for values in ([1.0, 2.0, 3.0], [[1.0]], 1.0):
            with pytest.raises(ValueError, match=r"the last axis must be the 2 features this scaler was fitted to"):
                scaler.transform(values)
        with pytest.raises(ValueError, match=r"say inverse\(values, column=...\)"):
            Scaler().fit([1.0, 2.0]).inverse(np.zeros((4, 3)))
        with pytest.raises(ValueError, match="column must be from 0 to 1, not 2"):
            scaler.inverse([1.0], column=2)
        with pytest.raises(ValueError, match="kind must be 'standard' or 'minmax', not 'robust'"):
            Scaler("robust")


class TestBaselines:
    @calm
    @given(gappy())
    def test_last_value_is_the_end_of_the_window(self, case):
        series, window, horizon, target, start, stop = case
        arguments = {"target": target, "gaps": "skip", "part": slice(start, stop)}
        try:
            X, y = make(series, window, horizon, **arguments)
        except DataError:
            return
        forecast = last_value(series, positions(series, window, horizon, **arguments), horizon, target=target)
        assert forecast.shape == y.shape
        np.testing.assert_array_equal(forecast, np.repeat(X[:, -1:, target], horizon, axis=1))

    def test_seasonal_naive(self):
        series = np.arange(100.0)
        p = positions(series, 20, 7)
        _, y = make(series, 20, 7)
        np.testing.assert_array_equal(seasonal_naive(series, p, 7, period=20), y - 20)
        # horizon beyond the period: the last known season again, never a value after the forecast was made
        assert seasonal_naive(series, [10], 5, period=2).tolist() == [[8, 9, 8, 9, 8]]
        periodic = np.tile([3.0, 1.0, 4.0, 1.0, 5.0], 9)
        _, y = make(periodic, 5, 12)
        assert rmse(y, seasonal_naive(periodic, positions(periodic, 5, 12), 12, period=5)) == 0

    @calm
    @given(st.integers(1, 9), st.integers(1, 12), st.integers(10, 40))
    def test_seasonal_naive_sees_no_future(self, period, horizon, p):
        series = np.arange(60.0)
        assert (seasonal_naive(series, [p], horizon, period=period) < p).all()

    def test_a_value_that_is_not_available(self):
        series = np.arange(30.0)
        with pytest.raises(DataError, match="2 positions need a value from before the start of the series"):
            seasonal_naive(series, [8, 9, 10], period=10)
        series[4] = NAN
        with pytest.raises(DataError, match="1 of the values needed are NaN, at position 4"):
            last_value(series, [5, 6])
        with pytest.raises(DataError, match="1 of the values needed are NaN, at position 4"):
            seasonal_naive(series, [14, 15], period=10)

    def test_bad_positions(self):
        with pytest.raises(ValueError, match="positions must be from 1 to 9 for 10 rows and horizon 1, not 0 to 5"):
            last_value(range(10), [0, 5])
        with pytest.raises(ValueError, match="positions must be from 1 to 8 for 10 rows and horizon 2, not 9 to 9"):
            last_value(range(10), [9], 2)
        with pytest.raises(TypeError, match=r"positions must be \(n,\) integers"):
            last_value(range(10), [1.5])

    def test_climatology_finds_a_known_season(self):
        day = np.arange(1, 367)

        def season(d):
            return 11 + 4 * np.cos(2 * np.pi * (d - 20) / 365.25) - 0.5 * np.sin(4 * np.pi * d / 365.25)

        values = season(day)
        values[40:60] = NAN  # a gap takes no part
        wanted = np.array([[1, 50], [200, 366]])
        np.testing.assert_allclose(climatology(values, day, wanted), season(wanted), rtol=0, atol=1e-12)

    def test_climatology_against_normal_equations(self):
        frame = load("seattle").frame
        day, temp = frame.index.day_of_year.to_numpy(), frame.temp_min.to_numpy()
        train = split(temp).train
        columns = [np.exp(2j * np.pi * k * day / 365.25) for k in range(-3, 4)]  # complex form of the same curve
        design = np.stack(columns, axis=1)
        normal = design[train].conj().T @ design[train]
        expected = (design @ np.linalg.solve(normal, design[train].conj().T @ temp[train])).real
        np.testing.assert_allclose(climatology(temp[train], day[train], day, harmonics=3), expected, atol=1e-9)

    def test_climatology_errors(self):
        day = np.arange(1, 200)
        with pytest.raises(DataError, match="leaves 167 days of the year in a row without a value; 2 harmonics bridge"):
            climatology(np.ones(199), day, day)
        with pytest.raises(DataError, match="without a value"):
            climatology(np.full(199, NAN), day, day)
        with pytest.raises(ValueError, match=r"train_values \(5,\) and train_day_of_year \(199,\) must both be"):
            climatology(np.ones(5), day, day)
        with pytest.raises(ValueError, match="day_of_year must be from 1 to 366"):
            climatology(np.ones(199), day, [0])
        with pytest.raises(DataError, match="train_values is infinite at position 0"):
            climatology([np.inf], [1], [1])

    def test_on_seattle_they_are_worth_something(self):
        temp = load("seattle").frame.temp_min
        day = temp.index.day_of_year.to_numpy()
        parts = split(temp)
        _, y = make(temp, 30, part=parts.test)
        p = positions(temp, 30, part=parts.test)
        seasonal = climatology(temp[parts.train], day[parts.train], day[p])[:, None]
        scores = [rmse(y, guess) for guess in (last_value(temp, p), seasonal, seasonal_naive(temp, p))]
        mean = rmse(y, np.full_like(y, temp[parts.train].mean()))
        assert scores[0] < scores[1] < scores[2] < mean


class TestErrors:
    @calm
    @given(arrays(float, (7, 2), elements=numbers), arrays(float, (7, 2), elements=numbers))
    def test_against_plain_sums(self, true, pred):
        differences = [a - b for a, b in zip(true.ravel(), pred.ravel(), strict=True)]
        assert mae(true, pred) == pytest.approx(sum(map(abs, differences)) / 14, abs=1e-9)
        assert rmse(true, pred) == pytest.approx((sum(d * d for d in differences) / 14) ** 0.5, abs=1e-9)
        assert type(mae(true, pred)) is type(rmse(true, pred)) is float

    @pytest.mark.parametrize("measure", [rmse, mae])
    def test_shapes_are_never_broadcast(self, measure):
        with pytest.raises(ValueError, match=r"y_true has shape \(3, 1\) and y_pred \(3,\): they must be equal"):
            measure(np.zeros((3, 1)), np.zeros(3))
        with pytest.raises(ValueError, match="are empty"):
            measure([[]], [[]])
        with pytest.raises(DataError, match="y_pred has 1 values that are NaN or infinite"):
            measure([1.0, 2.0], [1.0, NAN])


class TestWalkForward:
    @calm
    @given(n=st.integers(20, 400), folds=st.integers(1, 4))
    def test_test_parts_follow_each_other_and_nothing_overlaps(self, n, folds):
        parts = walk_forward(np.arange(n), folds)
        assert parts[-1] == split(np.arange(n))
        assert len(parts) == folds
        for one, following in pairwise(parts):
            assert one.test.stop == following.test.start
        for part in parts:
            assert part.train.start == 0
            assert part.train.stop == part.validation.start
            assert part.validation.stop == part.test.start
            assert part.test.stop - part.test.start == n - split(np.arange(n)).test.start

    def test_too_many_folds(self):
        with pytest.raises(DataError, match="6 test parts of 3 leave nothing to train on"):
            walk_forward(np.arange(20), 6)
        with pytest.raises(ValueError, match="folds must be at least 1"):
            walk_forward(np.arange(20), 0)


class TestLinear:
    def test_finds_the_rule_of_a_series_that_has_one(self):
        rng = np.random.default_rng(0)
        series = list(rng.standard_normal((3, 2)))
        for _ in range(60):
            old = np.array(series[-3:])
            series.append(np.array([3 + 0.5 * old[2, 0] - 0.4 * old[0, 1], np.sin(len(series))]))
        X, y = make(series, 3)
        np.testing.assert_allclose(linear(X[:40], y[:40], X[40:]), y[40:], rtol=1e-6)

    def test_against_the_normal_equations(self):
        rng = np.random.default_rng(1)
        X, y, new = rng.standard_normal((50, 4, 2)), rng.standard_normal((50, 3)), rng.standard_normal((7, 4, 2))
        design = np.column_stack([np.ones(50), X.reshape(50, 8)])
        weights = np.linalg.solve(design.T @ design, design.T @ y)
        np.testing.assert_allclose(linear(X, y, new), np.column_stack([np.ones(7), new.reshape(7, 8)]) @ weights)

    def test_more_weights_than_rows_still_fit(self):
        rng = np.random.default_rng(2)
        X, y = rng.standard_normal((5, 30, 1)), rng.standard_normal((5, 1))
        np.testing.assert_allclose(linear(X, y, X), y)

    def test_refuses(self):
        X, y = np.ones((5, 3, 1)), np.ones((5, 1))
        with pytest.raises(ValueError, match="X_new must have shape"):
            linear(X, y, np.ones((2, 4, 1)))
        with pytest.raises(ValueError, match="y must have shape"):
            linear(X, y[:3], X)
        with pytest.raises(ValueError, match="NaN"):
            linear(X, y * NAN, X)
