"""Names and words from outside, as they may be shown: nothing in them moves, colours or turns what stands around."""

from __future__ import annotations

import re

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, those that turn the direction of writing, those without width, halves of characters."""


def make_printable(text: str) -> str:
    """`text`, each of those replaced by a sign that is seen; lines stay lines."""
    return UNPRINTABLE.sub("�", text)


def make_single_line(text: str) -> str:
    """The same where a line must not end, as long as before."""
    return make_printable(text.replace("\n", " "))


def plural(count: int, singular: str, plural: str | None = None) -> str:
    """The count with its noun: `1 retry`, `2 retries`, `1,204 models`. `plural` is for nouns that do not follow the
    rules of -s, -es and -ies."""
    if count == 1:
        return f"1 {singular}"
    if plural is None:
        if singular.endswith("y") and singular[-2:-1] not in "aeiou":
            plural = f"{singular[:-1]}ies"
        else:
            plural = singular + ("es" if singular.endswith(("s", "x", "ch", "sh")) else "s")
    return f"{count:,} {plural}"
