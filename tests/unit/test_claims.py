"""Claims: what a verdict follows from, and the ten of them measured again from the stored results in another way."""

import math
import shutil
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_lib import comparison, experiments, systems, trials
from gru_lib.claims import ANSWERS, VERDICTS, Claim, Part, Table


def part(low, high, claimed="below", mark=1.0, when="a condition"):
    return Part(when, (low + high) / 2, low, high, claimed, mark)


def claim(*parts):
    return Claim(1, "A claim.", "somebody", "An experiment.", "a ratio", "a command", parts)


@pytest.mark.parametrize(
    ("given_part", "answer"),
    [
        (part(0.8, 0.9), "holds"),
        (part(0.8, 1.0), "not shown"),
        (part(0.8, 1.1), "not shown"),
        (part(1.0, 1.1), "does not hold"),
        (part(1.2, 1.3), "does not hold"),
        (part(0.8, 0.9, "above"), "does not hold"),
        (part(0.8, 1.0, "above"), "does not hold"),
        (part(0.9, 1.2, "above"), "not shown"),
        (part(1.1, 1.2, "above"), "holds"),
        (part(0.97, 1.04, "within", 1.05), "holds"),
        (part(0.94, 1.04, "within", 1.05), "not shown"),
        (part(1.04, 1.2, "within", 1.05), "not shown"),
        (part(1.06, 1.2, "within", 1.05), "does not hold"),
        (part(0.8, 0.95, "within", 1.05), "does not hold"),
    ],
)
def test_the_answer_is_where_the_whole_interval_lies(given_part, answer):
    assert given_part.answer == answer


@given(st.floats(-5, 5), st.floats(0, 5), st.sampled_from(["below", "above"]))
def test_a_part_and_its_contrary_never_both_hold(low, width, claimed):
    other = {"below": "above", "above": "below"}[claimed]
    answers = part(low, low + width, claimed).answer, part(low, low + width, other).answer
    assert set(answers) <= set(ANSWERS)
    assert answers != ("holds", "holds")
    assert (answers[0] == "holds") <= (answers[1] == "does not hold")


def test_the_verdict_follows_from_the_parts():
    yes, no, open_ = part(0.5, 0.6, when="small"), part(1.5, 1.6, when="large"), part(0.9, 1.6, when="middling")
    assert claim(yes, yes).verdict == claim(yes, yes).sentence == "holds"
    assert claim(no, open_).verdict == claim(open_).verdict == "not here"
    mixed = claim(no, yes, open_)
    assert (mixed.verdict, mixed.sentence) == ("holds only when", "holds only when: small")
    assert {claim(yes).verdict, claim(no).verdict, mixed.verdict} == set(VERDICTS)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((), "has no parts"),
        ((Part("x", 2.0, 0.0, 1.0, "below", 1.0),), "not in its interval"),
        ((Part("x", 0.5, 0.0, 1.0, "under", 1.0),), "claimed must be"),
        ((Part("x", 0.5, 0.0, 1.0, "within", 0.9),), "within needs a mark above 1"),
        ((Part("x", math.nan, math.nan, math.nan, "below", 1.0),), "not in its interval"),
    ],
)
def test_a_claim_refuses_what_makes_no_sense(parts, said):
    with pytest.raises(ValueError, match=said):
        claim(*parts)


class Cells(HTMLParser):
    """The texts of a table's cells."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += text


def test_the_table_says_all_in_text_and_in_html():
    strange = Claim(7, "a < b & c", "<i>x</i>", "e", "u", "python -m x", (part(0.5, 0.6, when='"when"'), part(2, 3)))
    table = Table([claim(part(0.5, 0.5)), strange])
    rows = Cells(table._repr_html_()).rows
    assert [len(row) for row in rows] == [6, 6, 6]
    assert rows[2][:3] == ["7. a < b & c", "<i>x</i>", "e"]
    assert rows[2][4] == 'holds only when: "when"'
    assert "0.55 (0.5 to 0.6)" in rows[2][3]
    assert rows[1][3] == "a ratio. 1 parts: 1 holds; from 0.5 [a condition]"  # an exact number has no interval
    assert (
        rows[2][3]
        == 'u. 2 parts: 1 holds, 1 does not hold; from 0.55 (0.5 to 0.6) ["when"] to 2.5 (2 to 3) [a condition]'
    )
    one = Cells(strange._repr_html_()).rows
    assert one[1] == ['"when"', "0.55", "0.5 to 0.6", "below 1", "holds", "", ""]
    assert one[2][1:5] == ["2.5", "2 to 3", "below 1", "does not hold"]
    assert "Verdict: <strong>holds only when</strong>: &quot;when&quot;." in strange._repr_html_()
    for text in ("a < b & c", "<i>x</i>", "verdict: holds only when", "again: python -m x", "0.55 (0.5 to 0.6)"):
        assert text in repr(table)


@pytest.fixture(scope="module")
def claims():
    return trials.all_claims()


def test_ten_claims_each_with_all_it_needs(claims):
    assert [claim.number for claim in claims] == list(range(1, 11))
    for found in claims:
        assert all((found.text, found.who, found.experiment, found.unit))
        assert found.redo.startswith("python ")
        assert len({part.when for part in found.parts}) == len(found.parts)


def copy(folder, name, change):
    """A folder with the stored results, one of the files changed."""
    shutil.copytree(trials.FOLDER, folder, dirs_exist_ok=True)
    frame = pd.read_csv(folder / name, dtype=str, keep_default_na=False)
    change(frame).to_csv(folder / name, index=False)
    return folder


def test_the_verdict_on_speed_is_that_of_the_file(claims, tmp_path):
    timed = pd.read_csv(trials.FOLDER / "keras_speed.csv")
    logs = np.log(timed.pivot(index=["units", "round"], columns="cell", values="milliseconds"))
    ratio = np.exp((logs["GRU"] - logs["LSTM"]).groupby("units").mean())
    assert [part.estimate for part in claims[1].parts] == pytest.approx(list(ratio))
    other = {"GRU": "LSTM", "LSTM": "GRU", "RNN": "RNN"}
    turned = trials.trains_faster(copy(tmp_path, "keras_speed.csv", lambda f: f.assign(cell=f["cell"].map(other))))
    for one, two in zip(claims[1].parts, turned.parts, strict=True):
        assert one.estimate * two.estimate == pytest.approx(1)
        assert {one.answer, two.answer} in ({"holds", "does not hold"}, {"not shown"})


def test_gru_and_lstm_meet_in_two_fair_arms(claims):
    """Every comparison with equal units has a second one, save where no second was trained."""
    for number in (3, 8):
        names = [part.when for part in claims[number - 1].parts]
        units = {name.removesuffix(", equal units") for name in names if name.endswith("equal units")}
        large = {name.removesuffix(", equal parameters") for name in names if name.endswith("equal parameters")}
        assert large <= units
        assert units - large <= {"price returns"}
        assert len(large) >= 4
    runs = experiments.read(trials.FOLDER / "keras_price.csv")
    lstm = runs[runs["cell"] == "LSTM"]["params"].iloc[0]
    _, large = trials._arms(runs, "price")
    assert large["params"].iloc[0] == pytest.approx(lstm, rel=0.02)
    assert len(large) >= 10


def test_the_verdict_on_accuracy_is_that_of_the_files(claims):
    runs = experiments.read(trials.FOLDER / "keras_bank.csv")
    runs = runs[(runs["data"] == "bankex") & (runs["horizon"] == 20) & (runs["source"] == "sample")]
    units = systems.SYSTEMS["bank"].units
    runs = runs[runs["units"] == units].sort_values("seed")
    ten = {
        cell: pd.Series([np.mean(np.array(a) / b) for a, b in zip(at["series_rmse"], at["series_naive"], strict=True)])
        for cell, at in runs.groupby("cell")
    }
    gru, lstm = ten["GRU"], ten["LSTM"]
    found = next(part for part in claims[2].parts if part.when == "bankex, 20 days ahead, equal units")
    assert found.estimate == pytest.approx(np.prod(gru.to_numpy() / lstm.to_numpy()) ** 0.1)
    pairs = [(a > b) + (a == b) / 2 for a in gru for b in lstm]
    test = comparison.mann_whitney(gru, lstm)
    assert test.u == sum(pairs)
    assert found.p == test.p
    assert found.n == "10 pairs"


def test_the_verdict_on_bitcoin_turns_when_the_numbers_do(claims, tmp_path):
    assert claims[6].parts[0].estimate > 1
    better = copy(
        tmp_path, "keras_price.csv", lambda f: f.assign(rmse=[f"{0.9 * float(x):g}" for x in f["naive_rmse"]])
    )
    turned = trials.forecasts_bitcoin(better)
    assert turned.verdict == "holds"
    assert [part.estimate for part in turned.parts] == pytest.approx([0.9] * len(turned.parts), rel=1e-4)


def test_the_baselines_of_the_temperature_are_computed_on_the_same_days(claims):
    found = {part.when: part.estimate for part in claims[8].parts}
    gru = experiments.read(trials.FOLDER / "keras_temperature.csv")
    noise = gru[(gru["data"] == "noise") & (gru["cell"] == "GRU")]
    values = 25 + 5 * np.random.RandomState(42).randn(8000)
    test, mean = values[6800:], values[:5600].mean()
    assert noise["rmse"].mean() / np.sqrt(np.mean((test - mean) ** 2)) == pytest.approx(
        found["the tutorial's series, against the training part's mean"], rel=1e-5
    )
    last = np.sqrt(np.mean((test - values[6799:-1]) ** 2))
    assert noise["rmse"].mean() / last == pytest.approx(
        found["the tutorial's series, against the last value"], rel=1e-5
    )


def test_what_is_measured_without_a_file():
    assert [part.estimate for part in trials.fewer_parameters().parts[:2]] == [
        0.75,
        pytest.approx(3 * (50 + 2500 + 100) / (4 * (50 + 2500 + 50))),
    ]


def test_a_difference_of_shares_as_published():
    """Newcombe's interval uses Wilson's; with exact ones it is wider and holds the same middle."""
    found = comparison.share_difference(56, 70, 48, 80)
    assert found.difference == pytest.approx(0.2)
    # Newcombe 1998, table II, example (a), method 10: 0.0524 to 0.3339
    assert found.low < 0.0524 < 0.3339 < found.high
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=0.02)
    turned = comparison.share_difference(48, 80, 56, 70)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_the_exact_interval_of_a_share():
    assert comparison.share_interval(10, 10)[1:] == pytest.approx((0.025**0.1, 1.0))
    assert comparison.share_interval(0, 5)[1:] == pytest.approx((0.0, 1 - 0.025**0.2))
    found = comparison.share_interval(3, 8)
    tail = [sum(math.comb(8, k) * p**k * (1 - p) ** (8 - k) for k in ks) for p, ks in
            ((found.low, range(3, 9)), (found.high, range(4)))]  # fmt: skip
    assert tail == pytest.approx([0.025, 0.025])


def test_an_interval_of_two_samples_knows_its_own_width():
    rng = np.random.default_rng(0)
    a, b = rng.normal(10, 1, 40), rng.normal(8, 2, 30)
    found = comparison.interval(a, b, "difference")
    assert found.difference == pytest.approx(a.mean() - b.mean())
    half = 1.96 * np.sqrt(a.var(ddof=1) / 40 + b.var(ddof=1) / 30)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)
    ratio = comparison.interval(a, b)
    assert ratio.difference == pytest.approx(a.mean() / b.mean())
    assert ratio.low < ratio.difference < ratio.high
    assert comparison.interval(a, [2.0, 2.0]).low == pytest.approx(
        comparison.paired_interval(a, 0 * a).low / 2, rel=0.01
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: comparison.interval([1.0, 2.0], [0.0, 1.0]), "values above 0"),
        (lambda: comparison.interval([1.0, 2.0], [1.0, 2.0], "quotient"), "kind must be"),
        (lambda: comparison.interval([1.0, 2.0], [1.0, 2.0], level=1), "level must be"),
        (lambda: comparison.share_interval(3, 2), "hits must be a whole number from 0 to 2"),
        (lambda: comparison.share_interval(True, 2), "hits must be a whole number"),
        (lambda: comparison.share_interval(1, 2, level=0), "level must be"),
    ],
)
def test_the_intervals_refuse(call, said):
    with pytest.raises(ValueError, match=said):
        call()
