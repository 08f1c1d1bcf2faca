"""The fire drill on a local Cloudflare: each first choice fails in turn, and the next step has to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from clients.environments import written

from gatewright.environment.resolved import Environment
from gatewright.errors import UsageError
from gatewright.operations.probe.drill_targets import DrillTargets
from gatewright.operations.probe.fire_drill import EFFECTS, PREFIX, FireDrill
from gatewright.operations.probe.transport import ProbeClient, provider_keys_from
from gatewright.operations.probe.verify import Drill, ProbeResult, Verification, Verifier

from .world import LINES, TIMEOUT, World
from .world import world as started

ROLES = """\
roles:
  coder: {primary: groq/g, fallbacks: [workers-ai/a]}
  writer: {primary: nvidia/n, fallbacks: ["own:x/y", dynamic/fast]}
  routed: {primary: dynamic/fast}
  single: {primary: mistral/m}
"""
MODES = ["429", "410", "timeout", "wrong key"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("drill")) as world:
        yield world


@pytest.fixture
def world(server: World) -> World:
    server.reset()
    return server


@pytest.fixture
def environment(world: World) -> Environment:
    """The same with roles."""
    port = str(world.here.running.port)
    text = LINES.replace("PORT", port) + ROLES
    name = f"gateway: {{name: {world.environment.gateway_name}, cache: {{ttl: 5m}}}}"
    return written(world.folder / "stacks", text.replace("gateway: {cache: {ttl: 5m}}", name), "roles")


def drill(world: World, environment: Environment, *only: str, progress: Any = lambda *_: None) -> Verification:
    client = ProbeClient.of(environment, world.token, provider_keys_from(environment, {}), TIMEOUT)
    verifier = Verifier(environment, client, now=1_800_000_000, parallel=8)
    return FireDrill(verifier).run(DrillTargets.of(environment, only), progress)


def failures(results: tuple[ProbeResult, ...]) -> list[str | None]:
    return [result.failure.code if result.failure else None for result in results]


def test_the_next_model_of_a_route_answers(world: World, environment: Environment) -> None:
    results = drill(world, environment, "dynamic/fast").results
    assert [result.label for result in results] == [f"dynamic/fast, {mode}" for mode in MODES]
    assert failures(results) == [None] * 4
    assert {(result.first.model, result.first.steps) for result in results} == {("workers-ai/a", 2)}
    assert results[0].drill == Drill("groq/g", "429", ("workers-ai/@cf/a", "workers-ai/a"))
    assert results[0].notes == ("with groq/g failing, workers-ai/a answered",)
    assert world.faults() == []


def test_a_route_of_one_model_has_no_next(world: World, environment: Environment) -> None:
    (result,) = drill(world, environment, "dynamic/alone").results
    assert (result.failure, result.notes) == (None, ("no model follows workers-ai/b",))


def test_roles_are_run_as_a_client_does(world: World, environment: Environment) -> None:
    results = drill(world, environment, "coder", "writer", "routed", "single").results
    assert failures(results) == [None] * 10
    coder, writer, (routed, single) = results[:4], results[4:8], results[8:]
    assert {result.first.model for result in coder} == {"workers-ai/a"}
    assert {result.first.model for result in writer} == {"groq/g"}
    assert coder[3].notes == ("with groq/g failing, workers-ai/a answered",)
    assert routed.notes == ("not drilled: its primary is dynamic/fast, which the drill of that route tries",)
    assert single.notes == ("no model follows mistral/m",)
    assert world.faults() == []


def test_a_next_model_that_fails_too_is_a_failure(world: World, environment: Environment) -> None:
    world.fault(on="upstream", provider="workers-ai", status=503)
    results = drill(world, environment, "dynamic/fast").results
    assert failures(results) == ["provider-down"] * 4
    assert results[0].notes == ("while groq/g failed",)
    assert [fault["status"] for fault in world.faults()] == [503]


@pytest.mark.usefixtures("environment")
def test_a_deployed_route_that_lacks_the_next_step(world: World) -> None:
    text = (world.folder / "stacks/roles.yaml").read_text()
    changed = text.replace("fast: [groq/g, workers-ai/a]", "fast: [groq/g, mistral/m, workers-ai/a]")
    other = written(world.folder / "stacks", changed, "roles")
    results = drill(world, other, "dynamic/fast").results
    assert failures(results) == ["other-step"] * 4
    assert results[0].failure is not None
    assert results[0].failure.cause == "workers-ai/a answered, not mistral/m"


def test_a_first_choice_that_is_down_already(world: World, environment: Environment) -> None:
    world.fault(on="upstream", status=500)
    (result,) = drill(world, environment, "dynamic/fast").results
    assert failures((result,)) == ["provider-down"]


def test_faults_are_removed_after_an_interrupt(world: World, environment: Environment) -> None:
    world.fault(on="upstream", name="of someone else", provider="openai", status=500)

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drill(world, environment, progress=interrupt)
    assert [fault["name"] for fault in world.faults()] == ["of someone else"]


def test_the_leftovers_of_a_killed_drill_are_removed(world: World, environment: Environment) -> None:
    world.fault(on="upstream", name=f"{PREFIX}12", provider="workers-ai", status=500)
    results = drill(world, environment, "dynamic/fast").results
    assert failures(results) == [None] * 4
    assert results[0].notes[-1] == "1 fault of an earlier drill that was killed removed"
    assert world.faults() == []


def test_targets(environment: Environment) -> None:
    everything = DrillTargets.of(environment, ())
    assert everything == DrillTargets(("fast", "alone", "halves"), ("coder", "writer", "routed", "single"))
    assert DrillTargets.of(environment, ("coder", "dynamic/fast")) == DrillTargets(("fast",), ("coder",))
    with pytest.raises(UsageError):
        DrillTargets.of(environment, ("groq/g",))


def test_an_environment_without_routes_and_roles(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    text = "local: true\nproviders: {workers-ai: {models: {a: {id: '@cf/a'}}}}\ntokens: {agents: {}}\n"
    with pytest.raises(UsageError, match="no route and no role"):
        DrillTargets.of(written(tmp_path / "stacks", text, "bare"), ())


def test_a_server_without_faults(environment: Environment, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(httpx.Client, "get", refuse)
    with pytest.raises(Exception, match="the local Cloudflare does not accept faults: refused"):
        drill(world, environment)


def test_every_mode_is_a_fault_of_the_server(world: World) -> None:
    assert list(EFFECTS) == MODES
    for effect in EFFECTS.values():
        world.fault(on="upstream", provider="openai", **effect)
    assert json.dumps(world.faults())
