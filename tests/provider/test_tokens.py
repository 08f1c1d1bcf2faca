"""The function getTokens, against the local Cloudflare: all pages, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gatewright.cloudflare.client import Client
from gatewright.facts.permissions import AI_GATEWAY_RUN
from gatewright.provider.tokens import get_tokens

if TYPE_CHECKING:
    from .cloudflare import Cloudflare


@pytest.fixture
def many(cloudflare: Cloudflare) -> Cloudflare:
    """More tokens than a page holds; every second one is of the environment."""
    resources = {f"com.cloudflare.api.account.{cloudflare.account}": "*"}
    policy = {"effect": "allow", "permission_groups": [{"id": AI_GATEWAY_RUN.id}], "resources": resources}
    for number in range(52):
        name = f"gatewright/{('prod', 'production')[number % 2]}/t{number}"
        httpx.post(
            f"{cloudflare.url}/accounts/{cloudflare.account}/tokens",
            json={"name": name, "policies": [policy]},
            headers={"Authorization": f"Bearer {cloudflare.token}"},
            trust_env=False,
        ).raise_for_status()
    return cloudflare


def test_all_pages_are_read(many: Cloudflare) -> None:
    with Client(many.url, many.token) as client:
        answer = get_tokens(lambda: client, {"accountId": many.account, "prefix": "gatewright/prod/"})
    tokens: Any = answer["tokens"]
    assert [each["name"] for each in tokens] == [f"gatewright/prod/t{number}" for number in range(0, 52, 2)]
    assert tokens[0]["status"] == "active"


def test_a_token_without_permission_to_list_tokens(cloudflare: Cloudflare) -> None:
    with Client(cloudflare.url, "fake" * 10) as client:
        answer = get_tokens(lambda: client, {"accountId": cloudflare.account, "prefix": ""})
    assert "Is the token complete, active, and of this account?" in str(answer["refused"])
