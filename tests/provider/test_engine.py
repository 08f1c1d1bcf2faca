"""The plugin under the real engine: what a user sees of a file that changes behind its back."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.project import Project

    from .stack import Declared, Stack

pytestmark = [pytest.mark.integration, pytest.mark.long]

ACCOUNT: Declared = ("Account", "dev", {"accountId": "fake-account-one"})


def file(name: str, **inputs: Any) -> Declared:
    return ("ConfigFile", name, {"environment": "dev", "path": name, "content": f"{name}\n", **inputs})


ALL = (ACCOUNT, file("a.json"), file("pi/b.json", mode="0600"))


@pytest.fixture
def out(stack: Stack) -> Path:
    """out/dev, once everything is up."""
    stack.declare(*ALL)
    stack.up()
    return stack.folder / "out/dev"


def test_a_second_up_writes_nothing(stack: Stack, out: Path) -> None:
    assert (out / "a.json").read_text() == "a.json\n"
    assert (out / "pi/b.json").stat().st_mode & 0o777 == 0o600
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert stack.is_unchanged()
    stack.up("--expect-no-changes")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_destroy_removes_the_files(stack: Stack, out: Path) -> None:
    (out / "a.json").write_text("edited")
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert not out.parent.exists()


def test_up_restores_a_file_that_was_edited_by_hand(stack: Stack, out: Path) -> None:
    (out / "a.json").write_text("edited\n")
    assert stack.changes() == {"a.json": ("update", "content")}
    assert "out/dev/a.json was edited by hand: 1 line differs" in stack.pulumi("preview")
    shown = stack.pulumi("refresh", "--preview-only", "--diff")
    assert "~ content: \n          - a.json\n          + edited\n" in shown
    assert "pi/b.json" not in shown
    stack.up()
    assert (out / "a.json").read_text() == "a.json\n"
    assert stack.is_unchanged()


def test_up_restores_an_edited_file_after_a_refresh(stack: Stack, out: Path) -> None:
    (out / "a.json").write_text("edited\n")
    stack.pulumi("refresh", "--yes", "--skip-preview")
    assert stack.changes() == {"a.json": ("update", "content")}
    stack.up("--refresh")
    assert (out / "a.json").read_text() == "a.json\n"
    assert stack.is_unchanged()


def test_up_restores_a_deleted_file(stack: Stack, out: Path) -> None:
    (out / "a.json").unlink()
    assert stack.changes() == {"a.json": ("update", "onDisk")}
    stack.pulumi("refresh", "--yes", "--skip-preview")
    assert stack.changes() == {"a.json": ("update", "onDisk")}
    stack.up()
    assert (out / "a.json").read_text() == "a.json\n"
    assert stack.is_unchanged()


@pytest.mark.usefixtures("out")
def test_a_fresh_checkout_in_another_folder_lacks_only_the_files(
    stack: Stack, checkout: Project, tmp_path: Path
) -> None:
    assert str(tmp_path) not in stack.pulumi("stack", "export").replace(str(checkout.root), "")
    fresh = stack.moved(tmp_path / "elsewhere", checkout, tmp_path)
    assert fresh.changes() == {"a.json": ("update", "onDisk"), "pi/b.json": ("update", "onDisk")}
    fresh.up()
    assert (fresh.folder / "out/dev/pi/b.json").read_text() == "pi/b.json\n"
    assert fresh.is_unchanged()
    assert stack.is_unchanged()


def test_files_are_written_to_the_project_from_any_folder(stack: Stack, out: Path, tmp_path: Path) -> None:
    (out / "a.json").unlink()
    for command, cwd in ((("-C", str(stack.folder), "up"), tmp_path), (("up",), stack.folder / "stacks")):
        stack.pulumi(*command, "--yes", "--skip-preview", cwd=cwd)
        assert (out / "a.json").read_text() == "a.json\n"
        (out / "a.json").write_text("edited")
    assert not (tmp_path / "out").exists()
    assert not (stack.folder / "stacks/out").exists()


@pytest.mark.usefixtures("out")
def test_another_account_is_rejected_before_anything_is_planned(stack: Stack) -> None:
    before = stack.pulumi("stack", "export")
    stack.declare(("Account", "dev", {"accountId": "fake-account-two"}), *ALL[1:])
    for command in (("preview",), ("up", "--yes")):
        shown = stack.refused(*command)
        assert "stack dev belongs to account fake-account-one, the environment now says fake-account-two" in shown
    assert stack.pulumi("stack", "export") == before
    stack.declare(*ALL)
    assert stack.is_unchanged()


def test_a_file_of_the_user_stops_the_preview(stack: Stack) -> None:
    theirs = stack.folder / "out/dev/a.json"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("of the user")
    stack.declare(*ALL)
    for command in (("preview",), ("up", "--yes")):
        shown = stack.refused(*command)
        assert "out/dev/a.json is in the way" in shown
    assert theirs.read_text() == "of the user"
    assert [path.name for path in theirs.parent.iterdir()] == ["a.json"]


def test_renamed_moved_and_replaced_files_stay_on_the_disk(stack: Stack, out: Path) -> None:
    stack.declare(ACCOUNT, ("ConfigFile", "renamed", file("a.json")[2]), file("pi/b.json", path="c.json"))
    assert stack.changes()["pi/b.json"][0] == "replace"
    stack.up()
    assert sorted(path.name for path in out.iterdir()) == [".gatewright.json", "a.json", "c.json"]
    assert stack.is_unchanged()
    stack.up("--replace", "urn:pulumi:dev::small::gatewright:index:ConfigFile::renamed")
    assert (out / "a.json").exists()
    assert stack.is_unchanged()


def test_a_file_is_imported_by_environment_and_path(stack: Stack, out: Path) -> None:
    (out / "mine.json").write_text("mine\n")
    what = ("gatewright:index:ConfigFile", "mine.json", "dev/mine.json")
    stack.pulumi("import", "--yes", "--generate-code=false", "--protect=false", *what)
    stack.declare(*ALL, file("mine.json", content="mine\n"))
    assert stack.is_unchanged()
    stack.declare(*ALL, file("mine.json", content="ours\n"))
    stack.up()
    assert (out / "mine.json").read_text() == "ours\n"


def test_the_engine_accepts_the_schema(stack: Stack, checkout: Project, tmp_path: Path) -> None:
    plugin = checkout.root / "gatewright/provider/pulumi-resource-gatewright"
    schema = tmp_path / "schema.json"
    schema.write_text(stack.pulumi("package", "get-schema", str(plugin)))
    stack.pulumi("schema", "check", str(schema))


def test_the_engine_reports_a_missing_virtual_environment(stack: Stack, checkout: Project, tmp_path: Path) -> None:
    clone = tmp_path / "a clone"
    plugin = clone / "gatewright/provider"
    plugin.mkdir(parents=True)
    shutil.copy(checkout.root / "gatewright/provider/pulumi-resource-gatewright", plugin)
    settings = stack.folder / "Pulumi.yaml"
    settings.write_text(settings.read_text().replace(str(checkout.root / "gatewright/provider"), str(plugin)))
    stack.declare(ACCOUNT)
    assert f"{clone}/.venv is missing: run make setup there" in stack.refused("preview")
