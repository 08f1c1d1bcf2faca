"""One inference request, from the client to the provider and back."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gatewright.local.server import gateways
from gatewright.local.server.envelope import Json
from gatewright.local.server.faults import Faults
from gatewright.local.server.inference import cache, credentials, limits, retries, targets, upstream
from gatewright.local.server.inference.credentials import Credentials
from gatewright.local.server.inference.errors import AigError, rate_limited, unknown_gateway
from gatewright.local.server.inference.targets import Target
from gatewright.local.server.jsontext import parse_json
from gatewright.local.server.store import Store

LONGEST_NAME = 200  # characters of a model that the log shows

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on: its gateway, where it goes, with what, and what the cache has to do with it."""

    gateway: Json
    target: Target
    credentials: Credentials
    accepted: bool
    cache: cache.Policy


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
        now = time.time()
        with self.store.transaction():
            admitted = self._admit(request, body, details, now)
            kept = self._kept(request, admitted, now)
        if kept is not None:
            details |= {"cache": "HIT"}
            return _response(200, kept[0], kept[1], "HIT")
        details |= {"cache": "MISS", "credential": admitted.credentials.kind}

        plan = retries.plan(request.headers, admitted.gateway)
        reply, attempts = await retries.persist(
            plan, lambda: upstream.call(admitted.target, self.faults, accepted=admitted.accepted)
        )
        details |= {"tokens_in": reply.tokens_in, "tokens_out": reply.tokens_out, "attempts": attempts}
        headers = {"content-type": reply.content_type, **reply.headers}
        if reply.status == 200 and admitted.cache.ttl:
            self._keep(request, admitted, headers, reply.body)
        return _response(reply.status, headers, reply.body, "MISS")

    def _admit(self, request: Request, body: bytes, details: Json, now: float) -> Admitted:
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

        target = targets.find(request.path_params["path"], _parsed(body))
        details |= {"provider": target.provider, "model": str(target.body.get("model"))[:LONGEST_NAME]}
        limit, interval = gateway["rate_limiting_limit"], gateway["rate_limiting_interval"]
        technique = gateway["rate_limiting_technique"] or "fixed"
        if limit and interval and not limits.admit(self.store, f"{account}/{name}", limit, interval, technique, now):
            raise rate_limited()
        return Admitted(
            gateway,
            target,
            given,
            accepted=credentials.accepted(self.store, given, target.provider, account, address),
            cache=cache.policy(request.headers, gateway, target.provider, target.endpoint, target.body),
        )

    def _kept(self, request: Request, admitted: Admitted, now: float) -> tuple[Json, bytes] | None:
        if not admitted.cache.ttl:
            return None
        return cache.find(self.store, request.path_params["account"], admitted.gateway["id"], admitted.cache.key, now)

    def _keep(self, request: Request, admitted: Admitted, headers: Json, body: bytes) -> None:
        account, until = request.path_params["account"], time.time() + admitted.cache.ttl
        with self.store.transaction():
            cache.keep(self.store, account, admitted.gateway["id"], admitted.cache.key, until, headers, body)


def _parsed(body: bytes) -> Any:
    """The body's JSON, None where it is none: what that means is for the target to say."""
    try:
        return parse_json(body)
    except ValueError:
        return None


def _response(status: int, headers: Json, body: bytes, cached: str) -> Response:
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
    response.headers["cf-aig-step"] = "0"
    return response


def _ulid() -> str:
    """26 characters that sort by time: 48 bits of milliseconds, 80 of chance."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_BASE32[number >> shift & 31] for shift in range(125, -1, -5))
