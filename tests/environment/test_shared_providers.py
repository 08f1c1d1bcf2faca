"""Which environments of a project share a custom provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.environment.files import Files
from gatewright.environment.load import Loader
from gatewright.environment.shared_providers import SharedProviders, provider_users
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.nodes import Node

ACCOUNT = "fa4eacc0" * 4
HOUSE = "providers: {house: {baseUrl: https://house.example.com/v1}}"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    for name, content in {
        "base": HOUSE,
        "local-one": "extends: base.yaml\nlocal: true\ngateway: {name: one}",
        "local-two": "extends: base.yaml\nlocal: {port: 8811}",
        "dev": f"extends: base.yaml\naccount: {ACCOUNT}",
        "prod": "extends: base.yaml\naccount: {env: PROD}",
        "without": f"extends: base.yaml\naccount: {ACCOUNT}\nuse: [groq]",
        "removed": f"extends: base.yaml\naccount: {ACCOUNT}\nproviders: {{house: null}}",
        "broken": "account: [",
    }.items():
        (tmp_path / f"{name}.yaml").write_text(f"{content}\n")
    return Files(tmp_path, "stacks")


@pytest.mark.parametrize(
    ("account", "variables", "or_possible", "users"),
    [
        (LOCAL_ACCOUNT, {}, False, ["local-one"]),
        (ACCOUNT, {}, False, ["dev"]),
        (ACCOUNT, {"PROD": ACCOUNT}, False, ["dev", "prod"]),
        (ACCOUNT, {}, True, ["broken", "dev", "prod"]),
        ("$PROD", {}, False, ["prod"]),
    ],
)
def test_users_are_in_the_same_account(
    files: Files, account: str, variables: dict[str, str], or_possible: bool, users: list[str]
) -> None:
    found = provider_users(files, "house", account, variables, other_than="local-two", or_possible=or_possible)
    assert [user.environment for user in found] == users


def test_a_user_has_its_gateway_and_its_base_url(files: Files) -> None:
    url = "https://house.example.com/v1"
    (one,) = provider_users(files, "house", LOCAL_ACCOUNT, {}, other_than="local-two")
    assert (one.gateway, one.base_url, str(one.location)) == ("one", url, "stacks/base.yaml:1:30")
    (dev,) = provider_users(files, "house", ACCOUNT, {}, other_than="local-two")
    assert dev.gateway == "agents-dev"


def test_no_one_shares_another_provider(files: Files) -> None:
    assert not [*provider_users(files, "x", ACCOUNT, {}, other_than="dev")]


def test_environments_disagree_within_one_account(files: Files) -> None:
    shared = SharedProviders(files, {"PROD": ACCOUNT})
    other = "https://other.example.com/v1"
    assert [user.environment for user in shared.disagreeing(ACCOUNT, "house", other)] == ["dev", "prod"]
    assert not shared.disagreeing(ACCOUNT, "house", "https://house.example.com/v1")
    assert not shared.disagreeing(ACCOUNT, "x", other)
    assert not shared.disagreeing("f" * 32, "house", other)


def test_environments_that_disagree_keep_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("c", "a", "d", "b"):
        url = f"https://{'one' if name in 'ac' else name}.example.com/v1"
        content = f"local: true\ngateway: {{name: {name}}}\nproviders: {{house: {{baseUrl: {url}}}}}\n"
        (tmp_path / f"{name}.yaml").write_text(content)
    users = SharedProviders(Files(tmp_path, "stacks"), {}).disagreeing(
        LOCAL_ACCOUNT, "house", "https://b.example.com/v1"
    )
    assert [user.environment for user in users] == ["a", "c", "d"]


def test_many_environments_are_compared_by_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is looked at once, not once for each environment."""
    names = [f"e{number}" for number in range(30)]
    (tmp_path / "base.yaml").write_text(f"{HOUSE}\n")
    for name in names:
        (tmp_path / f"{name}.yaml").write_text(f"extends: base.yaml\naccount: {ACCOUNT}\n")
    reads: list[str] = []
    own_node = Files.own_node

    def record(files: Files, name: str) -> Node | None:
        reads.append(name)
        return own_node(files, name)

    monkeypatch.setattr(Files, "own_node", record)
    loader = Loader(Files(tmp_path, "stacks"), {}, {})
    for name in names:
        loader.load(name)
    assert reads == sorted(names)
