"""The check that an edit of a user's file has changed nothing but what gatewright owns in it."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from gatewright.install.claims import digest
from gatewright.io.text_edits import value_at
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.text_format import WHOLE

if TYPE_CHECKING:
    from gatewright.install.claims import Record
    from gatewright.io.text_edits import EditableText


def require_others_unchanged(before: Record, text: str, after: Record, edited: EditableText) -> None:
    """Compare `text` with its edit. `before` and `after` are the file's records, whose settings may differ.

    Raises:
        MalformedTextError: anything else differs.
    """
    if before.format == WHOLE:
        return
    original = before.format.read(text).data
    if digest(_rest(original, before, after)) != digest(_rest(edited.data, before, after)):
        raise MalformedTextError(1, 1, "the edit would change settings that gatewright has not installed")


def _rest(data: Any, before: Record, after: Record) -> Any:
    """`data` without the settings of both records, and without the containers that were created and are empty then."""
    rest = deepcopy(data)
    for path in {*before.paths, *after.paths}:
        container = value_at(rest, path[:-1])
        if path and isinstance(container, dict):
            container.pop(path[-1], None)
    for path in sorted({*before.before, *after.before}, key=len, reverse=True):
        container = value_at(rest, path[:-1])
        if path and isinstance(container, dict) and not container.get(path[-1]):
            container.pop(path[-1], None)
    return rest or None
