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

    def __str__(self):
        lines = [f"{self.number}. {self.text}", f"   said by: {self.who}"]
        lines += textwrap.wrap(self.experiment, 96, initial_indent="   tried: ", subsequent_indent="   ")
        lines += [f"   {self.unit}:"]
        width = max(len(part.when) for part in self.parts)
        lines += [f"     {part.when:{width}}  {numbers(part)}" for part in self.parts]
        lines += textwrap.wrap(f"verdict: {self.sentence}", 96, initial_indent="   ", subsequent_indent="   ")
        return "\n".join([*lines, f"   again: {self.redo}"])


def numbers(part):
    """A part's numbers in words: estimate, interval, runs, p, what was claimed, and the answer."""
    exact = part.low == part.high
    text = f"{part.estimate:.3g}" if exact else f"{part.estimate:.3g} ({part.low:.3g} to {part.high:.3g})"
    told = f"within a factor of {part.mark:g}" if part.claimed == "within" else f"{part.claimed} {part.mark:g}"
    more = [part.n] if part.n else []
    more += [f"p = {part.p:.2g}"] if not math.isnan(part.p) else []
    return f"{text:26} {f'claimed: {told}':28} {part.answer:14} {', '.join(more)}".rstrip()


class Table:
    """All claims in one table: who says it, the experiment, the estimates, the verdict, the command."""

    def __init__(self, claims):
        self.claims = tuple(claims)

    def __repr__(self):
        return "\n\n".join(map(str, self.claims))

    def _repr_html_(self):
        heads = ("claim", "said by", "experiment", "estimate (95 % interval)", "verdict", "again")
        rows = ["<tr>" + "".join(f'<th scope="col" style="text-align:left">{head}</th>' for head in heads) + "</tr>"]
        for claim in self.claims:
            parts = "".join(
                f"<li>{escape(part.when)}: {escape(' '.join(numbers(part).split()))}</li>" for part in claim.parts
            )
            cells = (
                escape(claim.who),
                escape(claim.experiment),
                f'{escape(claim.unit)}<ul style="margin:0;padding-left:1.2em">{parts}</ul>',
                f"<strong>{escape(claim.verdict)}</strong>"
                + ("" if claim.verdict != "holds only when" else ": " + escape("; ".join(claim.conditions))),
                f"<code>{escape(claim.redo)}</code>",
            )
            style = ' style="text-align:left;vertical-align:top"'
            first = f'<th scope="row"{style}>{claim.number}. {escape(claim.text)}</th>'
            rows.append(f"<tr>{first}" + "".join(f"<td{style}>{cell}</td>" for cell in cells) + "</tr>")
        return f"<table><caption>Ten claims on trial</caption>{''.join(rows)}</table>"
