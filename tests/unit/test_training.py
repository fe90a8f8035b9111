"""Adam, the regression model and the training loop against independent computations."""

import math

import numpy as np
import pytest

from gru_lib import GRU, training


def toy(n=40, seed=0):
    """Sequences whose target is the mean of their values: easy to learn, hard to guess."""
    x = np.random.default_rng(seed).normal(size=(n, 6, 1))
    return x, x.mean(axis=1)


def model(seed=0, dtype="float64", hidden=4):
    return training.Regressor(GRU(1, hidden, seed=seed, dtype=dtype), seed=seed)


def test_adam_follows_the_paper_number_by_number():
    """Algorithm 1 of Kingma and Ba with plain Python floats, one weight, five different gradients."""
    adam = training.Adam(learning_rate=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    weights = {"w": np.array([0.5])}
    theta, m, v = 0.5, 0.0, 0.0
    for t, g in enumerate([0.3, -2.0, 0.0, 1e-4, 5.0], start=1):
        adam.update(weights, {"w": np.array([g])})
        m = 0.8 * m + 0.2 * g
        v = 0.9 * v + 0.1 * g**2
        theta -= 0.1 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.9**t)) + 1e-3)
        assert weights["w"][0] == pytest.approx(theta, abs=1e-14)


def test_adam_works_in_place_and_keeps_float32():
    w = np.ones(3, np.float32)
    training.Adam().update({"w": w}, {"w": np.array([1, -1, 2], np.float32)})
    assert w.dtype == np.float32
    np.testing.assert_allclose(w, [0.999, 1.001, 0.999], atol=1e-6)  # the first step is the learning rate long


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"learning_rate": 0}, "learning_rate must be above 0, not 0"),
        ({"epsilon": -1}, "epsilon must be above 0"),
        ({"beta_1": 1}, "beta_1 must be at least 0 and below 1, not 1"),
        ({"beta_2": math.nan}, "beta_2 must be"),
        ({"learning_rate": math.nan}, "learning_rate must be"),
    ],
)
def test_adam_refuses(options, said):
    with pytest.raises(ValueError, match=said):
        training.Adam(**options)


def test_adam_refuses_other_names_and_shapes():
    with pytest.raises(ValueError, match=r"differ in the names \['v', 'w'\]"):
        training.Adam().update({"w": np.ones(2)}, {"v": np.ones(2)})
    with pytest.raises(ValueError, match=r"gradient of w must have shape \(2,\), not \(2, 1\)"):
        training.Adam().update({"w": np.ones(2)}, {"w": np.ones((2, 1))})


@pytest.mark.parametrize("reset", ["after", "before"])
def test_the_model_s_gradients_are_those_of_finite_differences(reset):
    m = training.Regressor(GRU(2, 3, reset=reset, seed=1), 2, seed=2)
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(4, 5, 2)), rng.normal(size=(4, 2))
    loss, grads = m.loss_and_gradients(x, y)
    assert loss == pytest.approx(m.loss(x, y), abs=1e-15)
    assert grads.keys() == m.weights.keys()
    for name, weight in m.weights.items():
        for index in np.ndindex(weight.shape):
            kept, eps = weight[index], 1e-6
            weight[index] = kept + eps
            above = m.loss(x, y)
            weight[index] = kept - eps
            below = m.loss(x, y)
            weight[index] = kept
            assert grads[name][index] == pytest.approx((above - below) / (2 * eps), abs=1e-8), (name, index)


def test_n_params():
    assert training.Regressor(GRU(1, 16), 1).n_params == 3 * 16 * (1 + 16 + 2) + 16 + 1 == 929


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
