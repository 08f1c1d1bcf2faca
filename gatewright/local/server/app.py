"""The whole of the local Cloudflare as one ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response

from gatewright.facts.local_cloudflare import LOCAL_HOST
from gatewright.local.server.admin import Admin
from gatewright.local.server.core import api_quota, endpoints, envelope
from gatewright.local.server.core.faults import Faults, Faulty
from gatewright.local.server.core.request_log import Recorded
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.calls import Upstreams
from gatewright.local.server.inference.pipeline import Inference
from gatewright.local.server.inference.policies.scanner import Scanner
from gatewright.local.server.inference.providers.state import Providers
from gatewright.local.server.resources import (
    billing,
    custom_domains,
    custom_providers,
    dns_records,
    gateways,
    logs,
    permission_groups,
    provider_configs,
    routes,
    secrets,
    secrets_store,
    tokens,
    zones,
)

ENDPOINTS = (
    *gateways.ENDPOINTS,
    *routes.ENDPOINTS,
    *logs.ENDPOINTS,
    *custom_providers.ENDPOINTS,
    *secrets_store.ENDPOINTS,
    *secrets.ENDPOINTS,
    *billing.ENDPOINTS,
    *provider_configs.ENDPOINTS,
    *custom_domains.ENDPOINTS,
    *zones.ENDPOINTS,
    *dns_records.ENDPOINTS,
    *permission_groups.ENDPOINTS,
    *tokens.ENDPOINTS,
)


def build(store: Store, folder: Path) -> Starlette:
    """The app over an open store, which it closes at its end; `folder` is only told."""
    behind, quota = Upstreams(store, Faults(), Providers(), Scanner()), api_quota.Pacing()
    app = Starlette(
        routes=[
            *endpoints.routes(ENDPOINTS, store, quota),
            *Inference(behind).routes(),
            *Admin(behind, quota, folder).routes(),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=[LOCAL_HOST, "localhost"]),
            Middleware(Recorded, store=store),
            Middleware(Faulty, faults=behind.faults),
        ],
        exception_handlers={404: _no_route, 405: _method_not_allowed},
        lifespan=lambda _: _closing(store),
    )
    app.router.redirect_slashes = False
    return app


@asynccontextmanager
async def _closing(store: Store) -> AsyncIterator[None]:
    yield
    store.close()


async def _no_route(request: Request, _: Exception) -> Response:
    response = envelope.no_route(request.url.path.removeprefix(endpoints.PREFIX)).response()
    response.headers.update(api_quota.headers())
    return response


async def _method_not_allowed(_: Request, __: Exception) -> Response:
    response = envelope.method_not_allowed().response()
    response.headers.update(api_quota.headers())
    return response
