"""The dispatcher of /client/v4: credential, quota, permission, body; then one handler inside one transaction.

A resource is a module with a tuple of `Endpoint`s. Handlers are plain functions and refuse before they write: what was
written when a ApiError is raised stays (the token's last use does).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gatewright.facts.permissions import Group, Scope
from gatewright.local.server.core import envelope
from gatewright.local.server.core.api_quota import Pacing, headers
from gatewright.local.server.core.envelope import Answer, ApiError, Json, Page
from gatewright.local.server.core.identity import LOCAL_USER, Principal, authenticate
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.store import Store

PREFIX = "/client/v4"
_ACCOUNT = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised request, as a handler sees it."""

    store: Store
    principal: Principal
    base_url: str
    path: dict[str, str]
    query: QueryParams
    body: Any = None

    @property
    def account(self) -> str:
        """The account in the path."""
        return self.path["account"]

    def page(self, items: list[Json], *, largest: int) -> Page:
        """The page of `items` that the query asks for; one beyond the last is empty, as the official client expects."""
        number = self._whole_number("page", 1, None)
        size = self._whole_number("per_page", min(20, largest), largest)
        first = (number - 1) * size
        return Page(items[first : first + size], number, size, len(items))

    def _whole_number(self, name: str, default: int, largest: int | None) -> int:
        text = self.query.get(name, str(default))
        if not _NUMBER.fullmatch(text) or int(text) < 1 or (largest is not None and int(text) > largest):
            limit = "" if largest is None else f" and at most {largest}"
            message = f"Must be a number of at least 1{limit}"
            raise ApiError(400, {"code": 7001, "message": message, "path": ["query", name]})
        return int(text)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation: `path` under /client/v4, and the permission groups of which the caller needs any one.

    `malformed` makes the refusal of a body that is not JSON.
    """

    method: str
    path: str
    any_of: tuple[Group, ...]
    handle: Callable[[Call], Answer]
    malformed: Callable[[], ApiError] = envelope.malformed_json


def routes(endpoints: Iterable[Endpoint], store: Store, pacing: Pacing) -> list[Route]:
    """The endpoints, ready to be mounted."""
    return [
        Route(PREFIX + endpoint.path, _dispatcher(endpoint, store, pacing), methods=[endpoint.method])
        for endpoint in endpoints
    ]


def _dispatcher(endpoint: Endpoint, store: Store, pacing: Pacing) -> Callable[[Request], Any]:
    async def dispatch(request: Request) -> Response:
        body = await request.body()
        quota = headers()
        with store.transaction():
            try:
                caller = _caller(request, store)
                quota = pacing.count(caller.id, time.monotonic())
                _authorise(endpoint, caller, request, store)
                content = None if endpoint.method == "GET" else _content(body, endpoint)
                base = str(request.base_url).rstrip("/")
                call = Call(store, caller, base, request.path_params, request.query_params, content)
                response = endpoint.handle(call).response()
            except ApiError as refusal:
                response = refusal.response()
        for name, value in quota.items():
            response.headers.setdefault(name, value)
        return response

    return dispatch


def _caller(request: Request, store: Store) -> Principal:
    account = request.path_params.get("account")
    if account is not None and not _ACCOUNT.fullmatch(account):
        raise envelope.no_route(request.url.path.removeprefix(PREFIX))
    address = request.client.host if request.client else ""
    try:
        caller = authenticate(store, request.headers, address)
    except ApiError as refusal:
        unknown = refusal.status == 401 and request.url.path.endswith("/tokens/verify")
        raise envelope.invalid_token() if unknown else refusal from None
    request.state.details = {"token": caller.name}
    return caller


def _authorise(endpoint: Endpoint, caller: Principal, request: Request, store: Store) -> None:
    """An endpoint without groups asks only for a token (`verify` and the list of zones know their own rules)."""
    account, zone = request.path_params.get("account"), request.path_params.get("zone")
    resource = f"{Scope.ACCOUNT}.{account}" if account else f"{Scope.USER}.{LOCAL_USER}"
    if zone is not None:
        row = store.find("SELECT account FROM zones WHERE id = ?", zone)
        if row is None:
            raise envelope.no_route(request.url.path.removeprefix(PREFIX))
        resource, account = f"{Scope.ZONE}.{zone}", row["account"]
    if endpoint.any_of and not caller.may(endpoint.any_of, resource, account):
        raise envelope.lacks_permission()


def _content(body: bytes, endpoint: Endpoint) -> Any:
    if not body:
        return None
    try:
        return parse_json(body)
    except ValueError:
        raise endpoint.malformed() from None
