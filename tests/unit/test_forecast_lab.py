"""ForecastLab without a browser: its errors are those of `windows.rmse`, its lower line ends where they differ."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from gru_lib import windows
from gru_lib.labs import ForecastLab
from gru_lib.labs.forecast_lab import BOTTOM, LEFT, LOWER, RIGHT, TOP, UPPER

PROPERTY = {"max_examples": 60, "deadline": None, "derandomize": True, "database": None}


def series(n=40, seed=0):
    rng = np.random.default_rng(seed)
    truth = 400 + rng.normal(0, 10, n).cumsum()
    return truth, truth + rng.normal(3, 8, n)


def points(path):
    return np.array(re.findall(r"([\d.]+) ([\d.]+)", path), float)


@settings(**PROPERTY)
@given(shift=st.integers(-10, 10), lag=st.integers(0, 10), n=st.integers(30, 60), seed=st.integers(0, 9))
def test_errors_are_those_of_windows(shift, lag, n, seed):
    truth, forecast = series(n, seed)
    # a second formulation: both curves on a calendar, NaN where they have no value
    calendar = np.full((2, n), np.nan)
    days = np.arange(n)
    there = (days - shift >= 0) & (days - shift < n)
    calendar[0, there] = forecast[days[there] - shift]
    calendar[1, lag:] = truth[: n - lag]
    both = ~np.isnan(calendar).any(axis=0)
    expected = [windows.rmse(truth[both], curve[both]) for curve in calendar]
    lab = ForecastLab(truth, forecast, shift=shift, lag=lag)
    assert lab.errors() == pytest.approx(expected, rel=1e-12)
    assert ForecastLab(truth, forecast).errors(shift, lag) == pytest.approx(expected, rel=1e-12)
    v = lab.values()
    assert v["count"] == both.sum()
    assert v["total"] == pytest.approx(expected[0] ** 2 - expected[1] ** 2, rel=1e-9, abs=1e-9)


def test_one_day_late_is_the_last_value():
    truth, forecast = series()
    lab = ForecastLab(truth, forecast)
    naive = windows.last_value(truth, np.arange(1, 40))[:, 0]
    assert lab.errors() == pytest.approx((windows.rmse(truth[1:], forecast[1:]), windows.rmse(truth[1:], naive)))
    assert "the last value" in lab.summary()
    lab.lag = 0
    assert lab.errors()[1] == 0
    assert "Nothing is better than the truth" in lab.values()["verdict"]


def test_a_late_copy_is_found_by_moving_it_back():
    truth, _ = series()
    copy = np.concatenate([truth[:1] + 5, truth[:-1]])  # the last value, given out as a network
    lab = ForecastLab(truth, copy)
    assert lab.errors()[0] == lab.errors()[1]
    assert lab.values()["total"] == pytest.approx(0)
    assert lab.errors(shift=-1)[0] == 0
    assert min(range(-10, 11), key=lambda shift: lab.errors(shift)[0]) == -1


def test_curves_stand_where_the_series_say():
    truth, forecast = series(50)
    lab = ForecastLab(truth, forecast, first=10, days=20, shift=3, lag=2)
    v = lab.values()
    assert (v["from"], v["to"]) == (11, 30)
    seen = slice(10, 30)
    curves = {"truth": truth[seen], "forecast": forecast[7:27], "late": truth[8:28]}
    low, high = min(map(np.min, curves.values())), max(map(np.max, curves.values()))
    for name, values in curves.items():
        x, y = points(v[f"{name}_d"]).T
        np.testing.assert_allclose(x, np.linspace(LEFT, RIGHT, 20), atol=0.006)
        np.testing.assert_allclose(y, BOTTOM - (BOTTOM - TOP) * (values - low) / (high - low), atol=0.006)
    # below: all days, from the first that both curves have
    gaps = (forecast[:-3] - truth[3:]) ** 2 - (truth[1:-2] - truth[3:]) ** 2
    sums = np.cumsum(gaps) / len(gaps)
    x, y = points(v["sum_d"]).T
    np.testing.assert_allclose(x, LEFT + (RIGHT - LEFT) * np.arange(3, 50) / 49, atol=0.006)
    floor, ceiling = min(0, sums.min()), max(0, sums.max())
    np.testing.assert_allclose(y, LOWER - (LOWER - UPPER) * (sums - floor) / (ceiling - floor), atol=0.006)
    assert (v["zero_y"] < v["end_y"]) == (sums[-1] < 0)  # y counts downwards: above the zero line is worse


def test_moved_to_the_edge_of_the_view():
    truth, forecast = series()
    v = ForecastLab(truth, forecast, first=0, days=10, shift=10, lag=10).values()
    assert v["forecast_d"] == v["late_d"] == ""
    assert len(points(v["truth_d"])) == 10
    one = ForecastLab(truth, forecast, first=0, days=10, shift=9).values()["forecast_d"]
    assert one.endswith("h0.1")  # a dot
    far = ForecastLab(truth, forecast, first=30, days=20).values()
    assert (far["from"], far["to"]) == (21, 40)  # the view ends with the series


def test_the_line_of_no_difference_is_always_in_the_picture():
    truth, _ = series()
    assert ForecastLab(truth, truth + 50).values()["zero_y"] == LOWER  # loses every day
    assert ForecastLab(truth, truth).values()["zero_y"] == UPPER  # wins every day


def test_what_is_shown():
    for show, forecast, late in (("both", "yes", "yes"), ("forecast", "yes", "no"), ("late truth", "no", "yes")):
        lab = ForecastLab(show=show)
        v = lab.values()
        assert (v["seen_forecast"], v["seen_late"]) == (forecast, late)
        assert (v["late_text"] in lab.svg().split("</title>")[1]) == (late == "yes")
        assert f"{show} shown" in lab.summary()


def test_example_is_a_walk_and_a_mean_of_five_days():
    lab = ForecastLab()
    truth, forecast = (np.array(lab._spec[name]) for name in ("truth", "forecast"))
    assert len(truth) == 120
    means = np.lib.stride_tricks.sliding_window_view(truth, 5)[:-1].mean(axis=1)
    np.testing.assert_allclose(forecast[5:], means, atol=0.0006)
    assert lab.errors()[0] > lab.errors()[1]
    assert repr(lab).startswith("ForecastLab: RMSE ")


def test_flat_series_have_a_picture_too():
    v = ForecastLab(np.full(30, 2.0), np.full(30, 2.0)).values()
    assert v["forecast_rmse"] == v["late_rmse"] == v["total"] == 0
    assert np.isfinite(points(v["truth_d"])).all()


@pytest.mark.parametrize(
    ("given_", "error", "sentence"),
    [
        ((np.zeros(29), np.zeros(29)), ValueError, "truth must hold 30 to 2000 days, but 29 came"),
        ((np.zeros(2001), np.zeros(2001)), ValueError, "truth must hold 30 to 2000 days, but 2001 came"),
        ((np.zeros(30), np.zeros(31)), ValueError, "forecast must have shape (days=30)"),
        ((np.zeros((30, 1)), np.zeros(30)), ValueError, "truth must have 1 axes (days)"),
        ((np.zeros(30), np.full(30, math.nan)), ValueError, "forecast has 30 values that are NaN or infinite"),
        ((np.zeros(30), ["a"] * 30), TypeError, "forecast must hold real numbers"),
        ((np.zeros(30), None), ValueError, "truth and forecast must both be given, or neither"),
    ],
)
def test_bad_series_are_refused_in_a_sentence(given_, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        ForecastLab(*given_)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"lag": 11}, "lag must be a number from 0 to 10, but 11 came"),
        ({"shift": 0.5}, "shift must be a whole number from -10 to 10, not 0.5"),
        ({"first": 111}, "first must be a number from 0 to 110, but 111 came"),
        ({"days": 121}, "days must be a number from 10 to 120, but 121 came"),
        ({"days": 9}, "days must be a number from 10 to 2000, but 9 came"),
        ({"show": "all"}, "show must be one of 'both', 'forecast', 'late truth', not 'all'"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(setting, sentence):
    with pytest.raises(TraitError, match=re.escape(sentence)):
        ForecastLab(**setting)
    lab = ForecastLab()
    ((name, value),) = setting.items()
    before = getattr(lab, name)
    with pytest.raises(TraitError, match=re.escape(sentence)):
        setattr(lab, name, value)
    assert getattr(lab, name) == before


def test_other_bad_arguments():
    with pytest.raises(TypeError, match="no setting 'late'"):
        ForecastLab(late=1)
    with pytest.raises(ValueError, match="name must say what the forecast is"):
        ForecastLab(*series(), name=" ")
    with pytest.raises(ValueError, match="shift must be from -10 to 10, not 11"):
        ForecastLab().errors(shift=11)
    with pytest.raises(ValueError, match="lag must be from 0 to 10, not -1"):
        ForecastLab().errors(lag=-1)
    with pytest.raises(TypeError, match="lag must be a whole number, not True"):
        ForecastLab().errors(lag=True)


def test_what_stays_on_the_page():
    one, two = (ForecastLab(*series(), name="GRU", unit="USD", lag=3)._repr_mimebundle_() for _ in range(2))
    for kind in ("text/plain", "image/svg+xml", "text/html"):
        assert one[0][kind] == two[0][kind]
    lab = ForecastLab()
    data, metadata = lab._repr_mimebundle_()
    assert metadata["image/svg+xml"]["alt"] == lab.summary()
    assert "var(" not in data["image/svg+xml"]
    assert "data-" not in data["image/svg+xml"]
    assert len(data["image/svg+xml"]) < 20_000
    esm = str(lab._esm)
    names = re.findall(r"^(?:function|const|let) (\w+)", esm, re.M)
    assert len(names) == len(set(names))
    assert "import " not in re.sub(r"//.*", "", esm)
