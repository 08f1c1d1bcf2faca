"""A gateway's settings as the body that Cloudflare's API takes.

Fields that the server would fill in are always sent; otherwise they come back as drift. Fields without a valid empty
value are sent only if they are set. Source: the API's types in the official Python client 5.9.0, and defaults that
others observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.converters import CONVERTERS
from gatewright.cloudflare.mapping.plain_settings import api_values
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.shapes.sections import section_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.shapes.sections import Setting


def gateway_body(gateway: Gateway) -> dict[str, Any]:
    """The body of a create or an update. Secrets stay references."""
    return dict(_fields(Gateway, gateway))


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
    return api_values(setting, value)
