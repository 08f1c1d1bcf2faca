"""The download, with an Automation API that stands in for one that reaches its server, or does not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gatewright.engine import download as module
from gatewright.engine.download import download
from gatewright.engine.find import find_engine
from gatewright.engine.launchers import place_language_host
from gatewright.project import Project

INSTALLS = """
import pathlib
class PulumiCommand:
    @staticmethod
    def install(root, version):
        folder = pathlib.Path(root) / "bin"
        folder.mkdir(parents=True)
        for name in ("pulumi", "pulumi-language-python"):
            (folder / name).write_bytes(b"\\x7fELF" if "python" in name else f"#!/bin/sh\\necho v{version}\\n".encode())
            (folder / name).chmod(0o755)
"""
HANGS = """
import os, pathlib, subprocess
class PulumiCommand:
    @staticmethod
    def install(root, version):
        child = subprocess.Popen(["sleep", "60"])
        pathlib.Path(os.environ["CHILD"]).write_text(str(child.pid))
        child.wait()
"""


@pytest.fixture
def automation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The module that is imported for pulumi.automation."""
    package = tmp_path / "library" / "pulumi"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    return package / "automation.py"


def test_a_download_keeps_its_own_language_host(project: Project, automation: Path) -> None:
    automation.write_text(INSTALLS)
    assert download(project) is True
    engine = find_engine(project)
    assert engine
    assert (engine.version, engine.origin) == ((3, 259, 0), "downloaded")
    place_language_host(project.engine_bin)
    assert engine.host
    assert engine.host.read_bytes() == b"\x7fELF"
    assert sorted(path.name for path in project.engine_bin.parent.iterdir()) == ["bin", "origin"]


def test_a_download_that_hangs_is_ended_with_its_children(
    project: Project, automation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation.write_text(HANGS)
    child = tmp_path / "child"
    monkeypatch.setenv("CHILD", str(child))
    monkeypatch.setattr(module, "TOTAL_SECONDS", 2)
    assert download(project) is False
    assert ended(int(child.read_text()))
    assert list(project.engine_bin.parent.iterdir()) == []


def ended(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").is_file() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.05)
    return False
