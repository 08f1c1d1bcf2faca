"""Replace parts of a text by their offsets."""

from __future__ import annotations

from operator import itemgetter

MASK = "•••"
"""Shown in place of a secret."""


def splice(text: str, edits: list[tuple[int, int, str]]) -> str:
    """Replace each part `start:end` of `text`. Parts do not overlap; insertions at one offset keep their order."""
    pieces, offset = [], 0
    for start, end, replacement in sorted(edits, key=itemgetter(0)):
        pieces += [text[offset:start], replacement]
        offset = end
    return "".join([*pieces, text[offset:]])
