"""A state besides its properties: the bookkeeping that lets the official plugin read it.

`__meta` is the version of upstream's schema. `__pulumi_raw_state_delta` is how Terraform's own state differs from the
properties (nulls left out, other names, objects distinguished from maps). Format: pulumi-terraform-bridge, rawstate.go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.facts.schema import Field, Kind, ResourceType, snake
from gatewright.local.cloudflare_plugin.plan import elements
from gatewright.plugin.values import UNKNOWN, Object, Secret, Value, reveal_all

if TYPE_CHECKING:
    from collections.abc import Iterable

META = "__meta"
DELTA = "__pulumi_raw_state_delta"


def to_state(resource: ResourceType, outputs: Object) -> Object:
    """`outputs` as in the state: secrets marked, the bookkeeping added."""
    return {
        **mark_secrets(resource.fields, outputs),
        META: json.dumps({"schema_version": str(resource.schema_version)}, separators=(",", ":")),
        DELTA: _object_delta(resource.fields, outputs),
    }


def mark_secrets(fields: Iterable[Field], values: Object) -> Object:
    """`values` with those of secret fields in Secret."""
    secret = {field.name for field in fields if field.secret}
    return {name: Secret(value) if name in secret and value is not UNKNOWN else value for name, value in values.items()}


def properties(values: Object) -> Object:
    """The properties of a state, secrets revealed, without the bookkeeping."""
    return {name: value for name, value in reveal_all(values).items() if not name.startswith("__")}


def inputs_from(fields: Iterable[Field], outputs: Object, olds: Object | None = None) -> Object:
    """The inputs that a program would have written for `outputs`.

    After a refresh: those of `olds`, with their current values. After an import (`olds` None): all that are required,
    or are set to more than an empty value.
    """
    by_name = {field.name: field for field in fields}
    if olds is not None:
        return {
            name: _current(by_name.get(name), value, outputs[name]) for name, value in olds.items() if name in outputs
        }
    return _imported(by_name.values(), outputs)


def _current(field: Field | None, old: Value, new: Value) -> Value:
    """The parts of `new` that `old` has; the elements of a list by index."""
    if isinstance(old, list) and isinstance(new, list):
        return [_current(field.element if field else None, *pair) for pair in zip(old, new, strict=False)]
    if isinstance(old, dict) and isinstance(new, dict):
        return {name: _current(None, value, new[name]) for name, value in old.items() if name in new}
    return new


def _imported(fields: Iterable[Field], outputs: Object) -> Object:
    inputs: Object = {}
    for field in fields:
        value = outputs.get(field.name)
        if not field.settable or value is None:
            continue
        if field.fields and isinstance(value, dict):
            value = _imported(field.fields, value)
        elif field.element is not None and field.element.fields and isinstance(value, list):
            value = [_imported(field.element.fields, item) if isinstance(item, dict) else item for item in value]
        if field.required or value:
            inputs[field.name] = value
    return inputs


def _object_delta(fields: Iterable[Field], values: Object) -> Value:
    parts: Object = {}
    renamed: Object = {}
    for field in fields:
        if field.terraform_name != snake(field.name):
            renamed[field.name] = field.terraform_name
        part = _delta(field, values.get(field.name))
        if part is not None:
            parts[field.name] = part
    inner: Object = {}
    if parts:
        inner["ps"] = parts
    if renamed:
        inner["renamed"] = renamed
    return {"obj": inner}


def _delta(field: Field, value: Value) -> Value:
    if value is None:
        return Secret({"replace": {"raw": None}})
    if field.fields:
        return _object_delta(field.fields, value if isinstance(value, dict) else {})
    if field.element is None:
        return None
    parts: Object = {}
    for key, item, _ in elements(field, value):
        part = _delta(field.element, item)
        if part is not None:
            parts[str(key)] = part
    return {"map" if field.kind is Kind.MAP else "arr": {"el": parts} if parts else {}}
