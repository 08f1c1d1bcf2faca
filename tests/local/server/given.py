"""The set-ups that cases name in `given`: steps that run first."""

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


GIVEN: dict[str, list[Json]] = {
    "gateway g exists": [_gateway()],
    "gateway g, authentication false, cache_ttl 300; upstream stub answers 200": [_gateway(cache_ttl=300)],
    "gateway g, authentication true; {run} = value of a token with AI Gateway Run": [
        _gateway(authentication=True),
        _run_token(),
    ],
}
