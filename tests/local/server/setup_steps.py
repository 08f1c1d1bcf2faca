"""The setups that cases name in `given`: steps that run first."""

from __future__ import annotations

from typing import Any

from gatewright.facts.permissions import AI_GATEWAY_RUN

Json = dict[str, Any]

SETTINGS = {
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 0,
    "rate_limiting_limit": 0,
}


def _gateway(**settings: object) -> Json:
    body = {"id": "g", **SETTINGS, **settings}
    request = {"method": "POST", "path": "/client/v4/accounts/{A}/ai-gateway/gateways", "body": body}
    return {"request": request, "response": {"status": 200}}


def _run_token() -> Json:
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": AI_GATEWAY_RUN.id}],
        "resources": {"com.cloudflare.api.account.{A}": "*"},
    }
    body = {"name": "run", "policies": [policy]}
    request = {"method": "POST", "path": "/client/v4/accounts/{A}/tokens", "body": body}
    return {"request": request, "response": {"status": 200}, "capture": {"run": "result.value", "run_id": "result.id"}}


def _store() -> Json:
    request = {
        "method": "POST",
        "path": "/client/v4/accounts/{A}/secrets_store/stores",
        "body": {"name": "default_secrets_store"},
    }
    return {"request": request, "response": {"status": 200}, "capture": {"S": "result.id"}}


def _secret(name: str, value: str) -> list[Json]:
    """Create a secret and advance the clock until it is active."""
    request = {
        "method": "POST",
        "path": "/client/v4/accounts/{A}/secrets_store/stores/{S}/secrets",
        "body": [{"name": name, "value": value, "scopes": ["ai_gateway"]}],
    }
    later = {"method": "PUT", "path": "/__local__/clock", "body": {"offset": 5}}
    return [
        {"request": request, "response": {"status": 200}, "capture": {"secret_id": "result.0.id"}},
        {"request": later, "response": {"status": 200}},
    ]


def _provider_config() -> Json:
    request = {
        "method": "POST",
        "path": "/client/v4/accounts/{A}/ai-gateway/gateways/g/provider_configs",
        "body": {"alias": "default", "default_config": True, "provider_slug": "openai", "secret_id": "{secret_id}"},
    }
    return {"request": request, "response": {"status": 200}, "capture": {"pc": "result.id"}}


def _gateway_with_store() -> list[Json]:
    """Create the gateway, or give an existing one the store. A gateway with stored keys requires authentication."""
    settings = {**SETTINGS, "authentication": True, "store_id": "{S}"}
    collection = "/client/v4/accounts/{A}/ai-gateway/gateways"
    created = {"method": "POST", "path": collection, "body": {"id": "g", **settings}}
    changed = {"method": "PUT", "path": f"{collection}/g", "body": settings}
    return [
        {"request": created, "response": {"status": [200, 400]}},
        {"request": changed, "response": {"status": 200}},
    ]


_WITH_STORE = [_store(), *_gateway_with_store()]
_WITH_SECRET = _secret("g_openai_default", "fake-key-of-openai")

SETUPS: dict[str, list[Json]] = {
    "gateway g exists": [_gateway()],
    "gateway g, authentication false, cache_ttl 300; upstream stub answers 200": [_gateway(cache_ttl=300)],
    "gateway g, authentication true; {run} = value of a token with AI Gateway Run": [
        _gateway(authentication=True),
        _run_token(),
    ],
    "gateway g exists with store_id S": _WITH_STORE,
    "secret g_openai_default exists in S, scopes [ai_gateway], status active": _WITH_SECRET,
    "provider config openai/default exists": [*_WITH_STORE, *_WITH_SECRET, _provider_config()],
}
