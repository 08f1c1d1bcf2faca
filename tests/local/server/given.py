"""The set-ups that cases name in `given`: steps that run first."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_RUN, _READ = "644535f4ed854494a59cb289d634b257", "4dc8917b4b40457d88d3035d5dadb054"
_OFF = {"cache_invalidate_on_update": False, "cache_ttl": 0, "collect_logs": True,
        "rate_limiting_interval": 0, "rate_limiting_limit": 0}  # fmt: skip


def _gateway(**settings: object) -> Json:
    body = {"id": "g", **_OFF, **settings}
    request = {"method": "POST", "path": "/client/v4/accounts/{A}/ai-gateway/gateways", "body": body}
    return {"request": request, "response": {"status": 200}}


def _token(name: str, *groups: str) -> Json:
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": group} for group in groups],
        "resources": {"com.cloudflare.api.account.{A}": "*"},
    }
    request = {"method": "POST", "path": "/client/v4/accounts/{A}/tokens", "body": {"name": name, "policies": [policy]}}
    return {
        "request": request,
        "response": {"status": 200},
        "capture": {name: "result.value", f"{name}_id": "result.id"},
    }


def _fault(**order: object) -> Json:
    body = {"on": "upstream", **order}
    return {"request": {"method": "POST", "path": "/__local__/faults", "body": body}, "response": {"status": 201}}


_RUN_TOKEN = _token("run", _RUN)
_REFUSED = {"error": {"message": "no", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}}

GIVEN: dict[str, list[Json]] = {
    "account has no gateways": [],
    "no gateway named default": [_RUN_TOKEN],
    "gateway g exists": [_gateway()],
    "gateway g without logs": [_gateway(collect_logs=False)],
    "gateway g, authentication false, cache_ttl 300; upstream stub answers 200": [_gateway(cache_ttl=300)],
    "gateway g, authentication true; {run} = value of a token with AI Gateway Run": [
        _gateway(authentication=True),
        _RUN_TOKEN,
    ],
    "{readonly} = token with AI Gateway Read only": [_token("readonly", _READ)],
    "gateway g: rate_limiting_limit 1, interval 60, fixed, cache_ttl 0": [
        _gateway(rate_limiting_limit=1, rate_limiting_interval=60, rate_limiting_technique="fixed")
    ],
    "upstream stub refuses connections": [_gateway(), _fault(reset=True)],
    "upstream stub answers 401 with its own body": [_gateway(), _fault(status=401, body=_REFUSED)],
    "upstream stub: 500, 500, 200": [_gateway(), _fault(status=500, times=2)],
}
