"""What the real Cloudflare does not have, under /__local__: health, log, faults, clock, further accounts, reset.

Whatever changes something must come as JSON, which a web page of another origin cannot send unasked.
"""

from __future__ import annotations

import dataclasses
import os
import re
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
from gatewright.local.server.core import clock, request_log
from gatewright.local.server.core.api_quota import Pacing
from gatewright.local.server.core.envelope import ApiError
from gatewright.local.server.core.faults import Fault
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.validation import checked
from gatewright.local.server.inference.calls import Upstreams
from gatewright.local.server.inference.providers.state import ProviderState
from gatewright.local.server.resources import billing

PREFIX = "/__local__"
_ACCOUNT = re.compile(r"[0-9a-f]{32}")


@dataclasses.dataclass(frozen=True, slots=True)
class Admin:
    """The endpoints, over the server's parts; `folder` is where its state is."""

    behind: Upstreams
    pacing: Pacing
    folder: Path

    def routes(self) -> list[Route]:
        """Ready to be mounted."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[JSONResponse]]]] = [
            ("GET", "/health", self.health),
            ("GET", "/log", self.log),
            ("GET", "/faults", self.list_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/clock", self.tell_time),
            ("PUT", "/clock", self.set_clock),
            ("DELETE", "/clock", self.unset_clock),
            ("GET", "/providers", self.list_providers),
            ("PUT", "/providers", self.tell_provider),
            ("DELETE", "/providers", self.clear_providers),
            ("PUT", "/scanner", self.tell_scanner),
            ("DELETE", "/scanner", self.clear_scanner),
            ("POST", "/accounts", self.add_account),
            ("PUT", "/credit", self.set_credit),
            ("POST", "/reset", self.reset),
        ]
        return [Route(PREFIX + path, endpoint, methods=[method]) for method, path, endpoint in table]

    async def health(self, _: Request) -> JSONResponse:
        """Who this is, and how much it holds."""
        counts = {
            table: self.behind.store.one(f"SELECT count(*) AS n FROM {table}")["n"]  # noqa: S608  # names from here
            for table in ("accounts", "gateways", "tokens", "responses", "log")
        }
        return JSONResponse(
            {"gatewright": __version__, "pid": os.getpid(), "folder": str(self.folder), "counts": counts}
        )

    async def log(self, request: Request) -> JSONResponse:
        """The request log, the oldest first, from beyond the entry `after`."""
        after = request.query_params.get("after", "0")
        rows = self.behind.store.all(
            "SELECT * FROM log WHERE id > ? ORDER BY id", int(after) if after.isdecimal() else 0
        )
        return JSONResponse([request_log.entry(row) for row in rows])

    async def list_faults(self, _: Request) -> JSONResponse:
        """The faults ordered, each with how many calls it has seen."""
        return JSONResponse([dataclasses.asdict(fault) for fault in self.behind.faults.ordered])

    async def add_fault(self, request: Request) -> JSONResponse:
        """Orders a failure; the body has the fields of `Fault`."""
        try:
            order = checked("fault", await _object(request), lambda problems: ApiError(400, *problems))
        except ApiError as error:
            return error.response()
        self.behind.faults.ordered.append(Fault(**order))
        return JSONResponse(order, 201)

    async def clear_faults(self, request: Request) -> JSONResponse:
        """Takes all orders back, or those with the `name` in the query."""
        ordered, name = self.behind.faults.ordered, request.query_params.get("name")
        ordered[:] = [] if name is None else [fault for fault in ordered if fault.name != name]
        return JSONResponse([dataclasses.asdict(fault) for fault in ordered])

    async def tell_scanner(self, request: Request) -> JSONResponse:
        """Says what guardrails and DLP find from now on: {"prompt": [category or profile], "response": […]}."""
        try:
            found = checked("scanner", await _object(request), lambda problems: ApiError(400, *problems))
        except ApiError as error:
            return error.response()
        self._find(**found)
        return JSONResponse(found)

    async def clear_scanner(self, _: Request) -> JSONResponse:
        """Lets them find nothing again."""
        self._find()
        return JSONResponse({})

    def _find(self, prompt: Collection[str] = (), response: Collection[str] = ()) -> None:
        self.behind.scanner.prompt, self.behind.scanner.response = prompt, response

    async def tell_time(self, _: Request) -> JSONResponse:
        """The server's time, and the seconds by which it is ahead of this machine's."""
        return JSONResponse({"now": clock.milliseconds(clock.now()), "offset": clock.ahead().total_seconds()})

    async def set_clock(self, request: Request) -> JSONResponse:
        """`{"now": <RFC 3339>}` or `{"offset": <seconds>}`; the clock runs on from there until it is set back."""
        try:
            order = checked("clock", await _object(request), lambda problems: ApiError(400, *problems))
            ahead = (
                order["offset"] if "offset" in order else (_moment(order["now"]) - datetime.now(UTC)).total_seconds()
            )
        except ApiError as error:
            return error.response()
        clock.set_ahead(timedelta(seconds=ahead))
        return await self.tell_time(request)

    async def unset_clock(self, request: Request) -> JSONResponse:
        """Back to this machine's time."""
        clock.set_ahead(timedelta())
        return await self.tell_time(request)

    async def list_providers(self, _: Request) -> JSONResponse:
        """What providers were told to be; their keys by fingerprints."""
        return JSONResponse([told.shown(name) for name, told in self.behind.providers.told.items()])

    async def tell_provider(self, request: Request) -> JSONResponse:
        """Tells one provider, in place of what it was told before; the body has the fields of `ProviderState`."""
        try:
            order = checked("provider", await _object(request), lambda problems: ApiError(400, *problems))
        except ApiError as error:
            return error.response()
        told = self.behind.providers.told[order["provider"]] = ProviderState.of(order)
        return JSONResponse(told.shown(order["provider"]))

    async def clear_providers(self, _: Request) -> JSONResponse:
        """Lets all providers take any key again, and any number of requests."""
        self.behind.providers.told.clear()
        return JSONResponse([])

    async def add_account(self, request: Request) -> JSONResponse:
        """Makes an account, `{"id": 32 hex digits}` or {} for any; answers its id, all-permission token and zone."""
        body = await _object(request)
        account = secrets.token_hex(16) if body is None else body.get("id", secrets.token_hex(16))
        if body is None or not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
            return _refused('send JSON: {} or {"id": <32 hex digits>}')
        token = LOCAL_TOKEN_PREFIX + "admin-" + secrets.token_hex(16)
        if not self.behind.store.add_account(account, f"account {account[:8]}", token):
            return _refused(f"there is an account {account} already")
        zone = self.behind.store.one("SELECT id FROM zones WHERE account = ?", account)["id"]
        return JSONResponse({"id": account, "token": token, "zone": zone}, 201)

    async def set_credit(self, request: Request) -> JSONResponse:
        """Says what an account has for Unified Billing: {"account": id, "usd": number}."""
        body = await _object(request) or {}
        account, usd = body.get("account"), body.get("usd")
        known = isinstance(account, str) and self.behind.store.find("SELECT 1 FROM accounts WHERE id = ?", account)
        if not isinstance(account, str) or not known or not isinstance(usd, int | float):
            return _refused('send JSON: {"account": <id of an account>, "usd": <number>}')
        billing.set_balance(self.behind.store, account, float(usd))
        return JSONResponse({"account": account, "usd": usd})

    async def reset(self, request: Request) -> JSONResponse:
        """Forgets everything but the local account."""
        if await _object(request) is None:
            return _refused("send JSON: {}")
        self.behind.store.reset()
        self.behind.faults.ordered.clear()
        self.behind.providers.told.clear()
        self._find()
        self.pacing.clear()
        clock.set_ahead(timedelta())
        return JSONResponse({})


def _moment(text: str) -> datetime:
    try:
        return clock.parsed(text)
    except ValueError:
        raise ApiError(400, {"message": f"{text} is no time", "path": ["body", "now"]}) from None


async def _object(request: Request) -> dict[str, Any] | None:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        body = parse_json(await request.body())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _refused(message: str) -> JSONResponse:
    return JSONResponse({"error": message}, 400)
