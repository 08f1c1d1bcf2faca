"""No response, whoever sends it, breaks verify or reveals a secret."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from gatewright.environment.model.environment_file import Local
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.probe.transport import ProbeClient

from .world import World

Answers = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def odd(world: World) -> Iterator[Callable[[Answers], Any]]:
    """A server that takes the place of the gateway and sends the given responses."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answers: Answers) -> Any:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                answers(self)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return replace(world.environment, local=Local(port=server.server_address[1]))

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def says(body: bytes, status: int = 200, **headers: Any) -> Answers:
    def answers(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answers


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65_536)
    except OSError:
        pass  # the client closed the connection


def drips(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


HELLO = {"choices": [{"message": {"content": "Four"}}]}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (says(b"<html><h1>Hotel Wi-Fi</h1></html>"), "no-answer"),
        (says(b"<html>Forbidden</html>", 403), "not-the-gateway"),
        (says(b"", 502), "not-the-gateway"),
        (says(bytes(range(256)) * 9), "no-answer"),
        (says(b"[" * 100_000), "no-answer"),
        (says(b'{"choices": ' + b"9" * 9_999 + b"}"), "no-answer"),
        (says(b'{"choices": [null], "usage": {"prompt_tokens": 1e999}}'), "no-answer"),
        (says(json.dumps({"error": [], "success": False}).encode(), 400), "bad-request"),
        (says(json.dumps({"error": "\x1b[2Jbad\nnews " * 90}).encode(), 400), "bad-request"),
        (says(json.dumps(["x"]).encode(), 500), "provider-down"),
        (says(b"not gzip", content_encoding="gzip"), "network"),
        (says(gzip.compress(b"x" * 5_000_000), content_encoding="gzip"), "no-answer"),
        (says(b"", 302, location="https://fake.example/login"), "not-the-gateway"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-nobody\r\n"), "network"),
        (lambda _: None, "network"),
        (endless, "no-answer"),
        (drips, "timeout"),
    ],
)
def test_no_response_breaks_verify(world: World, odd: Callable[[Answers], Any], answers: Answers, code: str) -> None:
    actual, cause, fix = world.failure("groq/g", environment=odd(answers), timeout=2)
    assert actual == code
    assert cause.isprintable()
    assert fix.isprintable()
    assert len(cause) < 500


def test_implausible_headers_and_counts_are_ignored(world: World, odd: Callable[[Answers], Any]) -> None:
    usage = {"prompt_tokens": 10**12, "completion_tokens": True}
    body = json.dumps({**HELLO, "usage": usage}).encode()
    headers: dict[str, Any] = {
        "cf_aig_step": "-1",
        "cf_aig_cache_status": "MAYBE",
        "cf_aig_provider": "x\x1by",
        "cf_aig_model": "m",
    }
    first = world.result("dynamic/fast", environment=odd(says(body, **headers))).first
    assert (first.failure, first.steps, first.cache, first.model, first.tokens, first.cost) == (None,) * 6


def test_secrets_in_a_response_are_masked(world: World, odd: Callable[[Answers], Any]) -> None:
    body = json.dumps({"error": {"message": f"bad token {world.token.value}, bad key fake-key-of-groq"}}).encode()
    cause = world.failure("groq/g", environment=odd(says(body, 400)))[1]
    assert cause == "400 from groq: bad token ***, bad key ***"
    assert world.token.value not in repr(world.token)


def test_tls_failure(world: World) -> None:
    request = probe_requests(world.environment, ["groq/g"])[0]
    secure = replace(request, access=replace(request.access, url=request.access.url.replace("http:", "https:")))
    client = ProbeClient.of(world.environment, world.token, {}, 5)

    async def send() -> Any:
        async with client.http:
            return await client.send(secure, "nonce")

    assert asyncio.run(send()).reason == "tls"


@pytest.mark.parametrize("before", range(120, 201, 20))
def test_a_secret_is_masked_wherever_the_message_is_cut(world: World, before: int) -> None:
    message = f"{'x' * before}{world.token.value} and more"
    world.fault(on="upstream", provider="groq", status=403, body={"error": {"message": message}})
    _, cause, fix = world.failure("groq/g")
    assert world.token.value[:12] not in f"{cause} {fix}"
