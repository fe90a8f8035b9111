"""Training: a model with a loss, Adam, and a loop that shows its progress and stops at the first NaN."""

from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from gru_lib import _checks
from gru_lib.gradients import clip_by_global_norm, global_norm


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1), with the paper's defaults.

    Raises ValueError unless learning_rate > 0, 0 <= beta_1, beta_2 < 1 and epsilon > 0.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        for name, value in {"learning_rate": learning_rate, "epsilon": epsilon}.items():
            if not value > 0:
                raise ValueError(f"{name} must be above 0, not {value}")
        for name, value in {"beta_1": beta_1, "beta_2": beta_2}.items():
            if not 0 <= value < 1:
                raise ValueError(f"{name} must be at least 0 and below 1, not {value}")
        self.learning_rate, self.beta_1, self.beta_2, self.epsilon = learning_rate, beta_1, beta_2, epsilon
        self.t = 0
        self.m, self.v = {}, {}

    def update(self, weights, grads):
        """Change the arrays of `weights` in place, one step against `grads` (same names and shapes).

        Raises ValueError if names or shapes differ.
        """
        if set(weights) != set(grads):
            raise ValueError(f"weights and gradients differ in the names {sorted(set(weights) ^ set(grads))}")
        self.t += 1
        for name, weight in weights.items():
            g = grads[name]
            if np.shape(g) != weight.shape:
                raise ValueError(f"the gradient of {name} must have shape {weight.shape}, not {np.shape(g)}")
            m = self.m[name] = self.beta_1 * self.m.get(name, 0) + (1 - self.beta_1) * g
            v = self.v[name] = self.beta_2 * self.v.get(name, 0) + (1 - self.beta_2) * g * g
            m_hat = m / (1 - self.beta_1**self.t)
            v_hat = v / (1 - self.beta_2**self.t)
            weight -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


class Regressor:
    """A recurrent layer whose last state is read by a dense layer: prediction = h_T W_y + b_y; squared error.

    `cell` is a `GRU` (or any layer with its interface), `output_size` an integer of at least 1, `seed` sets W_y
    (Glorot uniform); b_y starts at 0. The cell is used, not copied.
    """

    def __init__(self, cell, output_size=1, *, seed=None):
        self.cell = cell
        self.output_size = _checks.size("output_size", output_size)
        limit = np.sqrt(6 / (cell.hidden_size + self.output_size))
        W_y = np.random.default_rng(seed).uniform(-limit, limit, (cell.hidden_size, self.output_size))
        self.W_y = W_y.astype(cell.dtype)
        self.b_y = np.zeros(self.output_size, cell.dtype)

    @property
    def weights(self):
        """All weights by name, the cell's and W_y (hidden, outputs), b_y (outputs,); the arrays themselves."""
        return {**self.cell.weights, "W_y": self.W_y, "b_y": self.b_y}

    @property
    def n_params(self):
        """The number of weights."""
        return sum(weight.size for weight in self.weights.values())

    def predict(self, x):
        """The predictions (batch, outputs) for `x` (batch, time, input)."""
        return self.cell.forward(x).h[:, -1] @ self.W_y + self.b_y

    def loss(self, x, y):
        """The mean squared error of the predictions for `x` (batch, time, input) against `y` (batch, outputs)."""
        return float(np.mean((self.predict(x) - self._targets(x, y)) ** 2))

    def loss_and_gradients(self, x, y):
        """The mean squared error and its gradient for every weight, a dict of `weights`' names and shapes.

        `x` (batch, time, input), `y` (batch, outputs). Raises ValueError for other shapes, NaN or infinity.
        """
        y = self._targets(x, y)
        trace = self.cell.forward(x)
        h_T = trace.h[:, -1]
        error = h_T @ self.W_y + self.b_y - y
        loss = float(np.mean(error**2))
        if not np.isfinite(loss):
            return loss, None
        d_prediction = 2 * error / error.size
        dh = np.zeros(trace.h.shape, self.cell.dtype)
        dh[:, -1] = d_prediction @ self.W_y.T
        grads = dict(self.cell.backward(trace, dh).weights)
        grads["W_y"] = h_T.T @ d_prediction
        grads["b_y"] = d_prediction.sum(axis=0)
        return loss, grads

    def _targets(self, x, y):
        return _checks.array("y", y, [("batch", len(x)), ("outputs", self.output_size)], self.cell.dtype)


@dataclass
class History:
    """What a training run leaves behind: per epoch the mean training loss and the validation loss (if any)."""

    loss: list = field(default_factory=list)
    validation: list = field(default_factory=list)
    gradient_norm: list = field(default_factory=list)
    """The largest global gradient norm of each epoch, before clipping."""


def fit(model, x, y, *, epochs, batch_size=32, optimizer=None, max_norm=None, validation=None, seed=0, progress=True):
    """Train `model` in place by minibatches in random order; return its `History`.

    `model` has `weights` and `loss_and_gradients(x, y)`, as `Regressor` does; `x` (n, time, input), `y`
    (n, outputs); `optimizer` is `Adam()` if None; `max_norm` clips gradients by their global norm (Pascanu et al.
    2013, arXiv 1211.5063); `validation` is a pair (x, y) looked at after each epoch; `seed` sets the order;
    `progress=False` is silent.
    Raises ValueError for unequal lengths or sizes below 1, and FloatingPointError naming the step at which the
    loss or a gradient became NaN or infinite; the weights are then those before that step.

    The matrices of these lessons are small: OpenBLAS is held to one thread, for two cost more than they bring.
    """
    epochs = _checks.size("epochs", epochs)
    batch_size = _checks.size("batch_size", batch_size)
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y must be equally long and not empty, but x has {len(x)} rows and y has {len(y)}")
    optimizer = Adam() if optimizer is None else optimizer
    rng = np.random.default_rng(seed)
    history = History()
    step = 0
    bar = tqdm(total=epochs * -(-len(x) // batch_size), desc="training", unit="step", disable=not progress)
    with bar, threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(1, epochs + 1):
            order = rng.permutation(len(x))
            losses, sizes, largest = [], [], 0.0
            for start in range(0, len(x), batch_size):
                rows = order[start : start + batch_size]
                step += 1
                loss, grads = model.loss_and_gradients(x[rows], y[rows])
                norm = global_norm(grads) if grads is not None else np.nan
                if not (np.isfinite(loss) and np.isfinite(norm)):
                    what = "the loss" if not np.isfinite(loss) else "the gradient"
                    raise FloatingPointError(
                        f"{what} became NaN or infinite at step {step} (epoch {epoch}); the weights are those before "
                        "this step. A smaller learning rate or clipping (max_norm=1) usually prevents it."
                    )
                optimizer.update(model.weights, grads if max_norm is None else clip_by_global_norm(grads, max_norm))
                losses.append(loss)
                sizes.append(len(rows))
                largest = max(largest, norm)
                bar.update()
            history.loss.append(float(np.average(losses, weights=sizes)))
            history.gradient_norm.append(float(largest))
            if validation is not None:
                history.validation.append(model.loss(*validation))
            bar.set_postfix(loss=f"{history.loss[-1]:.4f}")
    return history
