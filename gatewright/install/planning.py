"""The planned change of each file: read safely, merged, and every refusal explained."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from gatewright.clients.common.installation import Target
from gatewright.clients.common.machine import Machine
from gatewright.command_line import NAME, command
from gatewright.errors import FileRefusedError
from gatewright.frozen import frozen
from gatewright.install import user_files
from gatewright.install.claims import Claim, Owner, Record
from gatewright.install.merging import CollisionError, Merged, merge, remove
from gatewright.install.user_files import UserFile
from gatewright.io.text_edits import path_name
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.text_format import ENV, Format


@frozen
class PlannedFile:
    """A file as it was read and its text afterwards; `old_record` and `record` are its records before and after."""

    file: UserFile
    after: str
    old_record: Record | None
    record: Record
    notes: tuple[str, ...]
    private: bool = False

    @property
    def path(self) -> Path:
        """Where the client reads the file: a symlink to it, if that was followed."""
        return self.file.link or self.file.path

    @property
    def data(self) -> bytes | None:
        """The new content; None if there shall be no file."""
        is_unused = not self.record.claims and str(self.path) in self.record.created
        if not self.after and (is_unused or self.file.data is None):
            return None
        return self.file.encode(self.after)

    @property
    def exists(self) -> bool:
        """Whether there is a file, before or after."""
        return self.file.data is not None or self.data is not None

    @property
    def changes(self) -> bool:
        """Whether the file's content changes."""
        return self.data != self.file.data

    @property
    def state(self) -> str:
        """created, changed, removed or unchanged."""
        if not self.changes:
            return "unchanged"
        if self.data is None:
            return "removed"
        return "changed" if self.file.data is not None else "created"

    def after_write(self) -> UserFile:
        """The file after it was written. Raises FileRefusedError if it has changed again."""
        current = user_files.read(self.file.path, self.file.shown)
        if current.data != self.data:
            raise FileRefusedError(f"{self.file.shown} was changed by another program meanwhile")
        return replace(current, mode=self.file.mode, owner=self.file.owner, link=self.file.link)

    @property
    def created_folders(self) -> list[Path]:
        """The folders that install has created for the file, innermost first."""
        return [Path(folder) for folder in reversed(self.record.created)][1:]


def plan_install(
    machine: Machine,
    records: Mapping[str, Record],
    target: Target,
    claim: Claim,
    *,
    keeps_choices: bool = False,
    follow_symlinks: bool = False,
) -> PlannedFile:
    """The target with its content, by the claim's owner. With `keeps_choices`, the user's choices stay.

    Raises FileRefusedError for a file that cannot be edited.
    """
    old_record = records.get(str(target.path))
    record = old_record or Record(str(target.path), target.format, created=_missing_paths(target.path))
    record = _hand_over(record, claim.owner)
    old_claim = record.claim_of(claim.owner)
    file = _read(machine, target.path, old_claim, follow_symlinks=follow_symlinks)
    claim = replace(claim, follows_symlink=file.link is not None)
    merged = _merged(
        file,
        lambda text: merge(record, text, claim, target.content, keeps_choices=keeps_choices),
        claim.owner,
        target.format,
    )
    return PlannedFile(file, merged.text, old_record, merged.record, merged.notes, target.private)


def _read(machine: Machine, path: Path, claim: Claim | None, *, follow_symlinks: bool) -> UserFile:
    """The user's file. A symlink is followed if the user says so, or has said so before."""
    shown = machine.shown(path)
    if follow_symlinks or (claim is not None and claim.follows_symlink):
        return user_files.read_target(path, shown, machine.shown)
    return user_files.read(path, shown)


def plan_removal(
    machine: Machine,
    records: Mapping[str, Record],
    owner: Owner,
    select: Callable[[Claim, str], bool],
    *,
    follow_symlinks: bool = False,
) -> list[PlannedFile]:
    """The files without the owner's settings, where `select` holds for the owner's claim and the file."""
    planned = []
    for old_record in records.values():
        record = _hand_over(old_record, owner)
        claim = record.claim_of(owner)
        if claim is not None and select(claim, record.file):
            file = _read(machine, Path(record.file), claim, follow_symlinks=follow_symlinks)
            planned.append(_plan_removal(file, old_record, record, owner))
    return planned


def _plan_removal(file: UserFile, old_record: Record, record: Record, owner: Owner) -> PlannedFile:
    merged = _merged(file, lambda text: remove(record, text, owner), owner, record.format)
    text = merged.text if file.data is not None else ""  # a file that the user has deleted is not restored
    return PlannedFile(file, text, old_record, merged.record, merged.notes)


def refuse_shared_variables(records: Iterable[Record], claim: Claim) -> None:
    """Raise FileRefusedError if one variable of one process would hold the tokens of two environments."""
    owner = claim.owner
    for other in (other for record in records for other in record.claims):
        if other.owner.client != owner.client or _is_same_owner(other.owner, owner):
            continue
        for name in set(other.variables) & set(claim.variables):
            project = f" of {other.owner.project}" if other.owner.project != owner.project else ""
            hint = (
                f"Give {owner.environment} a variable of its own: clients: {{{owner.client}: {{variable: NAME}}}}; "
                f"or first: {_uninstall_command(other.owner, owner)}"
            )
            raise FileRefusedError(
                f"{owner.client} reads the token of {other.owner.environment}{project} from {name} already", hint
            )


def _merged(file: UserFile, edit: Callable[[str], Merged], owner: Owner, format: Format) -> Merged:
    try:
        return edit(file.text)
    except MalformedTextError as error:
        location = f"{file.shown}:{error.line}:{error.column}"
        raise FileRefusedError(f"{location} cannot be edited: {error.reason}", "Fix it, then run again") from None
    except CollisionError as error:
        raise _collision(file, error, owner, format) from None


def _collision(file: UserFile, error: CollisionError, owner: Owner, format: Format) -> FileRefusedError:
    """A file that gatewright owns as a whole has the empty path."""
    other_file = "name another file with --to"
    other_name = "choose another name: `provider: NAME` of the client in the environment file"
    alternative = other_file if format == ENV else other_name
    if error.claim is not None:
        other = error.claim.owner
        subject = f"{path_name(error.path)} in {file.shown}" if error.path else file.shown
        hint = f"{alternative[0].upper()}{alternative[1:]}; or first: {_uninstall_command(other, owner)}"
        return FileRefusedError(f"{subject} belongs to {other.environment} of {other.project}", hint)
    if not error.path:
        return FileRefusedError(
            f"{file.shown} already exists, and gatewright did not create it", f"Move it away, or {other_file}"
        )
    return FileRefusedError(
        f"{file.shown} already has {path_name(error.path)}, which gatewright did not install",
        f"Remove it there, or {alternative}",
    )


def _uninstall_command(other: Owner, owner: Owner) -> str:
    """The command that removes the other's settings, in its project's folder."""
    arguments = f"uninstall {other.environment} {other.client}"
    if other.project == owner.project:
        return command(arguments)
    own_program = Path(other.project) / ".venv" / "bin" / NAME
    program = f".venv/bin/{NAME}" if own_program.is_file() else NAME
    return f"cd {shlex.quote(other.project)} && {program} {arguments}"


def _missing_paths(path: Path) -> tuple[str, ...]:
    """The file and its folders that do not exist yet, outermost first."""
    missing = [part for part in (path, *path.parents) if not part.exists() and not part.is_symlink()]
    return tuple(str(part) for part in reversed(missing))


def _hand_over(record: Record, owner: Owner) -> Record:
    """The record with the claims of the owner's project, if that was moved."""
    claims = (replace(claim, owner=owner) if _is_same_owner(claim.owner, owner) else claim for claim in record.claims)
    return replace(record, claims=tuple(claims))


def _is_same_owner(owner: Owner, other: Owner) -> bool:
    """Whether both are the same. A project folder that no longer exists owns nothing."""
    if (owner.environment, owner.client) != (other.environment, other.client):
        return False
    return owner.project == other.project or not Path(owner.project).is_dir()
