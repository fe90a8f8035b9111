"""The text of a question: four inline tags, and everything else shown as it was written."""

import hashlib
import re
from html import escape

TAGS = ("em", "code", "sub", "sup")
TAG = re.compile(f"(</?(?:{'|'.join(TAGS)})>)")


def parse(text):
    """The text as a list of pieces: a string, or a list [tag, piece, piece, ...] for one of `TAGS`.

    A tag that is never closed, closes nothing, or has attributes is text like any other.
    """
    within = [[""]]  # what is open, from the outside in; each begins with its tag
    for i, token in enumerate(TAG.split(text)):
        if i % 2 and token[1] != "/":
            within.append([token[1:-1]])
        elif i % 2 and token[2:-1] == within[-1][0]:
            closed = within.pop()
            within[-1].append(closed)
        elif token:
            within[-1].append(token)
    while len(within) > 1:
        tag, *pieces = within.pop()
        within[-1] += [f"<{tag}>", *pieces]
    return within[0][1:]


def html(pieces):
    """Pieces as HTML, in which everything but their own tags is escaped."""
    return "".join(
        escape(piece) if isinstance(piece, str) else f"<{piece[0]}>{html(piece[1:])}</{piece[0]}>" for piece in pieces
    )


def plain(pieces):
    """Pieces without tags: an index becomes h_t or h_(t-1), a power 2^n, all else stands as it is."""
    parts = []
    for piece in pieces:
        text = piece if isinstance(piece, str) else plain(piece[1:])
        if not isinstance(piece, str) and piece[0] in ("sub", "sup") and text:
            text = ("_" if piece[0] == "sub" else "^") + (text if text.isalnum() else f"({text})")
        parts.append(text)
    return "".join(parts)


def readable(name, value):
    """The pieces of a text. Raises TypeError unless it is a string, ValueError if there is nothing to read in it."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {value!r}")
    pieces = parse(value)
    if not plain(pieces).strip():
        raise ValueError(f"{name} must say something, but it is empty: {value!r}")
    return pieces


def distinct(name, one, texts):
    """The pieces of each text, by text. Raises as `readable` does, and ValueError if there are fewer than two or equals."""
    pieces, read_as = {}, {}
    for text in texts:
        found = readable(f"each {one}", text)
        same = read_as.setdefault(" ".join(plain(found).split()), text)
        if text in pieces or same != text:
            raise ValueError(f"{name} must differ, but {same!r} and {text!r} read the same")
        pieces[text] = found
    if len(pieces) < 2:
        raise ValueError(f"{name} must be at least two, not {len(pieces)}")
    return pieces


def shuffled(question, texts):
    """The texts in an order without meaning that is the same on every run and every machine."""
    return sorted(texts, key=lambda text: hashlib.sha256(f"{question}\n{text}".encode()).digest())


def wrong_answers(wrong):
    """`wrong` as a dict, also if it is None. Raises TypeError for anything else."""
    if wrong is not None and not isinstance(wrong, dict):
        raise TypeError(f"wrong must be a dict {{wrong answer: explanation}}, not {wrong!r}")
    return wrong or {}
