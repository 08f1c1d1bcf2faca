"""Sends smoke requests, and brings back whatever comes, within limits of size and time."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from gatewright.environment.names import key_variable
from gatewright.errors import UsageError
from gatewright.facts.local_cloudflare import fake_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.requests import ProbeRequest

LARGEST = 1_000_000  # bytes: an answer in one word is never that long
TIMEOUT = 120.0  # seconds; a model that thinks, behind a route that retries, takes its time
_SECRET = 8  # characters of a text that can be a secret; a shorter one would tear holes into words
_PLAIN = {"accept-encoding": "identity", "user-agent": "gatewright"}


@dataclass(frozen=True, slots=True)
class RunToken:
    """A token that runs models: its name in the environment, its value, the variable it came from (None: the stack)."""

    name: str
    value: str = field(repr=False)
    variable: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: `content` is the body's JSON, None where it is none; `took` in seconds."""

    status: int
    headers: Mapping[str, str]
    content: Any
    took: float


@dataclass(frozen=True, slots=True)
class NoResponse:
    """Why nothing came: timeout, tls, name, connection, too-large, broken, no-key; and what was said of it."""

    kind: str
    said: str
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class ProbeClient:
    """Asks one gateway with one token; `keys` are the user's own of providers, by variable. Close `http` after use."""

    http: httpx.AsyncClient
    token: RunToken | None
    keys: Mapping[str, str] = field(repr=False)
    timeout: float = TIMEOUT

    @classmethod
    def of(
        cls, environment: Environment, token: RunToken | None, keys: Mapping[str, str], timeout: float = TIMEOUT
    ) -> ProbeClient:
        """One that goes through the user's proxy, but straight to the Cloudflare on this machine.

        Raises UsageError for a proxy that cannot be used.
        """
        try:
            http = httpx.AsyncClient(timeout=timeout, trust_env=environment.local is None, headers=_PLAIN)
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # no URL, or of a kind that needs more: SOCKS
            raise UsageError(f"the proxy that the shell names cannot be used: {error}", "See HTTPS_PROXY") from None
        return cls(http, token, keys, timeout)

    async def ask(self, question: ProbeRequest, mark: str, also: Mapping[str, str] | None = None) -> Reply | NoResponse:
        """Sends one request, once; `also` are further headers."""
        variable = question.key
        if variable and not self.keys.get(variable):
            return NoResponse("no-key", variable)
        headers = question.headers(self.token.value if self.token else None, self.keys) | dict(also or {})
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.timeout):  # httpx's own begins anew with every byte
                return await self._sent(question.url, headers, question.body(mark), started)
        except (TimeoutError, httpx.TimeoutException):
            return NoResponse("timeout", f"no answer within {self.timeout:g} s", time.monotonic() - started)
        except httpx.RequestError as error:
            return NoResponse(_kind(error), self.masked(str(error)), time.monotonic() - started)

    async def _sent(
        self, url: str, headers: Mapping[str, str], body: Mapping[str, object], started: float
    ) -> Reply | NoResponse:
        content = b""
        async with self.http.stream("POST", url, headers=headers, json=body) as response:
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > LARGEST:
                    return NoResponse("too-large", f"more than {LARGEST:,} bytes", time.monotonic() - started)
        return Reply(response.status_code, response.headers, parsed(content), time.monotonic() - started)

    def masked(self, text: str) -> str:
        """`text` without the secrets that were sent, in case they come back."""
        sent = [self.token.value] if self.token else []
        for secret in sorted([*sent, *self.keys.values()], key=len, reverse=True):
            text = text.replace(secret, "***") if len(secret) >= _SECRET else text
        return text


def own_keys(environment: Environment, shell: Mapping[str, str]) -> dict[str, str]:
    """The user's keys of providers, by the variables that they are read from; fake ones where the account is."""
    found = {}
    for name, provider in environment.providers.items():
        variable = key_variable(name, provider)
        value = fake_key(name) if environment.local else shell.get(variable or "", "").strip()
        if variable and value.isascii() and value.isprintable():
            found[variable] = value
    return found


def new_mark() -> str:
    """What tells a request from those of all other runs, so that no cache answers it."""
    return f"check {secrets.token_hex(4)}"


def parsed(content: bytes) -> Any:
    """The JSON of an answer; None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):  # brackets by the thousand are no answer either
        return None


def _kind(error: httpx.RequestError) -> str:
    """What failed, told by the errors underneath."""
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return "tls"
        return "name" if any(isinstance(cause, socket.gaierror) for cause in causes) else "connection"
    return "broken"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
