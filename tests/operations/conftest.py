"""A local Cloudflare for the tests that ask through it, whole again before and after each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .probe.verified import World
from .probe.verified import world as started


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("verify")) as world:
        yield world


@pytest.fixture
def world(server: World) -> Iterator[World]:
    server.mend()
    yield server
    server.mend()
