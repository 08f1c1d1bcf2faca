"""Conversions between Pulumi's values and the API's JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gatewright.facts.schema import Field, Kind, ResourceType, Write
from gatewright.local.cloudflare_plugin.plan import map_elements
from gatewright.plugin.values import UNKNOWN, Object, Value

if TYPE_CHECKING:
    from collections.abc import Iterable


def create_body(resource: ResourceType, planned: Object) -> Any:
    """The body that creates the planned resource."""
    body = _encode(resource.fields, planned, planned)
    return [body] if resource.wrapped else body


def update_body(resource: ResourceType, planned: Object, state: Object) -> dict[str, Any]:
    """The body that changes `state` into the planned resource, by the resource's own rule."""
    if resource.write is Write.WHOLE:
        return _encode(resource.fields, planned, planned)
    if resource.write is Write.CHANGED:
        changed = tuple(field for field in resource.fields if planned.get(field.name) != state.get(field.name))
        return _encode(changed, planned, state)
    return _encode(resource.fields, planned, state)


def after_write(fields: Iterable[Field], planned: Object, result: dict[str, Any]) -> Object:
    """`planned` with what only the server knows, from the result of a create or an update."""
    state = dict(planned)
    for field in fields:
        if field.in_path or not field.computed:
            continue
        if not field.settable or planned.get(field.name) is UNKNOWN:
            state[field.name] = decode(field, result.get(field.wire_name))
    return {name: value for name, value in state.items() if value is not None and value is not UNKNOWN}


def after_read(fields: Iterable[Field], state: Object, result: dict[str, Any]) -> Object:
    """`state` with the server's current values, from the result of a read."""
    fresh: Object = {}
    for field in fields:
        prior = state.get(field.name)
        value = prior if field.in_path or field.unread else decode(field, result.get(field.wire_name), prior)
        if value is not None:
            fresh[field.name] = value
    return fresh


def decode(field: Field, value: Any, prior: Value = None) -> Value:
    """Decode one value of a result. `prior` is kept where it is the same instant in another form.

    An object that existed and is deleted becomes an object without values, as in upstream.
    """
    before = prior if isinstance(prior, dict) else {}
    if value is None and not (field.fields and isinstance(prior, dict) and not field.computed):
        return None
    if field.fields:
        value = value or {}
        return {
            part.name: inner
            for part in field.fields
            if (inner := decode(part, value.get(part.wire_name), before.get(part.name))) is not None
        }
    if field.kind is Kind.TIME:
        return _time(value, prior)
    if field.kind is Kind.JSON:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return map_elements(field, value, prior, decode)  # type: ignore[no-any-return]


def _encode(fields: Iterable[Field], planned: Object, state: Object) -> dict[str, Any]:
    """The settable parts of `planned`. A part that `state` has and the plan has not is null."""
    body: dict[str, Any] = {}
    for field in fields:
        if field.in_path or not field.settable:
            continue
        value, before = planned.get(field.name), state.get(field.name)
        if value is UNKNOWN or (value is None and before is None):
            continue
        body[field.wire_name] = _encode_value(field, value, before)
    return body


def _encode_value(field: Field, value: Value, before: Value) -> Any:
    if isinstance(value, dict) and field.fields:
        return _encode(field.fields, value, before if isinstance(before, dict) else {})
    if field.kind is Kind.JSON and isinstance(value, str):
        return json.loads(value)
    if field.kind is Kind.TIME and isinstance(value, str):
        return _time(value, None)
    return map_elements(field, value, before, _encode_value)


def _time(value: str, prior: Value) -> str:
    """RFC 3339 in whole seconds, as upstream stores it; `prior` if it is the same instant."""
    time = datetime.fromisoformat(value)
    if isinstance(prior, str) and _is_instant(prior, time):
        return prior
    return time.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _is_instant(text: str, time: datetime) -> bool:
    try:
        return datetime.fromisoformat(text) == time
    except (ValueError, TypeError):
        return False
