"""Emitted files: whole or not there at all, only where they belong, never over what is not ours.

    folder = OutputFolder(project.root, ("out", "local"))
    folder.write("pi/models.json", text)

Every folder on the way is opened without following symlinks, and everything happens relative to what was opened, so
that nothing that changes meanwhile can lead outside. What is ours stands in a manifest beside the files; a path enters
it before its file is written, so that a run killed in between leaves nothing that the next one would refuse.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.errors import FileRefusedError
from gatewright.io import atomic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MANIFEST = ".gatewright.json"
PUBLIC, PRIVATE = 0o644, 0o600

_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.+@-]{0,99}")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_LONGEST = 240


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """What stands on the disk. `mode` is PRIVATE where nobody but the owner can use the file, else PUBLIC."""

    data: bytes
    mode: int

    @property
    def text(self) -> str:
        """As UTF-8; bytes that are none come out as U+FFFD."""
        return self.data.decode(errors="replace")

    def equals_any(self, *texts: str | None) -> bool:
        """Whether the file holds one of `texts`, byte for byte."""
        return any(text is not None and text.encode() == self.data for text in texts)


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """The folder `base`/`names`; `base` is trusted and may be a symlink, `names` and all below may not.

    Every method takes a path relative to the folder, with `/`, and raises FileRefusedError when that is no path for an
    emitted file, when a symlink or something else that is neither file nor folder is in the way, and when the system
    refuses. `known` is what the file held when it was last known to be ours.
    """

    base: Path
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.names:
            path_parts(name)

    def shown(self, relative: str) -> str:
        """`relative` as messages show it."""
        return "/".join((*(self.names or (str(self.base),)), relative))

    def read(self, relative: str) -> FileOnDisk | None:
        """The file as it is on the disk, ours or not; None where there is none."""
        parts = path_parts(relative)
        if not self.base.exists():
            return None
        with self._locked(relative) as base:
            return self._look(base, parts)

    def check(self, relative: str, text: str, known: str | None = None) -> None:
        """Raise what `write` would raise before it writes."""
        parts = path_parts(relative)
        if self.base.exists():
            with self._locked(relative) as base:
                self._admit(base, parts, self._ours(base), (text, known))

    def write(self, relative: str, text: str, mode: int = PUBLIC, known: str | None = None) -> None:
        """Make the file hold `text`; folders are created, and a file that is right already is left alone.

        Refuses a file that is not ours: not in the manifest, and holding neither `text` nor `known`.
        """
        parts = path_parts(relative)
        with self._locked(relative, create=True) as base:
            ours = self._ours(base)
            found = self._admit(base, parts, ours, (text, known))
            if relative not in ours:
                self._keep(base, ours | {relative})
            if found != FileOnDisk(text.encode(), mode):
                with atomic.open_folder(base, (*self.names, *parts[:-1]), create=True) as folder:
                    atomic.replace(folder, parts[-1], text.encode(), mode)

    def remove(self, relative: str, known: str | None = None) -> None:
        """Remove the file if it is ours, as `write` has it, and the folders that are empty then; none there is fine."""
        parts = path_parts(relative)
        if not self.base.exists():
            return
        with self._locked(relative) as base:
            ours = self._ours(base)
            with suppress(FileRefusedError):
                if self._admit(base, parts, ours, (known,)):
                    with atomic.open_folder(base, (*self.names, *parts[:-1])) as folder:
                        atomic.remove_if_exists(folder, parts[-1])
            if relative in ours:
                self._keep(base, ours - {relative})
            self._prune(base, (*self.names, *parts[:-1]))

    def _look(self, base: int, parts: Sequence[str]) -> FileOnDisk | None:
        try:
            with atomic.open_folder(base, (*self.names, *parts[:-1])) as folder:
                data, mode = atomic.read(folder, parts[-1])
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in atomic.NOT_REGULAR:
                raise
            raise self._odd("/".join(parts)) from error
        return FileOnDisk(data, PUBLIC if mode & 0o077 else PRIVATE)

    def _admit(
        self, base: int, parts: Sequence[str], ours: frozenset[str], contents: Sequence[str | None]
    ) -> FileOnDisk | None:
        """The file that is there, if any; refuses one that is not ours."""
        found, relative = self._look(base, parts), "/".join(parts)
        if found is None or relative in ours or found.equals_any(*contents):
            return found
        raise FileRefusedError(
            f"{self.shown(relative)} is in the way: gatewright did not write it and does not overwrite it",
            "move it elsewhere or delete it, then run again",
        )

    def _ours(self, base: int) -> frozenset[str]:
        found = self._look(base, (MANIFEST,))
        if found is None:
            return frozenset()
        try:
            return frozenset(json.loads(found.data)["files"])
        except (ValueError, TypeError, KeyError):
            raise FileRefusedError(
                f"{self.shown(MANIFEST)}, the list of what gatewright wrote there, cannot be read",
                "delete it; files there that were edited by hand must then be moved away too",
            ) from None

    def _keep(self, base: int, ours: frozenset[str]) -> None:
        with atomic.open_folder(base, self.names, create=True) as folder:
            if not ours:
                atomic.remove_if_exists(folder, MANIFEST)
                return
            content = {"about": "the files in this folder that gatewright wrote", "files": sorted(ours)}
            atomic.replace(folder, MANIFEST, f"{json.dumps(content, indent=2)}\n".encode(), PUBLIC)

    def _prune(self, base: int, folders: Sequence[str]) -> None:
        for depth in range(len(folders), 0, -1):
            try:
                with atomic.open_folder(base, folders[:depth]) as folder:
                    atomic.remove_if_exists(folder, atomic.TEMPORARY_NAME)
                with atomic.open_folder(base, folders[: depth - 1]) as above:
                    os.rmdir(folders[depth - 1], dir_fd=above)
            except FileNotFoundError:
                continue
            except OSError as error:
                if error.errno in {errno.ENOTEMPTY, errno.EEXIST, *atomic.NOT_REGULAR}:
                    return
                raise

    @contextmanager
    def _locked(self, relative: str, *, create: bool = False) -> Iterator[int]:
        """`base`, open and for one thread of one process at a time; system errors come out as FileRefusedError."""
        try:
            if create:
                self.base.mkdir(parents=True, exist_ok=True)
            base = os.open(self.base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(base, fcntl.LOCK_EX)
                yield base
            finally:
                os.close(base)
        except OSError as error:
            if error.errno in atomic.NOT_REGULAR:
                raise self._odd(relative) from error
            message = f"{self.shown(relative)} cannot be used: {error.strerror}"
            raise FileRefusedError(message, "make room or set the rights, then run again") from error

    def _odd(self, relative: str) -> FileRefusedError:
        return FileRefusedError(
            f"{self.shown(relative)} is refused: a symlink or something else that is neither file nor folder is there",
            "remove it, then run again: emitted files stay inside their folder",
        )


def path_parts(relative: str) -> tuple[str, ...]:
    """The folders and the name in `relative`, or a FileRefusedError that says what is wrong with it."""
    parts = tuple(relative.split("/"))
    why = None
    if len(relative) > _LONGEST:
        why = f"it is longer than {_LONGEST} characters"
    elif relative.startswith("/") or ".." in parts:
        why = "it leads out of its folder"
    elif not all(_NAME.fullmatch(part) and not part.endswith(".") for part in parts):
        why = "a part of it is empty, ends with a dot, or has other characters than letters, digits and . _ - + @"
    elif any(_DEVICE.fullmatch(part) for part in parts):
        why = "a part of it is a device on some systems"
    elif any(part.lower().startswith(".gatewright") for part in parts):
        why = "names that begin with .gatewright are gatewright's own"
    if why:
        message = f"{relative[:_LONGEST]!r} is no path for an emitted file: {why}"
        raise FileRefusedError(message, "use one like openclaw.json or pi/models.json")
    return parts
