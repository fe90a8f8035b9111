"""Run what lessons 6 to 9 keep in data/results/: keras_speed.csv, and keras_*.csv for the five systems.

    python data/make_keras_results.py [--only speed power price bank temperature reviews] [--fresh] [--real]
                                      [--models FOLDER] [--processes 2] [--folder data/results]

speed: the time of a training step of GRU, LSTM and plain RNN, in turns, one thread; measured in about two minutes if
it is not stored, or with `--fresh`; nothing else should run meanwhile. The others: a system each, several seeds; runs
that are stored are not run again, unless `--fresh` deletes them first. `--real` adds the runs on real files, which
must lie in data/cache/ or in the folder that GRU_LIB_DATA names; `--models` keeps every trained model.
"""

import argparse
import os
import time
from itertools import product
from pathlib import Path

import pandas as pd

from gru_lib import experiments, speed, systems, tables
from gru_lib.experiments import Run

ROUNDS = 30
UNITS = (8, 16, 32, 50, 64, 100, 128, 256)
CELLS = ("LSTM", "GRU")
SEEDS = range(5)  # of the power runs, and of those further back in time
MORE_SEEDS = range(10)
DEADLINE = 600.0  # seconds for a run
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
    runs += [Run("power", cell, seed, missing=m) for m in ("previous", "keep") for seed, cell in product(SEEDS, CELLS)]
    return runs + [Run("power", cell, seed, window=15) for seed, cell in product(SEEDS, CELLS)]


def arms(name):
    """The networks of a comparison, (cell, units): as published, and a GRU with as many parameters as the LSTM."""
    plan = systems.SYSTEMS[name]
    large = systems.resize(plan, "GRU", systems.count(plan, "LSTM")).units
    return [("GRU", plan.units), ("LSTM", plan.units), ("GRU", large)]


def price(real):
    """Levels and returns, and three test parts further back; on real prices the GRU alone."""
    if real:
        both = product(SEEDS, ("level", "return"))
        return [Run("price", "GRU", seed, target=target, source="real") for seed, target in both]
    runs = [Run("price", cell, seed, units=units) for seed, (cell, units) in product(MORE_SEEDS, arms("price"))]
    pairs = product(MORE_SEEDS, CELLS)
    runs += [Run("price", cell, seed, target="return") for seed, cell in pairs]
    earlier = product((1, 2, 3), SEEDS, CELLS)
    return runs + [Run("price", cell, seed, back=back) for back, seed, cell in earlier]


def bank(real):
    """Bank shares, one day and twenty days ahead; the weekly patterns of the activities, twenty days ahead."""
    source = "real" if real else "sample"
    return [
        Run("bank", cell, seed, units=units, horizon=horizon, data=data, source=source)
        for data, horizon in (("bankex", 1), ("bankex", 20), ("activities", 20))
        for seed, (cell, units) in product(MORE_SEEDS, arms("bank"))
    ]


def temperature(real):
    """The tutorial's "temperature", which is noise, and the real one of Seattle."""
    if real:
        return [Run("temperature", "GRU", seed, data="melbourne", source="real") for seed in MORE_SEEDS]
    runs = [Run("temperature", "GRU", seed, data="seattle", source="real") for seed in MORE_SEEDS]
    return runs + [Run("temperature", "GRU", seed) for seed in MORE_SEEDS]


def reviews(real):
    """All the training reviews and parts of them; with and without a mask.

    No review of the sample has more than 120 words: a longer window adds padding alone, which is masked.
    """
    source = "real" if real else "sample"
    runs = [
        Run("reviews", cell, seed, units=units, source=source)
        for seed, (cell, units) in product(MORE_SEEDS, arms("reviews"))
    ]
    if not real:
        pairs = list(product(MORE_SEEDS, CELLS))
        runs += [
            Run("reviews", cell, seed, units=units, window=120, share=share)
            for share in SHARES
            for seed, (cell, units) in product(MORE_SEEDS, arms("reviews"))
        ]
        runs += [Run("reviews", cell, seed, mask=False) for seed, cell in pairs]
    return runs


SHARES = (0.1, 0.2, 0.4, 1.0)  # of the training reviews
SYSTEMS = {"power": lambda real: [] if real else power(), "price": price, "bank": bank}
SYSTEMS |= {"temperature": temperature, "reviews": reviews}


def make_speed(path):
    """Measure, and replace the file."""
    about = {"threads": os.environ[THREADS[0]], **tables.about("keras", "tensorflow")}
    frame = pd.DataFrame(speed.measure(units=UNITS, rounds=ROUNDS)).assign(**about)
    frame.to_csv(path, index=False, float_format="%.5g", lineterminator="\n")
    print(frame.pivot_table("milliseconds", "units", "cell", aggfunc="median").round(2).to_string())


def main():
    """Read the command line and run what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    kinds = ("speed", *SYSTEMS)
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds, help="which to make, in place of all")
    parser.add_argument("--fresh", action="store_true", help="delete the files asked for first, and make them anew")
    parser.add_argument("--real", action="store_true", help="then the same on real files")
    parser.add_argument("--models", type=Path, help="a folder to save every trained model in")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(__file__).resolve().parent / "results")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name in THREADS:
        # TensorFlow reads this when it starts, here and in every process started from here: the matrices are small,
        # and the processes would wait for each other's threads.
        os.environ.setdefault(name, "1")
    start = time.perf_counter()
    paths = {kind: asked.folder / f"keras_{kind}.csv" for kind in asked.only}
    if asked.fresh:
        for path in paths.values():
            path.unlink(missing_ok=True)
    if "speed" in asked.only and not paths["speed"].exists():  # first, and alone
        make_speed(paths["speed"])
    for real in (False, True) if asked.real else (False,):
        for kind in asked.only:
            if kind in SYSTEMS and (runs := SYSTEMS[kind](real)):
                options = {"deadline": DEADLINE, "models": asked.models, "processes": asked.processes}
                experiments.run_all(runs, paths[kind], **options)
                print(
                    f"{kind}{', real' if real else ''}: {len(runs)} runs stored, {time.perf_counter() - start:.0f} s",
                    flush=True,
                )
    print(f"all: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
