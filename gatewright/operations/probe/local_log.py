"""The requests of a client's program in the local Cloudflare's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from gatewright.frozen import frozen
from gatewright.operations.probe.local_server import local_server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment


@frozen
class LoggedRequest:
    """A request in the local Cloudflare's log. `token` and `credential` are names; `provider` is Cloudflare's slug."""

    path: str
    status: int
    provider: str
    model: str
    token: str
    credential: str

    def __str__(self) -> str:
        token, key = (value or "unknown" for value in (self.token, self.credential))
        return f"{self.path} · {self.model or 'no model'} · token {token} · key {key}"


def last_entry(environment: Environment) -> int | None:
    """The number of the newest request in the local Cloudflare's log; None for a real account, or without a log."""
    entries = _read_log(environment, 0)
    return None if entries is None else max((int(entry["id"]) for entry in entries), default=0)


def requests_after(environment: Environment, before: int) -> list[LoggedRequest] | None:
    """The requests for answers after the entry `before`; None as above."""
    entries = _read_log(environment, before)
    if entries is None:
        return None
    return [
        LoggedRequest(
            entry["path"],
            int(entry["status"]),
            # a refused request has none of these
            *(str(entry.get(name) or "") for name in ("provider", "model", "token", "credential")),
        )
        for entry in entries
        if entry["method"] == "POST" and _is_for_gateway(environment, entry)
    ]


def _is_for_gateway(environment: Environment, entry: Mapping[str, Any]) -> bool:
    path = str(entry["path"])
    return f"/{environment.gateway_name}/" in path or "/ai/v1/" in path


def _read_log(environment: Environment, after: int) -> list[dict[str, Any]] | None:
    if environment.local is None:
        return None
    try:
        with local_server(environment) as client:
            response = client.get("/log", params={"after": after})
        entries: list[dict[str, Any]] = response.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    return entries
