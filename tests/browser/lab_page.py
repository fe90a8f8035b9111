"""What the tests of the labs ask of a page: the numbers and words of a picture, the kernel beside it, contrast."""

import re
from xml.etree import ElementTree

import pytest

# Every readout of a picture by name, as text.
READ = """lab => Object.fromEntries([...lab.querySelectorAll("svg [data-readout]")]
    .map(element => [element.dataset.readout, element.dataset.value]))"""
# The same, as numbers.
READOUTS = """lab => Object.fromEntries([...lab.querySelectorAll("svg [data-readout]")]
    .map(element => [element.dataset.readout, Number(element.dataset.value)]))"""
# Every visible leaf of a picture: its name, its attributes and its text.
LEAVES = """svg => [...svg.querySelectorAll("*")].filter(e => e.getClientRects().length || e.tagName === "tspan")
    .filter(e => {
        for (let p = e; p !== svg; p = p.parentNode) if (p.style.display === "none") return false;
        return true;
    })
    .filter(e => e.tagName !== "title")
    .map(e => [e.tagName, Object.fromEntries([...e.attributes].map(a => [a.name, a.value])
        .filter(([name]) => !name.startsWith("data-") && name !== "style")), e.children.length ? "" : e.textContent])"""
# Level texts of a picture that leave it or cover one another (by more than touching), in units of its viewBox.
CROWDED = """svg => {
    const frame = svg.getBoundingClientRect(), unit = frame.width / svg.viewBox.baseVal.width, found = [];
    const texts = [...svg.querySelectorAll("text:not([transform*=rotate])")]
        .map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, box]) => box.width);
    texts.forEach(([text, a], i) => {
        if (a.left < frame.left || a.right > frame.right || a.bottom > frame.bottom) found.push(`${text} leaves`);
        for (const [other, b] of texts.slice(i + 1)) {
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > unit && high > 4 * unit) found.push(`${text} covers ${other}`);
        }
    });
    return [texts.length, found];
}"""
# Texts with their colour, then curves with theirs, each with the colour of the ground it stands on.
COLOURS = """lab => {
    const ground = element => {
        for (let e = element; e; e = e.parentElement) {
            const colour = getComputedStyle(e).backgroundColor;
            if (!/, 0\\)$/.test(colour)) return colour;
        }
    };
    const texts = [...lab.querySelectorAll("*")]
        .filter(e => e.childElementCount === 0 && e.textContent.trim() && e.getClientRects().length && !e.disabled)
        .map(e => [e.textContent, getComputedStyle(e)[e.ownerSVGElement ? "fill" : "color"], ground(e)]);
    const drawn = ".gl-curve, .gl-series:not(.gl-faint), .gd-curve, .gd-trail, .gc-same, .gc-mapping";
    const curves = [...lab.querySelectorAll(drawn)]
        .filter(e => e.getClientRects().length)
        .map(e => [e.getAttribute("class"), getComputedStyle(e).stroke, ground(e)]);
    return [texts, curves];
}"""
SESSION = "jupyterapp.shell.currentWidget.context.sessionContext"


def leaves_of(svg):
    """What `LEAVES` finds in a live picture, of the text of a stored one."""
    found = []
    for element in list(ElementTree.fromstring(svg).iter())[1:]:
        tag = element.tag.split("}")[1]
        if tag not in ("title", "style"):
            found.append([tag, dict(element.attrib), "" if len(element) else element.text or ""])
    return found


def python(page, expression):
    """Evaluate an expression in the notebook's kernel; its repr."""
    run = f"""code => {SESSION}.session.kernel.requestExecute({{code: "", user_expressions: {{it: code}}}})
        .done.then(r => r.content.user_expressions.it)"""
    reply = page.evaluate(run, expression)
    assert reply["status"] == "ok", reply
    return reply["data"]["text/plain"]


def execute(page, code):
    """Run code in the notebook's kernel."""
    run = f"code => {SESSION}.session.kernel.requestExecute({{code}}).done.then(r => r.content.status)"
    assert page.evaluate(run, code) == "ok"


def sweep(lab, name, positions, read=READOUTS):
    """Set one control to each position by the events a hand makes; the position and what `read` gives after each."""
    script = f"""(lab, [name, positions]) => {{
        const read = {read};
        const control = lab.querySelector(`[data-name="${{name}}"]`);
        return positions.map(position => {{
            control.value = position;
            control.dispatchEvent(new Event(control.tagName === "SELECT" ? "change" : "input", {{bubbles: true}}));
            return [Number(control.value), read(lab)];
        }});
    }}"""
    return lab.evaluate(script, [name, list(positions)])


def set_from_python(page, kind, state):
    """Set the page's lab from Python; returns, when the picture says so, a lab of the same settings in this process."""
    execute(page, f"with lab.hold_sync():\n  for name, value in {state!r}.items(): setattr(lab, name, value)")
    here = kind(**state)
    page.wait_for_function("says => document.querySelector('.gru-lab svg').ariaLabel === says", arg=here.summary())
    return here


def shut_down_kernel(page):
    """Shut the kernel down and wait until the page knows that it is gone."""
    page.evaluate(f"{SESSION}.shutdown()")
    page.wait_for_function(f"() => {SESSION}.session === null")


def compare(shown, lab):
    """The readouts of a picture, as `READ` gives them, against `lab`, which has the same settings, in this process."""
    known = lab.values()
    common = shown.keys() & known.keys()
    assert len(common) >= max(1, len(shown) - 1), shown.keys() - known.keys()
    for name in common:
        if isinstance(known[name], str):
            assert shown[name] == known[name], name
        else:
            assert float(shown[name]) == pytest.approx(float(known[name]), rel=1e-6, abs=1e-9), name


def luminance(colour):
    """Relative luminance of a CSS colour (WCAG 2.1)."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour, ground):
    """Contrast ratio of two CSS colours (WCAG 2.1, 1.4.3)."""
    light, low = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (light + 0.05) / (low + 0.05)
