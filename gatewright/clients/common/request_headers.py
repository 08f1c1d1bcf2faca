"""The headers of a request's options: caching, logs, data retention, cost, session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.environment.references import FromVariable
from gatewright.facts.auto_router import ALLOWED_MODELS, ALLOWED_PROVIDERS, NO_AFFINITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.capabilities import Metadata
    from gatewright.environment.model.request_options import AutoRouter, RequestCost, RequestOptions

_MILLION = 1_000_000


def option_headers(options: RequestOptions, sends: Metadata) -> Iterator[tuple[str, str]]:
    """The headers by name, in a fixed order."""
    if options.cache is not None and options.cache.ttl is not None:
        yield "cf-aig-cache-ttl", str(options.cache.ttl.milliseconds // 1000)
    elif options.cache is not None:
        yield "cf-aig-skip-cache", "true"
    logs = options.logs
    if logs is not None and logs.collect is not None:
        yield "cf-aig-collect-log", _flag(logs.collect)
    if logs is not None and logs.payload is not None:
        yield "cf-aig-collect-log-payload", _flag(logs.payload)
    if options.zero_data_retention is not None:
        yield "cf-aig-zdr", _flag(options.zero_data_retention)
    if options.cost is not None:
        yield "cf-aig-custom-cost", _cost_json(options.cost)
    if options.auto_router:
        yield from auto_router_headers(options.auto_router)
    if isinstance(options.session, FromVariable):
        yield "cf-aig-session-id", (sends.reference or "").replace("{}", options.session.name)
    elif options.session is not None:
        yield "cf-aig-session-id", options.session


def auto_router_headers(router: AutoRouter) -> Iterator[tuple[str, str]]:
    """The headers with what the Auto Router chooses from."""
    if router.models:
        yield ALLOWED_MODELS, ",".join(router.models)
    if router.providers:
        yield ALLOWED_PROVIDERS, ",".join(router.providers)
    if not router.affinity:
        yield NO_AFFINITY, "true"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _cost_json(cost: RequestCost) -> str:
    if cost.total is not None:
        prices = {"total_cost": cost.total}
    else:
        per_token = {"per_token_in": cost.input, "per_token_out": cost.output}
        # rounded: 0.3 / 1,000,000 is 3e-07, and not 2.9999999999999997e-07
        prices = {name: float(f"{price / _MILLION:.12g}") for name, price in per_token.items() if price is not None}
    return json.dumps(prices, separators=(",", ":"))
