"""The fire drill by copies of routes, as on a real gateway, tried on a local Cloudflare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from clients.environments import written

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.dynamic_routes import DynamicRoutes, graph_of
from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.route_graph import flaws
from gatewright.operations.probe.drill_targets import DrillTargets
from gatewright.operations.probe.role_drill import NO_SUCH_MODEL
from gatewright.operations.probe.route_copies import PREFIX, drill_copies, first_choices, limited
from gatewright.operations.probe.transport import ProbeClient, provider_keys_from
from gatewright.operations.probe.verify import Verification, Verifier

from .world import LINES, TIMEOUT, World
from .world import world as started

MODES = ["429", "410", "timeout"]
ROLES = """\
roles:
  coder: {primary: groq/g, fallbacks: [workers-ai/a]}
  routed: {primary: dynamic/fast}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("copies")) as world:
        yield world


@pytest.fixture
def world(server: World) -> World:
    """The local models answer whatever their name, and immediately: these two do not."""
    server.reset()
    server.fault(on="upstream", model=NO_SUCH_MODEL, kind="unknown")
    server.fault(on="upstream", model="g-large", delay_ms=300)
    return server


@pytest.fixture
def routes(world: World) -> Iterator[DynamicRoutes]:
    with Client(world.here.running.control_plane, LOCAL_DEPLOY_TOKEN) as client:
        yield DynamicRoutes(client, LOCAL_ACCOUNT, world.environment.gateway_name)


def drill(
    world: World,
    *only: str,
    roles: tuple[str, ...] = (),
    progress: Any = lambda *_: None,
    environment: Environment | None = None,
) -> Verification:
    environment = environment or world.environment
    client = ProbeClient.of(environment, world.token, provider_keys_from(environment, {}), TIMEOUT)
    verifier = Verifier(environment, client, now=1_800_000_000, parallel=8)
    return drill_copies(verifier, DrillTargets(only, roles), progress, pause=0.01)


def names(routes: DynamicRoutes) -> list[str]:
    return sorted(route.name for route in routes.list_all())


def test_the_next_model_answers_in_a_copy(world: World, routes: DynamicRoutes) -> None:
    before = names(routes)
    results = drill(world, "fast").results
    assert [result.label for result in results] == [f"dynamic/fast, {mode}" for mode in MODES]
    assert [result.failure for result in results] == [None] * 3
    assert [(result.first.model, result.first.steps) for result in results] == [
        ("workers-ai/a", 1),  # a limit passes the first model over
        ("workers-ai/a", 2),
        ("workers-ai/a", 2),
    ]
    assert results[0].notes == ("in a copy in which groq/g fails, workers-ai/a answered",)
    assert names(routes) == before


def test_the_primary_of_a_role_is_refused_and_the_fallback_answers(world: World, routes: DynamicRoutes) -> None:
    world.provider(provider="groq", refuses=["gatewright-drill-wrong-key"])
    before = names(routes)
    text = LINES.replace("PORT", str(world.here.running.port)) + ROLES
    environment = written(world.folder / "stacks", text, "roles")
    environment = replace(environment, gateway_name=world.environment.gateway_name)
    results = drill(world, roles=("coder", "routed"), environment=environment).results
    assert [result.label for result in results] == [
        *(f"role coder, {mode}" for mode in ("410", "timeout", "wrong key")),
        "role routed",
    ]
    assert [result.failure for result in results] == [None] * 4
    assert {result.first.model for result in results[:3]} == {"workers-ai/a"}
    assert results[3].notes == ("not drilled: its primary is dynamic/fast, which the drill of that route tries",)
    assert names(routes) == before


def test_a_primary_that_accepts_any_key_is_not_proven(world: World) -> None:
    text = LINES.replace("PORT", str(world.here.running.port)) + ROLES
    environment = written(world.folder / "stacks", text, "roles")
    environment = replace(environment, gateway_name=world.environment.gateway_name)
    wrong_key = drill(world, roles=("coder",), environment=environment).results[2]
    assert wrong_key.failure is not None
    assert wrong_key.failure.code == "still-answers"


def test_no_other_model_answers(world: World, routes: DynamicRoutes) -> None:
    world.fault(on="upstream", provider="workers-ai", status=503)
    before = names(routes)
    failures = [result.failure.code for result in drill(world, "fast").results if result.failure]
    assert failures == ["provider-down"] * 3
    assert names(routes) == before


def test_a_first_choice_that_answers_nevertheless(world: World) -> None:
    world.reset()
    failures = [result.failure.code for result in drill(world, "fast").results if result.failure]
    assert failures == ["no-fallback"] * 2  # the limit holds nevertheless


def test_a_route_of_one_model_is_not_copied(world: World) -> None:
    (result,) = drill(world, "alone").results
    assert (result.failure, result.notes) == (None, ("no model follows the first one",))


def test_copies_are_removed_after_an_interrupt(
    world: World, routes: DynamicRoutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(routes)

    async def interrupt(*_: object) -> None:
        assert f"{PREFIX}fast" in names(routes)
        raise KeyboardInterrupt

    monkeypatch.setattr(Verifier, "answer", interrupt)
    with pytest.raises(KeyboardInterrupt):
        drill(world, "fast")
    assert names(routes) == before


def test_the_copies_of_a_killed_drill_are_removed(world: World, routes: DynamicRoutes) -> None:
    before = names(routes)
    routes.create(f"{PREFIX}gone", graph_of(route_elements(world.environment, "fast")))
    results = drill(world, "fast").results
    assert results[0].notes[-1] == "1 copy of an earlier drill that was killed removed"
    assert names(routes) == before


def test_the_first_choices_of_every_branch_fail(world: World) -> None:
    assert first_choices(route_elements(world.environment, "fast")) == {"groq-g"}
    assert first_choices(route_elements(world.environment, "halves")) == set()


def test_a_model_beyond_a_limit_is_not_a_first_choice(world: World) -> None:
    limited_route = limited(route_elements(world.environment, "fast"), {"groq-g"})
    assert flaws(limited_route) == []
    assert first_choices(limited_route) == {"groq-g"}
