"""What of a client is installed, and whether it is what it should be: nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.clients import CLIENTS
from gatewright.errors import FileRefusedError
from gatewright.install.claims import Claim, digest
from gatewright.install.guarded import look
from gatewright.install.journal import Journal
from gatewright.install.operation import owner_of, requested
from gatewright.install.planning import plan
from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.malformed import MalformedTextError

if TYPE_CHECKING:
    from gatewright.clients.common.installation import Installation
    from gatewright.clients.common.machine import Machine
    from gatewright.environment.resolved import Environment
    from gatewright.install.claims import Record
    from gatewright.project import Project


class FileState(StrEnum):
    """How a file stands to what the environment wants there, worst last."""

    CURRENT = "current"
    ABSENT = "not installed"
    MISSING = "missing"
    """It was installed, and is not there any more, or not all of it."""
    EDITED = "edited"
    """What is ours in it was changed by hand."""
    STALE = "stale"
    """It is as it was installed; the environment has changed since."""
    UNUSABLE = "unusable"
    """It cannot be read or edited; `details` says why."""


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """One file; `details` are sentences, `diff` what an install would change, without secrets."""

    path: Path
    shown: str
    state: FileState
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Installed:
    """A client's files, those that belong there and those that are left of an earlier place."""

    environment: str
    client: str
    files: tuple[InstalledFile, ...]
    installation: Installation
    """What should be: the places, how the client is reloaded, its validator."""

    @property
    def is_current(self) -> bool:
        """Whether an install would change nothing."""
        return all(each.state is FileState.CURRENT for each in self.files)


def places(project: Project, environment: Environment, program: str, machine: Machine) -> tuple[Path | None, ...]:
    """Where the client is installed, or would be: the files that the user has named, None for its own place. Raises as
    `installed` does."""
    owner = owner_of(project, environment.name, program)
    claims = [(Path(each.file), claim) for each in Journal(machine.state).records() if (claim := each.claim(owner))]
    named = [path for path, claim in claims if claim.placed]
    wanted = [CLIENTS[program].installation(requested(project, environment, program, machine, path)) for path in named]
    beside = {target.path for each in wanted for target in each.targets if target.fixed}
    own = [] if named and len(named) == len(claims) else [None]
    return (*own, *(path for path in named if path not in beside))


def installed(
    project: Project, environment: Environment, program: str, machine: Machine, *, to: Path | None = None
) -> Installed:
    """How the client stands on this machine. Raises UsageError and InvalidEnvironmentError as `install` does."""
    request = requested(project, environment, program, machine, to)
    wanted = CLIENTS[program].installation(request)
    owner = owner_of(project, environment.name, program)
    records = Journal(machine.state).records()
    files = []
    for target in wanted.targets:
        known = next((each for each in records if each.file == str(target.path)), None)
        claim = known.claim(owner) if known else None
        shown = machine.shown(target.path)
        try:
            changes = plan(machine, records, target, claim or Claim(owner)).changes
            touched = _touched(known, claim, target.path, shown) if known and claim else []
        except FileRefusedError as error:
            files.append(InstalledFile(target.path, shown, FileState.UNUSABLE, (error.message, error.hint or "")))
            continue
        state, details = _state(claim, touched, changes=changes)
        files.append(InstalledFile(target.path, shown, state, tuple(details)))
    return Installed(environment.name, program, tuple(files), wanted)


def _state(claim: Claim | None, touched: list[tuple[FileState, str]], *, changes: bool) -> tuple[FileState, list[str]]:
    if claim is None:
        return (FileState.ABSENT, []) if changes else (FileState.CURRENT, ["there, but not by gatewright"])
    if touched:
        return max((state for state, _ in touched), key=list(FileState).index), [detail for _, detail in touched]
    return (FileState.STALE, ["the environment has changed since"]) if changes else (FileState.CURRENT, [])


def _touched(record: Record, claim: Claim, path: Path, shown: str) -> list[tuple[FileState, str]]:
    """What is ours and is not as we left it."""
    try:
        text = record.format.read(look(path, shown).text)
    except MalformedTextError as error:
        return [(FileState.UNUSABLE, f"{shown}:{error.line}:{error.column} {error.reason}")]
    found = []
    chosen = {each: digest(value) for each, value in claim.choices.items() if record.holder(each) == claim}
    for keys, known in {**claim.entries, **chosen}.items():
        there, name = text.get(keys), ".".join(keys) or "it"
        if there is MISSING:
            found.append((FileState.MISSING, f"{name} is not there any more"))
        elif digest(there) != known:
            found.append((FileState.EDITED, f"{name} was changed since"))
    return found
