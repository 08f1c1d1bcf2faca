"""What is ours on this machine, kept so that it agrees with the files after a kill at any moment.

A record enters the journal twice: as `next`, with the digest of what its file will hold, before the file is replaced,
and as what is, after. Whoever reads it in between looks which of both the file is. Nothing here is a secret; the files
are readable by their owner alone all the same.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright.errors import FileRefusedError
from gatewright.install.claims import Record, dumped, loaded
from gatewright.io import atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ABOUT = "what gatewright has put into the file named here; `gatewright uninstall` takes it out again"
_PRIVATE = 0o600
BACKUPS_KEPT = 10


@dataclass(frozen=True, slots=True)
class Journal:
    """The records under `state`, one file each."""

    state: Path

    @contextmanager
    def locked(self, wait: Callable[[], None]) -> Iterator[None]:
        """One install or uninstall at a time; another one is waited for, and `wait` told."""
        with _writing(self.state):
            make_private(self.state, self._folder)
            descriptor = os.open(self.state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                wait()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def records(self) -> list[Record]:
        """All of them. Raises FileRefusedError for one that cannot be read."""
        if not self._folder.is_dir():
            return []
        found = (self._read(path) for path in sorted(self._folder.glob("*.json")))
        return [record for record in found if record is not None]

    def record(self, file: Path) -> Record | None:
        """What is ours in `file`."""
        return self._read(self._path(file))

    def announce(self, now: Record | None, following: Record, was: bytes | None, data: bytes | None) -> None:
        """Before `following.file`, which holds `was`, comes to hold `data`; None where there is no file."""
        digests = {"now_sha256": _digest(was), "next_sha256": _digest(data)}
        self._write(Path(following.file), {"now": now and dumped(now), "next": dumped(following), **digests})

    def settle(self, record: Record) -> None:
        """After the file holds what was announced; a record without a claim goes."""
        if record.claims:
            self._write(Path(record.file), {"now": dumped(record)})
            return
        with _writing(self._folder), self._open() as folder:
            atomic.remove_if_exists(folder, self._path(Path(record.file)).name)
            os.fsync(folder)

    def back_up(self, file: Path, data: bytes, moment: str) -> Path:
        """A copy of what `file` held, for its owner alone; the newest of each file are kept."""
        folder = self.state / "backups" / f"{file.name}-{_name(file)[:6]}"
        with _writing(folder):
            return self._back_up(folder, data, moment)

    def _back_up(self, folder: Path, data: bytes, moment: str) -> Path:
        make_private(self.state, folder.parent, folder)
        there = sorted(each.name for each in folder.iterdir())
        stamp = moment.replace(":", "")
        name = next(
            each for each in chain((stamp,), (f"{stamp}-{number:03}" for number in count(2))) if each not in there
        )
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            atomic.replace(descriptor, name, data, _PRIVATE)
            for old in [*there, name][:-BACKUPS_KEPT]:
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
            content = json.loads(path.read_bytes())
            now = loaded(content["now"]) if content["now"] else None
            found = _which(now, loaded(content["next"]), content) if "next" in content else now
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise FileRefusedError(
                f"{path}, where gatewright remembers what it has installed, cannot be read",
                "delete it; what it had put into the client's file must then be removed by hand",
            ) from None
        return found if found is not None and found.claims else None

    def _write(self, file: Path, content: dict[str, Any]) -> None:
        text = json.dumps({"about": _ABOUT, **content}, indent=1, ensure_ascii=False)
        with _writing(self._folder), self._open() as folder:
            atomic.replace(folder, self._path(file).name, f"{text}\n".encode("utf-8", "surrogateescape"), _PRIVATE)

    @contextmanager
    def _open(self) -> Iterator[int]:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield folder
        finally:
            os.close(folder)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{folder}, where gatewright remembers what it installs, cannot be written: {error.strerror}"
        raise FileRefusedError(message, "make room or set its rights, or set XDG_STATE_HOME; then run again") from error


def make_private(*folders: Path) -> None:
    """Makes those that are missing, for their owner alone; what is above the first one is as any folder."""
    folders[0].parent.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        folder.mkdir(exist_ok=True, mode=0o700)


def _which(now: Record | None, following: Record, content: dict[str, Any]) -> Record | None:
    """What is, after a run that was cut off. A file that has been edited since tells nothing: then whichever knows more
    of ours, for what it knows in vain is only missing."""
    there = _on_disk(Path(following.file))
    if there == content["next_sha256"]:
        return following
    if there == content["now_sha256"]:
        return now
    return following if following.claims else now


def _name(file: Path) -> str:
    return hashlib.sha256(os.fsencode(file)).hexdigest()[:20]


def _on_disk(file: Path) -> str | None:
    return _digest(file.read_bytes() if file.is_file() else None)


def _digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()
