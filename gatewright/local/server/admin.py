"""The endpoints that Cloudflare does not have, under /__local__: health, ports, log, faults, clock, accounts, reset.

A request that changes something must have a JSON content type, which a web page of another origin cannot send.
"""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gatewright import __version__
from gatewright.facts.local_cloudflare import LOCAL_TOKEN_PREFIX
from gatewright.frozen import frozen
from gatewright.local.server.core import clock, request_log
from gatewright.local.server.core.api_quota import ApiQuota
from gatewright.local.server.core.endpoints import ACCOUNT_ID
from gatewright.local.server.core.envelope import ApiError, Json
from gatewright.local.server.core.faults import Fault
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.ports import Ports
from gatewright.local.server.core.validation import validate
from gatewright.local.server.inference.calls import Backends
from gatewright.local.server.inference.providers.state import ProviderState
from gatewright.local.server.resources import billing

PREFIX = "/__local__"

Handler = Callable[[Request], Awaitable[Any]]
"""Returns a value for a JSON response, or the response; may raise ApiError."""


@frozen
class Admin:
    """The endpoints over the parts of the server; `folder` is where its state is."""

    backends: Backends
    quota: ApiQuota
    folder: Path
    ports: Ports

    def routes(self) -> list[Route]:
        """The routes."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self.health),
            ("POST", "/ports", self.add_port),
            ("GET", "/log", self.log),
            ("GET", "/faults", self.list_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.remove_faults),
            ("GET", "/clock", self.get_clock),
            ("PUT", "/clock", self.set_clock),
            ("DELETE", "/clock", self.reset_clock),
            ("GET", "/providers", self.list_providers),
            ("PUT", "/providers", self.set_provider),
            ("DELETE", "/providers", self.reset_providers),
            ("PUT", "/scanner", self.set_scanner),
            ("DELETE", "/scanner", self.reset_scanner),
            ("PUT", "/access", self.set_access),
            ("DELETE", "/access", self.reset_access),
            ("POST", "/accounts", self.add_account),
            ("PUT", "/credit", self.set_credit),
            ("POST", "/reset", self.reset),
        ]
        return [Route(PREFIX + path, _endpoint(handler), methods=[method]) for method, path, handler in table]

    async def health(self, _: Request) -> Json:
        """Return the version, process id, folder, ports, and the number of objects."""
        counts = {
            table: self.backends.store.one(f"SELECT count(*) AS n FROM {table}")["n"]  # noqa: S608  # names from here
            for table in ("accounts", "gateways", "tokens", "responses", "log")
        }
        report = {"gatewright": __version__, "pid": os.getpid(), "folder": str(self.folder)}
        return {**report, "ports": self.ports.numbers, "counts": counts}

    async def add_port(self, request: Request) -> Json | JSONResponse:
        """Listen on a further port, {"port": number}. One that cannot be used is refused (409, with its `errno`)."""
        port = (await _object(request) or {}).get("port")
        if not isinstance(port, int) or not 0 < port < 65536:
            return _refused('send JSON: {"port": <1 to 65535>}')
        try:
            await self.ports.add(port)
        except OSError as error:
            return JSONResponse({"error": error.strerror, "errno": error.errno}, 409)
        return {"ports": self.ports.numbers}

    async def log(self, request: Request) -> list[Json]:
        """Return the request log, the oldest first, after the entry `after`."""
        after = request.query_params.get("after", "0")
        number = int(after) if after.isdecimal() else 0
        rows = self.backends.store.all("SELECT * FROM log WHERE id > ? ORDER BY id", number)
        return [request_log.entry(row) for row in rows]

    async def list_faults(self, _: Request) -> list[Json]:
        """List the injected faults, each with how many calls it has matched."""
        return [dataclasses.asdict(fault) for fault in self.backends.faults.injected]

    async def add_fault(self, request: Request) -> JSONResponse:
        """Inject a fault. The body has the fields of `Fault`."""
        body = await _validated("fault", request)
        self.backends.faults.injected.append(Fault(**body))
        return JSONResponse(body, 201)

    async def remove_faults(self, request: Request) -> list[Json]:
        """Remove all faults, or those with the `name` in the query."""
        injected, name = self.backends.faults.injected, request.query_params.get("name")
        injected[:] = [] if name is None else [fault for fault in injected if fault.name != name]
        return [dataclasses.asdict(fault) for fault in injected]

    async def set_scanner(self, request: Request) -> Json:
        """Set what guardrails and DLP detect from now on: {"prompt": [category or profile], "response": […]}."""
        body = await _validated("scanner", request)
        self._detect(**body)
        return body

    async def reset_scanner(self, _: Request) -> Json:
        """Let guardrails and DLP detect nothing."""
        self._detect()
        return {}

    def _detect(self, prompt: Collection[str] = (), response: Collection[str] = ()) -> None:
        self.backends.scanner.prompt, self.backends.scanner.response = prompt, response

    async def set_access(self, request: Request) -> Json:
        """Put Access in front of a custom domain: only requests with this service token reach the gateway."""
        body = await _validated("access", request)
        self.backends.access[body["hostname"]] = (body["client_id"], body["client_secret"])
        return {"hostname": body["hostname"]}

    async def reset_access(self, _: Request) -> Json:
        """Remove Access from all custom domains."""
        self.backends.access.clear()
        return {}

    async def get_clock(self, _: Request) -> Json:
        """Return the server's time, and how many seconds it is ahead of this machine's."""
        return {"now": clock.timestamp(), "offset": clock.offset().total_seconds()}

    async def set_clock(self, request: Request) -> Json:
        """Set the clock to `{"now": <RFC 3339>}` or `{"offset": <seconds>}`. It runs on from there."""
        body = await _validated("clock", request)
        offset = body["offset"] if "offset" in body else (_time(body["now"]) - datetime.now(UTC)).total_seconds()
        clock.set_offset(timedelta(seconds=offset))
        return await self.get_clock(request)

    async def reset_clock(self, request: Request) -> Json:
        """Return the clock to this machine's time."""
        clock.set_offset(timedelta())
        return await self.get_clock(request)

    async def list_providers(self, _: Request) -> list[Json]:
        """List the providers that a test has configured; keys as fingerprints."""
        return [state.shown(provider) for provider, state in self.backends.providers.states.items()]

    async def set_provider(self, request: Request) -> Json:
        """Configure one provider, replacing an earlier configuration. The body has the fields of `ProviderState`."""
        body = await _validated("provider", request)
        state = self.backends.providers.states[body["provider"]] = ProviderState.of(body)
        return state.shown(body["provider"])

    async def reset_providers(self, _: Request) -> list[Json]:
        """Let all providers accept any key and any number of requests."""
        self.backends.providers.states.clear()
        return []

    async def add_account(self, request: Request) -> JSONResponse:
        """Create an account, `{"id": 32 hex digits}` or {} for any id. Returns its id, all-permission token and
        zone."""
        body = await _object(request)
        account = secrets.token_hex(16) if body is None else body.get("id", secrets.token_hex(16))
        if body is None or not isinstance(account, str) or not ACCOUNT_ID.fullmatch(account):
            return _refused('send JSON: {} or {"id": <32 hex digits>}')
        token = LOCAL_TOKEN_PREFIX + "admin-" + secrets.token_hex(16)
        if not self.backends.store.add_account(account, f"account {account[:8]}", token):
            return _refused(f"account {account} already exists")
        zone = self.backends.store.one("SELECT id FROM zones WHERE account = ?", account)["id"]
        return JSONResponse({"id": account, "token": token, "zone": zone}, 201)

    async def set_credit(self, request: Request) -> Json | JSONResponse:
        """Set the Unified Billing credits of an account: {"account": id, "usd": number}."""
        body = await _object(request) or {}
        account, usd = body.get("account"), body.get("usd")
        known = isinstance(account, str) and self.backends.store.find("SELECT 1 FROM accounts WHERE id = ?", account)
        if not isinstance(account, str) or not known or not isinstance(usd, int | float):
            return _refused('send JSON: {"account": <id of an account>, "usd": <number>}')
        billing.set_balance(self.backends.store, account, float(usd))
        return {"account": account, "usd": usd}

    async def reset(self, request: Request) -> Json | JSONResponse:
        """Delete everything except the local account."""
        if await _object(request) is None:
            return _refused("send JSON: {}")
        self.backends.store.reset()
        self.backends.faults.injected.clear()
        self.backends.providers.states.clear()
        self.backends.access.clear()
        self._detect()
        self.quota.clear()
        clock.set_offset(timedelta())
        return {}


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def respond(request: Request) -> JSONResponse:
        try:
            result = await handler(request)
        except ApiError as error:
            return error.response()
        return result if isinstance(result, JSONResponse) else JSONResponse(result)

    respond.__doc__ = handler.__doc__
    return respond


def _time(text: str) -> datetime:
    try:
        return clock.parse(text)
    except ValueError:
        raise ApiError(400, {"message": f"{text} is not an RFC 3339 time", "path": ["body", "now"]}) from None


async def _validated(schema: str, request: Request) -> Json:
    return validate(schema, await _object(request), lambda violations: ApiError(400, *violations))


async def _object(request: Request) -> Json | None:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        body = parse_json(await request.body())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _refused(message: str) -> JSONResponse:
    return JSONResponse({"error": message}, 400)
