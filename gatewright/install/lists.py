"""Items that install adds to a list of the user, such as the allowed models, or removes from one.

The list's text before the first change is kept. Where the list is as gatewright left it, and no owner needs the change
any more, that text returns; otherwise only the owner's items change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from gatewright.frozen import frozen

_LAST_ITEM = re.compile(r"(?P<space>\s*)(?P<comma>,?)(?P<rest>(?:\s|//[^\n]*|/\*.*?\*/)*)\]\Z", re.DOTALL)
_INDENT = re.compile(r"\[(?:[ \t]*//[^\n]*)?(\r?\n[ \t]+)")


def with_items(raw: str, items: Iterable[str]) -> str:
    """The source of a JSON array with more items at its end, in its own layout."""
    added = [json.dumps(item, ensure_ascii=False) for item in items]
    if not added:
        return raw
    if not raw[1:-1].strip():
        return f"[{', '.join(added)}]"
    indent = _INDENT.match(raw)
    separator = f",{indent[1]}" if indent else ", "
    end = _LAST_ITEM.search(raw)
    if end is None:
        return raw
    text = separator.join(["", *added])
    return raw[: end.start()] + text + end["comma"] + end["space"] + end["rest"] + "]"


@frozen
class ListChange:
    """What one owner adds to a list, and what it removes from it."""

    add: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.omit)


def apply(original: list[Any], changes: Iterable[ListChange]) -> list[Any]:
    """The list after all changes."""
    changes = list(changes)
    omitted = {item for change in changes for item in change.omit}
    result = [item for item in original if not isinstance(item, str) or item not in omitted]
    return [*result, *(item for item in added_items(changes) if item not in result)]


def added_items(changes: Iterable[ListChange]) -> list[str]:
    """All items that the changes add, each once."""
    return list(dict.fromkeys(item for change in changes for item in change.add))
