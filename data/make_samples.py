"""Write the generated samples into data/samples/ (or the folder given): made-up numbers in the real files' formats.

    python data/make_samples.py [folder]

Seeded: the same bytes every time. Nothing here was measured, and no real file is read.
"""

import sys
from pathlib import Path

import numpy as np


def melbourne(seed=1981):
    """Five years of daily minimum temperatures, 1981-01-01 to 1985-12-31, as the bytes of a CSV file.

    A season of one cosine, warmest on 25 January (11 +- 4 deg C), and noise that half remembers the day before
    (AR(1), 0.5; standard deviation 2.8). As in the real file, 31 December of the leap year is absent.
    """
    days = np.arange(np.datetime64("1981-01-01"), np.datetime64("1986-01-01"))
    season = 11 + 4 * np.cos(2 * np.pi * (np.arange(len(days)) - 24) / 365.25)
    shocks = 2.8 * np.random.default_rng(seed).standard_normal(len(days))
    noise = np.empty(len(days))
    noise[0] = shocks[0]
    for t in range(1, len(days)):
        noise[t] = 0.5 * noise[t - 1] + np.sqrt(1 - 0.5**2) * shocks[t]
    rows = [
        f'"{day}",{value:.1f}'
        for day, value in zip(days, season + noise, strict=True)
        if day != np.datetime64("1984-12-31")
    ]
    return "\r\n".join(['"Date","Temp"', *rows, ""]).encode()


SAMPLES = {"melbourne.csv": melbourne}


def main(folder):
    """Write every sample into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SAMPLES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "samples")
