"""The local Cloudflare in this process, without a port: its store, and a client of its account."""

from __future__ import annotations

import asyncio
from pathlib import Path
from socket import socket
from typing import Any

import httpx
from starlette.applications import Starlette

from gatewright.cloudflare.account_tokens import AccountTokens
from gatewright.cloudflare.client import Client
from gatewright.cloudflare.needed_permissions import Need
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.permissions import Group
from gatewright.local.server.app import build
from gatewright.local.server.core.ports import Ports
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources import gateways, log_entries

URL = "http://localhost/client/v4"


class LocalAccount:
    """The local account with the gateway `default`. `calls` are the requests of its clients."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "state.sqlite")
        self.gateway = {**gateways.insert_default(self.store, LOCAL_ACCOUNT), "log_management": None}
        self.calls: list[str] = []
        self._app = build(self.store, folder, Ports([], _serve_nothing))
        self._added = 0

    def client(self, token: str = LOCAL_DEPLOY_TOKEN) -> Client:
        """A client of the account that needs no network."""
        client = Client(URL, token)
        headers = client._http.headers
        client.__exit__()
        client._http = httpx.Client(base_url=URL, headers=headers, transport=_InProcess(self._app, self.calls))
        return client

    def token(self, *groups: Group) -> str:
        """The value of a new token with these permissions on the account."""
        tokens = AccountTokens(self.client(), LOCAL_ACCOUNT)
        name = ", ".join(group.name for group in groups)
        return tokens.create({"name": name, "policies": tokens.policies([Need(group, ()) for group in groups])})

    def add_entry(self, created_at: str, **fields: Any) -> None:
        """Add a log entry to the gateway; `fields` replace those of a request that succeeded."""
        self._added += 1
        entry = {
            "id": f"entry-{self._added:05}", "created_at": created_at, "provider": "groq", "model": "fast",
            "path": "compat/chat/completions", "status_code": 200, "success": True, "cached": False, "duration": 100,
            "tokens_in": 10, "tokens_out": 5, "cost": 0.001, "step": 0, "event_id": f"event-{self._added:05}",
            "metadata": None, "user_agent": "test",
        }  # fmt: skip
        with self.store.transaction():
            log_entries.add(self.store, LOCAL_ACCOUNT, self.gateway, {**entry, **fields}, None, None)


class _InProcess(httpx.BaseTransport):
    """Sends requests to an app in this process."""

    def __init__(self, app: Starlette, calls: list[str]) -> None:
        self._app = app
        self._calls = calls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._calls.append(f"{request.method} {request.url.path}")
        return asyncio.run(self._send(request.method, request.url, request.headers, request.read()))

    async def _send(self, method: str, url: httpx.URL, headers: httpx.Headers, content: bytes) -> httpx.Response:
        asynchronous = httpx.Request(method, url, headers=headers, content=content)
        response = await httpx.ASGITransport(self._app).handle_async_request(asynchronous)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


async def _serve_nothing(listening: socket) -> None:
    listening.close()
