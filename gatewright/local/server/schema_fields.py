"""A JSON schema as a flat list of fields, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gatewright.frozen import frozen

Schema = dict[str, Any]

_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "minLength": "of {} characters or more",
    "maxLength": "of {} characters or fewer",
    "minItems": "of {} or more",
    "maxItems": "of {} or fewer",
    "pattern": "like `{}`",
}


@frozen
class Field:
    """One field: its path (`otel[].url`), its values, and its default as JSON where the server has one."""

    path: str
    required: bool
    value: str
    default: str | None
    note: str = ""


def fields(schema: Schema) -> list[Field]:
    """All fields of an object's schema, each before those below it, and those of all alternatives."""
    by_path: dict[str, Field] = {}
    for field in _below(schema, "", schema):
        by_path.setdefault(field.path, field)
    return list(by_path.values())


def _below(schema: Schema, path: str, root: Schema) -> Iterator[Field]:
    """The fields of an object, of the items of a list, and of alternatives."""
    required = schema.get("required", ())
    for name, rule in schema.get("properties", {}).items():
        resolved = _resolve(rule, root)
        default = json.dumps(resolved["default"], ensure_ascii=False) if "default" in resolved else None
        inner = f"{path}.{name}" if path else name
        yield Field(inner, name in required, _value(resolved), default, resolved.get("$comment", ""))
        yield from _below(resolved, inner, root)
    if isinstance(schema.get("items"), dict):
        yield from _below(_resolve(schema["items"], root), f"{path}[]", root)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _below(_resolve(schema["additionalProperties"], root), f"{path}.*", root)
    for form in (*schema.get("allOf", ()), *(schema[branch] for branch in ("then", "else") if branch in schema)):
        yield from _below(_resolve(form, root), path, root)


def _resolve(rule: Schema, root: Schema) -> Schema:
    reference = rule.get("$ref")
    return rule if reference is None else {**root["$defs"][reference.rpartition("/")[2]], **rule}


def _value(rule: Schema) -> str:
    """The values of a field, in words."""
    if "enum" in rule:
        return " or ".join(f"`{json.dumps(value)}`" for value in rule["enum"])
    if "const" in rule:
        return f"`{json.dumps(rule['const'])}`"
    types = rule.get("type", "object")
    text = " or ".join([types] if isinstance(types, str) else types)
    items = rule.get("items", {})
    if "enum" in items or "type" in items:
        text += f" of {_value(items)}"
    return ", ".join([text, *(_bound(key, rule[key]) for key in _BOUNDS if key in rule)])


def _bound(key: str, value: object) -> str:
    return "not empty" if key in {"minLength", "minItems"} and value == 1 else _BOUNDS[key].format(value)
