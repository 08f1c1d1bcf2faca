"""Each real program on a user's machine: install, an answer, a rotation of the token, another answer, uninstall.

One stack and one rotation serve all programs, because each run of the engine takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from local.ports import free_port

from gatewright.project import Project

from .homes import InstallProgram
from .life import World
from .tested_program import PROGRAMS, USER_FILES, TestedProgram

pytestmark = [pytest.mark.clients, pytest.mark.integration, pytest.mark.nightly]

PROMPTED = {client: tested for client, tested in PROGRAMS.items() if not tested.proxy}
LITELLM = PROGRAMS["litellm"]
REFUSED = ("pi", "claude-code")  # doctor sends the old token by different APIs; each run takes seconds
STALE = "a token unknown to the stack"


@pytest.fixture
def world(checkout: Project, tmp_path: Path, install_program: InstallProgram) -> Iterator[World]:
    """A machine with all programs, each in a client."""
    clients = {client: dict(tested.settings) for client, tested in PROGRAMS.items()}
    with World.deployed(checkout, tmp_path, install_program, clients) as world:
        yield world


def test_every_program_answers_before_and_after_a_rotation(world: World, subtests: pytest.Subtests) -> None:
    clone = world.clone
    before = {client: world.variables(client) for client in REFUSED}
    for client in PROGRAMS:
        clone.gatewright("install", "local", client, "--yes", "--default")
    for client, tested in PROMPTED.items():
        with subtests.test("answers after install", client=client):
            check_answer(world, tested)
    port = free_port()
    with world.proxy(LITELLM, port) as proxy:
        with subtests.test("answers after install", client="litellm"):
            check_proxy(world, proxy)
        world.rotate()
        with subtests.test("keeps the old token until it is restarted, and doctor reports it", client="litellm"):
            assert not ask(proxy).is_success
            finding = world.doctor("litellm", code=1)["LiteLLM's proxy"]
            assert finding.startswith("✗ process ")
            assert finding.endswith(f"CLOUDFLARE_AI_GATEWAY_TOKEN holds {STALE}")
    with world.proxy(LITELLM, port) as proxy, subtests.test("answers after a restart", client="litellm"):
        check_proxy(world, proxy)
        assert "has CLOUDFLARE_AI_GATEWAY_TOKEN" in world.doctor("litellm")["LiteLLM's proxy"]
    for client, tested in PROMPTED.items():
        with subtests.test("answers after the rotation", client=client):
            if client in REFUSED:
                findings = world.doctor(client, code=4, **before[client])
                assert [findings[name] for name in before[client]] == [f"✗ set in this shell: {STALE}"]
                assert findings["answer"].startswith("✗ ")
            assert "unchanged" in clone.gatewright("install", "local", client)
            check_answer(world, tested)
            assert "✗" not in "".join(world.doctor(client).values())
    for client in PROGRAMS:
        with subtests.test("is uninstalled", client=client):
            clone.gatewright("uninstall", "local", client)
            assert "is not installed here" in clone.gatewright("uninstall", "local", client)
    assert {name: (world.home / name).read_bytes().decode() for name in USER_FILES} == USER_FILES
    suffixes = (".json", ".sh", ".toml", ".yaml", ".yml")
    assert [path for path in world.home.rglob("*agents-local*") if path.suffix in suffixes] == []


def check_answer(world: World, tested: TestedProgram) -> None:
    """One prompt is answered by the right path and model, and the token is the only credential."""
    before = world.last()
    assert "heard: " in world.ask(tested)
    requests = world.requests(before)
    assert {request["path"].partition("/agents-local/")[2] for request in requests} == {tested.installed["path"]}
    assert {(request["status"], request["credential"]) for request in requests} == {(200, "stored")}
    assert tested.installed["model"] in {request["model"] for request in requests}, requests
    assert {request["token"].partition("/agents/")[0] for request in requests} == {"gatewright/local"}, requests


def check_proxy(world: World, proxy: httpx.Client) -> None:
    before = world.last()
    assert ask(proxy).is_success
    (request,) = world.requests(before)
    assert request["path"].endswith(f"/agents-local/{LITELLM.installed['path']}")
    expected = (200, LITELLM.installed["model"], "stored")
    assert (request["status"], request["model"], request["credential"]) == expected


def ask(proxy: httpx.Client) -> httpx.Response:
    """Send a request that no cache has."""
    message = {"role": "user", "content": f"What is 2+2? {uuid4().hex}"}
    return proxy.post("/v1/chat/completions", json={"model": "dynamic/fast", "messages": [message]})
