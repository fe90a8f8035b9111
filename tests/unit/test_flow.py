"""The flow of gradients back through time: against differences of h_T, and the split into paths against the whole."""

import cell_checks
import numpy as np
import pytest
from gru_checks import Case
from numpy.testing import assert_allclose, assert_array_equal

from gru_lib import GRU, LSTM, SimpleRNN, gradients

MODELS = {
    "after": Case(reset="after", time=7).model(GRU),
    "before": Case(reset="before", time=7).model(GRU),
    "rnn": cell_checks.made(SimpleRNN),
    "lstm": cell_checks.made(LSTM),
}


def sequence(model, batch=3, time=7):
    x, h0, _, _ = cell_checks.data(model, batch=batch, time=time)
    return x, h0


def state_after(model, x, h0, t):
    """What the cell hands on after t steps of one sequence, (1, hidden) or (2, 1, hidden)."""
    if t == 0:
        return h0
    trace = model.forward(x[:, :t], h0)
    return np.stack([trace.h[:, -1], trace.c[:, -1]]) if isinstance(model, LSTM) else trace.h[:, -1]


def jacobian(model, x, h0, t, eps=1e-5):
    """dh_T / d(state after t steps) of one sequence, (hidden, entries of the state), by central differences."""
    state = state_after(model, x, h0, t)
    columns = []
    for index in np.ndindex(state.shape):
        last = []
        for sign in (1, -1):
            moved = state.copy()
            moved[index] += sign * eps
            last.append(model.forward(x[:, t:], moved).h[0, -1])
        columns.append((last[0] - last[1]) / (2 * eps))
    return np.array(columns).T


def one_sequence(x, h0, i):
    return x[i : i + 1], h0[..., i : i + 1, :]


@pytest.mark.parametrize("name", MODELS)
def test_norms_are_those_of_differences(name):
    model = MODELS[name]
    x, h0 = sequence(model)
    flow = gradients.flow(model, x, h0)
    assert flow.norm.shape == (7,)
    assert flow.norm[0] == pytest.approx(np.sqrt(model.hidden_size))
    for lag in range(1, 7):
        norms = [np.linalg.norm(jacobian(model, *one_sequence(x, h0, i), 7 - lag)) for i in range(3)]
        assert flow.norm[lag] == pytest.approx(np.mean(norms), rel=1e-7), lag


@pytest.mark.parametrize("name", MODELS)
def test_a_batch_gives_the_mean_of_its_rows(name):
    model = MODELS[name]
    x, h0 = sequence(model)
    whole = gradients.flow(model, x, h0)
    rows = [gradients.flow(model, *one_sequence(x, h0, i)) for i in range(3)]
    assert_allclose(whole.norm, np.mean([row.norm for row in rows], axis=0), rtol=1e-12)
    for path, value in whole.paths.items():
        assert_allclose(value, np.mean([row.paths[path] for row in rows], axis=0), rtol=0, atol=1e-12)


@pytest.mark.parametrize("probes", [None, 5])
@pytest.mark.parametrize("scale", [0.1, 0.7, 2.0])
@pytest.mark.parametrize("reset", ["after", "before"])
def test_the_paths_add_up_to_the_whole(reset, scale, probes):
    for seed in range(5):
        case = Case(reset=reset, seed=seed, time=20, hidden=6, scale=scale)
        x, h0, _, _ = case.data()
        flow = gradients.flow(case.model(GRU), x, h0, probes=probes)
        assert list(flow.paths) == ["carry", "update", "reset", "candidate"]
        total = sum(flow.paths.values())
        assert np.max(np.abs(total - flow.norm) / flow.norm) < 1e-10


def step_by_parts(model, h_prev, x_t, frozen):
    """One step of a GRU in which the gates and states named in `frozen` are given, not computed from h_prev."""
    s = model.step(x_t, h_prev)._asdict()
    s["carried"] = h_prev
    s |= frozen
    w = model.weights
    if "candidate" not in frozen:
        h = frozen.get("heard", h_prev)
        after = model.reset == "after"
        a = s["r"] * (h @ w["U_h"] + w["c_h"]) if after else (s["r"] * h) @ w["U_h"]
        s["candidate"] = np.tanh(x_t @ w["W_h"] + w["b_h"] + a)
    return s["z"] * s["carried"] + (1 - s["z"]) * s["candidate"]


@pytest.mark.parametrize("reset", ["after", "before"])
def test_each_path_is_what_remains_when_the_others_are_held(reset):
    """Differences of one step with all but one way from h_prev to h held fixed."""
    model = MODELS[reset]
    x, h0 = sequence(model, batch=1, time=6)
    flow = gradients.flow(model, x, h0)
    for lag in range(1, 6):
        t = 6 - lag  # the step from the state after t steps to the next
        h = state_after(model, x, h0, t)
        now = model.step(x[:, t], h)
        held = {"carried": h, "z": now.z, "r": now.r, "heard": h}
        free = {"carry": "carried", "update": "z", "reset": "r", "candidate": "heard"}
        later = jacobian(model, x, h0, t + 1) if lag > 1 else np.eye(4)
        whole = jacobian(model, x, h0, t)
        for path, name in free.items():
            frozen = {key: value for key, value in held.items() if key != name}
            if path in ("carry", "update"):
                frozen["candidate"] = now.candidate
            columns = []
            for unit in 1e-5 * np.eye(4):
                up, down = (step_by_parts(model, h + sign * unit, x[:, t], frozen)[0] for sign in (1, -1))
                columns.append((up - down) / 2e-5)
            part = later @ np.array(columns).T
            share = np.sum(part * whole) / np.linalg.norm(whole)
            assert flow.paths[path][lag] == pytest.approx(share, abs=1e-8), (path, lag)


def test_a_gru_that_keeps_has_the_carry_alone():
    gru = GRU(2, 3, seed=0)
    gru.weights["b_z"][...] = 40  # z is 1 to the last digit
    flow = gradients.flow(gru, np.ones((1, 9, 2)))
    assert_allclose(flow.norm, np.sqrt(3), rtol=1e-12)
    assert_allclose(flow.paths["carry"], np.sqrt(3), rtol=1e-12)
    for path in ("update", "reset", "candidate"):
        assert_allclose(flow.paths[path], 0, atol=1e-12)


def test_a_linear_rnn_is_the_product_of_its_matrices():
    """Without input and state the slope of tanh is 1, and the Jacobian over k steps is U^k."""
    rnn = cell_checks.made(SimpleRNN)
    rnn.weights["b_h"][...] = 0
    U = rnn.weights["U_h"]
    flow = gradients.flow(rnn, np.zeros((2, 6, 2)))
    expected = [np.linalg.norm(np.linalg.matrix_power(U, k)) for k in range(6)]
    assert_allclose(flow.norm, expected, rtol=1e-12)
    assert flow.paths == {}


def test_a_saturated_cell_has_no_gradient_left():
    rnn = SimpleRNN(1, 2, seed=0)
    rnn.weights["b_h"][...] = 1e3
    flow = gradients.flow(rnn, np.ones((1, 4, 1)))
    assert_array_equal(flow.norm[1:], 0)
    gru = GRU(1, 2, seed=0)
    gru.weights["b_z"][...] = -1e4
    gru.weights["b_h"][...] = 1e4
    flow = gradients.flow(gru, np.ones((1, 4, 1)))
    assert_array_equal(flow.norm[1:], 0)
    assert not any(value[1:].any() for value in flow.paths.values())


@pytest.mark.parametrize("name", MODELS)
def test_random_probes_estimate_the_norm(name):
    model = MODELS[name]
    x, h0 = sequence(model)
    exact, probed = gradients.flow(model, x, h0), gradients.flow(model, x, h0, probes=4000)
    assert_allclose(probed.norm, exact.norm, rtol=0.05)
    assert_array_equal(gradients.flow(model, x, h0, probes=7).norm, gradients.flow(model, x, h0, probes=7).norm)
    assert (exact.probes, probed.probes) == (None, 4000)
    assert repr(exact).startswith("Flow(exact: 2 at lag 0 to ")
    assert repr(probed).startswith("Flow(estimated from 4000 random probes: 2 at lag 0 to ")


def test_a_large_layer_is_probed_and_says_so(monkeypatch):
    monkeypatch.setattr(gradients, "EXACT_UNITS", 3)
    model = MODELS["rnn"]
    assert gradients.flow(model, *sequence(model)).probes == gradients.MANY_PROBES
    assert gradients.flow(SimpleRNN(1, 3), np.ones((1, 2, 1))).probes is None


def test_norms_far_from_1_are_exact():
    """Squares of the entries leave the range of floats long before the norm does."""
    rnn = SimpleRNN(1, 2)
    rnn.weights = {"W_h": np.zeros((1, 2)), "U_h": 1e-10 * np.eye(2), "b_h": np.zeros(2)}
    x = np.zeros((1, 25, 1))
    assert_allclose(gradients.flow(rnn, x).norm, np.sqrt(2) * 1e-10 ** np.arange(25.0), rtol=1e-12)
    rnn.weights["U_h"] = 1e10 * np.eye(2)
    assert_allclose(gradients.flow(rnn, x).norm, np.sqrt(2) * 1e10 ** np.arange(25.0), rtol=1e-12)
    with pytest.raises(FloatingPointError, match="at lag 31 is too large for float64"):
        gradients.flow(rnn, np.zeros((1, 40, 1)))


def test_float32_models_and_one_step_are_welcome():
    x, _ = sequence(MODELS["lstm"])
    single = MODELS["lstm"].astype("float32")
    flow = gradients.flow(single, x)
    assert flow.norm.dtype == np.float64
    assert_allclose(flow.norm, gradients.flow(MODELS["lstm"], x).norm, rtol=1e-5)
    assert single.dtype == np.float32
    assert_allclose(gradients.flow(MODELS["after"], x[:, :1]).norm, [2.0])


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda m, x: gradients.flow("gru", x), TypeError, "model must be a GRU, SimpleRNN or LSTM, not a str"),
        (lambda m, x: gradients.flow(m, x[0]), ValueError, "x must have 3 axes"),
        (lambda m, x: gradients.flow(m, x, np.zeros((1, 9))), ValueError, "h0 must have shape"),
        (lambda m, x: gradients.flow(m, x, probes=0), ValueError, "probes must be at least 1, not 0"),
        (lambda m, x: gradients.flow(m, x, probes=2.5), TypeError, "probes must be an integer"),
    ],
)
def test_bad_input(call, kind, words):
    with pytest.raises(kind, match=words):
        call(MODELS["after"], sequence(MODELS["after"])[0])
