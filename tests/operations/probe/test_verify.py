"""verify against a local Cloudflare: what answers, by which ways, what the cache and the fallbacks do."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from gatewright.environment.quantities import Quantity
from gatewright.errors import RefusedError
from gatewright.operations.probe.requests import questions
from gatewright.operations.probe.smoke import ask
from gatewright.operations.probe.transport import RunToken

from .verified import World


def test_all_of_an_environment_once(world: World) -> None:
    last = world.here.last()
    found = world.verify()
    assert [(each.called, each.first.by) for each in found.verdicts if each.called != "dynamic/halves"] == [
        ("dynamic/fast", "groq/g"),
        ("dynamic/alone", "workers-ai/b"),
        *((name, name) for name in ("workers-ai/a", "workers-ai/b", "mistral/m", "groq/g", "openrouter/o", "nvidia/n")),
    ]
    assert not found.failed
    assert {(each.first.steps, each.first.cache) for each in found.verdicts} == {(1, "MISS")}
    mistral = next(each.first for each in found.verdicts if each.called == "mistral/m")
    assert mistral.tokens
    assert mistral.cost
    asked = world.here.requests(last)
    assert len(asked) == len(found.verdicts) == 9
    assert sum(entry["path"].endswith("/openrouter/v1/chat/completions") for entry in asked) == 1


def test_a_second_run_reaches_the_providers_again(world: World) -> None:
    assert [world.one("groq/g").first.cache for _ in range(2)] == ["MISS", "MISS"]


def test_requests_keep_within_a_providers_limit(world: World) -> None:
    environment = world.environment
    mistral = environment.providers["mistral"]
    three = replace(mistral, models=dict.fromkeys(("m", "n", "o"), mistral.models["m"]))
    environment = replace(environment, providers={**environment.providers, "mistral": three})
    world.provider(provider="mistral", requests=1, period=1)
    begun = time.monotonic()
    assert not world.verify("mistral", environment=environment).failed
    assert time.monotonic() - begun > 2


def test_a_long_limit_is_not_used_up(world: World) -> None:
    environment = world.environment
    daily = (Quantity(1, "requests", 86_400, "1 request/day"),)
    provider = environment.providers["workers-ai"]
    environment = replace(
        environment, providers={**environment.providers, "workers-ai": replace(provider, limits=daily)}
    )
    found = world.verify("workers-ai", environment=environment)
    assert [each.failure and each.failure.code for each in found.verdicts] == [None, "not-asked"]
    assert "1 request/day" in found.failed[0].failure.cause  # type: ignore[union-attr]


def test_deep_proves_cache_and_fallback(world: World) -> None:
    world.fault(on="control", path="/never")
    found = world.verify("dynamic", deep=True)
    assert not found.failed
    fast, alone, halves = found.verdicts
    assert [each.second.cache for each in (fast, alone, halves) if each.second] == ["HIT"] * 3
    assert fast.fallback is not None
    assert (fast.fallback.by, fast.fallback.steps) == ("workers-ai/a", 2)
    assert fast.notes == ("groq/g made to fail: workers-ai/a answered",)
    assert alone.notes == ("nothing follows workers-ai/b",)
    assert halves.fallback is None
    assert [fault["path"] for fault in world.faults()] == ["/never"]


def test_deep_says_when_nothing_follows(world: World) -> None:
    world.fault(on="upstream", provider="workers-ai", status=500)
    verdict = world.one("dynamic/fast", deep=True)
    failure = verdict.failure
    assert failure is not None
    assert (failure.code, failure.cause) == ("no-fallback", "when groq/g fails, no other model answers")
    assert failure.mend.startswith("gatewright routes here fast")
    assert verdict.notes == ("the last that was tried: 500 from workers-ai: told to fail",)


def test_deep_says_when_the_cache_is_not_on(world: World) -> None:
    environment = replace(world.environment, gateway=replace(world.environment.gateway, cache=None))
    assert world.one("groq/g", deep=True, environment=environment).second is None
    world.fault(on="inference", nth=2, times=1, status=200, body={"choices": [{"message": {}}]})
    assert world.causes("groq/g", deep=True)[0] == "not-cached"


def test_a_route_says_why_its_first_choice_did_not_answer(world: World) -> None:
    world.provider(provider="groq", refuses=["fake-key-of-groq"])
    fast, groq = world.verify("dynamic/fast", "groq/g").verdicts
    assert (fast.first.by, fast.first.steps, fast.failure) == ("workers-ai/a", 2, None)
    assert groq.failure is not None
    assert fast.notes == (f"first choice groq/g: {groq.failure.cause}",)


def test_one_request_after_an_up(world: World) -> None:
    name = questions(world.environment, ["dynamic/fast"])[0].name
    assert ask(world.environment, name, world.token).startswith("dynamic/fast answered by groq/g in ")
    with pytest.raises(RefusedError) as caught:
        ask(world.environment, name, RunToken("agents", "local-fake-token-of-nobody", None))
    assert caught.value.message == "dynamic/fast: Cloudflare refuses the token agents"
