"""Each failure that verify meets has a code, a cause and a fix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatewright.environment.model.environment_file import Local
from gatewright.environment.references import FromConfig, FromVariable, ModelName, Stored, Unified
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.failure_table import GATEWAY_ERRORS, NO_RESPONSE, PROVIDER_ERRORS
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.probe.transport import ProbeClient, Response
from gatewright.operations.tokens.run_token import RunToken

from .world import World

GATEWAY_ERROR = {"success": False, "result": [], "messages": []}


def gateway_error(status: int, code: int, message: str) -> dict[str, Any]:
    return {
        "on": "inference",
        "status": status,
        "body": {**GATEWAY_ERROR, "error": [{"code": code, "message": message}]},
    }


def provider_error(status: int, message: str, **more: Any) -> dict[str, Any]:
    return {"on": "upstream", "status": status, "body": {"error": {"message": message}}, **more}


@pytest.mark.parametrize(
    ("name", "fault", "code", "text"),
    [
        (
            "groq/g",
            gateway_error(400, 2005, "Failed to get response"),
            "provider-silent",
            "groq did not answer",
        ),
        ("nvidia/n", {"on": "upstream", "reset": True}, "provider-silent", "https://fake.example/v1, its baseUrl"),
        ("groq/g", gateway_error(401, 2009, "Unauthorized"), "token-refused", "unset FAKE_TOKEN"),
        ("groq/g", gateway_error(403, 10000, "Authentication error"), "token-refused", "AI Gateway Run"),
        ("groq/g", gateway_error(400, 2019, "bad format"), "bad-format", "does not accept groq/g-large"),
        ("dynamic/fast", gateway_error(400, 2019, "bad format"), "no-route", "route dynamic/fast is not deployed"),
        ("groq/g", gateway_error(402, 2021, "Insufficient"), "no-key", "no stored key for groq"),
        (
            "groq/g",
            gateway_error(400, 2040, "has no 'x'"),
            "no-key",
            "no stored key with that alias for groq: has no 'x'",
        ),
        ("groq/g", gateway_error(429, 2003, "Rate limited"), "gateway-limit", "--parallel 1"),
        (
            "groq/g",
            gateway_error(429, 2041, "Spend limit exceeded: rule 'r' (cost limit 1 per 86400s, fixed) for groq g"),
            "spend-limit",
            "resets at 2027-01-16 00:00 UTC",
        ),
        (
            "workers-ai/a",
            gateway_error(429, 2045, "Spend limit exceeded: rule 'r' (cost limit 1 per 60s, sliding)"),
            "spend-limit",
            "within 60 s",
        ),
        ("groq/g", gateway_error(424, 2016, "blocked"), "guardrails", "gateway.guardrails.prompt"),
        ("groq/g", gateway_error(424, 2029, "blocked"), "dlp", "gateway.dlp"),
        ("mistral/m", provider_error(401, "no"), "key-refused", "401 from mistral: the stored key is refused"),
        ("workers-ai/a", provider_error(401, "no"), "token-refused", "The token needs Workers AI Read"),
        ("groq/g", provider_error(403, "not for you"), "key-lacks", "may not use g-large"),
        ("groq/g", provider_error(404, "nothing"), "no-model", "explain here providers.groq.models.g.id"),
        ("groq/g", provider_error(400, "The model `x` does not exist"), "no-model", "groq has no model g-large"),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"retry-after": "90"}),
            "provider-limit",
            "resets at 2027-01-15 08:01 UTC",
        ),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"retry-after": "Fri, 15 Jan 2027 10:00:00 GMT"}),
            "provider-limit",
            "resets at 2027-01-15 10:00 UTC",
        ),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"x-ratelimit-reset-requests": "2m3.5s"}),
            "provider-limit",
            "resets after 2m3.5s",
        ),
        (
            "workers-ai/a",
            provider_error(429, "you have used up your daily free allocation of 10,000 neurons"),
            "provider-limit",
            "resets at 2027-01-16 00:00 UTC",
        ),
        ("groq/g", provider_error(422, "strange"), "bad-request", "422 from groq: strange"),
        ("groq/g", provider_error(503, "tired"), "provider-down", "503 from groq: tired"),
    ],
)
def test_each_failure_has_a_cause_and_a_fix(
    world: World, name: str, fault: dict[str, Any], code: str, text: str
) -> None:
    world.fault(**fault)
    actual, cause, fix = world.failure(name)
    assert actual == code
    assert text in f"{cause} → {fix}"


@pytest.mark.parametrize(
    ("key", "fix"),
    [
        (FromVariable("MISTRAL_KEY"), "Check $MISTRAL_KEY, then: gatewright up here"),
        (FromConfig("mistral"), "pulumi config set --secret mistral --stack here, then: gatewright up here"),
        (Stored(), "Put the key into the Secrets Store as agents-here_mistral_default"),
        (Unified(), "Buy credits for mistral (dashboard: AI Gateway, Credits), or declare a key for it"),
        (None, "Declare a key for mistral, then: gatewright up here"),
    ],
)
def test_fix_of_a_key_on_a_real_account(world: World, key: Any, fix: str) -> None:
    mistral = replace(world.environment.providers["mistral"], key=key)
    client = replace(world.environment.clients["models"], models=(ModelName("mistral", "m"),))
    real = replace(world.environment, local=None, providers={"mistral": mistral}, clients={"models": client})
    refused = Response(401, {}, {"message": "Unauthorized"}, 0)
    request = probe_requests(real, ["mistral/m"])[0]
    failure = Diagnosis(real, ProbeClient.of(real, world.token, {}), 0).failure(request, refused)
    assert failure is not None
    assert failure.fix == fix


@pytest.mark.parametrize("status", [400, 404])
def test_routes_that_rest_does_not_serve(world: World, status: int) -> None:
    client = replace(world.environment.clients["models"], routes_via="rest")
    environment = replace(world.environment, clients={"models": client})
    by_rest = next(request for request in probe_requests(environment, ["dynamic/fast"]) if request.variant)
    answer = Response(status, {}, {"errors": [{"code": 7003, "message": "Model not found"}]}, 0)
    failure = Diagnosis(environment, ProbeClient.of(environment, world.token, {}), 0).failure(by_rest, answer)
    assert failure is not None
    assert failure.code == "no-rest-routes"
    assert "Remove `dynamic: rest`" in failure.fix


def test_routes_answer_at_both_endpoints(world: World) -> None:
    client = replace(world.environment.clients["models"], routes_via="rest")
    environment = replace(world.environment, clients={"models": client})
    assert not world.verify("dynamic/alone", environment=environment).failed


def test_a_wrong_token_is_refused_by_every_request(world: World) -> None:
    wrong = RunToken("agents", "local-fake-token-of-nobody", None)
    verification = world.verify("groq", "dynamic/fast", token=wrong)
    assert verification.token_refused
    assert "gatewright up here --refresh" in verification.failed[0].failure.fix  # type: ignore[union-attr]
    assert not world.verify("groq").token_refused


def test_an_account_without_the_gateway(world: World) -> None:
    other = replace(world.environment, gateway_name="another")
    code, cause, _ = world.failure("groq/g", environment=other)
    assert (code, cause) == ("no-gateway", f"account {other.account} has no gateway another")


def test_no_server(world: World) -> None:
    from local.ports import free_port

    nowhere = replace(world.environment, local=Local(port=free_port()))
    assert world.failure("groq/g", environment=nowhere)[::2] == ("network", "gatewright up here")


def test_timeout(world: World) -> None:
    world.fault(on="upstream", delay_ms=3_000)
    assert world.failure("groq/g", timeout=0.3)[:2] == ("timeout", "no answer within 0.3 s")


def test_user_keys_where_none_are_stored(world: World) -> None:
    gateway = replace(world.environment.gateway, authenticated=False)
    environment = replace(world.environment, gateway=gateway)
    requests = probe_requests(environment, ["groq/g", "workers-ai/a"])
    assert [(request.access.authorization, request.access.gateway_authorization) for request in requests] == [
        (None, None),
        ("FAKE_GROQ_KEY", None),
    ]
    client = ProbeClient.of(environment, None, {})
    assert client.token is None


def test_templates_use_known_facts(world: World) -> None:
    """An unknown fact would appear as a dash."""
    diagnosis = Diagnosis(world.environment, ProbeClient.of(world.environment, world.token, {}), 0)
    facts = diagnosis._facts(probe_requests(world.environment)[0], "said", None)
    for cause in (*GATEWAY_ERRORS.values(), *PROVIDER_ERRORS.values(), *NO_RESPONSE.values()):
        for text in (cause.cause, cause.fix):
            text.format_map(facts)
