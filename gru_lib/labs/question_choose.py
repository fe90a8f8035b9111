"""Choose: multiple choice, with something to say to every choice."""

import traitlets

from gru_lib.labs.question import Question
from gru_lib.labs.question_text import distinct, html, plain, readable, shuffled


class Choose(Question):
    """Multiple choice: `Choose("What does z = 1 do?", {"keeps": "Yes: ...", "writes": "No: ..."}, right="keeps")`.

    `choices`: {choice: what to say to whoever chose it}, at least two, the right one included. `right`: the right
    choice; or a tuple of choices, and then check boxes take the place of the radio buttons. The choices are shown in
    an order that their text decides, the same on every run. `answer`: the choice, or a tuple of choices.
    Raises TypeError for what is not a string (`choices` no dict), ValueError for an empty text, an explanation
    that is missing, fewer than two choices, two that read the same, and a `right` that is none of them.
    """

    def __init__(self, question, choices, *, right):
        if not isinstance(choices, dict):
            raise TypeError(f"choices must be a dict {{choice: explanation}}, not {choices!r}")
        texts = distinct("choices", "choice", list(choices))
        reasons = {choice: readable(f"the explanation of {choice!r}", why) for choice, why in choices.items()}
        self._several = isinstance(right, tuple)
        self._right = right if self._several else (right,)
        for one in self._right:
            if not isinstance(one, str):
                raise TypeError(f"right must be one of the choices or a tuple of them, not {right!r}")
            if one not in choices:
                raise ValueError(f"right must be among the choices {', '.join(map(repr, choices))}, not {one!r}")
        if not self._right or len(set(self._right)) < len(self._right):
            raise ValueError(f"right must name at least one choice, and each once, not {right!r}")
        self._choices = [
            {"value": choice, "text": texts[choice], "why": reasons[choice], "right": choice in self._right}
            for choice in shuffled(question, choices)
        ]
        super().__init__(question, "choose", several=self._several, choices=self._choices)

    def checked(self, answer):
        chosen = list(answer) if self._several and isinstance(answer, list | tuple) else [answer]
        values = [choice["value"] for choice in self._choices]
        if not chosen or any(one not in values for one in chosen) or len(set(chosen)) < len(chosen):
            wanted = "a tuple of different ones" if self._several else "one"
            raise traitlets.TraitError(f"answer must be {wanted} of {', '.join(map(repr, values))}, not {answer!r}")
        return tuple(sorted(chosen, key=values.index)) if self._several else answer

    def judge(self, answer):
        return set(answer if self._several else (answer,)) == set(self._right)

    def lines(self):
        todo = "choose all that are right" if self._several else "choose one"
        return todo, [f"- {plain(choice['text'])}" for choice in self._choices]

    def body(self):
        def item(choice):
            verdict = "Right." if choice["right"] else "Not right."
            return (
                f"<li><details><summary>{html(choice['text'])}</summary>"
                f"<p><strong>{verdict}</strong> {html(choice['why'])}</p></details></li>"
            )

        return f"<ul>{''.join(map(item, self._choices))}</ul>"
