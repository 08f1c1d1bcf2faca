"""The engine on an environment's stack."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright import __version__
from gatewright.command_line import command
from gatewright.engine.find import require_engine
from gatewright.engine.installed_versions import install_command, is_newer
from gatewright.engine.launchers import place_cloudflare_plugin, place_gatewright_plugin
from gatewright.engine.old_runs import keep_no_log
from gatewright.engine.state import backend_folder, restore_state, state_version
from gatewright.engine.variables import local_session, real_session, state_folder, with_deploying_token
from gatewright.errors import EngineError, UsageError
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.progress import Message
from gatewright.workspace import deploy_variables

if TYPE_CHECKING:
    from gatewright.engine.find import Engine
    from gatewright.environment.resolved import Environment
    from gatewright.progress import Report
    from gatewright.project import Project


LEAST_SPACE = 16 << 20
"""Bytes: the engine keeps several copies of a state, which take less than a megabyte each for hundreds of resources."""


def open_stack(project: Project, environment: Environment, engine: Engine | None = None) -> Pulumi:
    """`engine`, or the one that is installed, on the environment's stack; the stack need not exist.

    Raises EngineError where there is no engine, or the stack's secrets would be encrypted with an empty passphrase, and
    UsageError where a newer gatewright wrote the state, if its backend is a folder.
    """
    engine = engine or require_engine(project)
    place_gatewright_plugin(project)
    if environment.local is None:
        session = real_session(project, engine, environment.name)
        variables = with_deploying_token(session.environment, environment.deploy_variable, deploy_variables(project))
        pulumi = Pulumi(project, engine, replace(session, environment=variables), environment.name)
    else:
        place_cloudflare_plugin(project)  # an engine on PATH was not installed together with it
        keep_no_log(project)
        pulumi = Pulumi(project, engine, local_session(project, engine, environment.name), environment.name)
    if folder := backend_folder(pulumi.session.backend):
        require_not_newer(state_version(folder, pulumi.project_name, pulumi.stack), pulumi.stack)
    return pulumi


def require_not_newer(version: str | None, stack: str) -> None:
    """Raise UsageError where a newer gatewright, of `version`, wrote the state of `stack`."""
    if version and is_newer(version):
        raise UsageError(
            f"gatewright {version} wrote the state of stack {stack}, and the installed one is older: {__version__}",
            install_command(version),
        )


def restore_cut_off_state(project: Project, stack: str, report: Report) -> None:
    """Restore the state of `stack` in the project's own folder from its newest copy, where it cannot be read."""
    with suppress(OSError):  # the disk is still full: the engine reports the state
        if copy := restore_state(state_folder(project), stack):
            lost = f"What was created since then is not in it. To import that: {command(f'adopt {stack}')}"
            text = f"the state of stack {stack} was cut off, for example because the disk was full. Restored from:"
            report(Message(text, (project.shown(copy), lost)))


def require_space(pulumi: Pulumi) -> None:
    """Raise EngineError where the disk of the project or of its state is full.

    The engine tries for minutes to write each step of a run, without a word.
    """
    folders = (pulumi.project.root, backend_folder(pulumi.session.backend))
    for folder in folders:
        if folder is not None and folder.is_dir() and (free := shutil.disk_usage(folder).free) < LEAST_SPACE:
            raise EngineError(
                f"the disk is full: {free // 1024:,} KiB are free in {folder}, and a run needs {LEAST_SPACE >> 20} MiB",
                "Make room, and run the command again; nothing has changed",
            )


def shell_prefix_for(project: Project, environment: Environment) -> str:
    """The prefix of plain pulumi commands for the stack in the user's shell; "" where there is no engine."""
    try:
        return open_stack(project, environment).session.shell_prefix
    except EngineError:
        return ""
