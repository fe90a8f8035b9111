"""Design exercises: build the unit that a learner has described by its weights, run it, and say what it does."""

import functools

import numpy as np

from gru_lib import tasks
from gru_lib.exercises.exercise import Found
from gru_lib.gru import GRU

LATER = 100  # steps for which the latch has to hold
WEIGHTS = "weights"  # the name of the mistake: a name or shape that such a unit does not have


def unit(answer, inputs):
    """A GRU of one unit and `inputs` inputs with the weights of `answer`, a dict; what is not named is 0. Or a GRU.

    Raises `Found` if it is neither.
    """
    if isinstance(answer, GRU):
        if (answer.input_size, answer.hidden_size) != (inputs, 1):
            raise Found(WEIGHTS, f"It has {answer.input_size} inputs and {answer.hidden_size} units.")
        return answer
    if not isinstance(answer, dict):
        raise Found(WEIGHTS, f"A dict was expected, such as {{'b_z': 4}}, and not a {type(answer).__name__}.")
    gru = GRU(inputs, 1, seed=0)
    shapes = gru.shapes()
    for name in answer:
        if name not in shapes:
            raise Found(WEIGHTS, f"There is no {str(name)[:40]!r}: the names are {', '.join(shapes)}.")
    for name, shape in shapes.items():
        value = np.asarray(answer.get(name, 0), dtype=np.float64)
        if value.size not in (1, int(np.prod(shape))) or not np.isfinite(value).all():
            raise Found(WEIGHTS, f"{name} must hold {int(np.prod(shape))} finite numbers.")
        if value.size == 1 and np.prod(shape) > 1 and value != 0:
            raise Found(WEIGHTS, f"{name} must have one number for each input: shape {shape}.")
        gru.weights[name][...] = value.reshape(shape) if value.size > 1 else value.ravel()[0]
    return gru


def _mean(values, where):
    """The mean of those `values` where `where` holds."""
    return float(np.mean(values[where]))


def signals():
    """Eight sequences of a sign and `now`: both are 0 but at one early step. Returns x (8, 110, 2) and the steps."""
    at = np.arange(8)
    x = np.zeros((8, LATER + 10, 2))
    x[at, at, 0] = np.where(at % 2, -1, 1)
    x[at, at, 1] = 1
    return x, at


def judge_latch(answer):
    """Raise `Found` unless the unit takes the sign and still has it 100 steps later.

    Returns in a sentence what holds the sign if the update gate alone would not; else None.
    """
    gru = unit(answer, 2)
    x, at = signals()
    trace = gru.forward(x)
    z, candidate, h = (a[:, :, 0] for a in (trace.z, trace.candidate, trace.h))
    now, sign = x[:, :, 1] == 1, x[at, at, 0]
    after, end = h[at, at], h[at, at + LATER]
    detail = f"At the signal z is {_mean(z, now):.2f}, else {_mean(z, ~now):.2f}; the states end near {end[0]:.2f}."
    if np.all(end * sign > 0.5):
        carried = after * sign * [np.prod(z[i, at[i] + 1 : at[i] + LATER + 1]) for i in range(len(at))]
        if np.all(carried > 0.5):
            return None
        return (
            f"By z alone, {_mean(z, ~now):.2f} between signals, only {max(carried.min(), 0):.2f} of the sign would be "
            "left; the candidate restates it at each step."
        )
    if np.all(end * sign < -0.5):
        raise Found("sign turned round", detail)
    if np.any(candidate[now] * sign < 0.3):
        raise Found("deaf candidate", detail)
    if _mean(z, now) > 0.5 > _mean(z, ~now):
        raise Found("z and 1 - z exchanged", detail)
    if np.any(after * sign < 0.5):
        raise Found("never writes", detail)
    raise Found("leaks", detail)


@functools.cache
def _reviews():
    """200 reviews whose verdict stands at the end, and behind it as many words that merely fill: (x, y)."""
    task = tasks.reviews(200, seed=1, verdict="end")
    return np.concatenate([task.x, np.zeros_like(task.x)], axis=1), task.y


def judge_reviews(answer):
    """Raise `Found` unless the unit's last state says the verdict, by half or more, in 99 of 100 reviews."""
    gru = unit(answer, len(tasks.INPUTS))
    x, y = _reviews()
    trace = gru.forward(x)
    z, candidate, h = (a[:, :, 0] for a in (trace.z, trace.candidate, trace.h))
    end = h[:, -1] * (2 * y - 1)
    right, opposite = float(np.mean(end > 0.5)), float(np.mean(end < -0.5))
    judging = x[:, :, :2].any(axis=2)
    detail = f"Right are {right:.0%} of the reviews; z is {_mean(z, judging):.2f} at judging words, else "
    detail += f"{_mean(z, ~judging):.2f}."
    if right >= 0.99:
        return
    if opposite >= 0.99:
        raise Found("sign turned round", detail)
    tone = x[:, :, 0] - x[:, :, 1]
    if _mean(candidate * tone, judging) < 0.3:
        raise Found("deaf candidate", detail)
    if _mean(z, judging) > 0.5:
        raise Found("never writes", detail)
    rows, last = np.arange(len(x)), judging.shape[1] - 1 - np.argmax(judging[:, ::-1], axis=1)
    if np.mean(h[rows, last] * tone[rows, last] > 0.5) < 0.99:
        raise Found("half written", detail)
    behind = np.arange(x.shape[1]) > last[:, None]
    left = float(np.mean(np.prod(np.where(behind, z, 1), axis=1)))
    raise Found("leaks", f"{detail} Over the words that follow on the last of these, z leaves {left:.2f} of the state.")
