"""What the small questions between the sections of a lesson share: Choose, Order and Predict have a module each.

Every text may hold <em>, <code>, <sub> and <sup>, closed and without attributes; everything else is shown as it was
written. Equations are not typeset: write h<sub>t</sub>, or Unicode such as σ, ⊙ or −. <em> is for symbols, whose
slanted serif it has, and not for words.
"""

import anywidget
import traitlets

from gru_lib.labs.base import join_modules, read
from gru_lib.labs.question_text import html, plain, readable


class Question(anywidget.AnyWidget):
    """What every question shares. It is answered in the browser; no kernel is needed once it is on the page.

    `answer`: the last answer given, None before the first; what it is, each kind says. It can be set, too.
    `is_right`: whether that answer is right; None before the first, and where only the learner can judge.
    Both are traits: `question.observe(counted, "is_right")` calls `counted` at every change.
    A subclass sets `_spec`, what the browser needs to know, and writes `checked`, `judge`, `lines` and `body`.
    """

    _esm = join_modules("controls.js", "question.js")
    _css = read("labs.css").replace(".gru-lab", ".gru-question") + read("question.css")
    _spec = traitlets.Dict().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)
    is_right = traitlets.Bool(None, allow_none=True, read_only=True)

    def __init__(self, question, kind, **spec):
        self._question = readable("question", question)
        super().__init__(_spec={"kind": kind, "question": self._question, **spec})

    def checked(self, answer):
        """An answer in the form in which `answer` holds it. Raises TraitError if it cannot be one."""
        raise NotImplementedError

    def judge(self, answer):
        """Whether a checked answer is right; None if only the learner can judge."""
        raise NotImplementedError

    def lines(self):
        """What to do, and the lines of plain text below the question."""
        raise NotImplementedError

    def body(self):
        """HTML for what stands below the question where no widget can: answers and reasons, folded away."""
        raise NotImplementedError

    @traitlets.validate("answer")
    def _check_answer(self, proposal):
        return None if proposal["value"] is None else self.checked(proposal["value"])

    @traitlets.observe("answer")
    def _judge_answer(self, change):
        self.set_trait("is_right", None if self.answer is None else self.judge(self.answer))

    def html(self):
        """The question, and folded away its answers with their reasons, as HTML; the same text on every run."""
        return f"<div><p><strong>Question.</strong> {html(self._question)}</p>{self.body()}</div>"

    def __repr__(self):
        todo, lines = self.lines()
        return "\n".join([f"Question ({todo}): {plain(self._question)}", *lines])

    def _repr_mimebundle_(self, **options):
        shown = super()._repr_mimebundle_(**options)
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return data | {"text/plain": repr(self), "text/html": self.html()}, metadata
