"""The forms of an inference request: each authorises the client and turns the request into an exchange and a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request

from gatewright.facts import windows
from gatewright.facts.slugs import WORKERS_AI
from gatewright.frozen import frozen
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.store import Store, to_json
from gatewright.local.server.inference import metadata
from gatewright.local.server.inference.errors import unknown_gateway
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.plans import auto_route, rest, universal
from gatewright.local.server.inference.plans.auto_route import AutoRoute
from gatewright.local.server.inference.plans.plan import LONGEST_NAME, CallPlan, SingleCall
from gatewright.local.server.inference.plans.route_run import RouteRequest, RouteRun
from gatewright.local.server.inference.policies import counters, credentials, retries
from gatewright.local.server.inference.providers import targets
from gatewright.local.server.resources import custom_providers, gateways, routes

DEFAULT = "default"  # the gateway that Cloudflare creates at the first request to it
GATEWAY_HEADER = "cf-aig-gateway-id"


@frozen
class Admitted:
    """An authorised request, what it calls, and whether the gateway's rate limit allows it."""

    exchange: Exchange
    plan: CallPlan
    within_rate_limit: bool


Admit = Callable[[Store, Request, bytes, Json], Admitted]
"""Takes a request and its body; fills in the details of the request log. Raises AiGatewayError or ApiError."""


def by_path(store: Store, request: Request, body: bytes, details: Json) -> Admitted:
    """A provider's path below its slug, or compat/chat/completions with a model or a dynamic route."""
    gateway, authenticated = _gateway(store, request, details)
    path, content = request.path_params["path"], _parse(body)
    exchange = _exchange(request, gateway, path, body, authenticated=authenticated)
    name = targets.route_name(path, content)
    plan: CallPlan | None = None if name is None else _route_run(store, exchange, name, content, details)
    if plan is None:
        plan = _single_call(store, exchange, content)
    return _admit(store, exchange, plan)


def _single_call(store: Store, exchange: Exchange, content: Any) -> CallPlan:
    """The call of a model, or of the one that the Auto Router chooses."""
    headers, retry = exchange.headers, retries.policy(exchange.headers, exchange.gateway)
    if targets.calls_auto_router(exchange.path, content):
        return AutoRoute(content, auto_route.pool_of(headers), retry, headers)
    return SingleCall(targets.find(exchange.path, content, _custom_base_url(store, exchange.account)), retry, headers)


def _route_run(store: Store, exchange: Exchange, name: str, content: Any, details: Json) -> RouteRun | None:
    """The run of a route; None where none of that name is deployed."""
    elements = routes.deployed_elements(store, exchange.account, exchange.gateway["id"], name)
    if elements is None:
        return None
    details["route"] = name[:LONGEST_NAME]
    route = RouteRequest.of(f"{exchange.key}/{name}", elements, content, exchange)
    return RouteRun(route, store, exchange.gateway["retry_delay"] or 0)


def by_list(store: Store, request: Request, body: bytes, details: Json) -> Admitted:
    """The universal endpoint: a list of steps. The first one that succeeds is returned."""
    gateway, authenticated = _gateway(store, request, details)
    content = _parse(body)
    custom = _custom_base_url(store, request.path_params["account"])
    plan = universal.plan(content, request.headers, gateway, custom)
    payload = to_json(universal.without_credentials(content)).encode()
    return _admit(store, _exchange(request, gateway, "", payload, authenticated=authenticated), plan)


def by_rest(store: Store, request: Request, body: bytes, details: Json) -> Admitted:
    """The REST form: v1/chat/completions, v1/responses, v1/messages, run, run/{model}, with cf-aig-gateway-id."""
    account, name = request.path_params["account"], request.headers.get(GATEWAY_HEADER)
    address, path, content = _address(request), request.path_params["path"], _parse(body)
    route = rest.route_name(path, content, name)
    if route is not None:
        details["token"] = rest.authorise(store, request.headers, account, address, "").name
        details["gateway"] = name
        gateway = _find_gateway(store, account, str(name)) or gateways.insert_default(store, account)
        exchange = _exchange(request, gateway, targets.COMPAT, body, authenticated=True)
        run = _route_run(store, exchange, route, content, details)
        if run is None:
            raise rest.no_model(f"{targets.DYNAMIC}{route}")
        return _admit(store, exchange, run)
    target = rest.target(path, content)
    details["token"] = rest.authorise(store, request.headers, account, address, target.provider).name
    headers: Mapping[str, str] = request.headers
    if name is None and target.provider == WORKERS_AI:
        gateway, headers = rest.NO_GATEWAY, {"authorization": request.headers["authorization"]}
    else:
        gateway = _find_gateway(store, account, name or DEFAULT) or gateways.insert_default(store, account)
    details["gateway"] = gateway["id"]
    plan = SingleCall(target, retries.policy(headers, gateway), headers)
    return _admit(store, _exchange(request, gateway, path, body, authenticated=True), plan)


def admit_list(store: Store, request: Request, details: Json) -> Json:
    """The gateway whose models are listed. Raises AiGatewayError."""
    gateway, _ = _gateway(store, request, details)
    return gateway


def _gateway(store: Store, request: Request, details: Json) -> tuple[Json, bool]:
    """The gateway in the path, and whether it requires a token. Raises AiGatewayError 2001 or 2009."""
    account, name = request.path_params["account"], request.path_params["gateway"]
    details["gateway"] = name
    gateway = _find_gateway(store, account, name)
    authenticated = gateway is None or bool(gateway["authentication"])
    if authenticated:
        sent = credentials.read(request.headers, authenticated=True)
        details["token"] = credentials.authorise(store, sent, account, _address(request))
    return gateway or gateways.insert_default(store, account), authenticated


def _find_gateway(store: Store, account: str, name: str) -> Json | None:
    """The gateway; None for a default one that does not exist yet."""
    gateway = gateways.find(store, account, name)
    if gateway is None and name != DEFAULT:
        raise unknown_gateway()
    return gateway


def _exchange(request: Request, gateway: Json, path: str, payload: bytes, *, authenticated: bool) -> Exchange:
    return Exchange(
        account=request.path_params["account"],
        address=_address(request),
        gateway=gateway,
        authenticated=authenticated,
        path=path,
        headers=dict(reversed(request.headers.items())),  # the first of a name, as in request.headers
        metadata=metadata.read(request.headers.get("cf-aig-metadata")),
        payload=payload,
    )


def _admit(store: Store, exchange: Exchange, plan: CallPlan) -> Admitted:
    """Count the request for the gateway's rate limit (guess: cached responses count too)."""
    gateway = exchange.gateway
    limit, interval = gateway["rate_limiting_limit"], gateway["rate_limiting_interval"]
    technique = gateway["rate_limiting_technique"] or windows.FIXED
    within = (
        not limit
        or not interval
        or counters.admit(store, exchange.key, limit, interval, technique, clock.epoch_seconds())
    )
    return Admitted(exchange, plan, within)


def _custom_base_url(store: Store, account: str) -> targets.CustomBaseUrl:
    return lambda slug: custom_providers.base_url(store, account, slug)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _parse(body: bytes) -> Any:
    """The body's JSON, or None; the target decides what that means."""
    try:
        return parse_json(body)
    except ValueError:
        return None
