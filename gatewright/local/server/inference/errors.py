"""The gateway's own errors. Their body has `error`, a list. A provider's errors pass through unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from starlette.responses import JSONResponse

from gatewright.local.server.core.envelope import Json


class AiGatewayError(Exception):
    """An error of the gateway: HTTP status, Cloudflare's code and message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> Json:
        """The body that Cloudflare sends."""
        return {
            "success": False,
            "result": [],
            "messages": [],
            "error": [{"code": self.code, "message": self.message}],
            "name": "AiGatewayError",
            "httpCode": self.status,
            "internalCode": self.code,
            "message": self.message,
        }

    def response(self) -> JSONResponse:
        """The whole response."""
        return JSONResponse(self.body(), self.status)


class PolicyError(AiGatewayError):
    """A gateway policy refuses a request. The body is documented; it has no code, so the status stands for it."""

    def __init__(self, status: int, message: str, **details: object) -> None:
        super().__init__(status, status, message)
        self._details = details

    def body(self) -> Json:
        """The body that Cloudflare sends."""
        return {"success": False, "error": {"message": self.message, **self._details}}


denied_by_policy = partial(PolicyError, 403, "Access denied by policy")
budget_used_up = partial(PolicyError, 429, "Spending limit exceeded")
unknown_gateway = partial(AiGatewayError, 400, 2001, "Please configure AI Gateway in the Cloudflare dashboard")
rate_limited = partial(AiGatewayError, 429, 2003, "Rate limited")  # Cloudflare sends no Retry-After either
no_response = partial(AiGatewayError, 400, 2005, "Failed to get response from provider")
invalid_provider = partial(AiGatewayError, 400, 2008, "Invalid provider")
unauthorized = partial(AiGatewayError, 401, 2009, "Unauthorized")
bad_format = partial(AiGatewayError, 400, 2019, "Chat completion bad format")
no_credits = partial(
    AiGatewayError,
    402,
    2021,
    "Insufficient wholesale credits. Please add additional credits on the AI Gateway Cloudflare dashboard to continue "
    "using provider models.",
)


def unknown_alias(provider: str, alias: str, aliases: Sequence[str]) -> AiGatewayError:
    """cf-aig-byok-alias names a key that the gateway has not stored for the provider."""
    configured = ", ".join(f"'{each}'" for each in aliases) or "none"
    message = f"Provider '{provider}' has no BYOK credential named '{alias}'. Configured aliases: {configured}"
    return AiGatewayError(400, 2040, message)


def spend_limit_exceeded(rule: str, *, workers_ai: bool) -> AiGatewayError:
    """A rule of the gateway's spend limits is used up; without Retry-After, as observed."""
    return AiGatewayError(429, 2045 if workers_ai else 2041, f"Spend limit exceeded: {rule}")


def blocked(code: int, message: str) -> AiGatewayError:
    """Guardrails (2016, 2017) or data loss prevention (2029, 2030) block a prompt or a response."""
    return AiGatewayError(424, code, message)
