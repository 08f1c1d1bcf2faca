"""Answers of another form than Cloudflare's: a message that says where it differs, never a traceback."""

from __future__ import annotations

import functools
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from examples import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from local_account import URL, LocalAccount
from trees import changed_tree, paths_in

from gatewright import clock
from gatewright.cloudflare.rate_limiter import RateLimiter
from gatewright.errors import ExitCode
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.project import Project

from .project import ACCOUNT, Call

COMMANDS = (
    "usage prod --since 2d",
    "usage prod --by metadata.team --format json",
    "logs prod",
    "logs prod --payload",
    f"adopt new --account {LOCAL_ACCOUNT} --gateway default --dry-run",
    "routes prod",
    "routes prod --deployed",
    "routes prod rollback fast --yes",
    "report prod --ask --out pages",
)
BODIES = (
    b"", b"null", b"[]", b"<html>502</html>", b"\xff\xfe", b"[" * 100_000, b'{"success": true}', b'{"data": null}',
    b'{"result": null}', b'{"result": []}', b'{"result": {}}', b'{"result": "x"}', b'{"result": [1, null, "x", {}]}',
    b'{"data": {"viewer": null}}', b'{"errors": null}', b'{"errors": [null]}', b'{"errors": 7}',
    b'{"success": false, "errors": ["x"], "result": null}',
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None,
    [],
    {},
    "x",
    7,
    True,
    -1,
    1e308,
    [None],
    {"a": None},
    [[]],
    "2026-99-99",
    "\x1b[31m",
    "9" * 400,
)
ELEMENTS: list[dict[str, Any]] = [
    {"id": "start", "type": "start", "outputs": {"next": {"elementId": "model"}}},
    {
        "id": "model",
        "type": "model",
        "properties": {"provider": "groq", "model": "openai/gpt-oss-20b", "timeout": 1000, "retries": 1},
        "outputs": {"success": {"elementId": "end"}, "fallback": {"elementId": "end"}},
    },
    {"id": "end", "type": "end", "outputs": {}},
]


class Mutating(httpx.BaseTransport):
    """The local Cloudflare, whose answers go through `mutate`."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.mutate: Callable[[httpx.Response], httpx.Response] = lambda response: response
        self.lock = threading.RLock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {**request.headers, "host": "localhost"}
        inner = httpx.Request(request.method, request.url, headers=headers, content=request.read())
        with self.lock:
            return self.mutate(self.inner.handle_request(inner))


def mutated(response: httpx.Response, random: Random) -> httpx.Response:
    """An answer with another body, or with one value replaced or deleted."""
    if random.random() < 0.25:
        body = random.choice((*BODIES, response.content[: len(response.content) // 2]))
        return httpx.Response(random.choice((200, 200, 200, 400, 403, 404, 500)), content=body)
    tree = json.loads(response.content)
    path = random.choice([path for path in paths_in(tree) if path])
    delete = random.random() < 0.3 and isinstance(path[-1], str)
    tree = changed_tree(tree, path, None if delete else random.choice(VALUES), delete=delete)
    return httpx.Response(response.status_code, content=json.dumps(tree).encode())


@pytest.fixture
def cloudflare(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mutating]:
    """An account with a gateway, two routes and entries in its log, at the place of Cloudflare's."""
    monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, check_same_thread=False))
    account = LocalAccount(tmp_path)
    with account.client() as client:
        path = f"/accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways/default/routes"
        for name in ("reasoning", "fast"):
            route = client.post(path, {"name": name, "elements": ELEMENTS})["result"]["id"]
        start, model, end = ELEMENTS
        other = {**model, "properties": {**model["properties"], "retries": 2}}
        version = client.post(f"{path}/{route}/versions", {"elements": [start, other, end]})["result"]["version_id"]
        client.post(f"{path}/{route}/deployments", {"version_id": version})
        transport = Mutating(client._http._transport)
    for hours in range(5):
        account.add_entry(clock.format_timestamp(int(time.time()) - hours * 3600), metadata={"team": "a"})
    real = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **kwargs: real(**kwargs | {"transport": transport, "base_url": URL}))
    monkeypatch.setattr(RateLimiter, "wait", lambda _: None)
    monkeypatch.setattr("gatewright.cloudflare.client.FIRST_PAUSE", 0.0)
    for name, value in {ACCOUNT: LOCAL_ACCOUNT, "CLOUDFLARE_API_TOKEN": LOCAL_DEPLOY_TOKEN}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", URL.replace("localhost", "cloudflare.example"))
    prod = project.stacks / "prod.yaml"
    prod.write_text(prod.read_text().replace("agents-prod", "default"))
    yield transport
    account.store.close()


@examples(30, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.sampled_from(COMMANDS), random=st.randoms(use_true_random=True))
def test_an_answer_of_another_form(cloudflare: Mutating, call: Call, command: str, random: Random) -> None:
    cloudflare.mutate = functools.partial(mutated, random=random)
    result = call(*command.split())
    assert result.code in {*ExitCode} - {ExitCode.INTERRUPTED}
    assert "\x1b" not in result.out + result.err


@pytest.mark.usefixtures("cloudflare")
def test_the_answers_of_the_local_cloudflare_have_the_known_form(call: Call) -> None:
    assert {command: call(*command.split()).code for command in COMMANDS} == dict.fromkeys(COMMANDS, ExitCode.DONE)


def test_the_error_says_where_the_answer_differs(cloudflare: Mutating, call: Call) -> None:
    def rename(response: httpx.Response) -> httpx.Response:
        return httpx.Response(200, content=response.content.replace(b'"version_id"', b'"versionId"'))

    cloudflare.mutate = rename
    result = call("routes", "prod", "--deployed")
    assert result.code == ExitCode.FAILED
    assert "/routes: data.routes[0].version.version_id is missing" in result.err
