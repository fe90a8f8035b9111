"""The plain recurrent network (Elman 1990): one tanh, no gate; what the GRU is compared with.

    h_t = tanh(x_t W_h + h_{t-1} U_h + b_h)

The interface is that of `gru.GRU`. Rows are examples: x_t is (batch, input), so weights stand on the right.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from gru_lib import _checks
from gru_lib.gru import Gradients


class RNNStep(NamedTuple):
    """One time step: the new state `h`, (batch, hidden)."""

    h: np.ndarray


@dataclass(frozen=True, repr=False)
class RNNTrace:
    """What a forward pass leaves behind; `h` is (batch, time, hidden).

    The fields serve `SimpleRNN.backward` and lie with time first.
    """

    states: np.ndarray = field()  # (time + 1, batch, hidden): h_0 ... h_T
    x: np.ndarray = field()  # (time, batch, input)
    counts: np.ndarray | None = field()  # (time, batch, 1), the mask; None: every step counts
    W: np.ndarray = field()  # (input, hidden), as they were in this pass
    U: np.ndarray = field()  # (hidden, hidden)

    @property
    def h(self):
        """The state after each step, (batch, time, hidden)."""
        return self.states[1:].swapaxes(0, 1)

    def __repr__(self):
        batch, time, hidden = self.h.shape
        return f"RNNTrace(batch={batch}, time={time}, hidden={hidden})"


class SimpleRNN:
    """A layer of plain recurrent units.

    Parameters: `input_size` and `hidden_size`, integers of at least 1; `seed` of the initial weights (None: different
    each time); `dtype`, "float64" or "float32". Raises TypeError or ValueError like `GRU`.

    `weights` is a plain dict: W_h (input, hidden), U_h (hidden, hidden), b_h (hidden,). Change or replace its arrays
    at will; every pass reads them anew and checks their shapes. Initial weights are those of `initial_weights`.
    """

    def __init__(self, input_size, hidden_size, *, seed=None, dtype="float64"):
        self.input_size = _checks.size("input_size", input_size)
        self.hidden_size = _checks.size("hidden_size", hidden_size)
        self.dtype = _checks.float_dtype(dtype)
        self.weights = initial_weights(self.shapes(), seed, self.dtype)

    def __repr__(self):
        return f"SimpleRNN(input_size={self.input_size}, hidden_size={self.hidden_size}, dtype={self.dtype.name!r})"

    def shapes(self):
        """The name and shape of every weight, in a fixed order."""
        n, h = self.input_size, self.hidden_size
        return {"W_h": (n, h), "U_h": (h, h), "b_h": (h,)}

    @property
    def n_params(self):
        """The number of weights, h (d + h + 1)."""
        return sum(int(np.prod(shape)) for shape in self.shapes().values())

    def astype(self, dtype):
        """A copy of this layer whose weights and arithmetic are of `dtype`."""
        other = type(self)(self.input_size, self.hidden_size, seed=0, dtype=dtype)
        other.weights = {name: np.array(value, other.dtype) for name, value in self.weights.items()}
        return other

    def step(self, x_t, h_prev):
        """One time step: `x_t` (batch, input), `h_prev` (batch, hidden). Returns an `RNNStep`.

        Raises TypeError (not numbers) or ValueError (rank, size, NaN or infinity).
        """
        x_t = _checks.array("x_t", x_t, [("batch", None), ("input", self.input_size)], self.dtype)
        h_prev = _checks.array("h_prev", h_prev, [("batch", len(x_t)), ("hidden", self.hidden_size)], self.dtype)
        W, U, b = current_weights(self).values()
        return RNNStep(np.tanh(x_t @ W + h_prev @ U + b))

    def forward(self, x, h0=None, mask=None):
        """A whole sequence.

        `x` (batch, time, input); `h0` (batch, hidden), zeros if None; `mask` (batch, time), boolean: where it is
        False the state is carried unchanged, h_t = h_{t-1}. Returns an `RNNTrace`. Raises like `GRU.forward`.
        The input's share of every step is one matrix product before the loop.
        """
        x = _checks.array("x", x, [("batch", None), ("time", None), ("input", self.input_size)], self.dtype)
        batch, time, _ = x.shape
        states = np.zeros((time + 1, batch, self.hidden_size), self.dtype)
        if h0 is not None:
            states[0] = _checks.array("h0", h0, [("batch", batch), ("hidden", self.hidden_size)], self.dtype)
        counts = None if mask is None else _checks.mask(mask, batch, time).T[:, :, None].copy()
        W, U, b = current_weights(self).values()

        x = np.array(x.swapaxes(0, 1), order="C")  # a copy: the trace must not change when the caller's array does
        from_x = x @ W + b
        for t in range(time):
            h = np.tanh(from_x[t] + states[t] @ U)
            states[t + 1] = h if counts is None else np.where(counts[t], h, states[t])
        return RNNTrace(states, x, counts, W, U)

    def backward(self, trace, dh):
        """Backpropagation through time.

        `trace` comes from `forward`; `dh` is dL/dh of every step, (batch, time, hidden). Returns `Gradients`.
        With g = dL/dh_t, all that reaches h_t, and a the pre-activation:

            dL/da = g * (1 - h_t^2)                and g is passed to h_{t-1} as dL/da U_h^T

        A masked step has no dL/da and hands g on as it is. Raises TypeError or ValueError like `forward`.
        """
        time, batch, hidden = trace.states[1:].shape
        shape = [("batch", batch), ("time", time), ("hidden", hidden)]
        dh = _checks.array("dh", dh, shape, self.dtype).swapaxes(0, 1)
        slope = 1 - trace.states[1:] ** 2
        if trace.counts is not None:
            slope *= trace.counts
        da = np.empty_like(slope)
        g = np.zeros((batch, hidden), self.dtype)
        for t in reversed(range(time)):
            g = g + dh[t]
            da[t] = g * slope[t]
            through_U = da[t] @ trace.U.T
            g = through_U if trace.counts is None else np.where(trace.counts[t], through_U, g)

        da_rows = da.reshape(time * batch, hidden)
        weights = {
            "W_h": trace.x.reshape(time * batch, -1).T @ da_rows,
            "U_h": trace.states[:-1].reshape(time * batch, hidden).T @ da_rows,
            "b_h": da_rows.sum(axis=0),
        }
        return Gradients(weights, (da @ trace.W.T).swapaxes(0, 1), g)


def initial_weights(shapes, seed, dtype):
    """Initial weights of Keras' kind, by name: W uniform within sqrt(6 / (input + hidden)), U orthogonal, b 0.

    The sources are those of `GRU`.
    """
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes.items():
        if name[0] == "W":
            limit = np.sqrt(6 / sum(shape))
            value = rng.uniform(-limit, limit, shape)
        elif name[0] == "U":
            q, triangle = np.linalg.qr(rng.standard_normal(shape))
            value = q * np.sign(np.diag(triangle))
        else:
            value = np.zeros(shape)
        weights[name] = value.astype(dtype)
    return weights


def current_weights(model):
    """Copies of the weights of a cell, in the order of its `shapes`. Raises ValueError for a wrong name or shape."""
    shapes = model.shapes()
    if set(model.weights) != set(shapes):
        raise ValueError(f"weights must be named {', '.join(shapes)}, but they are {', '.join(model.weights)}")
    for name, shape in shapes.items():
        if np.shape(model.weights[name]) != shape:
            raise ValueError(f"{name} must have shape {shape}, but it has shape {np.shape(model.weights[name])}")
    return {name: np.array(model.weights[name], model.dtype) for name in shapes}
