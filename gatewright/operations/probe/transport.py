"""Send probe requests and return whatever comes back, within limits of size and time."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import ssl
import time
from dataclasses import field
from typing import TYPE_CHECKING, Any

import httpx

from gatewright.environment.names import key_variable
from gatewright.errors import UsageError
from gatewright.facts.local_cloudflare import fake_key
from gatewright.frozen import frozen
from gatewright.io.tls import trusted
from gatewright.redaction.secret_mask import SecretMask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.tokens.run_token import RunToken

MAX_RESPONSE_BYTES = 1_000_000  # an answer of one word is never that long
TIMEOUT = 120.0  # seconds; a reasoning model behind a route that retries takes long
_HEADERS = {"accept-encoding": "identity", "user-agent": "gatewright"}


@frozen
class Response:
    """An HTTP response: `content` is the body's JSON, None where the body is not JSON."""

    status: int
    headers: Mapping[str, str]
    content: Any
    seconds: float


@frozen
class NoResponse:
    """Why there is no usable response: `reason` is a key of `failure_table.NO_RESPONSE`."""

    reason: str
    message: str
    seconds: float = 0.0


@frozen
class ProbeClient:
    """Sends requests to one gateway with one token; `keys` are the user's provider keys by variable.

    Close `http` after use.
    """

    http: httpx.AsyncClient
    token: RunToken | None
    keys: Mapping[str, str] = field(repr=False)
    timeout: float = TIMEOUT

    @classmethod
    def of(
        cls, environment: Environment, token: RunToken | None, keys: Mapping[str, str], timeout: float = TIMEOUT
    ) -> ProbeClient:
        """A client that uses the proxy of the shell, except for the local Cloudflare.

        Raises UsageError if the proxy cannot be used.
        """
        try:
            is_local = environment.local is not None
            http = httpx.AsyncClient(
                timeout=timeout, trust_env=not is_local, verify=trusted(is_local=is_local), headers=_HEADERS
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # not a URL, or SOCKS, which httpx lacks
            raise UsageError(f"the proxy set in the shell cannot be used: {error}", "See HTTPS_PROXY") from None
        return cls(http, token, keys, timeout)

    async def send(
        self, request: ProbeRequest, nonce: str, extra_headers: Mapping[str, str] | None = None
    ) -> Response | NoResponse:
        """Send one request, without retries."""
        if request.key and not self.keys.get(request.key):
            return NoResponse("no-key", request.key)
        for variable in request.variables:
            if not self.keys.get(variable):
                return NoResponse("no-service-token", variable)
        token = self.token.value if self.token else None
        headers = request.headers(token, self.keys) | dict(extra_headers or {})
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.timeout):  # httpx restarts its own timeout with every byte
                return await self._stream(request.url, headers, request.body(nonce), started)
        except (TimeoutError, httpx.TimeoutException):
            return NoResponse("timeout", f"no answer within {self.timeout:g} s", time.monotonic() - started)
        except httpx.RequestError as error:
            return NoResponse(_reason(error), self.mask(str(error)), time.monotonic() - started)

    async def _stream(
        self, url: str, headers: Mapping[str, str], body: Mapping[str, object], started: float
    ) -> Response | NoResponse:
        content = b""
        async with self.http.stream("POST", url, headers=headers, json=body) as response:
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > MAX_RESPONSE_BYTES:
                    message = f"more than {MAX_RESPONSE_BYTES:,} bytes"
                    return NoResponse("too-large", message, time.monotonic() - started)
        received = httpx.Headers({name: self.mask(value) for name, value in response.headers.items()})
        return Response(response.status_code, received, parse_json(content), time.monotonic() - started)

    def mask(self, text: str) -> str:
        """Replace the secrets that were sent, in case the other side repeats them."""
        sent = [self.token.value] if self.token else []
        return SecretMask([*sent, *self.keys.values()], "***").text(text)


def provider_keys_from(environment: Environment, shell: Mapping[str, str]) -> dict[str, str]:
    """The user's provider keys by the variables that clients read, and the service token for Cloudflare Access; fake
    keys for the local Cloudflare."""
    keys = {}
    for name, provider in environment.providers.items():
        variable = key_variable(name, provider)
        value = fake_key(name) if environment.local else shell.get(variable or "", "").strip()
        if variable and value.isascii() and value.isprintable():
            keys[variable] = value
    access = environment.gateway.access
    for variable in access.headers.values() if access else ():
        value = shell.get(variable, "").strip()
        if value.isascii() and value.isprintable():
            keys[variable] = value
    return keys


def new_nonce() -> str:
    """Text that makes the requests of one run differ from all others, which a cache could answer."""
    return f"check {secrets.token_hex(4)}"


def parse_json(content: bytes) -> Any:
    """The JSON of a body; None where it is not JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):  # thousands of opening brackets exceed the recursion limit
        return None


def _reason(error: httpx.RequestError) -> str:
    if not isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return "broken"
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls"
    return "name" if any(isinstance(cause, socket.gaierror) for cause in causes) else "connection"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
