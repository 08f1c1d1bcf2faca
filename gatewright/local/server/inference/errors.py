"""The gateway's own errors; note that the body has `error`, a list. A provider's errors pass through as they are."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import JSONResponse

from gatewright.local.server.core.envelope import Json


class AigError(Exception):
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
        """The whole of the answer."""
        return JSONResponse(self.body(), self.status)


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


def no_credits() -> AigError:
    """There is no key for the provider, and the account has no credits that Unified Billing could take."""
    return AigError(
        402,
        2021,
        "Insufficient wholesale credits. Please add additional credits on the AI Gateway Cloudflare dashboard to "
        "continue using provider models.",
    )


def unknown_alias(provider: str, alias: str, aliases: Sequence[str]) -> AigError:
    """cf-aig-byok-alias names a key that the gateway has not stored for the provider."""
    configured = ", ".join(f"'{each}'" for each in aliases) or "none"
    said = f"Provider '{provider}' has no BYOK credential named '{alias}'. Configured aliases: {configured}"
    return AigError(400, 2040, said)


def spend_limit_exceeded(said: str, *, workers_ai: bool) -> AigError:
    """A rule of the gateway's spend limits is used up; without Retry-After, as observed."""
    return AigError(429, 2045 if workers_ai else 2041, f"Spend limit exceeded: {said}")


def blocked(code: int, what: str) -> AigError:
    """Guardrails (2016, 2017) or data loss prevention (2029, 2030) keep a prompt or an answer back."""
    return AigError(424, code, what)
