"""Requests to a custom domain. /domains/{hostname}/… stands in for https://{hostname}/…"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gatewright.facts.local_cloudflare import DOMAINS_PATH
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources.access_apps import lets_pass
from gatewright.local.server.resources.custom_domains import find_active

_PREFIX = f"{DOMAINS_PATH}/"
_FORBIDDEN = "<html><body>Forbidden. You do not have permission to view this page (Access).</body></html>"
_NOT_ACTIVE = "<html><body>error code: 1016 (the domain is not active)</body></html>"


class DomainMiddleware:
    """Sends a request for an active domain to its gateway, and answers all others with 530 (guess).

    A domain behind an application of Access, or in `access` (the only service token that may pass, by hostname), needs
    the service token's two headers. Access answers a request without them with 403 (guess).
    """

    def __init__(self, app: ASGIApp, store: Store, access: Mapping[str, tuple[str, str]]) -> None:
        self._app = app
        self._store = store
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        hostname, _, rest = scope["path"].removeprefix(_PREFIX).partition("/")
        headers = Headers(scope=scope)
        with self._store.transaction():
            domain = find_active(self._store, hostname)
            passes = domain is not None and lets_pass(self._store, domain["account"], hostname, headers)
        if domain is None:
            await HTMLResponse(_NOT_ACTIVE, 530)(scope, receive, send)
            return
        if not passes or not self._is_allowed(hostname, headers):
            await HTMLResponse(_FORBIDDEN, 403)(scope, receive, send)
            return
        path = f"/v1/{domain['account']}/{domain['gateway']}/{rest}"
        state = {**scope.get("state", {}), "domain": hostname}
        await self._app({**scope, "path": path, "raw_path": path.encode(), "state": state}, receive, send)

    def _is_allowed(self, hostname: str, headers: Mapping[str, str]) -> bool:
        token = self._access.get(hostname)
        return token is None or (headers.get("cf-access-client-id"), headers.get("cf-access-client-secret")) == token
