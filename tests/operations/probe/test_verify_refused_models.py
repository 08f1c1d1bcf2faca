"""verify names a model that is retired, unknown, or not in the plan, in whatever form its provider says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatewright.diagnostics import Location
from gatewright.environment.references import Located, ModelName
from gatewright.errors import GatewrightError
from gatewright.facts.slugs import WORKERS_AI
from gatewright.local.server.inference.providers.formats import ANTHROPIC, CHAT, GOOGLE
from gatewright.local.server.inference.providers.model_errors import model_error
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.probe.smoke import send_probe
from gatewright.operations.probe.transport import ProbeClient, Response

from .world import World

TODAY = "2026-09-01"


@pytest.fixture
def world(world: World) -> World:
    world.set_date(TODAY)
    return world


@pytest.mark.parametrize(
    ("name", "kind", "code", "cause"),
    [
        ("groq/g", "retired", "model-retired", "retired: groq no longer serves g-large"),
        ("workers-ai/a", "retired", "model-retired", f"retired on {TODAY}: workers-ai no longer serves @cf/a"),
        ("nvidia/n", "retired", "model-retired", f"retired on {TODAY}: nvidia no longer serves n"),
        ("workers-ai/a", "paid", "needs-paid-plan", "@cf/a needs the Workers Paid plan"),
        ("openrouter/o", "paid", "no-credit", "402 from openrouter: Insufficient credits"),
        ("workers-ai/a", "unknown", "no-model", "workers-ai has no model @cf/a: AiError: No such model"),
        ("openrouter/o", "unknown", "no-model", "openrouter has no model o: No endpoints found for o."),
        ("mistral/m", "unknown", "no-model", "mistral has no model m: Invalid model: m"),
        ("nvidia/n", "unknown", "no-model", "nvidia has no model n: Function"),
        (
            "workers-ai/a",
            "exhausted",
            "provider-limit",
            "the account's free allocation of neurons is used up (workers-ai allows 10000 neurons/day); resets at "
            "2027-01-16 00:00 UTC",
        ),
        ("groq/g", "exhausted", "provider-limit", "429 from groq: You exceeded your current quota"),
    ],
)
def test_a_refused_model_has_its_cause(world: World, name: str, kind: str, code: str, cause: str) -> None:
    world.fault(on="upstream", kind=kind)
    actual, text, fix = world.failure(name)
    assert (actual, cause in text) == (code, True), text
    assert "supports chat" not in fix


def test_the_last_model_of_a_route_is_retired(world: World) -> None:
    world.fault(on="upstream", kind="retired", provider=WORKERS_AI)
    code, cause, fix = world.failure("dynamic/alone")
    assert (code, cause) == ("model-retired", f"retired on {TODAY}: workers-ai no longer serves @cf/b")
    assert fix == "Use another model: gatewright show here models"


@pytest.mark.parametrize(
    ("facts", "fault", "cause", "fix"),
    [
        ({"retired": "2026-08-16"}, {"kind": "retired"}, "retired on 2026-08-16: groq no longer", "Use workers-ai/a"),
        ({"retired": "2026-08-16"}, {"kind": "unknown"}, "retired on 2026-08-16: groq no longer", "Use workers-ai/a"),
        ({"retires": "2027-01-15"}, {"kind": "unknown"}, "retired on 2027-01-15: groq no longer", "Use workers-ai/a"),
        ({"retires": "2027-02-01"}, {"kind": "unknown"}, "groq has no model g-large", "Correct its id"),
    ],
    ids=["retired", "retired-and-forgotten", "retires-today", "retires-later"],
)
def test_date_and_successor_are_those_of_the_catalog(
    world: World, facts: dict[str, Any], fault: dict[str, str], cause: str, fix: str
) -> None:
    groq = world.environment.providers["groq"]
    successor = Located(ModelName("workers-ai", "a"), Location("x", 1, 1), "use")
    model = replace(groq.models["g"], use=successor, **facts)
    providers = {**world.environment.providers, "groq": replace(groq, models={"g": model})}
    world.fault(on="upstream", provider="groq", **fault)
    _, actual, hint = world.failure("groq/g", environment=replace(world.environment, providers=providers))
    assert actual.startswith(cause)
    assert hint.startswith(fix)


def test_a_route_answers_by_its_fallback_when_its_first_model_is_retired(world: World) -> None:
    world.fault(on="upstream", kind="retired", provider="groq")
    route, first = world.verify("dynamic/fast", "groq/g").results
    assert (route.failure, route.first.model, route.first.steps) == (None, "workers-ai/a", 2)
    assert route.notes == ("primary groq/g: retired: groq no longer serves g-large",)
    assert first.failure is not None


def test_up_and_doctor_name_a_retired_model_too(world: World) -> None:
    world.fault(on="upstream", kind="retired", provider=WORKERS_AI)
    request = probe_requests(world.environment, ["dynamic/alone"])[0]
    with pytest.raises(GatewrightError) as error:
        send_probe(world.environment, request, world.token, {})
    assert error.value.message == f"dynamic/alone: retired on {TODAY}: workers-ai no longer serves @cf/b"
    assert error.value.hint == "Use another model: gatewright show here models"


ERROR_FORMS = [
    *((slug, CHAT) for slug in ("openai", "deepseek", "groq", "mistral", "openrouter", "cerebras", "google-ai-studio")),
    ("custom-nvidia", CHAT),
    ("anthropic", ANTHROPIC),
    ("google-ai-studio", GOOGLE),
]


@pytest.mark.parametrize("kind", ["retired", "unknown"])
@pytest.mark.parametrize(("provider", "format"), ERROR_FORMS, ids=lambda value: value if isinstance(value, str) else "")
def test_no_providers_words_are_taken_for_a_bad_request(world: World, kind: str, provider: str, format: Any) -> None:
    failure = diagnose(world, "groq/g", *model_error(kind, provider, "g-large", format))
    assert failure.code in ("model-retired", "no-model")


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (404, "No endpoints found matching your data policy (Free model publication).", "no-host"),
        (404, "openai/gpt:free is unavailable for free. The paid version is available now", "model-retired"),
        (404, "The model `x` has been deprecated, learn more here: https://fake.example", "model-retired"),
        (429, "The model x is no longer available at this rate", "provider-limit"),
        (503, "model x was retired from this host, try again", "provider-down"),
        (400, "parameter logprobs is no longer supported", "bad-request"),
    ],
)
def test_words_count_only_with_a_status_that_refuses_the_model(
    world: World, status: int, message: str, code: str
) -> None:
    assert diagnose(world, "groq/g", status, {"error": {"message": message}}).code == code


def test_a_code_of_workers_ai_in_openais_form(world: World) -> None:
    body = {"error": {"message": "AiError: gone", "code": 5028}}
    assert diagnose(world, "workers-ai/a", 410, body).code == "model-retired"
    assert diagnose(world, "groq/g", 400, body).code == "bad-request"


def diagnose(world: World, name: str, status: int, body: Any) -> Any:
    request = probe_requests(world.environment, [name])[0]
    client = ProbeClient.of(world.environment, world.token, {})
    failure = Diagnosis(world.environment, client, 0).failure(request, Response(status, {}, body, 0))
    assert failure is not None
    return failure
