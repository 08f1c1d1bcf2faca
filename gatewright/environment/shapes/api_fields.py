"""Shapes of settings that are one field of Cloudflare's API: they accept the field's values, spelt as in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.quantities import duration_text
from gatewright.environment.shapes.scalars import BoolShape, DurationShape, Number, Text, words
from gatewright.facts.schema import Kind, Unit

if TYPE_CHECKING:
    from gatewright.environment.shapes.base import Shape
    from gatewright.facts.schema import Field


def shape_of(field: Field, expected: str = "") -> Shape:
    """The shape that accepts the values of a field; `expected` describes them in messages if they are strings."""
    if field.kind is Kind.BOOL:
        return BoolShape()
    if field.unit is not None:
        return _duration(field, field.unit)
    if field.kind is Kind.INT:
        return Number(least=field.minimum, most=field.maximum)
    if field.enum:
        return words(*map(word, field.enum))
    pattern = field.pattern or (rf"^[\s\S]{{{field.min_length},}}$" if field.min_length else None)
    return Text(expected or f"a string of {field.min_length or 1} characters or more", pattern, field.max_length)


def word(value: str) -> str:
    """One of a field's values as a file spells it: `deleteOldest` for DELETE_OLDEST."""
    if not value.isupper():
        return value
    first, *rest = value.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)


def _duration(field: Field, unit: Unit) -> DurationShape:
    shortest, longest = (
        duration_text(bound * unit.value) if bound else None for bound in (field.minimum, field.maximum)
    )
    return DurationShape(shortest, longest, seconds=unit is Unit.SECONDS)
