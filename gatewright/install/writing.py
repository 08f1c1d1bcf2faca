"""Several files, all of them or none: what can fail beforehand comes first, and what failed is undone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.errors import FileRefusedError
from gatewright.install import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gatewright.install.journal import Journal
    from gatewright.install.planning import Planned


def write(journal: Journal, planned: Sequence[Planned], moment: str) -> dict[Path, Path]:
    """The originals are kept, the journal told, the files replaced, the journal told again: where each backup is.

    Raises FileRefusedError; all is as it was then, or the error names what is not.
    """
    changed = [each for each in planned if each.changes]
    for each in changed:
        guarded.require_unchanged(each.found)
    backups = {
        each.path: journal.back_up(each.path, each.found.data, moment)
        for each in changed
        if each.found.data is not None
    }
    for each in changed:
        journal.announce(each.known, each.record, each.found.data, each.data)
    done: list[Planned] = []
    try:
        for each in changed:
            guarded.put(each.found, each.data, private=each.private)
            done.append(each)
    except FileRefusedError as error:
        raise _undone(journal, changed, done, error) from error
    for each in planned:
        if each.changes or each.record != each.known:
            journal.settle(each.record)
        guarded.remove_empty(each.folders_to_remove if each.changes else ())
    return backups


def _undone(
    journal: Journal, changed: Sequence[Planned], done: Sequence[Planned], error: FileRefusedError
) -> FileRefusedError:
    """`error`, with the files that could not be put back: the journal knows of these what they hold."""
    left = [each for each in done if not _put_back(each)]
    for each in changed:
        if each not in left:
            with suppress(FileRefusedError):
                journal.settle(each.known or replace(each.record, claims=()))
            guarded.remove_empty(each.folders_made)
    if not left:
        return FileRefusedError(error.message, "nothing was changed: mend that, then run again")
    names = ", ".join(each.found.shown for each in left)
    return FileRefusedError(f"{error.message}; done before that: {names}", "mend that, then run again")


def _put_back(planned: Planned) -> bool:
    try:
        guarded.put(planned.now(), planned.found.data, private=planned.private)
    except FileRefusedError:
        return False
    return True
