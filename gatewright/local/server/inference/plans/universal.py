"""The universal endpoint: POST on a gateway's root with a list of {provider, endpoint, headers, query, config?}.

Documented, and deprecated in favour of dynamic routes. A step's own headers and config override those of the request,
which override the gateway's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import bad_format
from gatewright.local.server.inference.plans.plan import FallbackCalls, SingleCall
from gatewright.local.server.inference.policies import retries
from gatewright.local.server.inference.providers import targets
from gatewright.local.server.inference.providers.targets import CustomBaseUrl

_CONFIG = {
    "requestTimeout": "cf-aig-request-timeout",
    "maxAttempts": "cf-aig-max-attempts",
    "retryDelay": "cf-aig-retry-delay",
    "backoff": "cf-aig-backoff",
}


def plan(body: Any, headers: Mapping[str, str], gateway: Json, custom: CustomBaseUrl) -> FallbackCalls:
    """The calls of a body. Raises AiGatewayError 2008 or 2019."""
    if not isinstance(body, list) or not body or not all(isinstance(step, dict) for step in body):
        raise bad_format()
    return FallbackCalls([_step(step, headers, gateway, custom) for step in body])


def without_credentials(body: Any) -> Any:
    """The body as a log may store it: without the headers of its steps."""
    if not isinstance(body, list):
        return None
    return [{name: value for name, value in step.items() if name != "headers"} for step in body]


def _step(step: Json, headers: Mapping[str, str], gateway: Json, custom: CustomBaseUrl) -> SingleCall:
    provider, endpoint = step.get("provider"), step.get("endpoint")
    own_headers, config = step.get("headers") or {}, step.get("config") or {}
    if not isinstance(provider, str) or not isinstance(endpoint, str):
        raise bad_format()
    if not isinstance(own_headers, dict) or not isinstance(config, dict):
        raise bad_format()
    merged = {
        **headers,
        **{name.lower(): str(value) for name, value in own_headers.items()},
        **{_CONFIG[name]: str(value) for name, value in config.items() if name in _CONFIG},
    }
    target = targets.find(f"{provider}/{endpoint}", step.get("query"), custom)
    return SingleCall(replace(target, endpoint=endpoint), retries.policy(merged, gateway), merged)
