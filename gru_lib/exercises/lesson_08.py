"""Exercises of lesson 8, Reviews: word by word."""

import numpy as np

from gru_lib.exercises import unit
from gru_lib.exercises.exercise import Exercise, Mistake
from gru_lib.exercises.lesson_03 import GRU_STEP, SIGMOID

START, UNKNOWN, OFFSET = 1, 2, 3  # what Keras reserves before the words: 0 pads, 1 starts, 2 stands for the others
INDEX = {"the": 1, "and": 2, "was": 3, "film": 4, "good": 5, "bad": 6, "plot": 7, "dull": 8, "acting": 9}


def encode(words, index, vocabulary):
    """The numbers of the words as Keras has them, behind the start."""
    return _encoded(words, index, vocabulary)


def _encoded(
    words, index, vocabulary, offset=OFFSET, start=START, limited="number", unranked=UNKNOWN, too_large=UNKNOWN
):
    """`limited` is what is compared with the vocabulary; a number that is None leaves its word out."""
    compared = {"number": offset, "rank": 0, "number - 1": offset - 1, "nothing": -np.inf}[limited]
    numbers = [start]
    for word in words:
        if word not in index:
            numbers.append(unranked)
        else:
            numbers.append(index[word] + offset if index[word] + compared < vocabulary else too_large)
    return np.array([number for number in numbers if number is not None])


# Each mistake in the encoding: its name, what is done otherwise, the first hint, the second.
_ENCODED = (
    (
        "offset forgotten",
        {"offset": 0},
        "The numbers are bare ranks, so the most frequent word has the number of the start.",
        "Three numbers are taken before the first word comes.",
    ),
    (
        "start forgotten",
        {"start": None},
        "Every review begins with a number of its own, and yours do not.",
        "Which of the three reserved numbers stands for it, and where in the list?",
    ),
    *(
        (
            "unknown words left out",
            left_out,
            "Words that are not in the vocabulary vanish from the review. They have a number.",
            "A review has as many numbers as words, and the start. How many have yours?",
        )
        for left_out in ({"unranked": None, "too_large": None}, {"unranked": None}, {"too_large": None})
    ),
    *(
        (
            "unknown words as padding",
            padded,
            "Unknown words get the number of the padding, which a mask would skip.",
            "Three numbers are reserved. Which of them stands for a word that is not in the vocabulary?",
        )
        for padded in ({"unranked": 0, "too_large": 0}, {"unranked": 0}, {"too_large": 0})
    ),
    (
        "unknown words moved",
        {"unranked": UNKNOWN + OFFSET},
        "A word without a rank gets the number of another word: ranks alone move up, the 2 is a number already.",
        "Which word has the rank that your number for an unknown word stands for?",
    ),
    (
        "limit before the offset",
        {"limited": "rank"},
        "The rank is compared with the vocabulary, not the number: some numbers are too large for the embedding.",
        "",
    ),
    (
        "limit one too high",
        {"limited": "number - 1"},
        "A number that equals the vocabulary is let through.",
        "A table of so many rows begins with row 0. Which is its last one?",
    ),
    (
        "limit forgotten",
        {"limited": "nothing"},
        "Some numbers are too large for the vocabulary.",
        "A table of so many rows begins with row 0. Which is its last one?",
    ),
    (
        "offset by one",
        {"offset": OFFSET - 1},
        "The ranks are moved up by too little: count the numbers that are reserved, 0 among them.",
        "",
    ),
)


def _encode_with(*names):
    otherwise = {key: value for name, options, *_ in _ENCODED if name in names for key, value in options.items()}
    return _encode_otherwise(otherwise)


def _encode_otherwise(otherwise):
    return lambda words, index, vocabulary: _encoded(words, index, vocabulary, **otherwise)


def _texts():
    # Numbers on both sides of the limit and at it; words without a rank; an empty review; a limit below most ranks.
    texts = (
        ("the film was good and the acting was bad", 10),
        ("dull plot dull", 11),
        ("the unheard of plot", 100),
        ("", 100),
        ("bad dull film", 6),
    )
    return [(text.split(), dict(INDEX), vocabulary) for text, vocabulary in texts]


def pad(sequences, length):
    """The sequences as one array (n, length), zeros in front; of those too long the end is kept."""
    return _padded(sequences, length)


def _padded(sequences, length, zeros="front", cut="front", fill=0):
    rows = []
    for sequence in sequences:
        kept = list(sequence[-length:] if cut == "front" else sequence[:length])
        zero = [fill] * (length - len(kept))
        rows.append(zero + kept if zeros == "front" else kept + zero)
    return np.array(rows)


# Mistakes in the step that a learner who writes it anew may make; "tanh for sigmoid" is here that of the output.
_GATES = tuple(name for name in unit.STEP if name not in ("reset after the product", "tanh for sigmoid"))


def read_review(numbers, E, w, w_y, b_y):
    """The probability that a review is good, after each of its words; zeros pad and carry the state."""
    return _read(numbers, E, w, w_y, b_y)


def _read(numbers, E, w, w_y, b_y, made=None, squash=unit.sigmoid):
    counts = np.ones(len(numbers), bool) if made == "mask ignored" else numbers != 0
    counts = ~counts if made == "mask inverted" else counts
    shift = {"shifted up": OFFSET, "shifted down": -OFFSET}.get(made, 0)
    start = h = np.zeros((1, len(w_y)))
    states = []
    for x_t, read in zip(E[(numbers + shift) % len(E)], counts, strict=True):
        if read:
            h = unit.step(x_t[None], start if made == "each word alone" else h, w, made if made in _GATES else None)
        elif made == "state reset at padding":
            h = start
        states.append(h[0])
    h = np.array(states)
    if made == "one step late":
        h = np.vstack([start, h[:-1]])
    if made == "padding left out":
        h = h[counts]
    if made == "mean state":
        h = np.cumsum(h, axis=0) / np.arange(1, len(h) + 1)[:, None]
    return squash(h @ w_y + (0 if made == "output bias missing" else b_y))


def _read_with(made):
    return lambda numbers, E, w, w_y, b_y: _read(numbers, E, w, w_y, b_y, made)


def _reviews():
    cases = []
    texts = ([0, 0, 1, 7, 4, 0, 9], [1, 5, 6, 2], [0, 1, 8])
    for seed, (numbers, (dims, hidden)) in enumerate(zip(texts, ((3, 4), (2, 2), (3, 1)), strict=True)):
        rng = np.random.default_rng(seed)
        w = unit.weights(dims, hidden, seed)
        cases.append((np.array(numbers), rng.normal(size=(13, dims)), w, rng.normal(size=hidden), float(rng.normal())))
    return cases


EXERCISES = (
    Exercise(
        name="encode",
        lesson=8,
        kind="write",
        variable="my_encode",
        prompt=r"""
**Your turn.** `index` gives each word its rank, from 1. Keras reserves the numbers 0 (padding), 1 (start of a review) and 2 (a word that is not in the vocabulary), and so moves every rank up by 3. Return the
list of numbers of a review: the start, then one number a word. A number that is not below `vocabulary` is replaced by 2, as is a word without a rank.
""",
        start="""
def my_encode(words, index, vocabulary):
    # Your turn: the start; then for each word its number, or 2.
    return None
""",
        solution="""
def my_encode(words, index, vocabulary):
    numbers = [1]
    for word in words:
        number = index[word] + 3 if word in index else 2
        numbers.append(number if number < vocabulary else 2)
    return numbers
""",
        explanation="Ranks move up by 3, for three numbers are taken; the limit is compared with what is left after that.",
        hint="Take the first word of the review: its rank, its number, and whether that number is below the vocabulary.",
        right=encode,
        cases=_texts,
        mistakes=tuple(Mistake(name, says, more, _encode_otherwise(options)) for name, options, says, more in _ENCODED),
        together=lambda names: _encode_with(*names),
    ),
    Exercise(
        name="pad",
        lesson=8,
        kind="write",
        variable="my_pad",
        prompt=r"""
**Your turn.** A batch needs reviews of one length. Return an array (n, length): zeros stand *in front* of a review that is too short, and of one that is too long the *end* is kept, as in Keras' `pad_sequences`.
""",
        start="""
def my_pad(sequences, length):
    # Your turn: an array of zeros, and each review at the right end of its row.
    return None
""",
        solution="""
def my_pad(sequences, length):
    padded = np.zeros((len(sequences), length), dtype=int)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = sequence[-length:]
        row[length - len(kept) :] = kept
    return padded
""",
        explanation="With zeros in front the last step of every row is a word, so the last state has just read the review's end.",
        hint="On which side do the zeros go, which part of a long review is kept, and what becomes of a review without words?",
        right=pad,
        cases=lambda: [([[1, 5, 6], [1, 4, 9, 7, 8, 5], [3]], 4), ([[1, 2, 3], [], [1, 2, 3, 4, 5]], 3)],
        mistakes=(
            Mistake(
                "zeros behind",
                "The zeros stand behind the words; in front is asked for.",
                answer=lambda s, n: _padded(s, n, zeros="back"),
            ),
            Mistake(
                "beginning kept",
                "Of a long review you keep the beginning. The verdict often stands at the end.",
                answer=lambda s, n: _padded(s, n, cut="back"),
            ),
            Mistake(
                "both sides exchanged",
                "The zeros stand behind, and of long reviews the beginning is kept: both are the other way round.",
                answer=lambda s, n: _padded(s, n, "back", "back"),
            ),
            Mistake(
                "padded with 1",
                "The filling is the number of the start. 0 pads.",
                answer=lambda s, n: _padded(s, n, fill=1),
            ),
            Mistake(
                "not cut",
                "The rows are too long: what is longer than the length asked for is cut.",
                answer=lambda s, n: _padded(s, max(map(len, s))),
            ),
        ),
    ),
    Exercise(
        name="read_review",
        lesson=8,
        kind="write",
        variable="my_reader",
        prompt=r"""
**Your turn.** Read one review word by word. `numbers` (time,) are its words, 0 pads; `E` (vocabulary, dimensions) is the embedding, a row for each number; `w` the weights of a GRU; `w_y` (units,) and `b_y` those of
the output. The state starts at 0 and is carried over padding. Return the probability that the review is good after every step, (time,).
""",
        given=SIGMOID + GRU_STEP,
        start="""
def my_reader(numbers, E, w, w_y, b_y):
    # Your turn: look up the word's row, step unless it is padding, squash the output.
    return None
""",
        solution="""
def my_reader(numbers, E, w, w_y, b_y):
    h, said = np.zeros((1, len(w_y))), []
    for number in numbers:
        if number != 0:
            h = gru_step(E[number][None], h, w)
        said.append(sigmoid(h[0] @ w_y + b_y))
    return np.array(said)
""",
        explanation="A row of a table, a step, a weighted sum and sigma: that is the whole sentiment network.",
        hint="Three things at every step: a row of E, a state, an answer. What are their shapes, and which of them does padding leave as it was?",
        right=read_review,
        cases=_reviews,
        mistakes=(
            Mistake(
                "mask ignored",
                "Your network reads the padding as if it were a word.",
                answer=_read_with("mask ignored"),
            ),
            Mistake(
                "mask inverted",
                "Your network reads the padding and skips the words.",
                answer=_read_with("mask inverted"),
            ),
            Mistake(
                "output not squashed",
                "What you return is no probability: it can be negative.",
                answer=lambda numbers, E, w, w_y, b_y: _read(numbers, E, w, w_y, b_y, squash=np.asarray),
            ),
            Mistake(
                "tanh for sigmoid",
                "A probability lies between 0 and 1; the function that you squash with goes below 0.",
                answer=lambda numbers, E, w, w_y, b_y: _read(numbers, E, w, w_y, b_y, squash=np.tanh),
            ),
            Mistake(
                "last step only",
                "That is the probability at the end. It is asked for after every step.",
                answer=lambda numbers, E, w, w_y, b_y: _read(numbers, E, w, w_y, b_y)[-1],
            ),
            Mistake(
                "shifted up",
                "The wrong rows are looked up: the numbers have Keras' offset in them already.",
                answer=_read_with("shifted up"),
            ),
            Mistake(
                "shifted down",
                "The wrong rows are looked up: the embedding has rows for the reserved numbers too.",
                answer=_read_with("shifted down"),
            ),
            Mistake("output bias missing", "The output has a bias.", answer=_read_with("output bias missing")),
            Mistake(
                "mean state",
                "You read the mean of the states so far. The last state is read.",
                answer=_read_with("mean state"),
            ),
            Mistake(
                "state reset at padding",
                "At padding your state goes back to 0: what was read before it is forgotten.",
                "A mask carries the state over. Which line should padding not reach?",
                _read_with("state reset at padding"),
            ),
            Mistake(
                "padding left out",
                "There are as many probabilities as words. One is asked for after every step, padding too.",
                "Nothing is read at padding, but the state is still there, and can be asked.",
                _read_with("padding left out"),
            ),
            Mistake(
                "each word alone",
                "Each word is read as if it were the first: nothing of the words before it is left.",
                "Which state does the step start from, and where does the new one go?",
                _read_with("each word alone"),
            ),
            Mistake(
                "one step late",
                "Every answer is given before the word is read: the first is that of the state at the start.",
                "Which comes first at a step, the new state or the probability?",
                _read_with("one step late"),
            ),
            *(Mistake(name, *unit.STEP[name], _read_with(name)) for name in _GATES),
        ),
    ),
    Exercise(
        name="parameters_of_reviews",
        lesson=8,
        kind="by hand",
        variable="my_number",
        prompt=r"""
**Your turn.** A network for reviews: an embedding of 5,000 words in 32 dimensions, a GRU of 32 units (Keras' default), a dense layer of one unit. How many parameters has it?
""",
        start="my_number = None  # Your turn.",
        solution="my_number = 5000 * 32 + 3 * (32 * 32 + 32 * 32 + 2 * 32) + (32 + 1)",
        explanation="160,000 of the 166,369 are the table of words; the choice of the cell hardly changes the sum.",
        hint="Three layers, three counts. The embedding is a table with a row for each word, and nothing else.",
        right=166369,
        mistakes=(
            Mistake("one bias", "Keras' default has a second bias in each block of the GRU.", answer=166273),
            Mistake("output forgotten", "The dense layer at the end has weights too, and a bias.", answer=166336),
            Mistake("output bias forgotten", "The dense layer has a bias.", answer=166368),
            Mistake("embedding forgotten", "The table of words has parameters; it has most of them.", answer=6369),
            Mistake("LSTM", "That is with four blocks, an LSTM.", answer=168353),
            Mistake("embedding with bias", "An embedding is a table. It has no biases.", answer=166401),
            Mistake("one block", "That is one block of the GRU. How many has it?", answer=162145),
        ),
    ),
)
