"""Malformed, oversized and half-open requests to the real process: a response or a closed connection, never a crash."""

from __future__ import annotations

import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from planted_secrets import fake_token

from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project

from ..ports import free_port

SECRET = fake_token("in-a-bad-request")
ANSWERED_WITHIN = 30
GROWTH = 64 << 20
"""Memory that 1,000 connections may cost, each with up to 64 KiB."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def server(project: Project) -> Iterator[Running]:
    """A server of its own, which logs no defect and no secret."""
    yield daemon.start(project, free_port())
    daemon.stop(project)
    log = (project.local / "server.err").read_text()
    assert "Traceback" not in log
    assert SECRET not in log


def connected(server: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=ANSWERED_WITHIN)


def answer(server: Running, request: bytes, *, ends: bool = False) -> bytes:
    """The start of the response; empty if the server closes the connection without one."""
    with connected(server) as connection:
        try:
            connection.sendall(request)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            return connection.recv(100)
        except ConnectionError:
            return b""


def require_health(server: Running) -> None:
    response = httpx.get(f"{server.data_plane}/__local__/health", trust_env=False, timeout=ANSWERED_WITHIN)
    assert response.status_code == 200


HOST = b"Host: localhost\r\n"
GET = b"GET /client/v4/accounts HTTP/1.1\r\n" + HOST + b"Authorization: Bearer " + SECRET.encode() + b"\r\n"
POST = GET.replace(b"GET", b"POST", 1)
CHUNKED = POST.replace(b"/accounts ", b"/accounts/" + b"f" * 32 + b"/tokens ") + b"Transfer-Encoding: chunked\r\n\r\n"
REFUSED = {
    "no HTTP": b"\x00\x01\x02" + SECRET.encode() + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": GET + HOST + b"\r\n",
    "zero byte in the path": b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "path in Latin-1": b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "space in a header's name": GET + b"X Y: a\r\n\r\n",
    "large header": GET + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
    "many headers": GET + b"".join(b"X%d: a\r\n" % number for number in range(20_000)) + b"\r\n",
    "length of 5,000 digits": POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "negative length": POST + b"Content-Length: -1\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length above the limit": POST + b"Content-Length: 99999999999\r\n\r\n",
    "unknown transfer encoding": POST + b"Transfer-Encoding: gzip\r\n\r\n",
    "chunk without a length": CHUNKED + b"zz\r\n",
    "chunk with a negative length": CHUNKED + b"-1\r\n",
    "chunk with a length of 40 digits": CHUNKED + b"f" * 40 + b"\r\n",
    "chunk without its end": CHUNKED + b"5\r\nabcdeXX",
    "chunk with a long extension": CHUNKED + b"5;" + b"x" * 200_000 + b"\r\n",
    "deep JSON": CHUNKED + b"186a0\r\n" + b"[" * 100_000 + b"\r\n0\r\n\r\n",
    "deep objects": CHUNKED + b"7a120\r\n" + b'{"a":' * 100_000 + b"\r\n0\r\n\r\n",
    "long path": b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "long query": GET.replace(b"accounts", b"accounts?" + b"a=b&" * 10_000) + b"\r\n",
    "upgrade": GET + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "token that is not ASCII": GET.replace(SECRET.encode(), b"\xff\xfe") + b"\r\n",
    "2,000 pipelined requests": (GET + b"\r\n") * 2000,
}


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_a_malformed_request_is_refused(server: Running, request_: bytes) -> None:
    assert answer(server, request_)[:10] in {b"HTTP/1.1 4", b""}
    require_health(server)


@pytest.mark.parametrize("request_", [POST + b"Content-Length: 99\r\n\r\n{}", CHUNKED + b"ff\r\n{}", GET], ids=range(3))
def test_a_client_that_leaves_is_not_a_defect(server: Running, request_: bytes) -> None:
    answer(server, request_, ends=True)
    require_health(server)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the size of the process in /proc")
@pytest.mark.parametrize(
    "start",
    [b"", b"GET / HTTP/1.1\r\nX: " + b"a" * 60_000, CHUNKED + b"ff\r\n{"],
    ids=["nothing", "headers", "body"],
)
def test_a_thousand_half_open_connections_keep_nobody_waiting(server: Running, start: bytes) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    before = memory(server)
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(connected(server)).sendall(start)
        for _ in range(3):
            require_health(server)
        assert memory(server) - before < GROWTH
        assert len(list(Path(f"/proc/{server.pid}/fd").iterdir())) < 500
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    require_health(server)


def memory(server: Running) -> int:
    """Bytes of memory of the process."""
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * resource.getpagesize()
