"""verify against a local Cloudflare: answers, limits, cache and fallbacks."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from gatewright.environment.quantities import Quantity
from gatewright.errors import RefusedError
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.probe.smoke import smoke_test
from gatewright.operations.tokens.run_token import RunToken

from .world import World


def test_every_model_and_route_is_probed_once(world: World) -> None:
    last = world.here.last()
    verification = world.verify()
    assert [
        (result.label, result.first.model) for result in verification.results if result.label != "dynamic/halves"
    ] == [
        ("dynamic/fast", "groq/g"),
        ("dynamic/alone", "workers-ai/b"),
        *((name, name) for name in ("workers-ai/a", "workers-ai/b", "mistral/m", "groq/g", "openrouter/o", "nvidia/n")),
    ]
    assert not verification.failed
    assert {(result.first.steps, result.first.cache) for result in verification.results} == {(1, "MISS")}
    mistral = next(result.first for result in verification.results if result.label == "mistral/m")
    assert mistral.tokens
    assert mistral.cost
    requests = world.here.requests(last)
    assert len(requests) == len(verification.results) == 9
    assert sum(request["path"].endswith("/openrouter/v1/chat/completions") for request in requests) == 1


def test_a_second_run_reaches_the_providers_again(world: World) -> None:
    assert [world.result("groq/g").first.cache for _ in range(2)] == ["MISS", "MISS"]


def test_requests_keep_within_a_providers_limit(world: World) -> None:
    environment = world.environment
    mistral = environment.providers["mistral"]
    three = replace(mistral, models=dict.fromkeys(("m", "n", "o"), mistral.models["m"]))
    environment = replace(environment, providers={**environment.providers, "mistral": three})
    world.provider(provider="mistral", requests=1, period=1)
    started = time.monotonic()
    assert not world.verify("mistral", environment=environment).failed
    assert time.monotonic() - started > 2


def test_requests_beyond_a_daily_limit_are_not_sent(world: World) -> None:
    environment = world.environment
    daily = (Quantity(1, "requests", 86_400, "1 request/day"),)
    provider = environment.providers["workers-ai"]
    environment = replace(
        environment, providers={**environment.providers, "workers-ai": replace(provider, limits=daily)}
    )
    verification = world.verify("workers-ai", environment=environment)
    assert [result.failure and result.failure.code for result in verification.results] == [None, "not-asked"]
    assert "1 request/day" in verification.failed[0].failure.cause  # type: ignore[union-attr]


def test_deep_proves_cache_and_fallback(world: World) -> None:
    world.fault(on="control", path="/never")
    verification = world.verify("dynamic", deep=True)
    assert not verification.failed
    fast, alone, halves = verification.results
    assert [result.second.cache for result in (fast, alone, halves) if result.second] == ["HIT"] * 3
    assert fast.fallback is not None
    assert (fast.fallback.model, fast.fallback.steps) == ("workers-ai/a", 2)
    assert fast.notes == ("with groq/g failing, workers-ai/a answered",)
    assert alone.notes == ("no model follows workers-ai/b",)
    assert halves.fallback is None
    assert [fault["path"] for fault in world.faults()] == ["/never"]


def test_deep_reports_a_fallback_that_does_not_answer(world: World) -> None:
    world.fault(on="upstream", provider="workers-ai", status=500)
    result = world.result("dynamic/fast", deep=True)
    failure = result.failure
    assert failure is not None
    assert (failure.code, failure.cause) == ("no-fallback", "when groq/g fails, no other model answers")
    assert failure.fix.endswith("gatewright routes here fast")
    assert result.notes == ("last model tried: 500 from workers-ai: told to fail",)


def test_deep_reports_a_cache_that_does_not_answer(world: World) -> None:
    environment = replace(world.environment, gateway=replace(world.environment.gateway, cache=None))
    assert world.result("groq/g", deep=True, environment=environment).second is None
    world.fault(on="inference", nth=2, times=1, status=200, body={"choices": [{"message": {}}]})
    assert world.failure("groq/g", deep=True)[0] == "not-cached"


def test_a_route_explains_why_its_primary_did_not_answer(world: World) -> None:
    world.provider(provider="groq", refuses=["fake-key-of-groq"])
    fast, groq = world.verify("dynamic/fast", "groq/g").results
    assert (fast.first.model, fast.first.steps, fast.failure) == ("workers-ai/a", 2, None)
    assert groq.failure is not None
    assert fast.notes == (f"primary groq/g: {groq.failure.cause}",)


def test_smoke_test(world: World) -> None:
    name = probe_requests(world.environment, ["dynamic/fast"])[0].name
    assert smoke_test(world.environment, name, world.token, {}).startswith("dynamic/fast answered by groq/g in ")
    with pytest.raises(RefusedError) as caught:
        smoke_test(world.environment, name, RunToken("agents", "local-fake-token-of-nobody", None), {})
    assert caught.value.message == "dynamic/fast: Cloudflare refuses the token agents"
