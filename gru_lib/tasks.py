"""Memory tasks: sequences whose answer depends on a few early steps, and whose right gate policy is known.

Everything is generated from a seed. Each function returns a `Task`: the sequences, the answers, what is read (the last
state or every one), the score of one who remembers nothing, and a solution to compare with. Cross entropies are in
nats. Rows are examples: x is (n, time, input).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gru_lib import _checks
from gru_lib.gru import GRU


@dataclass(frozen=True, repr=False)
class Task:
    """Sequences with their answers.

    `x` (n, time, input). `y`: numbers (n, 1), or classes, integers from 0, of shape (n,) where `read` is "last" (the
    state after the last step is asked) and (n, time) where it is "every". `classes` is their number, None for numbers.
    `naive` is the loss of one who knows the task and not the sequence: squared error for numbers, cross entropy for
    classes. `where` (n, k): the steps at which something has to be remembered. `solve(x)` gives the right answers.
    `keep` (n, time): what one update gate z has to do if a single unit is to do the task, 1 keep and 0 write; None
    where one unit is not enough. `words`: for each sequence the word at each step, None where there are none.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    read: str
    classes: int | None
    naive: float
    where: np.ndarray
    solve: Callable
    keep: np.ndarray | None = None
    words: list | None = None

    def __repr__(self):
        n, time, inputs = self.x.shape
        return f"Task({self.name!r}: {n} sequences of {time} steps, {inputs} inputs; naive loss {self.naive:.4f})"


def adding(n, length, *, seed):
    """Two of many numbers are marked; say their sum.

    `n` sequences of `length` steps (at least 2). Inputs: a number, uniform in [0, 1), and a mark, 1 at one random step
    of the first half and one of the second, else 0. y: the sum of the marked numbers, (n, 1).
    Whoever always says 1 has the variance of the sum of two uniforms as squared error: 2 / 12 = 1/6.
    Source: Hochreiter and Schmidhuber 1997, section 5.4; in this form (fixed length, halves) Arjovsky et al. 2016
    (arXiv 1511.06464), section 5.2, after Le et al. 2015 (arXiv 1504.00941), section 4.1.
    Raises TypeError or ValueError for sizes.
    """
    n, length = _checks.size("n", n), _at_least(2, "length", length)
    rng = np.random.default_rng(seed)
    half = length // 2
    where = np.stack([rng.integers(0, half, n), rng.integers(half, length, n)], axis=1)
    x = np.zeros((n, length, 2))
    x[:, :, 0] = rng.random((n, length))
    np.put_along_axis(x[:, :, 1], where, 1, axis=1)
    return Task("adding", x, add(x), "last", None, 1 / 6, where, add)


def add(x):
    """The answer of `adding`: the sum of the numbers that are marked, (n, 1)."""
    return (x[:, :, 0] * x[:, :, 1]).sum(axis=1, keepdims=True)


def copy_memory(n, delay, *, seed, symbols=8, word=10):
    """Read a word, wait, write it down when told to.

    `n` sequences of `delay` + 2 `word` steps: `word` random symbols, `delay` - 1 blanks, the signal to recall, `word`
    blanks. Inputs, one-hot: the `symbols`, the blank, the signal. y, at every step: the class `symbols` (blank) up to
    the signal, then the symbols of the word in order.
    Whoever remembers nothing says blank, which is right, and at the end guesses among the symbols: the mean cross
    entropy over all steps is word ln(symbols) / (delay + 2 word).
    Source: Hochreiter and Schmidhuber 1997; in this form Arjovsky et al. 2016 (arXiv 1511.06464), section 5.1.
    Raises TypeError or ValueError for sizes (at least 1; symbols at least 2).
    """
    n, delay, word = (_checks.size(name, v) for name, v in (("n", n), ("delay", delay), ("word", word)))
    symbols = _at_least(2, "symbols", symbols)
    blank, signal, length = symbols, symbols + 1, delay + 2 * word
    shown = np.full((n, length), blank)
    shown[:, :word] = np.random.default_rng(seed).integers(0, symbols, (n, word))
    shown[:, word + delay - 1] = signal
    x = np.eye(symbols + 2)[shown]

    def solve(x):
        """The answer: blanks, then the first `word` symbols of each sequence."""
        first = np.argmax(x[:, :word], axis=2)
        return np.concatenate([np.full((len(x), length - word), blank), first], axis=1)

    naive = word * np.log(symbols) / length
    where = np.tile(np.arange(word), (n, 1))
    return Task("copy", x, solve(x), "every", symbols + 1, float(naive), where, solve)


def latch(n, length, *, seed):
    """A marked sign has to be kept through signs that are not marked.

    `n` sequences of `length` steps. Inputs: a sign, +1 or -1, at random at every step; a mark, 1 at one random step of
    the first tenth (of the first step, if there are fewer than 20), else 0. y, (n,): class 1 if the marked sign was
    +1, else 0. Whoever remembers nothing guesses: ln 2. One unit is enough, see `latch_gru`; `keep` is 0 at the mark.
    Before the mark z may do what it likes, for the mark overwrites it.
    Source: the latching problem of Bengio, Simard and Frasconi 1994, section II, with a mark for the sign that counts.
    Raises TypeError or ValueError for sizes.
    """
    n, length = _checks.size("n", n), _checks.size("length", length)
    rng = np.random.default_rng(seed)
    where = rng.integers(0, max(1, length // 10), (n, 1))
    x = np.zeros((n, length, 2))
    x[:, :, 0] = rng.choice([-1.0, 1.0], (n, length))
    np.put_along_axis(x[:, :, 1], where, 1, axis=1)
    return Task("latch", x, marked_sign(x), "last", 2, float(np.log(2)), where, marked_sign, keep=1 - x[:, :, 1])


def marked_sign(x):
    """The answer of `latch`: 1 if the marked sign is positive, else 0; (n,)."""
    return ((x[:, :, 0] * x[:, :, 1]).sum(axis=1) > 0).astype(int)


def latch_gru():
    """A `GRU` of one unit that solves `latch`, set by hand: its state has the sign that was marked.

    The mark takes z from sigma(12), which keeps 0.999994 of the state, to sigma(-12); the candidate is tanh(5 sign).
    """
    gru = GRU(2, 1, seed=0)
    by_hand = {"W_z": [[0], [-24]], "b_z": [12], "W_h": [[5], [0]]}
    for name, weight in gru.weights.items():
        weight[...] = by_hand.get(name, 0)
    return gru


# The language of `reviews`. A word is good, bad, names the resort, names another matter, or merely fills.
GOOD = ("lovely", "pleasant", "splendid", "wonderful", "delightful")
BAD = ("dreadful", "dirty", "noisy", "gloomy", "awful")
RESORT = ("stay", "resort", "hotel")
OTHER = ("flight", "film", "weather", "taxi")
KINDS = (GOOD, BAD, RESORT, OTHER)
INPUTS = ("good", "bad", "resort", "other")
VERDICTS = ("our stay was {}", "in short the resort was {}", "the hotel itself was {}")
ASIDES = ("the flight was {}", "the film on the bus was {}", "the weather was {}", "our taxi was {}")
FILLERS = (
    "it was monday",
    "we arrived at midnight",
    "breakfast is at eight",
    "we had room number nine",
    "there is a small harbour",
    "we walked to the old mill",
    "the next day we took the train",
)
SHORTEST = 20


def reviews(n, *, seed, verdict="both", length=24):
    """Short reviews of a stay, of `length` words each (at least 20): is the guest content?

    One sentence, the verdict, judges the resort. `verdict` says where it stands: at the "start", at the "end", or
    "both", either by a coin. Two others judge another matter (the flight, the film) and count for nothing; the rest
    fills. Every tone is a coin of its own. Inputs, one-hot: the kinds of word in `INPUTS`, in the order good, bad,
    resort, other; all 0 for a word that merely fills. y, (n,): 1 if the verdict is good, else 0; naive loss ln 2.
    `where` (n, 1) is the step of the verdict's judging word. There one unit has to write, `keep` is 0; at all other
    steps it keeps. To know the step it needs to have heard what the sentence is about: the matter comes before the
    tone.
    Raises TypeError or ValueError for sizes or for another `verdict`.
    """
    n, length = _checks.size("n", n), _at_least(SHORTEST, "length", length)
    if verdict not in ("start", "end", "both"):
        raise ValueError(f"verdict must be 'start', 'end' or 'both', not {verdict!r}")
    rng = np.random.default_rng(seed)
    words, where = zip(*(_review(rng, verdict, length) for _ in range(n)), strict=True)
    kind = {word: i for i, kind in enumerate(KINDS) for word in kind}
    x = np.array([[[float(kind.get(word) == i) for i in range(len(KINDS))] for word in review] for review in words])
    where = np.array(where)[:, None]
    keep = np.ones(x.shape[:2])
    np.put_along_axis(keep, where, 0, axis=1)
    name = f"reviews, verdict at the {verdict}" if verdict != "both" else "reviews, verdict at the start or the end"
    y = judged(x)
    return Task(name, x, y, "last", 2, float(np.log(2)), where, judged, keep=keep, words=list(words))


def judged(x):
    """The answer of `reviews`: 1 if the first judging word after the resort was named is good, else 0; (n,)."""
    good, bad, resort, _ = np.moveaxis(x, 2, 0)
    after = np.cumsum(resort, axis=1) > 0
    first = np.argmax((good + bad) * after, axis=1)
    return good[np.arange(len(x)), first].astype(int)


def _review(rng, verdict, length):
    """One review: its words, and the step of the word that judges the resort."""

    def say(sentence):
        return sentence.format(rng.choice(GOOD if rng.integers(2) else BAD)).split()

    opinion = say(rng.choice(VERDICTS))
    rest = [say(sentence) for sentence in rng.choice(ASIDES, 2, replace=False)]
    left = length - len(opinion) - sum(map(len, rest))
    while left:
        # A filler has 3 to 7 words: any rest of 3 or more can be filled.
        sentence = rng.choice(FILLERS).split()
        if left - len(sentence) == 0 or left - len(sentence) >= 3:
            rest.append(sentence)
            left -= len(sentence)
    told = [word for i in rng.permutation(len(rest)) for word in rest[i]]
    first = rng.integers(2) if verdict == "both" else verdict == "start"
    return (opinion + told, len(opinion) - 1) if first else (told + opinion, length - 1)


def _at_least(least, name, value):
    """Like `_checks.size`, with another smallest size."""
    if _checks.size(name, value) < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return int(value)
