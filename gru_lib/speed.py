"""How long Keras takes for one training step of a GRU, an LSTM and a plain RNN, measured in turns.

The step is what `model.fit` does for one batch: the same compiled function, forward, backward and Adam's update. The
cells take turns, so that whatever else the machine does slows all of them; a ratio within a round is worth more than
its two times.
"""

import time
from collections import Counter

import numpy as np

from gru_lib import _checks, systems


def stepper(cell, units, *, batch=64, steps=60, inputs=1, seed=0):
    """A function that does one training step of one recurrent layer and a Dense(1) when called; it is compiled already.

    The batch is (batch, steps, inputs) of random numbers; Adam, squared error, float32.
    """
    keras = systems.load_keras()
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((steps, inputs)), systems.layer(cell, units), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((batch, steps, inputs), dtype=np.float32)
    y = rng.standard_normal((batch, 1), dtype=np.float32)
    batches = iter(tf.data.Dataset.from_tensors((x, y)).repeat())
    model.make_train_function()

    def step():
        return float(model.train_function(batches)["loss"])

    step()
    return step


def measure(cells=systems.CELLS, units=(50,), *, rounds=15, turn=3, clock=time.perf_counter, **shape):
    """Time a training step of every cell at every size, in turns. A list of dicts: cell, units, round, milliseconds.

    A round takes each cell once, for `turn` steps in a row; `milliseconds` is the time of one of them. Within a size
    the cells follow directly on each other; the next round begins with another cell. `shape` as in `stepper`.
    """
    rounds, turn = _checks.size("rounds", rounds), _checks.size("turn", turn)
    found = []
    for size in units:
        ready = {cell: stepper(cell, size, **shape) for cell in cells}
        for number in range(rounds):
            first = number % len(cells)
            for cell in [*cells[first:], *cells[:first]]:
                start = clock()
                for _ in range(turn):
                    ready[cell]()
                milliseconds = 1000 * (clock() - start) / turn
                found.append({"cell": cell, "units": size, "round": number, "milliseconds": milliseconds})
    return found


def operations(cell, units=8):
    """The operations of which TensorFlow's graph of one time step, forward, consists: a Counter by their kind.

    Those that do no work when the step runs (constants, identities) are left out. Raises RuntimeError if the layer is
    not a loop over time.
    """
    layer = systems.layer(cell, units, return_sequences=True)
    import tensorflow as tf

    layer.build((None, None, 1))
    graph = tf.function(lambda x: layer(x)).get_concrete_function(tf.TensorSpec((2, 60, 1))).graph.as_graph_def()
    bodies = [function for function in graph.library.function if "while_body" in function.signature.name]
    if len(bodies) != 1:
        raise RuntimeError(f"one loop over time expected in the graph of {cell}, found {len(bodies)}")
    return Counter(node.op for node in bodies[0].node_def if node.op not in ("Const", "Identity", "NoOp"))
