"""A project and a state of each release: `upgrade` and `up` of this version change nothing at Cloudflare.

`pytest --update-cases` records this version if its folder in `releases` has no state. Keys, tokens and the passphrase
are fake.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gatewright import __version__
from gatewright.clock import NOW
from gatewright.io.requirements_text import pinned_version

from .pairs import WITH_EITHER
from .test_recorded_state import PASSPHRASE, PORT, restore_state

if TYPE_CHECKING:
    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

RELEASES = Path(__file__).parent / "releases"
VERSIONS = sorted(folder.name for folder in RELEASES.iterdir())
PROJECT_NAME = "released"
OF_THIS_MACHINE = ("created", "modified", "sourcePosition", "stackTrace")
TODAY = "2026-11-29T00:00:00Z"
"""The day on which the releases were recorded, so that no token is due."""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_project_is_upgraded_without_a_change(clones: Clones, pair: Pair, version: str, update_cases: bool) -> None:
    clone = clones(pair)
    recorded, root = RELEASES / version / "state.json", clone.project.root
    place_project(clone, RELEASES / version)
    clone.start()
    if update_cases and version == __version__ and not recorded.exists():
        record(clone, recorded)
    restore_state(clone, recorded, PROJECT_NAME)
    before = clone.resources()

    clone.gatewright("upgrade")
    assert [file.name for file in root.iterdir() if file.name.endswith(".new")] == []
    assert pinned_version((root / "requirements.txt").read_text()) == __version__

    calls = clone.seen()
    clone.gatewright("preview", "local")  # with a change it ends with another code
    assert clone.up() == {}
    assert resources_of(clone) == {urn: before[urn] for urn in before if "pulumi:Stack::" not in urn}
    assert clone.changing(calls) == []


def place_project(clone: Clone, folder: Path) -> None:
    """The files of the release in place of the clone's, with this version as the installed package."""
    root = clone.project.root
    for name in ("gatewright", "components", "schemas"):
        (root / name).unlink()
    for file in clone.project.stacks.iterdir():
        file.unlink()
    shutil.copytree(folder, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("state.json"))
    environment = clone.project.stacks / "local.yaml"
    environment.write_text(environment.read_text().replace("local: true", f"local: {{port: {clone.port}}}"))
    (clone.project.work / "passphrase").write_text(f"{PASSPHRASE}\n")
    clone.exported[NOW] = TODAY


def record(clone: Clone, file: Path) -> None:
    """Deploy the project, and keep its state, in which all secrets are encrypted with the known passphrase."""
    clone.gatewright("up", "local")
    state = clone.project.work / "state/.pulumi/stacks" / PROJECT_NAME / "local.json"
    content = json.loads(state.read_text().replace(f":{clone.port}", f":{PORT}"))
    for resource in content["checkpoint"]["latest"]["resources"]:
        for key in OF_THIS_MACHINE:
            resource.pop(key, None)
    file.write_text(f"{json.dumps(content, indent=1)}\n")
    shutil.copy(clone.project.stacks / "Pulumi.local.yaml", file.parent / "stacks")


def resources_of(clone: Clone) -> dict[str, Any]:
    """The resources without the stack itself, whose outputs name the version."""
    return {urn: resource for urn, resource in clone.resources().items() if "pulumi:Stack::" not in urn}
