"""Addresses, retries and errors of the stand-in's calls, against a server with planned responses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gatewright.errors import EngineError, GatewrightError, LocalCloudflareError, RefusedError
from gatewright.local.cloudflare_plugin import api
from gatewright.local.cloudflare_plugin.api import Api, check_loopback


class PlannedServer(ThreadingHTTPServer):
    """Sends the next of `planned` (status, body, headers), and the last one again; status 0 closes the connection."""

    planned: list[tuple[int, Any, dict[str, str]]]
    seen: list[tuple[str, str, str | None]]


class Handler(BaseHTTPRequestHandler):
    server: PlannedServer

    def log_message(self, *_: object) -> None:
        return

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, self.headers.get("Authorization")))
        status, body, headers = self.server.planned[0]
        if len(self.server.planned) > 1:
            self.server.planned.pop(0)
        if status:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlannedServer]:
    monkeypatch.setattr(api, "_wait", lambda _attempt, _headers: 0.0)
    with PlannedServer(("127.0.0.1", 0), Handler) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def call(server: PlannedServer, *planned: tuple[int, Any], method: str = "GET") -> Any:
    server.planned = [(status, body, {}) for status, body in planned]
    client = Api(f"http://127.0.0.1:{server.server_port}/client/v4", "fake-token")
    return client.call(method, "/accounts/a/tokens", permission="Account API Tokens Read")


OK = {"success": True, "result": {"id": "1"}}
REFUSED = {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}]}


def test_the_result_is_returned(server: PlannedServer) -> None:
    assert call(server, (200, OK)) == {"id": "1"}
    assert server.seen == [("GET", "/client/v4/accounts/a/tokens", "Bearer fake-token")]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 0])
def test_temporary_failures_are_retried(server: PlannedServer, status: int) -> None:
    assert call(server, (status, {}), (status, {}), (200, OK)) == {"id": "1"}
    assert len(server.seen) == 3


@pytest.mark.parametrize("status", [200, 500])
def test_a_response_that_breaks_off_is_not_retried(server: PlannedServer, status: int) -> None:
    server.planned = [(status, b'{"result": "\xc3', {"Content-Length": "99"})]
    client = Api(f"http://127.0.0.1:{server.server_port}/client/v4", "fake-token")
    with pytest.raises(LocalCloudflareError, match=r"broke \(IncompleteRead\(13 bytes read, 86 more expected\)\)"):
        client.call("POST", "/accounts/a/tokens", {}, permission="Account API Tokens Write")
    assert len(server.seen) == 1


def test_a_character_that_is_cut_in_two_is_an_error(server: PlannedServer) -> None:
    with pytest.raises(LocalCloudflareError, match="is not from Cloudflare"):
        call(server, (200, b'{"result": "\xc3'))


def test_404_is_none_for_a_read_and_an_error_otherwise(server: PlannedServer) -> None:
    assert call(server, (404, {})) is None
    with pytest.raises(LocalCloudflareError, match="returned 404") as gone:
        call(server, (404, {"errors": [{"code": 7002, "message": "gateway not found"}]}), method="DELETE")
    assert gone.value.hint == "it is already deleted: run pulumi refresh"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_the_permission(server: PlannedServer, status: int) -> None:
    with pytest.raises(RefusedError, match=r"Authentication error \(10000\)") as refused:
        call(server, (status, REFUSED))
    assert "Account API Tokens Read" in str(refused.value.hint)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"errors": [{"code": 7001, "message": "gateway already exists"}]}, "gateway already exists (7001)"),
        (400, b"<html>", "without a reason"),
        (500, [], "without a reason"),
    ],
)
def test_other_errors_are_one_line(server: PlannedServer, status: int, body: Any, reason: str) -> None:
    with pytest.raises(LocalCloudflareError) as refused:
        call(server, (status, body), method="POST")
    assert refused.value.message == f"POST /accounts/a/tokens returned {status}, {reason}"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}"])
def test_a_response_that_is_not_from_cloudflare(server: PlannedServer, body: bytes) -> None:
    with pytest.raises(LocalCloudflareError, match="is not from Cloudflare"):
        call(server, (200, body))


def test_a_connection_that_breaks_at_every_attempt_is_an_error(server: PlannedServer) -> None:
    with pytest.raises(LocalCloudflareError, match="broke"):
        call(server, (0, {}))
    assert len(server.seen) == api.ATTEMPTS


def test_without_a_server_the_error_names_the_command() -> None:
    with pytest.raises(LocalCloudflareError) as absent:
        Api("http://127.0.0.1:9/client/v4", "fake-token").call("GET", "/", permission="x")
    assert absent.value.hint == "start it: gatewright local start"


@pytest.mark.parametrize(
    ("attempt", "headers", "least", "most"),
    [(1, {}, 0.37, 0.5), (9, {}, 6, 8), (1, {"Retry-After": "3"}, 3, 3), (1, {"Retry-After": "999"}, 0.37, 0.5)],
)
def test_waits(attempt: int, headers: dict[str, str], least: float, most: float) -> None:
    assert least <= api._wait(attempt, headers) <= most


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8788/client/v4", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"]
)
def test_loopback_is_allowed(url: str) -> None:
    check_loopback(url, "6.23.1")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://api.cloudflare.com/client/v4",
        "http://api.cloudflare.com",
        "http://127.0.0.1.example.com",
        "http://localhost@example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "//127.0.0.1",
        "file:///127.0.0.1",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(EngineError) as refused:
        check_loopback(url, "6.23.1")
    assert "pulumi plugin install resource cloudflare 6.23.1" in str(refused.value.hint)


def test_errors_do_not_contain_the_token(server: PlannedServer) -> None:
    for status in (400, 401, 403, 404, 500):
        with pytest.raises(GatewrightError) as raised:
            call(server, (status, REFUSED), method="POST")
        assert "fake-token" not in f"{raised.value.message} {raised.value.hint}"
