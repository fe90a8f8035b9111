"""The house style of every figure: fixed colours of gates and cells, salted SVG, words for those who cannot see it."""

import base64
import io
import re
from html import escape

import matplotlib as mpl
from matplotlib.figure import Figure

# After Okabe and Ito's palette (2008), which is told apart under every common colour blindness, darkened until each is
# at least 4.5:1 against white (WCAG 2.1, 1.4.3); line styles and labels repeat what the colours say. The three cells
# have colours of their own: nobody should take the GRU's curve for that of one of its gates.
COLOURS = {
    "z": "#0072B2",
    "r": "#C05000",
    "candidate": "#007A5A",
    "h": "#A8488B",
    "x": "#5A5A5A",
    "data": "#333333",
    "rnn": "#741C10",
    "gru": "#7A2EF0",
    "lstm": "#1F1F6E",
}
STYLES = {"z": "-", "r": "--", "candidate": "-.", "h": (0, (6, 1)), "x": ":", "data": "-"}
STYLES |= {"rnn": "-.", "gru": "-", "lstm": "--"}

STYLE = {
    "svg.hashsalt": "gru_lib",
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.figsize": (8, 3.6),
    "figure.facecolor": "white",
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "lines.linewidth": 2,
}


class Picture:
    """A finished figure: an SVG for the page, its description for screen readers and for plain text.

    The SVG carries no date and the same ids in every run, so that a stored picture can be compared.
    """

    def __init__(self, svg, alt):
        if not alt or not alt.strip():
            raise ValueError("a picture needs alt text: one or two sentences that say what it shows")
        self.alt = " ".join(alt.split())
        label = escape(self.alt, quote=True)
        found = re.search(r"<svg\b", svg)
        if not found:
            raise ValueError("the picture is not an SVG: it has no <svg> element")
        self.svg = svg[found.start() :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)

    def __repr__(self):
        return f"Picture: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        # JupyterLab draws the <img>, with its alt text and before the notebook is trusted too; nbval compares the SVG.
        data = {"image/svg+xml": self.svg, "text/html": self.html(), "text/plain": repr(self)}
        return data, {"image/svg+xml": {"alt": self.alt}}

    def html(self):
        """An <img> element with the picture inside and its alt text."""
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img alt="{escape(self.alt, quote=True)}" src="data:image/svg+xml;base64,{data}">'


def subplots(rows=1, columns=1, **options):
    """A figure in the house style and its axes; `options` as in `matplotlib.figure.Figure.subplots` and `figsize`.

    Nothing is registered with pyplot, so nothing stays open and nothing is shown twice.
    """
    size = options.pop("figsize", None)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        return figure, figure.subplots(rows, columns, **options)


def show(figure, alt):
    """Finish a figure: a `Picture` that a notebook displays. `alt` says in words what the figure shows.

    Raises ValueError if `alt` is empty.
    """
    with mpl.rc_context(STYLE):
        for axes in figure.axes:
            if axes.get_legend():  # made outside the style
                axes.get_legend().set_frame_on(False)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    # Matplotlib's own <metadata> names the version that drew the picture; a picture is the same without it.
    return Picture(rounded(re.sub(r"<metadata>.*?</metadata>\s*", "", file.getvalue(), flags=re.S)), alt)


def rounded(svg):
    """The SVG with its coordinates in hundredths of a point: half as long, and the same where last digits differ."""

    def shortened(attribute):
        return re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", attribute[0])

    return re.sub(r'\b(?:d|x|y|width|height)="[^"]*"', shortened, svg)


def line(axes, x, y, what, **options):
    """Draw one quantity in its fixed colour and line style; `what` is a key of `COLOURS`."""
    if what not in COLOURS:
        raise ValueError(f"what must be one of {', '.join(COLOURS)}, not {what!r}")
    return axes.plot(x, y, **{"color": COLOURS[what], "linestyle": STYLES[what], "label": what, **options})
