"""A gateway's settings as lines of words, one line a setting: derived from its declaration.

Only guardrails, data loss prevention and spend limits are described here by hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatewright.environment.model.gateway import Gateway
from gatewright.environment.shapes.scalars import QuantityShape
from gatewright.environment.shapes.sections import section_of, settings_of
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.plan.diffs.gateway_risks import dlp_risk, guardrail_risk, policy_risk, spend_risk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.environment.risks import ChangeRisk
    from gatewright.environment.shapes.sections import Section, Setting

    Settings = Mapping[str, Any]

OFF, NONE = "off", "none"


@frozen
class Line:
    """One setting in words: `label text`. `value` is as the file has it, None while it is off, which `off` puts in
    words. `path` is the setting below the gateway.

    `switch` is the label of the line that turns the setting on and off along with others, its own for that line.
    """

    label: str
    text: str
    value: Any
    path: str
    risk: ChangeRisk | None = None
    off: str = OFF
    switch: str = ""
    is_default: bool = False


def gateway_lines(settings: Settings) -> dict[str, Line]:
    """The lines of the settings under `gateway:`, by label. A setting that is off has its line too, but not what
    belongs to it."""
    return {line.label: line for line in _lines(Gateway, settings)}


def folded(lines: Mapping[str, Line], switched: frozenset[str]) -> dict[str, Line]:
    """The same, but what a `switched` line turns on along with it stands beside it, unless it has its default."""
    result: dict[str, Line] = {}
    for label, line in lines.items():
        if line.switch not in switched:
            result[label] = line
        elif line.switch == label:
            result[label] = replace(line, path=label)
        elif not line.is_default:
            head = result[line.switch]
            result[line.switch] = replace(head, text=f"{head.text}, {label.partition(': ')[2]}: {line.text}")
    return result


def _lines(model: type, settings: Settings, parent: str = "") -> Iterator[Line]:
    for key, setting in settings_of(model).items():
        section = section_of(setting.shape)
        if key in _BY_HAND:
            yield from _BY_HAND[key](settings.get(key))
        elif section is not None and section.whole:
            yield from _switched(setting, section, settings.get(key))
        elif section is not None and not setting.sent_as:
            yield from _lines(section.model, settings.get(key) or {}, key)
        elif setting.sent_as:
            value = settings.get(key, setting.default)
            label, path = (f"{parent}: {key}", f"{parent}.{key}") if parent else (key, key)
            yield Line(label, text(value, setting.noun), value, path, setting.risk, is_default=value == setting.default)


def _switched(setting: Setting, section: Section, settings: Settings | None) -> Iterator[Line]:
    """A section that can be off: its required setting is known by the section's name; the others only while it is
    on."""
    inner = settings_of(section.model)
    head = next(setting for setting in inner.values() if setting.required)
    off = NONE if isinstance(head.shape, QuantityShape) else OFF
    value = settings[head.key] if settings else None
    shown = off if value is None else text(value, head.noun)
    yield Line(setting.key, shown, value, f"{setting.key}.{head.key}", setting.risk, off, switch=setting.key)
    for line in _lines(section.model, settings, setting.key) if settings else ():
        if line.label != f"{setting.key}: {head.key}":
            yield replace(line, switch=setting.key)


def _guardrails(sides: Mapping[str, Mapping[str, str]] | None) -> Iterator[Line]:
    for side, actions in (sides or {}).items():
        for category, action in actions.items():
            label = f"guardrails: {side} {category}"
            yield Line(label, action, action, f"guardrails.{side}.{category}", guardrail_risk(label))


def _dlp(dlp: Settings | None) -> Iterator[Line]:
    yield Line("dlp", "on" if dlp else OFF, "on" if dlp else None, "dlp", dlp_risk, switch="dlp")
    if not dlp:
        return
    enabled = dlp.get("enabled", True)
    yield Line("dlp: enabled", text(enabled), enabled, "dlp.enabled", dlp_risk, switch="dlp", is_default=enabled)
    for key in ("action", "profiles"):
        if key in dlp:
            label, policy = f"dlp: {key}", {key: dlp[key]}
            yield Line(label, text(dlp[key]), policy, f"dlp.{key}", policy_risk(label), switch="dlp")
    for policy in dlp.get("policies") or ():
        label = f"dlp: policy {policy['id']}"
        yield Line(label, _entry(policy, "action"), policy, "dlp.policies", policy_risk(label), switch="dlp")


def _spend_limits(rules: list[Settings] | None) -> Iterator[Line]:
    for rule in rules or ():
        label, risk = f"spendLimits {rule['id']}", spend_risk(f"spend limit {rule['id']}")
        yield Line(label, _entry(rule, "limit"), rule, "spendLimits", risk, NONE)


def _nothing(_: object) -> Iterator[Line]:
    yield from ()


_BY_HAND: Mapping[str, Callable[[Any], Iterator[Line]]] = {
    "name": _nothing,  # it says which gateway, not what it does
    "guardrails": _guardrails,
    "dlp": _dlp,
    "spendLimits": _spend_limits,
    "otel": _nothing,  # the engine masks it, and Stripe's
    "stripe": _nothing,
}


def _entry(settings: Settings, head: str) -> str:
    """An entry of a list: `5 USD/day, technique: fixed`."""
    rest = [f"{key}: {text(value)}" for key, value in settings.items() if key not in (head, "id")]
    return ", ".join([text(settings[head]), *rest])


def text(value: Any, noun: str = "") -> str:
    """A value in words, with the noun that it counts."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if noun:
            return plural(value, noun)
        case list() | tuple():
            return " ".join(map(text, value))
        case dict():
            return " ".join(f"{key}={text(inner)}" for key, inner in value.items())
        case None:
            return NONE
    return str(value)
