"""An `up` from a state that an earlier version of the program made: nothing changes, and nothing is asked for."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatewright.clock import NOW
from gatewright.facts.resource_types import CONFIG_FILE
from gatewright.io.output_folder import PUBLIC, OutputFolder

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, WITH_EITHER]

RECORDED = Path(__file__).parents[1] / "program/recorded"
PORT = 18788
"""The port of the Cloudflare that the state was made with."""
BUILT_IN = "urn:pulumi:local::gatewright::pulumi:providers:pulumi::default"
"""The engine's own provider, which the state has since the program reads the state itself."""
PASSPHRASE = "a fake passphrase of a test"


def test_up_from_a_recorded_state_changes_nothing(clone: Clone) -> None:
    restore(clone)
    clone.exported[NOW] = "2026-11-21T00:00:00Z"
    before, calls = clone.resources(), clone.seen()
    clone.pulumi("preview", "--expect-no-changes")
    assert clone.up() == {}
    after = clone.resources()
    assert [urn for urn in after if urn not in before] == [BUILT_IN]
    changed = {urn: {key for key in after[urn] if after[urn][key] != before[urn].get(key)} for urn in before}
    # since then, a custom provider waits for the gateway that uses it, and the outputs state the version of the package
    assert {urn.rpartition("::")[2]: keys for urn, keys in changed.items() if keys} == {
        "nvidia": {"dependencies"},
        "gatewright-local": {"outputs"},
    }
    assert clone.changing(calls) == []


def restore(clone: Clone) -> None:
    """The recorded environment, the state of its stack, and its client files on the disk."""
    project = clone.project
    shutil.copy(RECORDED / "stacks/catalog.yaml", project.stacks / "catalog.yaml")
    declared = (RECORDED / "stacks/local.yaml").read_text()
    (project.stacks / "local.yaml").write_text(declared.replace("local: true", f"local: {{port: {clone.port}}}"))
    shutil.copy(RECORDED / "state/Pulumi.local.yaml", project.stacks)
    restore_state(clone, RECORDED / "state/local.json", "gatewright")


def restore_state(clone: Clone, recorded: Path, project_name: str) -> None:
    """The state of stack local in the file `recorded`, and its client files on the disk."""
    project = clone.project
    (project.work / "passphrase").write_text(f"{PASSPHRASE}\n")
    text = recorded.read_text().replace(f":{PORT}", f":{clone.port}")
    for resource in json.loads(text)["checkpoint"]["latest"]["resources"]:
        if resource["type"] == CONFIG_FILE:
            path, content = resource["inputs"]["path"], resource["inputs"]["content"]
            OutputFolder(project.root, ("out", "local")).write(path, content, PUBLIC, known=None)
            # the URLs in the file name the port
            text = text.replace(resource["outputs"]["sha256"], hashlib.sha256(content.encode()).hexdigest())
    stacks = project.work / "state/.pulumi/stacks" / project_name
    stacks.mkdir(parents=True, exist_ok=True)
    (stacks / "local.json").write_text(text)
