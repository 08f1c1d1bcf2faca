"""Inspect what is installed of a client, without writing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from gatewright.clients.common.conflicts import Conflict
from gatewright.clients.common.installation import Installation, Target
from gatewright.clients.common.machine import Machine
from gatewright.environment.resolved import Environment
from gatewright.errors import FileRefusedError
from gatewright.frozen import frozen
from gatewright.install.claims import Claim, Owner, Record, digest
from gatewright.install.journal import Journal
from gatewright.install.planning import PlannedFile, plan_install
from gatewright.install.requests import owner_of, prepare
from gatewright.io.text_edits import MISSING, path_name
from gatewright.project import Project


class FileState(StrEnum):
    """The state of a file compared with the environment, worst last."""

    CURRENT = "current"
    ABSENT = "not installed"
    MISSING = "missing"
    """It was installed, and all or part of it is missing."""
    EDITED = "edited"
    """Installed settings were edited by hand."""
    STALE = "stale"
    """It is as installed, and the environment has changed."""
    UNUSABLE = "unusable"
    """It cannot be read or edited; `details` gives the reason."""


@frozen
class InstalledFile:
    """One file; `details` are sentences."""

    path: Path
    shown: str
    state: FileState
    details: tuple[str, ...] = ()


@frozen
class InstalledClient:
    """A client's files, its desired installation, and the user's settings that are in conflict with it."""

    environment: str
    client: str
    files: tuple[InstalledFile, ...]
    installation: Installation
    conflicts: tuple[Conflict, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether an install would change nothing."""
        return all(file.state is FileState.CURRENT for file in self.files)


def find_locations(
    project: Project, environment: Environment, client: str, machine: Machine
) -> tuple[Path | None, ...]:
    """Where the client is installed, or would be: paths that the user has named, None for the client's own location.

    Raises as `inspect` does.
    """
    owner = owner_of(project, environment.name, client)
    records = Journal(machine.state).records()
    claims = [(Path(record.file), claim) for record in records.values() if (claim := record.claim_of(owner))]
    named = [path for path, claim in claims if claim.at_named_path]
    installations = [prepare(project, environment, client, machine, path).installation for path in named]
    beside = {target.path for installation in installations for target in installation.targets if target.fixed}
    own = [] if named and len(named) == len(claims) else [None]
    return (*own, *(path for path in named if path not in beside))


def inspect(
    project: Project, environment: Environment, client: str, machine: Machine, *, to: Path | None = None
) -> InstalledClient:
    """The state of a client on this machine. Raises UsageError and InvalidEnvironmentError as `install` does."""
    prepared = prepare(project, environment, client, machine, to)
    records = Journal(machine.state).records()
    is_local = environment.local is not None
    inspected = (
        _inspect(machine, records, target, prepared.owner, keeps_choices=is_local)
        for target in prepared.installation.targets
    )
    files = tuple(file for file in inspected if file is not None)
    return InstalledClient(environment.name, client, files, prepared.installation, prepared.conflicts)


def _inspect(
    machine: Machine, records: Mapping[str, Record], target: Target, owner: Owner, *, keeps_choices: bool
) -> InstalledFile | None:
    """The state of one file; None if there is none and none is desired."""
    record = records.get(str(target.path))
    claim = record.claim_of(owner) if record else None
    shown = machine.shown(target.path)
    try:
        planned = plan_install(
            machine, records, target, claim or Claim(owner), keeps_choices=keeps_choices, follow_symlinks=True
        )
        damage = [*_find_damage(record, claim, planned)] if record and claim else []
    except FileRefusedError as error:
        return InstalledFile(target.path, shown, FileState.UNUSABLE, (error.message, error.hint or ""))
    if damage:
        worst = max((state for state, _ in damage), key=list(FileState).index)
        return InstalledFile(target.path, shown, worst, tuple(detail for _, detail in damage))
    if claim is None:
        if not planned.exists:
            return None
        if planned.changes:
            return InstalledFile(target.path, shown, FileState.ABSENT)
        return InstalledFile(target.path, shown, FileState.CURRENT, ("present, but not installed by gatewright",))
    if planned.changes:
        return InstalledFile(target.path, shown, FileState.STALE, ("the environment has changed since",))
    return InstalledFile(target.path, shown, FileState.CURRENT)


def _find_damage(record: Record, claim: Claim, planned: PlannedFile) -> Iterator[tuple[FileState, str]]:
    """The installed settings that are missing or edited."""
    text = record.format.read(planned.file.text)
    choices = {path: digest(value) for path, value in claim.choices.items() if record.chosen_by(path) == claim}
    for path, installed in {**claim.entries, **choices}.items():
        current = text.get(path)
        if current is MISSING:
            yield FileState.MISSING, f"{path_name(path)} is missing"
        elif digest(current) != installed:
            yield FileState.EDITED, f"{path_name(path)} was edited"
