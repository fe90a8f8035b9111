"""The five systems that tutorials build with a GRU, as Keras models; the cell is a parameter, and so are the units.

`SYSTEMS` holds their hyper-parameters, `build` makes the model, `parameters` derives what its parameters count to.
Keras and TensorFlow load when a function first needs them, through `load_keras`.
"""

import os
import sys
import tempfile
from dataclasses import dataclass, replace

from gru_lib import _checks

CELLS = ("GRU", "LSTM", "RNN")
BLOCKS = {"GRU": 3, "LSTM": 4, "RNN": 1}  # the blocks of weights of a cell: its gates and its candidate


@dataclass(frozen=True)
class System:
    """Hyper-parameters of one system. `units` are those of its recurrent layers, one on top of the other.

    `data` is a name for `datasets.load`, `column` what is forecast; the model sees `columns` ((): all numbers) of
    the last `window` rows and gives `horizon` values of `column`. `dropout` stands after each recurrent layer. With
    `embedding` > 0 the inputs are the numbers of words, below `vocabulary`, and the output is a probability; with
    `mask` the recurrent layers carry their state through the padding, number 0, instead of reading it.
    `ours` names what no source states, and what was chosen here.
    """

    name: str
    data: str
    column: str
    columns: tuple
    window: int
    units: tuple
    loss: str
    optimizer: str
    epochs: int
    batch: int
    horizon: int = 1
    dropout: float = 0.0
    learning_rate: float = 0.001
    shuffle: bool = True
    vocabulary: int = 0
    embedding: int = 0
    mask: bool = False
    ours: tuple = ()

    def __post_init__(self):
        for name in ("window", "epochs", "batch", "horizon"):
            _checks.size(name, getattr(self, name))
        if not self.units:
            raise ValueError("units must name the size of at least one recurrent layer")
        for units in self.units:
            _checks.size("units", units)


_CLOSE, _ALL = ("Close",), ()
SYSTEMS = {
    "price": System(
        "price", "bitcoin", "Close", _CLOSE, 60, (50, 100), "mse", "rmsprop", epochs=50, batch=64, dropout=0.2
    ),
    "power": System(
        "power", "power", "Global_active_power", _ALL, 1, (75, 30, 30), "mae", "adam", 10, 64, shuffle=False
    ),
    "reviews": System(
        "reviews",
        "reviews",
        "sentiment",
        ("review",),
        500,
        (32,),
        "binary_crossentropy",
        "adam",
        epochs=15,
        batch=32,
        vocabulary=5000,
        embedding=32,
        mask=True,
        ours=("units", "optimizer", "epochs", "batch", "vocabulary", "embedding", "mask"),
    ),
    "bank": System(
        "bank",
        "bankex",
        "series_1",
        ("series_1",),
        60,
        (64,),
        "mse",
        "adam",
        epochs=50,
        batch=32,
        dropout=0.2,
        ours=("window", "units", "dropout", "loss", "optimizer", "epochs", "batch"),
    ),
    "temperature": System(
        "temperature", "noise", "Temperature", ("Temperature",), 100, (50, 50), "mse", "adam", epochs=10, batch=32
    ),
}


def system(name, **changes):
    """The system `name`, a key of `SYSTEMS`, with some of its hyper-parameters changed. Raises ValueError, TypeError."""
    return replace(SYSTEMS[_checks.choice("name", name, tuple(SYSTEMS))], **changes)


# The series of one column that a forecasting system can be given in place of its own, and the column.
SERIES = {"bitcoin": "Close", "bankex": "series_1", "activities": "series_1", "noise": "Temperature"}
SERIES |= {"melbourne": "Temp", "seattle": "temp_max"}
PRICES = ("bitcoin", "bankex")  # whose changes are told as returns


def on(system, data):
    """The same system for another series: `data` is a key of `SERIES`. Raises ValueError (also for a system of words)."""
    if data == system.data:
        return system
    if system.embedding:
        raise ValueError(f"{system.name} reads words, data={data!r} is a series of numbers")
    column = SERIES[_checks.choice("data", data, tuple(SERIES))]
    return replace(system, data=data, column=column, columns=(column,))


def load_keras():
    """Import Keras on TensorFlow for the processor, and return it.

    While TensorFlow loads, its C++ part writes lines to the error stream that no log level holds back. Those that only
    inform ("I0000 ...": which instructions it uses, that there is no graphics card) are left out; all others pass.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    # Without a graphics card the C++ part logs an error about it; what goes wrong in a computation is an exception.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # these models are small: a graphics card would slow them down
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            import keras
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            for line in file.read().decode(errors="replace").splitlines():
                if not line.startswith(("I0000 ", "WARNING: All log messages before absl::InitializeLog() is called")):
                    print(line, file=sys.stderr)
    return keras


def inputs_of(system):
    """How many numbers the first recurrent layer reads at each step: of a power reading 7, of a word its embedding."""
    if system.embedding:
        return system.embedding
    return len(system.columns) or 7  # all columns of the household's power


def layer_parameters(cell, inputs, units, reset_after=True):
    """The parameters of one Keras layer of `units`, by kind: a dict of "input", "recurrent" and "bias".

    Each of a cell's blocks (GRU 3, LSTM 4, plain RNN 1) has `inputs` x `units`, `units` x `units` and `units`
    parameters; a GRU with `reset_after` has a second bias in each block. `reset_after` concerns the GRU alone.
    """
    _checks.choice("cell", cell, CELLS)
    blocks, inputs, units = BLOCKS[cell], _checks.size("inputs", inputs), _checks.size("units", units)
    biases = 2 if cell == "GRU" and reset_after else 1
    return {"input": blocks * inputs * units, "recurrent": blocks * units * units, "bias": blocks * biases * units}


def parameters(system, cell="GRU", reset_after=True):
    """The parameters of `build(system, cell, reset_after)`, layer by layer: a list of (layer, parameters).

    The sum over the layers is `model.count_params()`; no model is built.
    """
    found = [("Embedding", system.vocabulary * system.embedding)] if system.embedding else []
    inputs = inputs_of(system)
    for units in system.units:
        found.append((f"{cell}({units})", sum(layer_parameters(cell, inputs, units, reset_after).values())))
        inputs = units
    return [*found, (f"Dense({system.horizon})", (inputs + 1) * system.horizon)]


def count(system, cell="GRU", reset_after=True):
    """The number of all parameters of `build(system, cell, reset_after)`."""
    return sum(number for _, number in parameters(system, cell, reset_after))


def resize(system, cell, target, reset_after=True):
    """The same system with its recurrent layers wider or narrower by one factor, so that it has about `target` parameters.

    Units are whole numbers, so `count` of the result is near `target`, not equal to it: for layers of 30 units and
    more within 2 %. Raises ValueError if even one unit a layer is too many.
    """
    target = _checks.size("target", target)
    widest = max(system.units)
    best = None
    for step in range(1, 1000 * widest):
        sized = replace(system, units=tuple(max(1, round(units * step / (10 * widest))) for units in system.units))
        number = count(sized, cell, reset_after)
        if best is None or abs(number - target) < abs(count(best, cell, reset_after) - target):
            best = sized
        if number > target:
            break
    if max(best.units) == 1 and count(best, cell, reset_after) > target:
        raise ValueError(f"{target} parameters are too few for {system.name} with {cell}: one unit a layer has more")
    return best


def layer(cell, units, **options):
    """The Keras layer of a `cell`, "GRU", "LSTM" or "RNN"; `options` are those of the layer, `reset_after` the GRU's.

    Raises ValueError (cell).
    """
    _checks.choice("cell", cell, CELLS)
    layers = load_keras().layers
    kind = {"GRU": layers.GRU, "LSTM": layers.LSTM, "RNN": layers.SimpleRNN}[cell]
    if cell != "GRU":
        options.pop("reset_after", None)
    return kind(units, **options)


def build(system, cell="GRU", reset_after=True, seed=None):
    """The compiled Keras model of a `System`: its recurrent layers of the kind `cell`, "GRU", "LSTM" or "RNN".

    Inputs (batch, window, inputs), for reviews (batch, window) numbers of words; outputs (batch, horizon).
    `seed` sets the seed of everything that Keras draws, initial weights, dropout and order of the rows, and with it
    those of Python's `random` and of NumPy's global generator (`keras.utils.set_random_seed`).
    """
    keras = load_keras()
    if seed is not None:
        keras.utils.set_random_seed(seed)
    layers = keras.layers
    if system.embedding:
        embedding = layers.Embedding(system.vocabulary, system.embedding, mask_zero=system.mask)  # 0 pads
        stack = [keras.Input((system.window,), dtype="int32"), embedding]
    else:
        stack = [keras.Input((system.window, inputs_of(system)))]
    for number, units in enumerate(system.units, start=1):
        stack.append(layer(cell, units, return_sequences=number < len(system.units), reset_after=reset_after))
        if system.dropout:
            stack.append(layers.Dropout(system.dropout))
    stack.append(layers.Dense(system.horizon, activation="sigmoid" if system.embedding else "linear"))
    model = keras.Sequential(stack, name=f"{system.name}_{cell}")
    optimizer = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[system.optimizer]
    metrics = ["accuracy"] if system.embedding else None
    model.compile(optimizer(system.learning_rate), loss=system.loss, metrics=metrics)
    return model
