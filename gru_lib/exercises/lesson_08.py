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


def _encoded(words, index, vocabulary, offset=OFFSET, start=(START,), limit=0, unknown=UNKNOWN):
    """`limit` is added to a number before it is compared with the vocabulary; `unknown` None leaves a word out."""
    found = [index.get(word, vocabulary) + offset for word in words]
    numbers = [n if n + limit < vocabulary else unknown for n in found]
    return np.array([*start, *(n for n in numbers if n is not None)])


def _texts():
    texts = "the film was good and the acting was bad", "dull plot dull", "the unheard of plot", "bad film"
    return [(text.split(), dict(INDEX), vocabulary) for text, vocabulary in zip(texts, (10, 12, 100, 6), strict=True)]


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


def read_review(numbers, E, w, w_y, b_y):
    """The probability that a review is good, after each of its words; zeros pad and carry the state."""
    return _read(numbers, E, w, w_y, b_y)


def _read(numbers, E, w, w_y, b_y, made=None, squash=unit.sigmoid):
    counts = np.ones(len(numbers), bool) if made == "mask ignored" else numbers != 0
    counts = ~counts if made == "mask inverted" else counts
    shift = {"shifted up": OFFSET, "shifted down": -OFFSET}.get(made, 0)
    x = E[(numbers + shift) % len(E)][None]
    h = unit.loop(x, np.zeros((1, len(w_y))), w, made if made in unit.STEP else None, counts[None])[0]
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


_GATES = ("z and 1 - z exchanged", "reset before the product", "reset missing", "c_h missing", "U transposed")
_GATES = (*_GATES, "sigmoid for tanh")

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
        mistakes=(
            Mistake(
                "offset forgotten",
                "The numbers are bare ranks, so the most frequent word has the number of the start.",
                "Three numbers are taken before the first word comes.",
                lambda words, index, vocabulary: _encoded(words, index, vocabulary, offset=0),
            ),
            Mistake(
                "start forgotten",
                "Every review begins with a number of its own, and yours do not.",
                answer=lambda words, index, vocabulary: _encoded(words, index, vocabulary, start=()),
            ),
            Mistake(
                "unknown words left out",
                "Words that are not in the vocabulary vanish from the review. They have a number.",
                answer=lambda words, index, vocabulary: _encoded(words, index, vocabulary, unknown=None),
            ),
            Mistake(
                "unknown words as padding",
                "Unknown words get the number of the padding, which a mask would skip.",
                answer=lambda words, index, vocabulary: _encoded(words, index, vocabulary, unknown=0),
            ),
            Mistake(
                "limit before the offset",
                "The rank is compared with the vocabulary, not the number: some numbers are too large for the embedding.",
                answer=lambda words, index, vocabulary: _encoded(words, index, vocabulary, limit=-OFFSET),
            ),
            Mistake(
                "limit forgotten",
                "Some numbers are too large for the vocabulary.",
                answer=lambda words, index, vocabulary: np.array(
                    [1, *(index[w] + 3 if w in index else 2 for w in words)]
                ),
            ),
            Mistake(
                "offset by one",
                "The ranks are moved up by too little: count the numbers that are reserved, 0 among them.",
                answer=lambda words, index, vocabulary: _encoded(words, index, vocabulary, offset=2),
            ),
        ),
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
        hint="Two questions: on which side do the zeros go, and which part of a long review is kept?",
        right=pad,
        cases=lambda: [([[1, 5, 6], [1, 4, 9, 7, 8, 5], [3]], 4), ([[1, 2, 3], [1, 2, 3, 4, 5]], 3)],
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
        hint="What are the shapes of E[number], of the state, and of the sum before it is squashed?",
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
