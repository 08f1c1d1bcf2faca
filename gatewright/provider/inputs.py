"""Checks of inputs, ids to import by and differences, shared by the resources of this plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.errors import UsageError
from gatewright.plugin.resource import CheckFailure, DiffKind, PropertyDiff
from gatewright.plugin.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.plugin.values import Object, Value

TYPE_NAMES = {str: "a string", bool: "true or false", int: "a whole number", dict: "a mapping"}


def check_inputs(
    inputs: Object, required: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> list[CheckFailure]:
    """Every failure: unknown inputs, missing ones, secrets, and values of another type. UNKNOWN has every type."""
    types = {**required, **(optional or {})}
    failures = [
        CheckFailure(name, f"there is no input {name}; the inputs are {', '.join(types)}")
        for name in inputs.keys() - types.keys()
    ]
    for name, type_ in types.items():
        value = inputs.get(name)
        if name not in required and name not in inputs:
            continue
        if value is None or value == "":
            failures.append(CheckFailure(name, f"{name} is required"))
        elif isinstance(value, Secret):
            failures.append(CheckFailure(name, f"{name} is not a secret at Cloudflare: pass it as plain text"))
        elif value is not UNKNOWN and not isinstance(value, type_):
            failures.append(CheckFailure(name, f"{name} must be {TYPE_NAMES[type_]}"))
    return failures


def without_nulls(inputs: Object) -> Object:
    """`inputs` without those that are null."""
    return {name: value for name, value in inputs.items() if value is not None}


def parse_import_id(resource_id: str, *parts: str) -> list[str]:
    """The parts of an id like `<account>/<gateway>/<id>`. Raises UsageError where their number differs."""
    values = resource_id.split("/")
    if len(values) != len(parts) or not all(values):
        raise UsageError(f"{resource_id} cannot be imported", f"The id is {'/'.join(f'<{part}>' for part in parts)}")
    return values


def with_modified_at(outputs: Object, state: Object, modified_at: str | None) -> Object:
    """The outputs of a read, with `modifiedAt` only where they differ from `state`: a refresh of an unchanged resource
    finds no difference, and a changed one shows when it was changed."""
    differs = "modifiedAt" in state or any(state.get(name) != value for name, value in outputs.items())
    return {**outputs, "modifiedAt": modified_at} if state and differs and modified_at else outputs


def nested_changes(path: str, old: Value, new: Value) -> Iterator[tuple[str, PropertyDiff]]:
    """The keys at any depth of two mappings that are added, removed or have another value."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield path, PropertyDiff(DiffKind.UPDATE, input_diff=True)
        return
    for key in dict.fromkeys([*old, *new]):
        inner = f'{path}["{key}"]' if set(key) & set('."[]') else f"{path}.{key}"
        if key not in new:
            yield inner, PropertyDiff(DiffKind.DELETE, input_diff=True)
        elif key not in old:
            yield inner, PropertyDiff(DiffKind.ADD, input_diff=True)
        else:
            yield from nested_changes(inner, old[key], new[key])
