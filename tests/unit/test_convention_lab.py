"""ConventionLab without a browser: which readings of the same arrays are one function, and what the counts are."""

import numpy as np
import pytest
from lab_checks import check_refused

from gru_lib import GRU
from gru_lib.conventions import CONVENTIONS
from gru_lib.labs.convention_lab import READINGS, STEPS, ConventionLab, lay_out

BEFORE = ("Cho 2014", "Keras before", "ONNX 0", "Chung 2014")
AFTER = ("Keras after", "ONNX 1", "PyTorch")


def by_hand(lab, name):
    """The states of one reading, from the equations alone."""

    def sigma(a):
        return 1 / (1 + np.exp(-a))

    W, U, b, c = (np.split(part, 3, axis=-1) for part in lab.arrays)
    at = {gate: "rzh".index(gate) if name == "PyTorch" else "zrh".index(gate) for gate in "zrh"}
    h, states = np.zeros(lab.units), []
    for x in lab.x:
        z, r = (sigma(x @ W[at[g]] + h @ U[at[g]] + b[at[g]] + c[at[g]]) for g in "zr")
        inner = r * (h @ U[2] + c[2]) if name in AFTER else (r * h) @ U[2] + c[2]
        candidate = np.tanh(x @ W[2] + b[2] + inner)
        keep = 1 - z if name == "Chung 2014" else z
        h = keep * h + (1 - keep) * candidate
        states.append(h)
    return np.array(states)


@pytest.mark.parametrize("units", [1, 2, 3, 4])
@pytest.mark.parametrize("recurrent_bias", [0, 1, 2])
def test_outputs_satisfy_the_equations_of_each_convention(units, recurrent_bias):
    for seed in range(1, 6):
        lab = ConventionLab(units=units, inputs=1 + seed % 3, seed=seed, recurrent_bias=recurrent_bias)
        assert list(lab.outputs) == [*BEFORE, *AFTER] == list(READINGS)
        for name, h in lab.outputs.items():
            assert h.shape == (STEPS, units)
            np.testing.assert_allclose(h, by_hand(lab, name), atol=1e-12)


def test_pairs_of_several_units():
    for seed in range(1, 6):
        lab = ConventionLab(seed=seed, units=2)
        for (one, other), pair in lab.differences.items():
            if (one in BEFORE) != (other in BEFORE):
                assert pair.verdict == "never"
                assert min(pair.same_weights, pair.mapped) > 1e-4
            elif ("Chung 2014" in (one, other) or "PyTorch" in (one, other)) and one != other:
                assert pair.verdict == "after mapping"
                assert pair.same_weights > 1e-3
                assert pair.mapped < 1e-14
                assert pair.mapping == ("−z" if "Chung 2014" in (one, other) else "z⇄r")
            else:
                assert pair.verdict == "same"
                assert pair.same_weights == 0


def test_one_unit_without_recurrent_bias_does_not_tell_before_from_after():
    lab = ConventionLab(units=1, recurrent_bias=0)
    assert lab.differences["Keras before", "Keras after"].verdict == "same"
    assert lab.differences["PyTorch", "Chung 2014"].verdict == "after mapping"
    assert all(pair.verdict != "never" for pair in lab.differences.values())
    lab.recurrent_bias = 1
    assert lab.differences["Keras before", "Keras after"].verdict == "after mapping"
    assert lab.differences["Keras after", "Keras before"].verdict == "never"
    lab.units = 2
    lab.recurrent_bias = 0
    assert lab.differences["Keras before", "Keras after"].verdict == "never"


def test_counts_are_those_of_real_layers():
    lab = ConventionLab()
    assert lab.counts == {"GRU, one bias": 150, "GRU, two biases": 165, "LSTM, one bias": 200}
    for d, h in ((1, 1), (4, 5), (512, 512), (7, 33)):
        lab.d, lab.h = d, h
        assert lab.counts["GRU, one bias"] == GRU(d, h, reset="before", seed=0).n_params
        assert lab.counts["GRU, two biases"] == GRU(d, h, reset="after", seed=0).n_params
        assert lab.counts["LSTM, one bias"] == 4 * h * (d + h + 1)
        v = lab.values()
        for k in range(3):
            left, right = v[f"term_{k}"].replace(",", "").replace("×", "*").split(" = ")
            assert eval(left) == eval(right) == v[f"total_{k}"]


def test_readings_are_rows_of_the_table_of_conventions():
    assert set(READINGS.values()) <= set(CONVENTIONS)
    rows = {row["name"]: row for row in ConventionLab()._spec["readings"]}
    assert rows["PyTorch"] == {"name": "PyTorch", "order": "rzh", "reset": "after", "update": "keep"}
    assert rows["Chung 2014"] == {"name": "Chung 2014", "order": "zrh", "reset": "before", "update": "write"}


def test_laying_out_twice_gives_the_arrays_back():
    lab = ConventionLab(recurrent_bias=0)
    for name, gru in lab.grus.items():
        for came, given in zip(lay_out(name, gru), lab.arrays, strict=True):
            np.testing.assert_array_equal(came, given)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"units": 5}, "units must be a number from 1 to 4, but 5 came"),
        ({"units": 2.5}, "units must be a whole number from 1 to 4, not 2.5"),
        ({"inputs": True}, "inputs must be a whole number from 1 to 3, not True"),
        ({"seed": "one"}, "seed must be a whole number from 1 to 5, not 'one'"),
        ({"recurrent_bias": float("nan")}, "recurrent_bias must be a number from 0 to 2, but nan came"),
        ({"h": 513}, "h must be a number from 1 to 512, but 513 came"),
        ({"step": 0}, "step must be a number from 1 to 6, but 0 came"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(setting, sentence):
    check_refused(ConventionLab, setting, sentence)


def test_unknown_names_are_refused():
    with pytest.raises(TypeError, match="ConventionLab has no setting 'hidden'"):
        ConventionLab(hidden=3)


def test_what_stays_on_the_page():
    one, two = (ConventionLab(units=4, seed=2)._repr_mimebundle_() for _ in range(2))
    for kind in ("text/plain", "image/svg+xml", "text/html"):
        assert one[0][kind] == two[0][kind]
    lab = ConventionLab()
    data, metadata = lab._repr_mimebundle_()
    svg = data["image/svg+xml"]
    assert data["text/plain"] == "ConventionLab: 4 functions from one set of weights"
    assert metadata["image/svg+xml"]["alt"] == lab.summary()
    assert "150 parameters with one bias, 165 with two; an LSTM has 200" in lab.summary()
    for wanted in ("Keras before", "no mapping", "z⇄r", "3h(d + h + 2)", "3 × (20 + 25 + 10) = 3 × 55"):
        assert wanted in svg
    assert "var(" not in svg
    assert "data-" not in svg
    assert len(svg) < 30_000
