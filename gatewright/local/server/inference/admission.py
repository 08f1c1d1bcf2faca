"""Who may ask a gateway, and what is asked: the ways in, each from a request to an exchange and what it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from gatewright.facts.slugs import WORKERS_AI
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.store import Store, dumped
from gatewright.local.server.inference import metadata
from gatewright.local.server.inference.errors import unknown_gateway
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.plans import rest, targets, universal
from gatewright.local.server.inference.plans.plan import LONGEST_NAME, Called, Single
from gatewright.local.server.inference.plans.route_run import Entered, Walk
from gatewright.local.server.inference.policies import counters, credentials, retries
from gatewright.local.server.resources import custom_providers, gateways, routes

DEFAULT = "default"  # the gateway that Cloudflare makes when it is first asked for
GATEWAY_HEADER = "cf-aig-gateway-id"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on; `room`: the gateway's rate limit has counted it."""

    exchange: Exchange
    called: Called
    room: bool


Admit = Callable[[Store, Request, bytes, Json], Admitted]
"""Of a request and its body; fills the details of the request log. Raises AigError or ApiError."""


def by_path(store: Store, request: Request, body: bytes, details: Json) -> Admitted:
    """A provider's path below its slug, or compat/chat/completions with a model or a dynamic route."""
    gateway, authenticated = _gateway(store, request, details)
    path, given = request.path_params["path"], _parsed(body)
    exchange = _exchange(request, gateway, path, body, authenticated=authenticated)
    name = targets.route(path, given)
    elements = None if name is None else routes.deployed(store, exchange.account, gateway["id"], name)
    called: Called
    if elements is not None:
        details["route"] = str(name)[:LONGEST_NAME]
        entered = Entered.of(f"{exchange.key}/{name}", elements, given, exchange)
        called = Walk(entered, store, gateway["retry_delay"] or 0)
    else:
        target = targets.find(path, given, _custom(store, exchange.account))
        called = Single(target, retries.plan(request.headers, gateway), request.headers)
    return _admitted(store, exchange, called)


def by_list(store: Store, request: Request, body: bytes, details: Json) -> Admitted:
    """The universal endpoint: a list of steps, of which the first that answers is taken."""
    gateway, authenticated = _gateway(store, request, details)
    given = _parsed(body)
    called = universal.steps(given, request.headers, gateway, _custom(store, request.path_params["account"]))
    payload = dumped(universal.without_credentials(given)).encode()
    return _admitted(store, _exchange(request, gateway, "", payload, authenticated=authenticated), called)


def by_rest(store: Store, request: Request, body: bytes, details: Json) -> Admitted:
    """The REST form: v1/chat/completions, v1/responses, v1/messages, run, run/{model}, with cf-aig-gateway-id."""
    account, name = request.path_params["account"], request.headers.get(GATEWAY_HEADER)
    address, path = _address(request), request.path_params["path"]
    target = rest.target(path, _parsed(body))
    details["token"] = rest.caller(store, request.headers, account, address, target.provider).name
    headers: Mapping[str, str] = request.headers
    if name is None and target.provider == WORKERS_AI:
        gateway, headers = rest.NO_GATEWAY, {"authorization": request.headers["authorization"]}
    else:
        gateway = _existing(store, account, name or DEFAULT) or gateways.insert_default(store, account)
    details["gateway"] = gateway["id"]
    called = Single(target, retries.plan(headers, gateway), headers)
    return _admitted(store, _exchange(request, gateway, path, body, authenticated=True), called)


def _gateway(store: Store, request: Request, details: Json) -> tuple[Json, bool]:
    """The gateway in the path, and whether it asked for a token; raises AigError 2001 or 2009."""
    account, name = request.path_params["account"], request.path_params["gateway"]
    details["gateway"] = name
    gateway = _existing(store, account, name)
    authenticated = gateway is None or bool(gateway["authentication"])
    if authenticated:
        given = credentials.read(request.headers, authenticated=True)
        details["token"] = credentials.authorise(store, given, account, _address(request))
    return gateway or gateways.insert_default(store, account), authenticated


def _existing(store: Store, account: str, name: str) -> Json | None:
    """The gateway; None for the default one that is still to be made."""
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
        headers=request.headers,
        metadata=metadata.read(request.headers.get("cf-aig-metadata")),
        payload=payload,
    )


def _admitted(store: Store, exchange: Exchange, called: Called) -> Admitted:
    """Counts the request for the gateway's rate limit (guess: cached answers count too)."""
    gateway = exchange.gateway
    limit, interval = gateway["rate_limiting_limit"], gateway["rate_limiting_interval"]
    technique = gateway["rate_limiting_technique"] or counters.FIXED
    unlimited = not limit or not interval
    room = unlimited or counters.admit(store, exchange.key, limit, interval, technique, clock.timestamp())
    return Admitted(exchange, called, room)


def _custom(store: Store, account: str) -> targets.Custom:
    return lambda slug: custom_providers.base_url(store, account, slug)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _parsed(body: bytes) -> Any:
    """The body's JSON, None where it is none: what that means is for the target to say."""
    try:
        return parse_json(body)
    except ValueError:
        return None
