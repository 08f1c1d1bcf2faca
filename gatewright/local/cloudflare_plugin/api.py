"""The calls to the local Cloudflare: loopback only, tried again as upstream does, errors said plainly."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gatewright.errors import EngineError, LocalCloudflareError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTEMPTS = 5
TIMEOUT = 60.0
LONGEST_WAIT = 8.0
RETRIED = frozenset({408, 409, 429})


@dataclass(frozen=True, slots=True)
class Api:
    """Cloudflare's API at `base_url`, with the token of the stack."""

    base_url: str
    token: str

    def call(self, method: str, path: str, body: Any = None, *, permission: str) -> Any:
        """The `result` of the answer; None where there is nothing (404).

        408, 409, 429 and 5xx are tried again, as is a broken connection. Raises RefusedError for 401 and 403, naming
        `permission`; LocalCloudflareError for any other refusal, and where nobody listens.
        """
        for attempt in range(1, ATTEMPTS + 1):
            status, headers, text = self._send(method, path, body, last=attempt == ATTEMPTS)
            if status and status not in RETRIED and status < 500:
                break
            if attempt < ATTEMPTS:
                time.sleep(_wait(attempt, headers))
        if 200 <= status < 300:
            return _result(f"{method} {path}", text)
        if status == 404 and method == "GET":
            return None
        raise _error(f"{method} {path}", status, text, permission)

    def _send(self, method: str, path: str, body: Any, *, last: bool) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and text of one answer; status 0 where the connection broke and may be tried again."""
        from http.client import HTTPConnection, HTTPException  # 30 ms that a preview without a call is spared

        base = urlsplit(self.base_url)
        connection = HTTPConnection(base.hostname or "", base.port, timeout=TIMEOUT)
        sent = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, base.path.rstrip("/") + path, sent, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode()
        except ConnectionRefusedError as error:
            raise LocalCloudflareError(
                f"the local Cloudflare does not answer at {base.netloc}", "start it: gatewright local start"
            ) from error
        except (OSError, HTTPException) as error:
            if last:
                raise LocalCloudflareError(
                    f"the connection to the local Cloudflare at {base.netloc} broke ({error})",
                    "see what it says: gatewright local log",
                ) from error
            return 0, {}, ""
        finally:
            connection.close()


def _result(call: str, text: str) -> Any:
    try:
        return json.loads(text)["result"]
    except (ValueError, KeyError, TypeError) as error:
        raise LocalCloudflareError(
            f"{call} was answered by something that is not Cloudflare", "check baseUrl"
        ) from error


def check_loopback(base_url: str, version: str) -> None:
    """Raise EngineError unless `base_url` is plain HTTP to this machine."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme == "http" and (host == "localhost" or _is_loopback(host)):
        return
    raise EngineError(
        f"this stand-in of the cloudflare plugin speaks to this machine only, not to {base_url or 'Cloudflare'}",
        f"for a real account install the official one: pulumi plugin install resource cloudflare {version}",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _wait(attempt: int, headers: Mapping[str, str]) -> float:
    asked = headers.get("Retry-After", "")
    if asked.isdecimal() and int(asked) <= 60:
        return float(asked)
    return float(min(LONGEST_WAIT, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.75, 1))  # noqa: S311 - a pause


def _error(call: str, status: int, text: str, permission: str) -> RefusedError | LocalCloudflareError:
    said = _said(text)
    if status in (401, 403):
        return RefusedError(
            f"Cloudflare refused the API token: {call} answered {status}, {said}",
            f"check that the token is active, belongs to this account and may: {permission}",
        )
    if status == 404:
        return LocalCloudflareError(f"{call} answered 404, {said}", "it is gone already: run pulumi refresh")
    return LocalCloudflareError(f"{call} answered {status}, {said}")


def _said(text: str) -> str:
    try:
        errors = json.loads(text).get("errors") or []
    except (ValueError, AttributeError):
        errors = []
    lines = [f"{error.get('message')} ({error.get('code')})" for error in errors if isinstance(error, dict)]
    return "; ".join(lines) or "without saying why"
