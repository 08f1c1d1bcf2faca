"""The local Cloudflare as one ASGI app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gatewright.facts.local_cloudflare import LOCAL_HOST
from gatewright.local.server.admin import Admin
from gatewright.local.server.core import api_quota, endpoints, envelope
from gatewright.local.server.core.envelope import ApiError
from gatewright.local.server.core.faults import FaultMiddleware, Faults
from gatewright.local.server.core.ports import Ports
from gatewright.local.server.core.request_limits import RequestLimitsMiddleware
from gatewright.local.server.core.request_log import RequestLogMiddleware
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.calls import Backends
from gatewright.local.server.inference.domain_requests import DomainMiddleware
from gatewright.local.server.inference.pipeline import Inference
from gatewright.local.server.inference.policies.scanner import Scanner
from gatewright.local.server.inference.providers.state import Providers
from gatewright.local.server.resources import (
    access_apps,
    access_policies,
    access_service_tokens,
    ai_models,
    analytics,
    billing,
    custom_domains,
    custom_providers,
    dns_records,
    gateway_policies,
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

RESOURCES = (
    gateways,
    routes,
    logs,
    custom_providers,
    secrets_store,
    secrets,
    billing,
    provider_configs,
    custom_domains,
    gateway_policies,
    zones,
    dns_records,
    access_apps,
    access_policies,
    access_service_tokens,
    permission_groups,
    tokens,
    ai_models,
    analytics,
)
ENDPOINTS = tuple(endpoint for resource in RESOURCES for endpoint in resource.ENDPOINTS)


def build(store: Store, folder: Path, ports: Ports) -> Starlette:
    """The app over an open store, which it closes when it ends. /__local__/health shows `folder` and `ports`."""
    backends, quota = Backends(store, Faults(), Providers(), Scanner()), api_quota.ApiQuota()
    app = Starlette(
        routes=[
            *Inference(backends).routes(),  # first: routes are tried in their order
            *endpoints.routes(ENDPOINTS, store, quota),
            *Admin(backends, quota, folder, ports).routes(),
        ],
        middleware=[
            Middleware(RequestLimitsMiddleware),
            Middleware(TrustedHostMiddleware, allowed_hosts=[LOCAL_HOST, "localhost"]),
            Middleware(DomainMiddleware, store=store, access=backends.access),
            Middleware(RequestLogMiddleware, store=store),
            Middleware(FaultMiddleware, faults=backends.faults),
        ],
        exception_handlers={404: _no_route, 405: _method_not_allowed, ClientDisconnect: _client_is_gone},
        lifespan=lambda _: _closing(store),
    )
    app.router.redirect_slashes = False
    return app


@asynccontextmanager
async def _closing(store: Store) -> AsyncIterator[None]:
    yield
    store.close()


async def _no_route(request: Request, _: Exception) -> Response:
    return _with_quota(envelope.no_route(request.url.path.removeprefix(endpoints.PREFIX)))


async def _method_not_allowed(_: Request, __: Exception) -> Response:
    return _with_quota(envelope.method_not_allowed())


async def _client_is_gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # reaches nobody


def _with_quota(error: ApiError) -> Response:
    response = error.response()
    response.headers.update(api_quota.headers())
    return response
