"""The labs without a browser: what Python knows, refuses, and leaves on the page."""

import math
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from lab_checks import check_refused
from traitlets import TraitError, link

from gru_lib import GRU, figures
from gru_lib.labs import (
    ConventionLab,
    DescentLab,
    ForecastLab,
    GateLab,
    GradientLab,
    LossCurve,
    SequenceLab,
    base,
    picture,
)
from gru_lib.labs.gate_lab import PRESETS

SVG = "{http://www.w3.org/2000/svg}"
LABS = [ConventionLab, DescentLab, ForecastLab, GateLab, GradientLab, LossCurve, SequenceLab]


def random_state(rng):
    ranges = GateLab()._spec["ranges"]
    state = {name: float(rng.uniform(low, high)) for name, (low, high) in ranges.items()}
    return state | {"update": str(rng.choice(["keep", "write"])), "reset": str(rng.choice(["after", "before"]))}


def test_numbers_satisfy_the_equations():
    rng = np.random.default_rng(0)
    for _ in range(200):
        s = random_state(rng)
        lab = GateLab(**s)
        z = 1 / (1 + math.exp(-(s["W_z"] * s["x"] + s["U_z"] * s["h_prev"] + s["b_z"])))
        r = 1 / (1 + math.exp(-(s["W_r"] * s["x"] + s["U_r"] * s["h_prev"] + s["b_r"])))
        if s["reset"] == "after":
            a = s["W_h"] * s["x"] + s["b_h"] + r * (s["U_h"] * s["h_prev"] + s["c_h"])
        else:
            a = s["W_h"] * s["x"] + s["b_h"] + s["U_h"] * (r * s["h_prev"])
        keep = z if s["update"] == "keep" else 1 - z
        h = keep * s["h_prev"] + (1 - keep) * math.tanh(a)
        assert [lab.z, lab.r, lab.candidate, lab.h] == pytest.approx([z, r, math.tanh(a), h], abs=1e-12)


def test_values_agree_with_the_results_and_add_up_as_printed():
    rng = np.random.default_rng(1)
    for _ in range(300):
        lab = GateLab(**random_state(rng))
        v = lab.values()
        assert v["kept"] + v["written"] == pytest.approx(lab.h, abs=1e-12)
        assert np.tanh(v["a_h"]) == pytest.approx(lab.candidate, abs=1e-12)
        for total, first, second in (("h", "kept", "written"), ("a_h", "from_x", "from_h")):
            printed = float(picture.rounded(v[total]))
            assert v[f"shown_{first}"] + v[f"shown_{second}"] == pytest.approx(printed, abs=1e-9)
            for part in (first, second):
                assert abs(v[f"shown_{part}"] - v[part]) < 1e-3
        assert v["shown_keep"] + v["shown_write"] == pytest.approx(1)


def test_gru_is_the_same_unit():
    lab = GateLab(update="write", b_z=2, reset="before", x=0.3, h_prev=-0.4)
    gru = lab.gru
    assert isinstance(gru, GRU)
    assert gru.reset == "before"
    step = gru.step([[0.3]], [[-0.4]])
    assert step.h.item() == lab.h
    assert 1 - step.z.item() == lab.z  # GRU's z keeps


def test_write_changes_h_and_carrying_the_weights_over_restores_it():
    lab = GateLab(b_z=1.5)
    z, h = lab.z, lab.h
    lab.update = "write"
    assert lab.z == pytest.approx(z, abs=1e-15)
    assert lab.h != pytest.approx(h, abs=1e-3)
    lab.update = "keep"
    lab.carry_over()
    assert lab.update == "write"
    assert lab.b_z == -1.5
    assert lab.h == pytest.approx(h, abs=1e-12)
    assert lab.z == pytest.approx(1 - z, abs=1e-12)
    lab.carry_over()
    assert (lab.update, lab.b_z) == ("keep", 1.5)


def test_one_unit_tells_before_from_after_by_c_h_alone():
    for c_h, same in ((0.0, True), (0.8, False)):
        after, before = GateLab(c_h=c_h), GateLab(c_h=c_h, reset="before")
        assert math.isclose(after.h, before.h, abs_tol=1e-12) == same


@pytest.mark.parametrize("update", ["keep", "write"])
def test_presets_do_what_they_say(update):
    lab = GateLab(update=update, x=0.7, h_prev=-0.8)
    lab.preset("keep everything")
    assert lab.h == pytest.approx(lab.h_prev, abs=1e-3)
    lab.preset("forget everything")
    assert lab.h == pytest.approx(math.tanh(lab.W_h * lab.x + lab.b_h), abs=1e-3)
    lab.preset("drop the past")
    assert lab.r == pytest.approx(0, abs=1e-3)
    assert lab.z == 0.5
    lab.preset("plain RNN")
    assert lab.h == pytest.approx(math.tanh(lab.W_h * lab.x + lab.U_h * lab.h_prev + lab.b_h), abs=1e-3)
    assert (lab.x, lab.h_prev, lab.update) == (0.7, -0.8, update)
    lab.preset("start")
    assert all(getattr(lab, name) == value for name, value in PRESETS["start"].items())


def test_constructor_sets_every_setting():
    lab = GateLab(x=1, b_z=np.float32(2), focus="z", reset="before")
    assert (lab.x, lab.b_z, lab.focus, lab.reset) == (1.0, 2.0, "z", "before")
    assert isinstance(lab.x, float)
    more = {"update", "reset", "focus", "units", "unit", "arrays", "ghost"}
    assert set(GateLab.settings()) == {*PRESETS["start"], *more}


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"x": math.nan}, "x must be a number from -2 to 2, but nan came"),
        ({"b_z": math.inf}, "b_z must be a number from -8 to 8, but inf came"),
        ({"W_r": 6.5}, "W_r must be a number from -6 to 6, but 6.5 came"),
        ({"h_prev": "high"}, "h_prev must be a number from -1 to 1, not 'high'"),
        ({"U_h": None}, "U_h must be a number from -6 to 6, not None"),
        ({"x": True}, "x must be a number from -2 to 2, not True"),
        ({"update": "forget"}, "update must be one of 'keep', 'write', not 'forget'"),
        ({"reset": None}, "reset must be one of 'after', 'before', not None"),
        ({"focus": "y"}, "focus must be one of 'all', 'z', 'r', 'candidate', 'h', not 'y'"),
        ({"units": 5}, "units must be a number from 1 to 4, but 5 came"),
        ({"units": 2.0}, "units must be a whole number from 1 to 4, not 2.0"),
        ({"unit": 1}, "unit must be a whole number from 0 to 0 (units - 1), but 1 came"),
        ({"unit": -1}, "unit must be a number from 0 to 3, but -1 came"),
        ({"ghost": 1}, "ghost must be True or False, not 1"),
        ({"arrays": [1]}, "arrays must be a dict with h_prev, W_z"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(setting, sentence):
    check_refused(GateLab, setting, sentence)


def test_unknown_names_are_refused():
    with pytest.raises(TypeError, match="GateLab has no setting 'w_z'; it has"):
        GateLab(w_z=1)
    with pytest.raises(ValueError, match=r"preset must be one of 'start', 'keep everything'.*not 'keep'"):
        GateLab().preset("keep")


def random_arrays(rng, units):
    """Arrays of so many units, by name, within the bounds of their numbers."""
    ranges = GateLab()._spec["ranges"]
    shapes = {"W": (1, units), "U": (units, units)}
    return {name: rng.uniform(*ranges[name], shapes.get(name[0], (units,))).tolist() for name in GateLab().arrays}


def by_hand(x, arrays, reset, update):
    """z, r, candidate and h of every unit, number by number: no matrix product, no broadcasting."""
    units, h_prev = range(len(arrays["h_prev"])), arrays["h_prev"]

    def reaches(gate, j, old):
        return sum(old[i] * arrays[f"U_{gate}"][i][j] for i in units)

    def sigma(gate, j):
        a = x * arrays[f"W_{gate}"][0][j] + reaches(gate, j, h_prev) + arrays[f"b_{gate}"][j]
        return 1 / (1 + math.exp(-a))

    z, r = ([sigma(gate, j) for j in units] for gate in "zr")
    candidate = []
    for j in units:
        if reset == "after":
            from_h = r[j] * (reaches("h", j, h_prev) + arrays["c_h"][j])
        else:
            from_h = reaches("h", j, [r[i] * h_prev[i] for i in units])
        candidate.append(math.tanh(x * arrays["W_h"][0][j] + arrays["b_h"][j] + from_h))
    keep = z if update == "keep" else [1 - value for value in z]
    h = [keep[j] * h_prev[j] + (1 - keep[j]) * candidate[j] for j in units]
    return {"z": z, "r": r, "candidate": candidate, "h": h}


@pytest.mark.parametrize("units", [2, 3, 4])
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("update", ["keep", "write"])
def test_several_units_satisfy_the_equations_and_add_up_as_printed(units, reset, update):
    rng = np.random.default_rng(units)
    for _ in range(8):
        arrays, x = random_arrays(rng, units), float(rng.uniform(-2, 2))
        lab = GateLab(arrays=arrays, unit=int(rng.integers(units)), x=x, reset=reset, update=update)
        assert lab.units == units
        parts = by_hand(x, arrays, reset, update)
        for part, value in parts.items():
            assert getattr(lab, part).shape == (units,)
            assert getattr(lab, part) == pytest.approx(value, abs=1e-12)
        v, u = lab.values(), lab.unit
        for part, value in parts.items():
            assert v[part] == pytest.approx(value[u], abs=1e-12)
            assert [v[f"{part}_{k}"] for k in range(units)] == pytest.approx(value, abs=1e-12)
        assert v["kept"] + v["written"] == pytest.approx(lab.h[u], abs=1e-12)
        assert np.tanh(v["from_x"] + v["from_h"]) == pytest.approx(lab.candidate[u], abs=1e-12)
        own = v["U_h"] * (v["h_prev"] if reset == "after" else v["let_through"])
        bias = v["c_h"] if reset == "after" else 0
        assert own + v["from_others"] + bias == pytest.approx(v["at_door" if reset == "after" else "from_h"], abs=1e-12)
        for total, first, second in (("h", "kept", "written"), ("a_h", "from_x", "from_h")):
            printed = float(picture.rounded(v[total]))
            assert v[f"shown_{first}"] + v[f"shown_{second}"] == pytest.approx(printed, abs=1e-9)
        for gate in "zr":
            assert 1 / (1 + math.exp(-v[f"a_{gate}"])) == pytest.approx(v[gate], abs=1e-12)


def test_the_numbers_are_those_of_the_unit_under_the_hand():
    lab = GateLab(units=3, unit=1, b_z=1.5)
    assert lab.summary().startswith("3 gated recurrent units. Unit 1 of 3. ")
    assert repr(lab).startswith("GateLab: unit 1 of 3, z=")
    assert lab.arrays["b_z"] == (-0.5, 1.5, 1.0)
    assert (lab.h_prev, lab.U_h) == (lab.arrays["h_prev"][1], lab.arrays["U_h"][1][1])
    lab.unit = 2
    assert (lab.b_z, lab.W_r, lab.U_z) == (1.0, lab.arrays["W_r"][0][2], lab.arrays["U_z"][2][2])
    lab.U_z = -2
    assert lab.arrays["U_z"][2] == (0.4, -0.9, -2.0)
    lab.arrays = lab.arrays | {"h_prev": np.array([0.1, 0.2, 0.3])}
    assert lab.h_prev == 0.3
    lab.units = 2  # the unit under the hand goes: the last that stays takes its place
    assert (lab.unit, lab.h_prev, lab.b_z) == (1, 0.2, 1.5)
    assert np.shape(lab.arrays["U_z"]) == (2, 2)
    lab.units = 4
    assert lab.arrays["h_prev"] == (0.1, 0.2, 0.3, -0.8)
    assert (lab.unit, lab.arrays["b_z"][1]) == (1, 1.5)
    lab.arrays = GateLab().arrays
    assert (lab.units, lab.unit) == (1, 0)
    assert isinstance(lab.h, float)
    assert lab.h == GateLab().h


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"h_prev": [0.1, 0.2, 0.3]}, "arrays['W_z'] must have shape (input=1, units=3), but it has shape (1, 2)"),
        ({"h_prev": [0.1] * 5}, "arrays must hold 1 to 4 units, but h_prev has 5 numbers"),
        ({"U_z": [[1, 2]]}, "arrays['U_z'] must have shape (units=2, units=2), but it has shape (1, 2)"),
        ({"U_h": [[1, 2], [3, 7]]}, "arrays['U_h'] must hold numbers from -6 to 6, but 7 came at index (1, 1)"),
        ({"b_r": [1, math.nan]}, "arrays['b_r'] has 1 values that are NaN or infinite"),
        ({"b_r": ["a", "b"]}, "arrays['b_r'] must hold real numbers"),
        ({"V_z": 1}, "arrays must hold h_prev, W_z, W_r, W_h, U_z, U_r, U_h, b_z, b_r, b_h, c_h: 'V_z' is unknown"),
    ],
)
def test_bad_arrays_are_refused_in_a_sentence(change, sentence):
    lab = GateLab(units=2)
    before = lab.arrays
    with pytest.raises(TraitError, match=re.escape(sentence)):
        lab.arrays = before | change
    assert lab.arrays == before
    with pytest.raises(TraitError, match="'c_h' is missing"):
        lab.arrays = {name: value for name, value in before.items() if name != "c_h"}
    with pytest.raises(TraitError, match="units is 3, but arrays hold 2"):
        GateLab(units=3, arrays=before)
    with pytest.raises(TypeError):
        before["b_z"][0] = 2  # a number changed in place could not be noticed


@pytest.mark.parametrize("update", ["keep", "write"])
@pytest.mark.parametrize("reset", ["after", "before"])
def test_presets_and_carrying_over_hold_for_every_unit(update, reset):
    lab = GateLab(units=3, unit=1, update=update, reset=reset)
    h = lab.h
    lab.carry_over()
    assert lab.h == pytest.approx(h, abs=1e-12)
    lab.carry_over()
    old, W, U = (np.array(lab.arrays[name]) for name in ("h_prev", "W_h", "U_h"))
    lab.preset("keep everything")
    assert lab.h == pytest.approx(old, abs=1e-3)
    lab.preset("forget everything")
    assert lab.h == pytest.approx(np.tanh(lab.x * W[0] + np.array(lab.arrays["b_h"])), abs=2e-3)
    lab.preset("drop the past")
    assert lab.candidate == pytest.approx(np.tanh(lab.x * W[0] + np.array(lab.arrays["b_h"])), abs=2e-3)
    lab.preset("plain RNN")
    assert lab.h == pytest.approx(np.tanh(lab.x * W[0] + old @ U + np.array(lab.arrays["b_h"])), abs=2e-3)
    lab.preset("start")
    assert lab.arrays == GateLab(units=3).arrays


@pytest.mark.parametrize("units", [1, 2, 4])
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("update", ["keep", "write"])
def test_the_code_runs_and_prints_the_numbers_of_the_lab(units, reset, update, capsys):
    rng = np.random.default_rng(units)
    lab = GateLab(arrays=random_arrays(rng, units), x=-0.00002, reset=reset, update=update)
    code = lab.code()
    exec(code, {})
    printed = capsys.readouterr().out.splitlines()
    comment = [line.removeprefix("# ") for line in code.split("# Expected:\n")[1].splitlines()]
    assert printed == comment
    for line, part in zip(printed, ("z", "r", "candidate", "h"), strict=True):
        name, *numbers = line.split()
        assert name == part + ":"
        assert [float(number) for number in numbers] == pytest.approx(np.atleast_1d(getattr(lab, part)), abs=5.1e-7)
    assert ("In the lab z writes; in GRU z keeps." in code) == (update == "write")
    assert ("c_h" in code) == (reset == "after")


def test_linked_labs_move_together():
    one, two = GateLab(units=2, unit=1), GateLab(units=2)
    link((one, "arrays"), (two, "arrays"))
    one.b_z = 3.0
    assert two.arrays["b_z"] == (-0.5, 3.0)
    two.U_h = -1.0  # unit 0's
    assert one.arrays["U_h"][0][0] == -1.0
    assert one.h == pytest.approx(two.h, abs=1e-15)


def test_what_stays_on_the_page_is_the_same_on_every_run():
    one, two = (GateLab(b_z=1, focus="z")._repr_mimebundle_() for _ in range(2))
    kinds = ("text/plain", "image/svg+xml", "text/html")
    assert [one[0][kind] for kind in kinds] == [two[0][kind] for kind in kinds]
    assert "application/vnd.jupyter.widget-view+json" in one[0]
    lab = GateLab()
    assert (
        lab._repr_mimebundle_()[0]["text/plain"] == repr(lab) == "GateLab: z=0.679, r=0.668, candidate=−0.716, h=0.382"
    )
    assert lab.model_id not in str(lab.svg())
    lab.b_z = 5
    assert "z=0.998" in repr(lab)


@pytest.mark.parametrize("focus", ["all", "z", "r", "candidate", "h"])
def test_stored_picture_stands_alone_and_speaks(focus):
    lab = GateLab(focus=focus, update="write")
    data, metadata = lab._repr_mimebundle_()
    root = ElementTree.fromstring(data["image/svg+xml"])
    alt = root.get("aria-label")
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == alt == metadata["image/svg+xml"]["alt"] == lab.summary()
    assert f"z = {lab.z:.3f}" in alt
    assert "&lt;" not in alt
    assert f'alt="{alt}"' in data["text/html"]
    text = data["image/svg+xml"]
    assert "var(" not in text
    assert "data-" not in text
    assert " id=" not in text
    assert "url(" not in text
    assert text.count("gl-equation") == (4 if focus == "all" else 1) + 1  # and the rule in the style
    assert len(text) < 20_000


def test_palette_is_that_of_the_figures():
    palette = base.light_palette()
    for name in ("z", "r", "candidate", "h", "x"):
        assert palette[name] == figures.COLOURS[name]


@pytest.mark.parametrize("kind", LABS)
def test_joined_module_is_one_text(kind):
    esm = str(kind()._esm)
    assert not re.search(r"^import ", esm, re.M)
    assert esm.count("export ") == 1
    names = re.findall(r"^(?:function|const|let) (\w+)", esm, re.M)
    assert {"element", "picture"} <= set(names)  # of modules that all labs share
    assert len(names) == len(set(names))
    assert "http" not in esm.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (0.0625, "3", "0.063"),  # a tie goes away from zero, as in the browser
        (-0.0625, "3", "−0.063"),
        (-0.0001, "3", "0.000"),
        (0.5, "p", "0.50"),
        (0.125, "p", "0.125"),
        (-0.5, "pf", "(−0.50)"),
        (0.5, "pf", "0.50"),
        (-0.5, "p+", "− 0.50"),
        (0.25, "3+", "+ 0.250"),
        ("z", "3", "z"),
    ],
)
def test_written_numbers(value, style, text):
    assert picture.written(value, style) == text


def test_labs_load_neither_tensorflow_nor_matplotlib():
    code = "import sys, gru_lib.labs; print([m for m in ('tensorflow', 'matplotlib', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
