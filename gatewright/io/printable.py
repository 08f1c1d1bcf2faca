"""Names and words from outside, as they may be shown: nothing in them moves, colours or turns what stands around."""

from __future__ import annotations

import re

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, those that turn the direction of writing, those without width, halves of characters."""


def visible(text: str) -> str:
    """`text`, each of those replaced by a sign that is seen; lines stay lines."""
    return UNSEEN.sub("�", text)


def on_one_line(text: str) -> str:
    """The same where a line must not end, as long as before."""
    return visible(text.replace("\n", " "))
