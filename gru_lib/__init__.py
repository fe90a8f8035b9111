"""The GRU you can touch: the small module that every notebook of the collection shares.

`gru` is the unit itself; `conventions`, `gradients`, `training`, `datasets`, `windows`, `figures` and `labs` stand
around it. Importing this package loads NumPy alone; the others load when they are first asked for.
"""

from importlib import import_module

from gru_lib.gru import GRU, Gradients, Step, Trace

__version__ = "0.1.0"
_MODULES = ("conventions", "datasets", "figures", "gradients", "labs", "training", "windows")
__all__ = ["GRU", "Gradients", "Step", "Trace", *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        return import_module(f"gru_lib.{name}")
    raise AttributeError(f"module 'gru_lib' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_MODULES])
