"""One inference request, from the client to the provider and back."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gatewright.local.server import custom_providers, gateways, routes
from gatewright.local.server.envelope import Json
from gatewright.local.server.faults import Faults
from gatewright.local.server.inference import cache, credentials, limits, retries, targets, upstream
from gatewright.local.server.inference.answers import Answered
from gatewright.local.server.inference.credentials import Credentials
from gatewright.local.server.inference.errors import AigError, rate_limited, unknown_gateway
from gatewright.local.server.inference.routes import Asked, Walk
from gatewright.local.server.inference.targets import Target
from gatewright.local.server.jsontext import parse_json
from gatewright.local.server.store import Store

LONGEST_NAME = 200  # characters of a model that the log shows

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on: its gateway, with which credentials, and what it calls: a provider or a route."""

    account: str
    address: str
    headers: Mapping[str, str]
    gateway: Json
    credentials: Credentials
    calls: Target | Asked


@dataclass(frozen=True, slots=True)
class Inference:
    """The data plane over the server's parts."""

    store: Store
    faults: Faults

    def routes(self) -> list[Route]:
        """Ready to be mounted."""
        return [Route("/v1/{account}/{gateway}/{path:path}", self.serve, methods=["POST"])]

    async def serve(self, request: Request) -> Response:
        """Answers one request; the gateway's errors in its own body, the provider's as they are."""
        body = await request.body()
        details: Json = {"gateway": request.path_params["gateway"]}
        request.state.details = details
        try:
            return await self._serve(request, body, details)
        except AigError as error:
            details["code"] = error.code
            return _headed(error.response(), "MISS")

    async def _serve(self, request: Request, body: bytes, details: Json) -> Response:
        with self.store.transaction():
            admitted = self._admit(request, body, details)
        if isinstance(admitted.calls, Asked):
            answered = await self._run_route(admitted, admitted.calls, details)
        else:
            answered = await self._call(
                admitted, details, admitted.calls, retries.plan(request.headers, admitted.gateway)
            )
        details |= answered.details()
        return _response(answered)

    async def _run_route(self, admitted: Admitted, asked: Asked, details: Json) -> Answered:
        walk = Walk(asked, self.store, admitted.gateway["retry_delay"] or 0)
        try:
            return await walk.run(lambda target, plan: self._call(admitted, details, target, plan))
        finally:
            details |= walk.tried

    async def _call(self, admitted: Admitted, details: Json, target: Target, plan: retries.Plan) -> Answered:
        """One provider's answer, or what the cache keeps of it; raises AigError 2005."""
        account, gateway, given = admitted.account, admitted.gateway, admitted.credentials
        kept = cache.policy(admitted.headers, gateway, target.provider, target.endpoint, target.body)
        with self.store.transaction():
            found = cache.find(self.store, account, gateway["id"], kept.key, time.time()) if kept.ttl else None
            accepted = credentials.accepted(self.store, given, target.provider, account, admitted.address)
        if found is not None:
            return Answered(200, *found, cached=True)
        details |= {"cache": "MISS", "credential": given.kind}
        reply, attempts = await retries.persist(plan, lambda: upstream.call(target, self.faults, accepted=accepted))
        headers = {"content-type": reply.content_type, **reply.headers}
        if reply.status == 200 and kept.ttl:
            with self.store.transaction():
                until = time.time() + kept.ttl
                cache.keep(self.store, account, gateway["id"], kept.key, until, headers, reply.body)
        return Answered(
            reply.status,
            headers,
            reply.body,
            attempts=attempts,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
        )

    def _admit(self, request: Request, body: bytes, details: Json) -> Admitted:
        """Gateway, credential, target and rate limit, in this order (guess: cached answers count for the limit too)."""
        account, name = request.path_params["account"], request.path_params["gateway"]
        address = request.client.host if request.client else ""
        gateway = gateways.find(self.store, account, name)
        if gateway is None and name != "default":
            raise unknown_gateway()
        authenticated = gateway is None or gateway["authentication"]
        given = credentials.read(request.headers, authenticated=authenticated)
        if authenticated:
            details["token"] = credentials.authorise(self.store, given, account, address)
        if gateway is None:
            gateway = gateways.insert_default(self.store, account)
        calls = self._called(request, account, name, _parsed(body))
        if isinstance(calls, Asked):
            details |= {"route": calls.body["model"].partition("/")[2][:LONGEST_NAME]}
        else:
            details |= {"provider": calls.provider, "model": str(calls.body.get("model"))[:LONGEST_NAME]}
        limit, interval = gateway["rate_limiting_limit"], gateway["rate_limiting_interval"]
        technique, now = gateway["rate_limiting_technique"] or "fixed", time.time()
        if limit and interval and not limits.admit(self.store, f"{account}/{name}", limit, interval, technique, now):
            raise rate_limited()
        return Admitted(account, address, request.headers, gateway, given, calls)

    def _called(self, request: Request, account: str, gateway: str, body: Any) -> Target | Asked:
        path = request.path_params["path"]
        route = targets.route(path, body)
        elements = None if route is None else routes.deployed(self.store, account, gateway, route)
        if elements is not None:
            return Asked.of(f"{account}/{gateway}/{route}", elements, body, request.headers)
        return targets.find(path, body, lambda slug: custom_providers.base_url(self.store, account, slug))


def _parsed(body: bytes) -> Any:
    """The body's JSON, None where it is none: what that means is for the target to say."""
    try:
        return parse_json(body)
    except ValueError:
        return None


def _response(answered: Answered) -> Response:
    status, headers, body = answered.status, answered.headers, answered.body
    cached = "HIT" if answered.cached else "MISS"
    if headers["content-type"].startswith("text/event-stream"):
        return _headed(StreamingResponse(_events(body), status, headers), cached)
    return _headed(Response(body, status, headers), cached)


async def _events(stream: bytes) -> AsyncIterator[bytes]:
    for event in stream.split(b"\n\n")[:-1]:
        yield event + b"\n\n"


def _headed(response: Response, cached: str) -> Response:
    """With the headers that every answer of a gateway has."""
    response.headers["cf-aig-cache-status"] = cached
    response.headers["cf-aig-log-id"] = _ulid()
    response.headers["cf-aig-event-id"] = secrets.token_hex(16)
    response.headers["cf-aig-request-id"] = str(uuid.uuid4())
    response.headers["cf-aig-trace-id"] = secrets.token_hex(16)
    response.headers.setdefault("cf-aig-step", "0")
    return response


def _ulid() -> str:
    """26 characters that sort by time: 48 bits of milliseconds, 80 of chance."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_BASE32[number >> shift & 31] for shift in range(125, -1, -5))
