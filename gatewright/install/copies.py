"""Copies of a program's files and of the files that they refer to, for the program's own check."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gatewright.clients.common.installation import Validator
from gatewright.clients.common.machine import Machine
from gatewright.clients.common.user_settings import MAX_SIZE
from gatewright.frozen import frozen


@frozen
class Copy:
    """The content of a file, and its path: other files that it refers to are copied from there."""

    data: bytes
    original: Path


def copy_references(validator: Validator, copy: Copy, target: Path, folder: Path, machine: Machine) -> Iterator[str]:
    """Copy the files that `copy` refers to, and those that they refer to, beside its copy at `target`.

    Yields the references that cannot be copied: `folder` is the only place for copies. Absolute paths need no copy.
    """
    for reference in validator.references(copy.data.decode(errors="replace")):
        if reference.startswith("/"):
            continue
        in_home = reference.startswith("~/")
        source = machine.path(reference) if in_home else copy.original.parent / reference
        place = folder / reference[2:] if in_home else Path(os.path.normpath(target.parent / reference))
        if place.exists():
            continue
        if not place.is_relative_to(folder) or not source.is_file() or source.stat().st_size > MAX_SIZE:
            yield reference
            continue
        included = Copy(source.read_bytes(), source)
        write_private(place, included.data)
        yield from copy_references(validator, included, place, folder, machine)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that is readable by the owner only, because the user's files may hold secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
