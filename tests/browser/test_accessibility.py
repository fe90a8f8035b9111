"""axe-core on every lab, in both themes: no serious or critical finding."""

import pytest
from conftest import LABS
from harness import set_theme

RUN = """([lab]) => axe.run(lab, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`)))"""


@pytest.fixture(scope="module")
def checked(every_lab, packages):
    """The page with axe-core in it."""
    # axe checks the contrast of what it sees. It takes what overflows JupyterLab's body, which has no height of its
    # own, for hidden, and what has scrolled out of the window.
    every_lab.evaluate("document.body.style.height = '100vh'")
    every_lab.set_viewport_size({"width": 1400, "height": 1700})
    every_lab.evaluate((packages / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    yield every_lab
    set_theme(every_lab, False)


def findings(page, name):
    lab = page.locator(f'.gru-lab[aria-label^="{name}"]')
    lab.scroll_into_view_if_needed()
    return page.evaluate(RUN, [lab.element_handle()])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", LABS)
def test_lab_has_no_serious_finding(checked, name, dark):
    set_theme(checked, dark)
    assert findings(checked, name) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", LABS)
def test_planted_mistakes_are_found(checked, name, dark):
    """The check itself: in each lab a slider without a name, and a sentence nearly the colour of its ground."""
    set_theme(checked, dark)
    lab = checked.locator(f'.gru-lab[aria-label^="{name}"]')
    lab.evaluate("""lab => {
        const planted = document.createElement("div");
        planted.className = "planted";
        planted.append(Object.assign(document.createElement("input"), { type: "range" }));
        planted.append(Object.assign(document.createElement("p"), { textContent: "Hardly to be seen" }));
        planted.lastChild.style.color = `color-mix(in srgb, var(--gru-ink) 30%, var(--gru-paper))`;
        lab.append(planted);
    }""")
    found = findings(checked, name)
    lab.locator(".planted").evaluate("planted => planted.remove()")
    assert sorted(finding.split(":")[0] for finding in found) == ["color-contrast", "label"], found
