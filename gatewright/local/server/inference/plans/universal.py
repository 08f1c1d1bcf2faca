"""The universal endpoint: POST on a gateway's root with a list of {provider, endpoint, headers, query, config?}.

Documented, and deprecated there in favour of dynamic routes. A step's own headers and its config stand before those of
the request, these before the gateway's settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatewright.local.server.core.envelope import Json
from gatewright.local.server.inference.errors import bad_format
from gatewright.local.server.inference.plans import targets
from gatewright.local.server.inference.plans.plan import Single, Steps
from gatewright.local.server.inference.plans.targets import Custom
from gatewright.local.server.inference.policies import retries

_CONFIG = {
    "requestTimeout": "cf-aig-request-timeout",
    "maxAttempts": "cf-aig-max-attempts",
    "retryDelay": "cf-aig-retry-delay",
    "backoff": "cf-aig-backoff",
}


def steps(body: Any, headers: Mapping[str, str], gateway: Json, custom: Custom) -> Steps:
    """The steps of a body; raises AigError 2008 or 2019."""
    if not isinstance(body, list) or not body or not all(isinstance(each, dict) for each in body):
        raise bad_format()
    return Steps([_step(each, headers, gateway, custom) for each in body])


def without_credentials(body: Any) -> Any:
    """The body as a log may keep it: without the headers of its steps."""
    if not isinstance(body, list):
        return None
    return [{name: value for name, value in each.items() if name != "headers"} for each in body]


def _step(step: Json, headers: Mapping[str, str], gateway: Json, custom: Custom) -> Single:
    provider, endpoint = step.get("provider"), step.get("endpoint")
    given, config = step.get("headers") or {}, step.get("config") or {}
    if not isinstance(provider, str) or not isinstance(endpoint, str):
        raise bad_format()
    if not isinstance(given, dict) or not isinstance(config, dict):
        raise bad_format()
    own = {name.lower(): str(value) for name, value in given.items()}
    said = {_CONFIG[name]: str(value) for name, value in config.items() if name in _CONFIG}
    merged = {**headers, **own, **said}
    target = targets.find(f"{provider}/{endpoint}", step.get("query"), custom)
    return Single(replace(target, endpoint=endpoint), retries.plan(merged, gateway), merged)
