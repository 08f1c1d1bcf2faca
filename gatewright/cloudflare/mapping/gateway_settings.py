"""A gateway as Cloudflare's API shows it, in the words of an environment file: the inverse of gateway_body.

What is as it would be by default is left out; what a file cannot say is left out too, and whoever writes the file finds
it by comparing its gateway_body with what is there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.gateway_body import STRATEGIES
from gatewright.environment.model.gateway import CATEGORIES
from gatewright.environment.quantities import MILLISECONDS, PERIODS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Json = dict[str, Any]
    Name = Callable[[str], str]

_NAMES = {code: name for name, code in CATEGORIES.items()}
_FLAGS = {
    "authentication": ("authenticated", True),
    "byok_only": ("byokOnly", False),
    "zdr": ("zeroDataRetention", False),
}


def gateway_settings(body: Mapping[str, Any], variable: Name) -> Json:
    """The mapping that stands under `gateway:`. A secret becomes {env: …}, named by `variable` from what it is:
    `OTEL_AUTHORIZATION`."""
    parts = {
        "name": body["id"],
        **{name: bool(body[sent]) for sent, (name, usual) in _FLAGS.items() if body.get(sent) not in (None, usual)},
        "cache": _cache(body),
        "rateLimit": _rate_limit(body),
        "retry": _retry(body),
        "logs": _logs(body),
        "workersAiBilling": "unified" if body.get("workers_ai_billing_mode") == "unified" else None,
        "guardrails": _guardrails(body.get("guardrails")),
        "dlp": _dlp(body.get("dlp")),
        "spendLimits": _spend_limits(body.get("spend_limits")),
        "otel": [_otel(each, variable, number) for number, each in enumerate(body.get("otel") or (), 1)] or None,
        "stripe": _stripe(body.get("stripe"), variable),
    }
    return {name: value for name, value in parts.items() if value is not None}


def period(seconds: int) -> str:
    """`minute`, `5 minutes`: what follows the / of a quantity."""
    word, length = next((word, size) for word, size in reversed(PERIODS.items()) if seconds % size == 0)
    return word if seconds == length else f"{seconds // length} {word}s"


def duration(milliseconds: int) -> str:
    """`5m`: the largest unit in which it is a whole number."""
    unit, length = next((unit, size) for unit, size in reversed(MILLISECONDS.items()) if milliseconds % size == 0)
    return f"{milliseconds // length}{unit}"


def amount(value: float) -> str:
    """A number as a quantity begins with it: 5, 0.25."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _cache(body: Mapping[str, Any]) -> Json | None:
    ttl = body.get("cache_ttl")
    if not ttl:
        return None
    kept = {} if body.get("cache_invalidate_on_update", True) else {"invalidateOnUpdate": False}
    return {"ttl": duration(ttl * 1_000), **kept}


def _rate_limit(body: Mapping[str, Any]) -> Json | None:
    limit, interval = body.get("rate_limiting_limit"), body.get("rate_limiting_interval")
    if not limit or not interval:
        return None
    technique = {} if body.get("rate_limiting_technique") == "sliding" else {"technique": "fixed"}
    return {"limit": f"{limit} requests/{period(interval)}", **technique}


def _retry(body: Mapping[str, Any]) -> Json | None:
    if not body.get("retry_max_attempts"):
        return None
    delay, backoff = body.get("retry_delay"), body.get("retry_backoff")
    return {
        "attempts": body["retry_max_attempts"],
        **({} if delay is None else {"delay": duration(delay)}),
        **({} if backoff is None else {"backoff": backoff}),
    }


def _logs(body: Mapping[str, Any]) -> Json | None:
    push = bool(body.get("logpush"))
    parts = {
        "collect": False if body.get("collect_logs") is False else None,
        "max": None if body.get("log_management") == 10_000_000 else body.get("log_management"),
        "whenFull": "stopInserting" if body.get("log_management_strategy") == STRATEGIES["stopInserting"] else None,
        "classification": body.get("log_classification") or None,
        "push": push or None,
        "pushPublicKey": body.get("logpush_public_key") if push else None,
    }
    return {name: value for name, value in parts.items() if value is not None} or None


def _guardrails(there: Mapping[str, Mapping[str, str | None]] | None) -> Json | None:
    if there is None:
        return None
    sides = {
        side: {_NAMES.get(code, code): action.lower() for code, action in (there.get(side) or {}).items() if action}
        for side in ("prompt", "response")
    }
    return {side: actions for side, actions in sides.items() if actions}


def _dlp(there: Mapping[str, Any] | None) -> Json | None:
    if not there or not (there.get("policies") or there.get("profiles")):
        return None
    enabled = {} if there.get("enabled", True) else {"enabled": False}
    if not there.get("policies"):
        return {**enabled, "action": str(there.get("action")).lower(), "profiles": list(there["profiles"])}
    return {**enabled, "policies": [_dlp_policy(each) for each in there["policies"]]}


def _dlp_policy(policy: Mapping[str, Any]) -> Json:
    return {
        "id": policy["id"],
        "action": policy["action"].lower(),
        "check": [side.lower() for side in policy["check"]],
        "profiles": list(policy["profiles"]),
        **({} if policy.get("enabled", True) else {"enabled": False}),
    }


def _spend_limits(there: Mapping[str, Any] | None) -> list[Json] | None:
    rules = (there or {}).get("rules") or ()
    return [_rule(each) for each in rules] or None


def _rule(rule: Mapping[str, Any]) -> Json:
    filters = {"providers": rule.get("provider"), "models": rule.get("model")}
    metadata = {
        key: "each" if value["mode"] == "partition" else list(value["values"])
        for key, value in (rule.get("metadata") or {}).items()
    }
    return {
        "id": rule["id"],
        "limit": f"{amount(rule['limit'])} USD/{period(rule['window'])}",
        **({"technique": "fixed"} if rule.get("technique") == "fixed" else {}),
        **{name: list(found["values"]) for name, found in filters.items() if found},
        **({"metadata": metadata} if metadata else {}),
        **({} if rule.get("enabled", True) else {"enabled": False}),
    }


def _otel(exporter: Mapping[str, Any], variable: Name, number: int) -> Json:
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


def _stripe(there: Mapping[str, Any] | None, variable: Name) -> Json | None:
    if not there:
        return None
    payloads = [each["payload"] for each in there.get("usage_events") or ()]
    return {"authorization": {"env": variable("STRIPE_AUTHORIZATION")}, "usageEvents": payloads}
