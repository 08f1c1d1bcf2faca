"""The engine on an environment's stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.engine.find import require_engine
from gatewright.engine.launchers import place_cloudflare_plugin, place_gatewright_plugin
from gatewright.engine.variables import local_session, real_session
from gatewright.errors import EngineError
from gatewright.operations.stack.pulumi import Pulumi

if TYPE_CHECKING:
    from gatewright.engine.find import Engine
    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


def open_stack(project: Project, environment: Environment, engine: Engine | None = None) -> Pulumi:
    """`engine`, or the one that is installed, on the environment's stack; the stack need not exist.

    Raises EngineError where there is no engine, or the stack's secrets would be encrypted with an empty passphrase.
    """
    engine = engine or require_engine(project)
    place_gatewright_plugin(project)
    if environment.local is None:
        return Pulumi(project, engine, real_session(project, engine, environment.name), environment.name)
    place_cloudflare_plugin(project)  # an engine on PATH was not installed together with it
    return Pulumi(project, engine, local_session(project, engine, environment.name), environment.name)


def shell_prefix_for(project: Project, environment: Environment) -> str:
    """The prefix of plain pulumi commands for the stack in the user's shell; "" where there is no engine."""
    try:
        return open_stack(project, environment).session.shell_prefix
    except EngineError:
        return ""
