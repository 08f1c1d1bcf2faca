"""A local Cloudflare, the stand-in plugin as the engine starts it, and the official plugin where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatewright.local import daemon
from gatewright.local.daemon import Running
from gatewright.project import Project

from ..ports import free_port
from .conversation import Plugin

STAND_IN = [sys.executable, "-P", "-m", "gatewright.local.cloudflare_plugin"]
OFFICIAL = "GATEWRIGHT_OFFICIAL"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = Project(tmp_path_factory.mktemp("server"))
    yield daemon.start(project, free_port())
    daemon.stop(project)


@pytest.fixture(scope="session")
def stand_in(server: Running) -> Iterator[Plugin]:
    with Plugin(STAND_IN, server) as plugin:
        yield plugin


@pytest.fixture(scope="session")
def official(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    folder = os.environ.get(OFFICIAL)
    if not folder:
        pytest.skip(f"{OFFICIAL} names no folder with Pulumi's own programs")
    home = tmp_path_factory.mktemp("official")
    subprocess.run([Path(folder, "install.sh"), "plugin", home], check=True, stdout=subprocess.DEVNULL)
    (program,) = home.glob("plugins/*/pulumi-resource-cloudflare")
    with Plugin([str(program), "127.0.0.1:1"], server) as plugin:
        yield plugin
    program.unlink()  # 300 MB
