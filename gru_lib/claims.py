"""A claim on trial: its parts, each a number with an interval and a mark it must reach, and the verdict they give.

The ten claims and their numbers are in `trials`; here is how a verdict follows from them, and how it is shown.
`python -m gru_lib.trials` prints every claim with its verdict.
"""

import math
import textwrap
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from gru_lib import _checks

ANSWERS = ("holds", "not shown", "does not hold")
VERDICTS = ("holds", "holds only when", "not here")


class Part(NamedTuple):
    """One measurement of a claim: `claimed` says on which side of `mark` the number lies if the claim is right."""

    when: str  # the condition, such as "adding problem, 100 steps"; what the verdict says after "holds only when"
    estimate: float
    low: float  # of the interval; equal to high where the number is exact
    high: float
    claimed: str  # "below" | "above" | "within": within a factor of `mark` of 1
    mark: float
    n: str = ""  # how many runs, or "exact"
    p: float = math.nan  # of a Mann-Whitney test of the two, where two were compared

    @property
    def answer(self):
        """ "holds": the whole interval lies on the claimed side; "does not hold": on the other; else "not shown"."""
        if self.claimed == "within":
            inside = 1 / self.mark < self.low and self.high < self.mark
            outside = self.high < 1 / self.mark or self.low > self.mark
        else:
            inside = self.high < self.mark if self.claimed == "below" else self.low > self.mark
            outside = self.low >= self.mark if self.claimed == "below" else self.high <= self.mark
        return "holds" if inside else "does not hold" if outside else "not shown"


@dataclass(frozen=True)
class Claim:
    """What is said, by whom, how it was tried, and what came out. Raises ValueError for a part that makes no sense."""

    number: int
    text: str
    who: str
    experiment: str  # what is measured, in one or two sentences
    unit: str  # what the numbers of the parts are, such as "RMSE, GRU over last value"
    redo: str  # the command that makes the numbers again
    parts: tuple

    def __post_init__(self):
        if not self.parts:
            raise ValueError(f"claim {self.number} has no parts: nothing was measured")
        for part in self.parts:
            _checks.choice("claimed", part.claimed, ("below", "above", "within"))
            if part.claimed == "within" and not part.mark > 1:
                raise ValueError(f"within needs a mark above 1, a factor, not {part.mark!r} ({part.when})")
            if not part.low <= part.estimate <= part.high:
                raise ValueError(
                    f"the estimate {part.estimate} is not in its interval {part.low} to {part.high} ({part.when})"
                )

    @property
    def verdict(self):
        """One of VERDICTS: "holds" if every part holds, "not here" if none does."""
        held = [part.answer == "holds" for part in self.parts]
        return "holds" if all(held) else "holds only when" if any(held) else "not here"

    @property
    def conditions(self):
        """The conditions of the parts that hold."""
        return tuple(part.when for part in self.parts if part.answer == "holds")

    @property
    def sentence(self):
        """The verdict as a sentence without its full stop, with the conditions where they decide."""
        if self.verdict == "holds only when":
            return f"holds only when: {'; '.join(self.conditions)}"
        return self.verdict

    @property
    def range(self):
        """The smallest and the largest estimate with their intervals and conditions, in words."""
        ends = sorted(self.parts, key=lambda part: part.estimate)
        ends = [ends[0], ends[-1]] if len(ends) > 1 else ends
        return " to ".join(f"{estimate(part)} [{part.when}]" for part in ends)

    @property
    def count(self):
        """How many parts there are, and how many of them have which answer, in words."""
        found = [(answer, sum(part.answer == answer for part in self.parts)) for answer in ANSWERS]
        return f"{len(self.parts)} parts: " + ", ".join(f"{number} {answer}" for answer, number in found if number)

    def __repr__(self):
        lines = [f"{self.number}. {self.text}", f"   said by: {self.who}"]
        lines += textwrap.wrap(f"tried: {self.experiment}", 96, initial_indent="   ", subsequent_indent="   ")
        lines += textwrap.wrap(f"{self.unit}:", 96, initial_indent="   ", subsequent_indent="   ")
        lines += [f"     {part.when}: {numbers(part)}" for part in self.parts]
        lines += textwrap.wrap(f"verdict: {self.sentence}", 96, initial_indent="   ", subsequent_indent="   ")
        return "\n".join([*lines, f"   again: {self.redo}"])

    def _repr_html_(self):
        heads = ("condition", "estimate", "95 % interval", "claimed", "answer", "of", "p")
        rows = [
            (
                part.when,
                f"{part.estimate:.3g}",
                "exact" if part.low == part.high else f"{part.low:.3g} to {part.high:.3g}",
                claimed(part),
                part.answer,
                part.n,
                "" if math.isnan(part.p) else f"{part.p:.2g}",
            )
            for part in self.parts
        ]
        return (
            f"<p><strong>{self.number}. {escape(self.text)}</strong></p><p>Said by: {escape(self.who)}. "
            f"{escape(self.experiment)}</p>{_table(heads, rows, self.unit)}"
            f"<p>Verdict: <strong>{escape(self.verdict)}</strong>{_conditions(self)}. "
            f"Again: <code>{escape(self.redo)}</code></p>"
        )


def claimed(part):
    """What is claimed of a part's number, in words."""
    return f"within a factor of {part.mark:g}" if part.claimed == "within" else f"{part.claimed} {part.mark:g}"


def estimate(part):
    """A part's estimate, with its interval unless it is exact."""
    text = f"{part.estimate:.3g}"
    return text if part.low == part.high else f"{text} ({part.low:.3g} to {part.high:.3g})"


def numbers(part):
    """A part's numbers in words: estimate, interval, what was claimed, the answer, runs, p."""
    more = [claimed(part), part.n] + ([] if math.isnan(part.p) else [f"p = {part.p:.2g}"])
    return f"{estimate(part)} {part.answer} ({', '.join(filter(None, more))})"


class Table:
    """All claims in one table: who says it, the experiment, the estimates, the verdict, the command."""

    def __init__(self, claims):
        self.claims = tuple(claims)

    def __repr__(self):
        return "\n\n".join(map(repr, self.claims))

    def _repr_html_(self):
        heads = ("claim", "said by", "experiment", "estimates (95 % interval)", "verdict", "again")
        rows = [
            (
                f"{claim.number}. {claim.text}",
                claim.who,
                claim.experiment,
                f"{claim.unit}. {claim.count}; from {claim.range}",
                f"{claim.sentence}",
                claim.redo,
            )
            for claim in self.claims
        ]
        return _table(heads, rows, "Ten claims on trial")


def _conditions(claim):
    return ": " + escape("; ".join(claim.conditions)) if claim.verdict == "holds only when" else ""


def _table(heads, rows, caption):
    """An HTML table, its first column and its first row being headers, aligned to the left."""
    style = ' style="text-align:left;vertical-align:top;white-space:normal"'
    html = "<tr>" + "".join(f'<th scope="col"{style}>{escape(head)}</th>' for head in heads) + "</tr>"
    for first, *cells in rows:
        html += f'<tr><th scope="row"{style}>{escape(first)}</th>'
        html += "".join(f"<td{style}>{escape(cell)}</td>" for cell in cells) + "</tr>"
    return f'<table><caption style="text-align:left">{escape(caption)}</caption>{html}</table>'
