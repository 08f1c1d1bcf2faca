"""The journal of installed settings, which agrees with the files even after a kill at any moment.

Before a file is replaced, its record is announced: as `next`, with the digest of the file's next content. After that it
is confirmed. A reader in between compares the file with both. Records hold no secret, and are readable by their owner
only nevertheless.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

from gatewright.errors import FileRefusedError
from gatewright.frozen import frozen
from gatewright.install.claims import Record, record_from_json, record_to_json
from gatewright.io import atomic
from gatewright.io.system import NO_SYMLINK, OPEN_FOLDER, lock_file, sync
from gatewright.io.untrusted import parse_json

_ABOUT = "what gatewright has put into the file named here; `gatewright uninstall` takes it out again"
_PRIVATE = 0o600
BACKUPS_KEPT = 10


@frozen
class Journal:
    """The records in the folder `state`, one file each."""

    state: Path

    @contextmanager
    def locked(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """Hold the lock that allows one install or uninstall at a time; `on_wait` is called before waiting for it."""
        with _writing(self.state):
            make_private(self.state, self._folder)
            descriptor = os.open(self.state / "lock", os.O_RDWR | os.O_CREAT | NO_SYMLINK, _PRIVATE)
        try:
            if not lock_file(descriptor, wait=False):
                on_wait()
                lock_file(descriptor)
            yield
        finally:
            os.close(descriptor)

    def records(self) -> dict[str, Record]:
        """All records by file. Raises FileRefusedError for one that cannot be read."""
        if not self._folder.is_dir():
            return {}
        records = (self._read(path) for path in sorted(self._folder.glob("*.json")))
        return {record.file: record for record in records if record is not None}

    def announce(self, old_record: Record | None, record: Record, old_data: bytes | None, data: bytes | None) -> None:
        """Announce that the record's file, which holds `old_data`, will hold `data`; None if there is no file."""
        content = {
            "now": old_record and record_to_json(old_record),
            "next": record_to_json(record),
            "now_sha256": _digest(old_data),
            "next_sha256": _digest(data),
        }
        self._write(Path(record.file), content)

    def confirm(self, record: Record) -> None:
        """Confirm that the file is as announced. A record without claims is removed."""
        if record.claims:
            self._write(Path(record.file), {"now": record_to_json(record)})
            return
        with _writing(self._folder), self._open() as folder:
            atomic.remove_if_exists(folder, self._path(Path(record.file)).name)
            sync(folder)

    def back_up(self, file: Path, data: bytes, timestamp: str) -> Path:
        """Write a copy of the file's content, readable by its owner only, and keep the newest of each file."""
        folder = self.state / "backups" / f"{file.name}-{_name(file)[:6]}"
        with _writing(folder):
            return self._back_up(folder, data, timestamp)

    def _back_up(self, folder: Path, data: bytes, timestamp: str) -> Path:
        make_private(self.state, folder.parent, folder)
        existing = sorted(path.name for path in folder.iterdir())
        stamp = timestamp.replace(":", "")
        names = chain((stamp,), (f"{stamp}-{number:03}" for number in count(2)))
        name = next(name for name in names if name not in existing)
        descriptor = os.open(folder, OPEN_FOLDER)
        try:
            atomic.replace(descriptor, name, data, _PRIVATE)
            for old in [*existing, name][:-BACKUPS_KEPT]:
                atomic.remove_if_exists(descriptor, old)
        finally:
            os.close(descriptor)
        return folder / name

    @property
    def _folder(self) -> Path:
        return self.state / "installed"

    def _path(self, file: Path) -> Path:
        return self._folder / f"{_name(file)}.json"

    def _read(self, path: Path) -> Record | None:
        try:
            content = parse_json(path.read_bytes())
            record = record_from_json(content["now"]) if content["now"] else None
            if "next" in content:
                record = _valid_record(record, record_from_json(content["next"]), content)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise FileRefusedError(
                f"{path}, a record of gatewright's journal of installed settings, cannot be read",
                "Delete it, and remove gatewright's settings from the client's file by hand",
            ) from None
        return record if record is not None and record.claims else None

    def _write(self, file: Path, content: dict[str, Any]) -> None:
        text = json.dumps({"about": _ABOUT, **content}, indent=1, ensure_ascii=False)
        with _writing(self._folder), self._open() as folder:
            atomic.replace(folder, self._path(file).name, f"{text}\n".encode("utf-8", "surrogateescape"), _PRIVATE)

    @contextmanager
    def _open(self) -> Iterator[int]:
        folder = os.open(self._folder, OPEN_FOLDER)
        try:
            yield folder
        finally:
            os.close(folder)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"gatewright's journal of installed settings, {folder}, cannot be written: {error.strerror}"
        hint = "Free some space, set the folder's permissions, or set XDG_STATE_HOME; then run again"
        raise FileRefusedError(message, hint) from error


def make_private(*folders: Path) -> None:
    """Create missing folders, readable by their owner only. The parents of the first one have the usual mode."""
    folders[0].parent.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        folder.mkdir(exist_ok=True, mode=0o700)


def _valid_record(record: Record | None, announced: Record, content: dict[str, Any]) -> Record | None:
    """The record that holds after a run that was cut off.

    If the file matches neither digest, a user has edited it since. Then the record with more claims is used: a claim on
    a setting that is missing does no harm.
    """
    current = _file_digest(Path(announced.file))
    if current == content["next_sha256"]:
        return announced
    if current == content["now_sha256"]:
        return record
    return announced if announced.claims else record


def _name(file: Path) -> str:
    return hashlib.sha256(os.fsencode(file)).hexdigest()[:20]


def _file_digest(file: Path) -> str | None:
    return _digest(file.read_bytes() if file.is_file() else None)


def _digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()
