"""Emitted files: written atomically, only inside their folder, and never over a file that gatewright did not write.

    folder = OutputFolder(project.root, ("out", "local"))
    folder.write("pi/models.json", text)

Every folder on the path is opened without following symlinks, and operations are relative to the open folder, so
concurrent changes cannot lead outside. A manifest beside the files lists those that gatewright wrote. A path is added
to it before its file is written, so the next run accepts the leftovers of a killed one.
"""

from __future__ import annotations

import errno
import json
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from gatewright.errors import FileRefusedError
from gatewright.frozen import frozen
from gatewright.io import atomic
from gatewright.io.system import OPEN_FOLDER, lock_file
from gatewright.io.untrusted import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MANIFEST = ".gatewright.json"
PUBLIC, PRIVATE = 0o644, 0o600

_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.+@-]{0,99}")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_LONGEST = 240


@frozen
class FileOnDisk:
    """A file and its content. `mode` is PRIVATE where only the owner can access it, otherwise PUBLIC."""

    data: bytes
    mode: int

    @property
    def text(self) -> str:
        """The content decoded as UTF-8, invalid bytes as U+FFFD."""
        return self.data.decode(errors="replace")

    def equals_any(self, *texts: str | None) -> bool:
        """Whether the content is one of `texts`, byte for byte."""
        return any(text is not None and text.encode() == self.data for text in texts)


@frozen
class OutputFolder:
    """The folder `base`/`names`. `base` is trusted and may be a symlink; `names` and everything below may not.

    Methods take a path relative to the folder, with `/`. `known` is the content that gatewright last wrote to the file.

    Raises:
        FileRefusedError: the path is not valid for an emitted file, a symlink or a special file is on it, or the
            system reports an error.
    """

    base: Path
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.names:
            path_parts(name)

    def shown(self, relative: str) -> str:
        """`relative` as in messages."""
        return "/".join((*(self.names or (str(self.base),)), relative))

    def read(self, relative: str) -> FileOnDisk | None:
        """The file, whoever wrote it; None where there is none."""
        parts = path_parts(relative)
        if not self.base.exists():
            return None
        with self._locked(relative) as base:
            return self._read(base, parts)

    def check(self, relative: str, text: str, known: str | None = None) -> None:
        """Raise what `write` would raise, without writing."""
        parts = path_parts(relative)
        if self.base.exists():
            with self._locked(relative) as base:
                self._admit(base, parts, self._manifest(base), (text, known))

    def write(self, relative: str, text: str, mode: int = PUBLIC, known: str | None = None) -> None:
        """Write the file unless it is identical already, and create its folders.

        Refuses a file that gatewright did not write: one that is not in the manifest and contains neither `text` nor
        `known`.
        """
        parts = path_parts(relative)
        with self._locked(relative, create=True) as base:
            listed = self._manifest(base)
            existing = self._admit(base, parts, listed, (text, known))
            if relative not in listed:
                self._write_manifest(base, listed | {relative})
            if existing != FileOnDisk(text.encode(), mode):
                with atomic.open_folder(base, (*self.names, *parts[:-1]), create=True) as folder:
                    atomic.replace(folder, parts[-1], text.encode(), mode)

    def written(self) -> frozenset[str]:
        """The paths of the files that gatewright wrote, whether or not they still exist."""
        if not self.base.exists():
            return frozenset()
        with self._locked(MANIFEST) as base:
            return self._manifest(base)

    def remove(self, relative: str, known: str | None = None) -> bool:
        """Remove the file if `write` would replace it, and then empty folders. A missing file is not an error.

        Returns whether a file was removed.
        """
        parts, is_removed = path_parts(relative), False
        if not self.base.exists():
            return False
        with self._locked(relative) as base:
            listed = self._manifest(base)
            with suppress(FileRefusedError):
                if self._admit(base, parts, listed, (known,)):
                    with atomic.open_folder(base, (*self.names, *parts[:-1])) as folder:
                        if not _is_also_listed(folder, relative, listed):
                            atomic.remove_if_exists(folder, parts[-1])
                            is_removed = True
            if relative in listed:
                self._write_manifest(base, listed - {relative})
            self._prune(base, (*self.names, *parts[:-1]))
        return is_removed

    def _read(self, base: int, parts: Sequence[str]) -> FileOnDisk | None:
        try:
            with atomic.open_folder(base, (*self.names, *parts[:-1])) as folder:
                data, mode = atomic.read(folder, parts[-1])
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in atomic.NOT_REGULAR:
                raise
            raise self._special_file("/".join(parts)) from error
        return FileOnDisk(data, PUBLIC if mode & 0o077 else PRIVATE)

    def _admit(
        self, base: int, parts: Sequence[str], listed: frozenset[str], contents: Sequence[str | None]
    ) -> FileOnDisk | None:
        """The existing file, if any; refuses one that gatewright did not write."""
        existing, relative = self._read(base, parts), "/".join(parts)
        if existing is None or relative in listed or existing.equals_any(*contents):
            return existing
        raise FileRefusedError(
            f"{self.shown(relative)} is in the way: gatewright did not write it and does not overwrite it",
            "move it elsewhere or delete it, then run again",
        )

    def _manifest(self, base: int) -> frozenset[str]:
        manifest = self._read(base, (MANIFEST,))
        if manifest is None:
            return frozenset()
        try:
            return frozenset(parse_json(manifest.data)["files"])
        except (ValueError, TypeError, KeyError):
            raise FileRefusedError(
                f"{self.shown(MANIFEST)}, the list of the files that gatewright wrote there, is not valid",
                "delete it, and move away the files there that were edited by hand",
            ) from None

    def _write_manifest(self, base: int, listed: frozenset[str]) -> None:
        with atomic.open_folder(base, self.names, create=True) as folder:
            if not listed:
                atomic.remove_if_exists(folder, MANIFEST)
                return
            content = {"about": "the files in this folder that gatewright wrote", "files": sorted(listed)}
            atomic.replace(folder, MANIFEST, f"{json.dumps(content, indent=2)}\n".encode(), PUBLIC)

    def _prune(self, base: int, folders: Sequence[str]) -> None:
        for depth in range(len(folders), 0, -1):
            try:
                with atomic.open_folder(base, folders[:depth]) as folder:
                    atomic.remove_if_exists(folder, atomic.TEMPORARY_NAME)
                with atomic.open_folder(base, folders[: depth - 1]) as parent:
                    os.rmdir(folders[depth - 1], dir_fd=parent)
            except FileNotFoundError:
                continue
            except OSError as error:
                if error.errno in {errno.ENOTEMPTY, errno.EEXIST, *atomic.NOT_REGULAR}:
                    return
                raise

    @contextmanager
    def _locked(self, relative: str, *, create: bool = False) -> Iterator[int]:
        """Open `base` for one thread of one process at a time. System errors become FileRefusedError."""
        try:
            if create:
                self.base.mkdir(parents=True, exist_ok=True)
            base = os.open(self.base, OPEN_FOLDER)
            try:
                lock_file(base)
                yield base
            finally:
                os.close(base)
        except OSError as error:
            if error.errno in atomic.NOT_REGULAR:
                raise self._special_file(relative) from error
            message = f"{self.shown(relative)} cannot be used: {error.strerror}"
            raise FileRefusedError(message, "free space or set the permissions, then run again") from error

    def _special_file(self, relative: str) -> FileRefusedError:
        return FileRefusedError(
            f"{self.shown(relative)} is refused: there is a symlink or a special file on its path",
            "remove it, then run again; emitted files stay inside their folder",
        )


def _is_also_listed(folder: int, relative: str, listed: frozenset[str]) -> bool:
    """Whether another listed name means the same file: `Work.toml` and `work.toml` on macOS."""
    others = [path for path in listed - {relative} if path.lower() == relative.lower()]
    names = [path.rpartition("/")[2] for path in (relative, *others)]
    return any(atomic.is_same(folder, names[0], other) for other in names[1:])


def path_parts(relative: str) -> tuple[str, ...]:
    """The folders and the name in `relative`. Raises FileRefusedError for a path that is not valid."""
    parts = tuple(relative.split("/"))
    reason = None
    if len(relative) > _LONGEST:
        reason = f"it is longer than {_LONGEST} characters"
    elif relative.startswith("/") or ".." in parts:
        reason = "it leads out of its folder"
    elif not all(_NAME.fullmatch(part) and not part.endswith(".") for part in parts):
        reason = "a part of it is empty, ends with a dot, or has other characters than letters, digits and . _ - + @"
    elif any(_DEVICE.fullmatch(part) for part in parts):
        reason = "a part of it is a device name on some systems"
    elif any(part.lower().startswith(".gatewright") for part in parts):
        reason = "names that begin with .gatewright are reserved"
    if reason:
        message = f"{relative[:_LONGEST]!r} is not a valid path for an emitted file: {reason}"
        raise FileRefusedError(message, "use one like openclaw.json or pi/models.json")
    return parts
