"""An engine, by any means: found, downloaded or built, with the programs that it needs beside it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from gatewright.engine.build import build
from gatewright.engine.download import download
from gatewright.engine.find import Engine, find_engine, find_on_path, start_over, write_origin
from gatewright.engine.launchers import place_cloudflare_plugin, place_gatewright_plugin, place_language_host
from gatewright.engine.versions import MINIMUM, format_version, is_usable, reported_version
from gatewright.errors import EngineError
from gatewright.progress import Message, Report, Step, step, unreported
from gatewright.project import Project
from gatewright.setup.failures import explain_os_error
from gatewright.setup.processes import exclusive_lock


def ensure_engine(project: Project, report: Report = unreported) -> Engine:
    """The engine, installed if there is none. Raises EngineError when that fails."""
    try:
        engine = find_engine(project)
        if engine is None:
            waiting = Message("waiting for another run, which installs the engine")
            with exclusive_lock(project.engine_bin.parent / "lock", lambda: report(waiting)):
                engine = find_engine(project) or _install(project, report)
        else:
            with step(report, f"engine: {describe_engine(engine)}") as current:
                current.outcome = "unchanged"
        if engine.origin != "path" or engine.bin == project.engine_bin:
            place_language_host(project.engine_bin)
        place_gatewright_plugin(project)
        place_cloudflare_plugin(project)
    except OSError as error:
        raise EngineError(f"the engine could not be put in place: {explain_os_error(error, project.root)}") from None
    return engine


def describe_engine(engine: Engine) -> str:
    """The engine in a few words."""
    origins = {"path": "on PATH", "downloaded": "downloaded", "built": "built from its Go modules"}
    return f"pulumi {format_version(engine.version)}, {origins[engine.origin]}"


def _install(project: Project, report: Report) -> Engine:
    users = find_on_path(project)
    version = reported_version(users, "version") if users else None
    with step(report, "engine") as current:
        if users and is_usable(version):
            name = f"pulumi {format_version(version or MINIMUM)} on PATH"
            current.retitle(f"engine: {name} lacks a Python language host; adding ours")
            _adopt(project, users)
        else:
            lack = f"pulumi on PATH is {format_version(version)}, too old" if version else "pulumi is not on PATH"
            _download_or_build(project, current, lack)
    engine = find_engine(project)
    if engine is None:
        raise EngineError(f"the engine at {project.shown(project.engine_bin)} does not run", start_over(project))
    return engine


def _download_or_build(project: Project, current: Step, lack: str) -> None:
    current.retitle(f"engine: {lack}; downloading {format_version(MINIMUM)}")
    if not download(project, current.note):
        version = format_version(MINIMUM)
        title = f"engine: {lack} and cannot be downloaded here; building {version} from its Go modules"
        build(project, current, title)


def _adopt(project: Project, users: Path) -> None:
    """Put a second name for the user's engine into our folder: it looks for language hosts in its own folder only."""
    project.engine_bin.mkdir(parents=True, exist_ok=True)
    temporary = project.engine_bin / "pulumi.new"
    temporary.unlink(missing_ok=True)
    try:
        os.link(users.resolve(), temporary)
    except OSError:
        shutil.copy2(users, temporary)
    temporary.replace(project.engine_bin / "pulumi")
    write_origin(project, "path")
