"""What the components register of an environment."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi
import pytest

from gatewright.environment.model.environment_file import Local
from gatewright.facts.permissions import AI_GATEWAY_READ, AI_GATEWAY_RUN, WORKERS_AI_READ
from gatewright.facts.resource_types import GET_SECRETS
from gatewright_components.stack_state import READ_STATE

from .conftest import ACCOUNT, program
from .recorder import Recorder, registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.environment.resolved import Environment


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_KEY", "fake-otel-secret")
    monkeypatch.setenv("STRIPE_KEY", "fake-stripe-secret")


def test_permission_groups_are_sorted(declared: Callable[..., Environment]) -> None:
    names = [AI_GATEWAY_RUN.name, WORKERS_AI_READ.name, AI_GATEWAY_READ.name]
    found = []
    for order in (names, names[::-1]):
        resources = registered(program(declared(f"tokens: {{agents: {{allow: {json.dumps(order)}}}}}")))
        found.append(resources["AccountToken agents"]["policies"])
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
            result = super().new_resource(args)
            return ("account", {"accountId": "of the state"}) if args.typ.endswith(":Account") else result

    resources = registered(program(declared("tokens: {agents: {allow: [AI Gateway Run]}}")), Elsewhere())
    assert resources["Account prod"] == {"accountId": ACCOUNT}
    assert (
        resources["AiGateway agents-prod"]["accountId"]
        == resources["AccountToken agents"]["accountId"]
        == "of the state"
    )


def test_known_groups_cost_no_call(declared: Callable[..., Environment]) -> None:
    mocks = Recorder()
    registered(program(declared("tokens: {agents: {allow: [ai gateway run]}}")), mocks)
    assert mocks.calls == []


def test_a_permission_group_that_is_not_in_the_table(declared: Callable[..., Environment]) -> None:
    mocks = Recorder(groups={"AI Gateway Metadata Read": "fa4e" * 8})
    resources = registered(program(declared("tokens: {agents: {allow: [AI Gateway Metadata Read]}}")), mocks)
    assert len(mocks.calls) == 1
    assert resources["AccountToken agents"]["policies"][0]["permissionGroups"] == [{"id": "fa4e" * 8}]


def test_an_unknown_permission_group(declared: Callable[..., Environment]) -> None:
    environment = declared("tokens: {agents: {allow: [AI Gateway Metadata Read]}}")
    with pytest.raises(
        pulumi.RunError, match="Cloudflare has no permission AI Gateway Metadata Read for account tokens"
    ):
        registered(program(environment))


@pytest.mark.parametrize("name", ["byokOnly", "logClassification"])
@pytest.mark.usefixtures("secrets")
def test_a_setting_that_an_old_plugin_drops_is_an_error(every_setting: Environment, name: str) -> None:
    with pytest.raises(pulumi.RunError, match=f"Cloudflare's plugin dropped {name}: it is older than 6.23"):
        registered(program(every_setting), Recorder(dropped=(name,)), team="fake-team-secret")


@pytest.mark.usefixtures("secrets")
def test_secrets_replace_their_references(every_setting: Environment) -> None:
    gateway = registered(program(every_setting), team="fake-team-secret")["AiGateway all-of-it"]
    assert gateway["otels"][0]["authorization"] == "fake-otel-secret"
    assert gateway["otels"][0]["headers"] == {"x-team": "fake-team-secret"}
    assert gateway["stripe"]["authorization"] == "fake-stripe-secret"


@pytest.mark.parametrize(("value", "message"), [(None, "OTEL_KEY is not set"), ("", "OTEL_KEY is set but empty")])
@pytest.mark.usefixtures("secrets")
def test_a_variable_that_is_empty_or_not_set(
    every_setting: Environment, monkeypatch: pytest.MonkeyPatch, value: str | None, message: str
) -> None:
    monkeypatch.delenv("OTEL_KEY") if value is None else monkeypatch.setenv("OTEL_KEY", value)
    with pytest.raises(pulumi.RunError, match=message):
        registered(program(every_setting), team="fake-team-secret")


@pytest.mark.usefixtures("secrets")
def test_a_secret_that_is_not_in_the_configuration(every_setting: Environment) -> None:
    with pytest.raises(pulumi.ConfigMissingError, match="team"):
        registered(program(every_setting))


KEYS = "routes: {fast: [mistral/mistral-tiny, groq/llama-3.1-8b]}"
STORED = ("agents-prod_mistral_default", "agents-prod_groq_default")


class Store(Recorder):
    """One whose Secrets Store holds `names`."""

    names: tuple[str, ...] = ()
    unlinked: tuple[str, ...] = ()

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]] | None]:
        if args.token != GET_SECRETS:
            return super().call(args)
        self.calls.append(args.token)
        return {"names": list(self.names), "unlinked": {name: f"account/store/{name}" for name in self.unlinked}}, []


def stored(*names: str) -> Store:
    mocks = Store()
    mocks.names = names
    return mocks


def test_keys_of_the_stack_that_are_set_cost_no_call(
    declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "fake-key")
    monkeypatch.setenv("GROQ_API_KEY", "fake-groq-key")
    mocks = stored()
    mocks.state = {"SecretsStoreSecret mistral": "id of mistral", "SecretsStoreSecret groq": "id of groq"}
    resources = registered(program(declared(KEYS)), mocks)
    values = [resources[f"SecretsStoreSecret {name}"]["value"] for name in ("mistral", "groq")]
    assert (values, mocks.calls) == (["fake-key", "fake-groq-key"], [READ_STATE])


def test_missing_keys_are_all_reported(declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    mocks = stored("another")
    message = r"GROQ_API_KEY \(the key of groq\), MISTRAL_API_KEY \(the key of mistral\)"
    with pytest.raises(pulumi.RunError, match=message):
        registered(program(declared(KEYS)), mocks)
    assert not any(name.startswith(("AiGateway", "SecretsStore", "ConfigFile")) for name in mocks.resources)


def test_keys_that_are_stored_are_kept(declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    mocks = stored(*STORED)
    registered(program(declared(KEYS)), mocks)
    assert mocks.calls == [READ_STATE, GET_SECRETS]


def test_an_empty_key(declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", " ")
    mocks = stored(*STORED)
    with pytest.raises(
        pulumi.RunError, match=r"MISTRAL_API_KEY \(the key of mistral\) is set but empty → export MISTRAL_API_KEY"
    ):
        registered(program(declared(KEYS)), mocks)
    assert mocks.calls == []


def test_a_local_environment_has_fake_keys(
    declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "fake-key-of-the-shell")
    environment = replace(declared(KEYS), local=Local())
    resources = registered(program(environment), stored())
    values = [resources[f"SecretsStoreSecret {name}"]["value"] for name in ("mistral", "groq")]
    assert values == ["fake-key-of-mistral", "fake-key-of-groq"]


@pytest.mark.parametrize("is_set", [True, False])
def test_a_key_whose_creation_was_never_answered(
    declared: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch, is_set: bool
) -> None:
    """Its secret is imported where its value can be set; otherwise the variable is asked for."""
    monkeypatch.setenv("GROQ_API_KEY", "fake-groq-key")
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    if is_set:
        monkeypatch.setenv("MISTRAL_API_KEY", "fake-key")
    mocks = Store(state={"SecretsStoreSecret groq": "id of groq"})
    mocks.names = mocks.unlinked = STORED
    if not is_set:
        with pytest.raises(pulumi.RunError, match=r"MISTRAL_API_KEY \(the key of mistral\) → export MISTRAL_API_KEY"):
            registered(program(declared(KEYS)), mocks)
        return
    registered(program(declared(KEYS)), mocks)
    assert mocks.imported == {"SecretsStoreSecret mistral": "account/store/agents-prod_mistral_default"}
