"""The state file: of an older gatewright, after a reset, and the stored keys in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_ZONE
from gatewright.local import daemon
from gatewright.local.server.core import clock
from gatewright.local.server.core.store import Store
from gatewright.local.server.resources.provider_configs import aliases, stored_key
from gatewright.project import Project

from ..ports import free_port
from .conversation import Conversation
from .setup_steps import SETUPS

FIRST = {"accounts", "gateways", "tokens", "responses", "counters", "log"}  # the tables of the first gatewright
ACCOUNT = "/client/v4/accounts/{A}"


def rows(path: Path) -> dict[str, int]:
    """The number of rows in each table."""
    with closing(sqlite3.connect(path)) as connection:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        counted = {name: f"SELECT count(*) FROM {name}" for (name,) in named}  # noqa: S608
        return {name: connection.execute(sql).fetchone()[0] for name, sql in counted.items()}


def test_an_older_state_gets_new_tables(tmp_path: Path) -> None:
    path = tmp_path / "state"
    older = Store(path)
    older.execute("PRAGMA foreign_keys = OFF")
    everything = set(rows(path))
    for table in everything - FIRST:
        older.execute(f"DROP TABLE {table}")
    older.execute("INSERT INTO accounts VALUES (?, 'kept', 'i', 'h')", "f" * 32)
    older.close()
    assert set(rows(path)) == FIRST
    store = Store(path)
    assert set(rows(path)) == everything
    assert not store.add_account("f" * 32, "kept", "fake-token")
    assert store.one("SELECT account FROM zones WHERE id = ?", LOCAL_ZONE)["account"] == LOCAL_ACCOUNT
    store.close()


def test_a_reset_keeps_only_the_local_account(tmp_path: Path) -> None:
    project = Project(tmp_path)
    running = daemon.start(project, free_port())
    with httpx.Client(base_url=running.data_plane, trust_env=False) as client:
        api = Conversation(client)
        for step in SETUPS["provider config openai/default exists"]:
            api.run(step)
        for path, body in (
            (f"{ACCOUNT}/ai-gateway/gateways/g/custom-domains", {"domain": "ai.example.test"}),
            ("/client/v4/zones/{Z}/dns_records", {"name": "ai", "type": "CNAME", "content": "a.example", "ttl": 1}),
        ):
            assert api.send({"method": "POST", "path": path, "body": body}).is_success
        before = rows(daemon.state_file(project))
        assert client.post("/__local__/reset", json={}).is_success
        assert client.get("/__local__/clock").json()["offset"] == 0
    daemon.stop(project)
    after = rows(daemon.state_file(project))
    filled = {"gateways", "provider_configs", "secret_stores", "secrets", "custom_domains", "dns_records", "log"}
    assert filled <= {table for table, count in before.items() if count}
    assert (after["accounts"], after["zones"]) == (1, 1)
    assert {table for table, count in after.items() if count} <= {"accounts", "zones", "credits"}


def test_a_restart_resets_the_clock(tmp_path: Path) -> None:
    project, offsets = Project(tmp_path), []
    for _ in range(2):
        running = daemon.start(project, free_port())
        with httpx.Client(base_url=running.data_plane, trust_env=False) as client:
            offsets.append(client.get("/__local__/clock").json()["offset"])
            assert client.put("/__local__/clock", json={"offset": 60}).json()["offset"] == 60
        daemon.stop(project)
    assert offsets == [0, 0]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """With two openai keys at the gateway g of LOCAL_ACCOUNT, one of them with the default alias."""
    store, now = Store(tmp_path / "state"), clock.timestamp()
    store.execute("INSERT INTO gateways VALUES (?, 'g', 'i', '{}', 0, ?, ?)", LOCAL_ACCOUNT, now, now)
    store.execute("INSERT INTO secret_stores VALUES ('s', ?, 'n', ?, ?)", LOCAL_ACCOUNT, now, now)
    for alias, default in (("default", 0), ("one", 1)):
        secret = f"secret-{alias}"
        store.execute(
            "INSERT INTO secrets VALUES (?, 's', ?, ?, '[]', NULL, ?, ?, 0)", secret, alias, f"fake-{alias}", now, now
        )
        store.execute(
            "INSERT INTO provider_configs VALUES (?, ?, 'g', 'openai', ?, ?, ?, 40, 60, ?)",
            alias, LOCAL_ACCOUNT, alias, default, secret, now,
        )  # fmt: skip
    yield store
    store.close()


def test_a_stored_key_is_found_by_its_alias_and_by_default(store: Store) -> None:
    def value(slug: str, alias: str | None) -> str | None:
        key = stored_key(store, LOCAL_ACCOUNT, "g", slug, alias)
        return None if key is None else key.value

    assert [value("openai", alias) for alias in (None, "one", "three")] == ["fake-default", "fake-one", None]
    assert value("groq", None) is None
    assert aliases(store, LOCAL_ACCOUNT, "g", "openai") == ["default", "one"]
    assert aliases(store, LOCAL_ACCOUNT, "other", "openai") == []
    store.execute("DELETE FROM secrets WHERE id = 'secret-default'")
    assert value("openai", None) is None
    store.close()


def test_the_repr_of_a_stored_key_has_no_value(store: Store) -> None:
    key = stored_key(store, LOCAL_ACCOUNT, "g", "openai", None)
    store.close()
    assert key is not None
    assert (key.rate_limit, key.rate_limit_period) == (40, 60)
    assert key.value not in repr(key)
