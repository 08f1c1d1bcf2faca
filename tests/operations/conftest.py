"""A local Cloudflare for the tests that send requests through it, reset before and after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .probe.world import World
from .probe.world import world as started


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("verify")) as world:
        yield world


@pytest.fixture
def world(server: World) -> Iterator[World]:
    server.reset()
    yield server
    server.reset()
