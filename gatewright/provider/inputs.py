"""What resources of this plugin have in common: inputs that are checked, and ids that are imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.errors import UsageError
from gatewright.plugin.resource import Change, Failure, Kind
from gatewright.plugin.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.plugin.values import Object, Value

KINDS = {str: "a string", bool: "true or false", int: "a whole number", dict: "a mapping"}


def failures(inputs: Object, kinds: Mapping[str, type], optional: Mapping[str, type] | None = None) -> list[Failure]:
    """All that is wrong with inputs, each in clear and of its kind or not yet known; those of `kinds` must be there."""
    known = {**kinds, **(optional or {})}
    found = [
        Failure(name, f"there is no input {name}; the inputs are {', '.join(known)}")
        for name in inputs.keys() - known.keys()
    ]
    for name, kind in known.items():
        value = inputs.get(name)
        if name not in kinds and name not in inputs:
            continue
        if value is None or value == "":
            found.append(Failure(name, f"{name} is required"))
        elif isinstance(value, Secret):
            found.append(Failure(name, f"{name} is no secret at Cloudflare: give it in clear"))
        elif value is not UNKNOWN and not isinstance(value, kind):
            found.append(Failure(name, f"{name} must be {KINDS[kind]}"))
    return found


def imported(resource_id: str, *parts: str) -> list[str]:
    """`<account>/<gateway>/<id>` in its parts. Raises UsageError for another number of them."""
    given = resource_id.split("/")
    if len(given) != len(parts) or not all(given):
        raise UsageError(f"{resource_id} cannot be imported", f"The id is {'/'.join(f'<{part}>' for part in parts)}")
    return given


def with_moment(found: Object, held: Object, moment: str | None) -> Object:
    """The outputs of a read, with `modifiedAt` only where they differ from those that the state holds: so that it can
    be said when that was, and a refresh of what stands as it was finds nothing new."""
    differs = "modifiedAt" in held or any(held.get(name) != value for name, value in found.items())
    return {**found, "modifiedAt": moment} if held and differs and moment else found


def nested_changes(path: str, old: Value, new: Value) -> Iterator[tuple[str, Change]]:
    """Where two mappings differ, as deep as it goes: a key that comes, goes or has another value."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield path, Change(Kind.UPDATE, input_diff=True)
        return
    for key in dict.fromkeys([*old, *new]):
        inner = f'{path}["{key}"]' if set(key) & set('."[]') else f"{path}.{key}"
        if key not in new:
            yield inner, Change(Kind.DELETE, input_diff=True)
        elif key not in old:
            yield inner, Change(Kind.ADD, input_diff=True)
        else:
            yield from nested_changes(inner, old[key], new[key])
