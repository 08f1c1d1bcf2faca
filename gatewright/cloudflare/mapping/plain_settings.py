"""Values of plain settings between the file and Cloudflare's API, by what is known of the API's fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.quantities import Duration, Quantity, duration_text, quantity_text
from gatewright.environment.shapes.api_fields import word
from gatewright.environment.shapes.scalars import QuantityShape
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.schema import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.shapes.sections import Setting


def api_values(setting: Setting, value: Any) -> tuple[Any, ...]:
    """The values to send for a setting, one for each of its names in the API."""
    if isinstance(value, Quantity):
        return int(value.amount), value.period
    field = AI_GATEWAY.api_field(setting.sent_as[0])
    if isinstance(value, Duration) and field.unit is not None:
        return (value.milliseconds // field.unit.value,)
    if field.enum:
        return (next(sent for sent in field.enum if word(sent) == value),)
    return (value,)


def file_value(setting: Setting, body: Mapping[str, Any]) -> Any:
    """A setting as a file has it, from a body of the API; None where the body does not have it."""
    fallbacks = setting.unset or (None,) * len(setting.sent_as)
    values = [body.get(name, unset) for name, unset in zip(setting.sent_as, fallbacks, strict=True)]
    if None in values:
        values = [unset if value is None else value for value, unset in zip(values, fallbacks, strict=True)]
    if isinstance(setting.shape, QuantityShape):
        amount, seconds = values
        return quantity_text(amount, setting.shape.units[0], seconds)
    (value,), field = values, AI_GATEWAY.api_field(setting.sent_as[0])
    if value is None:
        return None
    if field.unit is not None:
        return duration_text(value * field.unit.value)
    if field.enum:
        return word(value) if value in field.enum else None
    return bool(value) if field.kind is Kind.BOOL else value
