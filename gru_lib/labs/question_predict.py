"""Predict: a number or a sentence that the learner commits to before the answer is revealed."""

import math
from numbers import Real

import traitlets

from gru_lib.labs.question import Question
from gru_lib.labs.question_text import html, readable, wrong_answers

ROUNDING = 1e-9  # relative: a prediction that is off by the tolerance to the last digit counts


class Predict(Question):
    """Predict, then reveal: `Predict("About how large is z?", 0.88, "σ(2) ≈ 0.88.", tolerance=0.03)`.

    `answer`: a number, which the learner types; or a string, and then the learner writes a sentence and compares.
    `explanation`: why. For a number: `tolerance` (needed), how far off still is right; `between`, a triple (low,
    high, step): a slider takes the place of the field; `unit`, a word shown behind it; `wrong`, {number: what to say
    to whoever predicted it, give or take the tolerance}. `answer`: the number, or the sentence.
    Raises TypeError for a text that is no string and a number that is none, ValueError for an empty text, a number
    that is not finite, a negative or missing tolerance, a slider that cannot show the answer, a number in `wrong`
    that is right, and settings of numbers where the answer is a sentence.
    """

    def __init__(self, question, answer, explanation, *, tolerance=None, between=None, unit="", wrong=None):
        self._why = readable("explanation", explanation)
        self._tolerance, self._wrong = None, []
        if not isinstance(unit, str):
            raise TypeError(f"unit must be a string, not {unit!r}")
        self._is_number = not isinstance(answer, str)
        if self._is_number:
            self._true = _number("answer", answer)
            if tolerance is None:
                raise ValueError("tolerance is needed where the answer is a number: how far off still is right")
            self._tolerance = _number("tolerance", tolerance)
            if self._tolerance < 0:
                raise ValueError(f"tolerance must be 0 or above, not {tolerance}")
            between = None if between is None else self._slider(between)
            self._wrong = [self._miss(value, why) for value, why in wrong_answers(wrong).items()]
            self._shown = [_written(self._true) + (f" {unit}" if unit else "")]
        else:
            if tolerance is not None or between is not None or unit or wrong:
                raise ValueError("tolerance, between, unit and wrong are for numbers, but the answer is a sentence")
            self._true, self._shown = None, readable("answer", answer)
        spec = {"true": self._true, "shown": self._shown, "tolerance": self._tolerance, "between": between}
        super().__init__(question, "predict", unit=unit, why=self._why, wrong=self._wrong, **spec)

    def _slider(self, between):
        if not isinstance(between, list | tuple) or len(between) != 3:
            raise TypeError(f"between must be a triple (low, high, step), not {between!r}")
        low, high, step = (_number("between", value) for value in between)
        if not 0 < step <= high - low:
            raise ValueError(f"between must be (low, high, step) with low < high and a step that fits, not {between!r}")
        stop = low + step * min(max(round((self._true - low) / step), 0), math.floor((high - low) / step + ROUNDING))
        if not self._near(stop, self._true):
            raise ValueError(f"between {between!r} stops nowhere within {self._tolerance:g} of {self._true:g}")
        return [low, high, step]

    def _miss(self, value, why):
        value = _number("a key of wrong", value)
        if self._near(value, self._true):
            raise ValueError(f"wrong holds {value:g}, but that is right: within {self._tolerance:g} of {self._true:g}")
        return {"value": value, "shown": _written(value), "why": readable(f"the explanation of {value:g}", why)}

    def _near(self, one, other):
        return abs(one - other) <= self._tolerance + ROUNDING * max(abs(one), abs(other))

    def checked(self, answer):
        if self._is_number and isinstance(answer, Real) and not isinstance(answer, bool) and math.isfinite(answer):
            return float(answer)
        if not self._is_number and isinstance(answer, str) and answer.strip():
            return answer
        wanted = "a finite number" if self._is_number else "a sentence"
        raise traitlets.TraitError(f"answer must be {wanted}, not {answer!r}")

    def judge(self, answer):
        return self._near(answer, self._true) if self._is_number else None

    def lines(self):
        return "predict a number" if self._is_number else "predict in a sentence", []

    def body(self):
        near = f" (right: up to {_written(self._tolerance)} away)" if self._tolerance else ""
        reasons = "".join(
            f"<p>{one['shown']}: <strong>not right.</strong> {html(one['why'])}</p>" for one in self._wrong
        )
        folded = (
            f"<summary>Reveal</summary><p>The answer: {html(self._shown)}{near}</p><p>{html(self._why)}</p>{reasons}"
        )
        return f"<details>{folded}</details>"


def _number(name, value):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, not {value}")
    return float(value)


def _written(value):
    """A number in up to six significant digits, a whole one in full."""
    text = f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return text.replace("-", "−")
