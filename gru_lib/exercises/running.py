"""Run a learner's code so that nothing in it can stop the check: errors, exits, endless loops, what it prints."""

import contextlib
import copy
import inspect
import io
import linecache
import re
import signal
import threading
import traceback
import types
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

SECONDS = 10  # a call of these small functions takes milliseconds; longer than this is a loop that does not end
SHOWN = 160  # characters of a message or a line, at most
PRINTED = 400
# Frames of other people's code, which are left out of an error: this package, installed packages, Python itself.
OURS = str(Path(__file__).parents[1])
OTHERS = (OURS, str(Path(np.__file__).parents[1]), str(Path(inspect.__file__).parent), "<frozen", "<__array_function__")


class TooLong(BaseException):
    """The code has not ended in time. No Exception, so that `except Exception` in it does not swallow this."""


class Outcome(NamedTuple):
    """What a call left behind: its value, or its error in words; what it printed; which arguments it changed."""

    value: object = None
    error: str | None = None
    printed: str = ""
    changed: tuple = ()


def run(function, arguments, names):
    """Call `function` with copies of `arguments`, whose names are `names`. Returns an `Outcome`, and never raises.

    (KeyboardInterrupt passes: it is the learner's own.)
    """
    given = copy.deepcopy(arguments)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        value, error = guarded(function, *given)
    if type(value) is types.CoroutineType:
        value.close()  # else Python warns that nobody waited for it
        value, error = None, "the function is async: it gives a promise of an answer. Leave async out."
    said, _ = guarded(printed.getvalue)  # fails if the code has closed its output
    changed = tuple(name for name, a, b in zip(names, given, arguments, strict=False) if not guarded(same, a, b)[0])
    return Outcome(value, error, clean(said or "", PRINTED), changed)


def guarded(function, *arguments):
    """`function(*arguments)` and None, or None and what went wrong, in words. Warnings are not shown."""
    try:
        with time_limit(SECONDS), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments), None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        try:
            return None, in_words(error)
        except BaseException:  # an error whose own text fails
            return None, "an error whose message cannot be shown"


@contextlib.contextmanager
def time_limit(seconds):
    """Raise TooLong in the code inside if it takes longer; nothing where there is no alarm clock (Windows, threads)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_):
        raise TooLong(f"stopped after {seconds} seconds: does a loop in it ever end?")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def in_words(error):
    """An error shortened to the learner's own lines: kind, function, line, and the message below.

    If it was raised in a function that the one checked has called, the line of the call is quoted, too.
    """
    if isinstance(error, TooLong):
        return f"the code was {error}"
    own = [
        (frame.f_code, line, frame.f_globals)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if not frame.f_code.co_filename.startswith(OTHERS)
    ]
    text, message = type(error).__name__, clean(str(error), SHOWN)
    if fits := re.search(r"size (\d+) is different from (\d+)\)$", message):
        message = f"a product of matrices does not fit: {fits[2]} columns on its left meet {fits[1]} rows on its right"
    if isinstance(error, RecursionError):
        message = "the function calls itself without end"
    if isinstance(error, SystemExit):
        message = "the code ends the program; a function ends with return"
    where = ""
    if own:
        text += f" in {_place(*own[-1])}"
        if own[0][0] is not own[-1][0]:
            where = f"It came to that in {_place(*own[0])}"
    return "\n".join(filter(None, (text, message, where)))


def _place(code, line, names):
    """A line of a function, and what stands in it, as far as that is known."""
    source = linecache.getline(code.co_filename, line, names).strip()
    return f"{code.co_name}, line {line}" + (f": {clean(source, SHOWN)}" if source else "")


def same_error(one, other):
    """Whether two errors, as `in_words`, are of one kind and say the same, wherever they were raised."""
    (one, says), (other, also) = (error.split("\n", 1) if "\n" in error else (error, "") for error in (one, other))
    return one.split(" ")[0] == other.split(" ")[0] and says == also != ""


def clean(text, most):
    """`text` without what differs between machines, addresses and folders, and shortened to `most` characters."""
    text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x...", text)
    text = re.sub(r"(?<![\w.])(?:[A-Za-z]:)?(?:[/\\][\w.+-]+){2,}", "...", text)
    text = re.sub(r"(\d\.\d{6})\d+", r"\1", text)
    return text if len(text) <= most else text[: most - 3] + "..."


def signature_problem(function, names):
    """What is wrong with the arguments that `function` takes, in words, or None; `names` are those it is given."""
    signature, error = guarded(inspect.signature, function)
    if error is not None or not isinstance(signature, inspect.Signature):
        return None  # it has none that can be read, as many built-in functions
    try:
        signature.bind(*names)
    except TypeError:
        takes = ", ".join(signature.parameters) or "nothing"
        return f"the function is called with ({', '.join(names)}), but yours takes ({clean(takes, SHOWN)})."
    return None


def same(a, b):
    """Whether two arguments hold the same: arrays, dicts, lists, tuples of them, or plain values."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return bool(a == b)
