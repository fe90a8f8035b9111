"""SequenceLab without a browser: its presets do what they claim, what it refuses, what it leaves on the page."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from traitlets import TraitError

from gru_lib import GRU
from gru_lib.labs import SequenceLab
from gru_lib.labs.picture import rounded
from gru_lib.labs.sequence_presets import HALF_LIVES, REVIEWS, TONE

PRESETS = list(SequenceLab()._spec["models"])


def trained_like(inputs=3, units=5, time=12, reset="after", dtype="float64", seed=0):
    """A GRU whose every weight is of the size that training gives, and a sequence for it."""
    rng = np.random.default_rng(seed)
    gru = GRU(inputs, units, reset=reset, seed=seed, dtype=dtype)
    for weight in gru.weights.values():
        weight[...] += rng.normal(scale=0.5, size=weight.shape)
    return gru, rng.normal(size=(time, inputs))


def test_latch_holds_for_its_whole_length():
    lab = SequenceLab(preset="latch")
    signal, now = lab.x.T
    held = 0.0
    for t in range(len(lab.x)):
        held = np.sign(signal[t]) if now[t] else held
        assert lab.h[t, 0] == pytest.approx(held, abs=0.02)
        assert lab.z[t, 0] == pytest.approx(0 if now[t] else 1, abs=1e-3)
    assert (signal[now == 0] != 0).any()  # a signal that must be ignored


def test_copy_hands_the_input_on_from_unit_to_unit():
    lab = SequenceLab(preset="copy")
    for unit in range(4):
        late = np.concatenate([np.zeros(unit), lab.x[:, 0]])[: len(lab.x)]
        assert np.sign(np.round(lab.h[:, unit], 3)) == pytest.approx(late)
    assert lab.z.max() < 0.001
    assert lab.r.min() > 0.999


def test_decay_has_the_half_lives_it_states():
    lab = SequenceLab(preset="decay")
    (pulse,) = np.flatnonzero(lab.x[:, 0])
    quiet = lab.x[:, 0] == 0
    for unit, half_life in enumerate(HALF_LIVES):
        assert lab.half_life[quiet, unit] == pytest.approx(half_life)
        assert lab.h[pulse + half_life, unit] == pytest.approx(lab.h[pulse, unit] / 2)
    assert lab.h[pulse] == pytest.approx(np.ones(3), abs=0.01)
    assert "every 2, 5 and 20 steps" in lab._spec["models"]["decay"]["note"]


def test_alternating_turns_over_at_every_step_but_a_pulse():
    lab = SequenceLab(preset="alternating")
    h = lab.h[:, 0]
    first, second = np.flatnonzero(lab.x[:, 0])
    assert not h[:first].any()
    for t in range(first + 1, len(h)):
        assert h[t] == pytest.approx(1 if t == second else -np.sign(h[t - 1]), abs=0.02)
    assert h[second - 1] > 0.9  # so the pulse does change the rhythm


@pytest.mark.parametrize("title", REVIEWS)
def test_reviews_end_content_and_gates_move_on_judging_words(title):
    lab = SequenceLab(preset=f"review: {title}")
    words = REVIEWS[title].split()
    judges = np.isin(words, list(TONE))
    assert lab.h[-1, 0] > 0.9
    assert lab.z[judges].max() < 0.05
    assert lab.r[judges].max() < 0.05
    assert lab.z[~judges].min() > 0.95
    assert words[lab.step] == "happy"
    if title == "verdict at the end":
        assert lab.h[words.index("happy") - 1, 0] < -0.9
    else:
        assert lab.z[words.index("happy") + 1 :].min() > 0.95


def test_numbers_are_those_of_the_gru():
    gru, x = trained_like()
    for given in (x, x[None], x.tolist()):
        lab = SequenceLab(gru, given, step=7, unit=2, input=1)
        trace = gru.forward(x[None])
        for name in ("z", "r", "candidate", "h"):
            assert np.array_equal(getattr(lab, name), getattr(trace, name)[0])
            assert lab.values()[name] == getattr(trace, name)[0, 7, 2]
    assert np.array_equal(lab.trace.h, trace.h)
    assert lab.half_life == pytest.approx(np.log(0.5) / np.log(lab.z))
    gru.weights["W_z"][...] = 0  # the lab has a copy, and gives copies
    lab.gru.weights["W_z"][...] = 0
    assert np.array_equal(lab.z, trace.z[0])


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equations_hold_as_printed_for_every_step_and_unit(reset, dtype):
    gru, x = trained_like(reset=reset, dtype=dtype)
    lab = SequenceLab(gru, x)
    exact = 1e-12 if dtype == "float64" else 1e-5
    for step in range(len(x)):
        for unit in range(5):
            lab.step, lab.unit = step, unit
            v = lab.values()
            for gate in "zr":
                assert v[f"x_{gate}"] + v[f"h_{gate}"] == pytest.approx(v[f"a_{gate}"])
                assert 1 / (1 + math.exp(-v[f"a_{gate}"])) == pytest.approx(v[gate], abs=exact)
            assert math.tanh(v["a_h"]) == pytest.approx(v["candidate"], abs=exact)
            assert v["kept"] + v["written"] == pytest.approx(v["h"], abs=exact)
            for total, *parts in (("h", "kept", "written"), ("a_z", "x_z", "h_z"), ("a_h", "from_x", "from_h")):
                printed = float(rounded(v[total]))
                assert sum(v[f"shown_{part}"] for part in parts) == pytest.approx(printed, abs=1e-9)


def test_settings_and_x_are_checked_and_kept():
    gru, x = trained_like()
    lab = SequenceLab(gru, x, labels=[f"word{i}" for i in range(12)], inputs=["a", "b", "c"])
    lab.x = x / 2
    assert lab.x == pytest.approx(x / 2)
    with pytest.raises(ValueError, match="read-only"):
        lab.x[0, 0] = 1
    before = lab.x
    for setting, sentence in (
        ({"x": x[:5]}, "x must have shape (12, 3) (time, input), but it has shape (5, 3); load(gru, x) shows"),
        ({"x": x * math.nan}, "x has 36 values that are NaN or infinite; the first is nan at index (0, 0)"),
        ({"x": x * 100}, "x must lie on the axes, which end at"),
        ({"x": "words"}, "x must hold real numbers"),
        ({"step": 12}, "step must be from 0 to 11, but 12 came"),
        ({"step": -1}, "step must be from 0 to 11, but -1 came"),
        ({"unit": 5}, "unit must be from 0 to 4, but 5 came"),
        ({"input": 1.5}, "input must be a whole number, not 1.5"),
        ({"step": True}, "step must be a whole number, not True"),
    ):
        ((name, value),) = setting.items()
        with pytest.raises(TraitError, match=re.escape(sentence)):
            setattr(lab, name, value)
        with pytest.raises(ValueError, match=re.escape(sentence)):
            setattr(lab, name, value)
    assert lab.x is before
    assert (lab.step, lab.unit, lab.input) == (11, 0, 0)
    lab.step = np.int64(3)
    assert "word3" in lab.summary()


def test_what_cannot_be_drawn_is_refused_in_a_sentence():
    gru, x = trained_like()
    bad = GRU(1, 1)
    bad.weights["U_h"][...] = math.nan
    torn = GRU(1, 1)
    torn.weights["U_h"] = np.zeros((2, 2))
    for arguments, options, error, sentence in (
        ((GRU(5, 2), np.zeros((3, 5))), {}, ValueError, "this GRU is too large to draw: it has 5 inputs and 2 units"),
        ((GRU(1, 33), np.zeros(3)), {}, ValueError, "at most 4 inputs and 32 units"),
        ((GRU(1, 1), np.zeros(201)), {}, ValueError, "x is too long to draw: it has 201 steps"),
        ((gru, x[:, :2]), {}, ValueError, "x must have shape (time, input=3), but it has shape (12, 2)"),
        ((gru, x[:, 0]), {}, ValueError, "x must have 2 axes (time, input=3)"),
        ((gru, x * np.inf), {}, ValueError, "NaN or infinite"),
        ((gru, [[1, 2, 3], [1]]), {}, ValueError, "its rows differ in length"),
        ((gru, np.zeros((0, 3))), {}, ValueError, "x is empty"),
        ((gru,), {}, ValueError, "a GRU needs a sequence to read"),
        ((None, x), {}, TypeError, "gru must be a gru_lib.GRU, not None"),
        (("latch",), {}, TypeError, "gru must be a gru_lib.GRU, not 'latch'"),
        ((bad, [1.0]), {}, ValueError, "U_h of this GRU has values that are NaN or infinite"),
        ((torn, [1.0]), {}, ValueError, "U_h must have shape (1, 1)"),
        ((gru, x), {"labels": ["one"]}, ValueError, "labels must be 12 words, one for each step, but 1 came"),
        ((gru, x), {"inputs": "abc"}, TypeError, "inputs must be a list of 3 words"),
        ((), {"preset": "lach"}, ValueError, "preset must be one of 'latch', 'copy'"),
        ((), {"speed": 2}, TypeError, "SequenceLab has no setting 'speed'; it has step, unit, input"),
        ((), {"step": 99}, ValueError, "step must be from 0 to 29"),
    ):
        with pytest.raises(error, match=re.escape(sentence)):
            SequenceLab(*arguments, **options)


def test_presets_and_load_replace_everything():
    gru, x = trained_like()
    lab = SequenceLab(gru, x, step=11, unit=4, input=2)
    lab.preset("alternating")
    assert (lab.step, lab.unit, lab.input, lab.x.shape) == (9, 0, 0, (24, 1))
    lab.preset("your GRU")
    assert lab.x == pytest.approx(x)
    lab.load(GRU(1, 2, seed=1), [0.5, 1, 40])
    assert lab.x.shape == (3, 1)
    assert lab._model_now["limits"] == [40.0]
    assert lab.gru.hidden_size == 2
    lab.x = [1, 2, 3]
    assert lab.x.tolist() == [[1], [2], [3]]


def test_preset_of_the_browser_arrives_whole():
    lab = SequenceLab()
    model = lab._spec["models"]["copy"]
    edited = [[-value for value in row] for row in model["x"]]
    lab.set_state({"step": 7, "unit": 3, "x": edited, "_model": "copy"})
    assert (lab.step, lab.unit) == (7, 3)
    assert lab.x.tolist() == edited
    assert lab.h.shape == (16, 4)


@pytest.mark.parametrize("size", [(1, 1, 1), (2, 1, 5), (4, 32, 200)])
def test_stored_picture_stands_alone_is_the_same_on_every_run_and_speaks(size):
    inputs, units, time = size
    gru, x = trained_like(inputs, units, time, reset="before")
    one, two = (SequenceLab(gru, x, step=time - 1)._repr_mimebundle_() for _ in range(2))
    data, metadata = one
    for kind in ("text/plain", "image/svg+xml", "text/html"):
        assert data[kind] == two[0][kind]
    assert "application/vnd.jupyter.widget-view+json" in data
    text = data["image/svg+xml"]
    root = ElementTree.fromstring(text)
    alt = root.get("aria-label")
    assert root.get("role") == "img"
    assert alt == metadata["image/svg+xml"]["alt"] == SequenceLab(gru, x, step=time - 1).summary()
    for trace_of_template in ("var(", "data-", " id=", "url(", "repeat", "nan", "inf", "{", "#}"):
        assert trace_of_template not in text.split("</style>")[1]
    assert "var(" not in text
    assert text.count("<circle") == time + 2


@pytest.mark.parametrize("preset", PRESETS)
def test_words_of_each_preset(preset):
    lab = SequenceLab(preset=preset)
    assert repr(lab).startswith(f"SequenceLab ({preset}), step {lab.step} of {len(lab.x)}, unit 0")
    assert f"New state h = {rounded(lab.h[lab.step, 0])}".replace("-", "−") in lab.summary()
    assert lab._spec["models"][preset]["note"]
    assert len(lab.svg()) < 40_000
