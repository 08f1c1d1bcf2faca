"""Requests to a custom domain. /domains/{hostname}/… stands in for https://{hostname}/…"""

from __future__ import annotations

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gatewright.facts.local_cloudflare import DOMAINS_PATH
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources.custom_domains import find_active

_PREFIX = f"{DOMAINS_PATH}/"
_NOT_ACTIVE = "<html><body>error code: 1016 (the domain is not active)</body></html>"


class DomainMiddleware:
    """Sends a request for an active domain to its gateway, and answers all others with 530 (guess)."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        hostname, _, rest = scope["path"].removeprefix(_PREFIX).partition("/")
        with self._store.transaction():
            domain = find_active(self._store, hostname)
        if domain is None:
            await HTMLResponse(_NOT_ACTIVE, 530)(scope, receive, send)
            return
        path = f"/v1/{domain['account']}/{domain['gateway']}/{rest}"
        state = {**scope.get("state", {}), "domain": hostname}
        await self._app({**scope, "path": path, "raw_path": path.encode(), "state": state}, receive, send)
