"""Order: steps or words to put in order, with something to say to misplaced pairs."""

import traitlets

from gru_lib.labs.question import Question
from gru_lib.labs.question_text import distinct, html, parse, plain, readable, shuffled, wrong_answers


class Order(Question):
    """Put in order: `Order("What comes first?", ["the gates", "the candidate", "the state"], "Each needs ...")`.

    `items`: at least two, in the right order; a tuple among them holds items that may stand in either order.
    `explanation`: why this order. `wrong`: {(a, b): what to say to whoever put a before b}. The items are shown in
    an order that their text decides, never the right one. `answer`: a tuple of all items.
    Raises TypeError for what is not a string or not a pair, ValueError for an empty text, fewer than two items, two
    that read the same, items that all may be swapped, and a pair in `wrong` that is right or holds no items.
    """

    def __init__(self, question, items, explanation, *, wrong=None):
        if not isinstance(items, list):
            raise TypeError(f"items must be a list of strings in the right order, not {items!r}")
        groups = [item if isinstance(item, tuple) else (item,) for item in items]
        texts = distinct("items", "item", [item for group in groups for item in group])
        self._ranks = {item: rank for rank, group in enumerate(groups) for item in group}
        if len(set(self._ranks.values())) < 2:
            raise ValueError("items must have a right order, but all of them may stand in any")
        self._why = readable("explanation", explanation)
        self._wrong = [self._misplaced(pair, why) for pair, why in wrong_answers(wrong).items()]
        self._items = [
            {"value": item, "text": texts[item], "rank": self._ranks[item]} for item in shuffled(question, texts)
        ]
        if self.judge([item["value"] for item in self._items]):
            self._items.reverse()
        super().__init__(question, "order", items=self._items, why=self._why, wrong=self._wrong)

    def _misplaced(self, pair, why):
        if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(item, str) for item in pair):
            raise TypeError(f"a key of wrong must be a pair of items (before, after), not {pair!r}")
        for item in pair:
            if item not in self._ranks:
                raise ValueError(f"wrong must hold items {', '.join(map(repr, self._ranks))}, not {item!r}")
        if self._ranks[pair[0]] <= self._ranks[pair[1]]:
            raise ValueError(f"wrong holds {pair!r}, but {pair[0]!r} before {pair[1]!r} is right")
        return {"pair": list(pair), "why": readable(f"the explanation of {pair!r}", why)}

    def checked(self, answer):
        if not isinstance(answer, list | tuple) or sorted(map(repr, answer)) != sorted(map(repr, self._ranks)):
            raise traitlets.TraitError(f"answer must hold each of {', '.join(map(repr, self._ranks))}, not {answer!r}")
        return tuple(answer)

    def judge(self, answer):
        ranks = [self._ranks[item] for item in answer]
        return ranks == sorted(ranks)

    def lines(self):
        return "put in order", [f"- {plain(item['text'])}" for item in self._items]

    def body(self):
        shown = "".join(f"<li>{html(item['text'])}</li>" for item in self._items)
        groups = {}
        for item in sorted(self._items, key=lambda item: item["rank"]):
            groups.setdefault(item["rank"], []).append(html(item["text"]))
        right = "".join(
            f"<li>{'; '.join(group)}{' (in either order)' if len(group) > 1 else ''}</li>" for group in groups.values()
        )
        reasons = "".join(
            f"<p>{' before '.join(html(parse(item)) for item in one['pair'])}: <strong>not right.</strong> "
            f"{html(one['why'])}</p>"
            for one in self._wrong
        )
        folded = f"<summary>The right order, and why</summary><ol>{right}</ol><p>{html(self._why)}</p>{reasons}"
        return f"<p>Put in order:</p><ul>{shown}</ul><details>{folded}</details>"
