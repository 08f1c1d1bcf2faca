"""Cloudflare's control plane: paced, tried again where that is safe, its errors in words.

Not through the official client: its typed methods read less than the API answers (a route without `elements`), it
tries a POST again after a timeout, which may make a thing twice, and importing it takes half a second of each preview.
Its requests and answers are what the local Cloudflare is tested with.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

from gatewright import __version__
from gatewright.cloudflare.rate_limiter import usual_pace
from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatewright.cloudflare.rate_limiter import Pace

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
        token = api_token or os.environ.get("CLOUDFLARE_API_TOKEN")
        if not token:
            raise RefusedError("CLOUDFLARE_API_TOKEN is not set", f"Make a token: {ACCOUNT_TOKENS}; then: export it")
        self._http = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {token}", "User-Agent": f"gatewright/{__version__}"},
            timeout=TIMEOUT,
            trust_env=not here,
        )
        self._pace = pace or usual_pace(os.environ, here=here)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Json:
        return self._send("GET", path, query=query)

    def post(self, path: str, body: Json) -> Json:
        """Not tried again when it may have been done: then CloudflareError.is_ambiguous."""
        return self._send("POST", path, body)

    def patch(self, path: str, body: Json) -> Json:
        return self._send("PATCH", path, body)

    def delete(self, path: str) -> Json:
        return self._send("DELETE", path)

    def _send(
        self, method: str, path: str, body: Json | None = None, query: Mapping[str, str | int] | None = None
    ) -> Json:
        attempt = 1
        while True:
            self._pace.wait()
            try:
                response = self._http.request(method, path, json=body, params=query)
            except httpx.TransportError as error:
                done = "" if method == "GET" else " What was asked may have been done"
                pause = None if method == "POST" else FIRST_PAUSE * 2 ** (attempt - 1)
                failure: GatewrightError = CloudflareError(
                    f"Cloudflare gave no answer to {method} {path}: {str(error) or type(error).__name__}",
                    f"Is {self._http.base_url} reachable?{done}",
                )
            else:
                answer = _json(response)
                if response.is_success and isinstance(answer, dict):
                    return answer
                pause = _pause(method, response, attempt)
                failure = _failure(method, path, response, answer)
            if pause is None or pause > LONGEST_PAUSE or attempt == ATTEMPTS:
                raise failure
            self._sleep(pause)
            attempt += 1


def _json(response: httpx.Response) -> Any:
    """What the body holds; None where that is no JSON: the page of something between here and Cloudflare."""
    try:
        return response.json()
    except ValueError:
        return None


def _pause(method: str, response: httpx.Response, attempt: int) -> float | None:
    """Seconds until it may be tried again; None where it may not."""
    again = response.status_code == 429 or (response.status_code >= 500 and method != "POST")
    if not again:
        return None
    said = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdecimal() else FIRST_PAUSE * 2 ** (attempt - 1)


def _failure(method: str, path: str, response: httpx.Response, answer: object) -> GatewrightError:
    status = response.status_code
    message = f"Cloudflare answered {status} to {method} {path}{_said(answer)}"
    if response.is_success:
        return CloudflareError(f"{message}: what came is no JSON object", f"Is {response.url.host} Cloudflare's API?")
    if status in (401, 403):
        return RefusedError(message, f"Does the token have the permission, on this account? {ACCOUNT_TOKENS}")
    hint = "It is not there any more: an up with --refresh makes it anew" if status == 404 else None
    return CloudflareError(message, hint, status=status)


def _said(body: object) -> str:
    """`: message (code); …` of Cloudflare's envelope."""
    errors = body.get("errors") if isinstance(body, dict) else None
    said = [f"{each.get('message')} ({each.get('code')})" for each in errors or () if isinstance(each, dict)]
    return f": {'; '.join(said)}" if said else ""
