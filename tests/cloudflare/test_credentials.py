"""A deploying token is verified against the local Cloudflare, and missing permissions are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from local.ports import free_port

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.credentials import check_credential
from gatewright.cloudflare.needed_permissions import Need
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.permissions import (
    ACCOUNT_TOKENS_READ,
    ACCOUNT_TOKENS_WRITE,
    AI_GATEWAY_READ,
    AI_GATEWAY_WRITE,
    DNS_WRITE,
    SECRETS_STORE_WRITE,
    WORKERS_AI_READ,
    Group,
)
from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project

GROUPS = (AI_GATEWAY_WRITE, ACCOUNT_TOKENS_WRITE)
NEEDED = tuple(Need(group, ()) for group in GROUPS)
ZONE, OTHER_ZONE = "fa4e20ae" * 4, "fa4e20af" * 4

Token = Callable[..., str]
LoadedProgram = Callable[[str], Client]
Reading = Callable[[dict[str, Any]], Client]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("server"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.fixture
def opened(server: Running) -> Iterator[LoadedProgram]:
    """A client with a token."""
    clients = []

    def client(token: str) -> Client:
        clients.append(Client(server.control_plane, token))
        return clients[-1]

    yield client
    for each in clients:
        each.__exit__()


@pytest.fixture
def token(opened: LoadedProgram) -> Token:
    """A token that may do what is named; with `deny`, and may not."""

    def make(*groups: Group, effect: str = "allow") -> str:
        account = f"com.cloudflare.api.account.{LOCAL_ACCOUNT}"
        policy = {"effect": "allow", "permission_groups": [{"id": group.id} for group in groups]}
        policies = [policy | {"resources": {account: "*"}}]
        if effect == "deny":
            policies.append({**policies[0], "effect": "deny"})
        body = {"name": "a token of a test", "policies": policies}
        made = opened(LOCAL_DEPLOY_TOKEN).post(f"/accounts/{LOCAL_ACCOUNT}/tokens", body)
        return str(made["result"]["value"])

    return make


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    """A client whose token has this policy."""

    def client(policy: dict[str, Any]) -> Client:
        answers = {"verify": {"id": "fake", "status": "active"}, "fake": {"policies": [policy]}}
        made = Client("http://127.0.0.1:9/client/v4", "fake-token")
        monkeypatch.setattr(made, "get", lambda path: {"result": answers[path.rpartition("/")[2]]})
        return made

    return client


def test_token_with_all_permissions(opened: LoadedProgram, token: Token) -> None:
    found = check_credential(opened(token(*GROUPS)), LOCAL_ACCOUNT, NEEDED)
    assert found.unproven == ()
    assert found.expires_on is None


@pytest.mark.parametrize(
    ("groups", "lacking"),
    [
        ((ACCOUNT_TOKENS_WRITE,), "AI Gateway Write on"),
        ((ACCOUNT_TOKENS_READ, AI_GATEWAY_READ), "AI Gateway Write, Account API Tokens Write on"),
        ((AI_GATEWAY_WRITE,), "Account API Tokens Write on"),
        ((WORKERS_AI_READ,), "AI Gateway Write, Account API Tokens Write on"),
    ],
    ids=["tokens", "reading", "gateways", "neither"],
)
def test_missing_permissions_are_named(
    opened: LoadedProgram, token: Token, groups: tuple[Group, ...], lacking: str
) -> None:
    with pytest.raises(RefusedError, match=f"CLOUDFLARE_API_TOKEN lacks {lacking} account {LOCAL_ACCOUNT}") as caught:
        check_credential(opened(token(*groups)), LOCAL_ACCOUNT, NEEDED)
    assert caught.value.hint is not None


def test_secrets_store_permission_is_checked(opened: LoadedProgram, token: Token) -> None:
    client = opened(token(AI_GATEWAY_WRITE))
    with pytest.raises(RefusedError, match="CLOUDFLARE_API_TOKEN lacks Secrets Store Write on"):
        check_credential(client, LOCAL_ACCOUNT, (*NEEDED[:1], Need(SECRETS_STORE_WRITE, ())))


def test_unreadable_policies_leave_permissions_unproven(opened: LoadedProgram, token: Token) -> None:
    found = check_credential(opened(token(AI_GATEWAY_READ)), LOCAL_ACCOUNT, NEEDED[:1])
    assert found.unproven == ("AI Gateway Write",)


@pytest.mark.parametrize("value", ["fake-token-that-nobody-ever-made-00000000000", "too short"])
def test_invalid_token(opened: LoadedProgram, value: str) -> None:
    with pytest.raises(RefusedError, match="CLOUDFLARE_API_TOKEN is refused by Cloudflare") as caught:
        check_credential(opened(value), LOCAL_ACCOUNT, NEEDED)
    assert caught.value.hint is not None
    assert "Check that it is complete" in caught.value.hint
    assert value not in f"{caught.value.message}{caught.value.hint}"


def test_token_of_another_account(opened: LoadedProgram, server: Running) -> None:
    other = httpx.post(f"{server.data_plane}/__local__/accounts", json={}, trust_env=False).json()
    with pytest.raises(RefusedError, match=r"is refused by Cloudflare|lacks"):
        check_credential(opened(other["token"]), LOCAL_ACCOUNT, NEEDED)


def test_disabled_token(opened: LoadedProgram, token: Token, server: Running) -> None:
    value = token(*GROUPS)
    made = opened(value).get(f"/accounts/{LOCAL_ACCOUNT}/tokens/verify")["result"]
    url = f"{server.control_plane}/accounts/{LOCAL_ACCOUNT}/tokens/{made['id']}"
    with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}) as client:
        body = client.get(url).json()["result"]
        body = {"name": body["name"], "policies": body["policies"], "status": "disabled"}
        assert client.put(url, json=body).is_success
    with pytest.raises(RefusedError, match=r"CLOUDFLARE_API_TOKEN is (disabled|refused)"):
        check_credential(opened(value), LOCAL_ACCOUNT, NEEDED)


def test_unreachable_cloudflare() -> None:
    url = f"http://127.0.0.1:{free_port()}/client/v4"
    with (
        Client(url, "fake-token", sleep=lambda _: None) as client,
        pytest.raises(CloudflareError, match="Cloudflare did not answer") as caught,
    ):
        check_credential(client, LOCAL_ACCOUNT, NEEDED)
    assert url in str(caught.value.hint)


def test_denied_permission_counts_as_missing(opened: LoadedProgram, token: Token) -> None:
    value = token(*GROUPS, effect="deny")
    client = opened(value)
    with pytest.raises(RefusedError, match="lacks AI Gateway Write, Account API Tokens Write"):
        check_credential(client, LOCAL_ACCOUNT, NEEDED)


@pytest.mark.parametrize(
    "on",
    [
        {f"com.cloudflare.api.account.zone.{ZONE}": "*"},
        {"com.cloudflare.api.account.zone.*": "*"},
        {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": {"com.cloudflare.api.account.zone.*": "*"}},
    ],
    ids=["one", "every", "nested"],
)
def test_zone_permission(reading: Reading, on: dict[str, Any]) -> None:
    policy: dict[str, Any] = {"effect": "allow", "permission_groups": [{"id": DNS_WRITE.id}], "resources": on}
    assert check_credential(reading(policy), LOCAL_ACCOUNT, (Need(DNS_WRITE, (), (ZONE,)),)).unproven == ()


def test_permission_on_another_zone(reading: Reading) -> None:
    on = {f"com.cloudflare.api.account.zone.{OTHER_ZONE}": "*"}
    policy: dict[str, Any] = {"effect": "allow", "permission_groups": [{"id": DNS_WRITE.id}], "resources": on}
    with pytest.raises(RefusedError, match=f"lacks DNS Write in zone {ZONE} on account"):
        check_credential(reading(policy), LOCAL_ACCOUNT, (Need(DNS_WRITE, (), (ZONE,)),))
