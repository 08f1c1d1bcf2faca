"""A deploying token against the local Cloudflare: what it may is found out, and what it lacks is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from cloudflare import Cloudflare
from local.ports import free_port

from gatewright.cloudflare.credentials import check_credential
from gatewright.errors import GatewrightError, RefusedError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.permissions import (
    ACCOUNT_TOKENS_READ,
    ACCOUNT_TOKENS_WRITE,
    AI_GATEWAY_READ,
    AI_GATEWAY_WRITE,
    WORKERS_AI_READ,
    Group,
)
from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project

NEEDED = (AI_GATEWAY_WRITE, ACCOUNT_TOKENS_WRITE)

Token = Callable[..., str]
Opened = Callable[[str], Cloudflare]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("server"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.fixture
def opened(server: Running) -> Iterator[Opened]:
    """The official client with a token."""
    clients = []

    def client(token: str) -> Cloudflare:
        clients.append(Cloudflare(api_token=token, base_url=server.control_plane, max_retries=0))
        return clients[-1]

    yield client
    for each in clients:
        each.close()


@pytest.fixture
def token(opened: Opened) -> Token:
    """A token that may do what is named."""

    def make(*groups: Group) -> str:
        policy = {
            "effect": "allow",
            "permission_groups": [{"id": group.id} for group in groups],
            "resources": {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"},
        }
        made = opened(LOCAL_DEPLOY_TOKEN).accounts.tokens.create(
            account_id=LOCAL_ACCOUNT,
            name="a token of a test",
            policies=[policy],  # type: ignore[list-item]
        )
        assert made is not None
        return str(made.value)

    return make


def test_one_that_may_all(opened: Opened, token: Token) -> None:
    found = check_credential(opened(token(*NEEDED)), LOCAL_ACCOUNT, NEEDED)
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
def test_one_that_lacks_something(opened: Opened, token: Token, groups: tuple[Group, ...], lacking: str) -> None:
    with pytest.raises(RefusedError, match=f"the deploying token lacks {lacking} account {LOCAL_ACCOUNT}") as caught:
        check_credential(opened(token(*groups)), LOCAL_ACCOUNT, NEEDED)
    assert caught.value.hint is not None


def test_one_that_cannot_be_looked_at(opened: Opened, token: Token) -> None:
    found = check_credential(opened(token(AI_GATEWAY_READ)), LOCAL_ACCOUNT, (AI_GATEWAY_WRITE,))
    assert found.unproven == ("AI Gateway Write",)


@pytest.mark.parametrize("value", ["fake-token-that-nobody-ever-made-00000000000", "too short"])
def test_one_that_is_none(opened: Opened, value: str) -> None:
    with pytest.raises(RefusedError, match="CLOUDFLARE_API_TOKEN is refused by Cloudflare") as caught:
        check_credential(opened(value), LOCAL_ACCOUNT, NEEDED)
    assert caught.value.hint is not None
    assert "Check that it was copied whole" in caught.value.hint
    assert value not in f"{caught.value.message}{caught.value.hint}"


def test_one_of_another_account(opened: Opened, server: Running) -> None:
    other = httpx.post(f"{server.data_plane}/__local__/accounts", json={}, trust_env=False).json()
    with pytest.raises(RefusedError, match=r"is refused by Cloudflare|lacks"):
        check_credential(opened(other["token"]), LOCAL_ACCOUNT, NEEDED)


def test_one_that_is_disabled(opened: Opened, token: Token, server: Running) -> None:
    value = token(*NEEDED)
    made = opened(value).accounts.tokens.verify(account_id=LOCAL_ACCOUNT)
    assert made is not None
    url = f"{server.control_plane}/accounts/{LOCAL_ACCOUNT}/tokens/{made.id}"
    with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {LOCAL_DEPLOY_TOKEN}"}) as client:
        body = client.get(url).json()["result"]
        body = {"name": body["name"], "policies": body["policies"], "status": "disabled"}
        assert client.put(url, json=body).is_success
    with pytest.raises(RefusedError, match=r"CLOUDFLARE_API_TOKEN is (disabled|refused)"):
        check_credential(opened(value), LOCAL_ACCOUNT, NEEDED)


def test_a_cloudflare_that_is_not_there() -> None:
    with (
        Cloudflare(api_token="fake-token", base_url=f"http://127.0.0.1:{free_port()}", max_retries=0) as client,
        pytest.raises(GatewrightError, match="Cloudflare cannot be reached at http://127"),
    ):
        check_credential(client, LOCAL_ACCOUNT, NEEDED)
