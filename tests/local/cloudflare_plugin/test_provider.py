"""The provider's configuration and its function, over gRPC against the local Cloudflare."""

from __future__ import annotations

import dataclasses
from typing import Any

import grpc
import pytest

from gatewright.errors import EngineError
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.resources import PERMISSION_GROUPS
from gatewright.local.cloudflare_plugin.provider import Cloudflare
from gatewright.local.daemon import Running
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.plugin.values import UNKNOWN, Object, Secret, from_struct, to_struct

from .conftest import STAND_IN
from .conversation import Plugin

URN = "urn:pulumi:test::gatewright::pulumi:providers:cloudflare::it"
GATEWAY = "cloudflare:index/aiGateway:AiGateway"


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    monkeypatch.delenv("CLOUDFLARE_BASE_URL", raising=False)


@pytest.mark.parametrize(
    ("token", "invalid"),
    [(LOCAL_DEPLOY_TOKEN, False), (Secret(LOCAL_DEPLOY_TOKEN), False), (UNKNOWN, False), ("short", True), (None, True)],
)
def test_the_format_of_the_token_is_checked(token: Any, invalid: bool) -> None:
    config: Object = {} if token is None else {"apiToken": token}
    _, failures = Cloudflare().check_config(URN, {}, config)
    assert bool(failures) is invalid
    assert all("short" not in failure.reason for failure in failures)


def test_variables_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", LOCAL_DEPLOY_TOKEN)
    assert Cloudflare().check_config(URN, {}, {}) == ({}, [])


def test_without_an_address_nothing_is_called() -> None:
    provider = Cloudflare()
    provider.configure({"apiToken": UNKNOWN, "baseUrl": UNKNOWN})
    with pytest.raises(EngineError, match="has no address yet"):
        provider.functions[PERMISSION_GROUPS]({"accountId": LOCAL_ACCOUNT})


def test_for_a_real_account_the_error_names_the_official_plugin(server: Running) -> None:
    with Plugin(STAND_IN, server) as plugin:
        elsewhere = to_struct({**plugin.config, "baseUrl": "https://api.cloudflare.com/client/v4"})
        with pytest.raises(grpc.RpcError) as refused:
            plugin.stub.Configure(rpc.ConfigureRequest(args=elsewhere))
    assert "pulumi plugin install resource cloudflare 6.23.1" in str(refused.value.details())


def test_a_refused_token_is_reported(server: Running) -> None:
    with Plugin(STAND_IN, server) as plugin:
        plugin.config = {**plugin.config, "apiToken": "local-fake-token-unknown-" + "0" * 24}
        plugin.stub.Configure(rpc.ConfigureRequest(args=to_struct(plugin.config)))
        answer = plugin.read(GATEWAY, f"{LOCAL_ACCOUNT}/agents")
    assert "Cloudflare refused the API token" in answer.message
    assert "AI Gateway Read" in answer.message


def test_a_server_that_does_not_run_is_reported(server: Running) -> None:
    with Plugin(STAND_IN, dataclasses.replace(server, port=9)) as plugin:
        answer = plugin.read(GATEWAY, f"{LOCAL_ACCOUNT}/agents")
    assert answer.message.endswith("gatewright local start")


def test_permission_groups_by_name(stand_in: Plugin) -> None:
    def results(**arguments: Any) -> Any:
        query = to_struct({"accountId": LOCAL_ACCOUNT, **arguments})
        answer = stand_in.stub.Invoke(rpc.InvokeRequest(tok=PERMISSION_GROUPS, args=query))
        return from_struct(getattr(answer, "return"))["results"]

    (run,) = results(name="AI Gateway Run")
    assert set(run) == {"id", "name", "scopes"}
    assert run["name"] == "AI Gateway Run"
    assert len(results()) > 1
    assert len(results(maxItems=1)) == 1


def test_an_invalid_import_id_is_reported_with_the_format(stand_in: Plugin) -> None:
    assert "<accountId>/<aiGatewayId>" in stand_in.read(GATEWAY, "agents").message
