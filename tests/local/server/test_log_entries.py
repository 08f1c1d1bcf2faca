"""The gateways' own logs: how many entries are kept, and how the official client reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudflare
import pytest
from cloudflare import Cloudflare

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.local.daemon import Running
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources import gateways, log_entries

from .conversation import Conversation
from .setup_steps import SETUPS

AUTHENTICATED = "gateway g, authentication true; {run} = value of a token with AI Gateway Run"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state.sqlite")
    yield store
    store.close()


def kept(store: Store, strategy: str | None, most: int | None, count: int) -> list[str]:
    """The ids that are kept of `count` entries."""
    gateway = {
        **gateways.insert_default(store, LOCAL_ACCOUNT),
        "log_management": most,
        "log_management_strategy": strategy,
    }
    for number in range(count):
        log_entries.add(store, LOCAL_ACCOUNT, gateway, {"id": str(number)}, b"{}", None)
    return [row["id"] for row in store.all("SELECT id FROM inference_log ORDER BY number")]


@pytest.mark.parametrize(
    ("strategy", "most", "left"),
    [
        ("DELETE_OLDEST", 3, ["2", "3", "4"]),
        ("STOP_INSERTING", 3, ["0", "1", "2"]),
        (None, 3, ["2", "3", "4"]),
        ("STOP_INSERTING", None, ["0", "1", "2", "3", "4"]),
        ("DELETE_OLDEST", 9, ["0", "1", "2", "3", "4"]),
    ],
)
def test_entries_at_the_log_limit(store: Store, strategy: str | None, most: int | None, left: list[str]) -> None:
    assert kept(store, strategy, most, 5) == left


def test_a_lower_limit_deletes_entries_immediately(store: Store) -> None:
    assert kept(store, "DELETE_OLDEST", None, 5) == ["0", "1", "2", "3", "4"]
    gateway = gateways.find(store, LOCAL_ACCOUNT, "default")
    assert gateway is not None
    log_entries.add(store, LOCAL_ACCOUNT, {**gateway, "log_management": 2}, {"id": "5"}, None, None)
    assert [row["id"] for row in store.all("SELECT id FROM inference_log ORDER BY number")] == ["4", "5"]


def test_deleted_entries_make_room(store: Store) -> None:
    kept(store, "STOP_INSERTING", 3, 3)
    store.execute("DELETE FROM inference_log WHERE id IN ('0', '1')")
    gateway = gateways.find(store, LOCAL_ACCOUNT, "default")
    assert gateway is not None
    stopping = {**gateway, "log_management": 3, "log_management_strategy": "STOP_INSERTING"}
    for identifier in ("a", "b", "c"):
        log_entries.add(store, LOCAL_ACCOUNT, stopping, {"id": identifier}, None, None)
    assert [row["id"] for row in store.all("SELECT id FROM inference_log ORDER BY number")] == ["2", "a", "b"]


@pytest.fixture
def gateway(api: Conversation) -> Conversation:
    for step in SETUPS[AUTHENTICATED]:
        api.run(step)
    return api


def chat(gateway: Conversation, **headers: str) -> str:
    """Send one request and return the id of its log entry."""
    body = {"model": "openai/m", "messages": [{"role": "user", "content": "hi"}]}
    response = gateway.send(
        {
            "method": "POST",
            "path": "/v1/{A}/g/compat/chat/completions",
            "headers": {"cf-aig-authorization": "Bearer {run}", **headers},
            "body": body,
        }
    )
    assert response.status_code == 200
    return response.headers["cf-aig-log-id"]


def official(server: Running, gateway: Conversation, *, strict: bool) -> Cloudflare:
    return Cloudflare(
        api_token=gateway.admin, base_url=server.control_plane, max_retries=0, _strict_response_validation=strict
    )


def test_the_official_client_reads_logs_strictly(server: Running, gateway: Conversation) -> None:
    logs = official(server, gateway, strict=True).ai_gateway.logs
    place: Any = {"account_id": gateway.variables["A"], "gateway_id": "g"}
    ids = [chat(gateway) for _ in range(3)]
    assert [log.id for log in logs.list(**place, per_page=2)] == ids[::-1]
    log = logs.get(ids[0], **place)
    assert (log.provider, log.model, log.status_code, log.success, log.cached) == ("openai", "m", 200, True, False)
    assert log.cost == pytest.approx(1e-6 * ((log.tokens_in or 0) + (log.tokens_out or 0)))
    assert (log.cost or 0) > 0
    assert log.request_head is not None
    assert log.request_size == len(log.request_head)
    logs.edit(ids[0], **place, feedback=1, score=50)
    assert logs.request(ids[0], **place) == {"model": "openai/m", "messages": [{"role": "user", "content": "hi"}]}
    answered: Any = logs.response(ids[0], **place)
    assert answered["choices"][0]["message"]["content"] == "openai/m heard: hi"
    assert [log.id for log in logs.list(**place, feedback=1)] == [ids[0]]
    assert logs.delete(**place).success is True
    with pytest.raises(cloudflare.NotFoundError) as missing:
        logs.get(ids[0], **place)
    assert missing.value.errors[0].code == 7002


def test_metadata_is_an_object_unlike_in_the_official_client(server: Running, gateway: Conversation) -> None:
    identifier = chat(gateway, **{"cf-aig-metadata": '{"team": "x", "n": 1}'})
    logs = official(server, gateway, strict=False).ai_gateway.logs
    log: Any = logs.get(identifier, account_id=gateway.variables["A"], gateway_id="g")
    assert log.metadata == {"team": "x", "n": 1}


def test_the_official_client_reads_and_buys_credits_strictly(server: Running, gateway: Conversation) -> None:
    billing, account = official(server, gateway, strict=True).ai_gateway.billing, gateway.variables["A"]
    before = billing.credit_balance(account_id=account).balance
    billing.topup.create(account_id=account, amount=1500)
    assert billing.credit_balance(account_id=account).balance == before + 1500
