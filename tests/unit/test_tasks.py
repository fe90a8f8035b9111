"""The memory tasks: their answers by another formulation, their naive scores by formula and by simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gru_lib import tasks

SEEDS = st.integers(0, 2**32 - 1)
MADE = {
    "adding": lambda n, seed: tasks.adding(n, 12, seed=seed),
    "copy": lambda n, seed: tasks.copy_memory(n, 5, seed=seed, symbols=4, word=3),
    "latch": lambda n, seed: tasks.latch(n, 40, seed=seed),
    "start": lambda n, seed: tasks.reviews(n, seed=seed, verdict="start"),
    "end": lambda n, seed: tasks.reviews(n, seed=seed, verdict="end"),
    "both": lambda n, seed: tasks.reviews(n, seed=seed),
}
every_task = pytest.mark.parametrize("make", MADE.values(), ids=MADE)


@every_task
def test_a_seed_decides_everything(make):
    one, again, other = make(20, 3), make(20, 3), make(20, 4)
    np.testing.assert_array_equal(one.x, again.x)
    np.testing.assert_array_equal(one.y, again.y)
    assert one.words == again.words
    assert not np.array_equal(one.x, other.x)
    assert not np.array_equal(make(20, [3, 1]).x, one.x)


@every_task
def test_the_solution_reads_x_alone_and_is_right(make):
    task = make(50, 0)
    np.testing.assert_array_equal(task.solve(task.x.copy()), task.y)
    assert repr(task).startswith(f"Task({task.name!r}: 50 sequences of {task.x.shape[1]} steps")


@every_task
def test_only_the_steps_named_decide_the_answer(make):
    """Steps of one sequence from another one, except those that count and their marks: the answer stays."""
    task = make(40, 1)
    if task.words is None:
        x = np.roll(task.x, 1, axis=0)
        if task.name != "copy":
            x[:, :, 1] = task.x[:, :, 1]
        rows = np.arange(len(x))[:, None]
        x[rows, task.where] = task.x[rows, task.where]
        np.testing.assert_array_equal(task.solve(x), task.y)
    else:  # every other judging word is turned round
        x = task.x.copy()
        x[:, :, :2] = x[:, :, 1::-1]
        rows = np.arange(len(x))[:, None]
        x[rows, task.where] = task.x[rows, task.where]
        assert not np.array_equal(x, task.x)
        np.testing.assert_array_equal(task.solve(x), task.y)
    changed = task.x.copy()
    first = (np.arange(len(x)), task.where[:, 0])
    if task.name in ("adding", "latch"):
        changed[(*first, 0)] = -changed[(*first, 0)] - 0.1
    else:  # one-hot: another symbol, another tone
        changed[first] = changed[first][:, [1, 0, *range(2, x.shape[2])]]
    assert not np.array_equal(task.solve(changed), task.y)


@given(SEEDS, st.integers(1, 5), st.integers(2, 60))
@settings(max_examples=40, deadline=None)
def test_adding_marks_one_step_in_each_half(seed, n, length):
    task = tasks.adding(n, length, seed=seed)
    for x, y, where in zip(task.x, task.y, task.where, strict=True):
        marked = [t for t in range(length) if x[t, 1] == 1]
        assert marked == list(where)
        assert [t < length // 2 for t in marked] == [True, False]
        assert y[0] == pytest.approx(sum(x[t, 0] for t in marked))
    assert ((task.x >= 0) & (task.x <= 1)).all()


def test_adding_uses_every_step():
    task = tasks.adding(2000, 10, seed=0)
    assert {*task.where[:, 0]} == {0, 1, 2, 3, 4}
    assert {*task.where[:, 1]} == {5, 6, 7, 8, 9}


def test_adding_naive_score_is_that_of_the_best_constant():
    """Simulated on 200,000 sums: the variance's standard error is about 4e-4."""
    y = tasks.adding(200_000, 2, seed=0).y
    best_constant = min(float(np.mean((y - guess) ** 2)) for guess in np.linspace(0.9, 1.1, 21))
    assert tasks.adding(1, 2, seed=0).naive == pytest.approx(1 / 6)
    assert best_constant == pytest.approx(1 / 6, abs=0.0015)


@given(SEEDS, st.integers(1, 20), st.integers(2, 9), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_copy_reads_the_word_back(seed, delay, symbols, word):
    task = tasks.copy_memory(3, delay, seed=seed, symbols=symbols, word=word)
    assert task.x.shape == (3, delay + 2 * word, symbols + 2)
    assert task.y.shape == task.x.shape[:2]
    assert (task.x.sum(axis=2) == 1).all()
    for shown, y in zip(task.x.argmax(axis=2).tolist(), task.y.tolist(), strict=True):
        text = shown[:word]
        assert max(text) < symbols
        assert shown[word:] == [symbols] * (delay - 1) + [symbols + 1] + [symbols] * word
        assert y == [symbols] * (word + delay) + text


def test_copy_naive_score_by_simulation():
    """The forecaster: blank is certain up to the signal, then all symbols are equally probable."""
    task = tasks.copy_memory(50, 20, seed=0)
    p = np.zeros((40, 9))
    p[:30, 8] = 1
    p[30:, :8] = 1 / 8
    simulated = np.mean([-np.log(p[t, task.y[i, t]]) for i, t in itertools.product(range(50), range(40))])
    assert task.naive == pytest.approx(simulated)
    assert task.naive == pytest.approx(10 * np.log(8) / (20 + 20))
    assert (task.classes, task.read) == (9, "every")
    symbols = np.bincount(tasks.copy_memory(4000, 1, seed=0).y[:, -10:].ravel(), minlength=8)
    np.testing.assert_allclose(symbols / symbols.sum(), 1 / 8, atol=0.006)


@pytest.mark.parametrize(("length", "furthest"), [(1, 0), (19, 0), (20, 1), (100, 9)])
def test_latch_marks_one_step_of_the_first_tenth(length, furthest):
    task = tasks.latch(500, length, seed=0)
    assert {*task.where.ravel().tolist()} == {*range(furthest + 1)}
    np.testing.assert_array_equal(task.x[:, :, 1].argmax(axis=1), task.where[:, 0])
    np.testing.assert_array_equal(task.x[:, :, 1].sum(axis=1), 1)
    np.testing.assert_array_equal(task.keep, task.x[:, :, 1] == 0)
    assert set(np.unique(task.x[:, :, 0])) == {-1.0, 1.0}
    signs = [task.x[i, t, 0] > 0 for i, (t,) in enumerate(task.where)]
    np.testing.assert_array_equal(task.y, signs)


@pytest.mark.parametrize("make", [MADE[name] for name in ("latch", "start", "end", "both")])
def test_two_classes_are_a_coin(make):
    task = make(4000, 0)
    assert task.naive == pytest.approx(np.log(2))
    assert task.y.mean() == pytest.approx(0.5, abs=0.03)
    # Nothing to be had from the other signs, or from the tone of the other sentences.
    if task.words is None:
        others = (task.x[:, :, 0] * task.keep).sum(axis=1)
    else:
        others = ((task.x[:, :, 0] - task.x[:, :, 1]) * task.keep).sum(axis=1)
    assert abs(np.corrcoef(others, task.y)[0, 1]) < 0.05


def test_the_latch_set_by_hand_solves_it_at_length_1000():
    gru, task = tasks.latch_gru(), tasks.latch(300, 1000, seed=5)
    trace = gru.forward(task.x)
    np.testing.assert_array_equal(trace.h[:, -1, 0] > 0, task.y)
    assert np.abs(trace.h[:, -1, 0]).min() > 0.98
    np.testing.assert_allclose(trace.z[:, :, 0], task.keep, atol=1e-5)


def test_the_policy_of_one_unit_solves_latch_and_reviews():
    """h = z h + (1 - z) candidate with z from `keep` and the candidate from the input of that step alone."""
    for task in (tasks.latch(200, 60, seed=0), tasks.reviews(200, seed=0)):
        x = task.x
        candidate = x[:, :, 0] if task.words is None else x[:, :, 0] - x[:, :, 1]
        h = np.zeros(len(x))
        for t in range(x.shape[1]):
            h = task.keep[:, t] * h + (1 - task.keep[:, t]) * candidate[:, t]
        np.testing.assert_array_equal(h > 0, task.y)


@given(SEEDS, st.sampled_from(["start", "end", "both"]), st.integers(20, 45))
@settings(max_examples=30, deadline=None)
def test_reviews_say_what_their_labels_say(seed, verdict, length):
    """Read again from the words: the sentence that names the resort holds the verdict."""
    task = tasks.reviews(4, seed=seed, verdict=verdict, length=length)
    for words, x, y, (at,) in zip(task.words, task.x, task.y, task.where, strict=True):
        assert len(words) == length
        for word, row in zip(words, x, strict=True):
            expected = [word in kind for kind in (tasks.GOOD, tasks.BAD, tasks.RESORT, tasks.OTHER)]
            assert row.tolist() == expected
        text = " ".join(words)
        opinions = [s for s in tasks.VERDICTS if s.removesuffix(" {}") in text]
        assert len(opinions) == 1
        opening = opinions[0].removesuffix(" {}")
        before, after = text.split(opening)
        assert len((before + opening).split()) == at
        assert after.split()[0] == words[at]
        assert y == (words[at] in tasks.GOOD)
        assert sum(word in tasks.GOOD + tasks.BAD for word in words) == 3
        places = {"start": [before == ""], "end": [at == length - 1], "both": [before == "", at == length - 1]}
        assert any(places[verdict])


def test_reviews_of_both_kinds_come_equally_often():
    task = tasks.reviews(2000, seed=0)
    assert np.mean(task.where == 23) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: tasks.adding(0, 10, seed=0), ValueError, "n must be at least 1, not 0"),
        (lambda: tasks.adding(5, 1, seed=0), ValueError, "length must be at least 2, not 1"),
        (lambda: tasks.adding(5, 9.5, seed=0), TypeError, "length must be an integer"),
        (lambda: tasks.copy_memory(5, 0, seed=0), ValueError, "delay must be at least 1, not 0"),
        (lambda: tasks.copy_memory(5, 5, seed=0, symbols=1), ValueError, "symbols must be at least 2, not 1"),
        (lambda: tasks.copy_memory(5, 5, seed=0, word=0), ValueError, "word must be at least 1, not 0"),
        (lambda: tasks.latch(5, 0, seed=0), ValueError, "length must be at least 1, not 0"),
        (lambda: tasks.reviews(5, seed=0, length=19), ValueError, "length must be at least 20, not 19"),
        (lambda: tasks.reviews(5, seed=0, verdict="middle"), ValueError, "'start', 'end' or 'both', not 'middle'"),
    ],
)
def test_bad_sizes_are_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()
