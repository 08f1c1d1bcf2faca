"""The source of gateway_settings.py, which `make schema` writes.

Names and types are those of Cloudflare's fields; descriptions are those of the settings of an environment file.
"""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.environment.model.gateway import Gateway
from gatewright.environment.model.gateway_guards import CATEGORIES
from gatewright.environment.shapes.base import ListOf
from gatewright.environment.shapes.sections import section_of, settings_of
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.schema import Kind, Unit, snake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.environment.shapes.sections import Setting
    from gatewright.facts.schema import Field

    Settings = Mapping[str, Setting]

TARGET = Path(__file__).with_name("gateway_settings.py")
ARGUMENTS_OF_GATEWAY = ("accountId", "aiGatewayId", "storeId")
HEADER = '''"""Settings of an AI Gateway as arguments. Written by `make schema`: do not edit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
'''
DECORATOR = "@dataclass(kw_only=True, repr=False, eq=False)"
SCALARS = {Kind.BOOL: "bool", Kind.INT: "int", Kind.NUMBER: "float"}
UNITS = {Unit.SECONDS: "In seconds.", Unit.MILLISECONDS: "In milliseconds."}
GUARDRAILS, SPENDING = ("guardrails.prompt", "guardrails.response"), "spendLimits.rules"
FILTERS = (f"{SPENDING}.aiGatewayProvider", f"{SPENDING}.model")
CLASSES = {
    **dict.fromkeys(GUARDRAILS, "GatewayGuardrailActions"),
    SPENDING: "GatewaySpendRule",
    **dict.fromkeys(FILTERS, "GatewaySpendFilter"),
    f"{SPENDING}.metadata": "GatewaySpendMetadata",
}
"""Names of classes that are not named after their field, by its path. Fields with one name share the class."""
SUMMARIES = {
    **dict.fromkeys(GUARDRAILS, "What happens with requests or responses of each category. None: they pass."),
    "guardrails": "Categories of requests and responses that are flagged or blocked.",
    "spendLimits": "Limits on spending.",
    SPENDING: "One limit on spending.",
    **dict.fromkeys(FILTERS, "The values that a limit counts."),
    f"{SPENDING}.metadata": "What a metadata key means for a limit.",
    "stripe.usageEvents": "One usage event.",
}
"""Docstrings of classes that are not those of the file's section."""
DESCRIPTIONS = {
    "cacheTtl": "How long a response is cached. 0: responses are not cached.",
    "rateLimitingLimit": "Maximum number of requests per period. 0: no limit.",
    "rateLimitingInterval": "The period of the rate limit, in seconds. 0: no limit.",
    "logpush": "Export the logs through Logpush. Needs `collect_logs`, `logpush_public_key` and a Logpush job.",
    "dlp.policies": "Full form: the policies.",
    **{f"guardrails.{side}": f"What happens with {side}s, by category." for side in ("prompt", "response")},
    **{
        f"{side}.{code.lower()}": f"The category {category}."
        for side in GUARDRAILS
        for category, code in CATEGORIES.items()
    },
    "otels.authorization": "The Authorization header, a secret.",
    "otels.headers": "Other headers, which are secrets.",
    "spendLimits": "Limits on spending.",
    "spendLimits.enabled": "Whether the limits are enforced.",
    SPENDING: "The limits.",
    f"{SPENDING}.limit": "What may be spent in a period, in USD.",
    f"{SPENDING}.limitType": "What is limited.",
    f"{SPENDING}.window": "The period, in seconds.",
    f"{SPENDING}.aiGatewayProvider": "The providers whose requests count. Default: all.",
    **{f"{path}.mode": "How the values are used." for path in FILTERS},
    **{f"{path}.values": "Slugs of providers, or ids of models." for path in FILTERS},
    f"{SPENDING}.model": "The models whose requests count. Default: all.",
    f"{SPENDING}.metadata": "By metadata key: which values count, or that each value has a budget.",
    f"{SPENDING}.metadata.mode": "`partition` gives every value a budget, `filter` counts only `values`.",
    f"{SPENDING}.metadata.values": "The values that count. None with `partition`.",
    "stripe.authorization": "Stripe's key, a secret.",
    "stripe.usageEvents": "The usage events to report.",
    "stripe.usageEvents.payload": "The event as JSON.",
}
"""Descriptions of fields that have no setting of their own in a file, by path."""


def source() -> str:
    """The text of gateway_settings.py."""
    fields = [field for field in AI_GATEWAY.inputs if field.name not in ARGUMENTS_OF_GATEWAY]
    summary = "Settings of an AI Gateway. One that is left out gets the default of an environment file."
    classes = dict(_classes("GatewaySettings", summary, fields, _settings(Gateway)))
    return HEADER + "".join(classes.values())


def _settings(model: type) -> dict[str, Setting]:
    """The settings of a section by their names in the API, with those of the sections in it that have no such name."""
    found: dict[str, Setting] = {}
    for setting in settings_of(model).values():
        section = section_of(setting.shape)
        if section is not None and not setting.sent_as:
            found |= _settings(section.model)
        found |= dict.fromkeys(map(snake, setting.sent_as or (setting.key,)), setting)
    return found


def _classes(
    name: str, summary: str, fields: Iterable[Field], settings: Settings, path: str = ""
) -> Iterator[tuple[str, str]]:
    """Name and source of a dataclass for each object among `fields`, at every depth, and of the one of `fields`."""
    lines = []
    for field in fields:
        setting = settings.get(snake(field.wire_name))
        below = f"{path}.{field.name}".removeprefix(".")
        description = DESCRIPTIONS.get(below) or (setting.description if setting else "")
        class_name = CLASSES.get(below) or f"{name.removesuffix('Settings')}{_singular(field)}"
        if inner := _objects_in(field):
            model = _model(setting)
            summary_below = SUMMARIES.get(below) or _summary(model) or description
            yield from _classes(class_name, summary_below, inner, _settings(model) if model else settings, below)
        optional = not field.required or not path
        annotation = f"{_type(field, class_name)}{' | None = None' if optional else ''}"
        lines.append(f"    {snake(field.name)}: {annotation}\n{_docstring(' '.join([description, *_limits(field)]))}")
    yield name, f"\n\n{DECORATOR}\nclass {name}:\n{_docstring(summary)}\n{''.join(lines)}"


def _objects_in(field: Field) -> tuple[Field, ...]:
    return field.fields or (field.element.fields if field.element else ())


def _model(setting: Setting | None) -> type | None:
    """The dataclass of an environment file for the objects in a setting."""
    if setting is None:
        return None
    section = section_of(setting.shape.item if isinstance(setting.shape, ListOf) else setting.shape)
    return section.model if section else None


def _singular(field: Field) -> str:
    name = field.name[0].upper() + field.name[1:]
    if field.kind is not Kind.LIST:
        return name
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _type(field: Field, class_name: str) -> str:
    if _objects_in(field):
        forms = {Kind.LIST: f"Sequence[{class_name}]", Kind.MAP: f"Mapping[str, {class_name}]"}
        return forms.get(field.kind, class_name)
    scalar = f"pulumi.Input[{SCALARS.get(field.element.kind if field.element else field.kind, 'str')}]"
    forms = {Kind.LIST: f"pulumi.Input[Sequence[{scalar}]]", Kind.MAP: f"pulumi.Input[Mapping[str, {scalar}]]"}
    return forms.get(field.kind, scalar)


def _limits(field: Field) -> Iterator[str]:
    if field.unit:
        yield UNITS[field.unit]
    enum = field.enum or (field.element.enum if field.element else ())
    if enum:
        yield f"One of {', '.join(f'`{value}`' for value in enum)}." if len(enum) > 1 else f"Always `{enum[0]}`."
    if field.minimum and field.maximum:
        yield f"From {field.minimum:,} to {field.maximum:,}."
    if field.max_items:
        yield f"At most {field.max_items}."
    if field.max_length:
        yield f"At most {field.max_length:,} characters."


def _docstring(text: str) -> str:
    return textwrap.fill(f'"""{text}"""', 120, initial_indent="    ", subsequent_indent="    ") + "\n"


def _summary(model: type | None) -> str:
    return " ".join((inspect.getdoc(model) or "").split("\n\n")[0].split()) if model else ""


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
