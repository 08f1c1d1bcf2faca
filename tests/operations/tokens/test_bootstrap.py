"""The deploying token is made whole, handed over once, and whatever stops that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from local.ports import free_port

from gatewright.clients import CAPABILITIES
from gatewright.clock import parse_timestamp
from gatewright.cloudflare.client import Client
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.resolved import Environment
from gatewright.errors import CloudflareError, GatewrightError, RefusedError, UsageError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.permissions import ACCOUNT_TOKENS_WRITE, AI_GATEWAY_RUN, AI_GATEWAY_WRITE, Group
from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.operations.tokens.bootstrap import CreatedToken, Restrictions, bootstrap, parse_expiry
from gatewright.project import Project

TOKENS = f"/accounts/{LOCAL_ACCOUNT}/tokens"
NAME = "gatewright/prod/deploy"
NO_ZONE = "fa4e20ae" * 4
LINES = f"account: {LOCAL_ACCOUNT}\ntokens: {{agents: {{allow: [AI Gateway Run]}}}}\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("server"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@dataclass
class Account:
    """The account at Cloudflare, and what was handed over."""

    server: Running
    client: Client
    environment: Environment
    delivered: list[str] = field(default_factory=list)

    def bootstrap(self, stronger: str = LOCAL_DEPLOY_TOKEN, **kwargs: Any) -> CreatedToken:
        arguments = {"restrictions": Restrictions(), "deliver": self.delivered.append, **kwargs}
        return bootstrap(self.environment, stronger, **arguments)

    def tokens(self) -> list[dict[str, Any]]:
        """The deploying tokens that are there."""
        found = self.client.get(TOKENS, {"per_page": 50})["result"]
        return [token for token in found if token["name"] == NAME]

    def token(self, *groups: Group) -> str:
        """One that may do that."""
        policy = {
            "effect": "allow",
            "permission_groups": [{"id": group.id} for group in groups],
            "resources": {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"},
        }
        return str(self.client.post(TOKENS, {"name": "stronger", "policies": [policy]})["result"]["value"])

    def order(self, **fault: Any) -> None:
        url = f"{self.server.data_plane}/__local__/faults"
        assert httpx.post(url, json={"on": "control", **fault}, trust_env=False).is_success


@pytest.fixture
def account(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    httpx.post(f"{server.data_plane}/__local__/reset", json={}, trust_env=False)
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", server.control_plane)
    monkeypatch.setattr("gatewright.operations.tokens.bootstrap.time.sleep", lambda _: None)
    with Client(server.control_plane, LOCAL_DEPLOY_TOKEN) as client:
        yield Account(server, client, declared(tmp_path, LINES))


def declared(folder: Path, lines: str) -> Environment:
    (folder / "prod.yaml").write_text(lines)
    environment = load(Files(folder, "stacks"), "prod", CAPABILITIES, {}).environment
    assert environment is not None
    return environment


def test_the_token_has_exactly_the_needed_permissions(account: Account) -> None:
    made = account.bootstrap()
    (token,) = account.tokens()
    (policy,) = token["policies"]
    names = {group["name"] for group in policy["permission_groups"]}
    assert names == set(made.permissions) == {"AI Gateway Write", "Account API Tokens Write", "AI Gateway Run"}
    assert policy["resources"] == {f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": "*"}
    assert (made.name, made.proven, made.replaced) == (NAME, True, 0)
    (value,) = account.delivered
    with Client(account.server.control_plane, value) as client:
        assert client.get(f"{TOKENS}/verify")["result"]["id"] == token["id"]


def test_a_zone_gets_a_policy_of_its_own(account: Account, tmp_path: Path) -> None:
    zone = account.client.get("/zones")["result"][0]["id"]
    account.environment = declared(tmp_path, with_a_domain(zone))
    account.bootstrap()
    (token,) = account.tokens()
    found = {key: [g["name"] for g in p["permission_groups"]] for p in token["policies"] for key in p["resources"]}
    assert found == {
        f"com.cloudflare.api.account.{LOCAL_ACCOUNT}": ["AI Gateway Write"],
        f"com.cloudflare.api.account.zone.{zone}": ["DNS Write"],
    }


def test_a_zone_that_the_stronger_token_does_not_reach(account: Account, tmp_path: Path) -> None:
    account.environment = declared(tmp_path, with_a_domain(NO_ZONE))
    with pytest.raises(RefusedError, match=f"lacks DNS Write in zone {NO_ZONE}"):
        account.bootstrap()
    assert account.tokens() == []


def with_a_domain(zone: str) -> str:
    return f"account: {LOCAL_ACCOUNT}\ngateway: {{domains: {{a.example.test: {{zone: {zone}}}}}}}\n"


def test_the_id_of_an_unlisted_permission_is_requested(account: Account, tmp_path: Path) -> None:
    lines = LINES.replace("AI Gateway Run", "Workers AI Metadata Read")
    account.environment = declared(tmp_path, lines)
    assert "Workers AI Metadata Read" in account.bootstrap().permissions


def test_a_permission_that_cloudflare_does_not_know(account: Account, tmp_path: Path) -> None:
    account.environment = declared(tmp_path, LINES.replace("AI Gateway Run", "A New One Read"))
    with pytest.raises(CloudflareError, match="Cloudflare has no permission A New One Read"):
        account.bootstrap()
    assert account.tokens() == []


def test_restrictions(account: Account) -> None:
    limits = Restrictions(("203.0.113.0/24", "127.0.0.1/32"), "2036-01-01T00:00:00Z")
    assert account.bootstrap(restrictions=limits).proven
    (token,) = account.tokens()
    assert token["condition"] == {"request_ip": {"in": ["127.0.0.1/32", "203.0.113.0/24"]}}
    assert token["expires_on"] == "2036-01-01T00:00:00Z"


def test_a_token_that_may_not_be_used_from_here_is_not_verified(account: Account) -> None:
    assert not account.bootstrap(restrictions=Restrictions(("203.0.113.0/24",))).proven
    assert len(account.tokens()) == len(account.delivered) == 1


@pytest.mark.parametrize(
    ("groups", "lacking"),
    [
        ((ACCOUNT_TOKENS_WRITE, AI_GATEWAY_RUN), "lacks AI Gateway Write on"),
        ((AI_GATEWAY_WRITE, AI_GATEWAY_RUN), "lacks Account API Tokens Write on"),
        ((ACCOUNT_TOKENS_WRITE, AI_GATEWAY_WRITE), "lacks AI Gateway Run on"),
    ],
)
def test_a_stronger_token_that_lacks_a_permission(account: Account, groups: tuple[Group, ...], lacking: str) -> None:
    weak = account.token(*groups)
    with pytest.raises(RefusedError, match=f"the stronger token {lacking} account {LOCAL_ACCOUNT}") as caught:
        account.bootstrap(weak)
    assert weak not in f"{caught.value.message}{caught.value.hint}"
    assert (account.tokens(), account.delivered) == ([], [])


def test_a_refusal_at_the_creation(account: Account) -> None:
    account.order(method="POST", path="*/tokens", status=403, body={"errors": [{"code": 10000, "message": "no"}]})
    with pytest.raises(RefusedError, match="may not create the token: Cloudflare answered 403") as caught:
        account.bootstrap()
    assert "AI Gateway Write" in str(caught.value.hint)
    assert (account.tokens(), account.delivered) == ([], [])


@pytest.mark.parametrize("stronger", ["fake-token-that-nobody-ever-made-00000000000", "too short"])
def test_an_unknown_stronger_token(account: Account, stronger: str) -> None:
    with pytest.raises(RefusedError, match="the stronger token is refused by Cloudflare") as caught:
        account.bootstrap(stronger)
    assert stronger not in f"{caught.value.message}{caught.value.hint}"


def test_a_token_of_another_account(account: Account) -> None:
    other = httpx.post(f"{account.server.data_plane}/__local__/accounts", json={}, trust_env=False).json()
    with pytest.raises(RefusedError, match="the stronger token is refused") as caught:
        account.bootstrap(other["token"])
    assert LOCAL_ACCOUNT in str(caught.value.hint)


def test_an_existing_token_is_not_replaced_without_a_word(account: Account) -> None:
    account.bootstrap()
    with pytest.raises(GatewrightError, match=f"token {NAME} exists already, created 20") as caught:
        account.bootstrap()
    assert caught.value.hint is not None
    assert caught.value.hint.endswith("gatewright bootstrap prod --replace")
    assert len(account.tokens()) == len(account.delivered) == 1


def test_a_new_token_replaces_all_existing_ones(account: Account) -> None:
    account.bootstrap()
    (old,) = account.tokens()
    account.client.post(TOKENS, {"name": NAME, "policies": old["policies"]})
    own = account.delivered[-1]
    assert account.bootstrap(own, replace=True).replaced == 2  # with the very token that is to end
    (new,) = account.tokens()
    assert new["id"] != old["id"]
    assert len(account.delivered) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")], ids=["ctrl-c", "disk"])
def test_a_token_that_was_not_delivered_is_deleted(account: Account, error: BaseException) -> None:
    def fail(_: str) -> None:
        raise error

    with pytest.raises((KeyboardInterrupt, GatewrightError)):
        account.bootstrap(deliver=fail)
    assert account.tokens() == []


@pytest.mark.parametrize("answer", [{"reset": True}, {"status": 502, "body": {}}], ids=["cut", "502"])
@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
def test_an_ambiguous_response(account: Account, answer: dict[str, Any], done: bool) -> None:
    account.order(method="POST", path="*/tokens", after=done, **answer)
    with pytest.raises(CloudflareError) as caught:
        account.bootstrap()
    assert ("the token was created nevertheless, and is deleted again" in caught.value.message) is done
    assert (account.tokens(), account.delivered) == ([], [])
    account.bootstrap()
    assert len(account.tokens()) == 1


def test_a_token_that_cannot_be_deleted_is_reported(account: Account) -> None:
    account.order(method="POST", path="*/tokens", status=502, body={})
    account.order(method="GET", path="*/tokens", nth=3, times=9, status=403, body={})
    with pytest.raises(GatewrightError, match=f"a token {NAME} with an unknown value may exist now") as caught:
        account.bootstrap()
    assert "Account API tokens" in str(caught.value.hint)


def test_an_account_that_is_not_known(account: Account) -> None:
    account.environment = replace(account.environment, account_id=None, account_variable="AN_ACCOUNT")
    with pytest.raises(GatewrightError, match="AN_ACCOUNT is not set"):
        account.bootstrap()


NOW = parse_timestamp("2026-11-21T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("90d", "2027-02-19T12:00:00Z"),
        ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2027-01-01", "2027-01-01T00:00:00Z"),
        ("2027-01-01T01:00:00+01:00", "2027-01-01T00:00:00Z"),
    ],
)
def test_an_expiry(text: str, end: str) -> None:
    assert parse_expiry(text, NOW) == end


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-01-01T00:00:00Z", "is in the past"),
        ("0d", "is in the past"),
        ("999999999d", "is more than 100 years ahead"),
    ],
)
def test_an_expiry_that_is_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=f"--expires: {text} {problem}") as caught:
        parse_expiry(text, NOW)
    assert caught.value.hint is not None


def test_an_expiry_that_is_not_a_time() -> None:
    with pytest.raises(UsageError, match="--expires: expected a date or an RFC 3339 timestamp, found tomorrow"):
        parse_expiry("tomorrow", NOW)
