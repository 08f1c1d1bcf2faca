"""The logs of a gateway: /accounts/{account}/ai-gateway/gateways/{gateway}/logs.

Observed at Cloudflare: `filters` is a JSON list in the query; a filter on metadata.key and one on metadata.value each
have to match some entry of a log's metadata, not the same one; an unknown filter is refused with 7001, an unknown log
with 7002. Guesses: `search` searches the metadata; a payload that was not collected is 404; a stream is returned as its
events; unknown names in the query are ignored, including the official client's filters.key and filters.value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import BareResult, Result
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.store import Row, to_json
from gatewright.local.server.core.validation import validate
from gatewright.local.server.resources import gateways, log_entries
from gatewright.local.server.resources.gateways import GATEWAYS, READ, WRITE, invalid, not_found
from gatewright.local.server.resources.log_filters import condition, order_by

LARGEST_PAGE = 50
MAX_DELETED = 10_000  # in one call (guess)


def list_(call: Call) -> Result:
    """List the entries that `filters` and the other query parameters match, the newest first unless `order_by` is
    set."""
    page = call.page([{"number": number} for number in _matching(call)], largest=LARGEST_PAGE)
    rows = [call.store.one("SELECT entry FROM inference_log WHERE number = ?", item["number"]) for item in page.items]
    return Result(replace(page, items=[log_entries.shown(row) for row in rows]))


def delete(call: Call) -> Result:
    """Delete the entries that `filters` match, at most `limit` of them in their order."""
    limit = call.query.get("limit", str(MAX_DELETED))
    if not limit.isdecimal():
        raise invalid([{"message": "Expected number", "path": ["query", "limit"]}])
    for number in _matching(call)[: int(limit)]:
        call.store.execute("DELETE FROM inference_log WHERE number = ?", number)
    return Result({})


def get(call: Call) -> Result:
    """Return the entry, with the start of the request and of the response."""
    return Result(log_entries.with_heads(_existing(call)))


def patch(call: Call) -> Result:
    """Change `feedback` (-1, 0, 1), `score` (0..100) and `metadata` where the body has them."""
    row = _existing(call)
    body = validate("log-edit", call.body, invalid)
    changes = {name: body[name] for name in ("feedback", "score", "metadata") if name in body}
    entry = to_json(log_entries.shown(row) | changes)
    call.store.execute("UPDATE inference_log SET entry = ? WHERE number = ?", entry, row["number"])
    return Result({})


def request(call: Call) -> Result:
    """Return the body of the request."""
    return BareResult(_payload(_existing(call)["request"]))


def response(call: Call) -> Result:
    """Return the body of the response."""
    return BareResult(_payload(_existing(call)["response"]))


def _payload(content: bytes | None) -> Any:
    if content is None:
        raise not_found("Log payload")
    try:
        return parse_json(content)
    except ValueError:
        return {"streamed_data": list(_events(content.decode(errors="replace")))}


def _events(stream: str) -> Iterator[Any]:
    """The JSON data of server-sent events; other data, like [DONE], is left out."""
    for line in stream.splitlines():
        if line.startswith("data: {"):
            yield parse_json(line.removeprefix("data: ").encode())


def _matching(call: Call) -> list[int]:
    """The numbers of the entries that the query matches, in its order."""
    gateway, where = gateways.existing(call)["id"], condition(call.query)
    sql = f"SELECT number FROM inference_log WHERE account = ? AND gateway = ? AND {where.sql}"  # noqa: S608  # pieces from log_filters
    rows = call.store.all(f"{sql} ORDER BY {order_by(call.query)}", call.account, gateway, *where.values)
    return [row["number"] for row in rows]


def _existing(call: Call) -> Row:
    row = log_entries.find(call.store, call.account, gateways.existing(call)["id"], call.path["log"])
    if row is None:
        raise not_found("Log")
    return row


_COLLECTION = GATEWAYS.item + "/logs"
_ITEM = _COLLECTION + "/{log}"

ENDPOINTS = (
    Endpoint("GET", _COLLECTION, READ, list_),
    Endpoint("DELETE", _COLLECTION, WRITE, delete),
    Endpoint("GET", _ITEM, READ, get),
    Endpoint("PATCH", _ITEM, WRITE, patch),
    Endpoint("GET", _ITEM + "/request", READ, request),
    Endpoint("GET", _ITEM + "/response", READ, response),
)
