"""Settings that are an object or a list in Cloudflare's API: each way between file and API, one class a setting."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gatewright.environment.model.gateway_guards import CATEGORIES
from gatewright.environment.quantities import quantity_text
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.environment.model.gateway import Otel, Stripe
    from gatewright.environment.model.gateway_guards import Dlp, Guardrails, SpendRule

Json = dict[str, Any]
VariableNamer = Callable[[str], str]
"""The purpose of a secret (`OTEL_AUTHORIZATION`) -> the variable that holds it."""

_CATEGORY_NAMES = {code: name for name, code in CATEGORIES.items()}


@frozen
class Converter:
    """Both ways of one setting: from the model to the API's JSON, and from that (or None) to a file's plain data."""

    to_api: Callable[[Any], Any]
    to_file: Callable[[Any, VariableNamer], Any]


def _guardrails_to_api(guardrails: Guardrails) -> Json:
    return {
        side: {CATEGORIES.get(category, category): action.upper() for category, action in actions.items()}
        for side, actions in (("prompt", guardrails.prompt), ("response", guardrails.response))
    }


def _guardrails_to_file(body: Mapping[str, Mapping[str, str | None]] | None, _: VariableNamer) -> Json | None:
    if body is None:
        return None
    sides = {
        side: {
            _CATEGORY_NAMES.get(code, code): action.lower() for code, action in (body.get(side) or {}).items() if action
        }
        for side in ("prompt", "response")
    }
    return {side: actions for side, actions in sides.items() if actions}


def _dlp_to_api(dlp: Dlp) -> Json:
    if not dlp.policies:
        return {"enabled": dlp.enabled, "action": (dlp.action or "").upper(), "profiles": list(dlp.profiles)}
    policies = [
        {
            "id": policy.id,
            "action": policy.action.upper(),
            "check": [side.upper() for side in policy.check],
            "enabled": policy.enabled,
            "profiles": list(policy.profiles),
        }
        for policy in dlp.policies
    ]
    return {"enabled": dlp.enabled, "policies": policies}


def _dlp_to_file(body: Mapping[str, Any] | None, _: VariableNamer) -> Json | None:
    if not body or not (body.get("policies") or body.get("profiles")):
        return None
    if not body.get("policies"):
        return {**_disabled(body), "action": str(body.get("action")).lower(), "profiles": list(body["profiles"])}
    policies = [
        {
            "id": policy["id"],
            "action": policy["action"].lower(),
            "check": [side.lower() for side in policy["check"]],
            "profiles": list(policy["profiles"]),
            **_disabled(policy),
        }
        for policy in body["policies"]
    ]
    return {**_disabled(body), "policies": policies}


def _spend_limits_to_api(rules: tuple[SpendRule, ...]) -> Json:
    return {"enabled": True, "rules": [_spend_rule_to_api(rule) for rule in rules]}


def _spend_rule_to_api(rule: SpendRule) -> Json:
    # the documentation also splits a budget by provider or model; the API's types have only the filter
    filters = {"provider": rule.providers, "model": rule.models}
    metadata = {
        key: {"mode": "partition"} if value == "each" else {"mode": "filter", "values": list(value)}
        for key, value in rule.metadata.items()
    }
    return {
        "id": rule.id,
        "enabled": rule.enabled,
        "limit": rule.limit.amount,
        "limitType": "cost",
        "window": rule.limit.period,
        "technique": rule.technique,
        **{name: {"mode": "filter", "values": list(values)} for name, values in filters.items() if values},
        **({"metadata": metadata} if metadata else {}),
    }


def _spend_limits_to_file(body: Mapping[str, Any] | None, _: VariableNamer) -> list[Json] | None:
    return [_spend_rule_to_file(rule) for rule in (body or {}).get("rules") or ()] or None


def _spend_rule_to_file(rule: Mapping[str, Any]) -> Json:
    filters = {"providers": rule.get("provider"), "models": rule.get("model")}
    metadata = {
        key: "each" if value["mode"] == "partition" else list(value["values"])
        for key, value in (rule.get("metadata") or {}).items()
    }
    return {
        "id": rule["id"],
        "limit": quantity_text(rule["limit"], "USD", rule["window"]),
        **({"technique": "fixed"} if rule.get("technique") == "fixed" else {}),
        **{name: list(only["values"]) for name, only in filters.items() if only},
        **({"metadata": metadata} if metadata else {}),
        **_disabled(rule),
    }


def _otel_to_api(exporters: tuple[Otel, ...]) -> list[Json]:
    return [
        {
            "url": exporter.url,
            "headers": dict(exporter.headers),
            "content_type": exporter.content_type,
            **({"authorization": exporter.authorization} if exporter.authorization else {}),
        }
        for exporter in exporters
    ]


def _otel_to_file(body: list[Json] | None, variable: VariableNamer) -> list[Json] | None:
    return [_exporter_to_file(exporter, variable, number) for number, exporter in enumerate(body or (), 1)] or None


def _exporter_to_file(exporter: Mapping[str, Any], variable: VariableNamer, number: int) -> Json:
    prefix = "OTEL" if number == 1 else f"OTEL_{number}"
    headers = {
        name: {"env": variable(f"{prefix}_{re.sub('[^A-Z0-9]+', '_', name.upper())}")}
        for name in exporter.get("headers") or {}
    }
    return {
        "url": exporter["url"],
        **({"authorization": {"env": variable(f"{prefix}_AUTHORIZATION")}} if exporter.get("authorization") else {}),
        **({"headers": headers} if headers else {}),
        **({"contentType": "protobuf"} if exporter.get("content_type") == "protobuf" else {}),
    }


def _stripe_to_api(stripe: Stripe) -> Json:
    events = [{"payload": payload} for payload in stripe.usage_events]
    return {"authorization": stripe.authorization, "usage_events": events}


def _stripe_to_file(body: Mapping[str, Any] | None, variable: VariableNamer) -> Json | None:
    if not body:
        return None
    payloads = [event["payload"] for event in body.get("usage_events") or ()]
    return {"authorization": {"env": variable("STRIPE_AUTHORIZATION")}, "usageEvents": payloads}


def _disabled(body: Mapping[str, Any]) -> Json:
    return {} if body.get("enabled", True) else {"enabled": False}


CONVERTERS = {
    "guardrails": Converter(_guardrails_to_api, _guardrails_to_file),
    "dlp": Converter(_dlp_to_api, _dlp_to_file),
    "spendLimits": Converter(_spend_limits_to_api, _spend_limits_to_file),
    "otel": Converter(_otel_to_api, _otel_to_file),
    "stripe": Converter(_stripe_to_api, _stripe_to_file),
}
"""By the setting's key."""
