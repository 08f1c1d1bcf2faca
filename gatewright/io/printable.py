"""Text from outside made safe to print: it cannot move the cursor, change colours or reverse the text around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|[\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, bidirectional controls, characters without width, and surrogates."""


def make_printable(text: str) -> str:
    """`text` with unprintable characters replaced by U+FFFD. Line breaks stay."""
    return UNPRINTABLE.sub("�", text)


def make_single_line(text: str) -> str:
    """The same on one line, with as many characters."""
    return make_printable(text.replace("\n", " "))


def listed(names: Sequence[str], most: int) -> str:
    """`a, b and 2 more`: at most `most` of the names."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


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
