"""The ten claims that tutorials make about the GRU, each tried: the numbers come from data/results/, by code.

`all_claims()` measures them all. No verdict is written down anywhere: `claims.Claim` computes it from the intervals.
`python -m gru_lib.trials` prints every claim, its numbers and its verdict.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from gru_lib import comparison, experiments, gradients, preparation, results, systems, windows
from gru_lib.claims import Claim, Part, Table
from gru_lib.gru import GRU
from gru_lib.rnn import SimpleRNN

FOLDER = Path(__file__).resolve().parent.parent / "data" / "results"
SAME = 1.05  # "the same accuracy": within 5 %
KERAS, NUMPY = "python data/make_keras_results.py --fresh --only", "python data/make_results.py --fresh --only"
CELLS = ("GRU", "LSTM")
ARMS = ("equal units", "equal parameters")


def fewer_parameters():
    """Claim 1: exact counts."""
    parts = []
    for reset_after in (False, True):
        layer = {c: sum(systems.layer_parameters(c, 1, 50, reset_after).values()) for c in CELLS}
        parts.append(_exact(f"a layer of 50 units, reset_after={reset_after}", layer["GRU"] / layer["LSTM"]))
    for name, plan in systems.SYSTEMS.items():
        share = systems.count(plan, "GRU") / systems.count(plan, "LSTM")
        parts.append(_exact(f"the whole {name} network, reset_after=True", share))
    return Claim(
        1,
        "A GRU has fewer parameters than an LSTM.",
        "all five sources",
        "The parameters are derived from the equations, and are those that Keras counts.",
        "parameters, GRU over LSTM with as many units",
        "python -m gru_lib.trials",
        tuple(parts),
    )


def trains_faster(folder=FOLDER):
    """Claim 2: time of a training step, on one thread of a processor."""
    timed = pd.read_csv(folder / "keras_speed.csv")
    steps = timed.pivot(index=["units", "round"], columns="cell", values="milliseconds")
    parts = []
    for units in sorted(timed["units"].unique()):
        logs = np.log(steps.loc[units])
        found = np.exp(comparison.paired_interval(logs["GRU"], logs["LSTM"]))
        parts.append(Part(f"{units} units", *map(float, found), "below", 1.0, f"{len(logs)} rounds"))
    return Claim(
        2,
        "A GRU trains faster than an LSTM.",
        "all five sources",
        "A training step of one Keras layer, 60 steps, 64 sequences, on one thread, in turns with the LSTM's.",
        "time of a step, GRU over LSTM with as many units",
        f"{KERAS} speed",
        tuple(parts),
    )


def same_accuracy(folder=FOLDER):
    """Claim 3: the five systems, GRU and LSTM, equal units and equal parameters."""
    parts = []

    def add(what, runs, system, score):
        lstm = runs[runs["cell"] == "LSTM"]
        for arm, gru in zip(ARMS, _arms(runs, system), strict=True):
            if len(gru):
                parts.append(seeds_paired(f"{what}, {arm}", gru, lstm, score))

    price, power, bank, reviews = (_stored(folder, name) for name in ("price", "power", "bank", "reviews"))
    sample = price[(price["source"] == "sample") & (price["back"] == 0)]
    add("price levels", sample[sample["target"] == "level"], "price", "rmse")
    add("price returns", sample[sample["target"] == "return"], "price", "rmse")
    add("power", power[(power["missing"] == "skip") & (power["window"] == 1)], "power", "mae")
    for data, horizon in (("bankex", 1), ("bankex", 20), ("activities", 20)):
        chosen = bank[(bank["data"] == data) & (bank["horizon"] == horizon) & (bank["source"] == "sample")]
        series = zip(chosen["series_rmse"], chosen["series_naive"], strict=True)
        chosen = chosen.assign(ten=[float(np.mean(np.divide(*errors))) for errors in series])
        add(f"{data}, {_days(horizon)} ahead", chosen, "bank", "ten")
    for source, kind in (("sample", "made-up reviews"), ("real", "1,114 real reviews")):
        chosen = reviews[(reviews["source"] == source) & (reviews["window"] == 500) & reviews["mask"]]
        add(kind, chosen, "reviews", "accuracy")
    return Claim(
        3,
        "A GRU reaches the same accuracy as an LSTM.",
        "the sources on power, reviews and bank shares",
        "The published networks, trained with several seeds; a GRU with as many units, and one with as many parameters; "
        "each seed's GRU is compared with the same seed's LSTM.",
        "RMSE (power: MAE; bankex, activities: RMSE over the last value's, mean of ten series; reviews: accuracy), GRU "
        "over LSTM; the same: the whole interval within 5 %",
        f"{KERAS} price power bank reviews",
        tuple(parts),
    )


def avoids_vanishing(folder=FOLDER):
    """Claim 4: the gradient before training, and tasks that need a memory."""
    left = {"GRU": [], "RNN": []}
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=(4, 51, 4))
        for name, cell in (("GRU", GRU), ("RNN", SimpleRNN)):
            left[name].append(math.log10(gradients.flow(cell(4, 16, seed=seed), x).norm[50]))
    start = comparison.interval(left["GRU"], left["RNN"], "difference")
    what = "gradient left after 50 steps, before training, usual start"
    parts = [Part(what, *map(float, start), "above", 0.0, "20 networks each")]
    memory = results.read(folder / "memory.csv", "memory")
    for task, lengths in (("adding", (50, 100, 200)), ("latch", (50, 100, 200)), ("copy", (10, 20))):
        for begin in results.STARTS:
            runs = memory[(memory["task"] == task) & memory["length"].isin(lengths) & (memory["start"] == begin)]
            gru, plain = (runs[runs["cell"] == cell]["solved"] for cell in ("GRU", "RNN"))
            parts.append(_shares(f"{task}, {lengths[0]} to {lengths[-1]} steps, {begin} start", gru, plain, "above"))
    return Claim(
        4,
        "Gated networks avoid the vanishing gradient; a plain RNN does not.",
        "tutorials in general, and the sources on price and temperature",
        "The gradient of an untrained network; and tasks that only a memory solves, trained at growing length. The start "
        "is the usual one or one that keeps (a GRU's update gate near 1, a plain RNN's U_h the identity).",
        "GRU minus plain RNN: logarithm (base 10) of the gradient, or share of runs that solve the task",
        f"{NUMPY} search memory",
        tuple(parts),
    )


def clipping_cures(folder=FOLDER):
    """Claim 5: a learning rate that makes gradients explode, with and without clipping."""
    runs, parts = results.read(folder / "clipping.csv", "clipping"), []
    runs = runs[runs["learning_rate"] == 0.3]
    clipped, free = runs[runs["max_norm"] == 1], runs[np.isinf(runs["max_norm"])]
    for cell, name in (("RNN", "plain RNN"), ("GRU", "GRU")):
        one, other = clipped[clipped["cell"] == cell], free[free["cell"] == cell]
        breaks = one["end"] == "NaN", other["end"] == "NaN"
        parts.append(_shares(f"{name}, not to break off (share that does, less that without)", *breaks, "below"))
        learned = one["loss"] < 0.9 * one["naive"]
        parts.append(_share(f"{name}, to learn the task (share that does)", learned, "above"))
    return Claim(
        5,
        "Gradient clipping cures exploding gradients.",
        "tutorials in general; Pascanu, Mikolov and Bengio 2013 propose it",
        "The adding problem over 50 steps with plain gradient descent and a learning rate of 0.3, ten seeds, clipped to "
        "the norm 1 or not. To learn: an error 10 % below that of one who remembers nothing.",
        "share of runs, or difference of two shares",
        f"{NUMPY} clipping",
        tuple(parts),
    )


def gates_open_and_close(folder=FOLDER):
    """Claim 6: what the gates of trained review readers do."""
    gates, parts = results.read(folder / "gates.csv", "gates"), []
    gates = gates[gates["accuracy"] >= results.LEAST_ACCURACY]
    for units, begin in ((2, "usual"), (2, "keep"), (8, "usual"), (8, "keep")):
        chosen = gates[(gates["units"] == units) & (gates["start"] == begin)]
        who = f"{units} units, {begin} start"
        at = chosen[(chosen["task"] == "reviews end") & (chosen["place"] == "verdict")]
        after = chosen[(chosen["task"] == "reviews start") & (chosen["place"] == "after")]
        if len(at) > 1:
            parts.append(_mean(f"verdict last, {who}: r at its word", at["r"], "below", 0.1))
            parts.append(_mean(f"verdict last, {who}: share of the past that passes", at["passed"], "below", 0.1))
        if len(after) > 1:
            parts.append(_mean(f"verdict first, {who}: z after it", after["z"], "above", 0.9))
            parts.append(_mean(f"verdict first, {who}: share of the past that passes", after["passed"], "above", 0.9))
    return Claim(
        6,
        "A reset gate near 0 drops the past; an update gate near 1 (keep) carries the beginning of a review to its end.",
        "the source on price, in its example of a hotel review",
        "GRUs that read made-up reviews of 24 words and get 99 % right: the gates at the word of the verdict, or after "
        "it; and how much of a difference between two states gets through a word.",
        "mean over units and words, between 0 and 1",
        f"{NUMPY} gates",
        tuple(parts),
    )


def forecasts_bitcoin(folder=FOLDER):
    """Claim 7: against the last value, levels and returns, at several times."""
    runs, parts = _stored(folder, "price"), []
    gru = runs[(runs["cell"] == "GRU") & (runs["units"] == systems.SYSTEMS["price"].units)]
    for source, kind in (("sample", "made-up random walk"), ("real", "real prices 2014 to 2024")):
        for target in preparation.TARGETS:
            chosen = gru[(gru["source"] == source) & (gru["target"] == target)]
            for back, at in sorted(chosen.groupby("back")):
                when = f", {back} test parts earlier" if back else ""
                parts.append(_ratio(f"{kind}, learns {target}s{when}", at["rmse"], at["naive_rmse"], "below", 1.0))
    return Claim(
        7,
        "The GRU forecasts Bitcoin.",
        "the source on price",
        "60 days to day 61, 50 epochs, scaled by the training part alone: the network's error and that of the last "
        "value, on the same days.",
        "RMSE in US dollars, GRU over last value",
        f"{KERAS} price --real",
        tuple(parts),
    )


def needs_less_data(folder=FOLDER):
    """Claim 8: learning curves on reviews, and the gap between training and validation."""
    runs, parts = _stored(folder, "reviews"), []

    def add(what, chosen, score, claimed):
        lstm = chosen[chosen["cell"] == "LSTM"]
        lstm = lstm.assign(score=score(lstm))
        for arm, gru in zip(ARMS, _arms(chosen, "reviews"), strict=True):
            if len(gru):
                one, other = _same_seeds(gru.assign(score=score(gru)), lstm)
                found = comparison.paired_interval(one["score"], other["score"])
                p = comparison.mann_whitney(one["score"], other["score"]).p
                parts.append(Part(f"{what}, {arm}", *found, claimed, 0.0, f"{len(one)} pairs", p))

    for share in sorted(runs[runs["window"] == 120]["share"].unique()):
        chosen = runs[(runs["window"] == 120) & (runs["share"] == share)]
        add(f"accuracy, {round(280 * share)} reviews", chosen, lambda at: at["accuracy"], "above")
    for share in (0.2, 0.4):
        chosen = runs[(runs["window"] == 120) & (runs["share"] == share)]
        add(f"over-fitting, {round(280 * share)} reviews", chosen, _gap, "below")
    real = runs[(runs["source"] == "real") & (runs["window"] == 500)]
    if len(real):
        add("accuracy, 780 real reviews", real, lambda at: at["accuracy"], "above")
        add("over-fitting, 780 real reviews", real, _gap, "below")
    return Claim(
        8,
        "GRUs need less data to generalise, and over-fit less.",
        "tutorials in general, and the sources on reviews and power",
        "The review network on parts of the training reviews. Over-fitting: validation loss minus training loss after "
        "the last epoch.",
        "GRU minus LSTM: accuracy, or the gap of the losses",
        f"{KERAS} reviews --real",
        tuple(parts),
    )


def knows_tomorrow(folder=FOLDER):
    """Claim 9: a temperature forecast against persistence, the mean and the season."""
    runs, parts = _stored(folder, "temperature"), []
    for data, kind, source in (("noise", "the tutorial's series", "sample"), ("seattle", "Seattle", "real")):
        chosen = runs[(runs["data"] == data) & (runs["cell"] == "GRU")]
        plan = systems.on(systems.SYSTEMS["temperature"], data)
        known = preparation.prepare(plan, source=source)
        values = known.data.frame[plan.column].to_numpy()
        train = windows.split(values, preparation.TRAIN, preparation.VALIDATION).train
        days = known.data.frame.index.day_of_year.to_numpy()
        season = windows.climatology(values[train], days[train], days[known.positions])[:, None]
        baselines = {
            "the last value": known.naive,
            "the training part's mean": np.full_like(known.truth, values[train].mean()),
            "the mean of the season": season,
            "a linear autoregression": known.linear,
        }
        for name, forecast in baselines.items():
            error = np.full(len(chosen), windows.rmse(known.truth, forecast))
            parts.append(_ratio(f"{kind}, against {name}", chosen["rmse"], error, "below", 1.0))
    return Claim(
        9,
        "25 °C tomorrow: the GRU forecasts the next day's temperature.",
        "the source on temperature",
        "100 days to the next, 10 epochs, on the tutorial's own series, which is white noise, and on the daily maximum "
        "of Seattle; the same days for every forecaster.",
        "RMSE in °C, GRU over baseline",
        f"{KERAS} temperature",
        tuple(parts),
    )


def nulls_become_nan(folder=FOLDER):
    """Claim 10: missing values left in, filled with 0, carried forward, left out."""
    runs = _stored(folder, "power")
    runs = runs[(runs["window"] == 1) & (runs["units"] == systems.SYSTEMS["power"].units)]
    kept = runs[runs["missing"] == "keep"]
    parts = [_share("left in, the loss becomes NaN (share of runs)", kept["end"] == "NaN", "above")]
    for cell in CELLS:
        way = {name: at["mae"] for name, at in runs[runs["cell"] == cell].groupby("missing")}
        for name, other in (("skip", "windows left out"), ("previous", "values carried forward")):
            when = f"filled with 0, the {cell} is no worse than with {other}"
            parts.append(_ratio(when, way["zero"], way[name], "below", SAME))
    return Claim(
        10,
        "Nulls turn the loss into NaN, and filling them with 0 mends it.",
        "the source on power",
        "The power network with missing values left in, filled with 0, carried forward for at most 10 minutes, and with "
        "the windows that touch one left out. No worse: the MAE at most 5 % higher.",
        "share of runs, or MAE over that of the other way",
        f"{KERAS} power",
        tuple(parts),
    )


TRIALS = (
    fewer_parameters,
    trains_faster,
    same_accuracy,
    avoids_vanishing,
    clipping_cures,
    gates_open_and_close,
    forecasts_bitcoin,
    needs_less_data,
    knows_tomorrow,
    nulls_become_nan,
)


def all_claims():
    """The ten claims, measured from the stored results: a tuple of `claims.Claim`."""
    return tuple(trial() for trial in TRIALS)


def _stored(folder, name):
    """Stored runs that finished, or broke off in NaN; one over its deadline would judge the machine."""
    frame = experiments.read(folder / f"keras_{name}.csv")
    return frame[frame["end"] != "deadline"]


def _arms(runs, name):
    """The GRUs among `runs` with as many units as the LSTM, and with as many parameters."""
    plan = systems.SYSTEMS[name]
    gru = runs[runs["cell"] == "GRU"]
    large = systems.resize(plan, "GRU", systems.count(plan, "LSTM")).units
    return gru[gru["units"] == plan.units], gru[gru["units"] == large]


def seeds_paired(when, gru, lstm, score, mark=SAME):
    """A part: `score` of the runs `gru` over that of the runs `lstm` with the same seeds, claimed to be the same.

    The geometric mean of the ratios: a seed draws the initial weights, the dropout and the order of the rows, and so
    moves the scores of both networks together; `p` is that of the rank test, which does not know the pairs.
    """
    one, other = (runs[score].to_numpy() for runs in _same_seeds(gru, lstm))
    found = np.exp(comparison.paired_interval(np.log(one), np.log(other)))
    p = comparison.mann_whitney(one, other).p
    return Part(when, *map(float, found), "within", mark, f"{len(one)} pairs", p)


def _same_seeds(a, b):
    """The runs of two networks that have the same seeds, in the same order."""
    both = sorted(set(a["seed"]) & set(b["seed"]))
    return a.set_index("seed").loc[both], b.set_index("seed").loc[both]


def _gap(runs):
    return np.array(
        [validation[-1] - losses[-1] for losses, validation in zip(runs["losses"], runs["validation"], strict=True)]
    )


def _days(horizon):
    return "1 day" if horizon == 1 else f"{horizon} days"


def _exact(when, value, claimed="below", mark=1.0):
    return Part(when, value, value, value, claimed, mark, "exact")


def _ratio(when, a, b, claimed, mark):
    """The mean of a over that of b. A baseline's error is the same in every run; then only a varies, and no rank test is made."""
    a, b = np.asarray(a), np.asarray(b)
    same = np.ptp(b) == 0
    p = math.nan if same else comparison.mann_whitney(a, b).p
    n = f"{len(a)} runs" if same else f"{len(a)} and {len(b)} runs"
    return Part(when, *comparison.interval(a, b), claimed, mark, n, p)


def _share(when, hits, claimed):
    hits = np.asarray(hits)
    return Part(when, *comparison.share_interval(int(hits.sum()), len(hits)), claimed, 0.5, f"{len(hits)} runs")


def _shares(when, a, b, claimed):
    a, b = np.asarray(a), np.asarray(b)
    found = comparison.share_difference(int(a.sum()), len(a), int(b.sum()), len(b))
    return Part(when, *found, claimed, 0.0, f"{len(a)} and {len(b)} runs")


def _mean(when, values, claimed, mark):
    found = comparison.paired_interval(values, np.zeros(len(values)))
    return Part(when, *found, claimed, mark, f"{len(values)} runs")


def main():
    """Print every claim."""
    print(Table(all_claims()))


if __name__ == "__main__":
    main()
