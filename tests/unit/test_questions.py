"""Questions without a browser: what they take and refuse, how they judge, and what they leave on a page."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from gru_lib.labs import Choose, Order, Predict, question_text
from gru_lib.labs.question_text import TAGS, html, parse, plain, shuffled

PROPERTY = {"max_examples": 200, "deadline": None, "derandomize": True, "database": None}
GATES = {
    "keeps the old state": "h<sub>t</sub> = z ⊙ h<sub>t-1</sub> + ...",
    "writes the candidate": "That is 1 - z.",
    "clears the state": "No gate does that alone.",
}
STEPS = ["the input arrives", ("z", "r"), "the candidate", "the state"]


def choose(right="keeps the old state", choices=GATES, question="What does a large z do?"):
    return Choose(question, choices, right=right)


def order(items=STEPS, wrong=None):
    return Order("In which order?", items, "Each needs what stands before it.", wrong=wrong)


def predict(answer=0.88, tolerance=0.02, **settings):
    return Predict("How large is z?", answer, "σ(2) ≈ 0.88.", tolerance=tolerance, **settings)


# Judging


def test_one_right_choice():
    asked = choose()
    assert (asked.answer, asked.is_right) == (None, None)
    asked.answer = "writes the candidate"
    assert asked.is_right is False
    asked.answer = "keeps the old state"
    assert asked.is_right is True
    asked.answer = None
    assert asked.is_right is None


def test_several_right_choices():
    both = ("keeps the old state", "writes the candidate")
    asked = choose(right=both)
    for answer, right in (
        (both, True),
        (both[::-1], True),
        (list(both), True),
        (both[:1], False),
        (tuple(GATES), False),
    ):
        asked.answer = answer
        assert asked.is_right is right
        assert isinstance(asked.answer, tuple)
        assert set(asked.answer) == set(answer)
    assert choose(right=("clears the state",))._spec["several"] is True


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (["the input arrives", "z", "r", "the candidate", "the state"], True),
        (["the input arrives", "r", "z", "the candidate", "the state"], True),
        (["z", "the input arrives", "r", "the candidate", "the state"], False),
        (["the input arrives", "z", "r", "the state", "the candidate"], False),
        (["the state", "the candidate", "r", "z", "the input arrives"], False),
    ],
)
def test_order_is_judged_with_items_that_may_be_swapped(answer, right):
    asked = order()
    asked.answer = answer
    assert asked.is_right is right
    assert asked.answer == tuple(answer)


@pytest.mark.parametrize(
    ("answer", "right"),
    [(0.88, True), (0.9, True), (0.86, True), (0.901, False), (0.859, False), (-0.88, False), (1, False)],
)
def test_a_number_counts_up_to_the_tolerance_itself(answer, right):
    """0.9 - 0.88 is 0.020000000000000018 in floating point, and yet 0.02 away."""
    asked = predict()
    asked.answer = answer
    assert asked.is_right is right


def test_a_whole_number_can_be_asked_for_exactly():
    asked = predict(165, 0)
    for answer, right in ((165, True), (165.0, True), (164, False), (165.001, False)):
        asked.answer = answer
        assert asked.is_right is right


def test_a_sentence_is_for_the_learner_to_judge():
    asked = Predict("What happens to h?", "It stays.", "z = 1 keeps it.")
    asked.answer = "It stays as it is."
    assert asked.is_right is None
    assert asked.answer == "It stays as it is."


def test_a_teacher_can_count():
    asked, seen = choose(), []
    asked.observe(lambda change: seen.append(change["new"]), "is_right")
    for answer in ("clears the state", "writes the candidate", "keeps the old state"):
        asked.answer = answer
    assert seen == [False, True]


def test_is_right_cannot_be_set():
    with pytest.raises(TraitError, match="is_right"):
        choose().is_right = True


@pytest.mark.parametrize(
    ("asked", "answer", "sentence"),
    [
        (choose(), "nothing", "answer must be one of 'clears the state'"),
        (choose(), ("keeps the old state",), "answer must be one of"),
        (choose(right=("clears the state",)), "keep", "a tuple of different ones of"),
        (choose(right=("clears the state",)), (), "a tuple of different ones of"),
        (choose(right=("clears the state",)), ("clears the state",) * 2, "a tuple of different ones of"),
        (order(), ["z", "r"], "answer must hold each of 'the input arrives', 'z', 'r'"),
        (order(), "z", "answer must hold each of"),
        (predict(), "0.9", "answer must be a finite number, not '0.9'"),
        (predict(), float("nan"), "answer must be a finite number, not nan"),
        (predict(), True, "answer must be a finite number, not True"),
        (Predict("?", "It stays.", "So."), " ", "answer must be a sentence, not ' '"),
        (Predict("?", "It stays.", "So."), 1.0, "answer must be a sentence, not 1.0"),
    ],
)
def test_an_answer_that_cannot_be_one_is_refused(asked, answer, sentence):
    with pytest.raises(TraitError, match=re.escape(sentence)):
        asked.answer = answer
    assert (asked.answer, asked.is_right) == (None, None)


# What is refused


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: choose(right="keep"), ValueError, "right must be among the choices 'keeps the old state', "),
        (lambda: choose(right=0), TypeError, "right must be one of the choices or a tuple of them, not 0"),
        (lambda: choose(right=["clears the state"]), TypeError, "right must be one of the choices or a tuple of them"),
        (lambda: choose(right=()), ValueError, "right must name at least one choice, and each once, not ()"),
        (lambda: choose(right=("clears the state",) * 2), ValueError, "right must name at least one choice, and each"),
        (lambda: choose(choices=["a", "b"]), TypeError, "choices must be a dict {choice: explanation}, not ['a', 'b']"),
        (lambda: choose("a", {"a": "Yes."}), ValueError, "choices must be at least two, not 1"),
        (lambda: choose("a", {"a": "Yes.", 2: "No."}), TypeError, "each choice must be a string, not 2"),
        (lambda: choose("a", {"a": "Yes.", " ": "No."}), ValueError, "each choice must say something"),
        (lambda: choose("a", {"a": "Yes.", "b": ""}), ValueError, "the explanation of 'b' must say something"),
        (lambda: choose("a", {"a": "Yes.", "b": "<em></em>"}), ValueError, "the explanation of 'b' must say something"),
        (lambda: choose("a", {"a": "Yes.", "b": None}), TypeError, "the explanation of 'b' must be a string, not None"),
        (lambda: choose("a", {"a": ".", " a": "."}), ValueError, "choices must differ, but 'a' and ' a' read the same"),
        (lambda: choose("a", {"a": ".", "<em>a</em>": "."}), ValueError, "'a' and '<em>a</em>' read the same"),
        (lambda: choose(question=""), ValueError, "question must say something, but it is empty: ''"),
        (lambda: choose(question=3), TypeError, "question must be a string, not 3"),
        (lambda: order("abc"), TypeError, "items must be a list of strings in the right order, not 'abc'"),
        (lambda: order(("a", "b")), TypeError, "items must be a list of strings in the right order, not ('a', 'b')"),
        (lambda: order(["a"]), ValueError, "items must be at least two, not 1"),
        (lambda: order(["a", 2]), TypeError, "each item must be a string, not 2"),
        (lambda: order(["a", ("b", "a")]), ValueError, "items must differ, but 'a' and 'a' read the same"),
        (lambda: order([("a", "b")]), ValueError, "items must have a right order, but all of them may stand in any"),
        (lambda: Order("?", ["a", "b"], ""), ValueError, "explanation must say something"),
        (lambda: Order("?", ["a", "b"], None), TypeError, "explanation must be a string, not None"),
        (lambda: order(wrong=["z"]), TypeError, "wrong must be a dict {wrong answer: explanation}, not ['z']"),
        (lambda: order(wrong={"zr": "No."}), TypeError, "a key of wrong must be a pair of items (before, after)"),
        (lambda: order(wrong={("z", "h"): "No."}), ValueError, "wrong must hold items 'the input arrives', 'z', "),
        (lambda: order(wrong={("z", "r"): "No."}), ValueError, "wrong holds ('z', 'r'), but 'z' before 'r' is right"),
        (lambda: order(wrong={("z", "the state"): "No."}), ValueError, "but 'z' before 'the state' is right"),
        (lambda: order(wrong={("the state", "z"): ""}), ValueError, "the explanation of ('the state', 'z') must say"),
        (lambda: predict(True), TypeError, "answer must be a number, not True"),
        (lambda: predict(None), TypeError, "answer must be a number, not None"),
        (lambda: predict(float("inf")), ValueError, "answer must be finite, not inf"),
        (lambda: predict(tolerance=None), ValueError, "tolerance is needed where the answer is a number"),
        (lambda: predict(tolerance=-1), ValueError, "tolerance must be 0 or above, not -1"),
        (lambda: predict(tolerance="0"), TypeError, "tolerance must be a number, not '0'"),
        (lambda: predict(unit=1), TypeError, "unit must be a string, not 1"),
        (lambda: predict(between=(0, 1)), TypeError, "between must be a triple (low, high, step), not (0, 1)"),
        (lambda: predict(between=(1, 0, 0.1)), ValueError, "between must be (low, high, step) with low < high"),
        (lambda: predict(between=(0, 1, 0)), ValueError, "between must be (low, high, step) with low < high"),
        (lambda: predict(between=(0, 0.8, 0.1)), ValueError, "stops nowhere within 0.02 of 0.88"),
        (lambda: predict(between=(0, 1, 0.25)), ValueError, "stops nowhere within 0.02 of 0.88"),
        (lambda: predict(wrong={0.89: "No."}), ValueError, "wrong holds 0.89, but that is right: within 0.02 of 0.88"),
        (lambda: predict(wrong={"0.12": "No."}), TypeError, "a key of wrong must be a number, not '0.12'"),
        (lambda: predict(wrong={0.12: ""}), ValueError, "the explanation of 0.12 must say something"),
        (lambda: predict("It stays."), ValueError, "are for numbers, but the answer is a sentence"),
        (lambda: predict("It stays.", None, unit="s"), ValueError, "are for numbers, but the answer is a sentence"),
        (lambda: predict(" ", None), ValueError, "answer must say something"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(make, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)) as refused:
        make()
    assert type(refused.value) is error


def test_a_slider_that_stops_at_the_answer_is_taken():
    for between in ((0, 1, 0.05), (0, 0.9, 0.3), (-1, 1, 0.01), (0.88, 5, 1)):
        assert predict(between=between)._spec["between"] == list(between)


# The order in which choices and items are shown

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
WORD = st.text("abcdefgh ", min_size=1, max_size=8).map(lambda word: f"x{word}".strip())


@settings(**PROPERTY | {"max_examples": 60})
@given(st.lists(WORD, min_size=2, max_size=7, unique=True), WORD, st.randoms(use_true_random=False))
def test_items_are_shown_in_one_order_that_is_never_the_right_one(items, question, random):
    made = Order(question, items, "So.")
    shown = [item["value"] for item in made._spec["items"]]
    assert sorted(shown) == sorted(items)
    assert shown != items
    made.answer = shown
    assert made.is_right is False
    made.answer = items
    assert made.is_right is True
    again = random.sample(items, len(items))
    assert shuffled(question, again) == shuffled(question, items)


def test_the_order_is_the_same_in_every_process():
    """A notebook that is run again stays the same file; Python's own hash of a text differs from run to run."""
    code = f"import runpy; print(*runpy.run_path({question_text.__file__!r})['shuffled']('Which?', 'abcdefgh'), sep='')"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": n}
        )
        for n in "12"
    ]
    assert {run.stdout.strip() for run in runs} == {"".join(shuffled("Which?", "abcdefgh"))}
    assert shuffled("Which?", "abcdefgh") != shuffled("Why?", "abcdefgh")


def test_the_right_choice_has_no_place_of_its_own():
    """Over many questions every place holds it about as often as every other: 400 of 4 places, 100 +- 5 sigma (43)."""
    places = [shuffled(f"Question {i}", ["right", "b", "c", "d"]).index("right") for i in range(400)]
    assert all(57 <= places.count(place) <= 143 for place in range(4))


# Text that looks like markup


class Reader(HTMLParser):
    """What a browser makes of HTML: its text, and the tags with their attributes."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.opened = "", [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))
        self.opened.append(tag)

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag

    def handle_data(self, data):
        self.text += data


BITS = [f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]
BITS += ["<script>alert(1)</script>", "<img src=x onerror=y>", "<em class='a'>", "<EM>", "&lt;em&gt;", "&amp;", "&#60;"]
BITS += ["<", ">", '"', "'", "</", "<!--", "]]>", "]", "a < b", "h<sub>t-1</sub>", "x", " "]
MARKUP = st.lists(st.sampled_from(BITS) | TEXT, max_size=12).map("".join)


@settings(**PROPERTY)
@given(MARKUP)
def test_only_four_tags_are_markup_and_all_else_is_text(text):
    found = Reader(html(parse(text)))
    assert found.opened == []
    assert {tag for tag, _ in found.tags} <= set(TAGS)
    assert not any(attributes for _, attributes in found.tags)
    # What is read is what was written, less the tags that have become markup.
    pairs = len(found.tags)
    pieces = re.split(r"(</?(?:em|code|sub|sup)>)", text)
    assert found.text.count("<") + found.text.count(">") == text.count("<") + text.count(">") - 4 * pairs
    assert re.sub(r"</?(?:em|code|sub|sup)>", "", found.text) == "".join(pieces[::2])


@pytest.mark.parametrize(
    ("text", "written", "read"),
    [
        ("h<sub>t</sub> = z", "h<sub>t</sub> = z", "h_t = z"),
        ("h<sub>t-1</sub>", "h<sub>t-1</sub>", "h_(t-1)"),
        ("2<sup>n</sup>", "2<sup>n</sup>", "2^n"),
        ("<em>W<sub>z</sub></em>", "<em>W<sub>z</sub></em>", "W_z"),
        ("<code>z < 1 & r</code>", "<code>z &lt; 1 &amp; r</code>", "z < 1 & r"),
        ("<em>open", "&lt;em&gt;open", "<em>open"),
        ("shut</em>", "shut&lt;/em&gt;", "shut</em>"),
        ("<em><sub>a</em></sub>", "&lt;em&gt;<sub>a&lt;/em&gt;</sub>", "<em>_(a</em>)"),
        ("<em onclick='x'>a</em>", "&lt;em onclick=&#x27;x&#x27;&gt;a&lt;/em&gt;", "<em onclick='x'>a</em>"),
        ("<b>a</b>", "&lt;b&gt;a&lt;/b&gt;", "<b>a</b>"),
    ],
)
def test_markup_by_example(text, written, read):
    assert html(parse(text)) == written
    assert plain(parse(text)) == read


FRAME = {"div", "p", "strong", "ul", "ol", "li", "details", "summary"}


@settings(**PROPERTY | {"max_examples": 40})
@given(st.lists(MARKUP.map(lambda text: f"x{text}"), min_size=8, max_size=8))
def test_no_text_of_a_question_becomes_markup_on_the_page(texts):
    question, why, other, unit, *items = [f"{i}{text}" for i, text in enumerate(texts)]
    questions = [
        Choose(question, {items[0]: why, items[1]: other, items[2]: why}, right=items[1]),
        Order(question, items, why, wrong={(items[1], items[0]): other}),
        Predict(question, 0.5, why, tolerance=0.1, unit=unit, wrong={2: other}),
        Predict(question, items[0], why),
    ]
    for made in questions:
        found = Reader(made._repr_mimebundle_()[0]["text/html"])
        assert found.opened == []
        assert {tag for tag, _ in found.tags} <= FRAME | set(TAGS)
        assert not any(attributes for _, attributes in found.tags)
        for text in (question, why) if isinstance(made, Predict) else (question, why, other, *items[:3]):
            assert Reader(html(parse(text))).text in found.text


# What stands on the page


def test_what_a_page_without_widgets_shows():
    data, _ = choose()._repr_mimebundle_()
    assert data["text/plain"] == repr(choose())
    assert data["text/plain"].splitlines()[0] == "Question (choose one): What does a large z do?"
    assert sorted(data["text/plain"].splitlines()[1:]) == sorted(f"- {choice}" for choice in GATES)
    assert "application/vnd.jupyter.widget-view+json" in data
    items = re.findall(r"<li><details><summary>(.*?)</summary><p><strong>(.*?)</strong> (.*?)</p>", data["text/html"])
    assert {choice: why for choice, _, why in items} == GATES
    assert {choice for choice, verdict, _ in items if verdict == "Right."} == {"keeps the old state"}
    assert {verdict for _, verdict, _ in items} == {"Right.", "Not right."}


def test_the_answer_is_folded_away():
    cases = [
        (order(wrong={("the state", "z"): "z is in its formula."}), ["Each needs", "z is in its formula.", "<ol>"]),
        (
            predict(wrong={0.12: "That is 1 - z."}),
            ["<p>The answer: 0.88 (right: up to 0.02 away)</p><p>σ(2) ≈ 0.88.</p>", "That is 1 - z."],
        ),
        (Predict("And h?", "It stays.", "z keeps."), ["It stays.", "z keeps."]),
    ]
    for made, hidden in cases:
        data, _ = made._repr_mimebundle_()
        open_, folded = data["text/html"].split("<details>")
        for text in hidden:
            assert text in folded
            assert text not in open_
            assert text not in data["text/plain"]
    assert "<ol><li>the input arrives</li><li>" in order().html()
    assert re.search(
        r"<li>(z; r|r; z) \(in either order\)</li><li>the candidate</li><li>the state</li></ol>", order().html()
    )


def test_text_plain_is_no_lab():
    """A rule of the notebooks asks for a prediction before each lab; a question is one."""
    for made in (choose(), order(), predict(), choose(right=("clears the state",)), Predict("?", "It stays.", "So.")):
        assert repr(made).startswith("Question (")
        assert not re.match(r"\w+Lab:", repr(made))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (165, "165"),
        (12345678, "12345678"),
        (-0.5, "−0.5"),
        (0.8807970779778823, "0.880797"),
        (1e-7, "1e−07"),
        (3.0, "3"),
    ],
)
def test_numbers_are_written_short(value, written):
    assert f"<p>The answer: {written}</p>" in Predict("?", value, "So.", tolerance=0).html()


def test_an_answer_leaves_what_is_stored_as_it_was():
    made = choose()
    before = {kind: made._repr_mimebundle_()[0][kind] for kind in ("text/plain", "text/html")}
    made.answer = "clears the state"
    assert {kind: made._repr_mimebundle_()[0][kind] for kind in before} == before


def test_two_questions_share_nothing():
    one, two = choose(), choose()
    one.answer = "clears the state"
    assert (two.answer, two.is_right) == (None, None)
