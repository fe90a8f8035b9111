"""What the labs with whole numbers and styles of their own share on the Python side; settings.js is the other half."""

from numbers import Integral

import traitlets

from gru_lib.labs import picture
from gru_lib.labs.base import Choice, Lab, Number, light_palette, read


class Whole(Number):
    """A whole number within bounds; anything else is refused in a sentence."""

    def validate(self, obj, value):
        if not isinstance(value, Integral) or isinstance(value, bool):
            wanted = f"{self.name} must be a whole number from {self.min:g} to {self.max:g}"
            raise traitlets.TraitError(f"{wanted}, not {value!r}")
        return int(super().validate(obj, value))


class StyledLab(Lab):
    """A lab whose picture has a style of its own: a subclass sets `_style` and adds it to `_css`."""

    _style = ""

    def bounds(self):
        """What the browser needs to check a setting: the range of each number, the words of each choice."""
        traits = {name: self.class_traits()[name] for name in self.settings()}
        return {
            "ranges": {name: [t.min, t.max] for name, t in traits.items() if isinstance(t, Number)},
            "whole": [name for name, t in traits.items() if isinstance(t, Whole)],
            "choices": {name: list(t.values) for name, t in traits.items() if isinstance(t, Choice)},
        }

    def svg(self):
        """The picture as it stands now, an SVG that needs nothing around it; the same text on every run."""
        style = read("picture.css") + self._style
        for name, colour in light_palette().items():
            style = style.replace(f"var(--gru-{name})", colour)
        return picture.fill(self._template, self.values(), "\n" + style, self.summary())
