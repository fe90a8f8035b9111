"""Write the generated samples into data/samples/ (or the folder given): made-up data in the real files' formats.

    python data/make_samples.py [folder]

Seeded: the same bytes every time. Nothing here was measured, and no real file is read.
"""

import sys
from pathlib import Path

import numpy as np
from review_sentences import review


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


def bitcoin(seed=2014):
    """Four years of daily prices, 2014-01-01 to 2017-12-31, as CoinMarketCap wrote them: newest first.

    The logarithm of the price is a random walk with a drift (0.1 % a day) whose steps have a standard deviation of
    1.5 to 6 %, calm and wild in turn. By construction nothing but today's price helps to forecast tomorrow's.
    The volumes of the first 90 days are "-", no value, as in old exports.
    """
    random = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2014-01-01"), np.datetime64("2018-01-01"))
    n = len(days)
    wildness = np.exp(_memory(random, n, 0.98) * 0.45 + np.log(0.028)).clip(0.015, 0.06)
    close = 400 * np.exp(np.cumsum(0.001 + wildness * random.standard_normal(n)))
    opened = np.concatenate([[400.0], close[:-1]])
    high = np.maximum(opened, close) * np.exp(wildness * random.exponential(0.4, n))
    low = np.minimum(opened, close) * np.exp(-wildness * random.exponential(0.4, n))
    volume = 2e7 * (close / 400) ** 1.3 * np.exp(_memory(random, n, 0.9) * 0.4)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    rows = []
    for t in reversed(range(n)):
        day = days[t].item()
        traded = f'"{round(volume[t], -4):,.0f}"' if t >= 90 else "-"
        cap = round(close[t] * (12.2e6 + 3000 * t), -5)
        prices = ",".join(f"{price[t]:.2f}" for price in (opened, high, low, close))
        rows.append(f'"{months[day.month - 1]} {day.day:02d}, {day.year}",{prices},{traded},"{cap:,.0f}"')
    return "\n".join(["Date,Open,High,Low,Close,Volume,Market Cap", *rows, ""]).encode()


def power(seed=2007):
    """One week of a household's electric power, minute by minute, from Monday 8/1/2007 00:00, in UCI's format.

    Kitchen, laundry (with a refrigerator that never stops), and water heater switch on and off by chance, more
    often at their times of the day; lights and the rest follow the evening. Energy is consistent: the three
    sub-meterings (Wh a minute) are part of the active power (kW), the current is power over voltage. Two outages,
    of 2 and 120 minutes, are rows of "?" whose last field is empty, as in the real file.
    """
    random = np.random.default_rng(seed)
    n = 7 * 24 * 60
    hour = np.arange(n) / 60 % 24
    weekend = np.arange(n) // 1440 >= 5

    def runs(often, watts, lasts):
        """The power in W of a device that is switched on with probability `often` a minute, for `lasts` minutes."""
        on = np.zeros(n)
        for start in np.flatnonzero(random.random(n) < often):
            on[start : start + max(1, round(random.exponential(lasts)))] = watts
        return on

    def around(centre, width):
        return np.exp(-0.5 * ((hour - centre) / width) ** 2)

    meals = 0.012 * around(7.5, 0.7) + 0.010 * around(12.5, 0.8) + 0.016 * around(19.5, 1.0)
    washing = 0.004 * around(10, 2.5) * np.where(weekend, 2.0, 0.5)
    wh = np.stack(
        [
            runs(meals, 2200, 12) / 60,
            (runs(washing, 1500, 45) + 90 * (np.arange(n) % 62 < 24)) / 60,
            runs(0.002 + 0.012 * around(6.5, 1.2) + 0.006 * around(21, 1.5), 1080, 40) / 60,
        ]
    ).round()
    rest = 180 + 420 * around(20.5, 2.0) + 150 * around(7.5, 1.0) + 60 * np.abs(_memory(random, n, 0.97))
    active = (rest + wh.sum(axis=0) * 60) / 1000
    reactive = np.clip(0.1 + 0.08 * _memory(random, n, 0.95), 0, None)
    voltage = 241 + 2.2 * _memory(random, n, 0.98) - 0.6 * active
    current = np.round(np.hypot(active, reactive) * 1000 / voltage * 5) / 5
    out = np.zeros(n, bool)
    out[1693:1695] = out[5220:5340] = True

    header = (
        "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;"
        "Sub_metering_1;Sub_metering_2;Sub_metering_3"
    )
    rows = []
    for t in range(n):
        stamp = f"{8 + t // 1440}/1/2007;{t // 60 % 24:02d}:{t % 60:02d}:00"
        values = (active[t], reactive[t], voltage[t], current[t], *wh[:, t])
        rows.append(f"{stamp};?;?;?;?;?;?;" if out[t] else ";".join([stamp, *(f"{value:.3f}" for value in values)]))
    return "\r\n".join([header, *rows, ""]).encode()


def reviews(seed=1895, n=400):
    """Short film reviews, half of them positive, with the line breaks `<br />` of the published texts."""
    random = np.random.default_rng(seed)
    labels = random.permutation(["positive", "negative"] * (n // 2))
    texts = {}
    for i, label in enumerate(labels):
        while (text := review(random, label == "positive")) in texts:
            pass
        texts[text] = labels[i]
    rows = ['"' + text.replace('"', '""') + f'",{label}' for text, label in texts.items()]
    return "\r\n".join(["review,sentiment", *rows, ""]).encode()


def bankex(seed=2005, days=500):
    """Ten random walks: the logarithms of the prices share half the variance of their steps (2 % a day), the market."""
    random = np.random.default_rng(seed)
    market, own = random.standard_normal((1, days)), random.standard_normal((10, days))
    steps = 0.0005 + 0.02 * (market + own) / np.sqrt(2)
    return _matrix(np.geomspace(15, 90, 10)[:, None] * np.exp(np.cumsum(steps, axis=1)))


def activities(seed=7, days=490):
    """Ten weekly patterns: at level i five days in a row near i and two near 0, each series with its own weekend."""
    random = np.random.default_rng(seed)
    level = np.arange(1, 11)[:, None]
    low = (np.arange(days) + random.integers(0, 7, (10, 1))) % 7 < 2
    return _matrix(level * np.where(low, 0.04, 1.02) + level * 0.03 * random.standard_normal((10, days)))


def _matrix(values):
    """One series a line, each number in the notation of numpy.savetxt; four decimals are what is known."""
    return "".join(",".join(f"{value:.18e}" for value in line) + "\n" for line in values.round(4)).encode()


def noise():
    """The 8,000 days of the tutorial, digit for digit: white noise of mean 25 and standard deviation 5."""
    values = 25 + 5 * np.random.RandomState(42).randn(8000)
    days = np.datetime64("2010-01-01") + np.arange(len(values))
    rows = [f"{day},{float(value)!r}" for day, value in zip(days, values, strict=True)]
    return "\r\n".join(["Date,Temperature", *rows, ""]).encode()


def _memory(random, n, keep):
    """Noise of standard deviation 1 that keeps the share `keep` of its last value (AR(1))."""
    values, state = np.empty(n), random.standard_normal()
    for t, shock in enumerate(np.sqrt(1 - keep**2) * random.standard_normal(n)):
        values[t] = state = keep * state + shock
    return values


SAMPLES = {
    "melbourne.csv": melbourne,
    "bitcoin.csv": bitcoin,
    "power.txt": power,
    "reviews.csv": reviews,
    "bankex.csv": bankex,
    "activities.csv": activities,
    "noise.csv": noise,
}


def main(folder):
    """Write every sample into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SAMPLES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "samples")
