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

from gru_lib import _checks

RESETS = ("after", "before")
GATES = ("z", "r", "h")
# The backward pass works on a few steps at a time: so many that an array of theirs (CACHED elements) and its fellows
# stay in a core's cache, yet enough rows (MANY_ROWS) for a matrix product to run at full speed.
CACHED = 32768
MANY_ROWS = 256


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

        The same equations as `step`, laid out for speed: the input's share of every pre-activation of every step
        is one matrix product before the loop, with the biases as the weights of a constant input 1; each gate is a
        block of memory of its own; results are written in place. As sigma(a) = (1 + tanh(a / 2)) / 2, the weights
        of z and r are halved once so that the loop needs tanh alone.
        """
        x = _checks.array("x", x, [("batch", None), ("time", None), ("input", self.input_size)], self.dtype)
        batch, time, _ = x.shape
        # One block of memory for all that is kept: returned whole and taken whole, it is not fetched page by page
        # from the system in every pass, which would cost more than the arithmetic.
        memory = np.empty((5 * time + 1, batch, self.hidden_size), self.dtype)
        gates = memory[: 3 * time].reshape(3, time, batch, self.hidden_size)
        recurrent = memory[3 * time : 4 * time]
        states = memory[4 * time :]
        if h0 is None:
            states[0] = 0
        else:
            states[0] = _checks.array("h0", h0, [("batch", batch), ("hidden", self.hidden_size)], self.dtype)
        carried = None if mask is None else ~_checks.mask(mask, batch, time).T[:, :, None]
        W, U, b, c = self._stacked()

        x1 = np.ones((time, batch, self.input_size + 1), self.dtype)
        x1[:, :, :-1] = x.swapaxes(0, 1)
        W1 = np.concatenate([W, b[:, None]], axis=1)
        W1[:2, -1] += c[:2]
        W1[:2] *= 0.5
        half_U = U.copy()
        half_U[:2] *= 0.5
        np.matmul(x1.reshape(time * batch, -1), W1, out=gates.reshape(3, time * batch, -1))

        advance = _advance_after if self.reset == "after" else _advance_before
        advance(gates, states, recurrent, half_U, c[2], carried)
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
        U_T = np.ascontiguousarray(trace.U.swapaxes(1, 2))
        # The last row of dW1 belongs to the constant 1 beside the input: it is the gradient of the bias.
        dW1 = np.zeros((3, self.input_size + 1, hidden), self.dtype)
        dU = np.zeros_like(trace.U)
        dc_h = np.zeros(hidden, self.dtype)
        dx = np.empty((time, batch, self.input_size), self.dtype)
        g = np.zeros((batch, hidden), self.dtype)

        steps = min(time, max(CACHED // g.size, -(-MANY_ROWS // batch)))
        # dL/d of what each matrix product gives: z and r; then the candidate's product with U_h; then, where it
        # differs (reset="after": the reset gate stands between), the candidate's product with W_h.
        workspace = np.empty((4 if after else 3, steps, batch, hidden), self.dtype)
        for end in range(time, 0, -steps):
            block = slice(max(0, end - steps), end)
            d = workspace[:, : end - block.start]
            retreat(trace, block, dh, g, d, U_T)

            d = d.reshape(len(d), -1, hidden)
            d_z, d_r, du = d[:3]
            da = (d_z, d_r, d[-1])
            x1_T = trace.x1[block].reshape(-1, self.input_size + 1).T
            h_prev_T = trace.states[block].reshape(-1, hidden).T
            into_U_h_T = h_prev_T if after else trace.recurrent[block].reshape(-1, hidden).T
            dU[0] += h_prev_T @ d_z
            dU[1] += h_prev_T @ d_r
            dU[2] += into_U_h_T @ du
            dc_h += x1_T[-1] @ du
            dx_block = 0
            for k in range(3):
                dW1[k] += x1_T @ da[k]
                dx_block = dx_block + da[k] @ trace.W[k].T
            dx[block] = dx_block.reshape(-1, batch, self.input_size)

        weights = {f"W_{k}": dW1[i, :-1] for i, k in enumerate(GATES)}
        weights |= {f"U_{k}": dU[i] for i, k in enumerate(GATES)}
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


def _advance_after(gates, states, recurrent, half_U, c_h, carried):
    """Run the loop over time for reset="after", filling `gates`, `states[1:]` and `recurrent` = h U_h + c_h."""
    product = np.empty((3, *states.shape[1:]), states.dtype)
    product_zr, product_h = product[:2], product[2]
    part = np.empty_like(states[0])
    z, r, a_h = gates
    steps = zip(gates[:2].swapaxes(0, 1), z, r, a_h, recurrent, states, states[1:], strict=False)
    for t, (zr, z_t, r_t, a_t, u, h_prev, h) in enumerate(steps):
        np.matmul(h_prev, half_U, out=product)
        zr += product_zr
        _sigmoid_of_double(zr)
        np.add(product_h, c_h, out=u)
        np.multiply(r_t, u, out=part)
        a_t += part
        _update(z_t, a_t, h_prev, h, part)
        if carried is not None:
            _carry(carried[t], z_t, h_prev, h)


def _advance_before(gates, states, recurrent, half_U, c_h, carried):
    """Run the loop over time for reset="before", filling `gates`, `states[1:]` and `recurrent` = r * h."""
    product = np.empty((2, *states.shape[1:]), states.dtype)
    part = np.empty_like(states[0])
    half_U_zr, U_h = half_U[:2], half_U[2]
    z, r, a_h = gates
    steps = zip(gates[:2].swapaxes(0, 1), z, r, a_h, recurrent, states, states[1:], strict=False)
    for t, (zr, z_t, r_t, a_t, reset_h, h_prev, h) in enumerate(steps):
        np.matmul(h_prev, half_U_zr, out=product)
        zr += product
        _sigmoid_of_double(zr)
        np.multiply(r_t, h_prev, out=reset_h)
        np.matmul(reset_h, U_h, out=part)
        a_t += part
        _update(z_t, a_t, h_prev, h, part)
        if carried is not None:
            _carry(carried[t], z_t, h_prev, h)


def _sigmoid_of_double(a):
    """In place: the logistic function of 2 a."""
    np.tanh(a, out=a)
    a *= 0.5
    a += 0.5


def _update(z, a_h, h_prev, h, part):
    """In place: a_h becomes the candidate and h = z * h_prev + (1 - z) * candidate, with one product less."""
    candidate = np.tanh(a_h, out=a_h)
    np.subtract(h_prev, candidate, out=part)
    part *= z
    np.add(candidate, part, out=h)


def _carry(carried, z, h_prev, h):
    """Where a step is masked, z = 1 keeps the state, and makes every gradient of this step but the carry 0."""
    np.copyto(z, 1, where=carried)
    np.copyto(h, h_prev, where=carried)


def _retreat_after(trace, block, dh, g, d, U_T):
    """Go back over the steps of `block` for reset="after": `g` arrives at its end and leaves at its start."""
    z, r, candidate = trace.gates[:, block]
    factors = np.empty((4, *z.shape), z.dtype)
    by_z, by_r, by_u, by_h = factors
    write = 1 - z
    np.multiply(candidate, candidate, out=by_h)
    np.subtract(1, by_h, out=by_h)
    by_h *= write
    np.multiply(by_h, r, out=by_u)
    np.subtract(trace.states[block], candidate, out=by_z)
    by_z *= z
    by_z *= write
    np.subtract(1, r, out=write)
    np.multiply(by_u, trace.recurrent[block], out=by_r)
    by_r *= write
    paths = np.empty((3, *g.shape), g.dtype)
    for dh_t, z_t, factors_t, d_t in _backwards(dh[block], z, factors.swapaxes(0, 1), d.swapaxes(0, 1)):
        g += dh_t
        np.multiply(factors_t, g, out=d_t)
        np.matmul(d_t[:3], U_T, out=paths)
        g *= z_t
        for path in paths:
            g += path


def _retreat_before(trace, block, dh, g, d, U_T):
    """Go back over the steps of `block` for reset="before"; trace.recurrent is r * h."""
    z, r, candidate = trace.gates[:, block]
    write = 1 - z
    by_z = (trace.states[block] - candidate) * z * write
    by_h = (1 - candidate * candidate) * write
    by_r = trace.recurrent[block] * (1 - r)  # times dL/d(r * h)
    paths = np.empty((2, *g.shape), g.dtype)
    through_reset = np.empty_like(g)
    U_T_zr, U_T_h = U_T[:2], U_T[2]
    steps = _backwards(dh[block], z, r, by_z, by_r, by_h, d.swapaxes(0, 1))
    for dh_t, z_t, r_t, by_z_t, by_r_t, by_h_t, d_t in steps:
        g += dh_t
        np.multiply(by_z_t, g, out=d_t[0])
        np.multiply(by_h_t, g, out=d_t[2])
        np.matmul(d_t[2], U_T_h, out=through_reset)
        np.multiply(by_r_t, through_reset, out=d_t[1])
        np.matmul(d_t[:2], U_T_zr, out=paths)
        through_reset *= r_t
        g *= z_t
        g += through_reset
        for path in paths:
            g += path


def _backwards(*arrays):
    """The time steps of arrays that have time first, from the last to the first."""
    return zip(*(array[::-1] for array in arrays), strict=True)
