"""Run what lesson 6 keeps in data/results/: keras_speed.csv, keras_power.csv.

    python data/make_keras_results.py [--only speed|power ...] [--fresh] [--processes 2] [--folder data/results]

speed: the time of a training step of GRU, LSTM and plain RNN, in turns, one thread; always measured anew, in about two
minutes; nothing else should run meanwhile. power: the household's power, several seeds; runs that are stored
are not run again, unless `--fresh` deletes them first.
"""

import argparse
import os
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from gru_lib import experiments, results, speed, systems
from gru_lib.experiments import Run

ROUNDS = 30
UNITS = (8, 16, 32, 50, 64, 100, 128, 256)
SEEDS = range(5)
DEADLINE = 300.0  # seconds for a run
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def power():
    """The settings of the power runs: the source's networks, a GRU as large as the LSTM, and longer windows."""
    plan = systems.SYSTEMS["power"]
    large = systems.resize(plan, "GRU", systems.count(plan, "LSTM")).units
    arms = [("LSTM", ()), ("GRU", ()), ("GRU", large), ("RNN", ())]
    runs = [
        Run("power", cell, seed, units=units, missing=missing)
        for seed, (cell, units), missing in product(SEEDS, arms, ("skip", "zero"))
    ]
    runs += [Run("power", cell, seed, missing="previous") for seed, cell in product(SEEDS, ("LSTM", "GRU"))]
    return runs + [Run("power", cell, seed, window=15) for seed, cell in product(SEEDS, ("LSTM", "GRU"))]


def make_speed(path):
    """Measure, and replace the file."""
    about = {
        "threads": os.environ[THREADS[0]],
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "keras": systems.load_keras().__version__,
        "tensorflow": version("tensorflow"),
        "machine": results.machine(),
    }
    frame = pd.DataFrame(speed.measure(units=UNITS, rounds=ROUNDS)).assign(**about)
    frame.to_csv(path, index=False, float_format="%.5g", lineterminator="\n")
    print(frame.pivot_table("milliseconds", "units", "cell", aggfunc="median").round(2).to_string())


def main():
    """Read the command line and run what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=("speed", "power"), default=("speed", "power"))
    parser.add_argument("--fresh", action="store_true", help="delete the stored power runs first")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(__file__).resolve().parent / "results")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name in THREADS:
        # TensorFlow reads this when it starts, here and in every process started from here: the matrices are small,
        # and the processes would wait for each other's threads.
        os.environ.setdefault(name, "1")
    start = time.perf_counter()
    if "speed" in asked.only:  # first, and alone
        make_speed(asked.folder / "keras_speed.csv")
    if "power" in asked.only:
        path = asked.folder / "keras_power.csv"
        if asked.fresh:
            path.unlink(missing_ok=True)
        experiments.run_all(power(), path, deadline=DEADLINE, processes=asked.processes)
    print(f"all: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
