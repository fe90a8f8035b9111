"""Run what is stored in data/results/: search for learning rates, memory tasks, gates of review readers, clipping.

    python data/make_results.py [--only search|memory|gates|clipping ...] [--fresh] [--processes 2] [--folder data/results]

A run that is stored is not run again; `--fresh` deletes the files asked for first. Every run is written as it ends, so
an interrupted call loses nothing: call again. The settings below and the seeds decide everything but the last digits.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from gru_lib import results
from gru_lib.results import Setting

CELLS, STARTS, SEEDS = tuple(results.CELLS), results.STARTS, range(5)
LENGTHS = {"adding": (10, 25, 50, 100, 200), "latch": (10, 25, 50, 100, 200), "copy": (2, 5, 10, 20)}
# The search: for every task, cell and start the same three rates, at the same two lengths, a short one that a plain RNN
# may manage and a longer one that tells the rates apart, with seeds that serve nothing else.
SEARCH_LENGTHS = {"adding": (25, 100), "copy": (2, 10), "latch": (25, 50)}
RATES, SEARCH_SEEDS = (0.003, 0.01, 0.03), (100, 101)
VERDICTS = ("start", "end", "both")


def search():
    """The settings of the search for learning rates."""
    return [
        Setting(task, length, cell, start, seed, learning_rate=rate)
        for task, lengths in SEARCH_LENGTHS.items()
        for length, cell, start, rate, seed in product(lengths, CELLS, STARTS, RATES, SEARCH_SEEDS)
    ]


def memory(found):
    """The settings of the memory tasks: every task, length, cell and start, each with the rate that was found best."""
    return [
        Setting(task, length, cell, start, seed, learning_rate=results.best_learning_rate(found, task, cell, start))
        for task, lengths in LENGTHS.items()
        for seed, length, cell, start in product(SEEDS, lengths, CELLS, STARTS)
    ]


def gates():
    """The settings of the review readers: all of their steps, solved or not."""
    return [
        Setting(f"reviews {verdict}", 24, "GRU", start, seed, units=units, most_steps=600, stop=False)
        for verdict, units, start, seed in product(VERDICTS, (2, 8), STARTS, SEEDS)
    ]


def clipping():
    """The settings of the clipping runs: a rate too large for a plain RNN, with and without clipping."""
    return [
        Setting("adding", 50, cell, "usual", seed, learning_rate=rate, max_norm=norm, optimizer="sgd")
        for cell, rate, norm, seed in product(("RNN", "GRU"), (0.1, 0.3), (1.0, float("inf")), range(10))
    ]


def run(kind, settings, folder, processes):
    """Run those of `settings` that are not stored, and store each as it ends. Returns all rows."""
    path = folder / f"{kind}.csv"
    stored = results.read(path, kind) if path.exists() else pd.DataFrame(columns=list(results.COLUMNS[kind]))
    left = results.missing(settings, stored)
    print(f"{kind}: {len(settings)} runs, {len(settings) - len(left)} of them stored", flush=True)
    start = time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(results.rows, kind, setting): setting for setting in left}
        for done, job in enumerate(as_completed(jobs), start=1):
            results.append(path, kind, job.result())
            if done % 20 == 0 or done == len(jobs):
                print(f"{kind}: {done} of {len(jobs)} run, {time.perf_counter() - start:.0f} s", flush=True)
    return results.read(path, kind)


def main():
    """Read the command line and run what it asks for."""
    stored = "A run that is stored is skipped: only what is missing is run, and written as it ends."
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], epilog=stored)
    kinds, here = list(results.COLUMNS), Path(__file__).resolve().parent / "results"
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds, help="which files to make, in place of all")
    parser.add_argument("--fresh", action="store_true", help="delete the files asked for, and run everything in them")
    parser.add_argument("--processes", type=int, default=2, help="how many runs at the same time (default: 2)")
    parser.add_argument("--folder", type=Path, default=here, help="where the files lie (default: data/results)")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.fresh:
        for kind in asked.only:
            (asked.folder / f"{kind}.csv").unlink(missing_ok=True)
    start = time.perf_counter()
    if "search" in asked.only:
        run("search", search(), asked.folder, asked.processes)
    if "memory" in asked.only:
        found = results.read(asked.folder / "search.csv", "search")
        run("memory", memory(found), asked.folder, asked.processes)
    if "gates" in asked.only:
        run("gates", gates(), asked.folder, asked.processes)
    if "clipping" in asked.only:
        run("clipping", clipping(), asked.folder, asked.processes)
    print(f"all: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
