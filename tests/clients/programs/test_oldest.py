"""The oldest supported version of each program reads the emitted files and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gatewright.clients import CAPABILITIES, CLIENTS
from gatewright.environment.capabilities import version_tuple
from gatewright.environment.resolved import Environment

from .cloudflare import LocalCloudflare
from .homes import InstallVersion
from .proxy import ask, proxy
from .run import Home
from .tested_program import PROGRAMS

OLDEST = {client: tested.oldest for client, tested in PROGRAMS.items() if tested.oldest}


@pytest.mark.parametrize("client", OLDEST)
def test_the_pinned_version_is_the_oldest_supported(client: str) -> None:
    """`oldest` of the capabilities may name a minor version; the pinned one is a patch of it that the registry has."""
    oldest = version_tuple(CAPABILITIES[client].oldest or "")
    assert version_tuple(OLDEST[client])[: len(oldest)] == oldest


@pytest.mark.clients
@pytest.mark.nightly
@pytest.mark.parametrize("client", OLDEST)
def test_the_oldest_version_answers(
    client: str,
    environment: Environment,
    home: Callable[[str], Home],
    cloudflare: LocalCloudflare,
    install_version: InstallVersion,
) -> None:
    """With `version`, which makes the files of some programs differ."""
    newest = home(client)
    newest.write(CLIENTS[client].files(environment, replace(environment.clients[client], version=OLDEST[client])))
    before = cloudflare.last()
    oldest = replace(newest, program=install_version(client, OLDEST[client]))
    if oldest.tested.proxy:
        with proxy(oldest) as server:
            assert "heard: " in ask(server, "dynamic/fast")
    else:
        ran = oldest.ask("agents-local/dynamic/fast")
        assert ran.exit_code == 0, ran.output
    assert cloudflare.credentials(before) == {(200, "agents", "stored")}
