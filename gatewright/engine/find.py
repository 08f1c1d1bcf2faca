"""The engine that is there already: on PATH first, then the one that was installed for this checkout."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

from gatewright.command_line import command
from gatewright.engine.versions import MINIMUM, Version, format_version, is_usable, known_version
from gatewright.errors import EngineError
from gatewright.frozen import frozen
from gatewright.project import Project

Origin = Literal["path", "downloaded", "built"]
ORIGINS: tuple[Origin, ...] = ("path", "downloaded", "built")
LANGUAGE_HOST = "pulumi-language-python"


@frozen
class Engine:
    """A usable Pulumi CLI."""

    path: Path
    version: Version
    origin: Origin

    @property
    def bin(self) -> Path:
        """Its folder, to be first on PATH: the engine looks for its language hosts there."""
        return self.path.parent

    @property
    def host(self) -> Path | None:
        """The Python language host that it will start, if there is one."""
        beside = self.path.resolve().parent / LANGUAGE_HOST
        if beside.is_file():
            return beside
        found = shutil.which(LANGUAGE_HOST)
        return Path(found) if found else None


def find_on_path(project: Project) -> Path | None:
    """The user's own pulumi: one on PATH that does not belong to this checkout."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    others = [folder for folder in folders if folder and Path(folder) != project.engine_bin]
    found = shutil.which("pulumi", path=os.pathsep.join(others))
    return Path(found) if found else None


def find_engine(project: Project) -> Engine | None:
    """The engine to use, if there is one."""
    users, versions = find_on_path(project), project.work / "engine-versions.json"
    if users and (version := known_version(users, versions)) and is_usable(version):
        engine = Engine(users, version, "path")
        if engine.host:
            return engine
    own = project.engine_bin / "pulumi"
    if own.is_file() and (version := known_version(own, versions)) and is_usable(version):
        return Engine(own, version, read_origin(project))
    return None


def require_engine(project: Project) -> Engine:
    """The engine to use. Installs none; raises EngineError when there is none."""
    engine = find_engine(project)
    if engine is None:
        folder = project.shown(project.engine_bin)
        raise EngineError(
            f"pulumi {format_version(MINIMUM)} or newer is neither on PATH nor in {folder}", command("engine install")
        )
    return engine


def start_over(project: Project) -> str:
    """The commands that remove what gatewright has on this machine, and deploy the local stack again."""
    return "make clean, then make up" if project.is_checkout else f"rm -r .gatewright, then {command('up local')}"


def read_origin(project: Project) -> Origin:
    """Where this checkout's own engine came from."""
    try:
        origin = _origin_file(project).read_text()
    except FileNotFoundError:
        return "built"
    return next((known for known in ORIGINS if known == origin), "built")


def write_origin(project: Project, origin: Origin) -> None:
    """Record where this checkout's own engine came from."""
    _origin_file(project).write_text(origin)


def _origin_file(project: Project) -> Path:
    return project.engine_bin.parent / "origin"
