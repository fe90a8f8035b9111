"""The GRU you can touch: the small module that every notebook of the collection shares.

`gru` is the unit itself; `rnn` and `lstm` are what it is compared with; `conventions`, `gradients`, `heads`,
`optimizers`, `training`, `checkpoints`, `tasks`, `results`, `datasets`, `windows`, `figures`, `labs` and `exercises`
stand around them. Importing this package loads NumPy alone; the modules around load when they are first asked for.
"""

from importlib import import_module

from gru_lib.gru import GRU, Gradients, Step, Trace
from gru_lib.lstm import LSTM
from gru_lib.rnn import SimpleRNN

__version__ = "0.1.0"
_MODULES = (
    "checkpoints",
    "conventions",
    "datasets",
    "exercises",
    "figures",
    "gradients",
    "heads",
    "labs",
    "optimizers",
    "results",
    "tasks",
    "training",
    "windows",
)
__all__ = ["GRU", "LSTM", "Gradients", "SimpleRNN", "Step", "Trace", *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        return import_module(f"gru_lib.{name}")
    raise AttributeError(f"module 'gru_lib' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_MODULES])
