"""HTTP calls of Cloudflare's control plane: rate limited, retried where that is safe, errors in words.

The official client is not used: its typed methods drop parts of answers (a route without `elements`), it repeats a POST
after a timeout, which may create something twice, and importing it takes half a second of each preview. The local
Cloudflare is tested with its requests and answers.
"""

from __future__ import annotations

import os
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

from gatewright import __version__
from gatewright.cloudflare.answer_shapes import difference
from gatewright.cloudflare.rate_limiter import default_rate_limiter
from gatewright.command_line import command
from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.permissions import Scope
from gatewright.facts.request_permissions import describe_permission, permission_for
from gatewright.io.tls import trusted
from gatewright.redaction import mask_urls
from gatewright.redaction.secret_mask import SecretMask, secrets_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatewright.cloudflare.rate_limiter import RateLimiter

    Json = dict[str, Any]

DEFAULT_URL = "https://api.cloudflare.com/client/v4"
ATTEMPTS = 5
FIRST_PAUSE = 0.5  # seconds, doubled at each attempt; a Retry-After of the server takes precedence
MAX_PAUSE = 330.0  # seconds: a little more than the five minutes for which Cloudflare blocks
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
NO_ROUTE = 7003
"""Cloudflare's code for a path that it does not know, as with a wrong id of an account; seen on a real account."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Client:
    """Calls with paths below …/client/v4. Bodies and answers are JSON objects as the API has them.

    Raises:
        RefusedError: the token is not allowed to do that.
        CloudflareError: any other error.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_token: str | None = None,
        *,
        rate_limiter: RateLimiter | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN by default. Raises RefusedError without a token."""
        address = base_url or os.environ.get("CLOUDFLARE_BASE_URL") or DEFAULT_URL
        parts = urlsplit(address)
        if parts.username or parts.password:
            message = f"CLOUDFLARE_BASE_URL {mask_urls(address)} has a user or password, sent in place of the API token"
            raise RefusedError(message, "Remove it from the URL")
        is_local = parts.hostname in _LOOPBACK
        token = os.environ.get("CLOUDFLARE_API_TOKEN") if api_token is None else api_token
        if not token:
            raise RefusedError("CLOUDFLARE_API_TOKEN is not set", f"Create a token ({ACCOUNT_TOKENS}) and export it")
        self._http = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {token}", "User-Agent": f"gatewright/{__version__}"},
            timeout=TIMEOUT,
            trust_env=not is_local,
            verify=trusted(is_local=is_local),
        )
        self.server_time: int | None = None
        """Cloudflare's clock at its last answer, in seconds since 1970; None if no answer had a date."""
        self._token = token
        self._rate_limiter = rate_limiter or default_rate_limiter(os.environ, is_local=is_local)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Json:
        return self._send("GET", path, query=query)

    def get_text(self, path: str) -> str:
        """The body of an answer that is not in the API's envelope, and may not be JSON."""
        response, _ = self._respond("GET", path, is_enveloped=False)
        return response.text

    def post(self, path: str, body: Json) -> Json:
        """Not repeated where it may have been executed: then CloudflareError.is_ambiguous."""
        return self._send("POST", path, body)

    def put(self, path: str, body: Json) -> Json:
        return self._send("PUT", path, body)

    def patch(self, path: str, body: Json) -> Json:
        return self._send("PATCH", path, body)

    def delete(self, path: str) -> Json:
        return self._send("DELETE", path)

    def _send(
        self, method: str, path: str, body: Json | None = None, query: Mapping[str, str | int] | None = None
    ) -> Json:
        _, answer = self._respond(method, path, body, query)
        return answer

    def _respond(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        query: Mapping[str, str | int] | None = None,
        *,
        is_enveloped: bool = True,
    ) -> tuple[httpx.Response, Json]:
        """The response and its JSON, which is an object if `is_enveloped`."""
        attempt = 1
        while True:
            self._rate_limiter.wait()
            try:
                response = self._http.request(method, path, json=body, params=query)
            # an id of an earlier answer may give an invalid URL
            except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
                pause = None if method == "POST" else FIRST_PAUSE * 2 ** (attempt - 1)
                reason = self._mask(body).text(str(error)) or type(error).__name__
                failure: GatewrightError = CloudflareError(
                    f"Cloudflare did not answer {method} {path}: {reason}",
                    f"Is {mask_urls(str(self._http.base_url))} reachable?{_may_be_executed(method)}",
                )
            else:
                answer = _json(response)
                self.server_time = _date(response)
                unexpected = _unexpected(method, path, response, answer) if is_enveloped else None
                if response.is_success and unexpected is None:
                    return response, answer
                pause = _pause(method, response, attempt, is_cut=answer is None)
                error_text = f": {unexpected}" if unexpected else self._mask(body).text(_error_text(answer))
                failure = _failure(method, path, response, error_text, answer)
            if pause is None or pause > MAX_PAUSE or attempt == ATTEMPTS:
                raise failure
            self._sleep(pause)
            attempt += 1

    def _mask(self, body: Json | None) -> SecretMask:
        """The secrets that were sent, which an answer may repeat."""
        return SecretMask([self._token, *secrets_in(body)])


def _json(response: httpx.Response) -> Any:
    """The body; None where it is not JSON, such as the page of a proxy, or an answer that is cut off."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _unexpected(method: str, path: str, response: httpx.Response, answer: object) -> str | None:
    """Where an answer that claims success differs from what is known, and how; None where it does not.

    No body is quoted: that of a new token has its value.
    """
    if not response.is_success:
        return None
    if answer is None:
        kind = response.headers.get("content-type", "no type")
        return f"the body of {len(response.content)} bytes ({kind}) is not a JSON object"
    return difference(method, path, answer)


def _date(response: httpx.Response) -> int | None:
    try:
        return int(parsedate_to_datetime(response.headers.get("date", "")).timestamp())
    except ValueError:
        return None


def _pause(method: str, response: httpx.Response, attempt: int, *, is_cut: bool) -> float | None:
    """Seconds until the next attempt; None where the request must not be repeated."""
    is_broken = response.status_code >= 500 or (response.is_success and is_cut)
    is_repeatable = response.status_code == 429 or (is_broken and method != "POST")
    if not is_repeatable:
        return None
    wait = response.headers.get("retry-after", "")
    return float(wait) if wait.isascii() and wait.isdecimal() else FIRST_PAUSE * 2 ** (attempt - 1)


def _failure(method: str, path: str, response: httpx.Response, error_text: str, answer: Json) -> GatewrightError:
    status = response.status_code
    message = f"Cloudflare answered {status} to {method} {path}{error_text}"
    if response.is_success:
        changed = "Its answers may have changed since this version of gatewright."
        return CloudflareError(message, f"Is {response.url.host} Cloudflare's API? {changed}{_may_be_executed(method)}")
    if status in (401, 403):
        return RefusedError(message, _refusal_hint(method, path, status))
    hint = None
    if any(error.get("code") == NO_ROUTE for error in _errors(answer)):
        hint = f"Is the id in {'/'.join(path.split('/')[:3])} right?"
    elif status == 404:
        hint = f"It does not exist any more. To create it again: {command('up --refresh')}"
    return CloudflareError(message, hint, status=status)


def _may_be_executed(method: str) -> str:
    return "" if method == "GET" else " The request may have been executed"


def _refusal_hint(method: str, path: str, status: int) -> str:
    """The permission that the token may lack; 401 is a token that Cloudflare does not know."""
    group = permission_for(method, path) if status == 403 else None
    if group is None:
        return f"Is the token complete, active, and of this account? {ACCOUNT_TOKENS}"
    scope = "zone" if group.scope is Scope.ZONE else "account"
    needed = f"{describe_permission(group, method)} on this {scope}"
    return f"Does the token have {needed}? {command('permissions')} lists what it needs; to add it: {ACCOUNT_TOKENS}"


def _error_text(body: object) -> str:
    """`: message (code); …` of Cloudflare's envelope."""
    texts = [f"{error.get('message')} ({error.get('code')})" for error in _errors(body)]
    return f": {'; '.join(texts)}" if texts else ""


def _errors(body: object) -> list[dict[str, Any]]:
    errors = body.get("errors") if isinstance(body, dict) else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
