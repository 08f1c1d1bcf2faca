"""A checkout in a folder with a space in its name, and programs that stand in for what a machine may have."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from gatewright.project import Project

Program = Callable[[Path, str], Path]

SYSTEM_PATH = "/usr/bin:/bin"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "a folder"
    (root / "stacks").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: gatewright\nruntime: python\nstackConfigDir: stacks\n")
    return Project(root)


@pytest.fixture
def program() -> Program:
    """Writes a shell program: (path, body) -> path."""

    def write(path: Path, body: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder that is first on PATH of a shell with nothing of ours set, and with an empty home."""
    for name in os.environ:
        if name.startswith(("PULUMI_", "CLOUDFLARE_")):
            monkeypatch.delenv(name)
    folder = tmp_path / "shell"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    user = pwd.getpwuid(os.getuid())
    home = pwd.struct_passwd((*user[:5], str(tmp_path / "home"), user.pw_shell))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: home)  # noqa: ARG005  there is one user
    monkeypatch.setenv("PATH", f"{folder}:{SYSTEM_PATH}")
    return folder
