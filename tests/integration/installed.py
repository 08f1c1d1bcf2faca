"""The package as a user installs it: a wheel in a virtual environment of its own, and a repository beside it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from local.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.engine.find import Engine

TIMEOUT = 300  # seconds for one command


@dataclass(frozen=True, slots=True)
class Installed:
    """The virtual environment, a folder for the project, and the user's shell, whose HOME is `home`."""

    environment: Path
    folder: Path
    home: Path
    path: str

    @classmethod
    def create(cls, engine: Engine, root: Path) -> Installed:
        """An empty virtual environment, an empty git repository with a space in its name, and an empty home."""
        venv.create(root / "a venv", symlinks=True)
        user = cls(root / "a venv", root / "my gate", root / "home", os.pathsep.join([str(engine.bin), os.defpath]))
        user.home.mkdir()
        return user.at(user.folder)

    def at(self, folder: Path) -> Installed:
        """The same in a new git repository."""
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
        return replace(self, folder=folder)

    @property
    def program(self) -> Path:
        return self.environment / "bin" / "gatewright"

    def pip_install(self, *arguments: str | Path) -> None:
        """Install as the guide says, from pip's cache where that has the packages."""
        python = self.environment / "bin" / "python"
        command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile"]
        command += map(str, arguments)
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert done.returncode == 0, done.stderr

    def gatewright(self, *arguments: str, code: int = 0, home: Path | None = None) -> str:
        """The output of a command in the folder."""
        return self.shell([str(self.program), *arguments], code=code, home=home)

    def shell(self, command: list[str], code: int = 0, home: Path | None = None) -> str:
        """The output of any program in the folder, with no variable of the tests' own environment."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={"HOME": str(home or self.home), "PATH": self.path, "LANG": "C.UTF-8"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def use_free_port(self) -> None:
        """Give the environment `local` a port that no other test uses."""
        self.edit("stacks/local.yaml", "local: true", f"local: {{port: {free_port()}}}")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file, as a user would."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        (self.folder / name).write_text(text.replace(old, new), encoding="utf-8")


def build_wheel(root: Path, folder: Path, version: str | None = None) -> Path:
    """The wheel of the repository at `root`, also with another version, from a copy of the tracked files."""
    source = root
    if version:
        source = folder / "source"
        listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=root, text=True)
        for name in filter(None, listed.split("\0")):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target, follow_symlinks=False)
        module = source / "gatewright" / "__init__.py"
        module.write_text(re.sub(r'(__version__ = )".*"', rf'\1"{version}"', module.read_text()), encoding="utf-8")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    return wheel


def write_constraints(lock: Path, file: Path) -> Path:
    """Write the versions of a lock file without its hashes, which pip would demand of the wheel, too."""
    pins = re.findall(r"^([a-z][^\s=]*==[^\\\n]+?) *\\?$", lock.read_text(encoding="utf-8"), re.MULTILINE)
    file.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return file
