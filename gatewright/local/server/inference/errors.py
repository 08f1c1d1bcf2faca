"""The gateway's own errors; note that the body has `error`, a list. A provider's errors pass through as they are."""

from __future__ import annotations

from starlette.responses import JSONResponse


class AigError(Exception):
    """An error of the gateway: HTTP status, Cloudflare's code and message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> JSONResponse:
        """The error in the body that Cloudflare sends."""
        body = {
            "success": False,
            "result": [],
            "messages": [],
            "error": [{"code": self.code, "message": self.message}],
            "name": "AiGatewayError",
            "httpCode": self.status,
            "internalCode": self.code,
            "message": self.message,
        }
        return JSONResponse(body, self.status)


def unknown_gateway() -> AigError:
    """There is no such gateway in the account, or no such account."""
    return AigError(400, 2001, "Please configure AI Gateway in the Cloudflare dashboard")


def rate_limited() -> AigError:
    """Beyond the gateway's rate limit; the real one sends no Retry-After either."""
    return AigError(429, 2003, "Rate limited")


def no_answer() -> AigError:
    """The provider cannot be reached, or took too long."""
    return AigError(400, 2005, "Failed to get response from provider")


def invalid_provider() -> AigError:
    """The path names a provider that the gateway does not know."""
    return AigError(400, 2008, "Invalid provider")


def unauthorized() -> AigError:
    """Authentication is on, and no usable token with AI Gateway Run came."""
    return AigError(401, 2009, "Unauthorized")


def bad_format() -> AigError:
    """/compat cannot read the body, or its model has no known provider before the slash."""
    return AigError(400, 2019, "Chat completion bad format")
