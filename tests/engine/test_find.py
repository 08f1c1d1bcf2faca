from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.engine.find import find_engine, require_engine, write_origin
from gatewright.errors import EngineError
from gatewright.project import Project

from .conftest import SYSTEM_PATH, Program


def place(program: Program, folder: Path, version: str, host: bool = True) -> Path:
    if host:
        program(folder / "pulumi-language-python", "exit 0")
    return program(folder / "pulumi", f"echo v{version}")


def test_the_users_engine_comes_first(project: Project, shell: Path, program: Program) -> None:
    users = place(program, shell, "3.300.0")
    place(program, project.engine_bin, "3.259.0")
    engine = find_engine(project)
    assert engine
    assert (engine.path, engine.version, engine.origin) == (users, (3, 300, 0), "path")


@pytest.mark.parametrize(("version", "host"), [("3.100.0", True), ("4.1.0", True), ("3.300.0", False)])
def test_an_unusable_engine_of_the_user_is_ignored(
    project: Project, shell: Path, program: Program, version: str, host: bool
) -> None:
    place(program, shell, version, host)
    assert find_engine(project) is None
    own = place(program, project.engine_bin, "3.259.0")
    engine = find_engine(project)
    assert engine
    assert engine.path == own


def test_the_checkouts_engine_on_path_is_not_the_users(
    project: Project, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(program, project.engine_bin, "3.259.0")
    write_origin(project, "downloaded")
    monkeypatch.setenv("PATH", f"{project.engine_bin}:{SYSTEM_PATH}")
    engine = find_engine(project)
    assert engine
    assert engine.origin == "downloaded"


def test_a_link_to_a_users_engine_finds_the_host_beside_its_target(
    project: Project, shell: Path, tmp_path: Path, program: Program
) -> None:
    target = place(program, tmp_path / "opt" / "pulumi", "3.300.0")
    (shell / "pulumi").symlink_to(target)
    engine = find_engine(project)
    assert engine
    assert engine.host == target.parent / "pulumi-language-python"


def test_without_an_engine_the_hint_installs_one(project: Project) -> None:
    with pytest.raises(EngineError, match=r"neither on PATH nor in \.gatewright/engine/bin") as caught:
        require_engine(project)
    assert caught.value.hint == "gatewright engine install"
