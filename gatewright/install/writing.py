"""Write several files, all or none: whatever can fail early comes first, and a failed write is reverted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gatewright.errors import FileRefusedError
from gatewright.install import user_files
from gatewright.install.journal import Journal
from gatewright.install.planning import PlannedFile


def write(journal: Journal, planned: Sequence[PlannedFile], timestamp: str) -> dict[Path, Path]:
    """Back up the originals, announce the changes to the journal, replace the files, and confirm them.

    Returns the backup of each file. Raises FileRefusedError; all files are then as before, or the error names those
    that are not.
    """
    changed = [file for file in planned if file.changes]
    for file in changed:
        user_files.require_unchanged(file.file)
    backups = {
        file.path: journal.back_up(file.path, file.file.data, timestamp)
        for file in changed
        if file.file.data is not None
    }
    for file in changed:
        journal.announce(file.old_record, file.record, file.file.data, file.data)
    written: list[PlannedFile] = []
    try:
        for file in changed:
            user_files.replace(file.file, file.data, private=file.private)
            written.append(file)
    except FileRefusedError as error:
        raise _revert(journal, changed, written, error) from error
    for file in planned:
        if file.changes or file.record != file.old_record:
            journal.confirm(file.record)
        if file.changes and file.data is None:
            user_files.remove_empty(file.created_folders)
    return backups


def _revert(
    journal: Journal, changed: Sequence[PlannedFile], written: Sequence[PlannedFile], error: FileRefusedError
) -> FileRefusedError:
    """The error, with the files that could not be restored. The journal keeps their announcements."""
    remaining = [file for file in written if not _restore(file)]
    for file in changed:
        if file not in remaining:
            with suppress(FileRefusedError):
                journal.confirm(file.old_record or replace(file.record, claims=()))
            if file.file.data is None:
                user_files.remove_empty(file.created_folders)
    if not remaining:
        return FileRefusedError(error.message, "Nothing was changed. Fix the cause, then run again")
    names = ", ".join(file.file.shown for file in remaining)
    return FileRefusedError(f"{error.message}; written before that: {names}", "Fix the cause, then run again")


def _restore(planned: PlannedFile) -> bool:
    try:
        user_files.replace(planned.after_write(), planned.file.data, private=planned.private)
    except FileRefusedError:
        return False
    return True
