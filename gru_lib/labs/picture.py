"""Fill the picture of a lab without a browser: the same SVG file, by the same rules as picture.js.

The moving parts of the file carry attributes that say how they depend on named values:

    data-text="z = {z}"                  the text of an element; {z:f} and other formats as in `written`
    data-set-d="M0 {z*-80+104}"          any attribute; {|kept|*26} uses the size without the sign; "" removes it
    data-when="focus=all|z reset=after"  kept only if each condition holds
    data-readout="z"                     carries the unrounded value in the live lab
"""

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

MINUS = "\u2212"
SVG = "http://www.w3.org/2000/svg"


def rounded(value, decimals=3):
    """The nearest decimal number, ties away from zero, as JavaScript's toFixed does it; a Decimal."""
    return Decimal(float(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def written(value, style="3"):
    """A number as the picture shows it; strings pass unchanged.

    `style` "3": three decimals. "p": as it was set, two or three decimals. Then "f": a factor, in brackets if
    negative; "+": a summand, with its sign as operator.
    """
    if isinstance(value, str):
        return value
    text = str(rounded(abs(value)))
    if style.startswith("p"):
        text = re.sub("0$", "", text)
    negative = value < 0 and float(text) != 0
    if style.endswith("+"):
        return f"{MINUS if negative else '+'} {text}"
    if not negative:
        return text
    return f"({MINUS}{text})" if style.endswith("f") else MINUS + text


def add_up(total, first, second):
    """`first` and `second` rounded to three decimals, the worse rounded one moved so that they add up to `total`."""
    thousandths = [int(rounded(v) * 1000) for v in (first, second)]
    gap = int(rounded(total) * 1000) - sum(thousandths)
    worse = 0 if gap * (first * 1000 - thousandths[0]) >= gap * (second * 1000 - thousandths[1]) else 1
    thousandths[worse] += gap
    return [v / 1000 for v in thousandths]


def fill(template, values, style, label):
    """The SVG text of `template` (SVG text) for `values` (a dict), on its own: nothing outside it is needed.

    `style` is the CSS to put inside, `label` the alt text.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(template)
    _fill(root, values)
    _, _, width, height = root.get("viewBox").split()
    root.set("width", width)
    root.set("height", height)
    root.set("role", "img")
    root.set("aria-label", label)
    css = ElementTree.Element(f"{{{SVG}}}style")
    css.text = style
    title = ElementTree.Element(f"{{{SVG}}}title")
    title.text = label
    root[:0] = [title, css]
    return ElementTree.tostring(root, encoding="unicode")


def _fill(element, values):
    for child in list(element):
        conditions = child.get("data-when")
        if conditions is not None and not _holds(conditions, values):
            element.remove(child)
        else:
            _fill(child, values)
    for name, pattern in list(element.items()):
        if not name.startswith("data-"):
            continue
        del element.attrib[name]
        if name == "data-text":
            element.text = _fill_text(pattern, values)
        elif name.startswith("data-set-"):
            target = "viewBox" if name == "data-set-viewbox" else name.removeprefix("data-set-")
            text = _fill_attribute(pattern, values)
            if text:
                element.set(target, text)
            else:
                element.attrib.pop(target, None)


def _fill_text(pattern, values):
    return re.sub(r"\{(\w+)(?::([3pf+]+))?\}", lambda m: written(values[m[1]], m[2] or "3"), pattern)


def _fill_attribute(pattern, values):
    def one(found):
        size, name, scale, offset = found.groups()
        value = values[name]
        if isinstance(value, str):
            return value
        moved = (abs(value) if size else value) * float(scale or 1) + float(offset or 0)
        return f"{math.floor(moved * 100 + 0.5) / 100 + 0.0:g}"

    return re.sub(r"\{(\|?)(\w+)\|?(?:\*(-?[\d.]+))?([+-][\d.]+)?\}", one, pattern)


def _holds(conditions, values):
    pairs = (condition.split("=") for condition in conditions.split())
    return all(values[name] in allowed.split("|") for name, allowed in pairs)
