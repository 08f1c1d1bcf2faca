"""Every failure that verify meets names its cause and what mends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatewright.environment.model.environment_file import Local
from gatewright.environment.references import FromConfig, FromVariable, ModelName, Stored, Unified
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.failure_table import GATEWAYS, PROVIDERS, SILENCES
from gatewright.operations.probe.requests import questions
from gatewright.operations.probe.transport import ProbeClient, Reply, RunToken

from .verified import World

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
    ("name", "order", "code", "words"),
    [
        ("groq/g", gateway_error(400, 2005, "Failed to get response"), "provider-silent", "groq gave the gateway no"),
        ("nvidia/n", {"on": "upstream", "reset": True}, "provider-silent", "https://fake.example/v1, its baseUrl"),
        ("groq/g", gateway_error(401, 2009, "Unauthorized"), "token-refused", "unset FAKE_TOKEN"),
        ("groq/g", gateway_error(403, 10000, "Authentication error"), "token-refused", "AI Gateway Run"),
        ("groq/g", gateway_error(400, 2019, "bad format"), "bad-format", "does not take groq/g-large"),
        ("dynamic/fast", gateway_error(400, 2019, "bad format"), "no-route", "no route dynamic/fast deployed"),
        ("groq/g", gateway_error(402, 2021, "Insufficient"), "no-key", "no stored key for groq"),
        (
            "groq/g",
            gateway_error(400, 2040, "has no 'x'"),
            "no-key",
            "no stored key of that alias for groq: has no 'x'",
        ),
        ("groq/g", gateway_error(429, 2003, "Rate limited"), "gateway-limit", "--parallel 1"),
        (
            "groq/g",
            gateway_error(429, 2041, "Spend limit exceeded: rule 'r' (cost limit 1 per 86400s, fixed) for groq g"),
            "spend-limit",
            "free again at 2027-01-16 00:00 UTC",
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
        ("workers-ai/a", provider_error(401, "no"), "token-refused", "It needs Workers AI Read"),
        ("groq/g", provider_error(403, "not for you"), "key-lacks", "may not use g-large"),
        ("groq/g", provider_error(404, "nothing"), "no-model", "explain here providers.groq.models.g.id"),
        ("groq/g", provider_error(400, "The model `x` does not exist"), "no-model", "groq has no model g-large"),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"retry-after": "90"}),
            "provider-limit",
            "free again at 2027-01-15 08:01 UTC",
        ),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"retry-after": "Fri, 15 Jan 2027 10:00:00 GMT"}),
            "provider-limit",
            "free again at 2027-01-15 10:00 UTC",
        ),
        (
            "groq/g",
            provider_error(429, "slow down", headers={"x-ratelimit-reset-requests": "2m3.5s"}),
            "provider-limit",
            "free again after 2m3.5s",
        ),
        (
            "workers-ai/a",
            provider_error(429, "you have used up your daily free allocation of 10,000 neurons"),
            "provider-limit",
            "free again at 2027-01-16 00:00 UTC",
        ),
        ("groq/g", provider_error(422, "strange"), "bad-request", "422 from groq: strange"),
        ("groq/g", provider_error(503, "tired"), "provider-down", "503 from groq: tired"),
    ],
)
def test_every_failure_names_its_cause_and_the_mend(
    world: World, name: str, order: dict[str, Any], code: str, words: str
) -> None:
    world.fault(**order)
    found = world.causes(name)
    assert found[0] == code
    assert words in f"{found[1]} → {found[2]}"


@pytest.mark.parametrize(
    ("key", "mend"),
    [
        (FromVariable("MISTRAL_KEY"), "Check $MISTRAL_KEY, then: gatewright up here"),
        (FromConfig("mistral"), "pulumi config set --secret mistral --stack here, then: gatewright up here"),
        (Stored(), "Put the key into the Secrets Store as agents-here_mistral_default"),
        (Unified(), "Give mistral credits (dashboard: AI Gateway, Credits), or a key of its own"),
        (None, "Give mistral a key in its file, then: gatewright up here"),
    ],
)
def test_how_a_key_is_mended_on_a_real_account(world: World, key: Any, mend: str) -> None:
    mistral = replace(world.environment.providers["mistral"], key=key)
    client = replace(world.environment.clients["models"], models=(ModelName("mistral", "m"),))
    real = replace(world.environment, local=None, providers={"mistral": mistral}, clients={"models": client})
    refused = Reply(401, {}, {"message": "Unauthorized"}, 0)
    found = Diagnosis(real, ProbeClient.of(real, world.token, {}), 0).failure(
        questions(real, ["mistral/m"])[0], refused
    )
    assert found is not None
    assert found.mend == mend


def test_a_wrong_token_is_refused_throughout(world: World) -> None:
    wrong = RunToken("agents", "local-fake-token-of-nobody", None)
    found = world.verify("groq", "dynamic/fast", token=wrong)
    assert found.refused
    assert "gatewright up here --refresh" in found.failed[0].failure.mend  # type: ignore[union-attr]
    assert not world.verify("groq").refused


def test_a_wrong_account_and_a_gateway_that_is_not_there(world: World) -> None:
    other = replace(world.environment, gateway_name="another")
    code, cause, _ = world.causes("groq/g", environment=other)
    assert (code, cause) == ("no-gateway", f"account {other.account} has no gateway another")


def test_nobody_is_there(world: World) -> None:
    from local.ports import free_port

    nowhere = replace(world.environment, local=Local(port=free_port()))
    assert world.causes("groq/g", environment=nowhere)[::2] == ("network", "gatewright up here")


def test_slow(world: World) -> None:
    world.fault(on="upstream", delay_ms=3_000)
    assert world.causes("groq/g", timeout=0.3)[:2] == ("timeout", "no answer within 0.3 s")


def test_keys_of_the_users_own_where_the_gateway_has_none(world: World) -> None:
    gateway = replace(world.environment.gateway, authenticated=False)
    environment = replace(world.environment, gateway=gateway)
    asked = questions(environment, ["groq/g", "workers-ai/a"])
    assert [(each.access.authorization, each.access.gateway_authorization) for each in asked] == [
        (None, None),
        ("FAKE_GROQ_KEY", None),
    ]
    asker = ProbeClient.of(environment, None, {})
    assert asker.token is None


def test_templates_name_known_facts(world: World) -> None:
    """A misspelt fact would be shown as a dash."""
    diagnosis = Diagnosis(world.environment, ProbeClient.of(world.environment, world.token, {}), 0)
    facts = diagnosis._facts(questions(world.environment)[0], "said", None)
    for cause in (*GATEWAYS.values(), *PROVIDERS.values(), *SILENCES.values()):
        for text in (cause.why, cause.mend):
            text.format_map(facts)
