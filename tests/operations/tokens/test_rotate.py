"""An early rotation, written into the environment's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shipped_stacks import copy_stacks

from gatewright.errors import FileRefusedError, GatewrightError, InvalidEnvironmentError, UsageError
from gatewright.operations.tokens.rotate import rotate_early
from gatewright.project import Project
from gatewright.workspace import open_one

if TYPE_CHECKING:
    from pathlib import Path

ANCHORED = """\
extends: base.yaml
local: true
tokens:
  agents: {rotate: &monthly {every: 30d, overlap: 7d}}
  ci: {rotate: *monthly}
clients: {openclaw: {token: agents}, pi: {token: agents}}
"""


@pytest.fixture
def project(checkout: Project, tmp_path: Path) -> Project:
    """The checkout's environments, to be edited."""
    copy_stacks(checkout, tmp_path / "stacks")
    return Project(tmp_path)


def test_an_inherited_rotation_is_repeated_whole(project: Project) -> None:
    found = rotate_early(project, "local", "agents")
    added = [line for line in found.edit.diff() if line.startswith("+") and "local.yaml" not in line]
    assert [line.strip() for line in added[-1:]] == ["+  agents: {rotate: {every: 30d, overlap: 7d, epoch: 2}}"]
    assert open_one(project, "local").tokens["agents"].rotate != found.rotate
    found.edit.write()
    assert open_one(project, "local").tokens["agents"].rotate == found.rotate


def test_one_of_its_own_changes_in_one_place(project: Project) -> None:
    rotate_early(project, "local", "agents").edit.write()
    found = rotate_early(project, "local", "agents")
    changed = [line for line in found.edit.diff() if line[:1] in "+-" and "local.yaml" not in line]
    assert [line.partition("epoch: ")[2] for line in changed] == ["2}}", "3}}"]


@pytest.mark.parametrize(
    ("clients", "reloads"),
    [
        ("{openclaw: {credential: helper}, pi: {credential: helper}}", ("openclaw secrets reload",)),
        ("{openclaw: {}}", ()),
    ],
)
def test_clients_that_keep_their_token_are_named(project: Project, clients: str, reloads: tuple[str, ...]) -> None:
    (project.stacks / "local.yaml").write_text(f"extends: base.yaml\nlocal: true\nclients: {clients}\n")
    assert rotate_early(project, "local", "agents").reloads == reloads


@pytest.mark.parametrize(
    ("declared", "added"),
    [
        ("true", "{rotate: {every: 90d, overlap: 14d, epoch: 2}}"),
        ("{rotate: {every: 30d, overlap: 7d}}", "{rotate: {every: 30d, overlap: 7d, epoch: 2}}"),
    ],
)
def test_the_service_token_for_access(project: Project, declared: str, added: str) -> None:
    gateway = f"gateway:\n  domains: {{ai.example.com: {{}}}}\n  access:\n    serviceToken: {declared}\n"
    (project.stacks / "local.yaml").write_text(f"extends: base.yaml\nlocal: true\n{gateway}")
    found = rotate_early(project, "local", "gateway.access")
    found.edit.write()
    assert f"serviceToken: {added}" in (project.stacks / "local.yaml").read_text()
    access = open_one(project, "local").gateway.access
    assert access is not None
    assert access.service_token is not None
    assert access.service_token.rotate.epoch == 2


@pytest.mark.parametrize(
    ("text", "token", "error", "said"),
    [
        ("extends: base.yaml\nlocal: true\n", "agent", UsageError, "local has no token agent → Did you mean agents?"),
        (
            "extends: base.yaml\nlocal: true\ntokens: {agents: {rotate: false}}\n",
            "agents",
            UsageError,
            "token agents of local does not rotate → Declare a rotation",
        ),
        (
            "extends: base.yaml\nlocal: true\n",
            "gateway.access",
            UsageError,
            "local creates no service token for Access",
        ),
        ("extends: base.yaml\nlocal: maybe\n", "agents", InvalidEnvironmentError, "local is invalid: 1 error"),
        (ANCHORED, "ci", InvalidEnvironmentError, "shares the rotation of ci with another value"),
    ],
)
def test_what_is_refused(project: Project, text: str, token: str, error: type[GatewrightError], said: str) -> None:
    (project.stacks / "local.yaml").write_text(text)
    with pytest.raises(error) as caught:
        rotate_early(project, "local", token)
    assert said in f"{caught.value.message} → {caught.value.hint}"
    assert (project.stacks / "local.yaml").read_text() == text


def test_a_symlink_is_left_alone(project: Project) -> None:
    (project.stacks / "local.yaml").rename(project.stacks / "real.yaml")
    (project.stacks / "local.yaml").symlink_to("real.yaml")
    with pytest.raises(FileRefusedError, match="is a symlink"):
        rotate_early(project, "local", "agents")
