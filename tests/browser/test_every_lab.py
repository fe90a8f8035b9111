"""What holds for every lab, in a real JupyterLab: one page for each lab, with five of its kind in boxes and out of them.

The tests of one lab share its page and run in the order they stand here; in the last one its kernel is shut down.
"""

from typing import NamedTuple

import pytest
from harness import set_theme, write_notebook
from lab_page import COLOURS, READ, compare, contrast, execute, python, shut_down_kernel

from gru_lib import labs


class Case(NamedTuple):
    """One lab: what is asked of it."""

    name: str
    setting: str  # that of the slider which is moved by hand; its positions are the values
    linked: str  # the ipywidgets slider that `setting` is linked to
    given: dict  # what Python sets, also between the stands of a slider
    bad: tuple  # a setting, a value that it cannot have
    refused: str  # what the lab says to that

    def here(self, **settings):
        """The same lab in this process."""
        return getattr(labs, self.name)(**settings)


CASES = [
    Case(
        "GateLab",
        "x",
        "FloatSlider(min=-2, max=2, step=0.05, value=0.5)",
        {"x": -1.234, "b_z": 0.777, "update": "write", "reset": "before"},
        ("x", 99.0),
        "x must be a number from -2 to 2, not 99",
    ),
    Case(
        "SequenceLab",
        "step",
        "IntSlider(min=0, max=29, value=4)",
        {"step": 11},
        ("step", 99),
        "step must be a whole number from 0 to 29, not 99",
    ),
    Case(
        "GradientLab",
        "radius",
        "FloatSlider(min=0.1, max=2, step=0.05, value=1.2)",
        {"radius": 1.234, "length": 33, "threshold": 0.777, "paths": "show"},
        ("length", 10.5),
        "length must be a whole number from 2 to 100, not 10.5",
    ),
    Case(
        "ConventionLab",
        "recurrent_bias",
        "FloatSlider(min=0, max=2, step=0.05, value=1)",
        {"recurrent_bias": 1.234, "units": 4, "seed": 5, "d": 300},
        ("units", 9),
        "units must be a whole number from 1 to 4, not 9",
    ),
    Case(
        "DescentLab",
        "start",
        "FloatSlider(min=-3, max=3, step=0.05, value=-2.5)",
        {"start": -1.234, "learning_rate": 0.0777, "cost": "plateau", "step": 33},
        ("start", 7.0),
        "start must be a number from -3 to 3, not 7",
    ),
    Case(
        "ForecastLab",
        "lag",
        "IntSlider(min=0, max=10, value=1)",
        {"lag": 3, "shift": -2, "days": 40, "first": 7, "show": "forecast"},
        ("lag", 99),
        "lag must be a whole number from 0 to 10, not 99",
    ),
]
MAKE = """from ipywidgets import {widget}, HBox, Tab, VBox, jslink
from gru_lib.labs import {name}
lab, other, boxed, below = [{name}() for _ in range(4)]
slider = {linked}
link = jslink((slider, "value"), (boxed, "{setting}"))
lab"""
SHOW = 'Tab([HBox([slider, boxed]), VBox([below])], titles=["one", "two"])'


class Page:
    """The page of one lab: `lab` and `other` alone, `boxed` in an HBox and `below` in a VBox, both in a Tab."""

    def __init__(self, page, case):
        self.page, self.case = page, case
        self.lab, self.other, self.boxed, self.below = page.locator(".gru-lab").all()

    def start(self):
        """Every lab as it was made."""
        start = {name: getattr(self.case.here(), name) for name in self.case.given}
        execute(
            self.page, f"for one in (lab, other, boxed, below):\n for n, v in {start!r}.items(): setattr(one, n, v)"
        )
        self.page.wait_for_timeout(300)

    def press(self, lab, *keys):
        """Press keys on the slider of a lab; returns the value at which it then stands."""
        self.page.bring_to_front()
        slider = lab.locator(f'input[data-name="{self.case.setting}"]')
        slider.focus()
        for key in keys:
            self.page.keyboard.press(key)
        value = float(slider.input_value())
        return int(value) if value.is_integer() else value

    def compare(self, lab, **settings):
        """The picture of a lab against the same lab in this process."""
        compare(lab.evaluate(READ), self.case.here(**settings))

    def in_python(self, name):
        """What Python knows of the setting of the lab called `name`."""
        return float(python(self.page, f"{name}.{self.case.setting}"))


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name)
def opened(request, server, browser, tmp_path_factory):
    """The page of one lab, for all of its tests."""
    case = request.param
    made = MAKE.format(widget=case.linked.split("(")[0], **case._asdict())
    context = browser.new_context(viewport={"width": 1400, "height": 2600})
    notebook = write_notebook(tmp_path_factory.mktemp("lab") / f"{case.name}.ipynb", made, "other", SHOW)
    page = server.open(context, notebook)
    page.locator(".gru-lab svg").nth(2).wait_for()
    page.wait_for_function("() => document.querySelectorAll('.gru-lab').length === 4")
    yield Page(page, case)
    context.close()


@pytest.fixture
def shown(opened):
    """The page, with every lab as it was made; a test must leave it without a problem."""
    opened.start()
    yield opened
    problems = list(opened.page.problems)
    opened.page.problems.clear()
    assert not problems, "\n".join(problems)


def test_texts_and_curves_stand_out_from_their_ground_in_both_themes(shown):
    for dark in (False, True):
        set_theme(shown.page, dark)
        texts, curves = shown.lab.evaluate(COLOURS)
        assert len(texts) > 20
        assert curves
        for text, colour, ground in texts:
            assert contrast(colour, ground) >= 4.5, (text, colour, ground)
        for curve, colour, ground in curves:
            assert contrast(colour, ground) >= 3, (curve, colour, ground)
            assert (contrast("rgb(0, 0, 0)", ground) < 4.5) == dark
    set_theme(shown.page, False)


def test_two_labs_in_one_notebook_share_nothing(shown):
    """Each widget loads a copy of the module of its own; labels and radio buttons must still find their own lab."""
    page = shown.page
    ids = page.locator(".gru-lab [id]").evaluate_all("all => all.map(element => element.id)")
    assert len(ids) == len(set(ids)) >= 4
    owners = "all => all.every(l => l.control && l.control.closest('.gru-lab') === l.closest('.gru-lab'))"
    assert page.locator(".gru-lab label").evaluate_all(owners)
    state = """lab => [...lab.querySelectorAll("input, select")].map(e => e.type === "radio" ? e.checked : e.value)"""
    before = shown.other.evaluate(state)
    value = shown.press(shown.lab, "End", "ArrowLeft")
    for group in shown.lab.locator("fieldset:has(input[type=radio])").all():
        if group.is_visible():
            group.locator("input[type=radio]").last.check()
            group.locator("input[type=radio]").first.check()
    shown.compare(shown.lab, **{shown.case.setting: value})
    shown.compare(shown.other)
    assert shown.other.evaluate(state) == before
    page.wait_for_timeout(300)
    assert shown.in_python("lab") == value
    assert shown.in_python("other") == getattr(shown.case.here(), shown.case.setting)


def test_what_python_sets_moves_the_picture_and_is_not_rounded(shown):
    page, given = shown.page, shown.case.given
    says = "says => document.querySelector('.gru-lab .gl-says').textContent !== says"
    before = shown.lab.locator(".gl-says").inner_text()
    execute(page, f"for name, value in {given!r}.items(): setattr(lab, name, value)")
    page.wait_for_function(says, arg=before)
    shown.compare(shown.lab, **given)
    shown.compare(shown.other)
    page.wait_for_timeout(200)  # longer than it takes the lab to answer
    assert python(page, f"[getattr(lab, name) for name in {list(given)}]") == str(list(given.values()))
    for name, value in given.items():
        control = shown.lab.locator(f'[data-name="{name}"]')
        if control.count() > 1:
            assert control.evaluate_all("all => all.find(e => e.checked)?.value") == value
    assert shown.lab.locator(".gl-says").inner_text() in shown.case.here(**given).summary()


def test_settings_held_together_arrive_together(shown):
    page, given = shown.page, shown.case.given
    body = "".join(f"    lab.{name} = {value!r}\n" for name, value in given.items())
    execute(page, f"with lab.hold_sync():\n{body}")
    page.wait_for_function("says => document.querySelector('.gru-lab .gl-says').textContent.length", arg=None)
    page.wait_for_timeout(300)
    shown.compare(shown.lab, **given)


def test_a_slider_of_ipywidgets_moves_the_picture_and_follows_it(shown):
    page, setting = shown.page, shown.case.setting
    handle = page.locator(".noUi-handle")
    start = shown.in_python("boxed")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    value = float(python(page, "slider.value"))
    assert value > start
    assert shown.in_python("boxed") == value
    shown.compare(shown.boxed, **{setting: int(value) if value.is_integer() else value})
    value = shown.press(shown.boxed, "Home", "ArrowRight")
    page.wait_for_timeout(300)
    assert float(python(page, "slider.value")) == pytest.approx(value)
    shown.compare(shown.boxed, **{setting: value})


def test_it_lives_in_boxes_and_tabs(shown):
    page = shown.page
    assert shown.boxed.locator("svg").bounding_box()["width"] > 500
    page.locator(".lm-TabBar-tab", has_text="two").click()
    shown.below.locator("svg").wait_for()
    assert shown.below.locator("svg").bounding_box()["width"] > 500
    value = shown.press(shown.below, "End", "ArrowLeft")
    shown.compare(shown.below, **{shown.case.setting: value})
    page.locator(".lm-TabBar-tab", has_text="one").click()
    shown.boxed.locator("svg").wait_for()
    value = shown.press(shown.boxed, "Home")
    shown.compare(shown.boxed, **{shown.case.setting: value})


def test_a_bad_value_is_a_sentence_in_the_lab_until_it_is_mended(shown):
    page, (name, value) = shown.page, shown.case.bad
    execute(page, f"lab._trait_values[{name!r}] = {value!r}; lab.send_state({name!r})")
    alert = shown.lab.get_by_role("alert")
    alert.wait_for()
    assert shown.case.refused in alert.inner_text()
    assert not shown.other.get_by_role("alert").is_visible()
    shown.compare(shown.lab)  # the picture stays
    assert page.problems
    assert all(shown.case.refused in problem for problem in page.problems), page.problems
    page.problems.clear()
    value = shown.press(shown.lab, "End")
    assert not alert.is_visible()
    shown.compare(shown.lab, **{shown.case.setting: value})
    page.wait_for_timeout(300)


def test_it_answers_without_a_kernel(shown):
    page = shown.page
    shut_down_kernel(page)
    for keys in (("End",), ("ArrowLeft", "ArrowLeft"), ("Home",)):
        value = shown.press(shown.lab, *keys)
        page.wait_for_timeout(250)
        shown.compare(shown.lab, **{shown.case.setting: value})
        says = shown.lab.locator(".gl-says").inner_text()  # some say first what has changed
        assert shown.case.here(**{shown.case.setting: value}).summary().endswith(says[-60:])
    assert not shown.lab.get_by_role("alert").is_visible()
    # The widget manager notes in the console that no kernel listens; nothing else may be there.
    assert all("Could not send widget sync message" in problem for problem in page.problems), page.problems
    page.problems.clear()
