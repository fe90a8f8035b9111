"""What every lab shares: its Python base class, the joining of its JavaScript, and the picture it leaves behind."""

import base64
import math
import re
from html import escape
from numbers import Real
from pathlib import Path

import anywidget
import traitlets

from gru_lib.labs import picture

HERE = Path(__file__).parent


def read(name):
    """The text of a file that lies beside this one."""
    return (HERE / name).read_text(encoding="utf-8")


def join_modules(*names):
    """One ES module made of several files: a widget is handed a single text, and nothing is fetched.

    Each file stays a valid module of its own. Here its imports from neighbours are dropped, for they stand in the
    same text now, and so is `export` before a function or constant; `export default` stays.
    """
    parts = []
    for name in names:
        text = re.sub(r'^import \{[^}]*\} from "\./[\w.]+";\n', "", read(name), flags=re.M)
        parts.append(re.sub(r"^export (?=function |const |class )", "", text, flags=re.M))
    return "\n".join(parts)


def light_palette():
    """The colours of the light theme by name, as labs.css declares them first."""
    palette = {}
    for name, colour in re.findall(r"--gru-([\w-]+): (#\w+);", read("labs.css")):
        palette.setdefault(name, colour)
    return palette


class Number(traitlets.Float):
    """A finite number within bounds; anything else is refused in a sentence."""

    def __init__(self, default, low, high):
        super().__init__(default, min=low, max=high)
        self.tag(sync=True)

    def validate(self, obj, value):
        wanted = f"{self.name} must be a number from {self.min:g} to {self.max:g}"
        if isinstance(value, bool) or not isinstance(value, Real):
            raise traitlets.TraitError(f"{wanted}, not {value!r}")
        value = float(value)
        if not math.isfinite(value) or not self.min <= value <= self.max:
            raise traitlets.TraitError(f"{wanted}, but {value:g} came")
        return value


class Choice(traitlets.Enum):
    """One of a few words; anything else is refused in a sentence."""

    def __init__(self, *words):
        super().__init__(words, words[0])
        self.tag(sync=True)

    def validate(self, obj, value):
        if value not in self.values:
            words = ", ".join(repr(word) for word in self.values)
            raise traitlets.TraitError(f"{self.name} must be one of {words}, not {value!r}")
        return value


class Lab(anywidget.AnyWidget):
    """A live figure: the arithmetic and the drawing run in the browser, this object knows the same numbers.

    A subclass sets `_esm` (from `join_modules`), `_template` (its SVG) and `_spec` (what the browser needs to
    know), and writes `values`, every number and word of the picture by name, and `summary`, the state in words.
    """

    _css = read("labs.css") + read("picture.css")
    _template = traitlets.Unicode().tag(sync=True)
    _spec = traitlets.Dict().tag(sync=True)

    def __init__(self, **settings):
        known = self.settings()
        for name in settings:
            if name not in known:
                raise TypeError(f"{type(self).__name__} has no setting {name!r}; it has {', '.join(known)}")
        super().__init__(**settings)

    @classmethod
    def settings(cls):
        """The names of what can be set, by keyword or as attributes."""
        return [name for name, trait in cls.class_traits().items() if isinstance(trait, (Number, Choice))]

    def values(self):
        """Every number and word in the picture, by name."""
        raise NotImplementedError

    def summary(self):
        """The state of the lab in one sentence or two."""
        raise NotImplementedError

    def svg(self):
        """The picture as it stands now, an SVG that needs nothing around it; the same text on every run."""
        style = read("picture.css")
        for name, colour in light_palette().items():
            style = style.replace(f"var(--gru-{name})", colour)
        return picture.fill(self._template, self.values(), "\n" + style, self.summary())

    def __repr__(self):
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **options):
        # A page that can run the lab prefers the widget; elsewhere its picture stands in: the SVG in viewers of
        # stored notebooks, the <img> in a JupyterLab that does not trust the notebook yet (every fresh clone), for
        # that one shows neither widgets nor bare SVG.
        shown = super()._repr_mimebundle_(**options)
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        svg, alt = self.svg(), self.summary()
        source = base64.b64encode(svg.encode()).decode()
        image = f'<img alt="{escape(alt, quote=True)}" src="data:image/svg+xml;base64,{source}">'
        data |= {"text/plain": repr(self), "image/svg+xml": svg, "text/html": image}
        return data, metadata | {"image/svg+xml": {"alt": alt}}
