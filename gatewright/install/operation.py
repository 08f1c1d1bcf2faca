"""install and uninstall: plans each file, has the result checked, and writes them one after the other."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from gatewright import clock
from gatewright.clients import CLIENTS
from gatewright.clients.common.client_file import check as schema_errors
from gatewright.clients.common.installation import InstallRequest
from gatewright.clients.common.variables import Holds, Variable
from gatewright.diagnostics import did_you_mean
from gatewright.errors import FileRefusedError, InvalidEnvironmentError, UsageError
from gatewright.install import validators
from gatewright.install.claims import Claim, Owner
from gatewright.install.differences import difference
from gatewright.install.journal import Journal
from gatewright.install.planning import Planned, plan, plan_without, refuse_shared_variables
from gatewright.install.writing import write
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from gatewright.clients.common.installation import Installation
    from gatewright.clients.common.machine import Machine
    from gatewright.environment.resolved import Environment
    from gatewright.install.validators import Verdict
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file: `state` is written, made, removed or unchanged, in a dry run what it would be. `diff` shows no secret;
    `backup` is where the original is kept."""

    path: Path
    shown: str
    state: str
    diff: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    backup: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, or would be: `variables` must be set where the client runs, `usage` are commands that use it."""

    environment: str
    client: str
    files: tuple[FileChange, ...]
    variables: tuple[Variable, ...] = ()
    runs_in: str = ""
    reload: str = ""
    usage: tuple[str, ...] = ()
    verdict: Verdict | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def changes(self) -> bool:
        """Whether any file is another one than before."""
        return any(each.state != "unchanged" for each in self.files)


def nothing() -> None:
    """Where nobody wants to be told."""


def install(
    project: Project,
    environment: Environment,
    program: str,
    machine: Machine,
    *,
    to: Path | None = None,
    dry_run: bool = False,
    waits: Callable[[], None] = nothing,
) -> Outcome:
    """Puts the settings of one client where the client reads them; with `dry_run` only says what that would change.
    `waits` is called where another run is waited for.

    Raises UsageError (no such client), InvalidEnvironmentError (no account id, files that the program would refuse),
    FileRefusedError (a file that is left as it is, and why). Nothing is written then.
    """
    request = requested(project, environment, program, machine, to)
    wanted = CLIENTS[program].installation(request)
    owner = owner_of(project, environment.name, program)
    variables = CLIENTS[program].variables(environment, request.client)
    tokens = tuple(each.name for each in variables if each.holds is Holds.TOKEN)
    blank = Claim(owner, variables=tokens if wanted.shares_variables else (), placed=to is not None)
    journal = Journal(machine.state)
    with _alone(journal, waits, dry_run=dry_run):
        records = journal.records()
        refuse_shared_variables(records, blank, program)
        planned = [plan(machine, records, target, blank) for target in wanted.targets]
        if to is None:
            there = {str(target.path) for target in wanted.targets}
            planned += plan_without(machine, records, owner, lambda claim, file: not claim.placed and file not in there)
        if not dry_run:
            validators.sweep(machine.state / "scratch")
        verdict = _checked(wanted, planned, machine, Path(gettempdir()) if dry_run else machine.state / "scratch")
        done = _carried_out(journal, machine, planned, dry_run=dry_run)
    return Outcome(
        environment=environment.name,
        client=program,
        files=done,
        variables=variables,
        runs_in=wanted.runs_in,
        reload=wanted.reload,
        usage=wanted.usage,
        verdict=verdict,
    )


def uninstall(
    project: Project,
    name: str,
    program: str,
    machine: Machine,
    *,
    to: Path | None = None,
    dry_run: bool = False,
    waits: Callable[[], None] = nothing,
) -> Outcome:
    """Takes exactly what is ours of a client out again: in all files, or in `to` alone. The environment may be gone.

    Raises UsageError where there is no such client, FileRefusedError for a file that cannot be edited: it and all
    others are left as they are.
    """
    if program not in CLIENTS:
        raise UsageError(f"there is no client {program}", did_you_mean(program, CLIENTS))
    owner, journal = owner_of(project, name, program), Journal(machine.state)
    if not journal.state.is_dir():
        return Outcome(name, program, ())
    with _alone(journal, waits, dry_run=dry_run):
        chosen = None if to is None else str(to)
        planned = plan_without(machine, journal.records(), owner, lambda _, file: chosen in (None, file))
        return Outcome(name, program, _carried_out(journal, machine, planned, dry_run=dry_run))


def requested(
    project: Project, environment: Environment, program: str, machine: Machine, to: Path | None = None
) -> InstallRequest:
    """The files of one client, each valid by its schema."""
    if program not in environment.clients:
        hint = did_you_mean(program, environment.clients)
        if hint is None and program in CLIENTS:
            hint = f"Add it to stacks/{environment.name}.yaml: clients: {{{program}: {{}}}}"
        raise UsageError(f"{environment.name} has no client {program}", hint or f"It has {_list(environment)}")
    require_account(environment)
    client = environment.clients[program]
    files = CLIENTS[program].files(environment, client)
    refused = schema_errors(files, project.schemas)
    if refused:
        raise InvalidEnvironmentError("; ".join(refused), hint="Nothing was written")
    return InstallRequest(environment, client, machine, files, to)


def owner_of(project: Project, environment: str, program: str) -> Owner:
    """Who a client's settings belong to."""
    return Owner(str(project.root), environment, program)


def _alone(journal: Journal, waits: Callable[[], None], *, dry_run: bool) -> AbstractContextManager[None]:
    return nullcontext() if dry_run else journal.locked(waits)


def _list(environment: Environment) -> str:
    return ", ".join(environment.clients) or "none"


def _checked(wanted: Installation, planned: list[Planned], machine: Machine, scratch: Path) -> Verdict | None:
    """The program's own word on what would stand there. Raises FileRefusedError where it refuses."""
    names = {str(target.path): target.name for target in wanted.targets if target.name}
    after = {names[str(each.path)]: each.data or b"" for each in planned if str(each.path) in names}
    if not any(each.changes for each in planned) or not after:
        return None
    verdict = validators.ask(wanted.validator, after, machine, scratch)
    if verdict is None or verdict.refusal is None:
        return verdict
    before = {names[str(each.path)]: each.found.data or b"" for each in planned if str(each.path) in names}
    already = any(before.values()) and validators.ask(wanted.validator, before, machine, scratch)
    if already and already.refusal is not None:
        raise FileRefusedError(
            f"{verdict.program} refuses its file as it stands already: {already.refusal}",
            "Mend it, then run again; nothing was changed",
        )
    raise FileRefusedError(
        f"{verdict.program} would refuse the result: {verdict.refusal}", "Nothing was changed; is it an older version?"
    )


def _carried_out(
    journal: Journal, machine: Machine, planned: list[Planned], *, dry_run: bool
) -> tuple[FileChange, ...]:
    moment = clock.moment(clock.now(machine.variables))
    diffs = [difference(each.format, each.before, each.after) if each.changes else [] for each in planned]
    backups = {} if dry_run else write(journal, planned, moment)
    done = []
    for each, diff in zip(planned, diffs, strict=True):
        backup = backups.get(each.path)
        shown = machine.shown(backup) if backup else None
        done.append(FileChange(each.path, each.found.shown, each.state, tuple(diff), each.notes, shown))
    return tuple(done)
