"""The wheel in an environment of its own: a project in a user's repository, without a clone of gatewright."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from local.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.engine.find import Engine
    from gatewright.project import Project

pytestmark = [pytest.mark.integration, pytest.mark.long]


@dataclass(frozen=True, slots=True)
class Installed:
    """The installed program, a folder for the project, and the user's shell."""

    program: Path
    folder: Path
    variables: dict[str, str]

    def gatewright(self, *arguments: str, code: int = 0) -> str:
        """The output of a command in the folder."""
        return self.shell([str(self.program), *arguments], code=code)

    def shell(self, command: list[str], code: int = 0) -> str:
        """The output of any program in the folder."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout


@pytest.fixture
def installed(checkout: Project, engine: Engine, tmp_path: Path) -> Iterator[Installed]:
    """The wheel, built and installed; the packages that it needs are those of this environment."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=checkout.root, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    environment = tmp_path / "a venv"
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True, timeout=120)
    (site,) = (environment / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    folder = tmp_path / "my gate"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = os.pathsep.join([str(engine.bin), "/usr/local/bin", "/usr/bin", "/bin"])
    user = Installed(environment / "bin" / "gatewright", folder, {**kept, "PATH": path})
    yield user
    if (folder / "Pulumi.yaml").is_file():
        user.gatewright("local", "stop")


def test_a_new_project_is_deployed_without_a_clone(installed: Installed) -> None:
    created = installed.gatewright("init", "--yes")
    assert "created stacks/base.yaml" in created
    assert "Next:" in created
    local = installed.folder / "stacks" / "local.yaml"
    local.write_text(local.read_text().replace("local: true", f"local: {{port: {free_port()}}}"), encoding="utf-8")

    first = installed.gatewright("up", "local")
    assert "dynamic/fast answered by" in first
    assert "make " not in first
    assert "gateway agents-local" not in installed.gatewright("up", "local")
    assert "clean" in installed.gatewright("drift", "local")
    assert "gatewright:catalog:" in installed.gatewright("explain", "local", "providers.groq.key")

    setup = installed.gatewright("engine", "env", "local")
    plain = installed.shell(["/bin/sh", "-c", f"{setup}\npulumi preview --expect-no-changes --non-interactive"])
    assert re.search(r"\d+ unchanged", plain)
    doctor = installed.gatewright("doctor")
    assert str(installed.program.parent.parent) in doctor
    assert "make " not in doctor
