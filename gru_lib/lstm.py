"""The long short-term memory: a cell c that is added to, and three gates; what the GRU is compared with.

With the input x_t, the previous state h_{t-1} and cell c_{t-1}, and sigma the logistic function:

    i = sigma(x_t W_i + h_{t-1} U_i + b_i)                 input gate: what is written
    f = sigma(x_t W_f + h_{t-1} U_f + b_f)                 forget gate: 1 keeps the old cell
    candidate = tanh(x_t W_g + h_{t-1} U_g + b_g)
    o = sigma(x_t W_o + h_{t-1} U_o + b_o)                 output gate: what is shown
    c_t = f * c_{t-1} + i * candidate
    h_t = o * tanh(c_t)

Sources: Hochreiter and Schmidhuber 1997; the forget gate is from Gers, Schmidhuber and Cummins 2000. There are no
peepholes. The interface is that of `gru.GRU`; the state is the pair (h, c).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from gru_lib import _checks
from gru_lib.gru import Gradients, sigmoid
from gru_lib.rnn import current_weights, initial_weights

GATES = ("i", "f", "g", "o")  # Keras' order
# sigma(a) = 0.5 tanh(a / 2) + 0.5: with these factors one tanh serves the three gates and the candidate.
SCALE = np.array([0.5, 0.5, 1.0, 0.5])
SHIFT = np.array([0.5, 0.5, 0.0, 0.5])


class LSTMStep(NamedTuple):
    """One time step: `i`, `f`, `candidate`, `o`, the new cell `c` and the new state `h`, each (batch, hidden)."""

    i: np.ndarray
    f: np.ndarray
    candidate: np.ndarray
    o: np.ndarray
    c: np.ndarray
    h: np.ndarray


@dataclass(frozen=True, repr=False)
class LSTMTrace:
    """What a forward pass leaves behind; `i`, `f`, `candidate`, `o`, `c` and `h` are (batch, time, hidden).

    At a masked step c and h are those of the step before; the gates are what they would have been. The other fields
    serve `LSTM.backward` and lie with time first.
    """

    gates: np.ndarray = field()  # (4, time, batch, hidden): i, f, candidate, o
    states: np.ndarray = field()  # (time + 1, batch, hidden): h_0 ... h_T
    cells: np.ndarray = field()  # (time + 1, batch, hidden): c_0 ... c_T
    x: np.ndarray = field()  # (time, batch, input)
    counts: np.ndarray | None = field()  # (time, batch, 1), the mask; None: every step counts
    W: np.ndarray = field()  # (4, input, hidden), as they were in this pass
    U: np.ndarray = field()  # (4, hidden, hidden)

    @property
    def i(self):
        """The input gate, (batch, time, hidden)."""
        return self.gates[0].swapaxes(0, 1)

    @property
    def f(self):
        """The forget gate, (batch, time, hidden)."""
        return self.gates[1].swapaxes(0, 1)

    @property
    def candidate(self):
        """The candidate, (batch, time, hidden)."""
        return self.gates[2].swapaxes(0, 1)

    @property
    def o(self):
        """The output gate, (batch, time, hidden)."""
        return self.gates[3].swapaxes(0, 1)

    @property
    def c(self):
        """The cell after each step, (batch, time, hidden)."""
        return self.cells[1:].swapaxes(0, 1)

    @property
    def h(self):
        """The state after each step, (batch, time, hidden)."""
        return self.states[1:].swapaxes(0, 1)

    def __repr__(self):
        batch, time, hidden = self.h.shape
        return f"LSTMTrace(batch={batch}, time={time}, hidden={hidden})"


class LSTM:
    """A layer of LSTM units.

    Parameters: `input_size` and `hidden_size`, integers of at least 1; `seed` of the initial weights (None: different
    each time); `dtype`, "float64" or "float32". Raises TypeError or ValueError like `GRU`.

    `weights` is a plain dict: W_i W_f W_g W_o (input, hidden), U_i U_f U_g U_o (hidden, hidden), b_i b_f b_g b_o
    (hidden,). Change or replace its arrays at will; every pass reads them anew and checks their shapes.
    Initial weights are Keras' kind, as in `GRU`, with b_f = 1: a new layer remembers (Gers et al. 2000; Jozefowicz
    et al. 2015).

    The state has two parts. Where `GRU` takes a state, `LSTM` takes a pair (h, c) of (batch, hidden) arrays, which
    may be one array (2, batch, hidden); h alone, (batch, hidden), means c = 0.
    """

    def __init__(self, input_size, hidden_size, *, seed=None, dtype="float64"):
        self.input_size = _checks.size("input_size", input_size)
        self.hidden_size = _checks.size("hidden_size", hidden_size)
        self.dtype = _checks.float_dtype(dtype)
        self.weights = initial_weights(self.shapes(), seed, self.dtype)
        self.weights["b_f"][...] = 1

    def __repr__(self):
        return f"LSTM(input_size={self.input_size}, hidden_size={self.hidden_size}, dtype={self.dtype.name!r})"

    def shapes(self):
        """The name and shape of every weight, in a fixed order."""
        n, h = self.input_size, self.hidden_size
        kinds = {"W": (n, h), "U": (h, h), "b": (h,)}
        return {f"{kind}_{gate}": shape for kind, shape in kinds.items() for gate in GATES}

    @property
    def n_params(self):
        """The number of weights, 4 h (d + h + 1)."""
        return sum(int(np.prod(shape)) for shape in self.shapes().values())

    def astype(self, dtype):
        """A copy of this layer whose weights and arithmetic are of `dtype`."""
        other = type(self)(self.input_size, self.hidden_size, seed=0, dtype=dtype)
        other.weights = {name: np.array(value, other.dtype) for name, value in self.weights.items()}
        return other

    def step(self, x_t, state):
        """One time step, the equations as they stand on the page.

        `x_t` (batch, input); `state` is the pair (h_prev, c_prev), or h_prev alone. Returns an `LSTMStep`.
        Raises TypeError (not numbers) or ValueError (rank, size, NaN or infinity).
        """
        x_t = _checks.array("x_t", x_t, [("batch", None), ("input", self.input_size)], self.dtype)
        h_prev, c_prev = self._pair("state", state, len(x_t))
        w = current_weights(self)

        i = sigmoid(x_t @ w["W_i"] + h_prev @ w["U_i"] + w["b_i"])
        f = sigmoid(x_t @ w["W_f"] + h_prev @ w["U_f"] + w["b_f"])
        candidate = np.tanh(x_t @ w["W_g"] + h_prev @ w["U_g"] + w["b_g"])
        o = sigmoid(x_t @ w["W_o"] + h_prev @ w["U_o"] + w["b_o"])
        c = f * c_prev + i * candidate
        return LSTMStep(i, f, candidate, o, c, o * np.tanh(c))

    def forward(self, x, h0=None, mask=None):
        """A whole sequence.

        `x` (batch, time, input); `h0` the pair (h, c) before the first step, or h alone, zeros if None; `mask`
        (batch, time), boolean: where it is False both parts of the state are carried unchanged. Returns an
        `LSTMTrace`. Raises like `GRU.forward`.

        The same equations as `step`; the input's share of every step is one matrix product before the loop, and the
        halved weights of the gates make one tanh do for all four (see SCALE).
        """
        x = _checks.array("x", x, [("batch", None), ("time", None), ("input", self.input_size)], self.dtype)
        batch, time, _ = x.shape
        states, cells = np.zeros((2, time + 1, batch, self.hidden_size), self.dtype)
        if h0 is not None:
            states[0], cells[0] = self._pair("h0", h0, batch)
        counts = None if mask is None else _checks.mask(mask, batch, time).T[:, :, None].copy()
        weights = current_weights(self)
        W, U, b = (np.array([weights[f"{kind}_{gate}"] for gate in GATES]) for kind in "WUb")
        scale, shift = (factor.astype(self.dtype)[:, None, None] for factor in (SCALE, SHIFT))

        x = np.array(x.swapaxes(0, 1), order="C")  # a copy: the trace must not change when the caller's array does
        gates = x.reshape(time * batch, -1) @ (W * scale) + b[:, None] * scale
        gates = gates.reshape(4, time, batch, self.hidden_size)
        scaled_U = U * scale
        for t in range(time):
            a = gates[:, t]
            a += states[t] @ scaled_U
            np.tanh(a, out=a)
            a *= scale
            a += shift
            i, f, candidate, o = a
            c = f * cells[t] + i * candidate
            h = o * np.tanh(c)
            if counts is not None:
                c, h = np.where(counts[t], c, cells[t]), np.where(counts[t], h, states[t])
            cells[t + 1], states[t + 1] = c, h
        return LSTMTrace(gates, states, cells, x, counts, W, U)

    def backward(self, trace, dh):
        """Backpropagation through time.

        `trace` comes from `forward`; `dh` is dL/dh of every step, (batch, time, hidden). Returns `Gradients`; its
        `h0` is the pair dL/dh0, dL/dc0 as one array (2, batch, hidden).
        With g = dL/dh_t and k = dL/dc_t, all that reaches h_t and c_t, and a_j the pre-activation of gate j:

            k is what came from c_{t+1}, plus g * o * (1 - tanh(c_t)^2)
            dL/da_i = k * candidate * i * (1 - i)            dL/da_f = k * c_{t-1} * f * (1 - f)
            dL/da_g = k * i * (1 - candidate^2)              dL/da_o = g * tanh(c_t) * o * (1 - o)

        k is passed to c_{t-1} as k * f, and g to h_{t-1} as the sum of dL/da_j U_j^T. A masked step hands g and k
        on as they are. Raises TypeError or ValueError like `forward`.
        """
        time, batch, hidden = trace.states[1:].shape
        shape = [("batch", batch), ("time", time), ("hidden", hidden)]
        dh = _checks.array("dh", dh, shape, self.dtype).swapaxes(0, 1)
        factors, into_c = _local_factors(trace)
        by_o = factors[3]
        f = trace.gates[1]
        U_T = trace.U.swapaxes(1, 2)
        da = np.zeros_like(trace.gates)
        g, k = np.zeros((2, batch, hidden), self.dtype)
        for t in reversed(range(time)):
            g = g + dh[t]
            to_c = k + g * into_c[t]
            da[:3, t] = to_c * factors[:3, t]
            da[3, t] = g * by_o[t]
            if trace.counts is None:
                g, k = (da[:, t] @ U_T).sum(axis=0), to_c * f[t]
            else:
                counts = trace.counts[t]
                da[:, t] *= counts
                g = np.where(counts, (da[:, t] @ U_T).sum(axis=0), g)
                k = np.where(counts, to_c * f[t], k)

        da_rows = da.reshape(4, time * batch, hidden)
        dW = trace.x.reshape(time * batch, -1).T @ da_rows
        dU = trace.states[:-1].reshape(time * batch, hidden).T @ da_rows
        weights = {f"W_{gate}": dW[j] for j, gate in enumerate(GATES)}
        weights |= {f"U_{gate}": dU[j] for j, gate in enumerate(GATES)}
        weights |= {f"b_{gate}": da_rows[j].sum(axis=0) for j, gate in enumerate(GATES)}
        dx = (da_rows @ trace.W.swapaxes(1, 2)).sum(axis=0).reshape(time, batch, -1)
        return Gradients(weights, dx.swapaxes(0, 1), np.stack([g, k]))

    def _pair(self, name, state, batch):
        """The two parts of a state, h and c."""
        rows = [("batch", batch), ("hidden", self.hidden_size)]
        if isinstance(state, tuple | list) and len(state) == 2 and _axes(state[0]) == 2:
            h, c = state
            return _checks.array(f"h of {name}", h, rows, self.dtype), _checks.array(
                f"c of {name}", c, rows, self.dtype
            )
        if _axes(state) == 3:
            return _checks.array(name, state, [("h and c", 2), *rows], self.dtype)
        h = _checks.array(name, state, rows, self.dtype)
        return h, np.zeros_like(h)


def _axes(value):
    """The number of axes; 0 if the rows differ in length, which `_checks` then reports."""
    try:
        return np.ndim(value)
    except ValueError:
        return 0


def _local_factors(trace):
    """The derivatives inside each step, all steps at once.

    Returns (4, time, batch, hidden), dc_t/da_i, dc_t/da_f, dc_t/da_g and dh_t/da_o, and (time, batch, hidden),
    dh_t/dc_t.
    """
    i, f, candidate, o = trace.gates
    tanh_c = np.tanh(trace.cells[1:])
    factors = np.stack(
        [
            candidate * i * (1 - i),
            trace.cells[:-1] * f * (1 - f),
            i * (1 - candidate**2),
            tanh_c * o * (1 - o),
        ]
    )
    return factors, o * (1 - tanh_c**2)
