"""One local Cloudflare for all tests of this folder: the real process, on a free port."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project

from ..ports import free_port
from .conversation import Conversation


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("server"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.fixture(scope="session")
def client(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.data_plane, trust_env=False) as client:
        yield client


@pytest.fixture
def api(client: httpx.Client) -> Iterator[Conversation]:
    """A conversation as the owner of a new account, without the faults, keys and clock of other tests."""
    yield Conversation(client)
    client.delete("/__local__/faults")
    client.delete("/__local__/providers")
    client.delete("/__local__/scanner")
    client.delete("/__local__/clock")
