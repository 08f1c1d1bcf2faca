"""What a gateway's own log says of a request; where it is to be kept.

Observed at Cloudflare: refusals by the gateway are logged too, with the cost 0; a cached answer with no tokens in;
`metadata` is an object, null where there is none. Guess: one entry for a route, with the model that was called last.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.policies import prices
from gatewright.local.server.inference.policies.credentials import Kind
from gatewright.local.server.inference.response_headers import Marks
from gatewright.local.server.inference.result import Answered
from gatewright.local.server.resources import log_entries

LARGEST = 10_000_000  # bytes of one log; a larger one is kept without its payloads (guess: that it is)


def record(store: Store, exchange: Exchange, answered: Answered, marks: Marks, details: Json, duration: int) -> None:
    """Adds the entry, `duration` in ms, unless gateway or request want none; without payloads where those are not."""
    headers = exchange.headers
    if not _wanted(headers.get("cf-aig-collect-log"), by_default=bool(exchange.gateway["collect_logs"])):
        return
    entry = {
        "id": marks.log,
        "created_at": clock.milliseconds(clock.now()),
        **_call(exchange, answered, details, duration),
        **_cost(headers, answered),
        "metadata": exchange.metadata or None,
        "event_id": marks.event,
        "authentication": exchange.authenticated,
        "byok": details.get("credential") == Kind.STORED,
        "wholesale": details.get("credential") == Kind.UNIFIED,
        "compatibilityMode": exchange.path.startswith("compat/"),
        "user_agent": headers.get("user-agent"),
        "dlp_action": None,
        "feedback": None,
        "score": None,
    }
    payloads = _wanted(headers.get("cf-aig-collect-log-payload"), by_default=True)
    small = len(exchange.payload) + len(answered.body) <= LARGEST
    request, response = (exchange.payload, answered.body) if payloads and small else (None, None)
    log_entries.add(store, exchange.account, exchange.gateway, entry, request, response)


def _call(exchange: Exchange, answered: Answered, details: Json, duration: int) -> Json:
    return {
        "provider": details.get("provider", "dynamic"),
        "model": details.get("model", details.get("route", "")),
        "model_type": None,
        "path": exchange.path,
        "step": details.get("step", 0),
        "status_code": answered.status,
        "success": answered.status < 400,
        "cached": answered.cached,
        "duration": duration,
        "request_type": None,
        "request_content_type": exchange.headers.get("content-type"),
        "response_content_type": answered.headers["content-type"],
        "request_size": len(exchange.payload),
        "response_size": len(answered.body),
    }


def _cost(headers: Mapping[str, str], answered: Answered) -> Json:
    return {
        "tokens_in": answered.tokens_in,
        "tokens_out": answered.tokens_out,
        "cost": answered.cost,
        "custom_cost": bool(prices.custom(headers)),
    }


def _wanted(header: str | None, *, by_default: bool) -> bool:
    return {"true": True, "false": False}.get(header or "", by_default)
