"""Heads: what reads the state of a recurrent layer and says how wrong it is, a `Regressor` and a `Classifier`.

Both read the state by one dense layer, h W_y + b_y, either after the last step or after every step; they differ in
the loss. A head with its cell is a model: `weights`, `predict`, `loss`, `loss_and_gradients`.
"""

import numpy as np

from gru_lib import _checks

READS = ("last", "every")
NOT_COUNTED = -1  # the label of a step that a classifier which reads every step is not asked about


class _Head:
    """The cell, the dense layer and the way back through both.

    A head writes `_targets`, which checks y, and `_loss`, the loss and its gradient for the outputs. Both work on
    rows: one for each example, or, if every step is read, one for each step of each example, time first.
    """

    def __init__(self, cell, outputs, read, seed):
        self.cell = cell
        self.read = _checks.choice("read", read, READS)
        limit = np.sqrt(6 / (cell.hidden_size + outputs))
        W_y = np.random.default_rng(seed).uniform(-limit, limit, (cell.hidden_size, outputs))
        self.W_y = W_y.astype(cell.dtype)
        self.b_y = np.zeros(outputs, cell.dtype)

    @property
    def weights(self):
        """All weights by name, the cell's and W_y (hidden, outputs), b_y (outputs,); the arrays themselves."""
        return {**self.cell.weights, "W_y": self.W_y, "b_y": self.b_y}

    @property
    def n_params(self):
        """The number of weights."""
        return sum(weight.size for weight in self.weights.values())

    def _run(self, x, mask):
        """The cell's trace, and the states that are read, (rows, hidden)."""
        trace = self.cell.forward(x, mask=mask)
        if mask is not None and not np.all(np.any(mask, axis=1)):
            row = int(np.argmin(np.any(mask, axis=1)))
            raise ValueError(f"every sequence needs a step that counts, but row {row} of mask is all False")
        if self.read == "last":
            return trace, trace.h[:, -1]
        return trace, self._rows(trace.h)

    def _rows(self, values):
        """(batch, time, ...) as (time * batch, ...): the order in which a trace lies in memory."""
        return values.swapaxes(0, 1).reshape(-1, *values.shape[2:])

    def _unrows(self, rows, trace):
        """Rows as (batch, ...) or (batch, time, ...)."""
        if self.read == "last":
            return rows
        batch, time, _ = trace.h.shape
        return rows.reshape(time, batch, -1).swapaxes(0, 1)

    def _outputs(self, states):
        return states @ self.W_y + self.b_y

    def loss(self, x, y, mask=None):
        """The loss of the predictions for `x`, `y` and `mask` as in `loss_and_gradients`, a float."""
        trace, states = self._run(x, mask)
        return self._loss(self._outputs(states), *self._targets(y, trace, mask))[0]

    def loss_and_gradients(self, x, y, mask=None):
        """The loss and its gradient for every weight, a dict of `weights`' names and shapes.

        `x` (batch, time, input); `y` as the class says; `mask` (batch, time), boolean: where it is False the state
        is carried unchanged and the target is not looked at, so that sequences of unequal length fit into one batch.
        With read="last" the state after the last step that counts is read. The loss is the mean over all targets
        that count. If it is NaN or infinite the gradients are None.
        Raises TypeError or ValueError for what is not of these kinds, for NaN or infinity in x or y, and for a row
        of `mask` without any True.
        """
        trace, states = self._run(x, mask)
        loss, d_outputs = self._loss(self._outputs(states), *self._targets(y, trace, mask))
        if not np.isfinite(loss):
            return loss, None
        d_states = d_outputs @ self.W_y.T
        if self.read == "last":
            dh = np.zeros(trace.h.shape, self.cell.dtype)
            dh[:, -1] = d_states
        else:
            dh = self._unrows(d_states, trace)
        grads = dict(self.cell.backward(trace, dh).weights)
        grads["W_y"] = states.T @ d_outputs
        grads["b_y"] = d_outputs.sum(axis=0)
        return loss, grads


class Regressor(_Head):
    """A recurrent layer whose state is read by a dense layer: prediction = h W_y + b_y; loss: mean squared error.

    `cell` is a `GRU` (or any layer with its interface), `output_size` an integer of at least 1, `read` "last" (the
    state after the last step) or "every" (the state after each), `seed` sets W_y (Glorot uniform); b_y starts at 0.
    The cell is used, not copied.
    Targets: `y` (batch, outputs), or (batch, time, outputs) with read="every". A NaN in them is an error: what is
    missing must be left out by `mask`.
    """

    def __init__(self, cell, output_size=1, *, read="last", seed=None):
        self.output_size = _checks.size("output_size", output_size)
        super().__init__(cell, self.output_size, read, seed)

    def __repr__(self):
        return f"Regressor({self.cell!r}, output_size={self.output_size}, read={self.read!r})"

    def predict(self, x, mask=None):
        """The predictions for `x` (batch, time, input): (batch, outputs), or (batch, time, outputs)."""
        trace, states = self._run(x, mask)
        return self._unrows(self._outputs(states), trace)

    def _targets(self, y, trace, mask):
        batch, time, _ = trace.h.shape
        if self.read == "last":
            return _checks.array("y", y, [("batch", batch), ("outputs", self.output_size)], self.cell.dtype), None
        if mask is not None and np.shape(y) == (batch, time, self.output_size):
            y = np.where(np.asarray(mask)[:, :, None], y, 0)  # what is padding is not looked at
        shape = [("batch", batch), ("time", time), ("outputs", self.output_size)]
        y = self._rows(_checks.array("y", y, shape, self.cell.dtype))
        return y, None if mask is None else self._rows(np.asarray(mask))

    def _loss(self, outputs, y, counts):
        error = outputs - y
        if counts is None:
            return float(np.mean(error**2)), 2 * error / error.size
        error = np.where(counts[:, None], error, 0)
        n = int(counts.sum()) * self.output_size
        return float(np.sum(error**2) / n), (2 / n) * error


class Classifier(_Head):
    """A recurrent layer whose state is read by a dense layer and softmax: p = softmax(h W_y + b_y).

    The loss is the cross-entropy, the mean of -log p of the right class, in natural logarithms: log(classes) if
    nothing is known. `cell`, `read` and `seed` are as in `Regressor`, `classes` an integer of at least 2.
    Targets: `y` (batch,), or (batch, time) with read="every", integers 0 to classes - 1. With read="every" a step
    whose label is -1 is run but not counted; every row needs one label that counts.
    """

    def __init__(self, cell, classes, *, read="last", seed=None):
        self.classes = _checks.size("classes", classes)
        if self.classes < 2:
            raise ValueError("classes must be at least 2, not 1: two classes are two outputs")
        super().__init__(cell, self.classes, read, seed)

    def __repr__(self):
        return f"Classifier({self.cell!r}, classes={self.classes}, read={self.read!r})"

    def predict(self, x, mask=None):
        """The probability of each class for `x` (batch, time, input): (batch, classes) or (batch, time, classes)."""
        trace, states = self._run(x, mask)
        return self._unrows(np.exp(_log_softmax(self._outputs(states))), trace)

    def accuracy(self, x, y, mask=None):
        """The share of the labels that count whose class is the most probable one, a float from 0 to 1.

        `x`, `y` and `mask` as in `loss_and_gradients`. Raises FloatingPointError if an output is NaN or infinite.
        """
        trace, states = self._run(x, mask)
        labels, counts = self._targets(y, trace, mask)
        outputs = self._outputs(states)
        if not np.isfinite(outputs).all():
            raise FloatingPointError("the outputs are NaN or infinite, so no class is the most probable one")
        right = np.argmax(outputs, axis=1) == labels
        return float(np.mean(right if counts is None else right[counts]))

    def _targets(self, y, trace, mask):
        batch, time, _ = trace.h.shape
        every = self.read == "every"
        shape, names = ((batch, time), f"(batch={batch}, time={time})") if every else ((batch,), f"(batch={batch},)")
        came = np.asarray(y)
        if came.dtype.kind not in "iu":
            raise TypeError(f"y must hold the integers 0 to {self.classes - 1}, not values of dtype {came.dtype}")
        if came.shape != shape:
            raise ValueError(f"y must have shape {names}, one label for each, but it has shape {came.shape}")
        counts = np.ones(shape, bool)
        if every:
            counts = came != NOT_COUNTED
            if mask is not None:
                counts &= mask
        wrong = counts & ((came < 0) | (came >= self.classes))
        if wrong.any():
            first = tuple(int(i) for i in np.argwhere(wrong)[0])
            or_not = f", or {NOT_COUNTED} where a step is not counted" if every else ""
            raise ValueError(
                f"y must hold the integers 0 to {self.classes - 1}{or_not}, but {came[first]} stands at {first}"
            )
        if not every:
            return came, None
        if not counts.any(axis=1).all():
            row = int(np.flatnonzero(~counts.any(axis=1))[0])
            raise ValueError(f"every row of y needs a label that counts, but row {row} has none")
        return self._rows(np.where(counts, came, 0)), None if counts.all() else self._rows(counts)

    def _loss(self, outputs, labels, counts):
        log_p = _log_softmax(outputs)
        rows = np.arange(len(labels))
        d_outputs = np.exp(log_p)
        d_outputs[rows, labels] -= 1
        if counts is None:
            return float(-np.mean(log_p[rows, labels])), d_outputs / len(labels)
        n = int(counts.sum())
        d_outputs[~counts] = 0
        return float(-np.sum(log_p[rows, labels][counts]) / n), d_outputs / n


def _log_softmax(outputs):
    """log softmax of each row: a - log sum exp a, with the largest entry taken off first, so nothing overflows."""
    a = outputs - outputs.max(axis=1, keepdims=True)
    return a - np.log(np.sum(np.exp(a), axis=1, keepdims=True))
