"""Plan a resource: the program's inputs, completed by defaults, by the state, and by UNKNOWN.

The rules are Terraform's. A value that the program leaves out and the server decides keeps its value from the state,
unless anything else changes; then it is unknown until the server has responded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.facts.schema import Field, Kind
from gatewright.plugin.resource import Diff, DiffKind, PropertyDiff
from gatewright.plugin.values import UNKNOWN, Object, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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


def planned_diff(fields: Iterable[Field], state: Object, planned: Object) -> Diff:
    """The top-level properties that differ between state and plan, as the official plugin reports them."""
    fields = tuple(fields)
    prior = known_fields(fields, state)
    changed = [field for field in fields if prior.get(field.name) != planned.get(field.name)]
    return Diff({field.name: PropertyDiff(DiffKind.UPDATE, replace=field.replace) for field in changed}, detailed=False)


def known_fields(fields: Iterable[Field], values: Object) -> Object:
    """`values` without nulls, and without what is not a field (the bookkeeping of a state)."""
    return {field.name: value for field in fields if (value := values.get(field.name)) is not None}


def elements(field: Field, value: Value, other: Value = None) -> list[tuple[str | int, Value, Value]]:
    """The elements of a list or map: index or key, element, and the element of `other` at the same place."""
    if isinstance(value, list):
        others = other if isinstance(other, list) else []
        return [(index, item, others[index] if index < len(others) else None) for index, item in enumerate(value)]
    if isinstance(value, dict) and field.kind is Kind.MAP:
        return [(key, item, other.get(key) if isinstance(other, dict) else None) for key, item in value.items()]
    return []


def map_elements(field: Field, value: Any, other: Value, convert: Callable[[Field, Any, Any], Any]) -> Any:
    """A list or map with each element converted: convert(field of the element, element, element of `other`)."""
    if field.element is None or not isinstance(value, list | dict):
        return value
    converted = {key: convert(field.element, item, beside) for key, item, beside in elements(field, value, other)}
    return list(converted.values()) if isinstance(value, list) else converted


def coerce(field: Field, value: Value) -> Value:
    """A scalar in the type of its field: Pulumi lets a program write "300" for 300."""
    if isinstance(value, str) and field.kind in (Kind.INT, Kind.NUMBER):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number.is_integer() else number
    return value


def _proposed(fields: Iterable[Field], inputs: Object, state: Object) -> Object:
    values = {field.name: _proposed_value(field, inputs.get(field.name), state.get(field.name)) for field in fields}
    return {name: value for name, value in values.items() if value is not None}


def _proposed_value(field: Field, value: Value, prior: Value) -> Value:
    if value is None:
        if field.default is not None:
            return field.default
        return prior if field.computed and not _is_set_by_program(field, prior) else None
    if isinstance(value, dict) and field.fields:
        return _proposed(field.fields, value, prior if isinstance(prior, dict) else {})
    return coerce(field, map_elements(field, value, prior, _proposed_value))


def _is_set_by_program(field: Field, value: Value) -> bool:
    """Whether `value` contains what only a program sets. It is then removed when the program leaves it out."""
    if value is None:
        return False
    if isinstance(value, dict) and field.fields:
        return any(
            value.get(part.name) is not None and (not part.computed or _is_set_by_program(part, value[part.name]))
            for part in field.fields
        )
    return field.has_elements and any(
        _is_set_by_program(field.element, item) for _, item, _ in elements(field, value) if field.element is not None
    )


def _unknown_where_computed(fields: Iterable[Field], inputs: Object, planned: Object) -> Object:
    marked = dict(planned)
    for field in fields:
        value = inputs.get(field.name)
        if value is None:
            if field.computed and field.default is None:
                marked[field.name] = UNKNOWN
        elif field.has_elements:
            marked[field.name] = _unknown_inside(field, value, planned.get(field.name))
    return marked


def _unknown_inside(field: Field, value: Value, planned: Value) -> Value:
    if isinstance(value, dict) and isinstance(planned, dict) and field.fields:
        return _unknown_where_computed(field.fields, value, planned)
    if field.element is not None and isinstance(planned, list | dict):
        return map_elements(field, value, planned, _unknown_inside)  # type: ignore[no-any-return]
    return planned
