"""What the components register of an environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pulumi
import pytest

from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_RUN, WORKERS_AI_READ

from .conftest import ACCOUNT, program
from .recorder import Recorder, registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.environment.resolved import Environment


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_KEY", "fake-otel-secret")
    monkeypatch.setenv("STRIPE_KEY", "fake-stripe-secret")


def test_groups_stand_in_a_fixed_order(declared: Callable[..., Environment]) -> None:
    names = [AI_GATEWAY_RUN.name, WORKERS_AI_READ.name, AI_GATEWAY_READ.name]
    found = []
    for order in (names, names[::-1]):
        seen = registered(program(declared(f"tokens: {{agents: {{allow: {json.dumps(order)}}}}}")))
        found.append(seen["AccountToken agents"]["policies"])
    assert found[0] == found[1]
    assert {group["id"] for group in found[0][0]["permissionGroups"]} == {
        AI_GATEWAY_RUN.id,
        WORKERS_AI_READ.id,
        AI_GATEWAY_READ.id,
    }


def test_a_token_is_for_one_account(declared: Callable[..., Environment]) -> None:
    line = "tokens: {agents: {allow: [AI Gateway Run], from: [203.0.113.0/24, 198.51.100.0/24]}}"
    token = registered(program(declared(line)))["AccountToken agents"]
    assert token["accountId"] == ACCOUNT
    assert json.loads(token["policies"][0]["resources"]) == {f"com.cloudflare.api.account.{ACCOUNT}": "*"}
    assert token["condition"] == {"requestIp": {"ins": ["198.51.100.0/24", "203.0.113.0/24"]}}


def test_the_account_comes_from_its_resource(declared: Callable[..., Environment]) -> None:
    class Elsewhere(Recorder):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, object]]:
            made = super().new_resource(args)
            return ("account", {"accountId": "of the state"}) if args.typ.endswith(":Account") else made

    seen = registered(program(declared("tokens: {agents: {allow: [AI Gateway Run]}}")), Elsewhere())
    assert seen["Account prod"] == {"accountId": ACCOUNT}
    assert seen["AiGateway agents-prod"]["accountId"] == seen["AccountToken agents"]["accountId"] == "of the state"


def test_known_groups_cost_no_call(declared: Callable[..., Environment]) -> None:
    mocks = Recorder()
    registered(program(declared("tokens: {agents: {allow: [ai gateway run]}}")), mocks)
    assert mocks.asked == []


def test_a_group_that_only_cloudflare_knows(declared: Callable[..., Environment]) -> None:
    mocks = Recorder(groups={"AI Gateway Metadata Read": "fa4e" * 8})
    seen = registered(program(declared("tokens: {agents: {allow: [AI Gateway Metadata Read]}}")), mocks)
    assert len(mocks.asked) == 1
    assert seen["AccountToken agents"]["policies"][0]["permissionGroups"] == [{"id": "fa4e" * 8}]


def test_a_group_that_nobody_knows(declared: Callable[..., Environment]) -> None:
    environment = declared("tokens: {agents: {allow: [AI Gateway Metadata Read]}}")
    with pytest.raises(pulumi.RunError, match="Cloudflare has no permission AI Gateway Metadata Read for an account"):
        registered(program(environment))


@pytest.mark.parametrize("name", ["byokOnly", "logClassification"])
@pytest.mark.usefixtures("secrets")
def test_a_setting_that_an_old_plugin_drops(every_setting: Environment, name: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"Cloudflare's plugin dropped {name}: it is older than 6.23"):
        registered(program(every_setting), Recorder(dropped=(name,)), team="fake-team-secret")


@pytest.mark.usefixtures("secrets")
def test_secrets_arrive(every_setting: Environment) -> None:
    gateway = registered(program(every_setting), team="fake-team-secret")["AiGateway all-of-it"]
    assert gateway["otels"][0]["authorization"] == "fake-otel-secret"
    assert gateway["otels"][0]["headers"] == {"x-team": "fake-team-secret"}
    assert gateway["stripe"]["authorization"] == "fake-stripe-secret"


@pytest.mark.parametrize(("value", "said"), [(None, "OTEL_KEY is not set"), ("", "OTEL_KEY is empty")])
@pytest.mark.usefixtures("secrets")
def test_a_variable_without_a_secret(
    every_setting: Environment, monkeypatch: pytest.MonkeyPatch, value: str | None, said: str
) -> None:
    monkeypatch.delenv("OTEL_KEY") if value is None else monkeypatch.setenv("OTEL_KEY", value)
    with pytest.raises(pulumi.RunError, match=said):
        registered(program(every_setting), team="fake-team-secret")


@pytest.mark.usefixtures("secrets")
def test_a_config_without_a_secret(every_setting: Environment) -> None:
    with pytest.raises(pulumi.ConfigMissingError, match="team"):
        registered(program(every_setting))
