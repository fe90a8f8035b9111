"""Training: the loop that shows its progress, stops at the first NaN, and keeps the best weights if asked to.

The models (`Regressor`, `Classifier`) and the rules (`SGD`, `RMSprop`, `Adam`) are in `heads` and `optimizers`; all
names are at hand here.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from gru_lib import _checks
from gru_lib.gradients import clip_by_global_norm, clip_by_value, global_norm
from gru_lib.heads import Classifier, Regressor
from gru_lib.optimizers import SGD, Adam, RMSprop

__all__ = ["SGD", "Adam", "Classifier", "History", "RMSprop", "Regressor", "fit", "one_thread"]


@contextmanager
def one_thread():
    """A context in which NumPy's matrix products run on one thread; what was set before comes back after it.

    The matrices of these lessons are small: a second thread brings a fifth at best, and where another program wants
    its core the two wait for each other, which can make a step many times as long. `fit` trains in this context; use
    it around anything that runs a cell many times or takes its time.
    """
    with threadpool_limits(1, user_api="blas"):
        yield


@dataclass
class History:
    """What a training run leaves behind: per epoch the mean training loss and the validation loss (if any)."""

    loss: list = field(default_factory=list)
    validation: list = field(default_factory=list)
    gradient_norm: list = field(default_factory=list)
    """The largest global gradient norm of each epoch, before clipping."""
    best_epoch: int | None = None
    """With `patience`: the epoch (from 1) of the lowest validation loss, whose weights the model has after `fit`."""
    stopped_early: bool = False
    """Whether `patience` ended the run before its last epoch."""


def fit(
    model,
    x,
    y,
    *,
    epochs,
    batch_size=32,
    optimizer=None,
    max_norm=None,
    max_value=None,
    validation=None,
    mask=None,
    patience=None,
    min_delta=0.0,
    on_epoch=None,
    watch=None,
    seed=0,
    progress=True,
):
    """Train `model` in place by minibatches in random order; return its `History`.

    `model` has `weights` and `loss_and_gradients(x, y)`, as `Regressor` and `Classifier` do; `x` (n, time, input);
    `y` as the model asks for it, n rows; `mask` (n, time), boolean, False where a sequence is padded, is handed on to
    the model; `optimizer` is `Adam()` if None; `seed` sets the order; `progress=False` is silent.

    Gradients are clipped by their global norm, `max_norm` (Pascanu et al. 2013, arXiv 1211.5063), or entry by entry,
    `max_value`, not by both. `validation` is (x, y) or (x, y, mask), looked at after each epoch.

    `patience`: stop after so many epochs in a row that did not bring the validation loss more than `min_delta` below
    what counted as the best before (Prechelt 1998, *Early stopping, but when?*). With it the model ends with the
    weights of its lowest validation loss, whether it stopped early or not; `History.best_epoch` names that epoch.
    `on_epoch(epoch, model, history)` is called after each epoch, counted from 1, to look at gates while they learn;
    `watch` is a `labs.LossCurve` (or anything with `clear()` and `add(epoch, loss, validation)`), cleared and then
    given each epoch's losses.

    The loss of an epoch is the mean over its batches, weighted by their rows, while the weights change.
    Raises ValueError for unequal lengths, sizes below 1 or options that exclude each other, and FloatingPointError
    naming the step at which the loss or a gradient became NaN or infinite (the weights are then those before that
    step), or the epoch after which the validation loss did. Matrix products are held to one thread, see `one_thread`.
    """
    epochs = _checks.size("epochs", epochs)
    batch_size = _checks.size("batch_size", batch_size)
    data = {"x": np.asarray(x), "y": np.asarray(y)}
    if mask is not None:
        data["mask"] = np.asarray(mask)
    for name, array in data.items():
        if len(array) != len(x) or len(x) == 0:
            raise ValueError(
                f"x and {name} must be equally long and not empty, but x has {len(x)} rows and {name} has {len(array)}"
            )
    clip = _clipping(max_norm, max_value)
    stopping = _Stopping(model, validation, patience, min_delta)
    optimizer = Adam() if optimizer is None else optimizer
    rng = np.random.default_rng(seed)
    history = History()
    if watch is not None:
        watch.clear()
    bar = tqdm(total=epochs * -(-len(x) // batch_size), desc="training", unit="step", disable=not progress)
    step = 0
    with bar, one_thread():
        for epoch in range(1, epochs + 1):
            order = rng.permutation(len(x))
            losses, sizes, norms = [], [], []
            for start in range(0, len(x), batch_size):
                rows = order[start : start + batch_size]
                step += 1
                batch = [array[rows] for array in data.values()]
                loss, norm = _step(model, batch, optimizer, clip, f"at step {step} (epoch {epoch})")
                losses.append(loss)
                norms.append(norm)
                sizes.append(len(rows))
                bar.update()
            history.loss.append(float(np.average(losses, weights=sizes)))
            history.gradient_norm.append(float(max(norms)))
            shown = {"loss": f"{history.loss[-1]:.4f}"}
            if validation is not None:
                history.validation.append(_validate(model, validation, epoch))
                shown["validation"] = f"{history.validation[-1]:.4f}"
            bar.set_postfix(shown)
            stop = stopping.after(epoch, history)
            if watch is not None:
                watch.add(epoch, history.loss[-1], history.validation[-1] if validation is not None else None)
            if on_epoch is not None:
                on_epoch(epoch, model, history)
            if stop:
                history.stopped_early = epoch < epochs
                bar.total = step  # a run that was stopped on purpose is a full bar, not a red one
                break
        stopping.restore(history)
    return history


def _step(model, batch, optimizer, clip, where):
    """One step of training on `batch`, (x, y) or (x, y, mask); its loss and the norm of its gradient."""
    with np.errstate(over="ignore", invalid="ignore"):
        loss, grads = model.loss_and_gradients(*batch)
        norm = global_norm(grads) if grads is not None else np.nan
        if not (np.isfinite(loss) and np.isfinite(norm)):
            what = "the loss" if not np.isfinite(loss) else "the gradient"
            raise FloatingPointError(
                f"{what} became NaN or infinite {where}; the weights are those before "
                "this step. A smaller learning rate or clipping (max_norm=1) usually prevents it."
            )
        optimizer.update(model.weights, clip(grads))
    return loss, norm


def _validate(model, validation, epoch):
    """The loss for the validation data after an epoch. Raises FloatingPointError if it is NaN or infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        loss = model.loss(*validation)
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"the validation loss became NaN or infinite after epoch {epoch}; the weights are those after this epoch. "
            "A smaller learning rate or clipping (max_norm=1) usually prevents it."
        )
    return loss


def _clipping(max_norm, max_value):
    """The function that clips gradients. Raises ValueError if both bounds are given or one is not above 0."""
    for name, bound in {"max_norm": max_norm, "max_value": max_value}.items():
        if bound is not None and not bound > 0:
            raise ValueError(f"{name} must be above 0, not {bound!r}")
    if max_norm is not None and max_value is not None:
        raise ValueError("max_norm and max_value exclude each other: clip by the norm or by the value")
    if max_norm is not None:
        return lambda grads: clip_by_global_norm(grads, max_norm)
    if max_value is not None:
        return lambda grads: clip_by_value(grads, max_value)
    return lambda grads: grads


class _Stopping:
    """Early stopping: remembers the best weights and how long nothing got better. Without patience it does nothing."""

    def __init__(self, model, validation, patience, min_delta):
        self.model, self.patience, self.min_delta = model, patience, min_delta
        if patience is None:
            if min_delta != 0:
                raise ValueError("min_delta belongs to early stopping: give patience too")
            return
        self.patience = _checks.size("patience", patience)
        if not 0 <= min_delta < np.inf:
            raise ValueError(f"min_delta must be at least 0, not {min_delta!r}")
        if validation is None:
            raise ValueError("patience watches the validation loss: give validation=(x, y) too")
        self.lowest = self.reference = np.inf
        self.since = 0
        self.weights = None

    def after(self, epoch, history):
        """Look at the losses of an epoch; whether it is time to stop."""
        if self.patience is None:
            return False
        loss = history.validation[-1]
        if loss < self.lowest:
            self.lowest, history.best_epoch = loss, epoch
            self.weights = {name: weight.copy() for name, weight in self.model.weights.items()}
        self.since += 1
        if loss < self.reference - self.min_delta:
            self.reference, self.since = loss, 0
        return self.since >= self.patience

    def restore(self, history):
        """Give the model the weights of the best epoch."""
        if history.best_epoch is not None:
            for name, weight in self.model.weights.items():
                weight[...] = self.weights[name]
