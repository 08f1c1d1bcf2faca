"""HTTP calls: retries, waiting times, error messages, credentials, rate limits."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gatewright.cloudflare.client import ATTEMPTS, Client
from gatewright.cloudflare.rate_limiter import (
    PER_SECOND,
    SHARED_FILE,
    RateLimiter,
    SharedRateLimiter,
    default_rate_limiter,
)
from gatewright.errors import CloudflareError, RefusedError


class Server(ThreadingHTTPServer):
    """Answers what stands in `answers` (status, headers, body), the last for ever; a status of 0 answers nothing.

    A body of bytes is sent as it is, another one as JSON.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, dict[str, str], Any]] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/client/v4"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def _answer(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        self.rfile.read(int(self.headers.get("content-length") or 0))
        status, headers, body = self.server.answers[0] if len(self.server.answers) == 1 else self.server.answers.pop(0)
        if status == 0:
            self.close_connection = True
            return
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - the base class's names

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(server: Server, slept: list[float]) -> Client:
    return Client(server.url, "fake-token", sleep=slept.append)


FINE: tuple[int, dict[str, str], Any] = (200, {}, {"success": True, "result": {}})
LIMITED: tuple[int, dict[str, str], Any] = (429, {"Retry-After": "300"}, {})


def send(client: Client, method: str) -> Any:
    return getattr(client, method)("/x", *([{}] if method in ("post", "patch") else []))


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_429_waits_for_retry_after(client: Client, server: Server, slept: list[float], method: str) -> None:
    server.answers = [LIMITED, LIMITED, FINE]
    assert send(client, method)["success"] is True
    assert slept == [300.0, 300.0]


@pytest.mark.parametrize("failure", [(500, {}, {}), (503, {}, {}), (0, {}, {})])
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_idempotent_requests_are_retried(
    client: Client, server: Server, slept: list[float], method: str, failure: tuple[int, dict[str, str], Any]
) -> None:
    server.answers = [failure, failure, FINE]
    send(client, method)
    assert slept == [0.5, 1.0]


CUT = b'{"success": true, "result": {"id'


@pytest.mark.parametrize(
    ("headers", "raw", "received"),
    [
        ({}, CUT, r"answered 200 to GET /x: the body of 32 bytes \(application/json\) is not a JSON object"),
        ({"content-type": "text/html"}, b"<html>", r"the body of 6 bytes \(text/html\) is not a JSON object"),
        (
            {"content-length": "99", "connection": "close"},
            CUT,
            "did not answer GET /x: .*received 32 bytes, expected 99",
        ),
        ({"content-encoding": "gzip"}, CUT, "did not answer GET /x: .*incorrect header check"),
    ],
)
def test_an_answer_that_is_cut_off_or_another_s_is_like_none(
    client: Client, server: Server, slept: list[float], headers: dict[str, str], raw: bytes, received: str
) -> None:
    for method in ("get", "patch", "delete"):
        server.answers = [(200, headers, raw), (200, headers, raw), FINE]
        assert send(client, method) == FINE[2]
    assert slept == [0.5, 1.0] * 3
    server.answers = [(200, headers, raw)]
    with pytest.raises(CloudflareError, match=received) as caught:
        client.get("/x")
    assert "executed" not in str(caught.value.hint)
    calls = len(server.seen)
    with pytest.raises(CloudflareError) as caught:
        client.post("/x", {})
    assert caught.value.is_ambiguous
    assert "may have been executed" in str(caught.value.hint)
    assert len(server.seen) == calls + 1


def test_json_of_another_form_is_not_asked_for_again(client: Client, server: Server, slept: list[float]) -> None:
    server.answers = [(200, {}, [])]
    with pytest.raises(CloudflareError, match="the body is not a JSON object"):
        client.get("/x")
    assert slept == []


@pytest.mark.parametrize("failure", [(500, {}, {}), (0, {}, {})])
def test_an_ambiguous_post_is_not_repeated(
    client: Client, server: Server, slept: list[float], failure: tuple[int, dict[str, str], Any]
) -> None:
    server.answers = [failure, FINE]
    with pytest.raises(CloudflareError) as caught:
        client.post("/x", {})
    assert caught.value.is_ambiguous
    assert slept == []
    assert len(server.seen) == 1


def test_gives_up_after_all_attempts(client: Client, server: Server, slept: list[float]) -> None:
    server.answers = [(500, {}, {"errors": [{"code": 7, "message": "broken"}]})]
    with pytest.raises(CloudflareError, match=r"500 to GET /x: broken \(7\)"):
        client.get("/x")
    assert len(server.seen) == ATTEMPTS
    assert len(slept) == ATTEMPTS - 1


@pytest.mark.parametrize(("method", "may_be"), [("get", False), ("post", True), ("delete", True)])
def test_hint_says_that_a_write_may_have_been_executed(
    client: Client, server: Server, method: str, may_be: bool
) -> None:
    server.answers = [(0, {}, None)]
    with pytest.raises(CloudflareError, match="did not answer") as caught:
        send(client, method)
    assert ("may have been executed" in str(caught.value.hint)) is may_be


def test_does_not_wait_longer_than_the_maximum(client: Client, server: Server, slept: list[float]) -> None:
    server.answers = [(429, {"Retry-After": "7200"}, {})]
    with pytest.raises(CloudflareError):
        client.get("/x")
    assert slept == []


@pytest.mark.parametrize("status", [401, 403])
def test_refusal_names_what_to_check_and_hides_the_token(client: Client, server: Server, status: int) -> None:
    server.answers = [(status, {}, {"errors": [{"code": 10000, "message": "Authentication error"}]})]
    with pytest.raises(RefusedError) as caught:
        client.get("/x")
    assert "Authentication error" in caught.value.message
    assert "fake-token" not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.parametrize(
    ("code", "hint"), [(7003, "Is the id in /accounts/fake right?"), (10006, "It does not exist any more.")]
)
def test_a_wrong_id_of_an_account_is_no_missing_object(client: Client, server: Server, code: int, hint: str) -> None:
    server.answers = [(404, {}, {"errors": [{"code": code, "message": "not found"}]})]
    with pytest.raises(CloudflareError) as caught:
        client.get("/accounts/fake/ai-gateway/gateways/x")
    assert str(caught.value.hint).startswith(hint)


def test_arguments_take_precedence_over_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_USER_SERVICE_KEY"):
        monkeypatch.setenv(name, "fake-of-the-shell")
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", "http://127.0.0.1:9/client/v4")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.answers = [FINE]
    Client(server.url, "fake-token").get("/x")
    ((_, path, headers),) = server.seen
    assert path == "/client/v4/x"
    assert headers["Authorization"] == "Bearer fake-token"
    assert "fake-of-the-shell" not in headers.values()


def test_no_request_without_a_token(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    with pytest.raises(RefusedError, match="CLOUDFLARE_API_TOKEN is not set"):
        Client(server.url)
    assert server.seen == []


def test_rate_limit_holds_for_all_callers() -> None:
    now = [100.0]
    slept: list[float] = []
    limiter = RateLimiter(2, clock=lambda: now[0], sleep=slept.append)
    for _ in range(3):
        limiter.wait()
    assert slept == [0.5, 1.0]
    now[0] = 200.0
    limiter.wait()
    assert slept == [0.5, 1.0]


def test_rate_limit_holds_for_all_processes_that_share_a_file(tmp_path: Path) -> None:
    now, slept = 100.0, list[float]()
    first, second = (SharedRateLimiter(tmp_path / "pace" / "account", lambda: now, slept.append) for _ in range(2))
    for limiter in (first, second, first, second):
        limiter.wait()
    assert slept == pytest.approx([1 / PER_SECOND, 2 / PER_SECOND, 3 / PER_SECOND], abs=0.01)
    assert (first.calls, second.calls) == (2, 2)


@pytest.mark.parametrize("content", ["", "12.", "nonsense", "99999999"])
def test_an_implausible_shared_file_blocks_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "account").write_text(content)
    slept: list[float] = []
    limiter = SharedRateLimiter(tmp_path / "account", lambda: 100.0, slept.append)
    limiter.wait()
    assert slept == []


def test_the_variable_selects_the_shared_rate_limiter(tmp_path: Path) -> None:
    assert isinstance(default_rate_limiter({SHARED_FILE: str(tmp_path / "account")}, is_local=True), SharedRateLimiter)
    assert not isinstance(default_rate_limiter({}, is_local=False), SharedRateLimiter)


def test_an_error_that_repeats_secrets_is_masked(server: Server) -> None:
    key = 'fake-"key"-of-groq'
    message = f"bad token fake-token-1234 for {json.dumps(key)} ({base64.b64encode(key.encode()).decode()})"
    server.answers = [(400, {}, {"errors": [{"code": 1, "message": message}]})]
    with Client(server.url, "fake-token-1234") as client, pytest.raises(CloudflareError) as caught:
        client.post("/x", {"name": "groq", "value": key})
    assert "fake" not in f"{caught.value.message}{caught.value.hint}"
    assert "bad token [secret] for" in caught.value.message


def test_an_error_page_that_is_nested_too_deeply(client: Client, server: Server) -> None:
    server.answers = [(400, {}, b"[" * 100_000)]
    with pytest.raises(CloudflareError, match="400"):
        client.get("/x")
