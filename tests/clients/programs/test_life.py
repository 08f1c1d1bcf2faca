"""Each real program through its life on a user's machine: install, an answer, a rotation of the token, install, another
answer, uninstall. One stack and one rotation for all of them, since each run of the engine takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from integration.clone import Clone
from integration.pairs import stand_ins
from local.ports import free_port

from gatewright.cli.screen import Screen
from gatewright.engine.ensure import ensure_engine
from gatewright.project import Project

from .install import Program
from .life import LITELLM, LIVES, Life, World

pytestmark = [pytest.mark.clients, pytest.mark.integration]

CLIENTS = {
    "openclaw": {"primary": "mistral/mistral-tiny"},
    "pi": {"primary": "dynamic/fast"},
    "opencode": {"primary": "dynamic/fast", "small": "mistral/mistral-tiny"},
    "litellm": {"primary": "dynamic/fast"},
    "claude-code": {"primary": "anthropic/claude-sonnet-4"},
    "codex": {"primary": "openai/gpt-4o-mini"},
    "continue": {"primary": "dynamic/fast"},
    "llm": {"primary": "dynamic/fast"},
    "aider": {"primary": "dynamic/fast", "small": "mistral/mistral-tiny"},
}
REFUSED = ("pi", "claude-code")  # asked with the old token too, by different APIs; each doctor takes seconds
STALE = "a token unknown to the stack"
ROTATES = {"agents": {"rotate": {"every": "30d", "overlap": "7d"}}}


@pytest.fixture
def world(checkout: Project, tmp_path: Path, program: Callable[[str], Program]) -> Iterator[World]:
    """A home with a space and a letter that is not ASCII in its name, all programs, and a stack that is up."""
    clone = Clone.make(
        checkout, tmp_path / "a project", stand_ins(ensure_engine(checkout, Screen().show), tmp_path), free_port()
    )
    made = World.of(clone, tmp_path / "Zoë's home")
    for client, life in {**LIVES, "litellm": LITELLM}.items():
        made.add(client, program(life.package), life.users)
    clone.start()
    made.set(1)
    clone.write(clients=CLIENTS, tokens=ROTATES)
    clone.up()
    yield made
    clone.end()


def test_every_program_answers_before_and_after_a_rotation(world: World, subtests: pytest.Subtests) -> None:
    clone, every = world.clone, {**LIVES, "litellm": LITELLM}
    before = {client: world.variables(client) for client in REFUSED}
    for client in every:
        clone.gatewright("install", "local", client)
    for client, life in LIVES.items():
        with subtests.test("answers once it is installed", client=client):
            answers(world, client, life)
    port = free_port()
    with world.proxy(port) as proxy:
        with subtests.test("answers once it is installed", client="litellm"):
            proxy_answers(world, proxy)
        rotate(world)
        with subtests.test("goes on running with the old token, and the doctor says so", client="litellm"):
            assert not ask(proxy).is_success
            said = world.doctor("litellm", code=1)["LiteLLM's proxy"]
            assert said.startswith("✗ process ")
            assert said.endswith(f"CLOUDFLARE_AI_GATEWAY_TOKEN holds {STALE}")
    with world.proxy(port) as proxy, subtests.test("answers once it was started anew", client="litellm"):
        proxy_answers(world, proxy)
        said = world.doctor("litellm")["LiteLLM's proxy"]
        assert "has CLOUDFLARE_AI_GATEWAY_TOKEN" in said
    for client, life in LIVES.items():
        with subtests.test("answers after the rotation", client=client):
            if client in REFUSED:
                found = world.doctor(client, code=4, **before[client])
                assert [found[name] for name in before[client]] == [f"✗ set in this shell: {STALE}"]
                assert found["answer"].startswith("✗ ")
            assert "unchanged" in clone.gatewright("install", "local", client)
            answers(world, client, life)
            assert "✗" not in "".join(world.doctor(client).values())
    for client, life in every.items():
        with subtests.test("leaves every byte of the user's as it was", client=client):
            clone.gatewright("uninstall", "local", client)
            assert {name: (world.home / name).read_text("utf-8") for name in life.users} == life.users
            assert "is not installed here" in clone.gatewright("uninstall", "local", client)
    left = [path for path in world.home.rglob("*agents-local*") if path.suffix in (".json", ".toml", ".yaml", ".yml")]
    assert left == []


def answers(world: World, client: str, life: Life) -> None:
    """One prompt: by the right path and model, with the token as the only credential."""
    before = world.last()
    said = world.ask(client, life, f"What is 2+2, {client}?")
    assert "heard: " in said
    requests = world.requests(before)
    assert {each["path"].partition("/agents-local/")[2] for each in requests} == {life.path}
    assert {(each["status"], each["credential"]) for each in requests} == {(200, "stored")}
    assert life.model in {each["model"] for each in requests}, requests
    assert {each["token"].partition("/agents/")[0] for each in requests} == {"gatewright/local"}, requests


def proxy_answers(world: World, proxy: httpx.Client) -> None:
    before = world.last()
    assert ask(proxy).is_success
    (request,) = world.requests(before)
    assert request["path"].endswith(f"/agents-local/{LITELLM.path}")
    assert (request["status"], request["model"], request["credential"]) == (200, LITELLM.model, "stored")


def ask(proxy: httpx.Client) -> httpx.Response:
    """Past any cache."""
    asked = {"role": "user", "content": f"What is 2+2? {uuid4().hex}"}
    return proxy.post("/v1/chat/completions", json={"model": "dynamic/fast", "messages": [asked]})


def rotate(world: World) -> None:
    """An early rotation, and the run that takes the old token back once nobody has used it for a day."""
    world.set(3)
    world.clone.gatewright("rotate", "local", "agents")
    assert {change[0] for change in world.clone.up().values()} == {"create"}
    world.set(12.1)
    assert {change[0] for change in world.clone.up().values()} == {"delete"}
