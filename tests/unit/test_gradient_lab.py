"""GradientLab without a browser: what Python knows, refuses, and leaves on the page."""

import math
from xml.etree import ElementTree

import numpy as np
import pytest
from lab_checks import check_refused
from numpy.testing import assert_allclose

from gru_lib import GRU, LSTM, SimpleRNN, figures, gradients
from gru_lib.labs import GradientLab
from gru_lib.labs import gradient_lab as module
from gru_lib.labs.base import light_palette

SVG = "{http://www.w3.org/2000/svg}"
SETTINGS = {"radius", "gate_bias", "length", "input_scale", "threshold", "paths"}


def random_state(rng):
    return {
        "radius": float(rng.uniform(0.1, 2)),
        "gate_bias": float(rng.uniform(-4, 6)),
        "length": int(rng.integers(2, 101)),
        "input_scale": float(rng.choice([0, rng.uniform(0, 3)])),
        "threshold": float(10 ** rng.uniform(-2, 2)),
        "paths": str(rng.choice(["hide", "show"])),
    }


def test_the_cells_are_what_the_settings_say():
    lab = GradientLab(radius=1.5, gate_bias=-2, length=7, input_scale=0.5)
    cells = lab.cells
    assert [type(cell) for cell in cells.values()] == [SimpleRNN, GRU, LSTM]
    for cell in cells.values():
        for name, value in cell.weights.items():
            if name[0] == "U":
                assert np.abs(np.linalg.eigvals(value)).max() == pytest.approx(1.5, rel=1e-3), name
            if name[0] in "bc":
                assert np.all(value == (-2 if name in ("b_z", "b_f") else 0)), name
    for kind in "WU":  # one matrix for the candidates of all three
        assert np.array_equal(cells["rnn"].weights[f"{kind}_h"], cells["gru"].weights[f"{kind}_h"])
        assert np.array_equal(cells["rnn"].weights[f"{kind}_h"], cells["lstm"].weights[f"{kind}_g"])
        matrices = [value.tobytes() for name, value in cells["lstm"].weights.items() if name[0] == kind]
        assert len(set(matrices)) == 4
    assert lab.x.shape == (1, 7, 1)
    assert_allclose(GradientLab(length=7, input_scale=1).x * 0.5, lab.x)


def test_the_numbers_are_those_of_the_library():
    rng = np.random.default_rng(0)
    for _ in range(20):
        lab = GradientLab(**random_state(rng))
        dh = np.zeros((1, int(lab.length), 8))
        dh[0, -1] = 1 / math.sqrt(8)
        for name, cell in lab.cells.items():
            flow = gradients.flow(cell, lab.x)
            assert flow.probes is None
            assert_allclose(lab.norms[name], flow.norm, rtol=1e-12)
            raw, clipped = lab.updates[name]
            grads = cell.backward(cell.forward(lab.x), dh).weights
            assert raw == pytest.approx(gradients.global_norm(grads), rel=1e-12)
            assert clipped == pytest.approx(
                gradients.global_norm(gradients.clip_by_global_norm(grads, lab.threshold)), rel=1e-9
            )
        assert_allclose(sum(lab.paths_of_gru.values()), lab.norms["gru"], rtol=1e-10)


def test_a_change_of_a_setting_changes_the_numbers():
    lab = GradientLab()
    before = lab.norms["gru"][-1]
    for name, value in {"radius": 0.5, "gate_bias": 0, "length": 20, "input_scale": 2}.items():
        setattr(lab, name, value)
        assert lab.norms["gru"][-1] != before, name
        before = lab.norms["gru"][-1]
    assert len(lab.norms["lstm"]) == 20


def test_without_input_the_plain_rnn_is_a_power_of_its_matrix():
    lab = GradientLab(input_scale=0, radius=1.5, length=30)
    U = lab.cells["rnn"].weights["U_h"]
    expected = [np.linalg.norm(np.linalg.matrix_power(U, k)) for k in range(30)]
    assert_allclose(lab.norms["rnn"], expected, rtol=1e-12)
    assert "plain RNN explodes" in lab.summary()


def test_the_first_state_shows_what_the_lab_is_about():
    says = GradientLab().summary()
    assert "plain RNN vanishes" in says
    assert "GRU lasts" in says
    assert "LSTM fades" in says


def test_words_follow_the_numbers():
    rng = np.random.default_rng(1)
    words = set()
    for _ in range(60):
        lab = GradientLab(**random_state(rng))
        says, v = lab.summary(), lab.values()
        for cell, name in module.NAMES.items():
            ratio = lab.norms[cell][-1] / lab.norms[cell][0]
            among = ["vanishes", "fades", "lasts", "grows", "explodes"]
            word = among[np.searchsorted([1e-3, 1e-1, 1e1, 1e3], ratio)]
            words.add(word)
            assert f"{name} {word}" in says
            assert (f"{name} {v[f'raw_text_{cell}']} to " in says) == (
                v[f"raw_text_{cell}"] != v[f"clipped_text_{cell}"]
            )
        assert ("none is clipped" in says) == all(raw == clipped for raw, clipped in lab.updates.values())
        assert ("Of the GRU's gradient" in says) == (lab.paths == "show")
        shown = [int(v[f"label_{p}"].split()[1].replace("−", "-")) for p in gradients.PATHS]
        assert sum(shown) == 100
    assert words == {"vanishes", "fades", "lasts", "grows", "explodes"}


def test_percentages_add_up_as_printed():
    shown = module.percentages({"a": 0.704, "b": 0.006, "c": -0.006, "d": 0.296})
    assert shown == {"a": "70", "b": "1", "c": "−1", "d": "30"}
    assert module.percentages({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})["a"] == "34"
    assert module.percentages({"a": 0.705, "b": 0.295}) == {"a": "70", "b": "30"}
    assert module.percentages({"a": 0.0, "b": 0.0}) == {"a": "0", "b": "0"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1.00"),
        (0.0625, "0.063"),
        (0.001, "0.001"),
        (12.34, "12.3"),
        (999.4, "999"),
        (999.5, "1.0 × 10³"),
        (2.34e-8, "2.3 × 10⁻⁸"),
        (9.96e-5, "1.0 × 10⁻⁴"),
        (1.25e12, "1.3 × 10¹²"),
    ],
)
def test_written_numbers(value, text):
    assert module.power(value) == text


def test_labels_keep_apart():
    assert module.apart({"a": 100.0, "b": 101.0, "c": 300.0}, 44, 338) == {"a": 100.0, "b": 114.0, "c": 300.0}
    y = module.apart({"a": 338.0, "b": 338.0, "c": 337.0}, 44, 338)
    assert y == {"c": 310.0, "a": 324.0, "b": 338.0}
    assert module.apart({"a": 40.0, "b": 50.0}, 44, 338) == {"a": 44.0, "b": 58.0}


def test_a_curve_ends_where_the_axis_does():
    text, end = module.curve(np.array([1, 1e-6, 1e-11, 1e-13, 1e-15, 0.0]))
    assert end == 3
    assert text == "M56 190L60.2 265L64.4 327.5L68.6 340"
    text, end = module.curve(np.array([1, 1e13, 1e14, 1e13, 1.0]))
    assert text == "M56 190L60.2 40M68.6 40L72.8 190"
    assert end == 4


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"radius": math.nan}, "radius must be a number from 0.1 to 2, but nan came"),
        ({"radius": 0}, "radius must be a number from 0.1 to 2, but 0 came"),
        ({"gate_bias": 6.5}, "gate_bias must be a number from -4 to 6, but 6.5 came"),
        ({"length": 1}, "length must be a number from 2 to 100, but 1 came"),
        ({"length": 10.5}, "length must be a whole number from 2 to 100, not 10.5"),
        ({"length": "ten"}, "length must be a whole number from 2 to 100, not 'ten'"),
        ({"input_scale": -1}, "input_scale must be a number from 0 to 3, but -1 came"),
        ({"threshold": 0}, "threshold must be a number from 0.01 to 100, but 0 came"),
        ({"paths": True}, "paths must be one of 'hide', 'show', not True"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(setting, sentence):
    check_refused(GradientLab, setting, sentence)


def test_unknown_names_are_refused():
    assert set(GradientLab.settings()) == SETTINGS
    with pytest.raises(TypeError, match="GradientLab has no setting 'scale'; it has"):
        GradientLab(scale=1)


def test_what_stays_on_the_page_is_the_same_on_every_run():
    one, two = (GradientLab(radius=1.3, paths="show")._repr_mimebundle_() for _ in range(2))
    for kind in ("text/plain", "image/svg+xml", "text/html"):
        assert one[0][kind] == two[0][kind]
    assert "application/vnd.jupyter.widget-view+json" in one[0]
    assert repr(GradientLab()).startswith("GradientLab: |dh_T/dh_t| at lag 59: plain RNN ")


@pytest.mark.parametrize("paths", ["hide", "show"])
@pytest.mark.parametrize(
    "extreme", [{}, {"input_scale": 0, "radius": 2, "length": 100}, {"radius": 0.1, "length": 100}]
)
def test_stored_picture_stands_alone_and_speaks(paths, extreme):
    lab = GradientLab(paths=paths, **extreme)
    data, metadata = lab._repr_mimebundle_()
    text = data["image/svg+xml"]
    root = ElementTree.fromstring(text)
    alt = root.get("aria-label")
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == alt == metadata["image/svg+xml"]["alt"] == lab.summary()
    assert f'alt="{alt}"' in data["text/html"].replace("&#x27;", "'")
    for mark in ("var(", "data-", " id=", "url(", "nan", "inf"):
        assert mark not in text, mark
    assert ("share of each path" in text) == (paths == "show")
    assert root.get("height") == ("598" if paths == "show" else "426")
    assert len(text) < 25_000


def test_cells_have_the_colours_of_the_figures_and_no_gate_has_them():
    palette = light_palette()
    assert {cell: palette[cell] for cell in module.CELLS} == {cell: figures.COLOURS[cell] for cell in module.CELLS}
    assert len(set(figures.COLOURS.values())) == len(figures.COLOURS)
    svg = GradientLab().svg()
    for cell, colour in ((cell, figures.COLOURS[cell]) for cell in module.CELLS):
        assert f".gl-gradients .gl-{cell} {{ stroke: {colour}; }}" in svg
        assert f".gl-gradients .gl-text-{cell} {{ fill: {colour};" in svg
