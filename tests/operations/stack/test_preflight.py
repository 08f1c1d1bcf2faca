"""What is found in an account before it is changed, against the local Cloudflare in its place."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from local.ports import free_port

from gatewright import __version__
from gatewright.clients import CAPABILITIES
from gatewright.clock import HOUR, NOW
from gatewright.cloudflare.client import Client
from gatewright.engine.find import Engine
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.access import ACCESS_APPLICATION
from gatewright.facts.engine_values import VERSION_OUTPUT
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.resource_types import CUSTOM_PROVIDER, DYNAMIC_ROUTE
from gatewright.facts.resources import SECRETS_STORE_SECRET
from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.operations.stack.checks import CheckResult, run_checks
from gatewright.operations.stack.preflight import Preflight
from gatewright.project import Project

ACCOUNT = f"/accounts/{LOCAL_ACCOUNT}"
GATEWAY = f"{ACCOUNT}/ai-gateway/gateways"
MISTRAL, GROQ = "agents-prod_mistral_default", "agents-prod_groq_default"
LINES = f"""
account: {LOCAL_ACCOUNT}
providers:
  workers-ai: {{models: {{a: {{}}}}}}
  mistral: {{key: {{env: FAKE_MISTRAL}}, models: {{a: {{}}}}}}
  groq: {{key: {{stored: true}}, models: {{a: {{}}}}}}
  nvidia: {{baseUrl: "https://fake.example/v1", key: unified, models: {{b: {{}}}}}}
routes: {{fast: [mistral/a, workers-ai/a], slow: [groq/a, workers-ai/a]}}
tokens: {{agents: {{allow: [AI Gateway Run]}}}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("server"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@dataclass
class Stack:
    """What the engine's state has."""

    has: set[tuple[str, str]] = field(default_factory=set)
    version: str | None = None

    def state(self) -> list[dict[str, Any]]:
        outputs = {VERSION_OUTPUT: self.version} if self.version else {}
        stack = {"type": "pulumi:pulumi:Stack", "urn": "urn:prod", "outputs": outputs}
        return [stack, *({"type": kind, "urn": f"urn::{name}"} for kind, name in self.has)]


@dataclass
class World:
    """An environment, its stack, and its account at Cloudflare."""

    project: Project
    client: Client
    server: Running
    stack: Stack = field(default_factory=Stack)

    def check(self) -> dict[str, CheckResult]:
        """What the checks that ask Cloudflare find."""
        environment = load(Files(self.project.stacks, "stacks"), "prod", CAPABILITIES, {}).environment
        assert environment is not None
        here = ("state", "cloudflare plugin")
        with Preflight(self.project, environment, Engine(Path("/no/pulumi"), (3, 259, 0), "built")) as account:
            account.__dict__["pulumi"] = self.stack
            checks = [replace(check, run=str) if check.name in here else check for check in account.checks()]
            return {each.name: each for each in run_checks(checks) if each.name not in here}

    def conflicts(self) -> list[str]:
        """What a preview finds in up's way."""
        environment = load(Files(self.project.stacks, "stacks"), "prod", CAPABILITIES, {}).environment
        assert environment is not None
        with Preflight(self.project, environment, Engine(Path("/no/pulumi"), (3, 259, 0), "built")) as account:
            return list(account.conflicts(frozenset(self.stack.has)))

    def errors(self) -> dict[str, str]:
        found = {name: each.error for name, each in self.check().items()}
        return {name: f"{error.message} → {error.hint}" for name, error in found.items() if error}

    def make_gateway(self) -> None:
        numbers = dict.fromkeys(("cache_ttl", "rate_limiting_interval", "rate_limiting_limit"), 0)
        flags = {"cache_invalidate_on_update": True, "collect_logs": True}
        self.client.post(GATEWAY, {"id": "agents-prod", **numbers, **flags})

    def make_route(self, name: str) -> None:
        elements = [
            {"id": "start", "type": "start", "outputs": {"next": {"elementId": "end"}}},
            {"id": "end", "type": "end", "outputs": {}},
        ]
        self.client.post(f"{GATEWAY}/agents-prod/routes", {"name": name, "elements": elements})

    def store(self, *names: str) -> None:
        """Secrets, in the account's one store."""
        path = f"{ACCOUNT}/secrets_store/stores"
        stores = self.client.get(path)["result"]
        store = stores[0] if stores else self.client.post(path, {"name": "default_secrets_store"})["result"]
        body: Any = [{"name": name, "value": "fake-key", "scopes": ["ai_gateway"]} for name in names]
        self.client.post(f"{path}/{store['id']}/secrets", body)

    def asked(self, after: int = 0) -> list[dict[str, Any]]:
        url = f"{self.server.data_plane}/__local__/log"
        found: list[dict[str, Any]] = httpx.get(url, params={"after": after}, trust_env=False).json()
        return [each for each in found if each["path"].startswith("/client/")]


@pytest.fixture
def world(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    httpx.post(f"{server.data_plane}/__local__/reset", json={}, trust_env=False)
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", server.control_plane)
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", LOCAL_DEPLOY_TOKEN)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "prod.yaml").write_text(LINES)
    monkeypatch.setenv("FAKE_MISTRAL", "fake-key")
    with Client(server.control_plane, LOCAL_DEPLOY_TOKEN) as client:
        world = World(Project(tmp_path), client, server)
        world.store(GROQ)
        yield world


def test_an_empty_account(world: World) -> None:
    found = world.check()
    assert {name: each.detail for name, each in found.items() if name not in ("account", "permissions")} == {
        "deploying token": "$CLOUDFLARE_API_TOKEN",
        "gateway": "agents-prod, to be created",
        "routes": "2, 2 of them to be created",
        "custom providers": "1, 1 of them to be created",
        "provider keys": "2, 1 of them to be created",
        "tokens": "0 of at most 500 in the account",
    }


@pytest.mark.parametrize(("hours", "text"), [(49, "49 hours ahead of"), (-3, "3 hours behind")])
def test_a_wrong_clock_of_this_machine(world: World, monkeypatch: pytest.MonkeyPatch, hours: int, text: str) -> None:
    monkeypatch.setattr("gatewright.operations.stack.conflicts.now", lambda _: int(time.time()) + hours * (HOUR + 60))
    assert [*world.errors()] == ["tokens"]
    assert f"this machine's clock is {text} Cloudflare's" in world.errors()["tokens"]
    monkeypatch.setenv(NOW, "2030-01-01")
    assert world.errors() == {}


def test_an_existing_gateway(world: World) -> None:
    world.make_gateway()
    found = world.errors()
    assert list(found) == ["gateway"]
    assert f"account {LOCAL_ACCOUNT} has a gateway agents-prod already, which is not in stack prod" in found["gateway"]
    assert "gatewright adopt" in found["gateway"]


def test_the_gateway_of_this_stack(world: World) -> None:
    world.make_gateway()
    world.stack.has.add((AI_GATEWAY.token, "agents-prod"))
    assert world.check()["gateway"].detail == "agents-prod, in this stack"


def test_a_gateway_that_is_to_be_imported(world: World) -> None:
    world.make_gateway()
    entry = {"type": AI_GATEWAY.token, "name": "agents-prod", "id": f"{LOCAL_ACCOUNT}/agents-prod"}
    (world.project.stacks / "prod.import.json").write_text(json.dumps({"resources": [entry]}))
    assert world.errors() == {}


def test_existing_routes(world: World) -> None:
    world.make_gateway()
    world.make_route("fast")
    world.make_route("another")
    world.stack.has.add((AI_GATEWAY.token, "agents-prod"))
    assert "Cloudflare has the route fast already, which is not in stack prod" in world.errors()["routes"]
    world.stack.has.add((DYNAMIC_ROUTE, "fast"))
    assert world.check()["routes"].detail == "2, 1 of them to be created"


def test_an_existing_custom_provider(world: World) -> None:
    body = {"name": "nvidia", "slug": "nvidia", "base_url": "https://fake.example/v1"}
    world.client.post(f"{ACCOUNT}/ai-gateway/custom-providers", body)
    assert "Cloudflare has the custom provider nvidia already" in world.errors()["custom providers"]
    world.stack.has.add((CUSTOM_PROVIDER, "nvidia"))
    assert world.errors() == {}


def test_an_existing_stored_key(world: World) -> None:
    world.store(MISTRAL)
    assert "Cloudflare has the stored key of mistral already" in world.errors()["provider keys"]
    world.stack.has.add((SECRETS_STORE_SECRET.token, "mistral"))
    assert world.errors() == {}


def test_missing_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAKE_MISTRAL")
    (world.project.stacks / "prod.yaml").write_text(LINES.replace("account:", "gateway: {name: other}\naccount:"))
    found = world.errors()["provider keys"]
    assert "no key for mistral, groq" in found
    assert "export FAKE_MISTRAL=…" in found
    assert "as other_groq_default, for AI Gateway" in found


def test_a_stored_key_without_a_variable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAKE_MISTRAL")
    world.store(MISTRAL)
    world.stack.has.add((SECRETS_STORE_SECRET.token, "mistral"))
    assert world.errors() == {}


def test_an_account_that_is_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatewright.operations.stack.conflicts.MAX_TOKENS", 0)
    assert "has 0 API tokens, and Cloudflare allows at most 0" in world.errors()["tokens"]


@pytest.mark.parametrize("value", ["", "  "])
def test_no_token(world: World, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", value)
    before = len(world.asked())
    found = world.errors()
    assert "gatewright bootstrap prod" in found["deploying token"]
    assert len(world.asked()) == before


def test_the_checks_make_few_calls_and_change_nothing(world: World) -> None:
    before = len(world.asked())
    world.check()
    calls = world.asked()[before:]
    assert {each["method"] for each in calls} == {"GET"}
    assert len(calls) <= 12


def test_conflicts_are_reported_to_a_preview(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAKE_MISTRAL")
    assert world.conflicts() == []
    world.make_gateway()
    world.store(MISTRAL)
    body = {"name": "nvidia", "slug": "nvidia", "base_url": "https://fake.example/v1"}
    world.client.post(f"{ACCOUNT}/ai-gateway/custom-providers", body)
    gateway, provider, key = world.conflicts()
    assert f"account {LOCAL_ACCOUNT} has a gateway agents-prod already, which is not in stack prod → Import" in gateway
    assert "Cloudflare has the custom provider nvidia already" in provider
    assert "Cloudflare has the stored key of mistral already" in key


def test_no_call_is_made_where_the_stack_has_everything(world: World) -> None:
    routes = {(DYNAMIC_ROUTE, name) for name in ("fast", "slow")}
    held = {(AI_GATEWAY.token, "agents-prod"), (CUSTOM_PROVIDER, "nvidia"), (SECRETS_STORE_SECRET.token, "mistral")}
    world.stack.has |= held | routes
    before = len(world.asked())
    assert world.conflicts() == []
    assert len(world.asked()) == before


def test_conflicts_that_the_token_may_not_read_are_not_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.make_gateway()
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "local-fake-token-of-nobody")
    assert world.conflicts() == []


def test_a_state_of_a_newer_package_is_refused(world: World) -> None:
    world.stack.version = "99.0.0"
    error = world.errors()["gateway"]
    assert error.startswith(
        f"gatewright 99.0.0 wrote the state of stack prod, and the installed one is older: {__version__}"
    )
    world.stack.version = __version__
    assert "gateway" not in world.errors()


def test_the_status_of_custom_domains(world: World) -> None:
    domains = "gateway: {domains: {ai.example.test: {}, ai.example.org: {}}}\n"
    (world.project.stacks / "prod.yaml").write_text(LINES + domains)
    world.make_gateway()
    world.client.post(f"{GATEWAY}/agents-prod/custom-domains", {"domain": "ai.example.test"})
    assert world.check()["domains"].detail == "ai.example.test pending_dcv, ai.example.org is not created yet"


BEHIND_ACCESS = LINES + "gateway: {domains: {ai.example.test: {}}, access: {serviceToken: true}}\n"


def put_access_in_front(world: World, hostname: str) -> None:
    """An application that somebody else has created."""
    world.client.post(f"{ACCOUNT}/access/apps", {"type": "self_hosted", "name": "by hand", "domain": hostname})


def test_an_access_application_that_exists_on_a_domain(world: World) -> None:
    (world.project.stacks / "prod.yaml").write_text(BEHIND_ACCESS)
    put_access_in_front(world, "other.example.test")
    assert world.check()["access"].detail == "to be created, in front of ai.example.test"
    put_access_in_front(world, "ai.example.test/compat")
    refused = (
        f"account {LOCAL_ACCOUNT} has an Access application by hand in front of ai.example.test already, which is not "
        "in stack prod → Import it: gatewright adopt prod; or delete it there; or leave it to its owner with gateway: "
        "{access: true}"
    )
    assert world.errors() == {"access": refused}
    assert world.conflicts() == [refused]
    world.stack.has.add((ACCESS_APPLICATION.token, "agents-prod"))
    assert world.check()["access"].detail == "in this stack"
    assert world.conflicts() == []


def test_an_access_application_that_the_environment_does_not_declare(world: World) -> None:
    (world.project.stacks / "prod.yaml").write_text(LINES + "gateway: {domains: {ai.example.test: {}}}\n")
    put_access_in_front(world, "ai.example.test")
    checks = world.check()
    assert "access" not in checks
    assert checks["domains"].detail == (
        "ai.example.test is not created yet, blocked by Access application by hand until clients pass it: "
        "gateway: {access: true}"
    )
