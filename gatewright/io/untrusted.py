"""Files that others may have prepared: special files are not opened, and nested values cannot exhaust the stack."""

from __future__ import annotations

import errno
import json
import math
import os
import stat
from pathlib import Path
from typing import Any

from gatewright.io.system import OPEN_FILE

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_regular_file(path: Path, limit: int = -1) -> bytes:
    """At most `limit` bytes of a file; all without a limit. Symlinks are followed.

    Raises OSError, also for a pipe or a device, which would block or never end.
    """
    descriptor = os.open(path, OPEN_FILE)
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind == stat.S_IFDIR:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if kind != stat.S_IFREG:
            raise OSError(errno.EINVAL, f"is {_KINDS.get(kind, 'a special file')}, not a regular file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(descriptor)


def resolve(path: Path) -> Path:
    """The path without symlinks; one that leads to itself stays (`Path.resolve` of Python 3.11 raises RuntimeError)."""
    return Path(os.path.realpath(path))


def parse_json(text: str | bytes) -> Any:
    """The JSON value in `text`. Raises ValueError for invalid JSON, for numbers that are not finite, and for values
    nested too deeply to read."""
    try:
        return json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):  # int() of it would raise OverflowError
        raise ValueError(f"{text[:20]} is not a finite number")
    return number
