"""Experiments with Keras: the five models, training that ends in every way, runs in a table and on a Dask cluster."""

import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

from gru_lib import conventions, datasets, experiments, preparation, runs, speed, systems
from gru_lib.experiments import Run
from gru_lib.labs import LossCurve

SMALL = Run("power", "GRU", 0, units=(3,), epochs=1)


@pytest.mark.parametrize("name", systems.SYSTEMS)
@pytest.mark.parametrize("cell", systems.CELLS)
@pytest.mark.parametrize("reset_after", [True, False])
def test_derived_parameters_are_those_that_keras_counts(name, cell, reset_after):
    plan = systems.SYSTEMS[name]
    model = systems.build(plan, cell, reset_after)
    derived = systems.parameters(plan, cell, reset_after)
    layers = [(layer.__class__.__name__, layer.count_params()) for layer in model.layers if layer.count_params()]
    assert [number for _, number in derived] == [number for _, number in layers]
    assert systems.count(plan, cell, reset_after) == model.count_params()


def test_the_models_are_those_of_the_sources():
    """Each line as the source gives it: layers in order, loss, optimiser, learning rate."""

    def told(name, cell, **changes):
        model = systems.build(systems.system(name, **changes), cell)
        layers = []
        for layer in model.layers:
            config = layer.get_config()
            detail = config.get("units", config.get("rate", config.get("output_dim")))
            more = config.get("return_sequences", config.get("activation", ""))
            layers.append((layer.__class__.__name__, detail, more))
        return (
            model.input_shape,
            layers,
            model.loss,
            type(model.optimizer).__name__,
            float(model.optimizer.learning_rate),
        )

    rate = pytest.approx(0.001)
    price = [("GRU", 50, True), ("Dropout", 0.2, ""), ("GRU", 100, False), ("Dropout", 0.2, ""), ("Dense", 1, "linear")]
    assert told("price", "GRU") == ((None, 60, 1), price, "mse", "RMSprop", rate)
    power = [("LSTM", 75, True), ("LSTM", 30, True), ("LSTM", 30, False), ("Dense", 1, "linear")]
    assert told("power", "LSTM") == ((None, 1, 7), power, "mae", "Adam", rate)
    assert systems.build(systems.SYSTEMS["reviews"]).layers[0].mask_zero
    reviews = [("Embedding", 32, ""), ("GRU", 32, False), ("Dense", 1, "sigmoid")]
    assert told("reviews", "GRU") == ((None, 500), reviews, "binary_crossentropy", "Adam", rate)
    bank = [("LSTM", 64, False), ("Dropout", 0.2, ""), ("Dense", 20, "linear")]
    assert told("bank", "LSTM", horizon=20) == ((None, 60, 1), bank, "mse", "Adam", rate)
    temperature = [("SimpleRNN", 50, True), ("SimpleRNN", 50, False), ("Dense", 1, "linear")]
    assert told("temperature", "RNN") == ((None, 100, 1), temperature, "mse", "Adam", rate)
    epochs = {name: (plan.epochs, plan.batch, plan.shuffle) for name, plan in systems.SYSTEMS.items()}
    stated = {"price": (50, 64, True), "power": (10, 64, False), "temperature": (10, 32, True)}
    assert stated.items() <= epochs.items()


@pytest.mark.parametrize("reset_after", [True, False])
def test_a_model_computes_what_the_numpy_cells_compute(reset_after):
    plan = systems.system("temperature", window=12, units=(5, 4))
    model = systems.build(plan, "GRU", reset_after, seed=1)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.5, weight.shape) for weight in model.get_weights()])  # biases are not 0 then
    h = rng.normal(size=(3, 12, 1)).astype(np.float32)
    said = experiments.predict(model, h, batch=2)
    for layer in model.layers[:2]:
        h = conventions.from_keras(layer.get_weights(), reset_after).forward(h).h
    W, b = model.layers[-1].get_weights()
    np.testing.assert_allclose(said, h[:, -1] @ W + b, rtol=0, atol=1e-6)


def test_the_seed_decides_the_weights():
    def weights(seed):
        return np.concatenate([w.ravel() for w in systems.build(SMALL.plan, "GRU", seed=seed).get_weights()])

    np.testing.assert_array_equal(weights(4), weights(4))
    assert np.abs(weights(4) - weights(5)).max() > 0.1


def test_training_goes_through_every_epoch_and_learns():
    run = replace(SMALL, epochs=2, window=2)
    curve = LossCurve()
    outcome = experiments.train(run, watch=curve)
    assert [epoch for epoch, *_ in curve.points] == [1, 2]
    assert [loss for _, loss, _ in curve.points] == pytest.approx(outcome.losses)
    assert [loss for *_, loss in curve.points] == pytest.approx(outcome.validation)
    assert outcome.end == "finished"
    assert len(outcome.losses) == len(outcome.validation) == 2
    assert outcome.losses[1] < 0.85 * outcome.losses[0]
    scores = experiments.score(outcome)
    said = outcome.data.inverse(outcome.model.predict(outcome.data.X["test"], verbose=0))
    assert scores["mae"] == pytest.approx(np.mean(np.abs(said - outcome.data.truth)), rel=1e-5)
    assert scores["naive_mae"] == pytest.approx(np.mean(np.abs(outcome.data.naive - outcome.data.truth)))
    assert np.isnan(scores["accuracy"])
    again = experiments.train(run)
    np.testing.assert_allclose(again.losses, outcome.losses, rtol=1e-3)


def test_reviews_are_scored_by_accuracy():
    outcome = experiments.train(Run("reviews", "GRU", 0, units=(2,), window=3, epochs=1))
    scores = experiments.score(outcome)
    said = outcome.model.predict(outcome.data.X["test"], verbose=0) > 0.5
    assert scores["accuracy"] == np.mean(said == outcome.data.truth)
    share = outcome.data.truth.mean()
    assert scores["naive_accuracy"] in (pytest.approx(share), pytest.approx(1 - share))
    assert np.isnan(scores["mae"])


def test_a_mask_makes_padding_invisible():
    plan = systems.system("reviews", window=9, units=(3,))
    review = np.array([[5, 2, 7]])
    padded = np.concatenate([np.zeros((1, 6), int), review], axis=1)
    longer = np.concatenate([np.zeros((1, 40), int), review], axis=1)
    for mask in (True, False):
        model = systems.build(replace(plan, mask=mask), seed=0)
        rng = np.random.default_rng(1)
        model.set_weights([rng.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
        same = np.allclose(model(padded), model(longer), atol=1e-6)
        assert same == mask
        assert Run("reviews", "GRU", 0, mask=mask).plan.mask == mask
    assert not Run("power", "GRU", 0).plan.mask


def test_prices_are_scored_in_returns_too():
    run = Run("price", "GRU", 0, units=(2, 2), window=5, epochs=1, target="return")
    outcome = experiments.train(run)
    scores, data = experiments.score(outcome), outcome.data
    said = data.inverse(outcome.model.predict(data.X["test"], verbose=0))[:, 0]
    close = datasets.load("bitcoin", source="sample").frame["Close"].to_numpy()
    last, truth = close[-len(said) - 1 : -1], close[-len(said) :]
    assert scores["rmse"] == pytest.approx(np.sqrt(np.mean((said - truth) ** 2)), rel=1e-5)
    assert scores["return_rmse"] == pytest.approx(np.sqrt(np.mean(np.log(said / truth) ** 2)), rel=1e-4)
    assert scores["naive_return_rmse"] == pytest.approx(np.sqrt(np.mean(np.log(last / truth) ** 2)))
    assert scores["linear_rmse"] == pytest.approx(np.sqrt(np.mean((data.linear[:, 0] - truth) ** 2)))
    assert scores["ups"] == pytest.approx(np.mean(truth > last))
    assert scores["hits"] == pytest.approx(np.mean((said > last) == (truth > last)))
    assert experiments.score_series(run, outcome) == {"series_rmse": (), "series_naive": ()}


def test_a_network_of_one_share_is_judged_on_all_ten():
    run = Run("bank", "GRU", 0, units=(2,), window=5, horizon=2, epochs=1)
    outcome = experiments.train(run)
    found = experiments.score_series(run, outcome)
    frame = datasets.load("bankex", source="sample").frame
    assert len(found["series_rmse"]) == len(found["series_naive"]) == 10
    assert found["series_rmse"][0] == pytest.approx(experiments.score(outcome)["rmse"])
    seventh = frame["series_7"].to_numpy()
    low, high = seventh[:350].min(), seventh[:350].max()
    starts = np.arange(425, 499)
    X = (seventh[starts[:, None] + np.arange(-5, 0)] - low) / (high - low)
    said = outcome.model.predict(X[..., None], verbose=0) * (high - low) + low
    truth = seventh[starts[:, None] + np.arange(2)]
    assert found["series_rmse"][6] == pytest.approx(np.sqrt(np.mean((said - truth) ** 2)), rel=1e-4)
    naive = np.sqrt(np.mean((seventh[starts[:, None] - 1] - truth) ** 2))
    assert found["series_naive"][6] == pytest.approx(naive)


# Keras 3.15 asks TensorFlow's variables for an array in the way of NumPy 1 when it saves them; they answer all the same.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_a_saved_model_says_the_same_again(tmp_path):
    run = replace(SMALL, source="sample")
    done = experiments.row(run, models=tmp_path / "models")
    (path,) = (tmp_path / "models").iterdir()
    assert path.name == "power-power-sample-level-GRU-3-1-0-0.keras"
    data = preparation.prepare(run.plan)
    said = data.inverse(experiments.predict(experiments.restore(path), data.X["test"]))
    assert np.mean(np.abs(said - data.truth)) == pytest.approx(done["mae"], rel=1e-5)
    with pytest.raises(FileNotFoundError, match="no saved model"):
        experiments.restore(tmp_path / "none.keras")
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(ValueError, match="zip file"):
        experiments.restore(tmp_path / "text.keras")


def test_missing_values_left_in_end_in_nan_and_are_reported():
    row = experiments.row(replace(SMALL, missing="keep", epochs=3))
    assert row["end"] == "NaN"
    assert len(row["losses"]) == 1
    assert np.isnan(row["losses"][0])
    assert np.isnan(row["mae"])
    assert row["naive_mae"] > 0
    assert tuple(row) == experiments.COLUMNS


def test_a_run_over_its_deadline_ends_and_says_so():
    outcome = experiments.train(replace(SMALL, epochs=1000), deadline=1e-3)
    assert outcome.end == "deadline"
    assert len(outcome.losses) == 1
    assert int(outcome.model.optimizer.iterations) < 20
    for wrong in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="deadline must be above 0 seconds"):
            experiments.stopper(wrong)


def test_runs_are_stored_as_they_end_and_not_done_again(tmp_path, monkeypatch):
    path, wanted = tmp_path / "runs.csv", experiments.with_seeds(SMALL, [2, 1])
    done = []

    def row(run, deadline, models):
        if run.seed == 1 and len(done) == 1:
            raise KeyboardInterrupt
        done.append((run.seed, deadline))
        scores = dict.fromkeys(experiments.SCORES, float(run.seed))
        rest = dict.fromkeys(experiments.COLUMNS, "x") | {"params": 1, "seconds": 1.0, "losses": (), "validation": ()}
        rest |= dict.fromkeys(runs.SERIES_SCORES, ())
        return rest | asdict(run) | scores

    monkeypatch.setattr(experiments, "row", row)
    with pytest.raises(KeyboardInterrupt):
        experiments.run_all(wanted, path, deadline=7.0, progress=False)
    assert done == [(2, 7.0)]
    done.append("call again")
    frame = experiments.run_all([*wanted[::-1], replace(SMALL, seed=3)], path, deadline=7.0, progress=False)
    assert done[2:] == [(1, 7.0), (3, 7.0)]
    assert list(frame["mae"]) == [1, 2, 3]
    assert len(experiments.read(path)) == 3
    with pytest.raises(ValueError, match="a run is given twice"):
        experiments.run_all([SMALL, SMALL], path)


def test_a_real_run_goes_into_the_table_and_shows_its_progress(tmp_path, capfd):
    frame = experiments.run_all([SMALL], tmp_path / "runs.csv")
    assert "runs: 100%" in capfd.readouterr().err
    assert frame["end"][0] == "finished"
    assert frame["params"][0] == systems.count(SMALL.plan)
    assert frame["keras"][0] == systems.load_keras().__version__
    assert len(frame["losses"][0]) == 1
    assert frame["machine"][0].endswith("cores")


def test_what_tensorflow_says_while_loading_is_left_out_if_it_only_informs(tmp_path):
    (tmp_path / "keras.py").write_text(
        "import os\n"
        "os.write(2, b'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n')\n"
        "os.write(2, b'I0000 00:00:1 port.cc:153] oneDNN custom operations are on.\\n')\n"
        "os.write(2, b'E0000 00:00:1 something.cc:1] broken\\n')\n"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom gru_lib import systems\nsystems.load_keras()\n"
    code += "print('and on', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "E0000 00:00:1 something.cc:1] broken\nand on\n"


def test_a_step_is_timed_in_turns(monkeypatch):
    made, ticks = [], iter(range(10_000))
    monkeypatch.setattr(speed, "stepper", lambda cell, size, batch: made.append((cell, size, batch)) or (lambda: None))
    rows = speed.measure(("GRU", "RNN"), (2, 3), rounds=2, turn=4, clock=lambda: next(ticks), batch=7)
    assert made == [("GRU", 2, 7), ("RNN", 2, 7), ("GRU", 3, 7), ("RNN", 3, 7)]
    order = [(row["units"], row["round"], row["cell"]) for row in rows]
    assert order[:4] == [(2, 0, "GRU"), (2, 0, "RNN"), (2, 1, "RNN"), (2, 1, "GRU")]
    assert len(order) == len(set(order)) == 8
    assert {row["milliseconds"] for row in rows} == {250.0}


def test_a_step_of_the_gru_is_more_operations_than_one_of_the_lstm():
    counted = {cell: speed.operations(cell) for cell in systems.CELLS}
    # Each multiplies the input and the state; sigmoids and tanhs as in the equations.
    assert all(operations["MatMul"] == 2 for operations in counted.values())
    gates = {cell: (operations["Sigmoid"], operations["Tanh"]) for cell, operations in counted.items()}
    assert gates == {"GRU": (2, 1), "LSTM": (3, 2), "RNN": (0, 1)}
    assert counted["RNN"].total() < counted["LSTM"].total() < counted["GRU"].total()


def test_a_timed_step_trains():
    step = speed.stepper("LSTM", 4, batch=16, steps=3)
    losses = [step() for _ in range(200)]
    assert losses[-1] < 0.97 * losses[0]


def test_ours_are_hyper_parameters_and_the_sample_is_enough_for_every_system():
    for plan in systems.SYSTEMS.values():
        assert set(plan.ours) <= set(vars(plan))
        data = preparation.prepare(plan)
        assert all(len(data.X[part]) == len(data.y[part]) >= 10 for part in ("train", "validation", "test"))
