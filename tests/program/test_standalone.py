"""Each component alone, without an environment file."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from gatewright.clock import NOW
from gatewright.facts.permissions import AI_GATEWAY_RUN
from gatewright.facts.resource_types import GET_SECRETS, GET_TOKENS
from gatewright_components import (
    Account,
    AccountArgs,
    ClientFiles,
    ClientFilesArgs,
    CustomDomains,
    CustomDomainsArgs,
    CustomProviders,
    CustomProvidersArgs,
    Domain,
    DynamicRoute,
    DynamicRouteArgs,
    DynamicRoutes,
    DynamicRoutesArgs,
    Environment,
    EnvironmentArgs,
    Gateway,
    GatewayArgs,
    GatewaySettings,
    ProviderKey,
    ProviderKeys,
    ProviderKeysArgs,
    Rotation,
    SecretsStore,
    SecretsStoreArgs,
    Token,
    Tokens,
    TokensArgs,
    fallback_elements,
)
from gatewright_components.provider_keys import UNSENT, MissingKeysError

from .recorder import Recorder, registered

ACCOUNT = "fake-account"
PLACE = {"account_id": ACCOUNT, "gateway_id": "agents"}


class Cloudflare(Recorder):
    """Answers every call with `result`."""

    def __init__(self, **result: Any) -> None:
        super().__init__()
        self.result = result

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        self.calls.append(args.token)
        return self.result, []


def outputs(program: Any, mocks: Recorder | None = None) -> Any:
    """What the outputs that `program` returns resolve to."""
    resolved: list[Any] = []

    def run() -> None:
        pulumi.Output.from_input(program()).apply(resolved.append)

    registered(run, mocks)
    return resolved[0]


def test_a_gateway_with_default_settings() -> None:
    gateway = registered(lambda: Gateway("agents", GatewayArgs(account_id=ACCOUNT)))["AiGateway agents"]
    assert (gateway["accountId"], gateway["aiGatewayId"]) == (ACCOUNT, "agents")
    assert (gateway["authentication"], gateway["collectLogs"], gateway["cacheTtl"]) == (True, True, 0)
    assert "storeId" not in gateway


def test_a_gateway_with_settings_and_a_store() -> None:
    def program() -> pulumi.Output[str]:
        store = SecretsStore("store", SecretsStoreArgs(account_id=ACCOUNT))
        settings = GatewaySettings(cache_ttl=300, collect_logs=False, byok_only=pulumi.Output.from_input(val=True))
        args = GatewayArgs(account_id=ACCOUNT, gateway_id="mine", settings=settings, store_id=store.store_id)
        return Gateway("agents", args).gateway_id

    mocks = Recorder()
    assert outputs(program, mocks) == "id of agents"
    gateway = mocks.resources["AiGateway agents"]
    assert {name: gateway[name] for name in ("aiGatewayId", "cacheTtl", "collectLogs", "byokOnly", "storeId")} == {
        "aiGatewayId": "mine",
        "cacheTtl": 300,
        "collectLogs": False,
        "byokOnly": True,
        "storeId": "fake-store",
    }


def test_keys_with_a_value_or_stored_by_other_means() -> None:
    keys = {
        "groq": ProviderKey(value="fake-key", rate_limit=40),
        "nvidia": ProviderKey(slug="custom-nvidia", stored=True),
    }
    resources = registered(lambda: ProviderKeys("keys", ProviderKeysArgs(**PLACE, keys=keys)))
    secret = resources["SecretsStoreSecret groq"]
    assert (secret["name"], secret["value"]) == ("agents_groq_default", "fake-key")
    assert secret["comment"] == "The key of groq, kept by gatewright, for 40 requests in 60 s"
    assert resources["ProviderConfig groq"]["rateLimit"] == 40
    assert resources["ProviderConfig nvidia"]["providerSlug"] == "custom-nvidia"
    assert "secretId" not in resources["ProviderConfig nvidia"]
    assert "SecretsStoreSecret nvidia" not in resources


def test_keys_in_a_store_that_is_given() -> None:
    args = ProviderKeysArgs(**PLACE, keys={"groq": ProviderKey(value="fake-key")}, store_id="mine")
    resources = registered(lambda: ProviderKeys("keys", args))
    assert resources["ProviderConfig groq"]["storeId"] == resources["SecretsStoreSecret groq"]["storeId"] == "mine"
    assert "SecretsStore agents" not in resources


def test_a_key_without_a_value_is_kept_where_cloudflare_has_it() -> None:
    mocks = Cloudflare(names=["agents_groq_default"])
    account_id = pulumi.Output.from_input(ACCOUNT)
    args = ProviderKeysArgs(account_id=account_id, gateway_id="agents", keys={"groq": ProviderKey()})
    resources = registered(lambda: ProviderKeys("keys", args), mocks)
    assert resources["SecretsStoreSecret groq"]["value"] == UNSENT
    assert mocks.calls == [GET_SECRETS]


def test_a_key_without_a_value_that_cloudflare_lacks() -> None:
    args = ProviderKeysArgs(**PLACE, keys={"groq": ProviderKey()})
    mocks = Cloudflare(names=["other"])
    with pytest.raises(MissingKeysError, match="none is stored at Cloudflare: the key of groq"):
        registered(lambda: ProviderKeys("keys", args), mocks)
    assert "SecretsStoreSecret groq" not in mocks.resources


def test_routes_of_a_gateway() -> None:
    elements = fallback_elements(["groq/llama", "workers-ai/@cf/openai/gpt-oss-20b"], retries=1, timeout=5000)
    resources = registered(lambda: DynamicRoutes("routes", DynamicRoutesArgs(**PLACE, routes={"fast": elements})))
    assert list(elements) == ["start", "groq-llama", "workers-ai-cf-openai-gpt-oss-20b", "end"]
    assert elements["groq-llama"]["properties"] == {"provider": "groq", "model": "llama", "retries": 1, "timeout": 5000}
    assert resources["DynamicRoute fast"] == {
        "accountId": ACCOUNT,
        "gatewayId": "agents",
        "name": "fast",
        "elements": elements,
    }


def test_one_route_after_its_account() -> None:
    def program() -> None:
        account = Account("account", AccountArgs(account_id=ACCOUNT))
        elements = fallback_elements(["groq/llama"])
        args = DynamicRouteArgs(account_id=account.account_id, gateway_id="agents", name="fast", elements=elements)
        DynamicRoute("route", args)

    assert registered(program)["DynamicRoute route"]["accountId"] == ACCOUNT


def test_custom_providers_by_their_slugs() -> None:
    args = CustomProvidersArgs(account_id=ACCOUNT, base_urls={"nvidia": "https://example.com/v1"})
    resources = registered(lambda: CustomProviders("providers", args))
    assert resources["CustomProvider nvidia"] == {
        "accountId": ACCOUNT,
        "name": "nvidia",
        "slug": "nvidia",
        "baseUrl": "https://example.com/v1",
    }


def test_domains_with_and_without_a_zone() -> None:
    args = CustomDomainsArgs(
        **PLACE, domains={"ai.example.com": Domain(zone_id="fake-zone"), "ai.example.org": Domain()}
    )
    mocks = Recorder()
    domains = outputs(lambda: pulumi.Output.all(**CustomDomains("domains", args).domains), mocks)
    assert domains["ai.example.org"] == {"cname": "fake-target", "status": "fake-status"}
    assert mocks.resources["CustomDomain ai.example.com"]["zoneId"] == "fake-zone"
    assert mocks.resources["DnsRecord ai.example.com"]["content"] == "fake-target"
    assert "DnsRecord ai.example.org" not in mocks.resources


def test_tokens_that_rotate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NOW, "2026-11-21T00:00:00Z")
    rotation = Rotation(every=30 * 86_400, overlap=7 * 86_400)
    token = Token(permissions=[AI_GATEWAY_RUN.name], rotation=rotation, allowed_ips=["203.0.113.0/24"])
    mocks = Cloudflare(tokens=[])
    component: list[Tokens] = []
    args = TokensArgs(account_id=ACCOUNT, tokens={"agents": token})
    resources = registered(lambda: component.append(Tokens("prod", args)), mocks)
    assert resources["AccountToken agents-2026-11-03"]["name"] == "gatewright/prod/agents/2026-11-03"
    assert resources["AccountToken agents-2026-11-03"]["condition"] == {"requestIp": {"ins": ["203.0.113.0/24"]}}
    assert component[0].expiries == {"agents": "2027-01-16T00:00:00Z"}
    assert mocks.calls == [GET_TOKENS]


def test_tokens_of_an_account_that_is_an_output() -> None:
    account_id = pulumi.Output.from_input(ACCOUNT)
    token = {"ci": Token(permissions=[AI_GATEWAY_RUN.name])}
    with pytest.raises(pulumi.RunError, match="known_account_id is required"):
        registered(lambda: Tokens("prod", TokensArgs(account_id=account_id, tokens=token)))
    args = TokensArgs(account_id=account_id, known_account_id=ACCOUNT, tokens=token)
    assert registered(lambda: Tokens("prod", args))["AccountToken ci"]["accountId"] == ACCOUNT


def test_client_files_below_the_name_of_the_component() -> None:
    files = {"models.json": "{}\n"}
    resources = registered(lambda: ClientFiles("prod", ClientFilesArgs(files=files)))
    assert resources["ConfigFile models.json"] == {"environment": "prod", "path": "models.json", "content": "{}\n"}


def test_an_environment_without_a_file() -> None:
    args = EnvironmentArgs(
        account_id=ACCOUNT,
        provider_keys={"groq": ProviderKey(value="fake-key")},
        routes={"fast": fallback_elements(["groq/llama"])},
        tokens={"ci": Token(permissions=[AI_GATEWAY_RUN.name])},
    )
    mocks = Recorder()
    tokens = outputs(lambda: pulumi.Output.all(**Environment("prod", args).tokens), mocks)
    assert tokens == {"ci": "fake-token"}
    assert mocks.resources["AiGateway agents-prod"]["storeId"] == "fake-store"
    assert mocks.resources["DynamicRoute fast"]["gatewayId"] == "id of agents-prod"
    assert {"Account prod", "ProviderConfig groq", "AccountToken ci"} <= mocks.resources.keys()
