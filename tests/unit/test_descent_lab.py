"""DescentLab without a browser: the path, the verdict, and the slice of a real loss."""

import math
import re

import numpy as np
import pytest
from lab_checks import check_refused

from gru_lib import GRU
from gru_lib.labs.descent_lab import DescentLab, short
from gru_lib.labs.descent_path import CURVES, STEPS, sampled
from gru_lib.training import Regressor


def model():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 8, 1))
    return Regressor(GRU(1, 4, seed=0), seed=0), x, x[:, :3, 0].sum(1, keepdims=True)


@pytest.mark.parametrize("name", list(CURVES))
def test_slope_and_curvature_are_the_derivatives(name):
    curve = CURVES[name]
    for t in np.linspace(-3.1, 3.1, 125):
        eps = 1e-5
        assert curve(t)[1] == pytest.approx((curve(t + eps)[0] - curve(t - eps)[0]) / (2 * eps), abs=1e-6)
        assert curve(t)[2] == pytest.approx((curve(t + eps)[1] - curve(t - eps)[1]) / (2 * eps), rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("cost", list(CURVES))
def test_path_follows_the_rule(cost):
    for rate in (0.05, 0.5, 2.0, 8.0):
        for clip in (0, 0.7):
            lab = DescentLab(cost=cost, learning_rate=rate, clip=clip, start=1.3)
            path = lab.path
            assert path[0] == 1.3
            assert 2 <= len(path) <= STEPS + 1
            slopes = np.array([CURVES[cost](t)[1] for t in path[:-1]])
            if clip:
                slopes = np.clip(slopes, -clip, clip)
            np.testing.assert_allclose(np.diff(path), -rate * slopes, atol=1e-9)
            np.testing.assert_array_equal(lab.losses, [CURVES[cost](t)[0] for t in path])


@pytest.mark.parametrize(
    ("rate", "verdict"),
    [(0.001, "converges"), (1, "converges"), (3.999, "converges"), (4, "oscillates"), (4.001, "diverges")],
)
def test_the_threshold_of_the_bowl_is_exact(rate, verdict):
    for start in (-3, -0.1, 2.5):
        assert DescentLab(learning_rate=rate, start=start).verdict == verdict


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({"cost": "bowl", "learning_rate": 5, "clip": 1}, "oscillates"),
        ({"cost": "bowl", "start": 0}, "converges"),
        ({"cost": "bowl", "start": 0, "learning_rate": 9}, "converges"),  # already there: nothing moves it
        ({"cost": "two valleys", "start": -2.5}, "converges"),
        ({"cost": "two valleys", "start": -2.5, "learning_rate": 5}, "diverges"),
        ({"cost": "plateau", "start": 2.9, "learning_rate": 0.01}, "stalls"),
        ({"cost": "plateau", "start": 2.9, "learning_rate": 0.2}, "converges"),
        ({"cost": "plateau", "start": -2.5, "learning_rate": 0.5}, "oscillates"),
        ({"cost": "cliff", "learning_rate": 2.5}, "diverges"),
        ({"cost": "cliff", "learning_rate": 2.5, "clip": 1}, "oscillates"),
        ({"cost": "cliff", "learning_rate": 0.05}, "under way"),
        ({"cost": "cliff", "learning_rate": 0.5}, "converges"),
    ],
)
def test_verdicts(settings, verdict):
    lab = DescentLab(**settings)
    assert lab.verdict == verdict
    assert repr(lab) == f"DescentLab: {verdict} on {settings['cost']}"


def test_each_valley_draws_its_own_starts():
    left, right = (DescentLab(cost="two valleys", start=s).path[-1] for s in (-1.0, 1.0))
    assert left == pytest.approx(-2.0, abs=0.2)
    assert right == pytest.approx(2.0, abs=0.2)
    for end in (left, right):
        assert abs(CURVES["two valleys"](end)[1]) < 1e-6


def test_slice_is_the_loss_of_the_model():
    m, x, y = model()
    before = {name: weight.copy() for name, weight in m.weights.items()}
    lab = DescentLab.from_model(m, x, y, weight="U_h", index=(1, 2), span=4)
    for name, weight in m.weights.items():
        np.testing.assert_array_equal(weight, before[name])
    curve = sampled(**lab._samples)
    for offset in (-3.97, -1.234, 0.0, 0.5, 2.345):
        m.weights["U_h"][1, 2] = before["U_h"][1, 2] + offset
        loss, grads = m.loss_and_gradients(x, y)
        J, slope, _ = curve(float(m.weights["U_h"][1, 2]))
        assert abs(J - loss) < 1e-6
        assert slope == pytest.approx(grads["U_h"][1, 2], abs=1e-4)
    m.weights["U_h"][...] = before["U_h"]
    assert lab.cost == "slice"
    assert "slice of the loss along U_h[1, 2]" in lab.summary()
    assert lab._low <= lab.start <= lab._high


def test_descent_on_a_slice():
    m, x, y = model()
    lab = DescentLab.from_model(m, x, y, span=6, learning_rate=20)
    assert lab.verdict == "converges"
    assert lab.losses[-1] < lab.losses[0]
    lab.learning_rate = 1e5
    assert lab.verdict == "leaves"
    assert not lab._low <= lab.path[-1] <= lab._high


def test_samples_without_slopes_and_unevenly_spaced():
    theta = np.array([-2, -1.5, -1, -0.2, 0.3, 1, 1.7, 2.5])
    lab = DescentLab(curve=(theta, theta**2), start=2, learning_rate=0.2)
    np.testing.assert_allclose(lab.path[:20], 2 * 0.6 ** np.arange(20), atol=1e-9)
    assert lab.verdict == "converges"
    assert repr(lab) == "DescentLab: converges on theta"


@pytest.mark.parametrize(
    ("curve", "error", "sentence"),
    [
        (3, ValueError, "curve must be a pair"),
        (([0, 1], [0, 1]), ValueError, "3 to 2001 samples, but 2 came"),
        (([0, 1, 1], [0, 1, 2]), ValueError, "theta must increase"),
        (([0, 1, 2], [0, 1]), ValueError, "J must have shape (samples=3)"),
        (([0, 1, 2], [0, math.nan, 1]), ValueError, "J has 1 values that are NaN or infinite"),
        ((["a", "b", "c"], [0, 1, 2]), TypeError, "theta must hold real numbers"),
    ],
)
def test_bad_curves_are_refused_in_a_sentence(curve, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        DescentLab(curve=curve)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"start": 3.5}, "start must be a number from -3 to 3, but 3.5 came"),
        ({"learning_rate": 0}, "learning_rate must be a number from 1e-06 to 1e+06, but 0 came"),
        ({"learning_rate": math.nan}, "but nan came"),
        ({"step": 1.5}, "step must be a whole number from 0 to 100, not 1.5"),
        ({"clip": -1}, "clip must be a number from 0 to 100, but -1 came"),
        ({"cost": "hill"}, "cost must be one of 'bowl'"),
        ({"cost": "slice"}, "cost must be 'bowl', 'two valleys', 'plateau', 'cliff' in this lab, not 'slice'"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(setting, sentence):
    check_refused(DescentLab, setting, sentence)


def test_bad_slices_are_refused_in_a_sentence():
    m, x, y = model()
    with pytest.raises(ValueError, match=r"weight must be one of W_z.*not 'V'"):
        DescentLab.from_model(m, x, y, weight="V")
    for index in ((4, 0), (0,), (-1, 0)):
        with pytest.raises(ValueError, match=re.escape("index must lie in U_h, of shape (4, 4)")):
            DescentLab.from_model(m, x, y, index=index)
    with pytest.raises(ValueError, match="span must be a finite number above 0"):
        DescentLab.from_model(m, x, y, span=0)
    with pytest.raises(TypeError, match="no setting 'rate'"):
        DescentLab(rate=1)


def test_what_stays_on_the_page():
    one, two = (DescentLab(cost="cliff", learning_rate=2.5)._repr_mimebundle_() for _ in range(2))
    for kind in ("text/plain", "image/svg+xml", "text/html"):
        assert one[0][kind] == two[0][kind]
    for lab in (DescentLab(), DescentLab.from_model(*model(), points=41)):
        data, metadata = lab._repr_mimebundle_()
        assert metadata["image/svg+xml"]["alt"] == lab.summary()
        assert "It converges" in lab.summary()
        assert "var(" not in data["image/svg+xml"]
        assert "data-" not in data["image/svg+xml"]
        assert len(data["image/svg+xml"]) < 20_000


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.000"), (-0.25, "−0.250"), (2e-4, "2.00e−4"), (-12345, "−1.23e4"), (9999, "9999.000")],
)
def test_short_numbers(value, text):
    assert short(value) == text
