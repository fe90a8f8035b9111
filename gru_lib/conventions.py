"""What each framework and paper calls a GRU, and weights to and from Keras, PyTorch and ONNX.

Inside this package z keeps the old state, h = z * h_prev + (1 - z) * candidate, and every gate has weights of its
own. The frameworks lay the gates side by side in one array, in an order of their own; some papers let z write. All
of that lives here and nowhere else. A `from_` function gives a `GRU` that computes what the layer computes; the
`to_` function of the same name gives the layer's arrays back.

float32 weights give a float32 GRU; anything else (float64, integers, lists) gives a float64 one. Every function
copies: no array is shared. Errors are TypeError for values that are not real numbers or an argument of the wrong
kind, ValueError for all else: NaN or infinity, a shape (the message says what came and what was expected), or a
layer that this GRU cannot express (the message says why).

Sources:
    Keras    https://keras.io/api/layers/recurrent_layers/gru/
    PyTorch  https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
    ONNX     https://onnx.ai/onnx/operators/onnx__GRU.html
    cuDNN    https://docs.nvidia.com/deeplearning/cudnn/ (cudnnRNNMode_t, CUDNN_GRU)
    Cho et al. 2014, arXiv 1406.1078, equations 5 to 8; Chung et al. 2014, arXiv 1412.3555, section 3.2
"""

from typing import NamedTuple

import numpy as np

from gru_lib import _checks
from gru_lib.gru import GRU


class Convention(NamedTuple):
    """How one framework or paper writes the GRU; n is the number of inputs, H of units; "" where it does not say."""

    name: str
    keep: str  # what h_prev is multiplied by: "z" (z keeps) or "1 - z" (z writes)
    reset: str  # the reset gate stands "before" or "after" the product with U_h
    gates: str  # order of the gates in the arrays, in this package's names; PyTorch calls h "n"
    biases: str
    weights: str  # shape of the input weights


CONVENTIONS = (
    Convention("Cho 2014", "z", "before", "", "none written", ""),
    Convention("Chung 2014", "1 - z", "before", "", "none written", ""),
    Convention("Keras, reset_after=True (default)", "z", "after", "z r h", "2: (2, 3H)", "(n, 3H)"),
    Convention("Keras, reset_after=False", "z", "before", "z r h", "1: (3H,)", "(n, 3H)"),
    Convention("PyTorch", "z", "after", "r z h", "2: (3H,) each", "(3H, n)"),
    Convention("cuDNN", "z", "after", "r z h", "2", "per gate"),
    Convention("ONNX, linear_before_reset=0 (default)", "z", "before", "z r h", "2, summed: (1, 6H)", "(1, 3H, n)"),
    Convention("ONNX, linear_before_reset=1", "z", "after", "z r h", "2: (1, 6H)", "(1, 3H, n)"),
)


def from_keras(arrays, reset_after=True):
    """The GRU that computes what a keras.layers.GRU with these weights computes.

    `arrays` is `layer.get_weights()`: the kernel (input, 3 * hidden), the recurrent kernel (hidden, 3 * hidden) and,
    unless the layer has use_bias=False, the bias: (2, 3 * hidden) with reset_after=True, input biases first;
    (3 * hidden,) with reset_after=False. Without a bias the GRU's biases are 0. Gate order z, r, h.
    The layer's activations are taken to be Keras' defaults, tanh and sigmoid.
    """
    reset_after = _flag("reset_after", reset_after)
    if len(arrays) not in (2, 3):
        raise ValueError(
            f"a Keras GRU layer has 2 arrays (kernel, recurrent kernel) or 3 (and the bias), but {len(arrays)} came; "
            "Bidirectional has those of two layers, to be converted one by one"
        )
    kernel, recurrent_kernel, *bias = arrays
    hidden = _length(recurrent_kernel, 0)
    U = _array("recurrent_kernel", recurrent_kernel, [("hidden", hidden), ("3 * hidden", _times(3, hidden))])
    W = _array("kernel", kernel, [("input", None), ("3 * hidden", 3 * hidden)])
    reset = "after" if reset_after else "before"
    if not bias:
        return _gru(reset, "zrh", arrays, W, U)
    rank = len(_shape(bias[0]))
    if reset_after and rank == 1:
        raise ValueError(
            f"bias must have shape (2, 3 * hidden={3 * hidden}) with reset_after=True, but it has shape "
            f"{np.shape(bias[0])}: one bias of shape (3 * hidden,) belongs to a layer with reset_after=False"
        )
    if not reset_after and rank == 2:
        raise ValueError(
            f"bias must have shape (3 * hidden={3 * hidden},) with reset_after=False, but it has shape "
            f"{np.shape(bias[0])}: two biases, (2, 3 * hidden), belong to a layer with reset_after=True"
        )
    shape = [("3 * hidden", 3 * hidden)]
    b = _array("bias", bias[0], [("biases", 2), *shape] if reset_after else shape)
    return _gru(reset, "zrh", arrays, W, U, *(b if reset_after else [b]))


def to_keras(gru, use_bias=True):
    """The arrays for `layer.set_weights` of a keras.layers.GRU: [kernel, recurrent_kernel, bias], as in `from_keras`.

    The layer must have reset_after=True if `gru.reset` is "after", reset_after=False if it is "before".
    With `use_bias=False` the bias is left out, for a layer that has none; ValueError if a bias of `gru` is not 0.
    """
    W, U, b, c = _side_by_side(gru, "zrh")
    if use_bias:
        return [W, U, np.stack([b, c]) if gru.reset == "after" else b]
    if b.any() or c.any():
        raise ValueError(f"a Keras layer with use_bias=False has no place for biases, but {_not_zero(gru)} are not 0")
    return [W, U]


def from_torch(state_dict):
    """The GRU that computes what a torch.nn.GRU of one layer and one direction computes.

    `state_dict` is `layer.state_dict()` or any mapping: weight_ih_l0 (3 * hidden, input), weight_hh_l0
    (3 * hidden, hidden) and, unless the layer has bias=False, bias_ih_l0 and bias_hh_l0 (3 * hidden,).
    Without biases the GRU's biases are 0. Gate order r, z, n (n is our h); the reset gate stands after the product.
    """
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    for name in state_dict:
        if name in names:
            continue
        if name.endswith("_reverse"):
            reason = "this GRU reads in one direction; convert each direction as a layer of its own"
        elif name.startswith(("weight_", "bias_")):
            reason = "this GRU is one layer, layer 0, without projection; convert each layer by itself"
        else:
            reason = f"expected {', '.join(names)}; names of a larger model must be cut to those of its GRU"
        raise ValueError(f"state_dict has {name!r}: {reason}")
    missing = [name for name in names if name not in state_dict]
    if missing not in ([], list(names[2:])):
        raise ValueError(
            f"state_dict lacks {' and '.join(missing)}; expected {', '.join(names)} (both biases or neither), "
            f"it has {', '.join(state_dict)}"
        )
    came = [state_dict[name] for name in names if name in state_dict]
    hidden = _length(came[1], 1)
    U = _array("weight_hh_l0", came[1], [("3 * hidden", _times(3, hidden)), ("hidden", hidden)])
    W = _array("weight_ih_l0", came[0], [("3 * hidden", 3 * hidden), ("input", None)])
    biases = [_array(*pair, [("3 * hidden", 3 * hidden)]) for pair in zip(names[2:], came[2:], strict=False)]
    return _gru("after", "rzh", came, W.T, U.T, *biases)


def to_torch(gru):
    """The arrays of a torch.nn.GRU, as in `from_torch`, by name.

    `layer.load_state_dict({name: torch.from_numpy(array) for name, array in to_torch(gru).items()})` loads them.
    ValueError if `gru.reset` is "before": PyTorch always resets after the product, and the two functions differ.
    """
    W, U, b, c = _side_by_side(gru, "rzh")
    if gru.reset == "before":
        raise ValueError(
            "a GRU with reset='before' cannot be mapped to PyTorch: torch.nn.GRU always applies the reset gate after "
            "the product with U_h, and r * (h U_h) is not (r * h) U_h for any other weights"
        )
    return {
        "weight_ih_l0": np.ascontiguousarray(W.T),
        "weight_hh_l0": np.ascontiguousarray(U.T),
        "bias_ih_l0": b,
        "bias_hh_l0": c,
    }


def from_onnx(W, R, B=None, linear_before_reset=0):
    """The GRU that computes what an ONNX GRU node with these weights computes.

    `W` (1, 3 * hidden, input), `R` (1, 3 * hidden, hidden), `B` (1, 6 * hidden) or None (zeros): input biases, then
    recurrent biases. Gate order z, r, h. `linear_before_reset` 0, ONNX' default, is reset="before"; there both
    biases of each gate, the candidate's too, stand outside the reset and are summed into one. 1 is reset="after".
    The node's activations are taken to be the defaults, direction forward, without clip.
    """
    after = _flag("linear_before_reset", linear_before_reset)
    for name, value in (("W", W), ("R", R), ("B", B)):
        if len(_shape(value)) > 1 and _shape(value)[0] == 2:
            raise ValueError(
                f"{name} has shape {np.shape(value)}, num_directions=2: this GRU reads in one direction; convert "
                f"{name}[:1] and {name}[1:] as GRUs of their own, the second reading the sequence backwards"
            )
    hidden = _length(R, 2)
    one = ("num_directions", 1)
    U = _array("R", R, [one, ("3 * hidden", _times(3, hidden)), ("hidden", hidden)])[0].T
    W_side = _array("W", W, [one, ("3 * hidden", 3 * hidden), ("input", None)])[0].T
    biases = []
    if B is not None:
        biases = np.split(_array("B", B, [one, ("6 * hidden", 6 * hidden)])[0], 2)
        if not after:
            biases = [biases[0] + biases[1]]
    came = [W, R] if B is None else [W, R, B]
    return _gru("after" if after else "before", "zrh", came, W_side, U, *biases)


def to_onnx(gru):
    """The inputs W, R, B and attributes linear_before_reset, hidden_size of an ONNX GRU node, as in `from_onnx`.

    With reset="before" there is one bias: it is the first half of B, the second is 0.
    """
    W, U, b, c = _side_by_side(gru, "zrh")
    return {
        "W": np.ascontiguousarray(W.T)[None],
        "R": np.ascontiguousarray(U.T)[None],
        "B": np.concatenate([b, c])[None],
        "linear_before_reset": int(gru.reset == "after"),
        "hidden_size": gru.hidden_size,
    }


def swap_update(weights):
    """The weights of the same function in the other convention: z keeps <-> z writes.

    `weights` is a dict as in `GRU.weights`. Negates W_z, U_z, b_z and, where there is one, c_z: as
    sigma(-a) = 1 - sigma(a), z and 1 - z change places. Returns a new dict of new arrays; twice gives the original.
    ValueError if W_z, U_z or b_z is missing.
    """
    missing = [name for name in ("W_z", "U_z", "b_z") if name not in weights]
    if missing:
        raise ValueError(f"weights lack {', '.join(missing)}: expected the names of GRU.weights, got {list(weights)}")
    return {name: -np.asarray(a) if name.endswith("_z") else np.array(a) for name, a in weights.items()}


def _flag(name, value):
    """Whether `value` is 1 or True. Raises ValueError unless it is 0 or 1."""
    if np.ndim(value) or value not in (0, 1):
        raise ValueError(f"{name} must be 0 or 1 (False or True), not {value!r}")
    return bool(value)


def _shape(value):
    """The shape of `value`; () if its rows differ in length, which `_array` then reports."""
    try:
        return np.shape(value)
    except ValueError:
        return ()


def _length(value, axis):
    """The length of one axis, None if there is no such axis."""
    shape = _shape(value)
    return shape[axis] if axis < len(shape) else None


def _times(factor, length):
    return None if length is None else factor * length


def _array(name, value, shape):
    return _checks.array(name, value, shape, np.float64)


def _gru(reset, order, came, W, U, b=None, c=None):
    """A GRU from W (input, 3 * hidden), U (hidden, 3 * hidden) and biases (3 * hidden,), gates in `order`.

    It is of float32 if every array of `came` is, else of float64.
    """
    dtype = np.float32 if all(np.asarray(a).dtype == np.float32 for a in came) else np.float64
    gru = GRU(W.shape[0], U.shape[0], reset=reset, seed=0, dtype=dtype)
    zero = np.zeros(3 * gru.hidden_size)
    for kind, side in zip("WUbc", (W, U, b, c), strict=True):
        if kind == "c" and reset == "before":
            continue
        for gate, block in zip(order, np.split(zero if side is None else side, 3, axis=-1), strict=True):
            gru.weights[f"{kind}_{gate}"] = np.array(block, dtype, order="C")
    return gru


def _side_by_side(gru, order):
    """W (input, 3 * hidden), U (hidden, 3 * hidden), b and c (3 * hidden,) with gates in `order`, new arrays."""
    if not isinstance(gru, GRU):
        raise TypeError(f"expected a gru_lib.GRU, not a {type(gru).__name__}")
    gates = ["zrh".index(k) for k in order]
    return tuple(np.concatenate(list(kind[gates]), axis=-1) for kind in gru._stacked())


def _not_zero(gru):
    return ", ".join(name for name, value in gru.weights.items() if name[0] in "bc" and np.any(value))
