"""promote writes the settings of one environment into the file of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shipped_stacks import copy_stacks

from gatewright.errors import FileRefusedError, GatewrightError, InvalidEnvironmentError, UsageError
from gatewright.operations.compare import compare
from gatewright.operations.promote import promote
from gatewright.project import Project
from gatewright.workspace import select

if TYPE_CHECKING:
    from pathlib import Path

DEV = """\
extends: base.yaml
local: true
gateway: {name: agents-dev, cache: {ttl: 5m}, rateLimit: {limit: 9 requests/minute, technique: sliding}, retry: null}
routes: {more: [groq/gpt-oss-20b]}
clients: {pi: {primary: dynamic/more}}
"""
TEST = """\
# the file of the tests
extends: base.yaml
local: true   # no account
gateway: {name: agents-test}   # a name
clients: {pi: {primary: dynamic/bulk}}
"""
ANCHORED = """\
extends: base.yaml
local: true
clients: {openclaw: {token: agents}, pi: {token: agents}}
tokens: {ci: {rotate: &monthly {every: 9d, overlap: 2d}}, agents: {rotate: *monthly}}
"""


@pytest.fixture
def project(checkout: Project, tmp_path: Path) -> Project:
    """The checkout's environments, and dev and test."""
    stacks = tmp_path / "stacks"
    copy_stacks(checkout, stacks)
    model = "{id: openai/gpt-oss-20b, context: 131072, output: 32768, unverified: true}"
    base = (stacks / "base.yaml").read_text()
    (stacks / "base.yaml").write_text(f"{base}providers: {{groq: {{models: {{gpt-oss-20b: {model}}}}}}}\n")
    (stacks / "dev.yaml").write_text(DEV)
    (stacks / "test.yaml").write_text(TEST)
    return Project(tmp_path)


@pytest.mark.parametrize(
    "paths",
    [
        ["gateway.cache"],
        ["gateway.cache.ttl"],
        ["gateway.rateLimit.limit"],
        ["routes.more"],
        ["gateway"],
        ["gateway.retry"],
    ],
    ids=str,
)
def test_only_the_named_settings_change(project: Project, paths: list[str]) -> None:
    before, dev = select(project, ["test", "dev"])
    differing = {each.path for each in compare(before, dev)}
    edit = promote(project, "dev", "test", paths)
    edit.write()
    after = select(project, ["test"])[0]
    left = {each.path for each in compare(after, dev)}
    promoted = differing - left
    assert promoted == {path for path in differing if any(related(path, wanted) for wanted in paths)} - {"gateway.name"}
    assert promoted
    assert [line for line in edit.after.splitlines() if line.startswith("#")] == ["# the file of the tests"]
    assert "local: true   # no account\n" in edit.after
    assert promote(project, "dev", "test", paths).diff() == []


def related(path: str, promoted: str) -> bool:
    return f"{path}.".startswith(f"{promoted}.") or f"{promoted}.".startswith(f"{path}.")


def test_an_inherited_setting_is_removed_by_null(project: Project) -> None:
    edit = promote(project, "dev", "test", ["gateway.retry"])
    assert "gateway: {name: agents-test, retry: null}   # a name\n" in edit.after


def test_an_alias_is_replaced_for_one_setting_only(project: Project) -> None:
    (project.stacks / "test.yaml").write_text(ANCHORED)
    edit = promote(project, "dev", "test", ["tokens.agents"])
    assert edit.after.endswith("&monthly {every: 9d, overlap: 2d}}, agents: {rotate: {every: 30d, overlap: 7d}}}\n")


@pytest.mark.parametrize(
    ("source", "paths", "error", "message"),
    [
        ("dev", ["gateway.cach"], UsageError, "has no gateway.cach"),
        ("dev", ["account"], UsageError, "account belongs to dev alone"),
        ("prod", ["account.env"], UsageError, "account.env belongs to prod alone"),
        ("nope", ["gateway"], UsageError, "environment nope does not exist"),
        ("dev", ["clients.pi.primary"], InvalidEnvironmentError, "test is invalid"),  # its route is not promoted
    ],
)
def test_refusals(project: Project, source: str, paths: list[str], error: type[GatewrightError], message: str) -> None:
    with pytest.raises(error, match=message):
        promote(project, source, "test", paths)
    assert (project.stacks / "test.yaml").read_text() == TEST


def test_a_setting_of_the_target_alone_is_named(project: Project) -> None:
    (project.stacks / "test.yaml").write_text(TEST + "protect: false\n")
    with pytest.raises(FileRefusedError, match="dev does not set protect") as refusal:
        promote(project, "dev", "test", ["protect"])
    assert refusal.value.hint == "Remove it from stacks/test.yaml:6:10"
