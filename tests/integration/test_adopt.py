"""A gateway that others made becomes an environment: the first `up` imports it and changes nothing."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, control_plane_url
from gatewright.facts.permissions import AI_GATEWAY_RUN
from gatewright.facts.resource_types import DYNAMIC_ROUTE

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

SETTINGS = {
    "id": "agents-live",
    "authentication": True,
    "cache_invalidate_on_update": False,
    "cache_ttl": 0,
    "collect_logs": True,
    "rate_limiting_interval": 60,
    "rate_limiting_limit": 600,
    "rate_limiting_technique": "fixed",
    "retry_max_attempts": 3,
    "retry_delay": 500,
    "guardrails": {"prompt": {"S10": "BLOCK"}, "response": {}},
    "log_management": 50_000,
}


def model(name: str, provider: str, model_id: str, fallback: str, **more: Any) -> dict[str, Any]:
    properties = {"provider": provider, "model": model_id, "retries": 0, "timeout": 60000, **more}
    outputs = {"success": {"elementId": "end"}, "fallback": {"elementId": fallback}}
    return {"id": name, "type": "model", "properties": properties, "outputs": outputs}


def route(first: str, *elements: dict[str, Any]) -> list[dict[str, Any]]:
    start = {"id": "start", "type": "start", "outputs": {"next": {"elementId": first}}}
    return [start, *elements, {"id": "end", "type": "end", "outputs": {}}]


TREE = route(
    "mistral-ministral-3b-latest",
    model("mistral-ministral-3b-latest", "mistral", "ministral-3b-latest", "workers-ai-gpt-oss-20b"),
    model("workers-ai-gpt-oss-20b", "workers-ai", "@cf/openai/gpt-oss-20b", "end"),
)
DRAWN = route("a1b2", model("a1b2", "groq", "openai/gpt-oss-20b", "end", retries=2))


KEY = "fake-key-that-is-at-cloudflare-already"
SECRET = {"name": "agents-live_mistral_default", "scopes": ["ai_gateway"]}
POLICY = {
    "effect": "allow",
    "permission_groups": [{"id": AI_GATEWAY_RUN.id}],
    "resources": {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"},
}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def made(clone: Clone) -> Clone:
    """A gateway made by other means, in a clone without an environment."""
    clone.api("POST", "/ai-gateway/gateways", json=SETTINGS)
    path = "/ai-gateway/gateways/agents-live/routes"
    clone.api("POST", path, json={"name": "fast", "elements": TREE})
    clone.api("POST", path, json={"name": "drawn", "elements": DRAWN})
    nvidia = {"name": "NVIDIA NIM", "slug": "nvidia", "base_url": "https://integrate.api.nvidia.com/v1"}
    clone.api("POST", "/ai-gateway/custom-providers", json=nvidia)
    clone.api("POST", "/ai-gateway/gateways/agents-live/custom-domains", json={"domain": "ai.example.com"})
    clone.api("POST", "/tokens", json={"name": "of the dashboard", "policies": [POLICY]})
    (clone.project.stacks / "local.yaml").unlink()
    return clone


def test_the_first_up_imports_and_changes_nothing(made: Clone) -> None:
    said = made.gatewright("adopt", "local", "--local", "--gateway", "agents-live")
    assert "1 token (of the dashboard): its value cannot be read" in said
    declared = yaml.safe_load((made.project.stacks / "local.yaml").read_text())
    assert declared["routes"]["fast"] == ["mistral/ministral-3b-latest", "workers-ai/gpt-oss-20b"]
    assert [each["id"] for each in declared["routes"]["drawn"]["elements"]] == ["start", "a1b2", "end"]
    before = made.seen()
    planned = made.planned()
    assert {name for name, (operation, *_) in planned.items() if operation == "import"} == {
        "AiGateway agents-live",
        "CustomDomain ai.example.com",
        "CustomProvider nvidia",
        "DynamicRoute drawn",
        "DynamicRoute fast",
    }
    assert {operation for operation, *_ in planned.values()} == {"import", "create"}  # components and the account
    assert made.up() == planned
    assert made.up() == {}
    made.expect_no_changes()
    assert made.changing(before) == []


def test_a_stored_key_of_a_real_account_is_taken_over_without_its_value(made: Clone) -> None:
    store_a_key(made)
    made.exported.update(
        CLOUDFLARE_BASE_URL=control_plane_url(made.port), CLOUDFLARE_API_TOKEN=LOCAL_DEPLOY_TOKEN, PULUMI_STACK="live"
    )
    shell = {name: made.exported[name] for name in made.exported}
    said = made.gatewright("adopt", "--account", LOCAL_ACCOUNT, "--gateway", "agents-live")
    assert KEY not in said
    declared = yaml.safe_load((made.project.stacks / "live.yaml").read_text())
    assert declared["account"] == LOCAL_ACCOUNT
    assert declared["providers"]["mistral"]["key"] == {"stored": True}
    assert declared["providers"]["mistral"]["limits"][0] == "60 requests/minute"
    before = made.seen()
    made.pulumi("stack", "init", "live")
    said = made.pulumi("up", "--yes", "--skip-preview", "--stack", "live", variables=shell)
    assert "ProviderConfig mistral imported" in said
    made.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", "live", variables=shell)
    assert made.changing(before) == []
    assert made.holding(KEY) == []


def store_a_key(clone: Clone) -> None:
    store = clone.api("POST", "/secrets_store/stores", json={"name": "default_secrets_store"})["id"]
    clone.api("PUT", "/ai-gateway/gateways/agents-live", json=SETTINGS | {"store_id": store})
    (secret,) = clone.api("POST", f"/secrets_store/stores/{store}/secrets", json=[{**SECRET, "value": KEY}])
    config = {"provider_slug": "mistral", "alias": "default", "default_config": True, "secret_id": secret["id"]}
    link = "/ai-gateway/gateways/agents-live/provider_configs"
    wait_for(lambda: clone.api("GET", f"/secrets_store/stores/{store}/secrets/{secret['id']}")["status"] == "active")
    clone.api("POST", link, json={**config, "rate_limit": 60, "rate_limit_period": 60})


def test_without_the_imports_only_what_no_file_can_say_is_sent(made: Clone) -> None:
    made.gatewright("adopt", "local", "--local", "--gateway", "agents-live")
    made.up()
    (made.project.stacks / "local.import.json").unlink()
    planned = made.planned()
    assert planned["CustomProvider nvidia"] == ("update", "enable", "name")
    assert planned["AiGateway agents-live"][0] == "update"
    assert {"cacheTtl", "rateLimitingLimit", "guardrails"}.isdisjoint(planned["AiGateway agents-live"])
    assert len(planned) == 2
    made.up()
    made.expect_no_changes()


def test_an_import_of_what_the_environment_lacks_is_named_before_anything_is_made(clone: Clone) -> None:
    entry = {"type": DYNAMIC_ROUTE, "name": "gone", "id": "fake/fake/fake"}
    file = clone.project.stacks / "local.import.json"
    file.write_text(json.dumps({"resources": [entry]}))
    said = clone.pulumi("up", "--yes", "--skip-preview", code=1)
    assert "local.import.json names resources that local does not have: DynamicRoute gone" in said
    assert clone.is_calm(said)
    assert clone.changing(0) == []
    file.write_text("[]")
    assert "local.import.json is not a list of imports" in clone.pulumi("preview", code=1)
