"""The plugin as a program: its launcher, its start, its schema."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any

from gatewright import __version__
from gatewright.facts.resource_types import CONFIG_FILE
from gatewright.plugin.protos import provider_pb2 as rpc
from gatewright.provider.__main__ import Gatewright
from gatewright.provider.config_file import INPUTS

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.project import Project

LAUNCHER = "gatewright/provider/pulumi-resource-gatewright"


def test_the_launcher_reports_a_missing_virtual_environment(checkout: Project, tmp_path: Path) -> None:
    launcher = tmp_path / "a clone" / LAUNCHER
    launcher.parent.mkdir(parents=True)
    shutil.copy(checkout.root / LAUNCHER, launcher)
    ended = subprocess.run([str(launcher)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"error: {tmp_path / 'a clone'}/.venv is missing: run make setup there\n"


def test_the_launcher_works_in_a_folder_with_a_space(checkout: Project, tmp_path: Path) -> None:
    launcher = tmp_path / "a clone" / LAUNCHER
    launcher.parent.mkdir(parents=True)
    shutil.copy(checkout.root / LAUNCHER, launcher)
    (tmp_path / "a clone" / ".venv").symlink_to(checkout.root / ".venv")
    with subprocess.Popen([str(launcher), "127.0.0.1:1"], stdout=subprocess.PIPE, text=True, cwd="/") as plugin:
        assert plugin.stdout is not None
        assert int(plugin.stdout.readline()) > 0
        plugin.send_signal(signal.SIGINT)
        assert plugin.wait(timeout=4) == 0


def test_the_schema_describes_every_resource_with_all_its_properties(stub: Any) -> None:
    schema = json.loads(stub.GetSchema(rpc.GetSchemaRequest()).schema)
    assert (schema["name"], schema["version"]) == ("gatewright", __version__)
    assert schema["resources"].keys() == Gatewright(engine="").resources.keys()
    file = schema["resources"][CONFIG_FILE]
    assert tuple(file["inputProperties"]) == INPUTS
    assert tuple(file["properties"]) == (*INPUTS, "sha256", "onDisk")
    for resource in schema["resources"].values():
        assert resource["description"]
        for described in (*resource["inputProperties"].values(), *resource["properties"].values()):
            assert described["description"]
