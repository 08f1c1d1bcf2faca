"""What one file would become: read with care, merged, and every refusal put into words."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.errors import FileRefusedError
from gatewright.install.claims import Claim, Record
from gatewright.install.guarded import Found, encoded, look
from gatewright.install.merging import CollisionError, Merged, put_in, taken_out
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.text_format import ENV

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gatewright.clients.common.installation import Target
    from gatewright.clients.common.machine import Machine
    from gatewright.install.claims import Owner
    from gatewright.io.text_edits.text_format import Format


@dataclass(frozen=True, slots=True)
class Planned:
    """One file as it was found and as it shall be; `data` is None where there shall be none. `known` is the record as
    it is, `record` as it shall be."""

    found: Found
    format: Format
    before: str
    after: str
    known: Record | None
    record: Record
    notes: tuple[str, ...]
    private: bool = False

    @property
    def path(self) -> Path:
        return self.found.path

    @property
    def data(self) -> bytes | None:
        if not self.after and (self.is_ours or self.found.data is None):
            return None
        return encoded(self.after, self.found)

    @property
    def is_ours(self) -> bool:
        """Whether we made the file, and nobody has anything in it any more."""
        return not self.record.claims and str(self.path) in self.record.made

    @property
    def changes(self) -> bool:
        return self.data != self.found.data

    @property
    def state(self) -> str:
        """made, written, removed or unchanged."""
        if not self.changes:
            return "unchanged"
        if self.data is None:
            return "removed"
        return "written" if self.found.data is not None else "made"

    def now(self) -> Found:
        """The file as it is after it was written. Raises FileRefusedError where it is not what was written."""
        found = look(self.path, self.found.shown)
        if found.data != self.data:
            raise FileRefusedError(f"{self.found.shown} was changed by another program meanwhile")
        return replace(found, mode=self.found.mode, owner=self.found.owner)

    @property
    def folders_made(self) -> list[Path]:
        """Those that are made for a file that was not there, innermost first."""
        return [Path(each) for each in reversed(self.record.made)][1:] if self.found.data is None else []

    @property
    def folders_to_remove(self) -> list[Path]:
        """Those that we made for the file, innermost first, where it goes."""
        return [Path(each) for each in reversed(self.record.made)][1:] if self.data is None else []


def plan(machine: Machine, records: Iterable[Record], target: Target, blank: Claim) -> Planned:
    """`target` with what is wanted there. Raises FileRefusedError for a file that is left as it is."""
    found = look(target.path, machine.shown(target.path), elsewhere=not target.fixed)
    known = next((each for each in records if each.file == str(target.path)), None)
    record = known or Record(str(target.path), target.format, made=_missing(target.path))
    record = _handed_over(record, blank.owner)
    merged = _merged(found, lambda text: put_in(record, text, blank, target.content), blank.owner, target.format)
    return _planned(found, known, merged, private=target.private)


def plan_without(
    machine: Machine, records: Iterable[Record], owner: Owner, chosen: Callable[[Claim, str], bool]
) -> list[Planned]:
    """The files without what is the owner's, where `chosen` holds for its claim and the file's path."""
    planned = []
    for known in records:
        record = _handed_over(known, owner)
        claim = record.claim(owner)
        if claim is None or not chosen(claim, known.file):
            continue
        found = look(Path(known.file), machine.shown(Path(known.file)))
        merge = partial(taken_out, record, owner=owner)
        merged = _merged(found, merge, owner, record.format)
        if found.data is None:  # the user has removed it: it does not come back as it was before us
            merged = replace(merged, text="")
        planned.append(_planned(found, known, merged))
    return planned


def refuse_shared_variables(records: Sequence[Record], blank: Claim, program: str) -> None:
    """Raises FileRefusedError where another environment's token is to be in the same variable of the same process."""
    for record in records:
        for claim in record.claims:
            same = claim.owner.client == program and not _is_same(claim.owner, blank.owner)
            for name in set(claim.variables) & set(blank.variables) if same else ():
                other, here = claim.owner, blank.owner
                whose = other.environment + (f" of {other.project}" if other.project != here.project else "")
                raise FileRefusedError(
                    f"{program} already takes the token of {whose} from {name}, which cannot hold two",
                    f"Give one of them another: clients: {{{program}: {{variable: NAME}}}} in "
                    f"stacks/{here.environment}.yaml; or first: {_uninstall(other, here)}",
                )


def _merged(found: Found, merge: Callable[[str], Merged], owner: Owner, format: Format) -> Merged:
    try:
        return merge(found.text)
    except MalformedTextError as error:
        place = f"{found.shown}:{error.line}:{error.column}"
        raise FileRefusedError(f"{place} cannot be edited: {error.reason}", "Mend it, then run again") from None
    except CollisionError as error:
        raise _collision(found, error, owner, format) from None


def _collision(found: Found, error: CollisionError, here: Owner, format: Format) -> FileRefusedError:
    name = ".".join(error.path)
    elsewhere = "name another file with --to"
    renamed = "give ours another name: `provider: NAME` of the client in the environment file"
    other = error.claim.owner if error.claim else None
    if other is not None:
        what = f"{name} in {found.shown}" if name else found.shown
        message = f"{what} belongs to {other.environment} of {other.project}"
        hint = f"{elsewhere if format == ENV else renamed}; or first: {_uninstall(other, here)}"
        return FileRefusedError(message, hint[0].upper() + hint[1:])
    if not name:
        return FileRefusedError(
            f"{found.shown} is in the way: gatewright did not make it", "Move it elsewhere, or name a place with --to"
        )
    return FileRefusedError(
        f"{found.shown} has {name} already, and not by gatewright",
        f"Remove it there, or {elsewhere if format == ENV else renamed}",
    )


def _uninstall(other: Owner, here: Owner) -> str:
    """The command that takes out what is the other's: a project knows its own alone."""
    there = "" if other.project == here.project else f"cd {shlex.quote(other.project)} && "
    return f"{there}gatewright uninstall {other.environment} {other.client}"


def _planned(found: Found, known: Record | None, merged: Merged, *, private: bool = False) -> Planned:
    return Planned(found, merged.record.format, found.text, merged.text, known, merged.record, merged.notes, private)


def _missing(path: Path) -> tuple[str, ...]:
    """The file and the folders on the way to it that are not there yet, outermost first."""
    missing = [each for each in (path, *path.parents) if not each.exists() and not each.is_symlink()]
    return tuple(str(each) for each in reversed(missing))


def _handed_over(record: Record, owner: Owner) -> Record:
    """A project that has moved keeps what is its own: a folder that is gone owns nothing."""
    claims = tuple(replace(each, owner=owner) if _is_same(each.owner, owner) else each for each in record.claims)
    return replace(record, claims=claims)


def _is_same(owner: Owner, other: Owner) -> bool:
    if (owner.environment, owner.client) != (other.environment, other.client):
        return False
    return owner.project == other.project or not Path(owner.project).is_dir()
