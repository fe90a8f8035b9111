"""How the cost of a training step of the GRU grows, and what memory it takes; one thread.

    python tests/benchmarks/bench_scaling.py [--rounds 9]

Time: a sweep over the number of steps and one over the batch, the others fixed; the exponent of a power law is fitted,
1 being a cost that grows in proportion. Memory: what NumPy holds after a forward pass (the trace) and at most during
both passes (tracemalloc), and the largest resident memory of a new process that does 1,000 steps at batch 64 and 128
units, which must stay below 1 GB.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
import tracemalloc

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

from gru_lib import GRU

INPUT, UNITS, BATCH, STEPS = 4, 64, 64, 100
SWEEPS = {
    "time": [(BATCH, steps) for steps in (50, 100, 200, 400, 800)],
    "batch": [(batch, STEPS) for batch in (32, 64, 128, 256, 512)],
}
LONG = (64, 1000, 1, 128)  # batch, time, input, units
GIGABYTE = 1e9


def problem(batch, steps, inputs, units):
    """A float32 GRU with an input and dL/dh."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, steps, inputs), dtype=np.float32)
    dh = rng.standard_normal((batch, steps, units), dtype=np.float32)
    return GRU(inputs, units, seed=0, dtype="float32"), x, dh


def sweep(sizes, rounds):
    """The shortest processor time of forward and backward at each (batch, steps), milliseconds; sizes in turns."""
    problems = [problem(*size, INPUT, UNITS) for size in sizes]
    best = [np.inf] * len(sizes)
    for _ in range(rounds):
        for k, (gru, x, dh) in enumerate(problems):
            start = time.process_time()
            gru.backward(gru.forward(x), dh)
            best[k] = min(best[k], 1000 * (time.process_time() - start))
    return best


def memory(batch, steps, inputs, units):
    """Bytes that NumPy holds for the trace, and at most during forward and backward, x and dh not counted."""
    gru, x, dh = problem(batch, steps, inputs, units)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    trace = gru.forward(x)
    kept = tracemalloc.get_traced_memory()[0] - before
    gru.backward(trace, dh)
    most = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return kept, most


def resident():
    """The largest resident memory of this process, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else 1024 * peak


def long_sequence():
    """Print the resident memory with NumPy and this package alone, and after forward and backward of LONG."""
    start = resident()
    gru, x, dh = problem(*LONG)
    gru.backward(gru.forward(x), dh)
    print(start, resident())


def main():
    """Print the two tables; fail where memory is above the bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--long-sequence", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.long_sequence:
        long_sequence()
        return

    # First, while this process is small: the new one counts what its parent holds at the moment it is made.
    answer = subprocess.run([sys.executable, __file__, "--long-sequence"], capture_output=True, text=True, check=True)
    start, peak = map(int, answer.stdout.split())

    print(f"Forward and backward, float32, one thread, {UNITS} units, input {INPUT}, shortest processor time")
    for what, sizes in SWEEPS.items():
        milliseconds = sweep(sizes, options.rounds)
        lengths = [dict(zip(("batch", "time"), size, strict=True))[what] for size in sizes]
        exponent = np.polyfit(np.log(lengths), np.log(milliseconds), 1)[0]
        print("".join(f"{what} {length}: {ms:.1f} ms   " for length, ms in zip(lengths, milliseconds, strict=True)))
        print(f"    grows as {what} to the power of {exponent:.2f}")

    print(f"\nMemory in float32, input {INPUT} (x and dh not counted)")
    for batch, steps, units in ((32, 60, 32), (64, 100, 75), (64, 1000, 128)):
        kept, most = memory(batch, steps, INPUT, units)
        cells = batch * steps * units
        print(
            f"batch {batch}, {steps} steps, {units} units: trace {kept / 1e6:.1f} MB, {kept / cells:.1f} bytes "
            f"for each example, step and unit; at most {most / 1e6:.1f} MB, {most / cells:.1f} bytes"
        )
    batch, steps, _, units = LONG
    print(
        f"{steps} steps at batch {batch} and {units} units in a new process: at most {peak / 1e6:.0f} MB resident, "
        f"of which {start / 1e6:.0f} MB before the first array"
    )
    assert peak < GIGABYTE, f"{peak / 1e6:.0f} MB is more than 1 GB"


if __name__ == "__main__":
    main()
