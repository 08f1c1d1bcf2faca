"""What changes of a gateway, in the words and units of the environment file.

The properties are turned into the file's own settings by the inverse that `adopt` uses; a property that this inverse
does not know is said by its own name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.gateway_settings import gateway_settings
from gatewright.environment.model.gateway import Cache, Dlp, Gateway, Logs, RateLimit, Retry
from gatewright.environment.shapes.sections import default_of, settings_of
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.schema import Field
from gatewright.operations.plan.diffs.gateway_risks import NONE, OFF, gateway_risk
from gatewright.operations.plan.diffs.values import ARROW, Difference, Risk, by_name, differing, is_masked, is_unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    Properties = Mapping[str, Any]
    Settings = Mapping[str, Any]
    Facts = dict[str, str]

_HEADS: Mapping[str, tuple[type, str]] = {
    "cache": (Cache, "ttl"),
    "rateLimit": (RateLimit, "limit"),
    "retry": (Retry, "attempts"),
    "dlp": (Dlp, ""),
}
"""Settings that are off, or a section; which of its own settings is said by the name of the whole."""
PLACES = ("accountId", "aiGatewayId", "storeId")
"""What says where the gateway is, not what it does."""
SECRET = {"otels": "otel", "stripe": "stripe"}
"""Settings that the engine masks as a whole, by what a file calls them."""


def gateway_differences(old: Properties, new: Properties, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of AiGateway's properties; `told`: what the plugin says differs."""
    names = differing(old, new, told)
    secret = [name for name in names if name in SECRET or is_masked([old.get(name), new.get(name)])]
    left = [name for name in names if name not in secret and not _is_covered(name, old, new)]
    was, now = _settings(old), _settings(new)
    before, after = _said(dict(_flat(was)), dict(_flat(now)))
    found = [
        _difference(label, before.get(label), after.get(label), was, now)
        for label in dict.fromkeys((*before, *after))
        if before.get(label) != after.get(label)
    ]
    return [*found, *(_secret(name, old, new) for name in secret), *by_name(_shown(left, old, new), old, new)]


def _said(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    """What is said of each side: where a section is switched on or off, its settings stand beside its head."""
    switched = [name for name in _HEADS if (before[name] in (OFF, NONE)) != (after[name] in (OFF, NONE))]
    return _folded(before, switched), _folded(after, switched)


def _folded(facts: Facts, switched: Collection[str]) -> Facts:
    found: Facts = {}
    for label, value in facts.items():
        head, separator, key = label.partition(": ")
        if not separator or head not in switched:
            found[label] = value
        elif found[head] != OFF and value != _usual_text(_HEADS[head][0], key):
            found[head] += f", {key}: {value}"
    return found


def _usual_text(model: type, key: str) -> str:
    return _text(_usual(model, key)) if key in settings_of(model) else ""


def gateway_summary(new: Properties) -> list[Difference]:
    """What a new gateway is like, in a few words."""
    facts = _facts(new)
    is_open = facts["authenticated"] == "false"
    reason = "anyone who knows its URL can use it"
    return [
        Difference(f"cache {facts['cache']}"),
        Difference("no rate limit" if facts["rateLimit"] == NONE else facts["rateLimit"]),
        Difference(reason, Risk.OPEN, reason) if is_open else Difference("authenticated"),
    ]


def _is_covered(name: str, old: Properties, new: Properties) -> bool:
    """Whether the file's settings show a property: alone, or beside the others that change."""
    ahead = {**old, name: new.get(name)}
    behind = {**new, name: old.get(name)}
    return _facts(ahead) != _facts(old) or _facts(behind) != _facts(new)


def _shown(names: Iterable[str], old: Properties, new: Properties) -> list[str]:
    """Without what comes of itself: the place of a new gateway, and what is known once others are made."""
    return [name for name in names if not (name in PLACES and (not old or is_unknown(new.get(name))))]


def _facts(properties: Properties) -> Facts:
    """Each setting of the file in words, by what it is called; what is off says so."""
    return dict(_flat(_settings(properties)))


def _settings(properties: Properties) -> Settings:
    """As a file has them."""
    body = {
        field.wire_name: _wired(field, properties[field.name])
        for field in AI_GATEWAY.inputs
        if properties.get(field.name) is not None and not is_masked(properties[field.name])
    }
    return gateway_settings({"id": "", **body}, lambda name: name)


def _flat(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in ("authenticated", "byokOnly", "zeroDataRetention", "workersAiBilling"):
        yield name, _text(settings.get(name, _usual(Gateway, name)))
    yield from _section("cache", "ttl", settings.get("cache"), Cache, OFF)
    yield from _section("rateLimit", "limit", settings.get("rateLimit"), RateLimit, NONE)
    retry = settings.get("retry")
    yield "retry", f"{retry['attempts']} attempts" if retry else OFF
    for name in ("delay", "backoff"):
        if retry:
            yield f"retry: {name}", _text(retry.get(name))
    logs = settings.get("logs") or {}
    for name in settings_of(Logs):
        yield f"logs: {name}", _text(logs.get(name, _usual(Logs, name)))
    for side, actions in (settings.get("guardrails") or {}).items():
        for category, action in actions.items():
            yield f"guardrails: {side} {category}", action
    yield from _dlp(settings.get("dlp") or {})
    for rule in settings.get("spendLimits") or ():
        yield f"spendLimits {rule['id']}", _flow(_without_id(rule), "limit")


def _section(
    name: str, head: str, section: Mapping[str, Any] | None, model: type, off: str
) -> Iterator[tuple[str, str]]:
    """A setting that is off, or known by its `head`; the others only where it is on."""
    yield name, _text(section[head]) if section else off
    for key, setting in settings_of(model).items():
        if section and key != head:
            yield f"{name}: {key}", _text(section.get(key, default_of(model, setting.field)))


def _dlp(dlp: Settings) -> Iterator[tuple[str, str]]:
    yield "dlp", "on" if dlp else OFF
    if dlp:
        yield "dlp: enabled", _text(dlp.get("enabled", True))
    for key in ("action", "profiles"):
        if key in dlp:
            yield f"dlp: {key}", _text(dlp[key])
    for policy in dlp.get("policies") or ():
        yield (
            f"dlp: policy {policy['id']}",
            _flow(_without_id(policy), "action"),
        )


def _difference(label: str, old: str | None, new: str | None, was: Settings, now: Settings) -> Difference:
    absent = NONE if label.startswith("spendLimits") else OFF
    before, after = old or absent, new or absent
    called = label.replace("rateLimit", "rate limit").replace("spendLimits", "spend limit")
    risk, reason = gateway_risk(label, before, after, was, now) or (None, "")
    return Difference(f"{called} {before} {ARROW} {after}", risk, reason, path=_path(label, was, now))


def _path(label: str, was: Settings, now: Settings) -> str:
    """Where the setting is written, below the gateway; of a list the list, since an id says no place in it."""
    head, _, rest = label.partition(": ")
    if not rest:
        key = _HEADS[head][1] if head in _HEADS and was.get(head) and now.get(head) else ""
        return ".".join(filter(None, (head.partition(" ")[0], key)))
    return f"{head}.policies" if rest.startswith("policy ") else f"{head}.{rest.replace(' ', '.')}"


def _secret(name: str, old: Properties, new: Properties) -> Difference:
    called = SECRET.get(name, name)
    path = called if name in SECRET else ""
    if not new.get(name):
        risk = Risk.QUIET if name == "otels" else None
        return Difference(f"{called} on {ARROW} {OFF}", risk, "no traces are exported any more", path)
    words = f"{called} {OFF} {ARROW} on" if not old.get(name) else f"{called} changes, its values are secret"
    return Difference(words, path=path)


def _wired(field: Field, value: Any) -> Any:
    """A property as the API has it."""
    match value:
        case list() if field.element:
            return [_wired(field.element, each) for each in value]
        case dict() if field.element:
            return {key: _wired(field.element, each) for key, each in value.items()}
        case dict() if field.fields:
            return {each.wire_name: _wired(each, value[each.name]) for each in field.fields if each.name in value}
        case _:
            return value


def _usual(model: type, key: str) -> Any:
    """What a setting is when nobody writes it."""
    return default_of(model, settings_of(model)[key].field)


def _without_id(settings: Settings) -> Settings:
    return {key: value for key, value in settings.items() if key != "id"}


def _flow(settings: Mapping[str, Any], head: str) -> str:
    """`5 USD/day, technique: fixed`."""
    rest = [f"{key}: {_text(value)}" for key, value in settings.items() if key != head]
    return ", ".join([_text(settings[head]), *rest])


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return " ".join(map(_text, value))
        case dict():
            return " ".join(f"{key}={_text(inner)}" for key, inner in value.items())
        case None:
            return NONE
    return str(value)
