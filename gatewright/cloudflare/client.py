"""Cloudflare's control plane through its official client: paced, tried again where that is safe, its errors in words.

The client's typed methods read less than the API answers (a route without `elements`), and it tries a POST again after
a timeout, which may make a thing twice. So it carries bodies as they are here, and trying again is ours. Importing
it takes half a second: import this module where something is asked, not before.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

import cloudflare
import httpx

from gatewright.cloudflare.pace import PER_SECOND, Pace
from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Json = dict[str, Any]

DEFAULT_URL = "https://api.cloudflare.com/client/v4"
ATTEMPTS = 5
FIRST_PAUSE = 0.5  # seconds, doubled at each try; where the server says Retry-After, that counts
LONGEST_PAUSE = 330.0  # seconds: a little more than the five minutes for which Cloudflare blocks
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Client:
    """Calls with paths below …/client/v4. Bodies and answers are JSON objects as the API has them.

    All methods raise RefusedError where the token is not enough, CloudflareError for any other error.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_token: str | None = None,
        *,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """By default CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN. Raises RefusedError without a token."""
        address = base_url or os.environ.get("CLOUDFLARE_BASE_URL") or DEFAULT_URL
        here = urlsplit(address).hostname in _LOOPBACK
        self._official = cloudflare.Cloudflare(
            base_url=address,
            api_token=api_token,
            max_retries=0,
            timeout=TIMEOUT,
            http_client=cloudflare.DefaultHttpxClient(trust_env=not here),
        )
        if not self._official.api_token:
            raise RefusedError("CLOUDFLARE_API_TOKEN is not set", f"Make a token: {ACCOUNT_TOKENS}; then: export it")
        # the official client prefers these where the shell has them
        self._official.api_key = self._official.api_email = self._official.user_service_key = None
        self._pace = pace or Pace(None if here else PER_SECOND)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._official.close()

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Json:
        options: Any = {"params": dict(query)} if query else {}
        return self._send("GET", path, lambda: self._official.get(path, cast_to=object, options=options))

    def post(self, path: str, body: Json) -> Json:
        """Not tried again when it may have been done: then CloudflareError.is_ambiguous."""
        return self._send("POST", path, lambda: self._official.post(path, cast_to=object, body=body))

    def patch(self, path: str, body: Json) -> Json:
        return self._send("PATCH", path, lambda: self._official.patch(path, cast_to=object, body=body))

    def delete(self, path: str) -> Json:
        return self._send("DELETE", path, lambda: self._official.delete(path, cast_to=object))

    def _send(self, method: str, path: str, call: Callable[[], object]) -> Json:
        attempt = 1
        while True:
            self._pace.wait()
            try:
                return cast("Json", call())
            except cloudflare.APIConnectionError as error:
                pause: float | None = None if method == "POST" else FIRST_PAUSE * 2 ** (attempt - 1)
                failure: GatewrightError = CloudflareError(
                    f"Cloudflare gave no answer to {method} {path}: {error.message}",
                    f"Is {self._official.base_url} reachable? What was asked may have been done",
                )
            except cloudflare.APIStatusError as error:
                pause = _pause(method, error, attempt)
                failure = _failure(method, path, error)
            if pause is None or pause > LONGEST_PAUSE or attempt == ATTEMPTS:
                raise failure
            self._sleep(pause)
            attempt += 1


def _pause(method: str, error: cloudflare.APIStatusError, attempt: int) -> float | None:
    """Seconds until it may be tried again; None where it may not."""
    again = error.status_code == 429 or (error.status_code >= 500 and method != "POST")
    if not again:
        return None
    said = error.response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdecimal() else FIRST_PAUSE * 2 ** (attempt - 1)


def _failure(method: str, path: str, error: cloudflare.APIStatusError) -> GatewrightError:
    message = f"Cloudflare answered {error.status_code} to {method} {path}{_said(error.body)}"
    if error.status_code in (401, 403):
        return RefusedError(message, f"Does the token have the permission, on this account? {ACCOUNT_TOKENS}")
    hint = "It is not there any more: pulumi refresh" if error.status_code == 404 else None
    return CloudflareError(message, hint, status=error.status_code)


def _said(body: object) -> str:
    """`: message (code); …` of Cloudflare's envelope."""
    errors = body.get("errors") if isinstance(body, dict) else None
    said = [f"{each.get('message')} ({each.get('code')})" for each in errors or () if isinstance(each, dict)]
    return f": {'; '.join(said)}" if said else ""
