"""Small GRUs set by hand and the sequences they read: what SequenceLab opens with."""

import numpy as np

from gru_lib.gru import GRU

# Words that judge, with their tone; every other word merely tells.
TONE = {"dark": -1.0, "lovely": 1.0, "happy": 1.0}
REVIEWS = {
    "verdict at the end": "we arrived at midnight in heavy rain the lobby was dark "
    "the next day everything changed and we had a happy stay",
    "verdict at the start": "a lovely room and a happy stay by the way "
    "we arrived at midnight in heavy rain the bus was number nine",
}
HALF_LIVES = (2, 5, 20)


def by_hand(inputs, units, **weights):
    """A GRU with these weights; those not named are 0."""
    gru = GRU(inputs, units, seed=0)
    for name, weight in gru.weights.items():
        weight[...] = weights.get(name, 0.0)
    return gru


def latch():
    """One unit that takes the sign of the signal when `now` is 1, and holds it."""
    gru = by_hand(2, 1, W_z=[[0], [-16]], b_z=8, W_h=[[5], [0]], b_r=8)
    x = np.zeros((30, 2))
    x[[4, 17], 0] = 1, -1
    x[[4, 17], 1] = 1
    x[[10, 23], 0] = -0.6, 0.8
    return gru, x, ["signal", "now"]


def copy():
    """Four units in a row: each takes over what its neighbour held one step before."""
    hand_on = 2 * np.eye(4, k=1)
    gru = by_hand(1, 4, b_z=-8, b_r=8, W_h=[[2, 0, 0, 0]], U_h=hand_on)
    x = np.array([1, 1, -1, 1, -1, -1, -1, 1, 1, 1, -1, -1, 1, -1, 1, -1.0])[:, None]
    return gru, x, ["x"]


def decay():
    """Three units that take in a pulse and forget it, each with the half-life of HALF_LIVES."""
    z = 0.5 ** (1 / np.array(HALF_LIVES))
    gru = by_hand(1, 3, W_z=np.full((1, 3), -12), b_z=np.log(z / (1 - z)), b_r=8, W_h=np.full((1, 3), 3))
    x = np.zeros((30, 1))
    x[3] = 1
    return gru, x, ["x"]


def alternating():
    """One unit that changes the sign of its state at every step; a pulse starts the rhythm anew."""
    gru = by_hand(1, 1, b_z=-8, b_r=8, W_h=[[6]], U_h=[[-3]])
    x = np.zeros((24, 1))
    x[[2, 13]] = 1
    return gru, x, ["x"]


def reader():
    """The unit of the two reviews; inputs: the word's tone, and whether it judges."""
    return by_hand(2, 1, W_z=[[0], [-8]], b_z=4, W_r=[[0], [-6]], b_r=2, W_h=[[2], [0]], U_h=[[2]])


def review(title):
    """The reader, one of REVIEWS as tones and judgements, the names of the inputs."""
    words = REVIEWS[title].split()
    return reader(), np.array([[TONE.get(word, 0.0), float(word in TONE)] for word in words]), ["tone", "judges"]


# For each preset the step to begin with, and what there is to see.
NOTES = {
    "latch": (
        4,
        "z falls to 0 only where “now” is 1: there the state takes the signal's sign, and then it holds it. A signal "
        "without “now” changes nothing.",
    ),
    "copy": (
        5,
        "z is near 0 and r near 1: every unit is overwritten at each step. Unit 0 takes the input's sign, each other "
        "unit what the one before it held: unit 3 is three steps late.",
    ),
    "decay": (
        8,
        "The pulse brings z to 0 and is written. After it z is the same at every step, and the state of units 0, 1 and "
        "2 halves every 2, 5 and 20 steps.",
    ),
    "alternating": (
        9,
        "z is near 0, r near 1 and the state's weight on itself negative: the state changes its sign at each step. "
        "A pulse sets it to +1 again.",
    ),
    "review: verdict at the end": (
        20,
        "At “happy” r is near 0: the candidate hears nothing of the mood that “dark” left. z is near 0 too, so the "
        "candidate becomes the state.",
    ),
    "review: verdict at the start": (
        5,
        "After the second judging word z stays near 1: the verdict is kept to the last word.",
    ),
}


def presets():
    """For each preset: GRU, sequence, names of the inputs, words of the steps, step to begin with, what to see."""
    made = {"latch": latch(), "copy": copy(), "decay": decay(), "alternating": alternating()}
    made |= {f"review: {title}": review(title) for title in REVIEWS}
    words = {f"review: {title}": text.split() for title, text in REVIEWS.items()}
    return {name: (*made[name], words.get(name), *NOTES[name]) for name in NOTES}
