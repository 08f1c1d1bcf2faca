"""Check a resource's inputs before anything is sent, and report all failures."""

from __future__ import annotations

import json
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

from gatewright.facts.schema import Field, Kind
from gatewright.local.cloudflare_plugin.plan import coerce, elements
from gatewright.plugin.resource import CheckFailure
from gatewright.plugin.values import UNKNOWN, Object, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TYPES: dict[Kind, type | tuple[type, ...]] = {
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.NUMBER: (int, float),
    Kind.LIST: list,
    Kind.MAP: dict,
    Kind.OBJECT: dict,
    Kind.ANY: object,
}
_TYPE_NAMES = {
    Kind.BOOL: "true or false",
    Kind.INT: "a whole number",
    Kind.NUMBER: "a number",
    Kind.LIST: "a list",
    Kind.MAP: "a map",
    Kind.OBJECT: "an object",
}


def failures(fields: Iterable[Field], inputs: Object) -> list[CheckFailure]:
    """All failures in the revealed `inputs`; UNKNOWN is valid."""
    return [CheckFailure("", reason) for reason in _in_object(fields, inputs, "")]


def _in_object(fields: Iterable[Field], values: Object, path: str) -> Iterator[str]:
    known = {field.name: field for field in fields if field.settable}
    for name in values:
        if name not in known and not name.startswith("__"):
            near = get_close_matches(name, known, n=1)
            yield f"{path}{name} is not a property of this resource" + (f"; did you mean {near[0]}?" if near else "")
    for name, field in known.items():
        value = values.get(name)
        if value is None:
            if field.required:
                yield f"Missing required property '{path}{name}'"
        elif value is not UNKNOWN:
            yield from _in_value(field, coerce(field, value), path + name)


def _in_value(field: Field, value: Value, path: str) -> Iterator[str]:
    is_bool = isinstance(value, bool) and field.kind not in (Kind.BOOL, Kind.ANY)  # which Python takes for a number
    if is_bool or not isinstance(value, _TYPES.get(field.kind, str)):
        yield f"{path} must be {_TYPE_NAMES.get(field.kind, 'a string')}"
    elif isinstance(value, dict) and field.fields:
        yield from _in_object(field.fields, value, f"{path}.")
    elif field.element is not None:
        for key, item, _ in elements(field, value):
            item_path = f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}"
            if item is not None and item is not UNKNOWN:
                yield from _in_value(field.element, coerce(field.element, item), item_path)
    elif isinstance(value, str):
        yield from _in_text(field, value, path)
    elif isinstance(value, int | float):
        yield from _in_number(field, value, path)


def _in_text(field: Field, value: str, path: str) -> Iterator[str]:
    if field.enum and value.lower() not in (allowed.lower() for allowed in field.enum):
        yield f"{path} must be one of {', '.join(field.enum)}, got: {value}"
    if field.kind is Kind.TIME and not _is_time(value):
        yield f"{path} must be an RFC 3339 timestamp like 2027-01-20T00:00:00Z, got: {value}"
    if field.kind is Kind.JSON and not _is_json_object(value):
        yield f"{path} must be a JSON object in a string"


def _in_number(field: Field, value: float, path: str) -> Iterator[str]:
    if field.minimum is not None and value < field.minimum:
        bounds = f"at least {field.minimum}" if field.maximum is None else f"{field.minimum} to {field.maximum}"
        yield f"{path} must be {bounds}, got: {value}"
    elif field.maximum is not None and value > field.maximum:
        yield f"{path} must be {field.minimum} to {field.maximum}, got: {value}"


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None and "T" in text.upper()
    except ValueError:
        return False


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
