"""The permission that a refused request needs, against what the local Cloudflare's endpoints accept."""

from __future__ import annotations

import httpx
import pytest

from gatewright.cloudflare.client import Client
from gatewright.errors import RefusedError
from gatewright.facts.permissions import ACCOUNT_TOKENS_WRITE, AI_GATEWAY_WRITE, DNS_WRITE, SECRETS_STORE_WRITE
from gatewright.facts.request_permissions import permission_for, permissions_in
from gatewright.local.server.app import ENDPOINTS
from gatewright.local.server.core.endpoints import Endpoint


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_the_permission_is_the_smallest_that_the_endpoint_accepts(endpoint: Endpoint) -> None:
    path = endpoint.path.replace("{", "").replace("}", "")
    needed = permission_for(endpoint.method, path)
    assert needed == (endpoint.any_of[0] if endpoint.any_of else None)


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("POST", "/accounts/a/ai-gateway/gateways", "AI Gateway Write on this account"),
        ("POST", "/accounts/a/tokens", "Account API Tokens Write, and all that it grants, on this account"),
        ("DELETE", "/accounts/a/tokens/t", "Account API Tokens Write on this account"),
        ("GET", "/accounts/a/tokens/t", "Account API Tokens Read or Write on this account"),
        ("PUT", "/zones/z/dns_records/r", "DNS Write on this zone"),
    ],
)
def test_a_refused_request_names_the_permission_and_the_command(method: str, path: str, needed: str) -> None:
    with Client("http://127.0.0.1/client/v4", "fake-token") as client:
        client._http = httpx.Client(
            base_url="http://127.0.0.1/client/v4",
            transport=httpx.MockTransport(lambda _: httpx.Response(403, json={"errors": []})),
        )
        with pytest.raises(RefusedError) as refused:
            client._send(method, path, {})
    assert f"Does the token have {needed}?" in str(refused.value.hint)
    assert "gatewright permissions lists what it needs" in str(refused.value.hint)


def test_messages_of_both_plugins_name_their_requests() -> None:
    assert permissions_in(
        "Cloudflare answered 403 to POST /accounts/a/ai-gateway/gateways/g/provider_configs: Authentication error\n"
        'POST "https://api.cloudflare.com/client/v4/accounts/a/ai-gateway/gateways": 403 Forbidden\n'
        "DELETE /zones/z/dns_records/r returned 403, Authentication error"
    ) == [SECRETS_STORE_WRITE.name, AI_GATEWAY_WRITE.name, DNS_WRITE.name]
    assert permissions_in("POST /accounts/a/tokens: 403") == [f"{ACCOUNT_TOKENS_WRITE.name}, and all that it grants,"]
    assert permissions_in("GET /accounts/a/tokens/verify: 403, GET https://fake.example/a") == []
