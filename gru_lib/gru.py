"""The gated recurrent unit: four equations, one step, a sequence with its trace, backpropagation through time.

With the input x_t, the previous state h_{t-1}, sigma the logistic function and * the elementwise product:

    z = sigma(x_t W_z + h_{t-1} U_z + b_z)                 update gate: 1 keeps the old state
    r = sigma(x_t W_r + h_{t-1} U_r + b_r)                 reset gate: 0 hides the old state from the candidate
    candidate = tanh(x_t W_h + r * (h_{t-1} U_h + c_h) + b_h)        reset="after" the recurrent product
    candidate = tanh(x_t W_h + (r * h_{t-1}) U_h + b_h)              reset="before" it
    h_t = z * h_{t-1} + (1 - z) * candidate

Sources: Cho et al. 2014 (arXiv 1406.1078), equations 5 to 8, for reset="before"; reset="after" is the form of
cuDNN, PyTorch and Keras' default, which has a second bias: c_z and c_r are added to b_z and b_r, c_h stands
inside the reset. Rows are examples: x_t is (batch, input), so weights stand on the right.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy import add, matmul, multiply, subtract, tanh

from gru_lib import _checks

RESETS = ("after", "before")
GATES = ("z", "r", "h")
# Both passes work on a few steps at a time: so many that an array of theirs (CACHED elements) and its fellows stay in
# a core's cache, yet enough rows (MANY_ROWS) for a matrix product to run at full speed.
CACHED = 49152
MANY_ROWS = 256
# OpenBLAS, which NumPy's wheels bring along, does not rearrange its operands first for a product of so few
# multiplications, where the processor has AVX-512. At 32 to 88 units that saves a sixth of the time of dL/dU.
SMALL_PRODUCT = 1_000_000


def sigmoid(a):
    """The logistic function 1 / (1 + exp(-a)), any shape, written with tanh so that it never overflows."""
    return 0.5 * (1 + np.tanh(0.5 * a))


class Step(NamedTuple):
    """One time step: `z`, `r`, `candidate` and the new state `h`, each (batch, hidden)."""

    z: np.ndarray
    r: np.ndarray
    candidate: np.ndarray
    h: np.ndarray


class Gradients(NamedTuple):
    """dL/d of everything: `weights` (same names and shapes), `x` (batch, time, input), `h0` (batch, hidden)."""

    weights: dict
    x: np.ndarray
    h0: np.ndarray


@dataclass(frozen=True, repr=False)
class Trace:
    """What a forward pass leaves behind; `z`, `r`, `candidate` and `h` are (batch, time, hidden).

    At a masked step z is 1, for all of the state is kept. The other fields serve `GRU.backward`: they lie with
    time first, (time, batch, ...), so that one step is one block of memory.
    """

    gates: np.ndarray = field()  # (3, time, batch, hidden): z, r, candidate
    states: np.ndarray = field()  # (time + 1, batch, hidden): h_0 ... h_T
    recurrent: np.ndarray = field()  # (time, batch, hidden): h U_h + c_h ("after") or r * h ("before")
    x1: np.ndarray = field()  # (time, batch, input + 1): the input and a constant 1
    W: np.ndarray = field()  # (3, input, hidden), as they were in this pass
    U: np.ndarray = field()  # (3, hidden, hidden)
    reset: str = field()

    @property
    def z(self):
        """The update gate, (batch, time, hidden)."""
        return self.gates[0].swapaxes(0, 1)

    @property
    def r(self):
        """The reset gate, (batch, time, hidden)."""
        return self.gates[1].swapaxes(0, 1)

    @property
    def candidate(self):
        """The candidate state, (batch, time, hidden)."""
        return self.gates[2].swapaxes(0, 1)

    @property
    def h(self):
        """The state after each step, (batch, time, hidden)."""
        return self.states[1:].swapaxes(0, 1)

    def __repr__(self):
        batch, time, hidden = self.h.shape
        return f"Trace(batch={batch}, time={time}, hidden={hidden})"


class GRU:
    """A layer of gated recurrent units.

    Parameters: `input_size` and `hidden_size`, integers of at least 1; `reset`, "after" or "before" the recurrent
    product; `seed` of the initial weights (None: different each time); `dtype`, "float64" or "float32".
    Raises TypeError for a size that is no integer, ValueError for one below 1, an unknown `reset` or `dtype`.

    `weights` is a plain dict: W_z W_r W_h (input, hidden), U_z U_r U_h (hidden, hidden), b_z b_r b_h (hidden,),
    and with reset="after" also c_z c_r c_h (hidden,), the recurrent biases. Change or replace its arrays at will;
    every pass reads them anew and checks their shapes.
    Initial weights are Keras' kind: W uniform within sqrt(6 / (input + hidden)) (Glorot and Bengio 2010,
    equation 16), U orthogonal (Saxe et al. 2014, arXiv 1312.6120), biases 0.
    """

    def __init__(self, input_size, hidden_size, *, reset="after", seed=None, dtype="float64"):
        self.input_size = _checks.size("input_size", input_size)
        self.hidden_size = _checks.size("hidden_size", hidden_size)
        self.reset = _checks.choice("reset", reset, RESETS)
        self.dtype = _checks.float_dtype(dtype)
        rng = np.random.default_rng(seed)
        limit = np.sqrt(6 / (self.input_size + self.hidden_size))
        self.weights = {}
        for name, shape in self.shapes().items():
            if name[0] == "W":
                value = rng.uniform(-limit, limit, shape)
            elif name[0] == "U":
                q, triangle = np.linalg.qr(rng.standard_normal(shape))
                value = q * np.sign(np.diag(triangle))
            else:
                value = np.zeros(shape)
            self.weights[name] = value.astype(self.dtype)

    def __repr__(self):
        return (
            f"GRU(input_size={self.input_size}, hidden_size={self.hidden_size}, reset={self.reset!r}, "
            f"dtype={self.dtype.name!r})"
        )

    def shapes(self):
        """The name and shape of every weight, in a fixed order."""
        n, h = self.input_size, self.hidden_size
        kinds = {"W": (n, h), "U": (h, h), "b": (h,)}
        if self.reset == "after":
            kinds["c"] = (h,)
        return {f"{kind}_{gate}": shape for kind, shape in kinds.items() for gate in GATES}

    @property
    def n_params(self):
        """The number of weights: 3 h (d + h + 1) with one bias, 3 h (d + h + 2) with reset="after"."""
        return sum(int(np.prod(shape)) for shape in self.shapes().values())

    def astype(self, dtype):
        """A copy of this layer whose weights and arithmetic are of `dtype`."""
        other = type(self)(self.input_size, self.hidden_size, reset=self.reset, seed=0, dtype=dtype)
        other.weights = {name: np.array(value, other.dtype) for name, value in self.weights.items()}
        return other

    def step(self, x_t, h_prev):
        """One time step, the equations as they stand on the page.

        `x_t` (batch, input), `h_prev` (batch, hidden). Returns a `Step` of (batch, hidden) arrays.
        Raises TypeError (not numbers) or ValueError (rank, size, NaN or infinity).
        """
        x_t = _checks.array("x_t", x_t, [("batch", None), ("input", self.input_size)], self.dtype)
        h_prev = _checks.array("h_prev", h_prev, [("batch", len(x_t)), ("hidden", self.hidden_size)], self.dtype)
        W, U, b, c = self._stacked()
        W_z, W_r, W_h = W
        U_z, U_r, U_h = U
        b_z, b_r, b_h = b
        c_z, c_r, c_h = c

        z = sigmoid(x_t @ W_z + b_z + h_prev @ U_z + c_z)
        r = sigmoid(x_t @ W_r + b_r + h_prev @ U_r + c_r)
        if self.reset == "after":
            candidate = np.tanh(x_t @ W_h + b_h + r * (h_prev @ U_h + c_h))
        else:
            candidate = np.tanh(x_t @ W_h + b_h + (r * h_prev) @ U_h)
        h = z * h_prev + (1 - z) * candidate
        return Step(z, r, candidate, h)

    def forward(self, x, h0=None, mask=None):
        """A whole sequence.

        `x` (batch, time, input); `h0` (batch, hidden), zeros if None; `mask` (batch, time), boolean: where it is
        False the state is carried unchanged, h_t = h_{t-1}. Returns a `Trace`.
        Raises TypeError (not numbers, a mask that is not boolean) or ValueError (rank, size, NaN or infinity).

        The same equations as `step`, laid out for speed. The sequence is cut into blocks of a few steps: the input's
        share of every pre-activation of a block is one matrix product, with the biases as the weights of a constant
        input 1. It is written where the gates will stand, and is still in the cache when the loop over the steps
        comes to it. Each gate is a block of memory of its own. As sigma(a) = (1 + tanh(a / 2)) / 2, the weights of z
        and r are halved once so that the loop needs tanh alone.
        """
        x = _checks.array("x", x, [("batch", None), ("time", None), ("input", self.input_size)], self.dtype)
        batch, time, _ = x.shape
        hidden = self.hidden_size
        # One block of memory for all that is kept: returned whole and taken whole, it is not fetched page by page
        # from the system in every pass, which would cost more than the arithmetic.
        memory = np.empty((5 * time + 1, batch, hidden), self.dtype)
        gates = memory[: 3 * time].reshape(3, time, batch, hidden)
        recurrent = memory[3 * time : 4 * time]
        states = memory[4 * time :]
        if h0 is None:
            states[0] = 0
        else:
            states[0] = _checks.array("h0", h0, [("batch", batch), ("hidden", hidden)], self.dtype)
        carried = None if mask is None else ~_checks.mask(mask, batch, time).T[:, :, None]
        W, U, b, c = self._stacked()

        x1 = np.ones((time, batch, self.input_size + 1), self.dtype)
        x1[:, :, :-1] = x.swapaxes(0, 1)
        W1 = np.concatenate([W, b[:, None]], axis=1)
        W1[:2, -1] += c[:2]
        W1[:2] *= 0.5
        half_U = U.copy()
        half_U[:2] *= 0.5
        c_h = np.repeat(c[2:], batch, axis=0)  # a row for each example: sums of arrays of one shape are faster

        advance = _advance_after if self.reset == "after" else _advance_before
        for block in _blocks(time, batch, hidden):
            x1_rows = x1[block].reshape(-1, self.input_size + 1)
            np.matmul(x1_rows, W1, out=gates[:, block].reshape(3, -1, hidden))
            carried_block = None if carried is None else carried[block]
            advance(gates[:, block], states[block.start :], recurrent[block], half_U, c_h, carried_block)
        return Trace(gates, states, recurrent, x1, W, U, self.reset)

    def backward(self, trace, dh):
        """Backpropagation through time (Werbos 1990).

        `trace` comes from `forward`; `dh` is dL/dh of every step, (batch, time, hidden), zeros where the loss does
        not look. Returns `Gradients`. Raises TypeError or ValueError like `forward`.

        With g = dL/dh_t, all that reaches h_t from its own loss term and from later steps, and a_k the
        pre-activation of gate k:

            dL/da_z = g * (h_{t-1} - candidate) * z * (1 - z)
            dL/da_h = g * (1 - z) * (1 - candidate^2)
            dL/da_r = dL/da_h * (h_{t-1} U_h + c_h) * r * (1 - r)            reset="after"
                    = (dL/da_h U_h^T) * h_{t-1} * r * (1 - r)                reset="before"

        and g is passed to h_{t-1} along four paths: the carry g * z, and one through each gate's U.
        The sequence is cut into blocks of a few steps: what does not depend on g is computed for a block at once, the
        loop over its steps follows, then one matrix product for each weight gradient of the block. All that stays in
        the cache; keeping dL/da of the whole sequence for one large product would cost more in memory traffic.
        """
        batch, time, hidden = trace.h.shape
        shape = [("batch", batch), ("time", time), ("hidden", hidden)]
        dh = _checks.array("dh", dh, shape, self.dtype).swapaxes(0, 1)
        after = trace.reset == "after"
        retreat = _retreat_after if after else _retreat_before
        U_T = np.ascontiguousarray(trace.U[[2, 0, 1]].swapaxes(1, 2))  # in the order h, z, r
        W_T = np.ascontiguousarray(trace.W.swapaxes(1, 2))
        # The last row of dW1 belongs to the constant 1 beside the input: it is the gradient of the bias.
        dW1 = np.zeros((3, self.input_size + 1, hidden), self.dtype)
        dU = np.zeros_like(trace.U)
        dc_h = np.zeros(hidden, self.dtype)
        dx = np.empty((time, batch, self.input_size), self.dtype)
        g = np.zeros((batch, hidden), self.dtype)

        blocks = _blocks(time, batch, hidden)
        memory = np.empty(6 * blocks[0].stop * g.size, self.dtype)
        for block in reversed(blocks):
            # d is dL/d of what the products give: the first three those with U (candidate, z, r), the last three those
            # with W (z, r, candidate). With reset="after" the reset gate stands between the candidate's two; with
            # "before" they are one, and the first place is left out.
            room = memory[: 6 * (block.stop - block.start) * g.size].reshape(6, -1, batch, hidden)
            dh_block, closed, d = room[0], room[1], room[2:]
            dh_block[...] = dh[block]
            retreat(trace, block, dh_block, g, closed, d, U_T)

            d = d.reshape(4, -1, hidden)
            x1_T = trace.x1[block].reshape(-1, self.input_size + 1).T
            h_prev_T = trace.states[block].reshape(-1, hidden).T
            if after:
                dc_h += x1_T[-1] @ d[0]
                for rows in _pieces(d.shape[1], hidden):
                    dU += h_prev_T[:, rows] @ d[:3, rows]
            else:
                reset_h_T = trace.recurrent[block].reshape(-1, hidden).T
                for rows in _pieces(d.shape[1], hidden):
                    dU[0] += reset_h_T[:, rows] @ d[3, rows]
                    dU[1:] += h_prev_T[:, rows] @ d[1:3, rows]
            dW1 += x1_T @ d[1:]
            np.add.reduce(d[1:] @ W_T, axis=0, out=dx[block].reshape(-1, self.input_size))

        weights = {f"W_{k}": dW1[i, :-1] for i, k in enumerate(GATES)}
        weights |= {"U_z": dU[1], "U_r": dU[2], "U_h": dU[0]}
        weights |= {f"b_{k}": dW1[i, -1] for i, k in enumerate(GATES)}
        if after:
            weights |= {"c_z": dW1[0, -1].copy(), "c_r": dW1[1, -1].copy(), "c_h": dc_h}
        return Gradients(weights, dx.swapaxes(0, 1), g)

    def _stacked(self):
        """The weights side by side: W (3, input, hidden), U (3, hidden, hidden), b and c (3, hidden)."""
        shapes = self.shapes()
        if set(self.weights) != set(shapes):
            raise ValueError(f"weights must be named {', '.join(shapes)}, but they are {', '.join(self.weights)}")
        for name, shape in shapes.items():
            if np.shape(self.weights[name]) != shape:
                raise ValueError(f"{name} must have shape {shape}, but it has shape {np.shape(self.weights[name])}")
        W, U, b = (np.array([self.weights[f"{kind}_{k}"] for k in GATES], self.dtype) for kind in "WUb")
        if self.reset == "after":
            return W, U, b, np.array([self.weights[f"c_{k}"] for k in GATES], self.dtype)
        return W, U, b, np.zeros_like(b)


def _blocks(time, batch, hidden):
    """The sequence cut into blocks of a few steps."""
    return _cut(time, max(CACHED // (batch * hidden), -(-MANY_ROWS // batch)))


def _pieces(rows, hidden):
    """The rows of a block, for the product that gives dL/dU, cut into those of small products if not too few each."""
    most = SMALL_PRODUCT // hidden**2
    return _cut(rows, rows if most < MANY_ROWS // 2 else most)


def _cut(length, most):
    """Slices of nearly one length that cut `length` into as few parts of at most `most` as possible."""
    parts = -(-length // most)
    size = -(-length // parts)
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def _advance_after(gates, states, recurrent, half_U, c_h, carried):
    """Take the steps of a block for reset="after", filling `states[1:]` and `recurrent` = h U_h + c_h.

    `gates` holds the input's share of the pre-activations when it arrives, and the gates when it leaves.
    """
    product = np.empty((3, *c_h.shape), c_h.dtype)
    a_zr, (a_z, a_r, product_h) = product[:2], product
    a_h = np.empty_like(c_h)
    half = np.array(0.5, c_h.dtype)  # a plain number would be converted at each step
    steps = zip(*gates, recurrent, states, states[1:], strict=False)
    for t, (z, r, candidate, u, h_prev, h) in enumerate(steps):
        matmul(h_prev, half_U, out=product)
        a_z += z  # where z will stand there is the input's share so far
        a_r += r
        tanh(a_zr, out=a_zr)
        a_zr *= half
        add(a_z, half, out=z)
        add(a_r, half, out=r)
        add(product_h, c_h, out=u)
        multiply(r, u, out=a_h)
        a_h += candidate
        tanh(a_h, out=candidate)
        subtract(h_prev, candidate, out=h)  # z * h_prev + (1 - z) * candidate, written with one product
        h *= z
        h += candidate
        if carried is not None:
            _carry(carried[t], z, h_prev, h)


def _advance_before(gates, states, recurrent, half_U, c_h, carried):
    """Take the steps of a block for reset="before" as `_advance_after` does; `recurrent` is filled with r * h."""
    a_zr, a_h = np.empty((2, *c_h.shape), c_h.dtype), np.empty_like(c_h)
    a_z, a_r = a_zr
    half = np.array(0.5, c_h.dtype)
    half_U_zr, U_h = half_U[:2], half_U[2]
    steps = zip(*gates, recurrent, states, states[1:], strict=False)
    for t, (z, r, candidate, reset_h, h_prev, h) in enumerate(steps):
        matmul(h_prev, half_U_zr, out=a_zr)
        a_z += z  # where z will stand there is the input's share so far
        a_r += r
        tanh(a_zr, out=a_zr)
        a_zr *= half
        add(a_z, half, out=z)
        add(a_r, half, out=r)
        multiply(r, h_prev, out=reset_h)
        matmul(reset_h, U_h, out=a_h)
        a_h += candidate
        tanh(a_h, out=candidate)
        subtract(h_prev, candidate, out=h)  # z * h_prev + (1 - z) * candidate, written with one product
        h *= z
        h += candidate
        if carried is not None:
            _carry(carried[t], z, h_prev, h)


def _carry(carried, z, h_prev, h):
    """Where a step is masked, z = 1 keeps the state, and makes every gradient of this step but the carry 0."""
    np.copyto(z, 1, where=carried)
    np.copyto(h, h_prev, where=carried)


def _retreat_after(trace, block, dh_block, g, closed, d, U_T):
    """Go back over the steps of `block` for reset="after": `g` arrives at its end and leaves at its start.

    `d` receives dL/d of the products: for all steps at once what g is multiplied by, then, step by step, that times g.
    `dh_block` holds dL/dh when it arrives, and the g of every step when it leaves; `closed` is room to work in.
    """
    z, r, candidate = trace.gates[:, block]
    d_u, d_z, d_r, d_h = d
    subtract(1, z, out=closed)
    multiply(candidate, candidate, out=d_h)
    subtract(1, d_h, out=d_h)
    d_h *= closed
    subtract(trace.states[block], candidate, out=d_z)
    d_z *= z
    d_z *= closed
    multiply(d_h, r, out=d_u)
    subtract(1, r, out=closed)
    multiply(d_u, trace.recurrent[block], out=d_r)
    d_r *= closed
    paths = np.empty((3, *g.shape), g.dtype)
    path_h, path_z, path_r = paths
    for g_t, z_t, d_u_t, d_z_t, d_r_t, d_into_U_t in _backwards(dh_block, z, d_u, d_z, d_r, d[:3].swapaxes(0, 1)):
        g_t += g
        d_u_t *= g_t
        d_z_t *= g_t
        d_r_t *= g_t
        matmul(d_into_U_t, U_T, out=paths)
        multiply(g_t, z_t, out=g)
        g += path_h
        g += path_z
        g += path_r
    d_h *= dh_block


def _retreat_before(trace, block, dh_block, g, closed, d, U_T):
    """Go back over the steps of `block` for reset="before" as `_retreat_after` does; trace.recurrent is r * h."""
    z, r, candidate = trace.gates[:, block]
    d_z, d_r, d_h = d[1:]
    subtract(1, z, out=closed)
    multiply(candidate, candidate, out=d_h)
    subtract(1, d_h, out=d_h)
    d_h *= closed
    subtract(trace.states[block], candidate, out=d_z)
    d_z *= z
    d_z *= closed
    subtract(1, r, out=d_r)
    d_r *= trace.recurrent[block]  # times dL/d(r * h)
    paths = np.empty((2, *g.shape), g.dtype)
    path_z, path_r = paths
    through_reset = np.empty_like(g)
    U_T_h, U_T_zr = U_T[0], U_T[1:]
    for g_t, z_t, r_t, d_z_t, d_r_t, d_h_t, d_zr_t in _backwards(dh_block, z, r, d_z, d_r, d_h, d[1:3].swapaxes(0, 1)):
        g_t += g
        d_z_t *= g_t
        d_h_t *= g_t
        matmul(d_h_t, U_T_h, out=through_reset)
        d_r_t *= through_reset
        matmul(d_zr_t, U_T_zr, out=paths)
        through_reset *= r_t
        multiply(g_t, z_t, out=g)
        g += through_reset
        g += path_z
        g += path_r


def _backwards(*arrays):
    """The time steps of arrays that have time first, from the last to the first."""
    return zip(*(array[::-1] for array in arrays), strict=True)
