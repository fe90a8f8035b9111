"""Time one training step (forward and backward, float32) of several GRUs, in turns in one run on one thread.

    python tests/benchmarks/bench_gru.py [--rounds 15] [--no-keras] [--cpu] [--threads 2]

Each figure is the median over the rounds of the time of a step in a turn of three steps, one after the other as in
training; a ratio is that of two medians of the same run, so a busy machine slows both sides. With --cpu the processor's
time is measured, which counts only what the machine spends on this process. Keras runs as `model.fit` would run it,
compiled by `tf.function`; with XLA (`jit_compile=True`), which Keras switches off for its GRU, it is printed too.
PyTorch's `nn.GRU` is timed where torch is installed. The naive GRU is the textbook's: a loop over time, a product per
gate. The limit is what no code on the same NumPy can beat: the matrix products of these sizes and the tanh evaluations,
and nothing else.

With --threads 2 BLAS, Keras and PyTorch may use two threads.
"""

import argparse
import importlib.util
import os
import platform
import time

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("--rounds", type=int, default=15)
PARSER.add_argument("--no-keras", action="store_true")
PARSER.add_argument("--cpu", action="store_true", help="measure the processor's time")
PARSER.add_argument("--threads", type=int, default=1)
OPTIONS = PARSER.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(OPTIONS.threads)  # read when NumPy is imported
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

from gru_lib import GRU, conventions
from gru_lib.gru import _pieces

TURN = 3  # steps
HAS_TORCH = importlib.util.find_spec("torch") is not None
SIZES = [(32, 60, 1, 32), (64, 60, 1, 50), (64, 100, 7, 75), (64, 60, 16, 256)]


def naive_step(weights, x, dh):
    """Forward and backward for reset="after", each gate and each time step by itself; returns the gradients."""

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    w, h, past = weights, np.zeros_like(dh[:, 0]), []
    for t in range(x.shape[1]):
        x_t = x[:, t]
        z = sigmoid(x_t @ w["W_z"] + w["b_z"] + h @ w["U_z"] + w["c_z"])
        r = sigmoid(x_t @ w["W_r"] + w["b_r"] + h @ w["U_r"] + w["c_r"])
        u = h @ w["U_h"] + w["c_h"]
        candidate = np.tanh(x_t @ w["W_h"] + w["b_h"] + r * u)
        past.append((x_t, h, z, r, u, candidate))
        h = z * h + (1 - z) * candidate
    grads = {name: np.zeros_like(value) for name, value in w.items()}
    dx, g = np.zeros_like(x), np.zeros_like(h)
    for t in reversed(range(x.shape[1])):
        x_t, h, z, r, u, candidate = past[t]
        g = g + dh[:, t]
        da_z = g * (h - candidate) * z * (1 - z)
        da_h = g * (1 - z) * (1 - candidate * candidate)
        da_r = da_h * u * r * (1 - r)
        du = da_h * r
        for k, da, into in (("z", da_z, da_z), ("r", da_r, da_r), ("h", da_h, du)):
            grads[f"W_{k}"] += x_t.T @ da
            grads[f"b_{k}"] += da.sum(axis=0)
            grads[f"U_{k}"] += h.T @ into
            grads[f"c_{k}"] += into.sum(axis=0)
            dx[:, t] += da @ w[f"W_{k}"].T
        g = g * z + da_z @ w["U_z"].T + da_r @ w["U_r"].T + du @ w["U_h"].T
    return grads, dx, g


def keras_step(gru, x, dh, jit):
    """The same step in Keras, with the weights of `gru`, compiled; call the result to run it once."""
    import keras
    import tensorflow as tf

    layer = keras.layers.GRU(gru.hidden_size, return_sequences=True, reset_after=True)
    layer.build((None, *x.shape[1:]))
    layer.set_weights(conventions.to_keras(gru))

    @tf.function(jit_compile=jit)
    def step(x, dh):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x) * dh)
        return tape.gradient(loss, [x, *layer.trainable_variables])

    x, dh = tf.constant(x), tf.constant(dh)
    return lambda: [np.asarray(g) for g in step(x, dh)]


def torch_step(gru, x, dh):
    """The same step in PyTorch, with the weights of `gru`; call the result to run it once."""
    import torch

    torch.set_num_threads(OPTIONS.threads)
    layer = torch.nn.GRU(gru.input_size, gru.hidden_size, batch_first=True)
    layer.load_state_dict({key: torch.tensor(value) for key, value in conventions.to_torch(gru).items()})
    x, dh = torch.tensor(x, requires_grad=True), torch.tensor(dh)
    return lambda: [g.numpy() for g in torch.autograd.grad(layer(x)[0], [x, *layer.parameters()], dh)]


def limit_step(size):
    """The matrix products of a step of `gru_lib.GRU` and its tanh evaluations alone, on numbers that mean nothing."""
    batch, steps, inputs, units = size
    rng = np.random.default_rng(0)

    def numbers(*shape):
        return rng.standard_normal(shape, dtype=np.float32)

    rows = 256  # of the products that are not done step by step; fewer where that is faster
    few = _pieces(rows, units)[0].stop
    h, U = numbers(batch, units), numbers(3, units, units)
    W, W_T = numbers(3, inputs + 1, units), numbers(3, units, inputs)
    d, product = numbers(3, batch, units), numbers(3, batch, units)
    x1_rows, h_rows, d_rows = numbers(rows, inputs + 1), numbers(rows, units), numbers(3, rows, units)
    few_h_rows, few_d_rows = h_rows[:few], d_rows[:, :few]
    from_x, dW, dU, dx = numbers(3, rows, units), np.empty_like(W), np.empty_like(U), numbers(3, rows, inputs)

    def step():
        for _ in range(steps):
            np.matmul(h, U, out=product)
            np.tanh(product, out=product)
            np.matmul(d, U, out=product)
        for _ in range(round(steps * batch / rows)):
            np.matmul(x1_rows, W, out=from_x)
            np.matmul(x1_rows.T, d_rows, out=dW)
            np.matmul(d_rows, W_T, out=dx)
        for _ in range(round(steps * batch / few)):
            np.matmul(few_h_rows.T, few_d_rows, out=dU)

    return step


def candidates(size):
    """The functions to time for one (batch, time, input, units), after a check that they compute the same gradient."""
    batch, steps, inputs, units = size
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, steps, inputs), dtype=np.float32)
    dh = rng.standard_normal((batch, steps, units), dtype=np.float32)
    gru = GRU(inputs, units, seed=0, dtype="float32")
    run = {
        "gru_lib": lambda: gru.backward(gru.forward(x), dh),
        "naive NumPy": lambda: naive_step(gru.weights, x, dh),
    }
    if HAS_TORCH:
        run["PyTorch"] = torch_step(gru, x, dh)
    if not OPTIONS.no_keras:
        run["Keras"] = keras_step(gru, x, dh, jit=False)
        run["Keras, XLA"] = keras_step(gru, x, dh, jit=True)
    dx = {"gru_lib": run["gru_lib"]().x, "naive NumPy": run["naive NumPy"]()[1]}
    dx |= {name: run[name]()[0] for name in run if name not in dx}
    for name, value in dx.items():
        error = np.abs(value - dx["gru_lib"]).max() / np.abs(dx["gru_lib"]).max()
        assert error < 1e-3, f"{name} computes another gradient: relative difference {error:.1e} at {size}"
    run["limit"] = limit_step(size)
    return run


def measured(size):
    """Milliseconds of a step at one size, by name."""
    clock = time.process_time if OPTIONS.cpu else time.perf_counter
    run = candidates(size)
    seconds = {name: [] for name in run}
    for _ in range(OPTIONS.rounds):
        for name, function in run.items():
            start = clock()
            for _ in range(TURN):
                function()
            seconds[name].append((clock() - start) / TURN)
    return {name: 1000 * float(np.median(values)) for name, values in seconds.items()}


def main():
    """Print the table."""
    if not OPTIONS.no_keras:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(OPTIONS.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    times = {size: measured(size) for size in SIZES}
    names = list(next(iter(times.values())))
    kind = "processor time" if OPTIONS.cpu else "time"
    print(
        f"Training steps, float32, threads: {OPTIONS.threads}, median {kind} of {OPTIONS.rounds} rounds, milliseconds"
    )
    print(f"NumPy {np.__version__}, Python {platform.python_version()}, {platform.machine()}")
    print(f"{'(batch, time, input, units)':28}" + "".join(f"{name:>13}" for name in names))
    for size, row in times.items():
        print(f"{size!s:28}" + "".join(f"{row[name]:13.2f}" for name in names))
    print("\nHow many times as fast as the others gru_lib is (limit: the share of it that gru_lib reaches)")
    for name in names[1:]:
        ratios = [row[name] / row["gru_lib"] for row in times.values()]
        mean = float(np.exp(np.mean(np.log(ratios))))
        print(f"{name:28}" + "".join(f"{ratio:13.2f}" for ratio in ratios) + f"   geometric mean {mean:.2f}")
    if not HAS_TORCH:
        print("PyTorch is not installed, so it was not timed")


if __name__ == "__main__":
    main()
