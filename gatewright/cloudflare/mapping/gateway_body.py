"""A gateway's settings as the body of Cloudflare's API, and back.

Fields that the server would fill in are always sent; otherwise they come back as drift. Fields without a valid empty
value are sent only if they are set. Source: the API's types in the official Python client 5.9.0, and defaults that
others observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.converters import CONVERTERS
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.quantities import Duration, Quantity, duration_text, quantity_text
from gatewright.environment.shapes.api_fields import word
from gatewright.environment.shapes.scalars import QuantityShape
from gatewright.environment.shapes.sections import Section, section_of, settings_of
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.schema import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.cloudflare.mapping.converters import VariableNamer
    from gatewright.environment.shapes.sections import Setting

    Json = dict[str, Any]


def gateway_body(gateway: Gateway) -> Json:
    """The body of a create or an update. Secrets stay references."""
    return dict(_fields(Gateway, gateway))


def gateway_settings(body: Mapping[str, Any], variable: VariableNamer) -> Json:
    """The mapping under `gateway:` in a file, from a gateway as the API shows it: the inverse of gateway_body.

    Settings with their default value are left out, and so is what a file cannot express: the caller finds that by
    comparing the file's gateway_body with the original. A secret becomes {env: …}, with the name that `variable` gives
    for its purpose, such as `OTEL_AUTHORIZATION`.
    """
    return _settings(Gateway, body, variable)


def _fields(model: type, values: object | None) -> Iterator[tuple[str, Any]]:
    """The fields of a section; `values` is None where it is off."""
    for setting in settings_of(model).values():
        value = None if values is None else getattr(values, setting.field)
        if setting.sent_as:
            yield from zip(setting.sent_as, _sent(setting, value), strict=False)
        elif (section := section_of(setting.shape)) is not None:
            yield from _fields(section.model, value)


def _sent(setting: Setting, value: Any) -> tuple[Any, ...]:
    """The values for a setting's names in the API; none where nothing is sent."""
    if value in (None, ()):
        return setting.unset
    if setting.key in CONVERTERS:
        return (CONVERTERS[setting.key].to_api(value),)
    if isinstance(value, Quantity):
        return int(value.amount), value.period
    field = AI_GATEWAY.api_field(setting.sent_as[0])
    if isinstance(value, Duration) and field.unit is not None:
        return (value.milliseconds // field.unit.value,)
    if field.enum:
        return (next(sent for sent in field.enum if word(sent) == value),)
    return (value,)


def _settings(model: type, body: Mapping[str, Any], variable: VariableNamer) -> Json:
    declared = settings_of(model)
    values = {key: _value(setting, body, variable) for key, setting in declared.items()}
    return {
        key: value
        for key, value in values.items()
        if value not in (None, declared[key].default) and (values.get(needs := declared[key].needs) or not needs)
    }


def _value(setting: Setting, body: Mapping[str, Any], variable: VariableNamer) -> Any:
    if setting.key in CONVERTERS:
        return CONVERTERS[setting.key].to_file(body.get(setting.sent_as[0]), variable)
    if setting.sent_as:
        return _plain_value(setting, body)
    section = section_of(setting.shape)
    return _section(section, body, variable) if section else None


def _section(section: Section, body: Mapping[str, Any], variable: VariableNamer) -> Json | None:
    """A section's settings, None where it is off: one of its required settings is missing or 0."""
    required = [setting for setting in settings_of(section.model).values() if setting.required]
    if not all(body.get(name) for setting in required for name in setting.sent_as):
        return None
    return _settings(section.model, body, variable) or None


def _plain_value(setting: Setting, body: Mapping[str, Any]) -> Any:
    """A setting as a file has it; None where the body does not have it."""
    unset = setting.unset or (None,) * len(setting.sent_as)
    values = [
        default if body.get(name) is None else body[name] for name, default in zip(setting.sent_as, unset, strict=True)
    ]
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
