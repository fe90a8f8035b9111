"""The house style: the same bytes on every run, words beside every picture, colours that can be told apart."""

import re
import subprocess
import sys
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from gru_lib import figures

GATES, CELLS = ("z", "r", "candidate", "h"), ("rnn", "gru", "lstm")
DRAW = """
from gru_lib import figures
figure, axes = figures.subplots()
figures.line(axes, [0, 1, 2], [0, 1, 4], "z", marker="o")
axes.legend()
print(figures.show(figure, alt="A curve that rises from 0 to 4.").svg)
"""


def picture():
    figure, axes = figures.subplots()
    figures.line(axes, [0, 1, 2], [0, 1, 4], "z")
    return figures.show(figure, alt='Rises; "quoted" & <marked>.')


def test_two_processes_draw_the_same_bytes():
    one, two = (subprocess.run([sys.executable, "-c", DRAW], capture_output=True, check=True).stdout for _ in range(2))
    assert one == two
    assert len(one) > 3000


def test_coordinates_are_hundredths_of_a_point_and_nothing_else_is_changed():
    svg = '<svg viewBox="0 0 1.2345 2"><path d="M 1.23456 -0.005678 L 2.5 3" id="a1.23456"/><text x="7.126">1.23456</text></svg>'
    assert figures.rounded(svg) == (
        '<svg viewBox="0 0 1.2345 2"><path d="M 1.23 -0.01 L 2.5 3" id="a1.23456"/><text x="7.13">1.23456</text></svg>'
    )
    assert figures.rounded(figures.rounded(svg)) == figures.rounded(svg)


def test_no_date_and_no_version_in_the_svg():
    assert not re.search(r"dc:date|Matplotlib v|\d{4}-\d\d-\d\dT", picture().svg)


def test_the_alt_text_is_in_the_svg_and_in_the_bundle():
    shown = picture()
    root = ElementTree.fromstring(shown.svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'Rises; "quoted" & <marked>.'
    data, metadata = shown._repr_mimebundle_()
    assert data["image/svg+xml"] == shown.svg
    assert data["text/plain"] == 'Picture: Rises; "quoted" & <marked>.'
    assert metadata["image/svg+xml"]["alt"] == shown.alt


@pytest.mark.parametrize("alt", ["", "  \n", None])
def test_a_figure_without_words_is_refused(alt):
    figure, _ = figures.subplots()
    with pytest.raises(ValueError, match="needs alt text"):
        figures.show(figure, alt=alt)


def test_what_is_no_svg_is_refused():
    with pytest.raises(ValueError, match="no <svg> element"):
        figures.Picture("PNG", "A picture of nothing in particular.")


def test_nothing_stays_open_in_pyplot():
    import matplotlib.pyplot as plt

    picture()
    assert plt.get_fignums() == []


def test_line_uses_the_fixed_colour_and_refuses_an_unknown_quantity():
    _, axes = figures.subplots()
    (drawn,) = figures.line(axes, [0, 1], [0, 1], "r")
    assert drawn.get_color() == figures.COLOURS["r"]
    assert drawn.get_linestyle() == figures.STYLES["r"]
    with pytest.raises(ValueError, match="what must be one of z, r, candidate, h, x, data, rnn, gru, lstm, not 'gate'"):
        figures.line(axes, [0, 1], [0, 1], "gate")


def linear(colour):
    """Linear-light RGB of a hex colour (IEC 61966-2-1)."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


# Viénot, Brettel and Mollon 1999, Machado et al. 2009: linear RGB as seen without long- or medium-wave cones.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


@pytest.mark.parametrize("name", figures.COLOURS)
def test_colours_stand_out_from_white(name):
    """WCAG 2.1: contrast of at least 4.5, for the colours also serve as text."""
    luminance = linear(figures.COLOURS[name]) @ [0.2126, 0.7152, 0.0722]
    assert 1.05 / (luminance + 0.05) >= 4.5


@pytest.mark.parametrize("kind", BLINDNESS)
def test_gate_colours_can_be_told_apart(kind):
    """In linear RGB as seen with each kind of colour blindness; styles and labels repeat what the colours say."""
    seen = {name: BLINDNESS[kind] @ linear(figures.COLOURS[name]) for name in GATES}
    for a, b in combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 0.1, (a, b)


def lightness_and_hue(linear_rgb):
    """CIELAB under daylight (D65), in which a distance of 2 can just be seen."""
    xyz = [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]] @ np.clip(linear_rgb, 0, 1)
    x, y, z = np.cbrt(xyz / [0.9505, 1, 1.0888])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", BLINDNESS)
def test_cells_can_be_told_from_one_another_and_from_every_gate(kind):
    seen = {name: lightness_and_hue(BLINDNESS[kind] @ linear(c)) for name, c in figures.COLOURS.items()}
    for cell in CELLS:
        for other in {*CELLS, *GATES, "x"} - {cell}:
            assert np.linalg.norm(seen[cell] - seen[other]) > 20, (cell, other)


def test_every_quantity_has_a_style_of_its_own():
    assert figures.COLOURS.keys() == figures.STYLES.keys()
    for group in (GATES, CELLS):
        assert len({str(figures.STYLES[name]) for name in group}) == len(group)
