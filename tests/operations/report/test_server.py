"""gatewright open: the pages as the files are now, on this machine only, and the requests of the local Cloudflare."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gatewright.operations.report.server import MOST_REQUESTS, LiveReport
from gatewright.project import Project

ENTRIES = [
    {"id": 1, "at": "2026-12-01T10:00:00.000Z", "path": "/client/v4/accounts", "method": "GET", "status": 200, "ms": 1},
    {
        "id": 2,
        "at": "2026-12-01T10:00:01.000Z",
        "path": "/v1/account/agents/compat/chat/completions",
        "method": "POST",
        "status": 429,
        "ms": 3.2,
        "gateway": "agents",
        "provider": "groq",
        "model": "<b>a</b>",
        "token": "agents",
        "credential": "stored",
    },
]


def log(after: int) -> Iterator[dict[str, Any]]:
    return (entry for entry in ENTRIES if entry["id"] > after)  # type: ignore[operator]


class Browser:
    """Sends requests to the server's application."""

    def __init__(self, report: LiveReport) -> None:
        self._transport = httpx.ASGITransport(report.app())

    def get(self, path: str, host: str = "127.0.0.1:8790") -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url=f"http://{host}") as client:
                return await client.get(path)

        return asyncio.run(send())


@pytest.fixture
def client(project: Project) -> Browser:
    (project.stacks / "dev.yaml").write_text("local: true\n")
    return Browser(LiveReport(project, [], log, tuple))


def test_the_pages_with_their_script_and_a_policy_that_allows_only_these(client: Browser) -> None:
    for path in ("/", "/index.html", "/env-dev.html"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert 'src="live.js"' in answer.text
        assert "script-src 'self'; connect-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
    assert "poll" in client.get("/live.js").text
    assert client.get("/Pulumi.yaml").status_code == 404


def test_a_page_of_another_name_is_refused(client: Browser) -> None:
    assert client.get("/", host="evil.example").status_code == 400


def test_requests_to_models_come_without_credentials(client: Browser) -> None:
    answer = client.get("/requests").json()
    shown = {"id": 2, "at": "2026-12-01T10:00:01.000Z", "status": 429, "ms": 3.2}
    assert answer["requests"] == [shown | {"gateway": "agents", "provider": "groq", "model": "<b>a</b>"}]
    assert answer["newest"] == 2
    assert client.get("/requests?after=2").json()["requests"] == []
    assert client.get("/requests?after=x").json()["newest"] == 2


def test_only_the_last_requests_are_sent(project: Project) -> None:
    (project.stacks / "dev.yaml").write_text("local: true\n")
    many = [ENTRIES[1] | {"id": number} for number in range(200)]
    client = Browser(LiveReport(project, [], lambda _: many, tuple))
    assert len(client.get("/requests").json()["requests"]) == MOST_REQUESTS


def test_an_edited_file_changes_the_page_and_the_state(client: Browser, project: Project) -> None:
    before = client.get("/requests").json()["state"]
    assert "no tokens" in client.get("/env-dev.html").text
    path = project.stacks / "dev.yaml"
    path.write_text("local: true\ntokens: {agents: {allow: [AI Gateway Run]}}\n")
    os.utime(path, ns=(path.stat().st_mtime_ns + 10**9,) * 2)
    assert client.get("/requests").json()["state"] != before
    assert "no tokens" not in client.get("/env-dev.html").text
