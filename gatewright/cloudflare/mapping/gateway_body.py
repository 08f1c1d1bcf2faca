"""A gateway's settings in the words of Cloudflare's API.

What the server would fill in is always sent, or it comes back as drift; what has no valid empty value is left out
unless it is set. Source: the API's types in the official Python client 5.9.0, and the defaults that others observed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.model.gateway import CATEGORIES

if TYPE_CHECKING:
    from gatewright.environment.model.gateway import Dlp, Gateway, Guardrails, Otel, SpendRule

STRATEGIES = {"deleteOldest": "DELETE_OLDEST", "stopInserting": "STOP_INSERTING"}


def gateway_body(gateway: Gateway) -> dict[str, Any]:
    """The body of a create or an update. Secrets stay the references that they are."""
    cache, limit, logs = gateway.cache, gateway.rate_limit, gateway.logs
    body: dict[str, Any] = {
        "id": gateway.name,
        "authentication": gateway.authenticated,
        "cache_ttl": cache.ttl.seconds if cache else 0,
        "cache_invalidate_on_update": cache.invalidate_on_update if cache else True,
        "rate_limiting_limit": int(limit.limit.amount) if limit else 0,
        "rate_limiting_interval": limit.limit.period if limit else 0,
        "rate_limiting_technique": limit.technique if limit else "fixed",
        "collect_logs": logs.collect,
        "log_management": logs.max,
        "log_management_strategy": STRATEGIES[logs.when_full],
        "log_classification": logs.classification,
        "logpush": logs.push,
        "byok_only": gateway.byok_only,
        "zdr": gateway.zero_data_retention,
        "workers_ai_billing_mode": gateway.workers_ai_billing,
    }
    return body | _set(gateway)


def _set(gateway: Gateway) -> dict[str, Any]:
    """The parts that are sent only when they are set."""
    retry = gateway.retry
    stripe = gateway.stripe
    parts: dict[str, Any] = {
        "retry_max_attempts": retry.attempts if retry else None,
        "retry_delay": retry.delay.milliseconds if retry and retry.delay else None,
        "retry_backoff": retry.backoff if retry else None,
        "logpush_public_key": gateway.logs.push_public_key,
        "guardrails": _guardrails(gateway.guardrails) if gateway.guardrails else None,
        "dlp": _dlp(gateway.dlp) if gateway.dlp else None,
        "spend_limits": {"enabled": True, "rules": [_rule(rule) for rule in gateway.spend_limits]}
        if gateway.spend_limits
        else None,
        "otel": [_otel(exporter) for exporter in gateway.otel] or None,
        "stripe": {
            "authorization": stripe.authorization,
            "usage_events": [{"payload": payload} for payload in stripe.usage_events],
        }
        if stripe
        else None,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _guardrails(guardrails: Guardrails) -> dict[str, Any]:
    return {
        side: {CATEGORIES.get(category, category): action.upper() for category, action in actions.items()}
        for side, actions in (("prompt", guardrails.prompt), ("response", guardrails.response))
    }


def _dlp(dlp: Dlp) -> dict[str, Any]:
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


def _rule(rule: SpendRule) -> dict[str, Any]:
    # the documentation also splits a budget by provider or model; the API's types know filter alone there
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


def _otel(exporter: Otel) -> dict[str, Any]:
    body = {"url": exporter.url, "headers": dict(exporter.headers), "content_type": exporter.content_type}
    return body | ({"authorization": exporter.authorization} if exporter.authorization else {})
