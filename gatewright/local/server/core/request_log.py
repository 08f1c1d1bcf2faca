"""The request log: one row for each request, with names and ids, never a secret.

`RequestLogMiddleware` writes it. `read` reads it from any process, also while the server runs.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.local.server.core import clock
from gatewright.local.server.core.store import Row, Store, to_json

KEPT = 10_000  # requests
PLANES = ("/client/", "/v1/")  # requests to /__local__ are not logged

Entry = dict[str, Any]


class RequestLogMiddleware:
    """Logs each request before its response is sent.

    The entry contains what the app puts into `request.state.details`: token, gateway, provider, model, cache, …
    """

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PLANES):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        state = scope.setdefault("state", {})

        async def record(message: Message) -> None:
            if message["type"] == "http.response.start":
                details = {
                    **state.get("details", {}),
                    **_domain(state),
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                }
                add(self._store, scope["method"], scope["path"], message["status"], details)
            await send(message)

        await self._app(scope, receive, record)


def _domain(state: Mapping[str, Any]) -> Entry:
    """The custom domain that the request was sent to."""
    return {"domain": state["domain"]} if "domain" in state else {}


def add(store: Store, method: str, path: str, status: int, details: Entry) -> None:
    """Append an entry and delete the oldest beyond KEPT."""
    with store.transaction():
        store.execute(
            "INSERT INTO log (at, method, path, status, details) VALUES (?, ?, ?, ?, ?)",
            clock.timestamp(), method, path, status, to_json(details),
        )  # fmt: skip
        store.execute("DELETE FROM log WHERE id <= (SELECT max(id) FROM log) - ?", KEPT)


def read(path: Path, after: int = 0) -> Iterator[Entry]:
    """The entries with an id above `after`, the oldest first; none where there is no state file at `path`.

    An `after` above the newest id is from before a reset: then all entries are returned.
    """
    if not path.exists():
        return
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        (newest,) = connection.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()
        start = after if after <= newest else 0
        for row in connection.execute("SELECT * FROM log WHERE id > ? ORDER BY id", (start,)):
            yield entry(row)


def entry(row: Row) -> Entry:
    """A row as one flat object: id, at, method, path, status, and the details."""
    return {
        **{key: row[key] for key in ("id", "at", "method", "path", "status")},
        **json.loads(row["details"]),
    }
