"""The responses of the control plane, {success, errors, messages, result, result_info}, and its error codes.

The codes are those observed at Cloudflare. "Guess" marks an error whose code is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from starlette.responses import JSONResponse

from gatewright.frozen import frozen

Json = dict[str, Any]


@frozen
class Page:
    """One page of a list: `items` of `total`. Pages count from 1."""

    items: list[Json]
    page: int
    per_page: int
    total: int

    @property
    def info(self) -> Json:
        """The `result_info` of the response."""
        return {
            "page": self.page,
            "per_page": self.per_page,
            "count": len(self.items),
            "total_count": self.total,
            "total_pages": -(-self.total // self.per_page),
        }


@frozen
class Result:
    """What a handler returns: `result`, and `messages` where Cloudflare sends some."""

    result: object
    messages: Sequence[Json] = ()

    def response(self) -> JSONResponse:
        """The response in the envelope, with `result_info` for a page."""
        body: Json = {"success": True, "errors": [], "messages": list(self.messages)}
        if isinstance(self.result, Page):
            return JSONResponse({**body, "result": self.result.items, "result_info": self.result.info})
        return JSONResponse({**body, "result": self.result})


class BareResult(Result):
    """A result without the envelope."""

    def response(self) -> JSONResponse:
        return JSONResponse(self.result)


class ApiError(Exception):
    """An error response: the HTTP status and the items of `errors`."""

    def __init__(self, status: int, *errors: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(errors)
        self.status = status
        self.errors = errors
        self.headers = headers

    @classmethod
    def of(cls, status: int, code: int, message: str, path: Sequence[str] = ()) -> ApiError:
        """Create an error with one item; `path` is the field of the request, for example body, name."""
        return cls(status, {"code": code, "message": message, **({"path": list(path)} if path else {})})

    def response(self) -> JSONResponse:
        """The error in the envelope."""
        body = {"success": False, "errors": list(self.errors), "messages": [], "result": None}
        return JSONResponse(body, self.status, self.headers)


def invalid_body(code: int) -> Callable[[list[Json]], ApiError]:
    """The error of a body that does not match its schema: one item {code, message, path} for each violation."""
    return lambda violations: ApiError(400, *({"code": code, **violation} for violation in violations))


no_credentials = partial(ApiError.of, 400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
unknown_credentials = partial(ApiError.of, 401, 10000, "Authentication error")
lacks_permission = partial(ApiError.of, 403, 10000, "Authentication error")
token_not_usable = partial(ApiError.of, 403, 9109)  # disabled, expired, not valid yet, or not from this address
invalid_token = partial(ApiError.of, 401, 1000, "Invalid API Token")  # the error of `verify` for an unknown token
method_not_allowed = partial(ApiError.of, 405, 10405, "Method not allowed for this authentication scheme")
malformed_json = partial(ApiError.of, 400, 6007, "Malformed JSON in request body")  # guess: the code


def malformed_header(code: int, header: str) -> ApiError:
    """A credential in a format that Cloudflare does not issue: 6111 for Authorization, 6103 for X-Auth-Key."""
    item = {"code": code, "message": f"Invalid format for {header} header"}
    return ApiError(400, {"code": 6003, "message": "Invalid request headers", "error_chain": [item]})


def no_route(path: str) -> ApiError:
    """The path does not exist; also for a malformed account id."""
    message = f"Could not route to {path}, perhaps your object identifier is invalid?"
    return ApiError(404, {"code": 7003, "message": message}, {"code": 7000, "message": "No route for that URI"})


def too_many_requests(retry_after: int) -> ApiError:
    """More calls than the API allows (guess: the code; the status and Retry-After are documented)."""
    message = "Please wait and consider throttling your request speed"
    return ApiError(429, {"code": 971, "message": message}, headers={"Retry-After": str(retry_after)})
