"""The engine that is there already: on PATH first, then the one that was got for this checkout."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gatewright.engine.versions import MINIMUM, Version, is_usable, said_by, shown
from gatewright.errors import EngineError
from gatewright.project import Project

Origin = Literal["path", "downloaded", "built"]
ORIGINS: tuple[Origin, ...] = ("path", "downloaded", "built")
LANGUAGE_HOST = "pulumi-language-python"


@dataclass(frozen=True, slots=True)
class Engine:
    """A pulumi that can be used."""

    path: Path
    version: Version
    origin: Origin

    @property
    def bin(self) -> Path:
        """Its folder, to be first on PATH; its language hosts are looked for there."""
        return self.path.parent

    @property
    def host(self) -> Path | None:
        """The Python language host that it will start, if there is one."""
        beside = self.path.resolve().parent / LANGUAGE_HOST
        if beside.is_file():
            return beside
        found = shutil.which(LANGUAGE_HOST)
        return Path(found) if found else None


def on_path(project: Project) -> Path | None:
    """The user's own pulumi: one on PATH that is not this checkout's."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    others = [folder for folder in folders if folder and Path(folder) != project.engine_bin]
    found = shutil.which("pulumi", path=os.pathsep.join(others))
    return Path(found) if found else None


def find(project: Project) -> Engine | None:
    """The engine to use, if one is there."""
    users = on_path(project)
    if users and (version := said_by(users, "version")) and is_usable(version):
        engine = Engine(users, version, "path")
        if engine.host:
            return engine
    own = project.engine_bin / "pulumi"
    if own.is_file() and (version := said_by(own, "version")) and is_usable(version):
        return Engine(own, version, origin(project))
    return None


def require(project: Project) -> Engine:
    """The engine that is there. Raises EngineError when none is: this does not get one."""
    engine = find(project)
    if engine is None:
        raise EngineError(
            f"there is no pulumi {shown(MINIMUM)} or newer, neither on PATH nor in {project.shown(project.engine_bin)}",
            "gatewright engine install",
        )
    return engine


def origin(project: Project) -> Origin:
    """Where this checkout's own engine came from."""
    try:
        noted = _origin_file(project).read_text()
    except FileNotFoundError:
        return "built"
    return next((known for known in ORIGINS if known == noted), "built")


def remember_origin(project: Project, origin: Origin) -> None:
    """Note where this checkout's own engine came from."""
    _origin_file(project).write_text(origin)


def _origin_file(project: Project) -> Path:
    return project.engine_bin.parent / "origin"
