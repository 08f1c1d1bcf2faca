"""An engine, whatever it takes: found, downloaded or built, with what must stand beside it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from gatewright.cli.screen import Screen, Step
from gatewright.engine.build import build
from gatewright.engine.download import download
from gatewright.engine.find import Engine, find, on_path, remember_origin
from gatewright.engine.launchers import place_cloudflare_plugin, place_language_host
from gatewright.engine.versions import MINIMUM, is_usable, said_by, shown
from gatewright.errors import EngineError
from gatewright.project import Project
from gatewright.setup.failures import explained_os_error
from gatewright.setup.processes import only_one


def ensure(project: Project, screen: Screen) -> Engine:
    """The engine, got if need be, its way shown on `screen`. Raises EngineError when it cannot be had."""
    try:
        engine = find(project)
        if engine is None:
            with only_one(project.engine_bin.parent / "lock", lambda: screen.note("waiting for another run's engine")):
                engine = find(project) or _get(project, screen)
        else:
            with screen.step(f"engine: {described(engine)}") as step:
                step.took = "unchanged"
        if engine.origin != "path" or engine.bin == project.engine_bin:
            place_language_host(project.engine_bin)
        place_cloudflare_plugin(project)
    except OSError as error:
        raise EngineError(f"the engine could not be put in place: {explained_os_error(error, project.root)}") from None
    return engine


def described(engine: Engine) -> str:
    """The engine in a few words."""
    where = {"path": "on PATH", "downloaded": "downloaded", "built": "built from its Go modules"}
    return f"pulumi {shown(engine.version)}, {where[engine.origin]}"


def _get(project: Project, screen: Screen) -> Engine:
    found = on_path(project)
    version = said_by(found, "version") if found else None
    with screen.step("engine") as step:
        if found and is_usable(version):
            step.title = f"engine: pulumi {shown(version or MINIMUM)} on PATH lacks a Python language host; adding ours"
            _adopt(project, found)
        else:
            lack = f"pulumi on PATH is {shown(version)}, too old" if version else "pulumi is not on PATH"
            _download_or_build(project, step, lack)
    engine = find(project)
    if engine is None:
        raise EngineError(f"the engine at {project.shown(project.engine_bin)} does not run", "make clean, then make up")
    return engine


def _download_or_build(project: Project, step: Step, lack: str) -> None:
    step.title = f"engine: {lack}; downloading {shown(MINIMUM)}"
    if download(project):
        return
    step.title = f"engine: {lack} and cannot be downloaded here; building {shown(MINIMUM)} from its Go modules"
    build(project, step)


def _adopt(project: Project, found: Path) -> None:
    """A second name for the user's engine: it looks for its language hosts in its own folder only."""
    project.engine_bin.mkdir(parents=True, exist_ok=True)
    temporary = project.engine_bin / "pulumi.new"
    temporary.unlink(missing_ok=True)
    try:
        os.link(found.resolve(), temporary)
    except OSError:
        shutil.copy2(found, temporary)
    temporary.replace(project.engine_bin / "pulumi")
    remember_origin(project, "path")
