"""verify with clients that send metadata, at a gateway with policies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx

from gatewright.cli.reports.verify import verification_json
from gatewright.environment.model.gateway_policies import GatewayPolicy
from gatewright.environment.resolved import Environment
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.operations.probe.diagnosis import Diagnosis
from gatewright.operations.probe.requests import probe_requests
from gatewright.operations.probe.transport import ProbeClient, Response

from .world import World

POLICIES = {
    "everyone": GatewayPolicy("allow"),
    "no-groq": GatewayPolicy("deny", providers=("groq",), when='metadata.team == "sales"'),
}


@contextmanager
def committed(world: World) -> Iterator[Environment]:
    """The environment with POLICIES, which its gateway enforces, and a client of the team sales."""
    client = replace(world.environment.clients["models"], metadata={"team": "sales"})
    gateway = replace(world.environment.gateway, policies=POLICIES)
    environment = replace(world.environment, gateway=gateway, clients={"models": client})
    path = f"accounts/{LOCAL_ACCOUNT}/ai-gateway/gateways/{environment.gateway_name}/policies"
    url = f"{world.here.running.control_plane}/{path}"
    with httpx.Client(headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}, trust_env=False) as client_of_api:
        bodies: list[dict[str, Any]] = [{"name": name, **policy.body} for name, policy in POLICIES.items()]
        created = [client_of_api.post(f"{url}?commit=true", json=body).raise_for_status().json() for body in bodies]
        yield environment
        for answer in created:
            client_of_api.delete(f"{url}/{answer['result']['id']}").raise_for_status()


def test_a_refusal_names_the_policy_and_the_client(world: World) -> None:
    with committed(world) as environment:
        assert world.failure("groq/g", environment=environment) == (
            "policy-denied",
            "policy no-groq denies it to models",
            "Change gateway.policies.no-groq, then: gatewright up here",
        )
        verification = world.verify("dynamic/fast", environment=environment)
    (result,) = verification_json(verification)["results"]
    assert result["answered_by"] == "workers-ai/a"
    assert result["notes"] == ["as models, with team sales", "primary groq/g: policy no-groq denies it to models"]
    assert result["as"] == {"client": "models", "role": None, "metadata": {"team": "sales"}, "not_set": {}}


def test_another_403_is_a_policys_where_the_policies_refuse_the_request(world: World) -> None:
    client = replace(world.environment.clients["models"], metadata={"team": "sales"})
    gateway = replace(world.environment.gateway, policies=POLICIES)
    environment = replace(world.environment, gateway=gateway, clients={"models": client})
    diagnosis = Diagnosis(environment, ProbeClient.of(environment, world.token, {}), 0)
    forbidden = Response(403, {}, {"error": {"message": "Forbidden"}}, 0)
    requests = probe_requests(environment, ["groq/g", "mistral/m"])
    failures = {str(request.name): diagnosis.failure(request, forbidden) for request in requests}
    assert {name: failure and failure.code for name, failure in failures.items()} == {
        "mistral/m": "key-lacks",
        "groq/g": "policy-denied",
    }
