"""What a resource will be: the program's inputs, completed by defaults, by the state, and by UNKNOWN.

The rules are Terraform's: what a program leaves out and the server decides stays as it is in the state, unless anything
else changes; then it is unknown until the server has answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.facts.schema import Field, Kind
from gatewright.plugin.values import UNKNOWN, Object, Value

if TYPE_CHECKING:
    from collections.abc import Iterable


def plan(fields: Iterable[Field], inputs: Object, state: Object) -> Object:
    """The planned outputs for revealed `inputs` over the last outputs `state` ({} for a new resource)."""
    fields = tuple(fields)
    proposed = _proposed(fields, inputs, state)
    prior = known_fields(fields, state)
    if proposed == prior:
        return proposed
    planned = _unknown_where_computed(fields, inputs, proposed)
    for field in fields:
        if field.kept and prior and planned.get(field.name) is UNKNOWN:
            planned[field.name] = prior.get(field.name)
    return known_fields(fields, planned)


def known_fields(fields: Iterable[Field], values: Object) -> Object:
    """`values` without what is null, and without what is no field (the bookkeeping of a state)."""
    return {field.name: value for field in fields if (value := values.get(field.name)) is not None}


def each(field: Field, value: Value, *others: Value) -> list[tuple[str | int, Value, tuple[Value, ...]]]:
    """The elements of a list or map with their index or key, each with those that stand there in `others`."""
    if isinstance(value, list):
        return [(index, element, tuple(_at(other, index) for other in others)) for index, element in enumerate(value)]
    if isinstance(value, dict) and field.kind is Kind.MAP:
        return [
            (key, element, tuple(other.get(key) if isinstance(other, dict) else None for other in others))
            for key, element in value.items()
        ]
    return []


def coerced(field: Field, value: Value) -> Value:
    """A scalar as the field's type holds it: Pulumi lets a program write "300" for 300."""
    if isinstance(value, str) and field.kind in (Kind.INT, Kind.NUMBER):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number.is_integer() else number
    return value


def _proposed(fields: Iterable[Field], inputs: Object, state: Object) -> Object:
    planned: Object = {}
    for field in fields:
        value = _proposed_value(field, inputs.get(field.name), state.get(field.name))
        if value is not None:
            planned[field.name] = value
    return planned


def _proposed_value(field: Field, value: Value, prior: Value) -> Value:
    if value is None:
        if field.default is not None:
            return field.default
        return prior if field.computed and not _written(field, prior) else None
    if isinstance(value, dict) and field.fields:
        return _proposed(field.fields, value, prior if isinstance(prior, dict) else {})
    if field.element is not None:
        element = field.element
        parts = {key: _proposed_value(element, item, other) for key, item, (other,) in each(field, value, prior)}
        if isinstance(value, list):
            return list(parts.values())
        if isinstance(value, dict):
            return {str(key): item for key, item in parts.items()}
    return coerced(field, value)


def _written(field: Field, value: Value) -> bool:
    """Whether `value` holds what only a program can have written: left out now, it is not the server's to keep."""
    if value is None:
        return False
    if isinstance(value, dict) and field.fields:
        return any(
            value.get(part.name) is not None and (not part.computed or _written(part, value[part.name]))
            for part in field.fields
        )
    return field.has_elements and any(
        _written(field.element, item) for _, item, _ in each(field, value) if field.element is not None
    )


def _unknown_where_computed(fields: Iterable[Field], inputs: Object, planned: Object) -> Object:
    marked = dict(planned)
    for field in fields:
        value = inputs.get(field.name)
        if value is None:
            if field.computed and field.default is None:
                marked[field.name] = UNKNOWN
        elif field.has_elements:
            marked[field.name] = _marked_inside(field, value, planned.get(field.name))
    return marked


def _marked_inside(field: Field, value: Value, planned: Value) -> Value:
    if isinstance(value, dict) and isinstance(planned, dict) and field.fields:
        return _unknown_where_computed(field.fields, value, planned)
    if field.element is not None:
        parts = {key: _marked_inside(field.element, item, other) for key, item, (other,) in each(field, value, planned)}
        if isinstance(planned, list):
            return list(parts.values())
        if isinstance(planned, dict):
            return {str(key): item for key, item in parts.items()}
    return planned


def _at(values: Value, index: int) -> Value:
    return values[index] if isinstance(values, list) and index < len(values) else None
