"""install and uninstall: plan each file, have the result checked, and write all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import gettempdir

from gatewright import clock
from gatewright.clients import CLIENTS
from gatewright.clients.common.conflicts import Conflict, Severity, worst
from gatewright.clients.common.installation import Installation
from gatewright.clients.common.machine import Machine
from gatewright.clients.common.variables import Holds, Variable
from gatewright.diagnostics import did_you_mean
from gatewright.environment.resolved import Environment
from gatewright.errors import FileRefusedError, UsageError
from gatewright.frozen import frozen
from gatewright.install.claims import Claim
from gatewright.install.copies import Copy
from gatewright.install.differences import redacted_difference
from gatewright.install.journal import Journal
from gatewright.install.planning import PlannedFile, plan_install, plan_removal, refuse_shared_variables
from gatewright.install.requests import Prepared, owner_of, prepare
from gatewright.install.validators import Verdict, remove_leftovers, run_validator
from gatewright.install.writing import write
from gatewright.project import Project


@frozen
class FileChange:
    """One file. `state`: created, changed, removed or unchanged. `diff`: without secrets. `backup`: where the original
    is."""

    path: Path
    shown: str
    state: str
    diff: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    backup: str | None = None


@frozen
class Outcome:
    """The result of an install or uninstall, or of its dry run.

    `variables`: must be set where the client runs, which `runs_in` describes. `usage`: commands that use the settings.
    """

    environment: str
    client: str
    files: tuple[FileChange, ...]
    variables: tuple[Variable, ...] = ()
    runs_in: str = ""
    reload: str = ""
    usage: tuple[str, ...] = ()
    verdict: Verdict | None = None
    conflicts: tuple[Conflict, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether any file changes."""
        return any(file.state != "unchanged" for file in self.files)


@frozen
class Options:
    """What the user decides about an install or uninstall.

    `to` names another file than the client's own. With `dry_run`, nothing is written. `sets_default`: change the
    program's default model; by default only an environment of a real account does. `follow_symlinks`: edit the targets
    of symlinks. `ignore_conflicts`: install although settings of the user win.
    """

    to: Path | None = None
    dry_run: bool = False
    sets_default: bool = False
    follow_symlinks: bool = False
    ignore_conflicts: bool = False


@frozen
class Preview:
    """What is about to be written. `links`: the symlinks that are followed, with their targets."""

    conflicts: tuple[Conflict, ...]
    links: tuple[str, ...]
    changes: bool


def do_nothing() -> None:
    """The default callback before waiting."""


def accept(preview: Preview) -> None:
    """The default callback before writing."""


def install(
    project: Project,
    environment: Environment,
    client: str,
    machine: Machine,
    options: Options = Options(),
    *,
    on_wait: Callable[[], None] = do_nothing,
    on_preview: Callable[[Preview], None] = accept,
) -> Outcome:
    """Merge a client's settings into the files that the client reads.

    `on_wait` is called before waiting for another install on this machine, `on_preview` before anything is written; it
    may raise an exception to stop.

    Raises:
        UsageError: there is no such client.
        InvalidEnvironmentError: the account's id is unknown, or the program would refuse a file.
        FileRefusedError: a file cannot be edited safely, or settings of the user win. Nothing is written.
    """
    prepared = prepare(project, environment, client, machine, options.to)
    installation, request = prepared.installation, prepared.request
    _refuse_conflicts(prepared.conflicts, ignore=options.ignore_conflicts)
    variables = CLIENTS[client].variables(environment, request.client)
    journal = Journal(machine.state)
    scratch = Path(gettempdir()) if options.dry_run else machine.state / "scratch"
    with _locked(journal, on_wait, dry_run=options.dry_run):
        planned = _plan(prepared, journal, variables, options)
        if not options.dry_run:
            remove_leftovers(scratch)
        verdict = _check(installation, planned, machine, scratch)
        conflicts = tuple(conflict for conflict in prepared.conflicts if not _is_own(conflict, planned))
        on_preview(_preview(conflicts, planned))
        files = _carry_out(journal, machine, planned, dry_run=options.dry_run)
    return Outcome(
        environment=environment.name,
        client=client,
        files=files,
        variables=variables,
        runs_in=installation.runs_in,
        reload=installation.reload,
        usage=installation.usage,
        verdict=verdict,
        conflicts=conflicts,
    )


def _plan(prepared: Prepared, journal: Journal, variables: Sequence[Variable], options: Options) -> list[PlannedFile]:
    """The targets, and the files of an earlier install that are not among them."""
    installation, owner, machine = prepared.installation, prepared.owner, prepared.request.machine
    tokens = tuple(variable.name for variable in variables if variable.holds is Holds.TOKEN)
    claim = Claim(
        owner, variables=tokens if installation.shares_variables else (), at_named_path=options.to is not None
    )
    records = journal.records()
    refuse_shared_variables(records.values(), claim)
    keeps_choices = prepared.request.environment.local is not None and not options.sets_default
    planned = [
        plan_install(
            machine,
            records,
            target,
            claim,
            keeps_choices=keeps_choices,
            follow_symlinks=options.follow_symlinks,
        )
        for target in installation.targets
    ]
    planned = [file for file in planned if file.exists]
    if options.to is None:
        paths = {str(target.path) for target in installation.targets}
        planned += plan_removal(
            machine,
            records,
            owner,
            lambda claim, file: not claim.at_named_path and file not in paths,
            follow_symlinks=options.follow_symlinks,
        )
    return planned


def _refuse_conflicts(conflicts: Sequence[Conflict], *, ignore: bool) -> None:
    refused = {Severity.INVALID} if ignore else {Severity.INVALID, Severity.REFUSED}
    blocking = [conflict for conflict in conflicts if conflict.severity in refused]
    if not blocking:
        return
    fixes = "; ".join(dict.fromkeys(conflict.fix for conflict in blocking))
    if worst(blocking) is not Severity.INVALID:
        fixes += ". To install nevertheless: --ignore-conflicts"
    raise FileRefusedError("; ".join(map(str, blocking)), f"{fixes}. Nothing was changed")


def _is_own(conflict: Conflict, planned: Sequence[PlannedFile]) -> bool:
    """Whether install has written the setting before, for this or another environment."""
    return any(file.path == conflict.replaced_in and file.old_record is not None for file in planned)


def _preview(conflicts: tuple[Conflict, ...], planned: Sequence[PlannedFile]) -> Preview:
    links = tuple(file.file.shown for file in planned if file.file.link is not None)
    return Preview(conflicts, links, any(file.changes for file in planned))


def uninstall(
    project: Project,
    environment: str,
    client: str,
    machine: Machine,
    options: Options = Options(),
    *,
    on_wait: Callable[[], None] = do_nothing,
    on_preview: Callable[[Preview], None] = accept,
) -> Outcome:
    """Remove only what install added for a client: from all files, or from `options.to`. The environment need not
    exist.

    Raises:
        UsageError: there is no such client.
        FileRefusedError: a file cannot be edited safely. Nothing is written.
    """
    if client not in CLIENTS:
        raise UsageError(f"there is no client {client}", did_you_mean(client, CLIENTS))
    owner, journal = owner_of(project, environment, client), Journal(machine.state)
    if not journal.state.is_dir():
        return Outcome(environment, client, ())
    with _locked(journal, on_wait, dry_run=options.dry_run):
        selected = None if options.to is None else str(options.to)
        planned = plan_removal(
            machine,
            journal.records(),
            owner,
            lambda _, file: selected in (None, file),
            follow_symlinks=options.follow_symlinks,
        )
        on_preview(_preview((), planned))
        return Outcome(environment, client, _carry_out(journal, machine, planned, dry_run=options.dry_run))


def _locked(journal: Journal, on_wait: Callable[[], None], *, dry_run: bool) -> AbstractContextManager[None]:
    return nullcontext() if dry_run else journal.locked(on_wait)


def _check(installation: Installation, planned: list[PlannedFile], machine: Machine, scratch: Path) -> Verdict | None:
    """The program's verdict on the result. Raises FileRefusedError if the program refuses it."""
    names = {str(target.path): target.name for target in installation.targets if target.name}
    checked = [(names[str(file.path)], file) for file in planned if str(file.path) in names]
    if not checked or not any(file.changes for file in planned):
        return None
    after = {name: Copy(file.data or b"", file.path) for name, file in checked}
    verdict = run_validator(installation.validator, after, machine, scratch)
    if verdict is None or verdict.refusal is None:
        return verdict
    before = {name: Copy(file.file.data, file.path) for name, file in checked if file.file.data is not None}
    current = run_validator(installation.validator, before, machine, scratch) if before else None
    repair = installation.validator.repair if installation.validator else ""
    if current is not None and current.refusal is not None:
        raise FileRefusedError(
            f"{verdict.program} refuses its current file: {current.refusal}",
            f"{repair or 'Fix it'}, then run again; nothing was changed",
        )
    update = f"If your file is of an older version, update it: {repair}" if repair and before else ""
    hint = update or "Check whether the program is older than the version that the environment declares"
    raise FileRefusedError(
        f"{verdict.program} would refuse the result: {verdict.refusal}", f"{hint}. Nothing was changed"
    )


def _carry_out(
    journal: Journal, machine: Machine, planned: list[PlannedFile], *, dry_run: bool
) -> tuple[FileChange, ...]:
    timestamp = clock.format_timestamp(clock.now(machine.variables))
    diffs = [
        redacted_difference(file.record.format, file.file.text, file.after) if file.changes else [] for file in planned
    ]
    backups = {} if dry_run else write(journal, planned, timestamp)
    changes = []
    for file, diff in zip(planned, diffs, strict=True):
        backup = machine.shown(backups[file.path]) if file.path in backups else None
        changes.append(FileChange(file.path, file.file.shown, file.state, tuple(diff), file.notes, backup))
    return tuple(changes)
