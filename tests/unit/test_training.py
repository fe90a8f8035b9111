"""The training loop: what it reports, when it stops, what it refuses; the models and rules have tests of their own."""

import io
import math

import numpy as np
import pytest

from gru_lib import GRU, gradients, training


def toy(n=40, seed=0):
    """Sequences whose target is the mean of their values: easy to learn, hard to guess."""
    x = np.random.default_rng(seed).normal(size=(n, 6, 1))
    return x, x.mean(axis=1)


def model(seed=0, dtype="float64", hidden=4):
    return training.Regressor(GRU(1, hidden, seed=seed, dtype=dtype), seed=seed)


def test_it_learns():
    x, y = toy(200)
    m = model()
    before = m.loss(x, y)
    history = training.fit(m, x, y, epochs=30, optimizer=training.Adam(0.01), validation=toy(50, 1), progress=False)
    assert m.loss(x, y) < 0.05 * before
    assert len(history.loss) == len(history.validation) == len(history.gradient_norm) == 30
    assert history.validation[-1] == pytest.approx(m.loss(*toy(50, 1)))


def test_every_row_is_seen_once_an_epoch():
    class Spy:
        weights = {}  # noqa: RUF012
        seen = []  # noqa: RUF012

        def loss_and_gradients(self, x, y):
            self.seen += x[:, 0].tolist()
            return 0.0, {}

    rows = np.arange(10.0)[:, None]
    training.fit(Spy(), rows, rows, epochs=2, batch_size=4, progress=False)
    assert sorted(Spy.seen[:10]) == sorted(Spy.seen[10:]) == list(range(10))
    assert Spy.seen[:10] != Spy.seen[10:]


def test_the_same_seed_gives_the_same_run():
    x, y = toy()
    losses = [training.fit(model(), x, y, epochs=3, seed=s, progress=False).loss for s in (5, 5, 6)]
    assert losses[0] == losses[1] != losses[2]


def test_the_reported_loss_is_the_mean_over_rows_of_unequal_batches():
    class Fixed:
        weights = {}  # noqa: RUF012

        def loss_and_gradients(self, x, y):
            return float(len(x)), {}

    rows = np.zeros((5, 1))
    history = training.fit(Fixed(), rows, rows, epochs=1, batch_size=4, progress=False)
    assert history.loss == [pytest.approx((4 * 4 + 1 * 1) / 5)]


def test_clipping_limits_the_step(monkeypatch):
    """With plain gradient descent a step is at most learning rate times max_norm long."""

    class Descent:
        steps = []  # noqa: RUF012

        def update(self, weights, grads):
            self.steps.append(math.sqrt(sum(float(np.sum(g**2)) for g in grads.values())))

    x, y = toy()
    optimizer = Descent()
    history = training.fit(model(), x, 100 * y, epochs=1, optimizer=optimizer, max_norm=0.5, progress=False)
    assert history.gradient_norm[0] > 0.5
    assert max(optimizer.steps) == pytest.approx(0.5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_nan_stops_the_run_and_names_the_step(dtype):
    x, y = toy()
    m = model(dtype=dtype)
    good = training.fit(m, x, y, epochs=1, batch_size=20, progress=False)
    assert np.isfinite(good.loss[0])

    class Explode(training.Adam):
        def update(self, weights, grads):
            super().update(weights, grads)
            if self.t == 3:
                weights["b_y"][:] = np.inf

    with pytest.raises(FloatingPointError, match=r"the loss became NaN or infinite at step 4 \(epoch 2\)"):
        training.fit(m, x, y, epochs=5, batch_size=20, optimizer=Explode(), progress=False)


def test_a_nan_gradient_stops_the_run_before_the_weights_change():
    class Bad:
        def __init__(self):
            self.weights = {"w": np.ones(2)}

        def loss_and_gradients(self, x, y):
            return 1.0, {"w": np.array([1.0, np.nan])}

    bad = Bad()
    with pytest.raises(FloatingPointError, match="the gradient became NaN or infinite at step 1"):
        training.fit(bad, np.ones((3, 1)), np.ones((3, 1)), epochs=1, progress=False)
    assert bad.weights["w"].tolist() == [1, 1]


def test_progress_can_be_silent_and_is_shown_otherwise(capsys):
    x, y = toy()
    training.fit(model(), x, y, epochs=1, progress=False)
    assert capsys.readouterr() == ("", "")
    training.fit(model(), x, y, epochs=1, progress=True)
    shown = capsys.readouterr().err
    assert "training" in shown
    assert "loss=" in shown


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1, not 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size must be an integer"),
        ({"y": np.zeros((3, 1))}, ValueError, "x has 40 rows and y has 3"),
        ({"mask": np.ones((3, 6), bool)}, ValueError, "x has 40 rows and mask has 3"),
        ({"mask": np.ones((40, 6))}, TypeError, "mask must be boolean"),
        ({"max_norm": 0}, ValueError, "max_norm must be above 0, not 0"),
        ({"max_value": math.nan}, ValueError, "max_value must be above 0, not nan"),
        ({"max_norm": 1, "max_value": 1}, ValueError, "max_norm and max_value exclude each other"),
        ({"patience": 2}, ValueError, r"give validation=\(x, y\) too"),
        ({"patience": 0, "validation": toy()}, ValueError, "patience must be at least 1"),
        ({"patience": 2, "validation": toy(), "min_delta": -1}, ValueError, "min_delta must be at least 0"),
        ({"min_delta": 0.1}, ValueError, "min_delta belongs to early stopping"),
        ({"y": np.zeros((40, 2))}, ValueError, r"y must have shape .*outputs=1.*\(32, 2\)"),
        ({"y": np.zeros(40)}, ValueError, r"y must have 2 axes .*it has 1"),
        ({"y": np.full((40, 1), np.nan)}, ValueError, "y has 32 values that are NaN"),
    ],
)
def test_fit_refuses(change, error, said):
    x, y = toy()
    with pytest.raises(error, match=said):
        training.fit(model(), **{"x": x, "y": y, "epochs": 1, "progress": False, **change})


def test_training_holds_blas_to_one_thread():
    from threadpoolctl import threadpool_info

    class Asks:
        weights = {}  # noqa: RUF012
        threads = []  # noqa: RUF012

        def loss_and_gradients(self, x, y):
            self.threads += [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
            return 0.0, {}

    training.fit(Asks(), np.ones((2, 1)), np.ones((2, 1)), epochs=1, progress=False)
    assert set(Asks.threads) == {1}


def test_one_thread_ends_with_the_context():
    from threadpoolctl import threadpool_info

    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = threads()
    held = training.one_thread()
    assert threads() == before  # made, not entered
    with held:
        assert set(threads()) == {1}
    assert threads() == before


def test_clipping_by_value_limits_every_entry():
    class Descent:
        largest = []  # noqa: RUF012

        def update(self, weights, grads):
            self.largest.append(max(float(np.max(np.abs(g))) for g in grads.values()))

    x, y = toy()
    history = training.fit(model(), x, 100 * y, epochs=1, optimizer=Descent(), max_value=0.5, progress=False)
    assert max(Descent.largest) == 0.5
    assert history.gradient_norm[0] > 0.5  # as it was before clipping


def padded(n=60, seed=0):
    """Sequences of 2 to 6 steps, the rest noise, whose class is the sign of their first value."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6, 1))
    mask = np.arange(6) < rng.integers(2, 7, n)[:, None]
    return x, (x[:, 0, 0] > 0).astype(int), mask


def test_a_classifier_learns_from_padded_batches():
    x, y, mask = padded()
    m = training.Classifier(GRU(1, 6, seed=0), 2, seed=0)
    options = {"optimizer": training.Adam(0.02), "validation": padded(40, 1), "progress": False}
    history = training.fit(m, x, y, epochs=40, mask=mask, **options)
    assert m.accuracy(x, y, mask) > 0.95
    assert history.loss[-1] < 0.3 < history.loss[0]
    assert history.validation[-1] == pytest.approx(m.loss(*padded(40, 1)))


def test_what_stands_at_masked_steps_changes_nothing():
    x, y, mask = padded()
    other = np.where(mask[:, :, None], x, 1e3)
    runs = []
    for values in (x, other):
        m = training.Classifier(GRU(1, 3, seed=0), 2, seed=0)
        runs.append(training.fit(m, values, y, epochs=3, mask=mask, progress=False).loss)
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-12)


@pytest.mark.parametrize("make", [training.SGD, training.RMSprop, training.Adam])
def test_every_rule_learns(make):
    x, y = toy(200)
    m = model()
    before = m.loss(x, y)
    training.fit(m, x, y, epochs=15, optimizer=make(0.05 if make is training.SGD else 0.005), progress=False)
    assert m.loss(x, y) < 0.5 * before


class Scripted:
    """A model whose validation losses are given; its weight counts the steps."""

    def __init__(self, *losses):
        self.losses = list(losses)
        self.weights = {"w": np.zeros(1)}

    def loss_and_gradients(self, x, y):
        return 1.0, {"w": np.array([-1.0])}

    def loss(self, x, y):
        return self.losses[int(self.weights["w"][0]) - 1]


def stopped(*losses, **options):
    m, rows = Scripted(*losses), np.zeros((1, 1))
    fixed = {"optimizer": training.SGD(1), "validation": (rows, rows), "progress": False}
    return m, training.fit(m, rows, rows, epochs=len(losses), **fixed, **options)


@pytest.mark.parametrize(
    ("losses", "options", "epochs", "best"),
    [
        ((5, 4, 3, 4, 4, 1), {"patience": 2}, 5, 3),
        ((5, 4, 3, 4, 4, 1), {"patience": 3}, 6, 6),
        ((5, 4, 4, 4), {"patience": 2}, 4, 2),  # no better is not better; of equals the first
        ((5, 4, 3, 2), {"patience": 1}, 4, 4),
        ((5, 4.9, 4.8, 4.7), {"patience": 2, "min_delta": 0.5}, 3, 3),  # better, but not by enough
        ((5, 4.9, 4.8, 4.4, 4.3, 4.2), {"patience": 3, "min_delta": 0.5}, 6, 6),
        ((1, 2, 3), {"patience": 1}, 2, 1),
    ],
)
def test_early_stopping(losses, options, epochs, best):
    m, history = stopped(*losses, **options)
    assert len(history.validation) == epochs
    assert history.best_epoch == best
    assert history.stopped_early == (epochs < len(losses))
    assert history.validation[best - 1] == min(history.validation)
    assert m.weights["w"][0] == best  # those after that epoch


def test_without_patience_all_epochs_run_and_the_last_weights_stay():
    m, history = stopped(1, 2, 3)
    assert len(history.loss) == 3
    assert history.best_epoch is None
    assert not history.stopped_early
    assert m.weights["w"][0] == 3


def test_the_best_weights_of_a_real_run_come_back():
    x, y = toy(20)
    held_out = toy(20, 3)
    m = model(hidden=12)
    options = {"validation": held_out, "patience": 5, "progress": False, "optimizer": training.Adam(0.05)}
    history = training.fit(m, x, y, epochs=200, **options)
    assert history.stopped_early
    assert len(history.loss) == len(history.validation) < 200
    assert m.loss(*held_out) == pytest.approx(min(history.validation), rel=1e-12)
    assert history.validation[history.best_epoch - 1] == min(history.validation) < history.validation[-1]


def test_a_nan_validation_loss_stops_the_run():
    with pytest.raises(FloatingPointError, match="validation loss became NaN or infinite after epoch 2"):
        stopped(1, math.nan, 0)


def test_on_epoch_sees_every_epoch_as_it_ends():
    x, y = toy()
    m, seen = model(), []

    def look(epoch, trained, history):
        assert trained is m
        seen.append((epoch, history.loss[-1], history.validation[-1], trained.cell.forward(x).z.mean()))

    history = training.fit(m, x, y, epochs=4, validation=toy(10, 1), on_epoch=look, progress=False)
    assert [row[:3] for row in seen] == list(zip(range(1, 5), history.loss, history.validation, strict=True))
    assert seen[-1][3] == m.cell.forward(x).z.mean()
    assert len({row[3] for row in seen}) == 4


@pytest.mark.parametrize("validation", [None, toy(10, 1)], ids=["without", "with"])
def test_watch_is_cleared_and_given_every_epoch(validation):
    class Curve:
        def __init__(self):
            self.told = ["left over"]

        def clear(self):
            self.told = []

        def add(self, epoch, loss, validation=None):
            self.told.append((epoch, loss, validation))

    curve = Curve()
    x, y = toy()
    history = training.fit(model(), x, y, epochs=3, validation=validation, watch=curve, progress=False)
    second = history.validation if validation else [None] * 3
    assert curve.told == list(zip(range(1, 4), history.loss, second, strict=True))


def test_lists_and_data_frames_are_read_by_rows():
    import pandas as pd

    x, y = toy(12)
    losses = [
        training.fit(model(), values, targets, epochs=2, progress=False).loss
        for values, targets in ((x, y), (x.tolist(), y.tolist()), (x, pd.DataFrame(y, index=range(12, 0, -1))))
    ]
    assert losses[0] == losses[1] == losses[2]


def test_the_names_of_heads_and_rules_are_at_hand():
    for name in training.__all__:
        assert getattr(training, name) is not None
    assert gradients.clip_by_value is training.clip_by_value


def test_a_run_that_is_stopped_early_ends_with_a_full_bar(monkeypatch):
    bars = []

    class Bar(training.tqdm):
        def __init__(self, *args, **options):
            super().__init__(*args, **options, file=io.StringIO())
            bars.append(self)

    monkeypatch.setattr(training, "tqdm", Bar)
    x, y = toy(8)
    history = training.fit(model(), x, y, epochs=50, batch_size=4, patience=1, validation=(x, -y))
    assert history.stopped_early
    assert bars[0].n == bars[0].total == 2 * len(history.loss) < 100
