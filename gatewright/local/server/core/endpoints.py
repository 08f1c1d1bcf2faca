"""The dispatcher of /client/v4: credential, quota, permission, body, then one handler inside one transaction.

A resource is a module with a tuple of `Endpoint`s. Handlers are plain functions. They raise ApiError before they write,
since writes made before an ApiError are kept (for example the last use of the token).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gatewright.facts.permissions import Group, Scope
from gatewright.frozen import frozen
from gatewright.local.server.core import envelope
from gatewright.local.server.core.api_quota import ApiQuota, headers
from gatewright.local.server.core.envelope import ApiError, Json, Page, Result
from gatewright.local.server.core.identity import LOCAL_USER, Principal, authenticate
from gatewright.local.server.core.json_body import parse_json
from gatewright.local.server.core.store import Store

PREFIX = "/client/v4"
ACCOUNT_ID = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[0-9]{1,9}")


@frozen
class Call:
    """One authorised request, for its handler."""

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

    @property
    def fields(self) -> Json:
        """The body where it is an object, otherwise an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    def page(self, items: list[Json], *, largest: int = 100) -> Page:
        """The page of `items` in the query. A page after the last is empty, as the official client expects."""
        number = self._whole_number("page", 1, None)
        size = self._whole_number("per_page", min(20, largest), largest)
        first = (number - 1) * size
        return Page(items[first : first + size], number, size, len(items))

    def _whole_number(self, name: str, default: int, largest: int | None) -> int:
        text = self.query.get(name, str(default))
        if not _NUMBER.fullmatch(text) or int(text) < 1 or (largest is not None and int(text) > largest):
            limit = "" if largest is None else f" and at most {largest}"
            raise ApiError.of(400, 7001, f"Must be a number of at least 1{limit}", ["query", name])
        return int(text)


Handler = Callable[[Call], Result]


@frozen
class Endpoint:
    """One operation: `path` below /client/v4, and the permission groups of which the caller needs any one.

    `malformed` creates the error of a body that is not JSON. The first paragraph of the handler's docstring is the
    description in docs/local-cloudflare.md.
    """

    method: str
    path: str
    any_of: tuple[Group, ...]
    handle: Handler
    malformed: Callable[[], ApiError] = envelope.malformed_json


def routes(endpoints: Iterable[Endpoint], store: Store, quota: ApiQuota) -> list[Route]:
    """The routes of the endpoints."""
    return [
        Route(PREFIX + endpoint.path, _dispatcher(endpoint, store, quota), methods=[endpoint.method])
        for endpoint in endpoints
    ]


def _dispatcher(endpoint: Endpoint, store: Store, quota: ApiQuota) -> Callable[[Request], Any]:
    async def dispatch(request: Request) -> Response:
        body = await request.body()
        quota_headers = headers()
        with store.transaction():
            try:
                caller = _authenticate(request, store)
                quota_headers = quota.count(caller.id, time.monotonic())
                _authorise(endpoint, caller, request, store)
                content = None if endpoint.method == "GET" else _parse_body(body, endpoint)
                base = str(request.base_url).rstrip("/")
                call = Call(store, caller, base, request.path_params, request.query_params, content)
                response = endpoint.handle(call).response()
            except ApiError as error:
                response = error.response()
        for name, value in quota_headers.items():
            response.headers.setdefault(name, value)
        return response

    return dispatch


def _authenticate(request: Request, store: Store) -> Principal:
    account = request.path_params.get("account")
    if account is not None and not ACCOUNT_ID.fullmatch(account):
        raise envelope.no_route(request.url.path.removeprefix(PREFIX))
    address = request.client.host if request.client else ""
    try:
        caller = authenticate(store, request.headers, address)
    except ApiError as error:
        unknown = error.status == 401 and request.url.path.endswith("/tokens/verify")
        raise envelope.invalid_token() if unknown else error from None
    request.state.details = {"token": caller.name}
    return caller


def _authorise(endpoint: Endpoint, caller: Principal, request: Request, store: Store) -> None:
    """Check the permission. An endpoint without groups needs only a token: `verify` and the list of zones."""
    account, zone = request.path_params.get("account"), request.path_params.get("zone")
    resource = f"{Scope.ACCOUNT}.{account}" if account else f"{Scope.USER}.{LOCAL_USER}"
    if zone is not None:
        row = store.find("SELECT account FROM zones WHERE id = ?", zone)
        if row is None:
            raise envelope.no_route(request.url.path.removeprefix(PREFIX))
        resource, account = f"{Scope.ZONE}.{zone}", row["account"]
    if endpoint.any_of and not caller.may(endpoint.any_of, resource, account):
        raise envelope.lacks_permission()


def _parse_body(body: bytes, endpoint: Endpoint) -> Any:
    if not body:
        return None
    try:
        return parse_json(body)
    except ValueError:
        raise endpoint.malformed() from None
