"""The logs of a gateway: /accounts/{account}/ai-gateway/gateways/{gateway}/logs.

Observed at Cloudflare: `filters` is a JSON list in the query; a filter on metadata.key and one on metadata.value each
have to match some entry of a log's metadata, not the same; an unknown filter is refused with 7001, an unknown log with
7002. Guesses: `search` looks into the metadata; a payload that was not collected is 404; a stream comes as its events;
names in the query that are not known are passed over, the official client's filters.key, filters.value among them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_WRITE
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.store import dumped
from gatewright.local.server.core.validation import checked
from gatewright.local.server.resources import gateways, log_entries
from gatewright.local.server.resources.gateways import invalid, missing
from gatewright.local.server.resources.log_filters import chosen, ordered

MOST_ON_A_PAGE = 50
MOST_DELETED = 10_000  # at once (guess)


class Bare(Answer):
    """An answer without the envelope."""

    def response(self) -> JSONResponse:
        return JSONResponse(self.result)


def list_(call: Call) -> Answer:
    """GET: what `filters` and the other names of the query choose, the newest first unless `order_by` is there."""
    page = call.page([{"number": number} for number in _chosen(call)], largest=MOST_ON_A_PAGE)
    rows = [call.store.one("SELECT entry FROM inference_log WHERE number = ?", each["number"]) for each in page.items]
    return Answer(replace(page, items=[log_entries.shown(row) for row in rows]))


def delete(call: Call) -> Answer:
    """DELETE: what `filters` choose, at most `limit` of them, in the order asked for."""
    limit = call.query.get("limit", str(MOST_DELETED))
    if not limit.isdecimal():
        raise invalid([{"message": "Expected number", "path": ["query", "limit"]}])
    for number in _chosen(call)[: int(limit)]:
        call.store.execute("DELETE FROM inference_log WHERE number = ?", number)
    return Answer({})


def get(call: Call) -> Answer:
    """GET by id, with the beginnings of what was asked and answered."""
    return Answer(log_entries.whole(_existing(call)))


def patch(call: Call) -> Answer:
    """PATCH: `feedback` (-1, 0, 1), `score` (0..100), `metadata`; what is not in the body stays."""
    row = _existing(call)
    fields = ("feedback", "score", "metadata")
    given = checked("log-edit", call.body, invalid)
    entry = log_entries.shown(row) | {name: given[name] for name in fields if name in given}
    call.store.execute("UPDATE inference_log SET entry = ? WHERE number = ?", dumped(entry), row["number"])
    return Answer({})


def request(call: Call) -> Answer:
    """GET …/request: the body that came."""
    return Bare(_payload(_existing(call)["request"]))


def response(call: Call) -> Answer:
    """GET …/response: the body that was answered."""
    return Bare(_payload(_existing(call)["response"]))


def _payload(content: bytes | None) -> Any:
    if content is None:
        raise missing("Log payload")
    try:
        return parse_json(content)
    except ValueError:
        return {"streamed_data": list(_events(content.decode(errors="replace")))}


def _events(stream: str) -> Iterator[Any]:
    """The data of server-sent events; what is no JSON, like [DONE], is left out."""
    for line in stream.splitlines():
        if line.startswith("data: {"):
            yield parse_json(line.removeprefix("data: ").encode())


def _chosen(call: Call) -> list[int]:
    """The numbers of the entries that the query chooses, in its order."""
    gateway, where = gateways.existing(call)["id"], chosen(call.query)
    sql = f"SELECT number FROM inference_log WHERE account = ? AND gateway = ? AND {where.sql}"  # noqa: S608  # pieces from log_filters
    rows = call.store.all(f"{sql} ORDER BY {ordered(call.query)}", call.account, gateway, *where.values)
    return [row["number"] for row in rows]


def _existing(call: Call) -> sqlite3.Row:
    row = log_entries.find(call.store, call.account, gateways.existing(call)["id"], call.path["log"])
    if row is None:
        raise missing("Log")
    return row


_COLLECTION = "/accounts/{account}/ai-gateway/gateways/{gateway}/logs"
_ITEM = _COLLECTION + "/{log}"
_WRITE = (AI_GATEWAY_WRITE,)
_READ = (AI_GATEWAY_READ, AI_GATEWAY_WRITE)

ENDPOINTS = (
    Endpoint("GET", _COLLECTION, _READ, list_),
    Endpoint("DELETE", _COLLECTION, _WRITE, delete),
    Endpoint("GET", _ITEM, _READ, get),
    Endpoint("PATCH", _ITEM, _WRITE, patch),
    Endpoint("GET", _ITEM + "/request", _READ, request),
    Endpoint("GET", _ITEM + "/response", _READ, response),
)
