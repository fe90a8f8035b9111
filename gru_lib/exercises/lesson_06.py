"""Exercises of lesson 6, Keras: GRU and LSTM side by side."""

import numpy as np

from gru_lib.exercises import unit
from gru_lib.exercises.exercise import Exercise, Mistake

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


def count(cell, inputs, units, reset_after):
    """The parameters of one layer."""
    return _count(cell, inputs, units, reset_after)


def _count(cell, inputs, units, reset_after, *, blocks=BLOCKS, biases=None, recurrent=True):
    if biases is None:
        biases = 2 if cell == "GRU" and reset_after else 1
    return blocks[cell] * (inputs * units + recurrent * units * units + biases * units)


def _layers():
    return [
        (cell, inputs, units, reset_after)
        for cell in BLOCKS
        for inputs, units in ((1, 1), (7, 75), (75, 30))
        for reset_after in (True, False)
    ]


def keras_arrays(w):
    """Kernel, recurrent kernel and bias of a Keras GRU with reset_after=True."""
    return _arrays(w)


def _arrays(w, order="zrh", biases="bc", side=-1):
    kernel, recurrent = (np.concatenate([w[f"{kind}_{k}"] for k in order], axis=side) for kind in "WU")
    return [kernel, recurrent, np.stack([np.concatenate([w[f"{kind}_{k}"] for k in order]) for kind in biases])]


def _one_bias(w):
    kernel, recurrent, bias = _arrays(w)
    return [kernel, recurrent, bias.sum(axis=0)]


def _first_bias(w):
    kernel, recurrent, bias = _arrays(w)
    return [kernel, recurrent, bias[0]]


def _transposed(w):
    kernel, recurrent, bias = _arrays(w)
    return [kernel.T, recurrent.T, bias]


def _interleaved(w):
    kernel, recurrent, bias = (a.reshape(len(a), 3, -1).swapaxes(1, 2).reshape(len(a), -1) for a in _arrays(w))
    return [kernel, recurrent, bias]


EXERCISES = (
    Exercise(
        name="count_parameters",
        lesson=6,
        kind="write",
        variable="my_count",
        prompt=r"""
**Your turn.** Write the count of one layer; `cell` is `"RNN"`, `"GRU"` or `"LSTM"`.
""",
        start="""
def my_count(cell, inputs, units, reset_after=True):
    # Your turn: blocks times (input weights + recurrent weights + biases).
    return None
""",
        solution="""
def my_count(cell, inputs, units, reset_after=True):
    blocks = {"RNN": 1, "GRU": 3, "LSTM": 4}[cell]
    biases = 2 if cell == "GRU" and reset_after else 1
    return blocks * (inputs * units + units * units + biases * units)
""",
        explanation="It is what Keras counts, for every cell: only a GRU that resets after the product has a second bias.",
        hint="Count one block first, for 1 input and 1 unit, by pointing at each weight. Then the blocks.",
        right=count,
        cases=_layers,
        mistakes=(
            Mistake(
                "second bias forgotten",
                "One of Keras' two GRUs has more biases than you count.",
                "With reset_after=True each block of a GRU has two.",
                lambda cell, inputs, units, reset_after: _count(cell, inputs, units, False),
            ),
            Mistake(
                "second bias always",
                "A GRU has a second bias only where the reset stands after the product. Which argument says so?",
                answer=lambda cell, inputs, units, reset_after: _count(cell, inputs, units, True),
            ),
            Mistake(
                "second bias everywhere",
                "You give a second bias to every cell. Which one needs it, and when?",
                answer=lambda cell, inputs, units, reset_after: _count(
                    cell, inputs, units, reset_after, biases=2 if reset_after else 1
                ),
            ),
            Mistake(
                "biases forgotten",
                "The matrices are all there. What else is added up in a gate?",
                answer=lambda cell, inputs, units, reset_after: _count(cell, inputs, units, reset_after, biases=0),
            ),
            Mistake(
                "recurrent weights forgotten",
                "Every unit also reads the old state of every unit.",
                answer=lambda cell, inputs, units, reset_after: _count(
                    cell, inputs, units, reset_after, recurrent=False
                ),
            ),
            Mistake(
                "gates for blocks",
                "The gates are counted. What would be written, the candidate, has weights of its own.",
                answer=lambda cell, inputs, units, reset_after: _count(
                    cell, inputs, units, reset_after, blocks={"RNN": 1, "GRU": 2, "LSTM": 3}
                ),
            ),
            Mistake(
                "GRU and LSTM exchanged",
                "Which of the two gated cells has one gate more?",
                answer=lambda cell, inputs, units, reset_after: _count(
                    cell, inputs, units, reset_after, blocks={"RNN": 1, "GRU": 4, "LSTM": 3}
                ),
            ),
        ),
    ),
    Exercise(
        name="work_backwards",
        lesson=6,
        kind="by hand",
        variable="my_units",
        prompt=r"""
**Your turn.** A paper says: "a GRU layer on a single input series, 3,264 parameters". How many units, if it has one bias a block?
""",
        start="my_units = None  # Your turn.",
        solution="my_units = next(units for units in range(1, 100) if 3 * (units + units**2 + units) == 3264)",
        explanation="3 (H + H² + H) = 3264 gives H = 32. With two biases no whole number of units has that count.",
        hint="Divide by the number of blocks. What is left is H² and a few times H.",
        right=32,
        within=0.001,
        mistakes=(
            Mistake(
                "two biases",
                "That is with two biases a block, and no number of units. The paper's GRU has one.",
                answer=31.52,
            ),
            Mistake(
                "four blocks", "That is with four blocks, which make an LSTM, and no number of units.", answer=27.58
            ),
            Mistake("bias forgotten", "That is without biases, and no number of units.", answer=32.49),
            Mistake("one block", "That would be one block. A GRU has three.", answer=56.14),
        ),
    ),
    Exercise(
        name="to_keras",
        lesson=6,
        kind="write",
        variable="my_arrays",
        prompt=r"""
**Your turn.** `w` holds the weights of our GRU by name (`W_z` (inputs, units), `U_z`, `b_z`, `c_z`, ...). Return the list of three arrays that a Keras GRU with `reset_after=True` takes: kernel (inputs, 3 · units),
recurrent kernel (units, 3 · units), bias (2, 3 · units). Keras' order is $z$, $r$, candidate; the input's biases stand first.
""",
        start="""
def my_arrays(w):
    # Your turn: np.concatenate for the blocks, np.stack for the two rows of biases.
    return None
""",
        solution="""
def my_arrays(w):
    def side_by_side(kind):
        return np.concatenate([w[f"{kind}_{gate}"] for gate in "zrh"], axis=-1)

    return [side_by_side("W"), side_by_side("U"), np.stack([side_by_side("b"), side_by_side("c")])]
""",
        explanation="Three blocks side by side in the order z, r, candidate, and two rows of biases, b above c.",
        hint="Write the names down as they should stand in each array, left to right, and for the bias also top to bottom.",
        right=keras_arrays,
        cases=lambda: [(unit.weights(2, 3, seed=0),), (unit.weights(4, 1, seed=1),), (unit.weights(3, 3, seed=2),)],
        mistakes=(
            Mistake(
                "PyTorch's order",
                "The blocks stand in PyTorch's order, the reset gate first.",
                answer=lambda w: _arrays(w, "rzh"),
            ),
            Mistake(
                "candidate first",
                "The blocks stand in another order: Keras has the candidate last.",
                answer=lambda w: _arrays(w, "hzr"),
            ),
            Mistake(
                "biases exchanged",
                "The two rows of biases are exchanged: the input's stand first.",
                answer=lambda w: _arrays(w, biases="cb"),
            ),
            Mistake(
                "biases added",
                "The biases are added up into one. For the gates that would do, but not for the candidate, where r stands between.",
                answer=_one_bias,
            ),
            Mistake("second bias dropped", "One of the two rows of biases is missing.", answer=_first_bias),
            Mistake(
                "transposed", "The arrays are the wrong way round: that is how PyTorch has them.", answer=_transposed
            ),
            Mistake(
                "interleaved",
                "You have put the gates of each unit side by side; Keras has one block for each gate.",
                answer=_interleaved,
            ),
        ),
    ),
)
