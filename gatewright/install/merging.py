"""Merge an environment's settings into a user's text, or remove them: a pure function of the text and the record.

An entry belongs to its owner, and anything else at its path is refused. A choice belongs to the newest owner; when that
owner leaves, the previous owner's value returns, and in the end the user's. What the user has edited since stays and is
noted. The result is parsed again and compared: nothing but the owners' settings may differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gatewright.clients.common.installation import DesiredContent
from gatewright.frozen import frozen
from gatewright.install.claims import Claim, Owner, Record, digest
from gatewright.install.lists import ListChange, added_items, apply, with_items
from gatewright.install.unchanged import require_others_unchanged
from gatewright.io.text_edits import MISSING, EditableText, KeyPath, path_name
from gatewright.io.text_edits.malformed import MalformedTextError


class CollisionError(Exception):
    """The value at `path` may not be replaced; `claim` is its owner's, None for a value of the user."""

    def __init__(self, path: KeyPath, claim: Claim | None) -> None:
        super().__init__(".".join(path))
        self.path = path
        self.claim = claim


@frozen
class Merged:
    """The new text and record of a file; `notes` are sentences for the user."""

    text: str
    record: Record
    notes: tuple[str, ...]


def merge(record: Record, text: str, claim: Claim, content: DesiredContent, *, keeps_choices: bool = False) -> Merged:
    """`text` with `content` as the only settings of the claim's owner; `claim` is empty so far. With `keeps_choices`,
    the program's default model and other choices of the user stay.

    Raises MalformedTextError and CollisionError.
    """
    merging = _Merging(record, text, claim)
    merging.set_defaults(content.defaults, content.only_alone)
    merging.set_entries(content.entries)
    paths = {*content.additions, *content.omissions}
    merging.set_lists(
        {path: ListChange(content.additions.get(path, ()), content.omissions.get(path, ())) for path in paths}
    )
    merging.set_choices(merging.without_choices_of_user(content) if keeps_choices else content.choices)
    return merging.result((merging.claim,))


def remove(record: Record, text: str, owner: Owner) -> Merged:
    """`text` without the owner's settings. Raises MalformedTextError."""
    merging = _Merging(record, text, Claim(owner))
    merging.set_entries({})
    merging.set_choices({})
    merging.set_lists({})
    merging.set_defaults({})
    return merging.result(())


@dataclass(slots=True)
class _Merging:
    """One merge in progress: `text` and `claim` are as far as it got."""

    record: Record
    original: str
    claim: Claim
    text: str = field(init=False)
    old: Claim = field(init=False)
    others: tuple[Claim, ...] = field(init=False)
    before: dict[KeyPath, str | None] = field(init=False)
    notes: list[str] = field(default_factory=list)
    replaced: set[KeyPath] = field(default_factory=set)
    """Choices of other owners that the user has replaced since."""
    _parsed: EditableText | None = None

    def __post_init__(self) -> None:
        owner = self.claim.owner
        self.text = self.original
        self.old = self.record.claim_of(owner) or Claim(owner)
        self.others = self.record.other_claims(owner)
        self.before = dict(self.record.before)

    @property
    def parsed(self) -> EditableText:
        """The text, parsed."""
        if self._parsed is None or self._parsed.text != self.text:
            self._parsed = self.record.format.read(self.text)
        return self._parsed

    def set_entries(self, desired: Mapping[KeyPath, Any]) -> None:
        """Items of a list are added again when any of them changes, because their order matters."""
        digests = {path: digest(value) for path, value in desired.items()}
        is_list = bool(self.record.format.list_at or self.record.format.identity)
        add_again = is_list and [*self.old.entries.items()] != [*digests.items()]
        for path, installed in self.old.entries.items():
            current = self.parsed.get(path)
            if current is MISSING:
                continue
            edited = digest(current) != installed
            if path not in desired and edited:
                self.notes.append(f"{path_name(path)} was edited after install, so it is kept as yours")
            elif path not in desired or add_again:
                self.text = self.parsed.drop(path)
            if path in desired and edited and digest(current) != digests[path]:
                self.notes.append(f"{path_name(path)} was edited by hand and is reset to the declared value")
        owned = [path for path, value in desired.items() if self._set_entry(path, value)]
        self.claim = replace(self.claim, entries={path: digests[path] for path in owned})

    def _set_entry(self, path: KeyPath, value: Any) -> bool:
        """Set an entry; False if the user already has the same."""
        current = self.parsed.get(path)
        if path not in self.old.entries and current is not MISSING:
            other = next((claim for claim in self.others if path in claim.entries), None)
            if other is not None or digest(current) != digest(value):
                raise CollisionError(path, other)
            self.notes.append(f"{path_name(path)} already exists with the same value, so it is kept as yours")
            return False
        self._set(path, value)
        return True

    def set_lists(self, desired: Mapping[KeyPath, ListChange]) -> None:
        """Change lists that exist. The user's own items stay, also those that were added since."""
        made: dict[KeyPath, ListChange] = {}
        for path in sorted({*self.old.lists, *desired}):
            current = self.parsed.get(path)
            if not isinstance(current, list):
                continue
            others = [claim.lists[path] for claim in self.others if path in claim.lists]
            own, raw = self._own_list(path, current, [*others, self.old.lists.get(path, ListChange())])
            change = desired.get(path, ListChange())
            change = ListChange(
                tuple(item for item in change.add if item not in own),
                tuple(item for item in change.omit if item in own),
            )
            if change:
                made[path] = change
            self._set_list(path, current, own, raw, [*others, *([change] if change else [])])
        self.claim = replace(self.claim, lists=made)

    def _own_list(self, path: KeyPath, current: list[Any], changes: list[ListChange]) -> tuple[list[Any], str]:
        """The user's own list and its source: as it was before, unless the user has edited it since."""
        before = self.before.get(path)
        if before is not None:
            original = self.record.format.read(f'{{"list": {before}}}').get(("list",))
            if _has_same_items(apply(original, changes), current):
                return original, before
            own = [item for item in current if item not in added_items(changes)]
            return own, json.dumps(own, ensure_ascii=False)
        return current, self.parsed.raw(path) or "[]"

    def _set_list(self, path: KeyPath, current: list[Any], own: list[Any], raw: str, changes: list[ListChange]) -> None:
        after = apply(own, changes)
        if changes:
            self.before[path] = raw
        else:
            self.before.pop(path, None)
        if after == current or (changes and _has_same_items(after, current)):
            return
        if any(change.omit for change in changes):
            self.text = self.parsed.put(path, after)
        else:
            self.text = self.parsed.put_raw(path, with_items(raw, added_items(changes)))

    def without_choices_of_user(self, content: DesiredContent) -> dict[KeyPath, Any]:
        """The choices that replace nothing of the user's, and those that the owner has made before."""
        allowed: dict[KeyPath, Any] = {}
        for path, value in content.choices.items():
            current = self.parsed.get(path)
            if path in self.old.choices or (path not in content.default_models and current is MISSING):
                allowed[path] = value
            elif current is MISSING or digest(current) != digest(value):
                self.notes.append(f"{path_name(path)} stays as it is; install --default sets it")
        return allowed

    def set_choices(self, desired: Mapping[KeyPath, Any]) -> None:
        for path in self.old.choices:
            if path not in desired:
                self._return_choice(path)
        for path, value in desired.items():
            self._choose(path, value)
        self.claim = replace(self.claim, choices=dict(desired))

    def _choose(self, path: KeyPath, value: Any) -> None:
        current, claim = self.parsed.get(path), self.record.chosen_by(path)
        if claim is None:
            self.before.setdefault(path, self.parsed.raw(path))
        elif current is MISSING or digest(current) != digest(claim.choices[path]):
            self.before[path] = self.parsed.raw(path)
            self.replaced.add(path)
            self.notes.append(f"{path_name(path)} was changed after install; uninstall restores that value")
        elif claim.owner != self.claim.owner:
            self.notes.append(f"{path_name(path)} was set by {claim.owner.environment}; uninstall restores that value")
        self._set(path, value)

    def _return_choice(self, path: KeyPath) -> None:
        claim = self.record.chosen_by(path)
        if claim is None or claim.owner != self.claim.owner:
            return
        current = self.parsed.get(path)
        heirs = [other for other in self.others if path in other.choices]
        if current is MISSING or digest(current) != digest(claim.choices[path]):
            if current is not MISSING:
                self.notes.append(f"{path_name(path)} was changed after install, so it is kept")
        elif heirs:
            self.text = self.parsed.put(path, heirs[-1].choices[path])
            self.notes.append(f"{path_name(path)} is set by {heirs[-1].owner.environment} again")
        elif (raw := self.before.get(path)) is not None:
            self.text = self.parsed.put_raw(path, raw)
            self.notes.append(f"{path_name(path)} has its earlier value again")
        else:
            self.text = self.parsed.drop(path)
        if not heirs:
            self.before.pop(path, None)

    def set_defaults(self, desired: Mapping[KeyPath, Any], only_alone: frozenset[KeyPath] = frozenset()) -> None:
        shared = {path: installed for claim in self.others for path, installed in claim.defaults.items()}
        for path, installed in self.old.defaults.items():
            current = self.parsed.get(path)
            is_unchanged = current is not MISSING and digest(current) == installed
            is_obsolete = path not in desired or digest(desired[path]) != installed
            if is_unchanged and is_obsolete and path not in shared:
                self.text = self.parsed.drop(path)
        owned = {}
        for path, value in desired.items():
            if self.parsed.get(path) is not MISSING:
                if installed_before := self.old.defaults.get(path) or shared.get(path):
                    owned[path] = installed_before
            elif path not in only_alone or not self._has_user_values(path[:-1]):
                self._set(path, value)
                owned[path] = digest(value)
        self.claim = replace(self.claim, defaults=owned)

    def _has_user_values(self, container: KeyPath) -> bool:
        """Whether `container` has a key that no environment has set."""
        owned = {path[len(container)] for path in self.record.paths if path[: len(container)] == container != path}
        current = self.parsed.get(container)
        return isinstance(current, dict) and bool(current.keys() - owned)

    def result(self, claims: tuple[Claim, ...]) -> Merged:
        """The result with the other owners' claims, followed by `claims`."""
        others = (
            replace(other, choices={path: value for path, value in other.choices.items() if path not in self.replaced})
            for other in self.others
        )
        record = replace(self.record, claims=(*others, *claims))
        self._restore_empty_containers(record)
        record = replace(record, before=self.before)
        require_others_unchanged(self.record, self.original, record, self.parsed)
        for path, installed in self.claim.entries.items():
            if digest(self.parsed.get(path)) != installed:
                raise MalformedTextError(1, 1, f"{path_name(path)} cannot be added")
        return Merged(self.text, record, tuple(self.notes))

    def _set(self, path: KeyPath, value: Any) -> None:
        """Set a value that differs, and remember the containers that are created for it or were empty."""
        parsed = self.parsed
        current = parsed.get(path)
        if current is not MISSING and digest(current) == digest(value):
            return
        for depth in range(len(path)):
            if parsed.is_empty(path[:depth]):
                self.before.setdefault(path[:depth], parsed.raw(path[:depth]))
        self.text = parsed.put(path, value)

    def _restore_empty_containers(self, record: Record) -> None:
        chosen = {path for claim in record.claims for path in (*claim.choices, *claim.lists)}
        for path in sorted(self.before.keys() - chosen, key=len, reverse=True):
            parsed = self.parsed
            if path and parsed.get(path) is MISSING:
                del self.before[path]
            elif parsed.is_empty(path) or (path == () and not parsed.text):
                raw = self.before.pop(path)
                self.text = parsed.drop(path) if raw is None else parsed.put_raw(path, raw)


def _has_same_items(items: list[Any], other: list[Any]) -> bool:
    """Whether two lists differ in their order only."""
    return sorted(map(digest, items)) == sorted(map(digest, other))
