"""scan: keys in clear text in files, and in all versions of them that git has."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from gatewright.diagnostics import Location
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.git import run_git
from gatewright.io.untrusted import read_regular_file
from gatewright.operations.gitleaks_ignore import fingerprint, read_ignored
from gatewright.progress import step, unreported
from gatewright.redaction import is_secret_name
from gatewright.redaction.found import find_keys, is_example

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.progress import Report, Step

MAX_SIZE = 20_000_000  # bytes of a file; a larger one is named and not read
_MIN_LENGTH = 12  # characters of a variable's value
_BINARY = 8_000  # bytes in which a binary file has a zero, as git decides
_HISTORY = "--history"
_REPORTED = 500
"""Objects of git between two reports of progress."""
_NOT_READ = frozenset({".git", ".gatewright", ".venv", "node_modules", "__pycache__"})


@frozen
class ClearTextKey:
    """A key in clear text. `commit`: the hash of the first that has it, where it is in git's history only."""

    location: Location
    kind: str
    digest: str
    commit: str | None = None

    @property
    def fingerprint(self) -> str:
        """Its line of `.gitleaksignore`."""
        return fingerprint(self.commit, self.location.file, self.location.line)


@dataclass(slots=True)
class Scan:
    """What was read, and the keys in it. `skipped`: files with the reason that they were not read."""

    keys: list[ClearTextKey] = field(default_factory=list)
    files: int = 0
    versions: int = 0  # of files in git's history
    skipped: dict[str, str] = field(default_factory=dict)


def scan(
    root: Path,
    paths: Sequence[Path],
    others: Iterable[Path],
    variables: Mapping[str, str],
    *,
    history: bool,
    report: Report = unreported,
) -> Scan:
    """Search `paths`, by default `root` and `others`, for keys of known forms and for the values of `variables`.
    Progress in the history goes to `report`.

    In a git repository, files that it ignores are left out unless they are named, except `out/`. Keys that
    `.gitleaksignore` in `root` lists are left out.

    Raises:
        UsageError: a path does not exist.
        GatewrightError: git failed.
    """
    known = _secrets(variables)
    result = Scan()
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist")
    files = _expand(paths) if paths else _expand([root, *filter(Path.exists, (root / "out", *others))])
    for file in files:
        label = os.path.relpath(file, root) if file.is_relative_to(root) else str(file)
        try:
            size = file.stat().st_size
            data = read_regular_file(file, MAX_SIZE) if size <= MAX_SIZE else None
        except OSError as error:
            result.skipped[label] = error.strerror or str(error)
            continue
        if data is None:
            result.skipped[label] = _too_large(size)
            continue
        result.files += 1
        result.keys += _keys(label, data, known)
    if history:
        with step(report, "reading git's history") as current:
            _scan_history(root, known, result, current)
    ignored = read_ignored(root)
    result.keys = [key for key in result.keys if key.fingerprint not in ignored]
    result.keys.sort(key=lambda key: (key.location, key.commit or ""))
    return result


def _secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """The values of variables that hold a secret by their names."""
    return {
        value: f"value of ${name}"
        for name, value in variables.items()
        if is_secret_name(name) and len(value) >= _MIN_LENGTH and "/" not in value[:2] and not is_example(value)
    }


def _expand(paths: Sequence[Path]) -> dict[Path, None]:
    """The files at the paths and in the folders, each once, in order."""
    files: dict[Path, None] = {}
    for path in paths:
        files.update(dict.fromkeys(_files_in(path) if path.is_dir() else [path]))
    return files


def _files_in(folder: Path) -> Iterator[Path]:
    listed = _list_with_git(folder)
    if listed:
        names = dict.fromkeys(name for name in listed.decode(errors="surrogateescape").split("\0") if name)
        yield from (path for name in names if (path := folder / name).is_file() and not path.is_symlink())
        return
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _NOT_READ)
        yield from (path for name in sorted(files) if not (path := Path(place, name)).is_symlink())


def _list_with_git(folder: Path) -> bytes:
    """The files that git tracks, and those that it neither tracks nor ignores; nothing outside a repository."""
    if shutil.which("git") is None:
        return b""
    arguments = ("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    return run_git(folder, *arguments, needed_by="scan", may_fail=True)


def _keys(file: str, data: bytes, known: Mapping[str, str]) -> Iterator[ClearTextKey]:
    if b"\0" in data[:_BINARY]:
        return
    text = data.decode(errors="replace")
    for key in find_keys(text, known):
        start = text.rfind("\n", 0, key.offset) + 1
        location = Location(file, text.count("\n", 0, start) + 1, key.offset - start + 1)
        yield ClearTextKey(location, key.kind, key.digest)


def _scan_history(root: Path, known: Mapping[str, str], result: Scan, current: Step) -> None:
    """Read each version of each file in all branches and tags once. A key that a file still has is not repeated."""
    seen = {(key.location.file, key.digest) for key in result.keys}
    objects = run_git(root, "rev-list", "--objects", "--all", needed_by=_HISTORY).decode(errors="surrogateescape")
    names = dict(line.split(" ", 1) for line in objects.splitlines() if " " in line)
    with tempfile.TemporaryFile() as ids:
        ids.write("".join(f"{name}\n" for name in reversed(names)).encode())  # the oldest version first
        ids.seek(0)
        command = ["git", "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(command, cwd=root, stdin=ids, stdout=subprocess.PIPE) as git:
            output = cast("BinaryIO", git.stdout)
            for done in itertools.count():
                if done % _REPORTED == 0:
                    current.advance(done, len(names), "objects")
                if not (header := output.readline().split()):
                    break
                if len(header) != 3:  # an object that a shallow or partial clone lacks
                    continue
                name, kind, size = header[0].decode(), header[1], int(header[2])
                data = output.read(size + 1)[:-1]
                if kind != b"blob":
                    continue
                result.versions += 1
                if size > MAX_SIZE:
                    result.skipped[f"{names[name]} in git ({name[:7]})"] = _too_large(size)
                    continue
                for key in _keys(names[name], data, known):
                    if (key.location.file, key.digest) not in seen:
                        seen.add((key.location.file, key.digest))
                        result.keys.append(replace(key, commit=_first_commit(root, name)))


def _too_large(size: int) -> str:
    return f"has {size:,} bytes; the limit is {MAX_SIZE:,}"


def _first_commit(root: Path, blob: str) -> str:
    arguments = ("log", "--all", "--reverse", "--format=%H", f"--find-object={blob}")
    commits = run_git(root, *arguments, needed_by=_HISTORY).decode().split()
    return commits[0] if commits else "unknown"
