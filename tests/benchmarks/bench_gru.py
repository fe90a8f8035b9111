"""Time one training step (forward and backward, float32) of three GRUs, interleaved in one run on one thread.

    python tests/benchmarks/bench_gru.py [--rounds 15] [--no-keras]

Each figure is the median over the rounds; a ratio is that of two medians of the same run, so a busy machine slows both
sides. Keras runs as `model.fit` would run it, compiled by `tf.function`; with XLA (`jit_compile=True`), which Keras
switches off for its GRU, it is printed too. The naive GRU is the textbook's: a loop over time, a product per gate.
"""

import argparse
import os
import platform
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

from gru_lib import GRU

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

    from gru_lib import conventions

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


def candidates(size, with_keras):
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
    if with_keras:
        run["Keras"] = keras_step(gru, x, dh, jit=False)
        run["Keras, XLA"] = keras_step(gru, x, dh, jit=True)
    dx = {"gru_lib": run["gru_lib"]().x, "naive NumPy": run["naive NumPy"]()[1]}
    dx |= {name: run[name]()[0] for name in run if name.startswith("Keras")}
    for name, value in dx.items():
        error = np.abs(value - dx["gru_lib"]).max() / np.abs(dx["gru_lib"]).max()
        assert error < 1e-3, f"{name} computes another gradient: relative difference {error:.1e} at {size}"
    return run


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--no-keras", action="store_true")
    options = parser.parse_args()
    if not options.no_keras:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    times = {}
    for size in SIZES:
        run = candidates(size, not options.no_keras)
        seconds = {name: [] for name in run}
        for _ in range(options.rounds):
            for name, function in run.items():
                start = time.perf_counter()
                function()
                seconds[name].append(time.perf_counter() - start)
        times[size] = {name: 1000 * float(np.median(values)) for name, values in seconds.items()}
    names = list(next(iter(times.values())))
    print(f"One training step, float32, one thread, median of {options.rounds} rounds, milliseconds")
    print(f"NumPy {np.__version__}, Python {platform.python_version()}, {platform.machine()}")
    print(f"{'(batch, time, input, units)':28}" + "".join(f"{name:>13}" for name in names))
    for size, row in times.items():
        print(f"{size!s:28}" + "".join(f"{row[name]:13.2f}" for name in names))
    print("\nHow many times as fast as the others gru_lib is")
    for name in names[1:]:
        ratios = [row[name] / row["gru_lib"] for row in times.values()]
        mean = float(np.exp(np.mean(np.log(ratios))))
        print(f"{name:28}" + "".join(f"{ratio:13.2f}" for ratio in ratios) + f"   geometric mean {mean:.2f}")


if __name__ == "__main__":
    main()
