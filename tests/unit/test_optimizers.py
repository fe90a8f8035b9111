"""SGD, RMSprop and Adam: against Keras' own, step by step, and against their papers number by number."""

import math

import numpy as np
import pytest
from gru_checks import reference

from gru_lib.optimizers import SGD, Adam, RMSprop

EXACT = {"rtol": 1e-12, "atol": 1e-14}
KERAS = reference("optimizers_keras.npz")
NAMES = ("W", "U", "b")
STEPS = len(KERAS["d_W"])
TINY, LARGE = KERAS["epsilon"]


def path(optimizer, before=lambda optimizer: None):
    """The weights after each step along the reference gradients, by name, (steps, ...)."""
    weights = {name: KERAS[f"start_{name}"].copy() for name in NAMES}
    found = {name: [] for name in NAMES}
    for step in range(STEPS):
        before(optimizer)
        optimizer.update(weights, {name: KERAS[f"d_{name}"][step] for name in NAMES})
        for name, weight in weights.items():
            found[name].append(weight.copy())
    return {name: np.stack(values) for name, values in found.items()}


@pytest.mark.parametrize(
    ("rule", "optimizer"),
    [
        ("sgd", SGD(0.05)),
        ("momentum", SGD(0.05, momentum=0.875)),
        ("nesterov", SGD(0.05, momentum=0.875, nesterov=True)),
        ("rmsprop", RMSprop(0.05, rho=0.8, epsilon=TINY)),
        ("adam", Adam(0.05, beta_1=0.75, beta_2=0.9375, epsilon=TINY)),
    ],
    ids=repr,
)
def test_every_step_is_that_of_keras(rule, optimizer):
    """With an epsilon too small to matter, wherever it stands."""
    assert STEPS >= 10
    for name, found in path(optimizer).items():
        np.testing.assert_allclose(found, KERAS[f"{rule}_{name}"], **EXACT, err_msg=name)


def test_adam_with_a_large_epsilon_is_that_of_keras_once_epsilon_is_translated():
    """Keras adds epsilon before v is corrected: its epsilon is the paper's epsilon-hat, epsilon sqrt(1 - beta_2^t)."""

    def translate(adam):
        adam.epsilon = LARGE / math.sqrt(1 - adam.beta_2 ** (adam.t + 1))

    rule = Adam(0.05, beta_1=0.75, beta_2=0.9375)
    for name, found in path(rule, translate).items():
        np.testing.assert_allclose(found, KERAS[f"adam_large_epsilon_{name}"], **EXACT, err_msg=name)
    untranslated = path(Adam(0.05, beta_1=0.75, beta_2=0.9375, epsilon=LARGE))
    assert np.max(np.abs(untranslated["W"] - KERAS["adam_large_epsilon_W"])) > 1e-3


def test_rmsprop_with_a_large_epsilon_differs_from_keras_by_its_place_alone():
    """Keras: sqrt(s + epsilon); here: sqrt(s) + epsilon. Both are written out, and each is found where it belongs."""
    for name in NAMES:
        keras = ours = KERAS[f"start_{name}"]
        s = 0.0
        found = path(RMSprop(0.05, rho=0.8, epsilon=LARGE))[name]
        for step, g in enumerate(KERAS[f"d_{name}"]):
            s = 0.8 * s + 0.2 * g**2
            keras = keras - 0.05 * g / np.sqrt(s + LARGE)
            ours = ours - 0.05 * g / (np.sqrt(s) + LARGE)
            np.testing.assert_allclose(KERAS[f"rmsprop_large_epsilon_{name}"][step], keras, **EXACT)
            np.testing.assert_allclose(found[step], ours, **EXACT)
        assert np.max(np.abs(keras - ours)) > 1e-2


def test_adam_follows_the_paper_number_by_number():
    """Algorithm 1 of Kingma and Ba with plain Python floats, one weight, five different gradients."""
    adam = Adam(learning_rate=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3)
    weights = {"w": np.array([0.5])}
    theta, m, v = 0.5, 0.0, 0.0
    for t, g in enumerate([2.0, -1.0, 0.5, 3.0, -0.25], start=1):
        adam.update(weights, {"w": np.array([g])})
        m = 0.8 * m + 0.2 * g
        v = 0.9 * v + 0.1 * g**2
        theta -= 0.1 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.9**t)) + 1e-3)
        assert weights["w"][0] == pytest.approx(theta, rel=1e-14)


def test_momentum_follows_sutskever_et_al_number_by_number():
    """Their equations 1 and 2 on a parabola of curvature 3."""
    rule, weights = SGD(0.1, momentum=0.9), {"w": np.array([2.0])}
    theta, v = 2.0, 0.0
    for _ in range(10):
        rule.update(weights, {"w": 3 * weights["w"]})
        v = 0.9 * v - 0.1 * 3 * theta
        theta = theta + v
        assert weights["w"][0] == pytest.approx(theta, rel=1e-13)


def test_nesterov_is_sutskever_s_with_the_gradient_taken_ahead():
    """Their equations 3 and 4 move theta by the gradient at theta + momentum v, which is where our weights stand."""

    def gradient(w):
        return np.array([3 * w[0] + np.sin(w[1]), w[0] * np.cos(w[1]) + w[1]])

    start = np.array([1.0, -2.0])
    rule, weights = SGD(0.05, momentum=0.8, nesterov=True), {"w": start.copy()}
    theta, v = start, np.zeros(2)
    for _ in range(20):
        rule.update(weights, {"w": gradient(weights["w"])})
        v = 0.8 * v - 0.05 * gradient(theta + 0.8 * v)
        theta = theta + v
        np.testing.assert_allclose(weights["w"], theta + 0.8 * v, rtol=1e-12)


@pytest.mark.parametrize("make", [SGD, lambda rate: SGD(rate, 0.9), lambda rate: SGD(rate, 0.9, True), RMSprop, Adam])
@pytest.mark.parametrize("rate", [0.25, np.float64(0.25)], ids=["float", "numpy"])
def test_update_is_in_place_and_keeps_float32(make, rate):
    w = np.ones(3, np.float32)
    optimizer = make(rate)
    for _ in range(3):
        optimizer.update({"w": w}, {"w": np.array([1, -1, 2], np.float32)})
    assert w.dtype == np.float32
    assert np.all(np.sign(1 - w) == [1, -1, 1])
    state = [value for kept in ("m", "v", "s") for value in getattr(optimizer, kept, {}).values()]
    assert all(value.dtype == np.float32 for value in state)


@pytest.mark.parametrize(
    ("optimizer", "length"), [(SGD(0.01), 0.02), (RMSprop(0.01, rho=0.75), 0.02), (Adam(0.01), 0.01)], ids=repr
)
def test_the_length_of_the_first_step(optimizer, length):
    """SGD: with the gradient; RMSprop: rate / sqrt(1 - rho); Adam: the rate, whatever the gradient."""
    w = np.zeros(1)
    optimizer.update({"w": w}, {"w": np.array([2.0])})
    assert w[0] == pytest.approx(-length, rel=1e-6)


@pytest.mark.parametrize(
    ("make", "options", "said"),
    [
        (Adam, {"learning_rate": 0}, "learning_rate must be above 0, not 0"),
        (Adam, {"epsilon": -1}, "epsilon must be above 0"),
        (Adam, {"beta_1": 1}, "beta_1 must be at least 0 and below 1, not 1"),
        (Adam, {"beta_2": math.nan}, "beta_2 must be"),
        (Adam, {"learning_rate": math.nan}, "learning_rate must be"),
        (Adam, {"learning_rate": math.inf}, "learning_rate must be"),
        (SGD, {"learning_rate": -0.1}, "learning_rate must be above 0, not -0.1"),
        (SGD, {"momentum": 1.0}, "momentum must be at least 0 and below 1, not 1.0"),
        (SGD, {"nesterov": True}, "momentum must be above 0, not 0"),
        (RMSprop, {"rho": -0.1}, "rho must be at least 0"),
        (RMSprop, {"epsilon": 0}, "epsilon must be above 0, not 0"),
    ],
)
def test_bad_options_are_refused(make, options, said):
    with pytest.raises(ValueError, match=said):
        make(**options)


@pytest.mark.parametrize("make", [SGD, RMSprop, Adam])
def test_other_names_and_shapes_are_refused_before_anything_changes(make):
    with pytest.raises(ValueError, match=r"differ in the names \['v', 'w'\]"):
        make().update({"w": np.ones(2)}, {"v": np.ones(2)})
    optimizer, weights = make(), {"a": np.ones(2), "w": np.ones(2)}
    with pytest.raises(ValueError, match=r"gradient of w must have shape \(2,\), not \(2, 1\)"):
        optimizer.update(weights, {"a": np.ones(2), "w": np.ones((2, 1))})
    assert weights["a"].tolist() == [1, 1]
    assert optimizer.t == 0


def test_repr_says_the_options():
    assert repr(SGD(0.1, 0.9, True)) == "SGD(learning_rate=0.1, momentum=0.9, nesterov=True)"
    assert repr(RMSprop()) == "RMSprop(learning_rate=0.001, rho=0.9, epsilon=1e-07)"
    assert repr(Adam()) == "Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-08)"
