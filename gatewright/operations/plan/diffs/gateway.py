"""Describe changes of a gateway in the words and units of the environment file.

The plugin's properties become the file's settings by the inverse that `adopt` uses. A property that this inverse does
not know is described by its own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.gateway_body import gateway_settings
from gatewright.environment.risks import Risk
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.schema import api_values
from gatewright.operations.plan.diffs import exporters
from gatewright.operations.plan.diffs.gateway_lines import OFF, folded, gateway_lines
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, differing, is_masked, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.environment.risks import ChangeRisk
    from gatewright.operations.plan.diffs.gateway_lines import Line

    Properties = Mapping[str, Any]
    Lines = Mapping[str, Line]

LOCATION = ("accountId", "aiGatewayId", "storeId")
"""Properties that say where the gateway is, not what it does."""
STRIPE = "stripe"
SECRET = {exporters.PROPERTY: exporters.KEY, STRIPE: STRIPE}
"""Properties that the engine masks as a whole, with their keys in the file."""


def gateway_differences(old: Properties, new: Properties, reported: Iterable[str] = ()) -> list[Difference]:
    """Compare two maps of AiGateway's properties; `reported` are the properties that the plugin says differ."""
    names = differing(old, new, reported)
    secret = [name for name in names if name in SECRET or is_masked([old.get(name), new.get(name)])]
    others = [name for name in names if name not in secret and not _is_covered(name, old, new)]
    return [
        *_described(_lines(old), _lines(new)),
        *(difference for name in secret for difference in _secret_differences(name, old, new)),
        *by_name(_shown(others, old, new), old, new),
    ]


def gateway_summary(new: Properties) -> list[Difference]:
    """A new gateway in a few words."""
    lines = _lines(new)
    limit, authenticated = lines["rateLimit"], lines["authenticated"]
    risk, reason = (None, "") if authenticated.value else _risk(authenticated.risk, None, authenticated.value)
    return [
        Difference(f"cache {lines['cache'].text}"),
        Difference("no rate limit" if limit.value is None else limit.text),
        Difference(reason or "authenticated", risk, reason),
        *exporters.exporter_summary(new),
    ]


def _described(before: Lines, after: Lines) -> Iterator[Difference]:
    switched = frozenset(
        label
        for label, line in before.items()
        if line.switch == label and (line.value is None) != (after[label].value is None)
    )
    before, after = folded(before, switched), folded(after, switched)
    for label in dict.fromkeys((*before, *after)):
        old, new = before.get(label), after.get(label)
        line = new or before[label]
        texts = [side.text if side else line.off for side in (old, new)]
        if texts[0] != texts[1]:
            risk, reason = _risk(line.risk, old.value if old else None, new.value if new else None)
            yield Difference(f"{_name(label)} {texts[0]} {ARROW} {texts[1]}", risk, reason, line.path)


def _name(label: str) -> str:
    return label.replace("rateLimit", "rate limit").replace("spendLimits", "spend limit")


def _is_covered(name: str, old: Properties, new: Properties) -> bool:
    """Whether the lines show a property: changed alone, or together with the others."""
    only_changed = {**old, name: new.get(name)}
    only_unchanged = {**new, name: old.get(name)}
    return _texts(only_changed) != _texts(old) or _texts(only_unchanged) != _texts(new)


def _texts(properties: Properties) -> dict[str, str]:
    return {label: line.text for label, line in _lines(properties).items()}


def _lines(properties: Properties) -> dict[str, Line]:
    inputs = {
        field.name: value
        for field in AI_GATEWAY.inputs
        if (value := properties.get(field.name)) is not None and not is_masked(value)
    }
    return gateway_lines(gateway_settings({"id": "", **api_values(AI_GATEWAY.inputs, inputs)}, lambda name: name))


def _shown(names: Iterable[str], old: Properties, new: Properties) -> list[str]:
    """Without what is no news: where a new gateway is, and what is known after apply."""
    return [name for name in names if not (name in LOCATION and (not old or is_unknown(new.get(name))))]


def _secret_differences(name: str, old: Properties, new: Properties) -> Iterator[Difference]:
    before, after = old.get(name), new.get(name)
    path = SECRET.get(name, "")
    if name == exporters.PROPERTY:
        yield from exporters.exporter_differences(before, after)
    elif not after:
        yield Difference(f"{name} on {ARROW} {OFF}", path=path)
    elif not before:
        risk, reason = (Risk.POWER, "usage is reported to Stripe") if name == STRIPE else (None, "")
        yield Difference(f"{name} {OFF} {ARROW} on", risk, reason, path)
    else:
        yield Difference(f"{name} changes, its values are secret", path=path)


def _risk(declared: ChangeRisk | None, before: Any, after: Any) -> tuple[Risk | None, str]:
    return (declared and declared(before, after)) or (None, "")
