"""A gateway as Cloudflare's API shows it, as the settings of an environment file: the inverse of gateway_body.

Settings with their default value are left out, and so is what a file cannot express: the caller finds that by comparing
the file's gateway_body with the original.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.converters import CONVERTERS
from gatewright.cloudflare.mapping.plain_settings import file_value
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.shapes.sections import section_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.cloudflare.mapping.converters import VariableNamer
    from gatewright.environment.shapes.sections import Section, Setting

    Json = dict[str, Any]


def gateway_settings(body: Mapping[str, Any], variable: VariableNamer) -> Json:
    """The mapping under `gateway:`. A secret becomes {env: …}, with the name that `variable` gives for its purpose,
    such as `OTEL_AUTHORIZATION`."""
    return _settings(Gateway, body, variable)


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
        return file_value(setting, body)
    section = section_of(setting.shape)
    return _section(section, body, variable) if section else None


def _section(section: Section, body: Mapping[str, Any], variable: VariableNamer) -> Json | None:
    """A section's settings, None where it is off: one of its required settings is missing or 0."""
    required = [setting for setting in settings_of(section.model).values() if setting.required]
    if not all(body.get(name) for setting in required for name in setting.sent_as):
        return None
    return _settings(section.model, body, variable) or None
