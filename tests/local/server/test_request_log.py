"""The request log: which entries are kept, and how they are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatewright.local.server.core import request_log
from gatewright.local.server.core.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    yield store
    store.close()


def add(store: Store, *paths: str) -> None:
    for path in paths:
        request_log.add(store, "GET", path, 200, {"token": "t", "ms": 0.1})


def paths(path: Path, after: int = 0) -> list[str]:
    return [entry["path"] for entry in request_log.read(path, after)]


def test_entries_are_read_in_order_from_the_last_one_read(store: Store, path: Path) -> None:
    add(store, "/a", "/b")
    first, second = request_log.read(path)
    assert (first["path"], first["status"], first["token"]) == ("/a", 200, "t")
    assert paths(path, after=first["id"]) == ["/b"]
    assert paths(path, after=second["id"]) == []


def test_a_reader_from_before_a_reset_gets_all_entries(store: Store, path: Path) -> None:
    add(store, "/a")
    assert paths(path, after=500) == ["/a"]


def test_the_oldest_entries_are_deleted(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "KEPT", 2)
    add(store, "/a", "/b", "/c")
    assert paths(path) == ["/b", "/c"]


def test_without_a_state_file_there_is_no_entry(path: Path) -> None:
    assert paths(path) == []
    assert not path.exists()
