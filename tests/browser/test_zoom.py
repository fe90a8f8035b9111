"""Every lab at 200 % zoom, in a narrow window and on a projector: nothing is cut off, nothing covers another.

A window of 1400 x 1000 at 200 % zoom is one of 700 x 500 whose pixels are doubled.
SCREENSHOTS=folder keeps a picture of each lab at each size.
"""

import os
from pathlib import Path

import pytest
from conftest import LABS
from lab_page import CROWDED

SIZES = {"zoom": (700, 500), "narrow": (800, 900), "projector": (1920, 1080)}
READABLE = 9  # pixels of the screen; an index may be smaller
# What the page of a lab forces to scroll sideways, outside of areas that the keyboard reaches.
SIDEWAYS = """lab => {
    const found = [];
    for (let e = lab; e; e = e.parentElement) if (e.scrollWidth > e.clientWidth + 1) found.push(e);
    for (const e of lab.querySelectorAll(":not(svg, svg *)")) {
        if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth && getComputedStyle(e).overflowX !== "visible"
            && e.tabIndex !== 0 && getComputedStyle(e).clipPath === "none") found.push(e); // clipped: for the ear alone
    }
    return found.map(e => `${e.tagName} ${e.className} ${e.scrollWidth} > ${e.clientWidth}`);
}"""
# Controls and their words: those that leave the lab, and pairs that cover each other.
COVERED = """lab => {
    const frame = lab.getBoundingClientRect(), found = [];
    const parts = [...lab.querySelectorAll("input, select, button, label, output, legend, summary, p")]
        .map(e => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width > 1 && box.height > 1);
    const name = e => `${e.tagName} ${e.dataset.name ?? e.textContent.slice(0, 40)}`;
    parts.forEach(([e, a], i) => {
        if (a.left < frame.left - 1 || a.right > frame.right + 1) found.push(`${name(e)} leaves the lab`);
        if (e.matches("label, output, legend, button, p") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth) {
            found.push(`${name(e)} is cut off`);
        }
        for (const [other, b] of parts.slice(i + 1)) {
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > 1 && high > 2 && !e.contains(other)) found.push(`${name(e)} covers ${name(other)}`);
        }
    });
    return [parts.length, found];
}"""
# The size on the screen of every text, smallest first, in CSS pixels.
TEXTS = """lab => [...lab.querySelectorAll("*")]
    .filter(e => [...e.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
        && e.getClientRects().length && !e.matches(".gl-sub, sub, option"))
    .map(e => {
        const { a, b } = e.ownerSVGElement ? (e.closest("text") ?? e).getScreenCTM() : { a: 1, b: 0 };
        return [parseFloat(getComputedStyle(e).fontSize) * Math.hypot(a, b), e.textContent];
    }).sort((one, other) => one[0] - other[0])"""


@pytest.fixture(params=SIZES)
def sized(every_lab, request):
    """The page at one of the sizes, its side bar closed."""
    width, height = SIZES[request.param]
    every_lab.set_viewport_size({"width": width, "height": height})
    every_lab.evaluate("jupyterapp.shell.collapseLeft()")
    every_lab.wait_for_timeout(400)
    return every_lab, request.param


@pytest.mark.parametrize("name", LABS)
def test_nothing_is_cut_off_or_covered(sized, name):
    page, size = sized
    lab = page.locator(f'.gru-lab[aria-label^="{name}"]')
    if folder := os.environ.get("SCREENSHOTS"):
        keep(page, lab, Path(folder) / f"{name}_{size}.png")
    assert lab.evaluate(SIDEWAYS) == []
    count, covered = lab.evaluate(COVERED)
    assert count > 4
    assert covered == []
    texts, crowded = lab.locator("svg").evaluate(CROWDED)
    assert texts > 5
    assert crowded == []
    sizes = lab.evaluate(TEXTS)
    assert len(sizes) > 20
    smallest, text = sizes[0]
    assert smallest * (2 if size == "zoom" else 1) >= READABLE, text


def keep(page, lab, path):
    """A picture of the whole lab, in a window high enough for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    page.set_viewport_size({"width": before["width"], "height": 1700})
    lab.scroll_into_view_if_needed()
    lab.screenshot(path=path)
    page.set_viewport_size(before)


def test_mistakes_are_found(sized):
    """The checks themselves: a control beyond the edge, one on another, and a picture too wide for the page."""
    page, _ = sized
    lab = page.locator('.gru-lab[aria-label^="DescentLab"]')
    button = lab.locator("button").first
    for style, check in (
        ("position: relative; left: 5000px", lambda: lab.evaluate(COVERED)[1]),
        ("position: relative; left: 30px", lambda: lab.evaluate(COVERED)[1]),
        ("min-width: 3000px", lambda: lab.evaluate(SIDEWAYS)),
        ("font-size: 4px", lambda: lab.evaluate(TEXTS)[0][0] < READABLE / 2),
    ):
        button.evaluate("(button, style) => button.setAttribute('style', style)", style)
        found = check()
        button.evaluate("button => button.removeAttribute('style')")
        assert found, style
        assert not lab.evaluate(COVERED)[1], style
