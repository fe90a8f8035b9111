"""What experiments are made of, without Keras: systems, prepared data, statistics, the table, many processes."""

import os
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gru_lib import GRU, LSTM, SimpleRNN, comparison, datasets, experiments, runs, systems, windows
from gru_lib._checks import DataError
from gru_lib.preparation import LONGEST, MISSING, PAD, UNKNOWN, prepare, words_of
from gru_lib.runs import Run


@pytest.mark.parametrize(("inputs", "units"), [(1, 1), (7, 75), (4, 5), (30, 2)])
def test_parameters_of_a_layer_are_those_of_the_numpy_cells(inputs, units):
    def derived(*arguments):
        return sum(systems.layer_parameters(*arguments).values())

    assert derived("GRU", inputs, units, True) == GRU(inputs, units, reset="after").n_params
    assert derived("GRU", inputs, units, False) == GRU(inputs, units, reset="before").n_params
    assert derived("LSTM", inputs, units) == LSTM(inputs, units).n_params
    assert derived("RNN", inputs, units) == SimpleRNN(inputs, units).n_params


def test_the_counts_that_the_source_of_the_power_system_prints():
    power = systems.SYSTEMS["power"]
    assert systems.count(power, "LSTM") == 44_971
    assert systems.count(power, "GRU", reset_after=False) == 33_736
    assert systems.count(power, "GRU") == 34_141


def test_parameters_names_each_layer():
    found = systems.parameters(systems.SYSTEMS["reviews"], "LSTM")
    assert found == [("Embedding", 160_000), ("LSTM(32)", 4 * 32 * (32 + 32 + 1)), ("Dense(1)", 33)]
    assert systems.parameters(systems.system("bank", horizon=20))[-1] == ("Dense(20)", 65 * 20)


@pytest.mark.parametrize("name", systems.SYSTEMS)
@pytest.mark.parametrize("cell", systems.CELLS)
def test_resize_comes_near_and_keeps_the_proportions(name, cell):
    plan = systems.SYSTEMS[name]
    target = systems.count(plan, "LSTM")
    sized = systems.resize(plan, cell, target)
    assert abs(systems.count(sized, cell) - target) < 0.02 * target
    factors = [new / old for new, old in zip(sized.units, plan.units, strict=True)]
    assert max(factors) - min(factors) < 1 / min(plan.units)
    assert replace(sized, units=plan.units) == plan
    for step in (-1, 1):  # no whole number of units more or less comes nearer
        other = replace(sized, units=tuple(units + step for units in sized.units))
        assert abs(systems.count(other, cell) - target) >= abs(systems.count(sized, cell) - target)


def test_resize_of_the_same_cell_changes_nothing():
    plan = systems.SYSTEMS["price"]
    assert systems.resize(plan, "GRU", systems.count(plan, "GRU")) == plan


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: systems.system("weather"), ValueError, "name must be 'price' or 'power'"),
        (lambda: systems.system("power", window=0), ValueError, "window must be at least 1"),
        (lambda: systems.system("power", units=()), ValueError, "at least one recurrent layer"),
        (lambda: systems.system("power", units=(30, 0)), ValueError, "units must be at least 1"),
        (lambda: systems.layer_parameters("GRU ", 1, 1), ValueError, "cell must be 'GRU' or 'LSTM' or 'RNN'"),
        (lambda: systems.resize(systems.SYSTEMS["power"], "GRU", 10), ValueError, "10 parameters are too few"),
        (lambda: Run("power", "gru", 0), ValueError, "cell must be"),
        (lambda: Run("power", "GRU", 0, missing="mean"), ValueError, "missing must be"),
        (lambda: Run("power", "GRU", 0, source="web"), ValueError, "source must be"),
        (lambda: Run("power", "GRU", 0, epochs=-1), ValueError, "epochs must be at least 1"),
        (lambda: Run("price", "GRU", 0, target="price"), ValueError, "target must be 'level' or 'return'"),
        (lambda: Run("price", "GRU", 0, back=-1), ValueError, "back must be at least 1"),
        (lambda: Run("price", "GRU", 0, share=0.0), ValueError, "share must be above 0 and at most 1"),
        (lambda: Run("price", "GRU", 0, data="gold"), ValueError, "data must be 'bitcoin' or"),
        (lambda: Run("reviews", "GRU", 0, data="noise"), ValueError, "reviews reads words"),
        (lambda: prepare(systems.SYSTEMS["power"], "mean"), ValueError, "missing must be"),
        (lambda: prepare(systems.SYSTEMS["price"], share=1.5), ValueError, "share must be above 0 and at most 1"),
        (lambda: prepare(systems.SYSTEMS["price"], target="change"), ValueError, "target must be 'level' or 'return'"),
        (lambda: prepare(systems.SYSTEMS["reviews"], back=1), ValueError, "reviews have no order in time"),
        (lambda: prepare(systems.SYSTEMS["price"], back=5), DataError, "leave nothing to train on"),
    ],
)
def test_what_makes_no_sense_is_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_a_run_takes_what_is_not_given_from_its_system():
    run = Run("power", "GRU", 3)
    assert (run.units, run.window, run.horizon, run.epochs) == ((75, 30, 30), 1, 1, 10)
    assert run == Run("power", "GRU", 3, units=[75, 30, 30])
    assert Run("bank", "LSTM", 0, horizon=20).plan.horizon == 20


@pytest.mark.parametrize("name", [name for name in systems.SYSTEMS if name != "reviews"])
def test_prepared_forecasts_are_windows_of_the_scaled_series(name):
    plan = systems.SYSTEMS[name]
    data, frame = prepare(plan), datasets.load(plan.data, source="sample").frame
    columns = list(plan.columns) or list(frame.select_dtypes("number"))
    values = frame[columns].to_numpy(float)
    cut = round(0.7 * len(values))
    low, high = np.nanmin(values[:cut], axis=0), np.nanmax(values[:cut], axis=0)
    scaled = (values - low) / (high - low)
    target = columns.index(plan.column)
    np.testing.assert_allclose(data.X["train"][0], scaled[: plan.window], rtol=0, atol=1e-6)
    np.testing.assert_allclose(data.y["train"][0], scaled[plan.window, [target]], rtol=0, atol=1e-6)
    np.testing.assert_allclose(data.X["test"][-1], scaled[-plan.window - 1 : -1], rtol=0, atol=1e-6)
    assert data.truth[-1] == values[-1, target]
    assert data.naive[-1] == values[-2, target]
    np.testing.assert_allclose(data.inverse(data.y["test"]), data.truth, rtol=1e-5)
    np.testing.assert_allclose(data.y["test"][:-1, 0], data.X["test"][1:, -1, target], rtol=0, atol=1e-6)
    assert data.X["train"].dtype == data.y["test"].dtype == np.float32
    assert data.X["train"].min() >= -1e-6
    assert data.X["train"].max() <= 1 + 1e-6
    assert "generated" in data.caption


def test_every_way_with_missing_values_is_judged_on_the_same_rows():
    plan = systems.system("power", window=5)
    ways = {missing: prepare(plan, missing) for missing in MISSING}
    sizes = {missing: len(data.X["train"]) for missing, data in ways.items()}
    rows = round(0.7 * 10_080) - 5  # of the training part; two outages, 2 and 120 minutes, lie in it
    short, long = 2 + 5, 120 + 5  # windows that touch one
    left = {"skip": rows - short - long, "previous": rows - long}
    assert sizes == {"zero": rows, "linear": rows, "keep": rows, **left}
    assert 2 < LONGEST < 120
    for missing, data in ways.items():
        np.testing.assert_array_equal(data.truth, ways["skip"].truth)
        np.testing.assert_array_equal(data.naive, ways["skip"].naive)
        assert np.isnan(data.X["train"]).any() == (missing == "keep")
        assert np.isfinite(data.X["test"]).all()
        assert ("filled" in data.caption) == (missing in ("zero", "previous", "linear"))
    zero = ways["zero"]
    assert zero.scaler.offset[2] == 0  # a voltage of 0 V, which was never measured, is now the smallest
    assert ways["skip"].scaler.offset[2] > 200


def test_returns_are_learned_as_returns_and_told_as_prices():
    plan = systems.SYSTEMS["price"]
    data = prepare(systems.system("price", horizon=3), target="return")
    close = datasets.load("bitcoin", source="sample").frame["Close"].to_numpy()
    steps = close[1:] / close[:-1]
    known = np.log(steps[: round(0.7 * len(close)) - 1])
    window = (np.log(steps[:60]) - known.mean()) / known.std()
    np.testing.assert_allclose(data.X["train"][0, :, 0], window, atol=1e-5)
    np.testing.assert_allclose(data.inverse(data.y["test"]), data.truth, rtol=1e-5)
    np.testing.assert_array_equal(data.truth[-1], close[-3:])
    np.testing.assert_array_equal(data.naive[-1], close[[-4, -4, -4]])
    flat = data.inverse(np.full((len(data.truth), 3), -known.mean() / known.std()))  # every return 0
    np.testing.assert_allclose(flat, data.naive)
    levels = prepare(plan)
    np.testing.assert_array_equal(prepare(plan, target="return").truth, levels.truth)


def test_returns_are_those_of_the_filled_prices(monkeypatch):
    sample = datasets.load("bitcoin", source="sample")
    holed = sample.frame.copy()
    holed.iloc[100:103, holed.columns.get_loc("Close")] = np.nan
    monkeypatch.setattr(datasets, "load", lambda name, source: replace(sample, frame=holed))
    plan = systems.SYSTEMS["price"]
    filled, left_out = (prepare(plan, missing, target="return") for missing in ("previous", "skip"))
    assert len(filled.X["train"]) == len(prepare(plan, "previous").X["train"]) - 1  # the first day has no return
    assert len(left_out.X["train"]) == len(filled.X["train"]) - 64  # 3 + 1 returns are not known, for 60 windows
    np.testing.assert_array_equal(filled.truth, left_out.truth)


def test_what_has_no_return_is_an_error_that_names_the_place():
    with pytest.raises(DataError, match=r"seattle.*, column temp_max: position \d+: a value not above 0 has no return"):
        prepare(systems.on(systems.SYSTEMS["temperature"], "seattle"), target="return", source="real")


def test_further_back_nothing_later_is_known():
    plan = systems.SYSTEMS["price"]
    now, earlier = prepare(plan), prepare(plan, back=1)
    n, test = 1461, len(now.truth)
    assert len(earlier.truth) == test
    assert earlier.positions[-1] == now.positions[0] - 1 == n - test - 1
    assert len(earlier.X["train"]) == len(now.X["train"]) - test
    close = datasets.load("bitcoin", source="sample").frame["Close"].to_numpy()
    part = close[: round(0.7 * n) - test]
    assert (earlier.scaler.offset[0], earlier.scaler.scale[0]) == (part.min(), np.ptp(part))


def test_a_share_of_the_training_part_is_its_last_rows():
    plan = systems.SYSTEMS["price"]
    whole, some = prepare(plan), prepare(plan, share=0.4)
    np.testing.assert_array_equal(some.truth, whole.truth)
    n = round(0.4 * round(0.7 * 1461))
    assert len(some.y["train"]) == n
    close = datasets.load("bitcoin", source="sample").frame["Close"].to_numpy()
    last = close[round(0.7 * 1461) - n : round(0.7 * 1461)]
    np.testing.assert_allclose(some.scaler.inverse(some.y["train"], column=0)[:, 0], last, rtol=1e-5)
    assert some.scaler.offset[0] == last.min()
    words = [prepare(systems.SYSTEMS["reviews"], share=share) for share in (0.1, 1.0)]
    np.testing.assert_array_equal(words[0].truth, words[1].truth)
    assert len(words[0].X["train"]) == 28
    assert words[0].X["train"].max() < words[1].X["train"].max()  # fewer words are known


def test_another_series_for_the_same_network():
    plan = systems.on(systems.SYSTEMS["temperature"], "seattle")
    data = prepare(plan, source="real")
    highest = datasets.load("seattle").frame["temp_max"].to_numpy()
    np.testing.assert_array_equal(data.truth[:, 0], highest[-len(data.truth) :])
    assert "generated" not in data.caption
    assert systems.count(plan) == systems.count(systems.SYSTEMS["temperature"])
    assert systems.on(plan, "seattle") is plan


@pytest.mark.parametrize("name", ["price", "bank", "temperature"])
def test_the_linear_baseline_is_least_squares_on_the_training_part(name):
    data = prepare(systems.SYSTEMS[name])
    X, y = data.X["train"].astype(float), data.y["train"].astype(float)
    design = np.column_stack([X.reshape(len(X), -1), np.ones(len(X))])
    new = data.X["test"].reshape(len(data.X["test"]), -1)
    weights = np.linalg.pinv(design) @ y
    expected = data.scaler.inverse(np.column_stack([new, np.ones(len(new))]) @ weights, column=0)
    np.testing.assert_allclose(data.linear, expected, rtol=1e-4)


def test_tags_are_no_words():
    text = "Well<br /><br />done, Zoë's 2nd <i>café</i>: it's GOOD. 'quoted' a < b"
    assert words_of(text) == ["well", "done", "zoë's", "nd", "café", "it's", "good", "quoted", "a", "b"]
    data = prepare(systems.SYSTEMS["reviews"])
    assert "br" not in data.words
    first = [data.words[number] for number in data.X["train"][0] if number > UNKNOWN]
    order = np.random.default_rng(0).permutation(400)
    assert first == [word for word in words_of(data.data.frame["review"][order[0]]) if word in data.words]


def test_no_word_of_another_part_has_a_number():
    data = prepare(systems.SYSTEMS["reviews"])
    assert data.X["train"].shape[1] == 500
    assert set(np.unique(data.truth)) == {0, 1}
    known = set(np.unique(data.X["train"])) - {PAD, UNKNOWN}
    for part in ("validation", "test"):
        assert set(np.unique(data.X[part])) <= known | {PAD, UNKNOWN}
    assert sum(map(len, data.X.values())) == 400
    assert len(np.unique(np.concatenate(list(data.X.values())), axis=0)) > 390  # no review twice
    small = prepare(systems.system("reviews", vocabulary=20))
    assert max(int(X.max()) for X in small.X.values()) == 19
    assert (small.X["test"] == UNKNOWN).any()
    first = data.X["train"][0]
    assert (np.diff((first != PAD).astype(int)) >= 0).all()  # padded in front
    last = prepare(systems.system("reviews", window=10)).X["train"][0]
    np.testing.assert_array_equal(last, first[-10:])


def test_a_word_of_the_test_part_alone_is_unknown(monkeypatch):
    sample = datasets.load("reviews", source="sample")
    marked = sample.frame.copy()
    letters = [chr(97 + i // 26) + chr(97 + i % 26) for i in range(len(marked))]
    marked["review"] = [f"{text} qqq{mark}" for text, mark in zip(marked["review"], letters, strict=True)]
    monkeypatch.setattr(datasets, "load", lambda name, source: replace(sample, frame=marked))
    data = prepare(systems.SYSTEMS["reviews"])
    assert (data.X["test"][:, -1] == UNKNOWN).all()
    assert (data.X["validation"][:, -1] == UNKNOWN).all()
    assert len(np.unique(data.X["train"][:, -1])) == len(data.X["train"])


def test_a_target_that_is_not_the_first_column():
    data, frame = prepare(systems.system("power", column="Voltage")), datasets.load("power", source="sample").frame
    volts = frame["Voltage"].to_numpy()
    assert data.truth[-1] == volts[-1]
    assert data.naive[-1] == volts[-2]
    np.testing.assert_allclose(data.inverse(data.y["test"]), data.truth, rtol=1e-5)
    np.testing.assert_allclose(data.y["train"][0], (volts[1] - np.nanmin(volts[:7056])) / np.ptp(known(volts[:7056])))


def known(values):
    return values[~np.isnan(values)]


def by_hand(a, b):
    return sum(1.0 if x > y else 0.5 if x == y else 0.0 for x in a for y in b)


def test_mann_whitney_counts_pairs_and_every_arrangement():
    a, b = [3.1, 4.0, 5.5], [1.0, 2.0, 3.5, 0.5]
    found = comparison.mann_whitney(a, b)
    assert found.u == by_hand(a, b) == 11
    assert found.above == pytest.approx(11 / 12)
    pool, centre = a + b, len(a) * len(b) / 2
    every = [by_hand(order[:3], order[3:]) for order in permutations(pool)]
    extreme = np.mean([abs(u - centre) >= abs(found.u - centre) for u in every])
    assert found.p == pytest.approx(extreme)


def test_what_its_docstring_says_of_few_seeds():
    for n, p in ((3, 0.1), (5, 0.008)):
        assert comparison.mann_whitney(range(n), range(10, 10 + n)).p == pytest.approx(p, abs=5e-4)


def test_a_paired_interval_knows_pairs():
    rng = np.random.default_rng(1)
    level = rng.normal(0, 100, 30)
    a, b = level + rng.normal(1.0, 0.5, 30), level
    found = comparison.paired_interval(a, b)
    assert found.difference == pytest.approx(np.mean(a - b))
    half = 1.96 * np.std(a - b, ddof=1) / 30**0.5
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)
    assert 0.5 < found.low < found.difference < found.high < 1.5
    assert comparison.paired_interval(a, b) == found
    assert comparison.paired_interval(b, a).difference == -found.difference
    narrow = comparison.paired_interval(a, b, level=0.5)
    assert found.low < narrow.low < narrow.high < found.high


def test_a_paired_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(2)
    inside = 0
    for seed in range(200):
        found = comparison.paired_interval(rng.normal(0.3, 1, 25), np.zeros(25), level=0.9, resamples=400, seed=seed)
        inside += found.low <= 0.3 <= found.high
    assert 0.8 < inside / 200 < 0.97


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: comparison.mann_whitney([1.0], [1.0, 2.0]), "a must hold at least 2 values, not 1"),
        (lambda: comparison.mann_whitney([1.0, 2.0], [1.0, np.nan]), "b has 1 values that are NaN"),
        (lambda: comparison.paired_interval([1.0, 2.0], [1.0, 2.0, 3.0]), "they must come in pairs"),
        (lambda: comparison.paired_interval([1.0, 2.0], [1.0, 2.0], level=95), "level must be between 0 and 1"),
    ],
)
def test_statistics_refuse(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def row(run, **changes):
    """A row of the table that no model has been run for."""
    values = dict.fromkeys(runs.COLUMNS, "x") | {field: getattr(run, field) for field in run.__dataclass_fields__}
    values |= {"params": 12, "end": "finished", "losses": (0.25, 0.125), "validation": (0.5, float("nan"))}
    values |= dict.fromkeys(runs.SCORES, 0.1) | dict.fromkeys(runs.SERIES_SCORES, (0.5, 0.25)) | {"seconds": 2.0}
    return values | changes


def test_a_table_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "runs.csv"
    some = [
        Run("power", "GRU", 0, units=(3, 4)),
        Run("price", "LSTM", 1, reset_after=False, target="return", back=2, data="bankex"),
        Run("reviews", "GRU", 1, share=0.25, mask=False, source="real"),
    ]
    runs.append(path, row(some[0]))
    runs.append(path, row(some[1], end="NaN", losses=(float("nan"),), validation=(), mae=float("nan")))
    runs.append(path, row(some[2], losses=()))
    frame = runs.read(path)
    assert runs.settings(frame) == some
    assert frame["losses"][0] == (0.25, 0.125)
    assert frame["series_rmse"][0] == (0.5, 0.25)
    assert np.isnan(frame["losses"][1][0])
    assert np.isnan(frame["mae"][1])
    assert list(frame["reset_after"]) == [True, False, True]
    curves = runs.epochs(frame[:1])
    assert list(curves["epoch"]) == [1, 2]
    assert list(curves["loss"]) == [0.25, 0.125]
    assert set(curves["units"]) == {(3, 4)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("params", "weights"), "wrong columns"),
        (lambda text: text.replace(",GRU,", ",gru,"), "row 2: cell must be"),
        (lambda text: text.replace(",True,", ",yes,"), "row 2, column reset_after: a value of the wrong kind"),
        (lambda text: text.replace("0.25", "a quarter"), "row 2, column losses: a value of the wrong kind"),
        (lambda text: text + text.splitlines()[1] + "\n", "row 3: this run is stored twice"),
    ],
)
def test_a_damaged_table_is_an_error_that_names_the_place(tmp_path, change, said):
    path = tmp_path / "runs.csv"
    runs.append(path, row(Run("power", "GRU", 0)))
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError, match=said) as caught:
        runs.read(path)
    assert caught.value.file == "runs.csv"


def test_a_table_that_is_not_there_and_a_row_that_does_not_fit(tmp_path):
    with pytest.raises(FileNotFoundError, match="make_keras_results"):
        runs.read(tmp_path / "none.csv")
    with pytest.raises(ValueError, match="a row must have the columns system, cell"):
        runs.append(tmp_path / "none.csv", {"system": "power"})


def test_the_baseline_is_that_of_the_windows_module():
    plan, frame = systems.SYSTEMS["temperature"], datasets.load("noise", source="sample").frame
    data = prepare(plan)
    values = frame["Temperature"].to_numpy()
    assert len(data.truth) == len(values) - round(0.85 * len(values))
    assert windows.mae(data.truth[:, 0], values[-len(data.truth) - 1 : -1]) == pytest.approx(
        windows.mae(data.truth, data.naive)
    )


def test_the_files_of_the_project_can_be_read():
    folder = Path(__file__).parents[2] / "data/results"
    frame = runs.read(folder / "keras_power.csv")
    assert set(frame["system"]) == {"power"}
    for run, params in zip(runs.settings(frame), frame["params"], strict=True):
        assert systems.count(run.plan, run.cell, run.reset_after) == params
    steps = pd.read_csv(folder / "keras_speed.csv")
    assert (steps["milliseconds"] > 0).all()
    assert set(steps["cell"]) == set(systems.CELLS)


def test_the_same_call_runs_on_a_cluster():
    import joblib
    from distributed import Client, LocalCluster

    def job(number):
        import time

        time.sleep(0.05)
        return number, number**2, os.getpid()

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config("dask"),
    ):
        found = list(experiments.each(job, range(12), progress=False))
    assert sorted(pair[:2] for pair in found) == [(n, n**2) for n in range(12)]
    workers = {process for *_, process in found}
    assert len(workers) == 2
    assert os.getpid() not in workers
    assert [result[2] for result in experiments.each(job, [1], progress=False)] == [os.getpid()]
