"""Exercises of lesson 6, Keras: GRU and LSTM side by side."""

import itertools
from typing import NamedTuple

import numpy as np

from gru_lib.exercises import unit
from gru_lib.exercises.exercise import Exercise, Mistake

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


class KerasArrays(NamedTuple):
    """What `get_weights` of a Keras GRU gives: (inputs, 3H), (H, 3H), and with reset_after=True (2, 3H)."""

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray


def count(cell, inputs, units, reset_after):
    """The parameters of one layer."""
    return _count(cell, inputs, units, reset_after)


def _count(cell, inputs, units, reset_after, *, blocks=BLOCKS, biases=None, recurrent="units"):
    if biases is None:
        biases = 2 if cell == "GRU" and reset_after else 1
    square = {"units": units**2, "inputs": inputs**2, "once": units, "none": 0}[recurrent]
    return blocks[cell] * (inputs * units + square + biases * units)


def _count_with(**otherwise):
    return lambda cell, inputs, units, reset_after: _count(cell, inputs, units, reset_after, **otherwise)


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


def _arrays(w, W="zrh", U="zrh", bias="zrh", rows="bc", side=-1):
    """`W`, `U` and `bias` are the orders of the blocks, `rows` those of the biases, `side` the axis of the blocks."""
    kernel, recurrent = (
        np.concatenate([w[f"{kind}_{k}"] for k in order], axis=side) for kind, order in (("W", W), ("U", U))
    )
    bias = np.stack([np.concatenate([w[f"{kind}_{k}"] for k in bias]) for kind in rows])
    return KerasArrays(kernel, recurrent, bias)


def _arrays_with(**otherwise):
    return lambda w: _arrays(w, **otherwise)


def _changed(change):
    """The right arrays with `change` made to them, which gives those that are other than right."""
    return lambda w: _arrays(w)._replace(**change(_arrays(w)))


def _transposed(a):
    return {"kernel": a.kernel.T, "recurrent_kernel": a.recurrent_kernel.T}


def _interleaved(w):
    return KerasArrays(*(a.reshape(len(a), 3, -1).swapaxes(1, 2).reshape(len(a), -1) for a in _arrays(w)))


ORDERS = ["".join(order) for order in itertools.permutations("zrh") if order != tuple("zrh")]
CHECK_NAMES = "Write the names of the blocks of each array down, left to right, and compare the three rows."


def _orders():
    """Blocks in another order: in all arrays alike, or in one of them alone."""
    for order in ORDERS:
        if order == "rzh":
            name, says = "PyTorch's order", "The blocks stand in PyTorch's order, the reset gate first."
        else:
            name, says = "candidate not last", "The blocks stand in another order: Keras has the candidate last."
        yield Mistake(name, says, answer=_arrays_with(W=order, U=order, bias=order))
    for one, array in (("W", "kernel"), ("U", "recurrent kernel"), ("bias", "bias")):
        for order in ORDERS:
            says = f"In the {array} the blocks stand in another order than in the two other arrays."
            yield Mistake(f"order of the {array}", says, CHECK_NAMES, _arrays_with(**{one: order}))
        for order in ORDERS:
            orders = {**dict.fromkeys(("W", "U", "bias"), order), one: "zrh"}
            says = f"The {array} alone has its blocks in Keras' order; the two other arrays have another one."
            yield Mistake(f"order of all but the {array}", says, CHECK_NAMES, _arrays_with(**orders))


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
                answer=_count_with(biases=0),
            ),
            Mistake(
                "recurrent weights forgotten",
                "Every unit also reads the old state of every unit.",
                answer=_count_with(recurrent="none"),
            ),
            Mistake(
                "inputs squared",
                "You square the inputs. No input meets another one: what does a recurrent matrix lead from, and where to?",
                answer=_count_with(recurrent="inputs"),
            ),
            Mistake(
                "own state alone",
                "You let each unit read its own old state alone. It reads the old state of every unit.",
                answer=_count_with(recurrent="once"),
            ),
            Mistake(
                "gates for blocks",
                "The gates are counted. What would be written, the candidate, has weights of its own.",
                answer=_count_with(blocks={"RNN": 1, "GRU": 2, "LSTM": 3}),
            ),
            Mistake(
                "GRU and LSTM exchanged",
                "Which of the two gated cells has one gate more?",
                answer=_count_with(blocks={"RNN": 1, "GRU": 4, "LSTM": 3}),
            ),
            Mistake(
                "one block for the LSTM",
                "The GRU is right, but your LSTM has one block, as the plain RNN has.",
                "Does the LSTM come to its own line, or to that of another cell?",
                _count_with(blocks={"RNN": 1, "GRU": 3, "LSTM": 1}),
            ),
            Mistake(
                "one block for the GRU",
                "The LSTM is right, but your GRU has one block, as the plain RNN has.",
                "Does the GRU come to its own line, or to that of another cell?",
                _count_with(blocks={"RNN": 1, "GRU": 1, "LSTM": 4}),
            ),
            Mistake(
                "one block for every cell",
                "You count one block whatever the cell is. Each gate has weights of its own, and so has the candidate.",
                answer=_count_with(blocks={"RNN": 1, "GRU": 1, "LSTM": 1}),
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
            Mistake(
                "recurrent weights alone",
                "That is the root of a third of the count: as if all weights of a block were recurrent. It has others.",
                "Two more kinds of numbers are in a block. How many of each, for one input and H units?",
                1088**0.5,
            ),
            Mistake(
                "one block's count",
                "That is how many numbers one block has. How many units has a block of so many?",
                answer=1088,
            ),
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
            *_orders(),
            Mistake(
                "biases exchanged",
                "The two rows of biases are exchanged: the input's stand first.",
                answer=_arrays_with(rows="cb"),
            ),
            Mistake(
                "biases added",
                "The biases are added up into one. For the gates that would do, but not for the candidate, where r stands between.",
                answer=_changed(lambda a: {"bias": a.bias.sum(axis=0)}),
            ),
            Mistake(
                "second bias dropped",
                "One of the two rows of biases is missing.",
                answer=_changed(lambda a: {"bias": a.bias[0]}),
            ),
            *(
                Mistake(
                    "one bias twice",
                    "Both rows of the bias hold the same numbers. One is the input's, the other the state's.",
                    "Which of the arrays in w have you not used?",
                    _arrays_with(rows=rows),
                )
                for rows in ("bb", "cc")
            ),
            Mistake(
                "biases in one row",
                "The numbers of the bias are all there, in one long row. It has two rows: one for the input, one for the state.",
                answer=_changed(lambda a: {"bias": a.bias.ravel()}),
            ),
            Mistake(
                "W and U exchanged",
                "The first two arrays are exchanged: the kernel is what the input meets.",
                answer=_changed(lambda a: {"kernel": a.recurrent_kernel, "recurrent_kernel": a.kernel}),
            ),
            Mistake(
                "one below the other",
                "The blocks of the matrices stand one below the other. They are to stand side by side.",
                "Which axis counts the inputs, and which one the units? Only one of them may grow.",
                _arrays_with(side=0),
            ),
            Mistake(
                "transposed",
                "The arrays are the wrong way round: that is how PyTorch has them.",
                answer=_changed(_transposed),
            ),
            Mistake(
                "interleaved",
                "You have put the gates of each unit side by side; Keras has one block for each gate.",
                answer=_interleaved,
            ),
        ),
    ),
)
