"""Between Pulumi's values and the API's JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gatewright.facts.schema import Field, Kind, ResourceType, Write
from gatewright.local.cloudflare_plugin.plan import each
from gatewright.plugin.values import UNKNOWN, Object, Value

if TYPE_CHECKING:
    from collections.abc import Iterable


def new_body(resource: ResourceType, planned: Object) -> Any:
    """The body that creates what is planned."""
    body = _encoded(resource.fields, planned, planned)
    return [body] if resource.wrapped else body


def update_body(resource: ResourceType, planned: Object, state: Object) -> dict[str, Any]:
    """The body that turns `state` into what is planned, by the resource's own rule."""
    if resource.write is Write.WHOLE:
        return _encoded(resource.fields, planned, planned)
    if resource.write is Write.CHANGED:
        changed = tuple(field for field in resource.fields if planned.get(field.name) != state.get(field.name))
        return _encoded(changed, planned, state)
    return _encoded(resource.fields, planned, state)


def completed(fields: Iterable[Field], planned: Object, answer: dict[str, Any]) -> Object:
    """`planned` with what only the server knows, from its answer to a create or an update."""
    state = dict(planned)
    for field in fields:
        if field.in_path or not field.computed:
            continue
        if not field.settable or planned.get(field.name) is UNKNOWN:
            state[field.name] = decoded(field, answer.get(field.wire_name))
    return {name: value for name, value in state.items() if value is not None and value is not UNKNOWN}


def refreshed(fields: Iterable[Field], state: Object, answer: dict[str, Any]) -> Object:
    """`state` as the server has it now, from its answer to a read."""
    fresh: Object = {}
    for field in fields:
        prior = state.get(field.name)
        value = prior if field.in_path or field.unread else decoded(field, answer.get(field.wire_name), prior)
        if value is not None:
            fresh[field.name] = value
    return fresh


def decoded(field: Field, value: Any, prior: Value = None) -> Value:
    """One value of an answer. `prior` is kept where it is the same instant, written differently.

    An object that was there and is gone leaves its empty shell, as upstream has it.
    """
    before = prior if isinstance(prior, dict) else {}
    if value is None and not (field.fields and isinstance(prior, dict) and not field.computed):
        return None
    if field.fields:
        value = value or {}
        return {
            part.name: inner
            for part in field.fields
            if (inner := decoded(part, value.get(part.wire_name), before.get(part.name))) is not None
        }
    if field.element is not None:
        parts = {key: decoded(field.element, item, other) for key, item, (other,) in each(field, value, prior)}
        return list(parts.values()) if isinstance(value, list) else {str(key): item for key, item in parts.items()}
    if field.kind is Kind.TIME:
        return _time(value, prior)
    if field.kind is Kind.JSON:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value  # type: ignore[no-any-return]


def _encoded(fields: Iterable[Field], planned: Object, state: Object) -> dict[str, Any]:
    """The settable parts of `planned`; what `state` has and the plan no longer has is null."""
    body: dict[str, Any] = {}
    for field in fields:
        if field.in_path or not field.settable:
            continue
        value, before = planned.get(field.name), state.get(field.name)
        if value is UNKNOWN or (value is None and before is None):
            continue
        body[field.wire_name] = _encoded_value(field, value, before)
    return body


def _encoded_value(field: Field, value: Value, before: Value) -> Any:
    if isinstance(value, dict) and field.fields:
        return _encoded(field.fields, value, before if isinstance(before, dict) else {})
    if field.element is not None and value is not None:
        element = field.element
        parts = {key: _encoded_value(element, item, other) for key, item, (other,) in each(field, value, before)}
        return list(parts.values()) if isinstance(value, list) else parts
    if field.kind is Kind.JSON and isinstance(value, str):
        return json.loads(value)
    if field.kind is Kind.TIME and isinstance(value, str):
        return _time(value, None)
    return value


def _time(value: str, prior: Value) -> str:
    """RFC 3339 in whole seconds, as upstream keeps it; `prior` if it is the same instant."""
    moment = datetime.fromisoformat(value)
    if isinstance(prior, str) and _is_instant(prior, moment):
        return prior
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _is_instant(text: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(text) == moment
    except (ValueError, TypeError):
        return False
