"""Calls to the local Cloudflare: loopback only, with the retries of upstream and errors in plain words."""

from __future__ import annotations

import json
import random
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gatewright import command_line
from gatewright.errors import EngineError, LocalCloudflareError, RefusedError
from gatewright.frozen import frozen
from gatewright.redaction.secret_mask import SecretMask, secrets_in

if TYPE_CHECKING:
    from collections.abc import Mapping

ATTEMPTS = 5
TIMEOUT = 60.0
LONGEST_WAIT = 8.0
RETRIED = frozenset({408, 409, 429})


@frozen
class Api:
    """Cloudflare's API at `base_url`, with the token of the stack."""

    base_url: str
    token: str

    def call(self, method: str, path: str, body: Any = None, *, permission: str) -> Any:
        """The `result` of the response; None for a GET that returns 404.

        Retries 408, 409, 429, 5xx and connections that break before a response begins.

        Raises:
            RefusedError: 401 or 403; names `permission`.
            LocalCloudflareError: any other error, or no response.
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
        reasons = SecretMask([self.token, *secrets_in(body)]).text(_reasons(text))
        raise _error(f"{method} {path}", status, reasons, permission)

    def _send(self, method: str, path: str, body: Any, *, last: bool) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and text of one response; status 0 for a broken connection that may be retried."""
        from http.client import HTTPConnection, HTTPException  # 30 ms, which a preview without a call saves

        base = urlsplit(self.base_url)
        connection = HTTPConnection(base.hostname or "", base.port, timeout=TIMEOUT)
        content = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, base.path.rstrip("/") + path, content, headers)
            response = connection.getresponse()
            last = True  # upstream repeats no call whose response has begun
            return response.status, dict(response.headers), response.read().decode(errors="replace")
        except ConnectionRefusedError as error:
            raise LocalCloudflareError(
                f"the local Cloudflare does not respond at {base.netloc}",
                f"start it: {command_line.command('local start')}",
            ) from error
        except (OSError, HTTPException) as error:
            if last:
                raise LocalCloudflareError(
                    f"the connection to the local Cloudflare at {base.netloc} broke ({error})",
                    f"see its log: {command_line.command('local log')}",
                ) from error
            return 0, {}, ""
        finally:
            connection.close()


def _result(call: str, text: str) -> Any:
    try:
        return json.loads(text)["result"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LocalCloudflareError(f"the response to {call} is not from Cloudflare", "check baseUrl") from error


def check_loopback(base_url: str, version: str) -> None:
    """Raise EngineError unless `base_url` is plain HTTP to this machine."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme == "http" and (host == "localhost" or _is_loopback(host)):
        return
    raise EngineError(
        f"this stand-in of the cloudflare plugin connects to this machine only, not to {base_url or 'Cloudflare'}",
        f"for a real account install the official plugin: pulumi plugin install resource cloudflare {version}",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _wait(attempt: int, headers: Mapping[str, str]) -> float:
    requested = headers.get("Retry-After", "")
    if requested.isdecimal() and int(requested) <= 60:
        return float(requested)
    return float(min(LONGEST_WAIT, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.75, 1))  # noqa: S311 - a pause


def _error(call: str, status: int, reasons: str, permission: str) -> RefusedError | LocalCloudflareError:
    if status in (401, 403):
        return RefusedError(
            f"Cloudflare refused the API token: {call} returned {status}, {reasons}",
            f"check that the token is active, belongs to this account and has the permission {permission}",
        )
    if status == 404:
        return LocalCloudflareError(f"{call} returned 404, {reasons}", "it is already deleted: run pulumi refresh")
    return LocalCloudflareError(f"{call} returned {status}, {reasons}")


def _reasons(text: str) -> str:
    try:
        errors = json.loads(text).get("errors") or []
    except (ValueError, AttributeError, RecursionError):
        errors = []
    lines = [f"{error.get('message')} ({error.get('code')})" for error in errors if isinstance(error, dict)]
    return "; ".join(lines) or "without a reason"
