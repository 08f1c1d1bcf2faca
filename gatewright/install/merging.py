"""A user's text with what is ours put in, or taken out: a pure function of the text and of what is remembered.

Entries are ours alone: what stands in their place and is not ours is refused. A choice is the newest owner's; when that
one goes, the one before has it again, in the end the user. What the user changed since stays the user's, and is said.
The result is read again: but for what is ours it must say what it said before.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gatewright.install.claims import Claim, digest
from gatewright.io.text_edits import MISSING
from gatewright.io.text_edits.malformed import MalformedTextError
from gatewright.io.text_edits.text_format import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.clients.common.installation import DesiredContent
    from gatewright.install.claims import Owner, Record
    from gatewright.io.text_edits import EditableText, KeyPath


class CollisionError(Exception):
    """At `path` stands something that is not ours to replace; `claim` says whose it is, None for the user's own."""

    def __init__(self, path: KeyPath, claim: Claim | None) -> None:
        super().__init__(".".join(path))
        self.path = path
        self.claim = claim


@dataclass(frozen=True, slots=True)
class Merged:
    """The next text and record of a file; `notes` say what the user should know, each a whole sentence."""

    text: str
    record: Record
    notes: tuple[str, ...]


def put_in(record: Record, text: str, blank: Claim, wanted: DesiredContent) -> Merged:
    """With exactly `wanted` as what the owner of `blank` has. Raises MalformedTextError and CollisionError."""
    merging = _Merging(record, text, blank)
    merging.defaults(wanted.defaults, wanted.only_alone)
    merging.entries(wanted.entries)
    merging.choices(wanted.choices)
    return merging.result(stays=True)


def taken_out(record: Record, text: str, owner: Owner) -> Merged:
    """Without anything of the owner's. Raises MalformedTextError."""
    merging = _Merging(record, text, Claim(owner))
    merging.entries({})
    merging.choices({})
    merging.defaults({})
    return merging.result(stays=False)


@dataclass(slots=True)
class _Merging:
    """One merge under way."""

    record: Record
    start: str
    claim: Claim
    """What the owner has now."""
    text: str = ""
    notes: list[str] = field(default_factory=list)
    before: dict[KeyPath, str | None] = field(default_factory=dict)
    old: Claim = field(init=False)
    mine: set[KeyPath] = field(default_factory=set)
    _doc: EditableText | None = None
    stale: set[KeyPath] = field(default_factory=set)
    """Choices of others that the user has since replaced."""

    def __post_init__(self) -> None:
        self.text = self.start
        self.before = dict(self.record.before)
        self.old = self.record.claim(self.owner) or Claim(self.owner)

    @property
    def owner(self) -> Owner:
        return self.claim.owner

    @property
    def doc(self) -> EditableText:
        """The text as it is now."""
        if self._doc is None or self._doc.text != self.text:
            self._doc = self.record.format.read(self.text)
        return self._doc

    def entries(self, wanted: Mapping[KeyPath, Any]) -> None:
        """An item of a list is put anew when any of them changes: their order says something."""
        old, digests = self.old.entries, {path: digest(value) for path, value in wanted.items()}
        changed = list(old.items()) != list(digests.items())
        again = bool(self.record.format.list_at or self.record.format.identity) and changed
        for path, known in old.items():
            there = self.doc.get(path)
            if there is MISSING:
                continue
            edited = digest(there) != known
            if path not in wanted and edited:
                self.notes.append(f"{_name(path)} was edited since gatewright put it there: it stays, and is yours now")
            elif path not in wanted or again:
                self.text = self.doc.drop(path)
            if path in wanted and edited and digest(there) != digests[path]:
                self.notes.append(f"{_name(path)} was edited by hand: it is as declared again")
        for path, value in wanted.items():
            self._put_entry(path, value, ours=path in old)
        self.claim = replace(self.claim, entries={path: digests[path] for path in wanted if path in self.mine})

    def _put_entry(self, path: KeyPath, value: Any, *, ours: bool) -> None:
        there = self.doc.get(path)
        other = next((each for each in self.record.others(self.owner) if path in each.entries), None)
        if not ours and there is not MISSING:
            if other is None and digest(there) == digest(value):
                self.notes.append(f"{_name(path)} is there already, and not by gatewright: it stays as it is, yours")
                return
            raise CollisionError(path, other)
        self.mine.add(path)
        if there is MISSING or digest(there) != digest(value):
            self._put(path, value)

    def choices(self, wanted: Mapping[KeyPath, Any]) -> None:
        for path in self.old.choices:
            if path not in wanted:
                self._give_back(path)
        for path, value in wanted.items():
            self._choose(path, value)
        self.claim = replace(self.claim, choices=dict(wanted))

    def _choose(self, path: KeyPath, value: Any) -> None:
        there, holder = self.doc.get(path), self.record.holder(path)
        if holder is None:
            self.before.setdefault(path, self.doc.raw(path))
        elif there is MISSING or digest(there) != digest(holder.choices[path]):  # the user's word since is the newest
            self.before[path] = self.doc.raw(path)
            self.stale.add(path)
            self.notes.append(f"{_name(path)} was changed since it was last set: uninstall brings that back")
        elif holder.owner != self.owner:
            self.notes.append(f"{_name(path)} was chosen by {holder.owner.environment}, which has it again after this")
        if there is MISSING or digest(there) != digest(value):
            self._put(path, value)

    def _give_back(self, path: KeyPath) -> None:
        holder = self.record.holder(path)
        if holder is None or holder.owner != self.owner:
            return
        there = self.doc.get(path)
        heirs = [each for each in self.record.others(self.owner) if path in each.choices]
        if there is MISSING or digest(there) != digest(holder.choices[path]):
            if there is not MISSING:
                self.notes.append(f"{_name(path)} was changed since gatewright set it: it stays")
        elif heirs:
            self.text = self.doc.put(path, heirs[-1].choices[path])
            self.notes.append(f"{_name(path)} is {heirs[-1].owner.environment}'s again")
        elif (raw := self.before.get(path)) is not None:
            self.text = self.doc.put_raw(path, raw)
            self.notes.append(f"{_name(path)} is what it was before")
        else:
            self.text = self.doc.drop(path)
        if not heirs:
            self.before.pop(path, None)

    def defaults(self, wanted: Mapping[KeyPath, Any], alone: frozenset[KeyPath] = frozenset()) -> None:
        shared = {path: known for each in self.record.others(self.owner) for path, known in each.defaults.items()}
        for path, known in self.old.defaults.items():
            there = self.doc.get(path)
            unchanged = there is not MISSING and digest(there) == known
            gone = path not in wanted or digest(wanted[path]) != known
            if unchanged and gone and path not in shared:
                self.text = self.doc.drop(path)
        kept = {}
        for path, value in wanted.items():
            there = self.doc.get(path)
            if there is MISSING and path in alone and self._is_shared(path[:-1]):
                continue
            if there is MISSING:
                self._put(path, value)
            stands = self.old.defaults.get(path) or shared.get(path)  # it may be what another has put there
            if there is MISSING:
                kept[path] = digest(value)
            elif stands:
                kept[path] = stands
        self.claim = replace(self.claim, defaults=kept)

    def _is_shared(self, holder: KeyPath) -> bool:
        """Whether something stands in `holder` that no environment has put there."""
        ours = {path[len(holder)] for path in _paths(self.record) if path[: len(holder)] == holder != path}
        there = self.doc.get(holder)
        return isinstance(there, dict) and bool(there.keys() - ours)

    def result(self, *, stays: bool) -> Merged:
        claims = tuple(
            replace(each, choices={path: value for path, value in each.choices.items() if path not in self.stale})
            for each in self.record.others(self.owner)
        )
        if stays:
            claims = (*claims, self.claim)
        record = replace(self.record, claims=claims, before=self.before)
        self._tidy(record)
        record = replace(record, before=self.before)
        self._prove(record)
        return Merged(self.text, record, tuple(self.notes))

    def _put(self, path: KeyPath, value: Any) -> None:
        """Remembers each container that is made on the way, or was there with nothing in it."""
        doc = self.doc
        for depth in range(len(path)):
            if doc.is_empty(path[:depth]):
                self.before.setdefault(path[:depth], doc.raw(path[:depth]))
        self.text = doc.put(path, value)

    def _tidy(self, record: Record) -> None:
        """Containers that are empty again become what they were."""
        chosen = {path for each in record.claims for path in each.choices}
        for path in sorted(self.before.keys() - chosen, key=len, reverse=True):
            doc = self.doc
            if path and doc.get(path) is MISSING:
                del self.before[path]
            elif doc.is_empty(path) or (path == () and not doc.text):
                raw = self.before.pop(path)
                self.text = doc.drop(path) if raw is None else doc.put_raw(path, raw)

    def _prove(self, record: Record) -> None:
        """Raises MalformedTextError where the edit would have changed anything but what is ours."""
        was, now = self.record.format.read(self.start).data, self.doc.data
        if self.record.format != WHOLE and digest(_rest(was, self.record, record)) != digest(
            _rest(now, self.record, record)
        ):
            raise MalformedTextError(1, 1, "it cannot be edited without changing what is not gatewright's")
        for path, known in (record.claim(self.owner) or Claim(self.owner)).entries.items():
            if digest(self.doc.get(path)) != known:
                raise MalformedTextError(1, 1, f"{_name(path)} cannot be put into it")


def _paths(record: Record) -> list[KeyPath]:
    return [path for each in record.claims for kind in (each.entries, each.choices, each.defaults) for path in kind]


def _rest(data: Any, record: Record, later: Record) -> Any:
    """`data` without what is ours in either record, and without the containers that we made and that are empty then."""
    rest = deepcopy(data)
    for path in {*_paths(record), *_paths(later)}:
        holder = _at(rest, path[:-1])
        if path and isinstance(holder, dict):
            holder.pop(path[-1], None)
    for path in sorted({*record.before, *later.before}, key=len, reverse=True):
        holder = _at(rest, path[:-1])
        if path and isinstance(holder, dict) and not holder.get(path[-1]):
            holder.pop(path[-1], None)
    return rest or None


def _at(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _name(path: KeyPath) -> str:
    return ".".join(path) if path else "the file"
