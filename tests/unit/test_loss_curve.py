"""LossCurve without a browser: what it takes, what it sends, and where its picture puts the points."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from gru_lib import GRU, training
from gru_lib.labs import LossCurve
from gru_lib.labs.loss_curve import SLOTS, log_ticks, plain, ticks

PROPERTY = {"max_examples": 100, "deadline": None, "derandomize": True, "database": None}
RUN = [(1, 0.9, 1.1), (2, 0.5, 0.7), (3, 0.3, 0.6), (4, 0.2, 0.65), (5, 0.12, 0.8)]


def curve(points=RUN, **settings):
    made = LossCurve(**settings)
    for point in points:
        made.add(*point)
    return made


def numbers(path):
    return np.array(re.findall(r"([\d.]+) ([\d.]+)", path), float)


def test_it_holds_what_was_added():
    made = curve()
    assert made.points == RUN
    assert made.best == (3, 0.6)
    assert curve([(1, 3.0), (2, 1.0), (4, 1.0), (5, 2)]).best == (2, 1.0)  # of equals the first, without validation
    assert curve([(1, 0.1, None), (2, 0.2, 5.0)]).best == (2, 5.0)
    made.clear()
    assert made.points == []
    assert made.best is None
    made.add(1, 0.5)
    assert made.points == [(1, 0.5, None)]


def test_two_curves_share_nothing():
    one, two = curve(), LossCurve()
    assert two.points == []
    one.points.append("mine")
    assert one.points == RUN


def test_the_page_is_sent_each_new_point_alone(monkeypatch):
    made, sent = LossCurve(), []
    monkeypatch.setattr(LossCurve, "send", lambda self, content, buffers=None: sent.append(content))
    monkeypatch.setattr(LossCurve, "send_state", lambda self, key=None: sent.append(key))
    made.add(1, 0.5, 0.75)
    made.add(2, np.float32(0.25))
    assert sent == [{"add": [1, 0.5, 0.75]}, {"add": [2, 0.25, None]}]
    made.clear()
    assert sent[2:] == [{"clear": True}]
    made._handle_custom_msg({"ask": "points"}, [])  # what the page asks for when it opens
    assert sent[3:] == ["_points"]
    made.add(1, 0.5)
    assert made.get_state("_points") == {"_points": [[1, 0.5, None]]}


@pytest.mark.parametrize("validated", [True, False])
def test_fit_fills_it(validated):
    x = np.random.default_rng(0).normal(size=(20, 4, 1))
    y = x.mean(axis=1)
    made = curve()
    model = training.Regressor(GRU(1, 3, seed=0), seed=0)
    validation = (x[:5], y[:5]) if validated else None
    history = training.fit(model, x, y, epochs=4, validation=validation, watch=made, progress=False)
    second = history.validation or [None] * 4
    assert made.points == list(zip(range(1, 5), history.loss, second, strict=True))


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_points_stand_where_the_axis_says(scale):
    """The axis is what its numbers say: two of them fix where every other number and every point must stand."""
    made = curve(scale=scale)
    v, move = made.values(), math.log10 if scale == "log" else float
    marks = [(move(float(v[f"tick{i}"])), v[f"tick{i}_y"]) for i in range(SLOTS) if v[f"tick{i}"]]
    assert len(marks) >= 3
    (a, y_a), (b, y_b) = marks[0], marks[-1]
    slope = (y_b - y_a) / (b - a)
    assert slope < 0  # larger is higher up
    for value, y in marks:
        assert y == pytest.approx(y_a + slope * (value - a), abs=1e-9)
    places = [(float(v[f"epoch{i}"]), v[f"epoch{i}_x"]) for i in range(SLOTS) if v[f"epoch{i}"]]
    (e, x_e), (f, x_f) = places[0], places[-1]
    for which, name in ((1, "training_d"), (2, "validation_d")):
        expected = [(x_e + (x_f - x_e) * (p[0] - e) / (f - e), y_a + slope * (move(p[which]) - a)) for p in made.points]
        np.testing.assert_allclose(numbers(v[name]), expected, atol=0.006)
    best = numbers(v["validation_d"])[2]
    np.testing.assert_allclose([v["best_x"], v["best_y"]], best, atol=0.006)
    levels = re.findall(r"M62 ([\d.]+)H710", v["grid_d"])
    np.testing.assert_allclose([float(level) for level in levels], [y for _, y in marks], atol=0.006)


LOSSES = st.lists(st.floats(-1e6, 1e6) | st.floats(1e-9, 1e-3), min_size=1, max_size=30)


@settings(**PROPERTY)
@given(LOSSES, st.sampled_from(["linear", "log"]))
def test_any_losses_make_a_picture_inside_its_frame(losses, scale):
    made = curve([(k + 1, loss) for k, loss in enumerate(losses)], scale=scale)
    root = ElementTree.fromstring(made.svg())
    v = made.values()
    shown = [loss for loss in losses if loss > 0 or scale == "linear"]
    points = numbers(v["training_d"])
    assert len(points) == len(shown)
    if shown:
        assert points[:, 0].min() >= 62
        assert points[:, 0].max() <= 710
        assert points[:, 1].min() >= 56
        assert points[:, 1].max() <= 306
    assert (f"{len(losses) - len(shown)} at or below 0" in v["note"]) == (len(shown) < len(losses))
    assert root.get("aria-label") == made.summary()


@settings(**PROPERTY)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_numbers_of_a_linear_axis_are_round_and_few(low, wide):
    high = low + wide
    found = ticks(low, high)
    assert 2 <= len(found) <= SLOTS - 1
    assert all(low - 1e-9 * wide <= value <= high + 1e-9 * wide for value in found)
    step = found[1] - found[0]
    digit = step / 10 ** math.floor(math.log10(step) + 1e-6)
    assert min(abs(digit - d) for d in (1, 2, 5, 10)) < 1e-3 + 1e-6 * abs(low) / wide


@settings(**PROPERTY)
@given(st.floats(-12, 6), st.floats(0.02, 14))
def test_numbers_of_a_log_axis_are_few(low, wide):
    found = log_ticks(low, low + wide)
    assert 1 <= len(found) <= SLOTS
    assert found == sorted(set(found))
    assert all(low - 1e-6 <= math.log10(value) <= low + wide + 1e-6 for value in found)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0, 4, "0"),
        (0.5, 4, "0.5"),
        (0.123456, 4, "0.1235"),
        (1.03125, 5, "1.0313"),  # a tie goes up, as in the browser
        (99999.9, 4, "100000"),
        (123456, 4, "1.235e5"),
        (0.00012345678, 4, "1.235e−4"),
        (-2.5e-7, 4, "−2.5e−7"),
        (-1.5, 6, "−1.5"),
        (9.9996, 4, "10"),
    ],
)
def test_numbers_as_text(value, digits, text):
    assert plain(value, digits) == text


@pytest.mark.parametrize(
    ("point", "error", "said"),
    [
        ((5, 1.0), ValueError, "epoch must be above 5, the last one, not 5; or clear"),
        ((0, 1.0), ValueError, "epoch must be at least 1"),
        ((6.0, 1.0), TypeError, "epoch must be an integer"),
        ((6, math.nan), ValueError, "loss must be finite, not nan"),
        ((6, 1.0, math.inf), ValueError, "validation must be finite, not inf"),
        ((6, "1"), TypeError, "loss must be a number, not '1'"),
        ((6, True), TypeError, "loss must be a number, not True"),
    ],
)
def test_bad_points_are_refused_and_not_added(point, error, said):
    made = curve()
    with pytest.raises(error, match=said):
        made.add(*point)
    assert made.points == RUN


def test_bad_settings_are_refused():
    with pytest.raises(TraitError, match="scale must be one of 'linear', 'log', not 'cubic'"):
        LossCurve(scale="cubic")
    with pytest.raises(TypeError, match="no setting 'colour'; it has scale"):
        LossCurve(colour="red")


def test_words():
    assert LossCurve().summary() == "Loss curve: no epoch yet."
    assert repr(LossCurve()) == "LossCurve: no epoch yet"
    assert curve(scale="log").summary() == (
        "Loss curve, log scale. After epoch 5: training 0.12, validation 0.8; best validation 0.6 at epoch 3."
    )
    assert repr(curve()) == "LossCurve: 5 epochs, best validation 0.6 at epoch 3"
    assert "training 0.5; best training 0.5 at epoch 1." in curve([(1, 0.5)]).summary()


def test_what_stays_on_the_page():
    for made in (LossCurve(), curve(), curve(scale="log"), curve([(1, 0.5)]), curve([(1, 0.0), (2, -1)], scale="log")):
        data, metadata = made._repr_mimebundle_()
        svg = data["image/svg+xml"]
        assert svg == made._repr_mimebundle_()[0]["image/svg+xml"]
        assert metadata["image/svg+xml"]["alt"] == made.summary()
        assert made.summary() in data["text/html"]
        assert "var(" not in svg
        assert "data-" not in svg
        assert len(svg) < 12_000
