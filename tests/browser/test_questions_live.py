"""Questions in a real JupyterLab and in an exported page: by keyboard and by mouse, with and without a kernel.

SCREENSHOTS=folder keeps a picture of every question in both themes and at every size.
"""

import os
import sys
from pathlib import Path

import nbformat
import pytest
from harness import set_theme, write_notebook
from lab_page import contrast, execute, python, shut_down_kernel
from test_zoom import COVERED, SIDEWAYS, SIZES, TEXTS

sys.path.insert(0, str(Path(__file__).parents[1] / "notebooks"))
import export

CODE = """from gru_lib.labs import Choose, Order, Predict
def choose(**more):
    return Choose("What does an update gate <em>z</em> near 1 do to a unit's state?", {
        "It keeps it: h<sub>t</sub> is about h<sub>t-1</sub>": "z is the weight of the old state.",
        "It writes the candidate over it": "That is what 1 - z does.",
        "It hides it from the candidate": "That is the <em>reset</em> gate, at 0: r < 1 & <b>z</b>.",
    }, **({"right": "It keeps it: h<sub>t</sub> is about h<sub>t-1</sub>"} | more))
asked = {
    "one": choose(),
    "other": choose(),
    "several": Choose("Which of these see <code>h_prev</code>?", {
        "the update gate": "Through U<sub>z</sub>.",
        "the reset gate": "Through U<sub>r</sub>.",
        "the bias b<sub>z</sub>": "A bias is a constant.",
    }, right=("the update gate", "the reset gate")),
    "order": Order("In which order are these computed?", [
        ("z", "r"), "the candidate", "h<sub>t</sub>, the new state",
    ], "The candidate needs r, the state needs z and the candidate.", wrong={
        ("the candidate", "r"): "r stands in the candidate's formula.",
        ("h<sub>t</sub>, the new state", "z"): "z says how much of the old state is kept.",
    }),
    "number": Predict("b<sub>z</sub> = 2, all else 0. How large is z?", 0.88, "σ(2) ≈ 0.88.", tolerance=0.02, wrong={
        0.12: "That is 1 - z, the other convention.",
    }),
    "slider": Predict("z = 0.9. After how many steps is half of the state gone?", 6.6, "ln 0.5 / ln 0.9 ≈ 6.6.",
        tolerance=1, between=(0, 40, 1), unit="steps"),
    "sentence": Predict("Why can |h| not grow beyond 1?", "An average of two numbers lies between them",
        "h<sub>t</sub> is one, of h<sub>t-1</sub> and the candidate."),
}
"""
SHOW = "from IPython.display import display\ndisplay(*asked.values())"
MADE = {}
exec(CODE, MADE)
NAMES = list(MADE["asked"])
KEEPS, WRITES, HIDES = ("It keeps it", "It writes the candidate", "It hides it")
AXE = """([one]) => axe.run(one, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`)))"""
# Every visible piece of text, also one beside a tag, with its colour and the colour of the ground it stands on.
COLOURS = """form => {
    const ground = e => {
        const colour = getComputedStyle(e).backgroundColor;
        return /, 0\\)$/.test(colour) ? ground(e.parentElement) : colour;
    };
    const texts = document.createTreeWalker(form, NodeFilter.SHOW_TEXT), found = [];
    while (texts.nextNode()) {
        const text = texts.currentNode.data.trim(), e = texts.currentNode.parentElement;
        if (text && e.getClientRects().length) found.push([text, getComputedStyle(e).color, ground(e)]);
    }
    return found;
}"""
FOCUS = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return write_notebook(tmp_path_factory.mktemp("questions") / "questions.ipynb", f"# Title\n{CODE}", SHOW)


@pytest.fixture(scope="module")
def opened(server, browser, notebook):
    """One page for the tests of this module; in the last ones its kernel is shut down."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(90_000)
    page = server.open(context, notebook)
    page.wait_for_function(f"() => document.querySelectorAll('.gru-question fieldset').length === {len(NAMES)}")
    yield page
    context.close()


@pytest.fixture
def page(opened):
    """The page with every question unanswered; a test must leave it without a problem."""
    opened.set_viewport_size({"width": 1400, "height": 1000})
    given = {name: answers[0] for name, answers in ANSWERS.items()} | {"other": ANSWERS["one"][0]}
    # Each step is seen on the page before the next: nothing is on its way any more when the test begins.
    for answers, shown in ((dict.fromkeys(given), 0), (given, len(NAMES)), (dict.fromkeys(given), 0)):
        execute(opened, f"for name, answer in {answers!r}.items(): asked[name].answer = answer")
        opened.wait_for_function(f"() => document.querySelectorAll('.gq-says[data-right]').length === {shown}")
    for one in opened.locator(".gru-question").all():
        one.evaluate("form => form.reset()")
    yield opened
    problems = list(opened.problems)
    opened.problems.clear()
    assert not problems, "\n".join(problems)


def question(page, name):
    return page.locator(".gru-question").nth(NAMES.index(name))


def verdict(one):
    """What is said to the answer, where a screen reader hears it."""
    return one.locator('.gq-says[aria-live="polite"]').inner_text()


def in_python(page, name, ending):
    """Wait until the answer and its verdict, as the kernel has them, end so."""
    for _ in range(100):
        if (found := python(page, f"(asked[{name!r}].answer, asked[{name!r}].is_right)")).endswith(ending):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the kernel has {found}, not {ending}")


def items(one):
    return one.locator("fieldset ol > li span").all_inner_texts()


# Each kind, by keyboard and by mouse


def test_choose_by_keyboard(page):
    one = question(page, "one")
    shown = MADE["asked"]["one"]._spec["choices"]
    values = [choice["value"] for choice in shown]
    one.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    for _ in range(next(i for i, value in enumerate(values) if value.startswith(WRITES))):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert verdict(one).startswith("Not yet.")
    assert "That is what 1 - z does." in verdict(one)
    assert "weight of the old state" not in verdict(one)
    focused = "() => document.activeElement.checked && document.activeElement.closest('.gru-question') !== null"
    assert page.evaluate(focused)
    in_python(page, "one", "('It writes the candidate over it', False)")
    page.keyboard.press("ArrowDown" if values[0].startswith(KEEPS) else "ArrowUp")
    for _ in values:
        if not one.get_by_label(KEEPS).is_checked():
            page.keyboard.press("ArrowDown")
    assert verdict(one).startswith("Not yet.")  # until it is answered again
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS) == "Answer"
    page.keyboard.press("Space")
    assert verdict(one).startswith("Right.")
    assert "weight of the old state" in verdict(one)
    assert page.evaluate(FOCUS) == "Answer"
    in_python(page, "one", "True)")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    explained = one.locator("details li").all_inner_texts()
    assert len(explained) == 3
    assert any("That is the reset gate, at 0: r < 1 & <b>z</b>." in text for text in explained)
    assert one.locator("b, script").count() == 0
    assert one.locator("legend em").inner_text() == "z"


def test_two_of_the_same_question_share_nothing(page):
    one, other = question(page, "one"), question(page, "other")
    one.get_by_label(KEEPS).check()
    other.get_by_label(HIDES).check()
    assert one.get_by_label(KEEPS).is_checked()
    assert other.get_by_role("radio", checked=True).count() == 1
    one.get_by_role("button", name="Answer").click()
    assert verdict(one).startswith("Right.")
    assert verdict(other) == ""
    in_python(page, "other", "(None, None)")
    ids = page.locator(".gru-question [id]").evaluate_all("all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))
    owners = "all => all.every(l => l.control && l.control.closest('.gru-question') === l.closest('.gru-question'))"
    assert page.locator(".gru-question label").evaluate_all(owners)


def test_choose_several_by_mouse(page):
    one = question(page, "several")
    answer = one.get_by_role("button", name="Answer")
    answer.click()
    assert verdict(one) == "Tick at least one choice first."
    assert not one.locator("details").is_visible()
    in_python(page, "several", "(None, None)")
    one.locator("label", has_text="the update gate").click()
    one.locator("label", has_text="the bias b").click()
    answer.click()
    assert verdict(one).startswith("Not yet. You had 1 of the 2 that are right.")
    assert "the update gate: right.\nThrough Uz." in verdict(one)
    assert "the bias bz: not right.\nA bias is a constant." in verdict(one)
    assert "Through Ur." not in verdict(one)
    in_python(page, "several", "False)")
    one.get_by_label("the reset gate").check()
    answer.click()
    assert verdict(one).startswith("Not yet.")
    assert "You had" not in verdict(one)
    one.get_by_label("the bias b").uncheck()
    answer.click()
    assert verdict(one).startswith("Right.")
    in_python(page, "several", "True)")


def test_order_by_keyboard_keeps_the_focus(page):
    one = question(page, "order")
    start = items(one)
    wanted = ["r", "z", "the candidate", "ht, the new state"]
    assert sorted(start) == sorted(wanted)
    for place, text in enumerate(wanted):
        up = one.get_by_role("button", name=f"Up: {text}", exact=True)
        up.focus()
        for _ in range(items(one).index(text) - place):
            before = items(one).index(text)
            page.keyboard.press("ArrowUp")
            assert items(one).index(text) == before - 1
            assert page.evaluate(FOCUS) == f"Up: {text}"
            assert one.locator('.gq-unseen[aria-live="polite"]').inner_text() == f"{text}: now {before} of 4"
    assert items(one) == wanted
    one.get_by_role("button", name="Up: r", exact=True).focus()
    page.keyboard.press("Enter")
    assert items(one) == wanted
    assert page.evaluate(FOCUS) == "Up: r"
    assert one.locator('.gq-unseen[aria-live="polite"]').inner_text() == "r: still 1 of 4"
    assert one.get_by_role("button", name="Up: r", exact=True).get_attribute("aria-disabled") == "true"
    page.keyboard.press("ArrowDown")
    assert items(one)[:2] == ["z", "r"]
    one.get_by_role("button", name="Answer").focus()
    page.keyboard.press("Enter")
    assert verdict(one).startswith("Right. The candidate needs r")
    assert not one.locator("details").is_visible()
    in_python(page, "order", "'the candidate', 'h<sub>t</sub>, the new state'), True)")


def test_order_by_mouse_says_what_is_misplaced(page):
    one = question(page, "order")
    target = ["ht, the new state", "the candidate", "z", "r"]
    for place, text in enumerate(target):
        for _ in range(items(one).index(text) - place):
            one.get_by_role("button", name=f"Up: {text}", exact=True).click()
    one.get_by_role("button", name=f"Down: {target[0]}", exact=True).click()
    one.get_by_role("button", name=f"Up: {target[0]}", exact=True).click()
    assert items(one) == target
    one.get_by_role("button", name="Answer").click()
    assert verdict(one).startswith("Not yet. None of them stood in the right place.")
    assert "r stands in the candidate's formula." in verdict(one)
    assert "z says how much of the old state is kept." in verdict(one)
    one.get_by_role("button", name="Down: the candidate", exact=True).click()
    one.get_by_role("button", name="Down: the candidate", exact=True).click()
    one.get_by_role("button", name="Answer").click()
    assert "r stands" not in verdict(one)
    assert "z says how" in verdict(one)
    one.get_by_text("Reveal the order").click()
    first = one.locator("details li").first.inner_text()
    assert first in ("z; r (in either order)", "r; z (in either order)")


def test_predict_a_number(page):
    one = question(page, "number")
    field = one.get_by_role("spinbutton", name="Your prediction")
    field.focus()
    page.keyboard.press("Enter")
    assert verdict(one) == "Type a number first."
    assert not one.locator("details").is_visible()
    page.keyboard.type("0.5")
    page.keyboard.press("Enter")
    assert verdict(one) == "Not yet. You said 0.5: too low."
    assert field.evaluate("field => field === document.activeElement")
    in_python(page, "number", "(0.5, False)")
    assert one.locator("details").is_visible()
    field.fill("0.13")
    page.keyboard.press("Enter")
    assert verdict(one).splitlines() == [
        "Not yet. You said 0.13: too low.",
        "",
        "That is 1 - z, the other convention.",
    ]
    field.fill("-1")
    one.get_by_role("button", name="Answer").click()
    assert "You said −1: too low." in verdict(one)
    one.get_by_text("Reveal the answer").click()
    assert "σ(2) ≈ 0.88." in one.locator("details").inner_text()
    field.fill("0.9")
    page.keyboard.press("Enter")
    assert verdict(one).startswith("Right. You said 0.9: 0.02 too high.")
    assert "σ(2) ≈ 0.88." in verdict(one)
    field.fill("0.88")
    page.keyboard.press("Enter")
    assert "exactly that." in verdict(one)


def test_predict_on_a_slider(page):
    one = question(page, "slider")
    slider = one.get_by_role("slider", name="Your prediction")
    slider.focus()
    page.keyboard.press("Enter")
    assert verdict(one) == "Move the slider first."
    for key in ("Home", "ArrowLeft"):  # where it stands may be meant
        page.keyboard.press(key)
        assert one.locator("output").inner_text() == "0 steps"
        in_python(page, "slider", "(None, None)")
        page.keyboard.press("Enter")
        assert verdict(one) == "Not yet. You said 0: too low."
        execute(page, 'asked["slider"].answer = None')
        assert one.locator("output").inner_text() == "?"
        slider.focus()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    assert one.locator("output").inner_text() == "0 steps"
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert one.locator("output").inner_text() == "20 steps"
    assert slider.get_attribute("aria-valuetext") == "20 steps"
    page.keyboard.press("Enter")
    assert verdict(one) == "Not yet. You said 20: too high."
    for _ in range(13):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert verdict(one).startswith("Right. You said 7: 0.4 steps too high.")
    in_python(page, "slider", "(7.0, True)")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    assert one.locator("output").inner_text() == "40 steps"


def test_predict_a_sentence(page):
    one = question(page, "sentence")
    field = one.get_by_role("textbox", name="Your prediction")
    answer = one.get_by_role("button", name="Answer")
    field.fill("   ")
    answer.click()
    assert verdict(one) == "Write a sentence first."
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("because of <b>tanh</b>")
    page.keyboard.press("Shift+Enter")  # a new line, not JupyterLab's "run this cell"
    page.keyboard.type("j k dd")
    answer.click()
    assert verdict(one).startswith("Compare. You wrote: because of <b>tanh</b>")
    assert "The answer: An average of two numbers lies between them\n\nht is one" in verdict(one)
    in_python(page, "sentence", r"('because of <b>tanh</b>\nj k dd', None)")
    assert page.locator(".jp-CodeCell").count() == 2
    assert field.input_value().count("\n") == 1


def test_no_key_reaches_jupyterlab(page):
    """Letters that JupyterLab knows in command mode: a and b add cells, dd deletes one."""
    for name in NAMES:
        for control in question(page, name).locator("input, button, textarea").all():
            control.focus()
            for key in "abddxz":
                page.keyboard.press(key)
    assert page.locator(".jp-CodeCell").count() == 2
    page.locator("textarea:visible").last.fill("")


# The same verdict here as in Python

ANSWERS = {
    "one": [choice["value"] for choice in MADE["asked"]["one"]._spec["choices"]],
    "several": [["the update gate"], ["the update gate", "the reset gate"], ["the bias b<sub>z</sub>"]],
    "order": [
        ["z", "r", "the candidate", "h<sub>t</sub>, the new state"],
        ["r", "z", "the candidate", "h<sub>t</sub>, the new state"],
        ["r", "the candidate", "z", "h<sub>t</sub>, the new state"],
        ["h<sub>t</sub>, the new state", "z", "r", "the candidate"],
    ],
    "number": [0.88, 0.9, 0.86, 0.9000001, 0.8599999, -0.88, 88, 0, 1e300],
    "slider": [6, 7, 5, 8, 7.6, 5.6, 7.7],
    "sentence": ["So."],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_page_judges_as_python_does_and_follows_it(page, name):
    seen = set()
    for answer in ANSWERS[name]:
        execute(page, f"asked[{name!r}].answer = {answer!r}")
        one = question(page, name)
        one.locator(".gq-says strong").first.wait_for()
        page.wait_for_timeout(60)
        known = python(page, f"asked[{name!r}].is_right")
        word = {"True": "Right.", "False": "Not yet.", "None": "Compare."}[known]
        assert one.locator(".gq-says strong").first.inner_text() == word, answer
        assert one.locator(".gq-says").get_attribute("data-right") == {"None": "null"}.get(known, known.lower())
        seen.add(word)
        if name in ("one", "several"):
            ticked = one.locator("label:has(input:checked)").count()
            assert ticked == (len(answer) if name == "several" else 1)
        if name == "order":
            assert items(one) == [text.replace("<sub>", "").replace("</sub>", "") for text in answer]
    assert len(seen) == (1 if name == "sentence" else 2)


# Accessible, readable, in both themes and at every size


def answered(page):
    """Every question with an answer on the screen, some right, some not, and everything unfolded."""
    given = {name: ANSWERS[name][-1] for name in ANSWERS} | {"other": ANSWERS["one"][0], "slider": 7}
    execute(page, f"for name, answer in {given!r}.items(): asked[name].answer = answer")
    page.wait_for_function(f"() => document.querySelectorAll('.gq-says[data-right]').length === {len(NAMES)}")
    page.locator(".gru-question details:not([hidden]) > summary").evaluate_all(
        "all => all.forEach(one => one.parentElement.open = true)"
    )


def keep(page, stem):
    if folder := os.environ.get("SCREENSHOTS"):
        for name in NAMES:
            question(page, name).screenshot(path=Path(folder) / f"{name}_{stem}.png")


@pytest.mark.parametrize("state", ["unanswered", "answered"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_text_stands_out(page, packages, dark, state):
    # axe takes what overflows JupyterLab's body, which has no height of its own, for hidden.
    page.evaluate("document.body.style.height = '100vh'")
    page.set_viewport_size({"width": 1400, "height": 1700})
    page.evaluate((packages / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    set_theme(page, dark)
    if state == "answered":
        answered(page)
    keep(page, f"{state}_{'dark' if dark else 'light'}")
    for name in NAMES:
        one = question(page, name)
        one.scroll_into_view_if_needed()
        assert page.evaluate(AXE, [one.element_handle()]) == [], name
        texts = one.evaluate(COLOURS)
        assert len(texts) >= 3
        for text, colour, ground in texts:
            assert contrast(colour, ground) >= 4.5, (name, text, colour, ground)
            assert (contrast("rgb(0, 0, 0)", ground) < 4.5) == dark
    one = question(page, "one")
    one.evaluate("form => form.append(Object.assign(document.createElement('input'), { className: 'planted' }))")
    assert [found.split(":")[0] for found in page.evaluate(AXE, [one.element_handle()])] == ["label"]
    one.locator(".planted").evaluate("planted => planted.remove()")
    set_theme(page, False)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off_or_covered(page, size):
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("jupyterapp.shell.collapseLeft()")
    answered(page)
    page.wait_for_timeout(300)
    keep(page, size)
    for name in NAMES:
        one = question(page, name)
        assert one.evaluate(SIDEWAYS) == []
        count, covered = one.evaluate(COVERED)
        assert count >= 4
        assert covered == [], name
        assert one.evaluate(TEXTS)[0][0] >= 9


# Without a kernel


def answer_each_kind(page):
    """Right answers to four questions, where nothing but the page is there to judge them."""
    one, order, number = (question(page, name) for name in ("one", "order", "number"))
    one.get_by_label(WRITES).check()
    one.get_by_role("button", name="Answer").click()
    assert verdict(one).startswith("Not yet.")
    assert "That is what 1 - z does." in verdict(one)
    one.get_by_label(KEEPS).check()
    one.get_by_role("button", name="Answer").click()
    assert verdict(one).startswith("Right.")
    assert "That is what 1 - z does." not in verdict(one)
    for place, text in enumerate(["r", "z", "the candidate", "ht, the new state"]):
        for _ in range(items(order).index(text) - place):
            order.get_by_role("button", name=f"Up: {text}", exact=True).click()
    order.get_by_role("button", name="Answer").click()
    assert verdict(order).startswith("Right.")
    number.get_by_label("Your prediction").fill("0.87")
    page.keyboard.press("Enter")
    assert verdict(number).startswith("Right. You said 0.87: 0.01 too low.")
    field = question(page, "sentence").get_by_label("Your prediction")
    field.fill("So.")
    question(page, "sentence").get_by_role("button", name="Answer").click()
    assert verdict(question(page, "sentence")).startswith("Compare.")
    assert page.locator(".gru-question [role=alert]:visible").count() == 0


@pytest.fixture
def exported(notebook, tmp_path):
    """The questions as a page of their own, HTML text."""
    source = nbformat.read(notebook, 4)
    source.cells.insert(0, nbformat.v4.new_markdown_cell("# Questions"))
    path = tmp_path / "page.ipynb"
    nbformat.write(source, path)
    return export.page(export.executed(path), path)


def test_an_exported_page_needs_no_kernel(open_html, exported):
    page = open_html(exported)
    page.wait_for_function(f"() => document.querySelectorAll('.gru-question fieldset').length === {len(NAMES)}")
    assert page.locator(".lab-picture:visible").count() == 0
    answer_each_kind(page)
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "exported.png", full_page=True)


def test_an_exported_page_shows_questions_and_folded_answers_without_the_cdn(open_html, exported):
    page = open_html(exported, cdn=False)
    stored = page.locator(".lab-picture")
    assert stored.count() == page.locator(".lab-picture:visible").count() == len(NAMES)
    assert "That is what 1 - z does." not in stored.first.inner_text()
    stored.first.locator("summary", has_text=WRITES).click()
    assert "Not right. That is what 1 - z does." in stored.first.inner_text()
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "stored.png", full_page=True)
    assert all("net::ERR_FAILED" in problem for problem in page.problems), page.problems
    page.problems.clear()


def test_it_answers_with_the_kernel_shut_down(page):
    shut_down_kernel(page)
    answer_each_kind(page)
    page.wait_for_timeout(200)
    assert all("Could not send widget sync message" in problem for problem in page.problems), page.problems
    page.problems.clear()
