"""The journal's records: what each environment owns in a file, as digests, never a secret."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from gatewright.frozen import frozen
from gatewright.install.lists import ListChange
from gatewright.io.text_edits import KeyPath
from gatewright.io.text_edits.text_format import Format


@frozen
class Owner:
    """A client of an environment of a project; `project` is the project's folder."""

    project: str
    environment: str
    client: str


@frozen
class Claim:
    """What one owner has in a file.

    `entries` and `defaults` are digests of values, `choices` the values, `lists` the changes of lists. `variables`: the
    variables with a token that the owner's settings name. `at_named_path`: the user named the file with --to.
    `follows_symlink`: the file is a symlink, and the user wants its target edited.
    """

    owner: Owner
    entries: Mapping[KeyPath, str] = field(default_factory=dict)
    choices: Mapping[KeyPath, Any] = field(default_factory=dict)
    defaults: Mapping[KeyPath, str] = field(default_factory=dict)
    lists: Mapping[KeyPath, ListChange] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    at_named_path: bool = False
    follows_symlink: bool = False

    @property
    def kinds(self) -> tuple[Mapping[KeyPath, Any], ...]:
        """All settings by path."""
        return self.entries, self.choices, self.defaults, self.lists


@frozen
class Record:
    """A file with claims, in the order in which they were made: the last claim on a choice applies.

    `before`: the source text that a choice, or a container of entries, had before the first claim; None if there was
    none. `created`: the file itself and its folders, if install created them, outermost first.
    """

    file: str
    format: Format
    claims: tuple[Claim, ...] = ()
    before: Mapping[KeyPath, str | None] = field(default_factory=dict)
    created: tuple[str, ...] = ()

    def claim_of(self, owner: Owner) -> Claim | None:
        """The owner's claim."""
        return next((claim for claim in self.claims if claim.owner == owner), None)

    def other_claims(self, owner: Owner) -> tuple[Claim, ...]:
        """The claims of all other owners."""
        return tuple(claim for claim in self.claims if claim.owner != owner)

    @property
    def paths(self) -> list[KeyPath]:
        """The paths of all settings that are claimed."""
        return [path for claim in self.claims for kind in claim.kinds for path in kind]

    def chosen_by(self, path: KeyPath) -> Claim | None:
        """The claim whose choice applies at `path`."""
        return next((claim for claim in reversed(self.claims) if path in claim.choices), None)


def digest(value: Any) -> str:
    """The digest of a value, independent of layout and of the order of keys."""
    canonical = json.dumps(_with_text_keys(value), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _with_text_keys(value: Any) -> Any:
    """YAML has keys of other types, which cannot be sorted with each other."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else f"{type(key).__name__} {key}": _with_text_keys(entry)
            for key, entry in value.items()
        }
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def record_to_json(record: Record) -> dict[str, Any]:
    """The record as JSON data."""
    return {
        "file": record.file,
        "format": {"kind": record.format.kind, "list": list(record.format.list_at), "by": record.format.identity},
        "claims": [
            {
                "project": claim.owner.project,
                "environment": claim.owner.environment,
                "client": claim.owner.client,
                "entries": _to_pairs(claim.entries),
                "choices": _to_pairs(claim.choices),
                "defaults": _to_pairs(claim.defaults),
                "lists": _to_pairs({path: [change.add, change.omit] for path, change in claim.lists.items()}),
                "variables": list(claim.variables),
                "placed": claim.at_named_path,
                "followed": claim.follows_symlink,
            }
            for claim in record.claims
        ],
        "before": _to_pairs(record.before),
        "made": list(record.created),
    }


def record_from_json(content: Any) -> Record:
    """The inverse of `record_to_json`. Raises KeyError, TypeError or ValueError for other data."""
    format_ = content["format"]
    return Record(
        file=_text(content["file"]),
        format=Format(format_["kind"], tuple(format_["list"]), format_["by"]),
        claims=tuple(
            Claim(
                owner=Owner(*(_text(claim[part]) for part in ("project", "environment", "client"))),
                entries=_from_pairs(claim["entries"]),
                choices=_from_pairs(claim["choices"]),
                defaults=_from_pairs(claim["defaults"]),
                lists={
                    path: ListChange(tuple(add), tuple(omit))
                    for path, (add, omit) in _from_pairs(claim.get("lists", [])).items()
                },
                variables=tuple(claim["variables"]),
                at_named_path=claim["placed"],
                follows_symlink=claim.get("followed", False),
            )
            for claim in content["claims"]
        ),
        before=_from_pairs(content["before"]),
        created=tuple(content["made"]),
    )


def _to_pairs(values: Mapping[KeyPath, Any]) -> list[list[Any]]:
    return [[list(path), value] for path, value in values.items()]


def _from_pairs(pairs: list[list[Any]]) -> dict[KeyPath, Any]:
    return {tuple(path): value for path, value in pairs}


def _text(value: Any) -> str:
    """What is looked up later. Raises TypeError for anything but a text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value
