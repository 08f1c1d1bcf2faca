"""The entry of a request in the gateway's own log.

Observed at Cloudflare: requests that the gateway refuses are logged too, with the cost 0; a cached response has no
tokens; `metadata` is an object, or null. Guess: a route has one entry, with the model that was called last.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.policies import prices
from gatewright.local.server.inference.policies.credentials import CredentialKind
from gatewright.local.server.inference.request_ids import RequestIds
from gatewright.local.server.resources import log_entries

MAX_SIZE = 10_000_000  # bytes of an entry; a larger one is stored without its payloads (guess: that it is)


def record(
    store: Store, exchange: Exchange, response: ModelResponse, ids: RequestIds, details: Json, duration: int
) -> None:
    """Add the entry unless the gateway or the request disables it. Payloads can be disabled too. `duration` in ms."""
    headers = exchange.headers
    if not _enabled(headers.get("cf-aig-collect-log"), default=bool(exchange.gateway["collect_logs"])):
        return
    entry = {
        "id": ids.log,
        "created_at": clock.timestamp(),
        **_call(exchange, response, details, duration),
        **_cost(headers, response),
        "metadata": exchange.metadata or None,
        "event_id": ids.event,
        "authentication": exchange.authenticated,
        "byok": details.get("credential") == CredentialKind.STORED,
        "wholesale": details.get("credential") == CredentialKind.UNIFIED,
        "compatibilityMode": exchange.path.startswith("compat/"),
        "user_agent": headers.get("user-agent"),
        "dlp_action": None,
        "feedback": None,
        "score": None,
    }
    with_payloads = _enabled(headers.get("cf-aig-collect-log-payload"), default=True)
    if not with_payloads or len(exchange.payload) + len(response.body) > MAX_SIZE:
        log_entries.add(store, exchange.account, exchange.gateway, entry, None, None)
    else:
        log_entries.add(store, exchange.account, exchange.gateway, entry, exchange.payload, response.body)


def _call(exchange: Exchange, response: ModelResponse, details: Json, duration: int) -> Json:
    return {
        "provider": details.get("provider", "dynamic"),
        "model": details.get("model", details.get("route", "")),
        "model_type": None,
        "path": exchange.path,
        "step": details.get("step", 0),
        "status_code": response.status,
        "success": response.status < 400,
        "cached": response.cached,
        "duration": duration,
        "request_type": None,
        "request_content_type": exchange.headers.get("content-type"),
        "response_content_type": response.headers["content-type"],
        "request_size": len(exchange.payload),
        "response_size": len(response.body),
    }


def _cost(headers: Mapping[str, str], response: ModelResponse) -> Json:
    return {
        "tokens_in": response.tokens_in,
        "tokens_out": response.tokens_out,
        "cost": response.cost,
        "custom_cost": bool(prices.custom(headers)),
    }


def _enabled(header: str | None, *, default: bool) -> bool:
    return {"true": True, "false": False}.get(header or "", default)
