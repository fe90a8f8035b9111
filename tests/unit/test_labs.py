"""The labs without a browser: what Python knows, refuses, and leaves on the page."""

import math
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from traitlets import TraitError

from gru_lib import GRU, figures
from gru_lib.labs import GateLab, base, picture
from gru_lib.labs.gate_lab import PRESETS

SVG = "{http://www.w3.org/2000/svg}"


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
    assert set(GateLab.settings()) == {*PRESETS["start"], "update", "reset", "focus"}


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
    ],
)
def test_bad_settings_are_refused_in_a_sentence(setting, sentence):
    with pytest.raises(TraitError, match=re.escape(sentence)):
        GateLab(**setting)
    lab = GateLab()
    ((name, value),) = setting.items()
    before = getattr(lab, name)
    with pytest.raises(TraitError, match=re.escape(sentence)):
        setattr(lab, name, value)
    assert getattr(lab, name) == before


def test_unknown_names_are_refused():
    with pytest.raises(TypeError, match="GateLab has no setting 'w_z'; it has"):
        GateLab(w_z=1)
    with pytest.raises(ValueError, match=r"preset must be one of 'start', 'keep everything'.*not 'keep'"):
        GateLab().preset("keep")


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


def test_joined_module_is_one_text():
    esm = str(GateLab()._esm)
    assert "import " not in re.sub(r"//.*", "", esm)
    assert esm.count("export ") == 1
    assert "function step(" in esm
    assert "function sigmoid(" in esm
    names = re.findall(r"^(?:function|const|let) (\w+)", esm, re.M)
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
