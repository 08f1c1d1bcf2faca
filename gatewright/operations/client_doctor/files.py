"""The client's files: whether they stand there as they were installed, and whether the program takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.engine.doctor import Finding
from gatewright.errors import FileRefusedError
from gatewright.install import FileState
from gatewright.install.guarded import look
from gatewright.install.validators import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.install import Installed, InstalledFile, Machine


def files(there: Installed, machine: Machine, again: str) -> Iterator[Finding]:
    """A line each, and the program's own word where all of them are as they should be; `again` puts them back."""
    for file in there.files:
        yield _file(file, again)
    if there.is_current:
        yield _accepted(there, machine, again)


def _file(file: InstalledFile, again: str) -> Finding:
    said = "; ".join(each for each in file.details if each)
    if file.state is FileState.CURRENT:
        return Finding("file", f"{file.shown}: as installed{f' ({said})' if said else ''}")
    return Finding("file", f"{file.shown}: {file.state}{f': {said}' if said else ''}", again)


def _accepted(there: Installed, machine: Machine, again: str) -> Finding:
    """What ours in it says was held against the schema when it was made; the whole is the program's to judge."""
    wanted = there.installation
    try:
        found = {each.name: look(each.path, machine.shown(each.path)).data for each in wanted.targets if each.name}
    except FileRefusedError as error:
        return Finding("accepted", error.message, error.hint or again)
    copies = {name: data for name, data in found.items() if data is not None}
    verdict = ask(wanted.validator, copies, machine, machine.state / "scratch")
    if verdict is None:
        return Finding("accepted", "what is ours fits the schema; the program has no check of its own")
    if verdict.unasked:
        return Finding("accepted", f"what is ours fits the schema; not checked by {verdict.program}: {verdict.unasked}")
    if verdict.refusal:
        return Finding("accepted", f"{verdict.program} refuses it: {verdict.refusal}", f"Mend that; or {again}")
    return Finding("accepted", f"what is ours fits the schema, and {verdict.program} takes the whole")
