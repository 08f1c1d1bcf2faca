"""The control plane's answers: {success, errors, messages, result, result_info}, and its error codes.

The codes are those observed at Cloudflare; where only the case is known and not its code, the docstring says "guess".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: `items` of `total`, beginning to count pages at 1."""

    items: list[Json]
    page: int
    per_page: int
    total: int

    @property
    def info(self) -> Json:
        """The `result_info` of the answer."""
        return {
            "page": self.page,
            "per_page": self.per_page,
            "count": len(self.items),
            "total_count": self.total,
            "total_pages": -(-self.total // self.per_page),
        }


class ApiError(Exception):
    """An answer that is an error: HTTP status, and the items of `errors`."""

    def __init__(self, status: int, *errors: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(errors)
        self.status = status
        self.errors = errors
        self.headers = headers

    def response(self) -> JSONResponse:
        """The refusal in the envelope."""
        body = {"success": False, "errors": list(self.errors), "messages": [], "result": None}
        return JSONResponse(body, self.status, self.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers with: `result`, and `messages` where Cloudflare sends some."""

    result: object
    messages: Sequence[Json] = ()

    def response(self) -> JSONResponse:
        """The answer in the envelope, with `result_info` for a page."""
        body: Json = {"success": True, "errors": [], "messages": list(self.messages)}
        if isinstance(self.result, Page):
            return JSONResponse({**body, "result": self.result.items, "result_info": self.result.info})
        return JSONResponse({**body, "result": self.result})


def no_credentials() -> ApiError:
    """Neither a token nor a key came."""
    message = "Missing X-Auth-Key, X-Auth-Email or Authorization headers"
    return ApiError(400, {"code": 9106, "message": message})


def malformed_header(code: int, header: str) -> ApiError:
    """A credential that no Cloudflare ever issued: 6111 for Authorization, 6103 for X-Auth-Key."""
    chain = [{"code": code, "message": f"Invalid format for {header} header"}]
    return ApiError(400, {"code": 6003, "message": "Invalid request headers", "error_chain": chain})


def unknown_credentials() -> ApiError:
    """A well-formed token or key that does not exist."""
    return ApiError(401, {"code": 10000, "message": "Authentication error"})


def lacks_permission() -> ApiError:
    """The token is good, but not for this."""
    return ApiError(403, {"code": 10000, "message": "Authentication error"})


def token_not_usable(message: str) -> ApiError:
    """Disabled, expired, not yet valid, or from an address it does not allow."""
    return ApiError(403, {"code": 9109, "message": message})


def invalid_token() -> ApiError:
    """What only `verify` says of a token it does not know."""
    return ApiError(401, {"code": 1000, "message": "Invalid API Token"})


def no_route(path: str) -> ApiError:
    """Nothing is there; also for an account id that is none."""
    message = f"Could not route to {path}, perhaps your object identifier is invalid?"
    return ApiError(404, {"code": 7003, "message": message}, {"code": 7000, "message": "No route for that URI"})


def method_not_allowed() -> ApiError:
    """The path is there, the method is not."""
    return ApiError(405, {"code": 10405, "message": "Method not allowed for this authentication scheme"})


def malformed_json() -> ApiError:
    """The body is not JSON (guess: the code)."""
    return ApiError(400, {"code": 6007, "message": "MalformedError JSON in request body"})


def too_many_requests(retry_after: int) -> ApiError:
    """More calls than the API allows (guess: the code; the status and Retry-After are documented)."""
    message = "Please wait and consider throttling your request speed"
    return ApiError(429, {"code": 971, "message": message}, headers={"Retry-After": str(retry_after)})
