"""What is ours in a file, as it is remembered: digests of what we put there, never a secret.

A record is one file. Its claims stand in the order in which they were made: where several environments claim one
choice, the last one has it. `before` is what stood where we put a choice, or a container for our entries.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gatewright.io.text_edits.text_format import Format

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.io.text_edits import KeyPath


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose it is: a client of an environment of a project, which goes by its folder."""

    project: str
    environment: str
    client: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What one owner has in a file: entries and defaults by their digest, choices by their value. `variables` are the
    variables with a token that the owner's settings name; `placed`: the user named the file."""

    owner: Owner
    entries: Mapping[KeyPath, str] = field(default_factory=dict)
    choices: Mapping[KeyPath, Any] = field(default_factory=dict)
    defaults: Mapping[KeyPath, str] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    placed: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A file in which something is ours. `made` are the folders and the file itself that we made, outermost first."""

    file: str
    format: Format
    claims: tuple[Claim, ...] = ()
    before: Mapping[KeyPath, str | None] = field(default_factory=dict)
    made: tuple[str, ...] = ()

    def claim(self, owner: Owner) -> Claim | None:
        """What `owner` has."""
        return next((each for each in self.claims if each.owner == owner), None)

    def others(self, owner: Owner) -> tuple[Claim, ...]:
        """What all but `owner` have."""
        return tuple(each for each in self.claims if each.owner != owner)

    def holder(self, path: KeyPath) -> Claim | None:
        """Who has the choice at `path`."""
        return next((each for each in reversed(self.claims) if path in each.choices), None)

    def with_claim(self, claim: Claim) -> Record:
        """With `claim` as the newest."""
        return replace(self, claims=(*self.others(claim.owner), claim))


def digest(value: Any) -> str:
    """Of a value, whatever its layout and the order of its keys."""
    canonical = json.dumps(_named(value), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _named(value: Any) -> Any:
    """With texts alone as keys: YAML knows others, which cannot be sorted among each other."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else f"{type(key).__name__} {key}": _named(each) for key, each in value.items()
        }
    return [_named(each) for each in value] if isinstance(value, list) else value


def dumped(record: Record) -> dict[str, Any]:
    """`record` as JSON can hold it."""
    return {
        "file": record.file,
        "format": {"kind": record.format.kind, "list": list(record.format.list_at), "by": record.format.identity},
        "claims": [
            {
                "project": claim.owner.project,
                "environment": claim.owner.environment,
                "client": claim.owner.client,
                "entries": _pairs(claim.entries),
                "choices": _pairs(claim.choices),
                "defaults": _pairs(claim.defaults),
                "variables": list(claim.variables),
                "placed": claim.placed,
            }
            for claim in record.claims
        ],
        "before": _pairs(record.before),
        "made": list(record.made),
    }


def loaded(content: Any) -> Record:
    """The inverse of `dumped`. Raises KeyError, TypeError or ValueError for what is none."""
    kind = content["format"]
    return Record(
        file=content["file"],
        format=Format(kind["kind"], tuple(kind["list"]), kind["by"]),
        claims=tuple(
            Claim(
                owner=Owner(each["project"], each["environment"], each["client"]),
                entries=_mapping(each["entries"]),
                choices=_mapping(each["choices"]),
                defaults=_mapping(each["defaults"]),
                variables=tuple(each["variables"]),
                placed=each["placed"],
            )
            for each in content["claims"]
        ),
        before=_mapping(content["before"]),
        made=tuple(content["made"]),
    )


def _pairs(values: Mapping[KeyPath, Any]) -> list[list[Any]]:
    return [[list(path), value] for path, value in values.items()]


def _mapping(pairs: list[list[Any]]) -> dict[KeyPath, Any]:
    return {tuple(path): value for path, value in pairs}
