"""The loops over time, forward, masked and back: once right, and once for each mistake that people make in them.

`unit` has the right loop forward, and makes the mistakes of a single step in it; `passes` has the step back.
"""

import numpy as np

from gru_lib.exercises import passes, unit
from gru_lib.exercises.exercise import Mistake


def _always_h0(x, h0, w):
    return np.stack([unit.step(x[:, t], h0, w) for t in range(x.shape[1])], axis=1)


def _from_zeros(x, h0, w):
    return unit.loop(x, np.zeros_like(h0), w)


def _inverted(x, h0, w, mask):
    return unit.loop(x, h0, w, mask=~mask)


def _masked_by(rule):
    """The loop in which `rule` says how a step goes on: given new, h, h0 and whether the row counts, (batch, 1)."""

    def states(x, h0, w, mask):
        h, found = h0, []
        for t in range(x.shape[1]):
            h = rule(unit.step(x[:, t], h, w), h, h0, mask[:, t, None])
            found.append(h)
        return np.stack(found, axis=1)

    return states


def _shown_by(rule):
    """The state reads on; `rule` says what is shown: given the new state, the old one, what was shown last, and mask."""

    def states(x, h0, w, mask):
        shown, h, found = h0, h0, []
        for t in range(x.shape[1]):
            new = unit.step(x[:, t], h, w)
            shown, h = rule(new, h, shown, mask[:, t, None]), new
            found.append(shown)
        return np.stack(found, axis=1)

    return states


FORWARD = (
    Mistake(
        "stale state",
        "Every step starts from the first state again: nothing travels from step to step.",
        "What does step t + 1 need from step t? Is it handed on in your loop?",
        _always_h0,
    ),
    Mistake("first state ignored", "The sequence starts from zeros, and h0 is not looked at.", answer=_from_zeros),
    Mistake(
        "last state only",
        "That is the state after the last step alone. The states after all steps are asked for.",
        answer=lambda x, h0, w: unit.loop(x, h0, w)[:, -1],
    ),
    Mistake(
        "first state included",
        "There is a state too many: the one before the first step is not asked for.",
        answer=lambda x, h0, w: np.concatenate([h0[:, None], unit.loop(x, h0, w)], axis=1),
    ),
    Mistake(
        "one step late",
        "Each state stands one place too late: you have kept the state before the step, not after it.",
        answer=lambda x, h0, w: np.concatenate([h0[:, None], unit.loop(x, h0, w)[:, :-1]], axis=1),
    ),
    Mistake(
        "time first",
        "The numbers are right, and time is the first axis. (batch, time, hidden) is asked for.",
        "Along which axis do you stack the states?",
        lambda x, h0, w: unit.loop(x, h0, w).swapaxes(0, 1),
    ),
    Mistake(
        "as many steps as rows",
        "There are as many states as the batch has rows. You count along another axis than time.",
        "x is (batch, time, input). Over which of the three does the loop go?",
        lambda x, h0, w: unit.loop(x, h0, w)[:, : len(x)],
    ),
    Mistake(
        "first state only",
        "That is the state after the first step alone: the others never come back.",
        "A return ends the function wherever it stands. How far does your loop get?",
        lambda x, h0, w: unit.loop(x, h0, w)[:, :1],
    ),
    Mistake(
        "first step left out",
        "There is a state too few: the first step of the sequence is never made, and all later states lack it.",
        "Which number has the first step?",
        lambda x, h0, w: unit.loop(x[:, 1:], h0, w),
    ),
    Mistake(
        "last step left out",
        "There is a state too few: the one after the last step.",
        "How many steps has x, and how many does your loop make?",
        lambda x, h0, w: unit.loop(x, h0, w)[:, :-1],
    ),
    *(
        Mistake(
            "steps joined",
            "The states are right, but they are joined along an axis that was there before, so time has none of its own.",
            "Each state has two axes, and the answer has three. Joining along an old axis makes no new one.",
            joined,
        )
        for joined in (
            lambda x, h0, w: np.concatenate(list(unit.loop(x, h0, w).swapaxes(0, 1)), axis=1),
            lambda x, h0, w: np.concatenate(list(unit.loop(x, h0, w).swapaxes(0, 1)), axis=0),
        )
    ),
    Mistake(
        "read backwards",
        "The sequence is read from its end.",
        answer=lambda x, h0, w: unit.loop(x[:, ::-1], h0, w),
    ),
)
MASKED = (
    Mistake(
        "mask ignored",
        "Your unit goes on reading where the mask says that a step does not count.",
        answer=lambda x, h0, w, mask: unit.loop(x, h0, w),
    ),
    Mistake(
        "mask inverted",
        "The state is carried where the steps count, and moves where they do not.",
        "True means that a step counts.",
        _inverted,
    ),
    Mistake(
        "state set to 0",
        "Where a step does not count your state becomes 0, and the past is lost. It is to be carried.",
        answer=_masked_by(lambda new, h, h0, counts: new * counts),
    ),
    Mistake(
        "back to the first state",
        "Where a step does not count your state goes back to h0, and what was read before is lost.",
        "h0 is the old state of the first step alone. Which one is that of step t?",
        _masked_by(lambda new, h, h0, counts: np.where(counts, new, h0)),
    ),
    Mistake(
        "all rows if one counts",
        "The rows are not told apart: as soon as the step counts in one of them, all of them move.",
        "mask has a number for each row. Which of them should decide for row 0?",
        _masked_by(lambda new, h, h0, counts: new if counts.any() else h),
    ),
    Mistake(
        "no row unless all count",
        "The rows are not told apart: none of them moves unless the step counts in all of them.",
        "mask has a number for each row. Which of them should decide for row 0?",
        _masked_by(lambda new, h, h0, counts: new if counts.all() else h),
    ),
    *(
        Mistake(
            "state reads on",
            "What you return is masked, but inside the state reads on, at the steps that do not count too.",
            "Which state goes into the next step: the one that you keep in your list?",
            _shown_by(rule),
        )
        for rule in (
            lambda new, h, shown, counts: np.where(counts, new, h),
            lambda new, h, shown, counts: np.where(counts, new, shown),
            lambda new, h, shown, counts: new * counts,
        )
    ),
    Mistake(
        "output set to 0",
        "The state is carried on inside, but what you return shows 0 where a step does not count.",
        answer=lambda x, h0, w, mask: unit.loop(x, h0, w, mask=mask) * mask[:, :, None],
    ),
    Mistake(
        "input set to 0",
        "An input of 0 is an input: the unit still steps, and its state drifts.",
        answer=lambda x, h0, w, mask: unit.loop(x * mask[:, :, None], h0, w),
    ),
)
# On the way back: the name, the first hint, the second.
THROUGH_TIME = {
    "no sum over time": (
        "The weights have the gradient of one step alone, and serve at every step.",
        "Contributions from several ways add, those of several steps as well as those of several rows.",
    ),
    "nothing handed back": (
        "Each state hears of its own loss alone: what later steps hand back to it is lost.",
        "A state acts at once and later. What does step t + 1 give to g of step t?",
    ),
    "own terms missing": (
        "Only the last state's loss finds its way back; the loss looks at every step.",
        "What is dh[:, t] added to?",
    ),
    "dh missing": (
        "Every gradient is 0: nothing of the loss finds its way back.",
        "The way back begins at the last step, to which nothing is handed back yet. What does the loss give to its state?",
    ),
    "one dh for all steps": (
        "Each step gets the last state's share of the loss. The loss looks at every state in its own way.",
        "dh has an axis of time. Which of its entries belongs to the step that you are at?",
    ),
    "forward in time": (
        "Your second loop goes forward in time, too: what later steps hand back is not there yet when a step needs it.",
        "To which step is nothing handed back, so that the way back can begin there?",
    ),
    "first step left out": (
        "Your way back ends one step too early: the first step of the sequence gets no gradient.",
        "Which number has the first step, and does your loop reach it?",
    ),
    "handed back added up": (
        "What the steps hand back piles up: a step gets from all later ones what the next one has handed on already.",
        "All that is later than step t + 1 is in what step t + 1 hands back. Is it to be kept beside it?",
    ),
    "mean over time": (
        "The gradients of the weights are means over the steps. The loss of this exercise is a sum, so they add.",
        "Whatever division there is belongs to the loss, and has been made in dh already.",
    ),
    "g for h0": (
        "What you give as the gradient of h0 is g of the first step: it belongs to the state after that step.",
        "h0 is the old state of the first step. What does a step hand back to its old state?",
    ),
    "started from zeros": (
        "Your way forward starts from zeros, and h0 is not looked at; so the way back goes through other states.",
        "Which state is h_prev at the first step?",
    ),
}


def through_time(x, h0, dh, w, made=None):
    """The summed gradients of all weights, "x", "h0" and "g", with the mistake `made` in it."""
    saved, h, steps = [], np.zeros_like(h0) if made == "started from zeros" else h0, x.shape[1]
    for t in range(steps):
        saved.append((h, passes.forward(x[:, t], h, w)))
        h = saved[t][1][-1]
    total = {name: np.zeros_like(value) for name, value in w.items()}
    total |= {"x": np.zeros_like(x), "g": np.zeros_like(dh)}
    later = np.zeros_like(h0)
    order = {"forward in time": range(steps), "first step left out": range(steps - 1, 0, -1)}
    for t in order.get(made, range(steps - 1, -1, -1)):
        own = {"own terms missing": dh[:, t] * (t == steps - 1), "dh missing": 0, "one dh for all steps": dh[:, -1]}
        g = own.get(made, dh[:, t]) + (0 if made == "nothing handed back" else later)
        grads = passes.backward(g, x[:, t], saved[t][0], saved[t][1], w, made)
        later = grads["h_prev"] + (later if made == "handed back added up" else 0)
        total["g"][:, t], total["x"][:, t] = g, grads["x_t"]
        for name in w:
            share = grads[name] / (steps if made == "mean over time" else 1)
            total[name] = share if made == "no sum over time" else total[name] + share
    return total | {"h0": total["g"][:, 0] if made == "g for h0" else later}


def last_step_alone(x, h0, dh, w):
    """The gradients of the weights are those of the last step; the rest is right."""
    h = unit.loop(x, h0, w)
    h_prev = h[:, -2] if x.shape[1] > 1 else h0
    grads = passes.backward(dh[:, -1], x[:, -1], h_prev, passes.forward(x[:, -1], h_prev, w), w)
    return through_time(x, h0, dh, w) | {name: grads[name] for name in w}
