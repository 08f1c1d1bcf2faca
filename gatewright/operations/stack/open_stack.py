"""The engine on an environment's stack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.engine.find import require_engine
from gatewright.engine.launchers import place_cloudflare_plugin, place_gatewright_plugin
from gatewright.engine.variables import local_session, real_session, with_deploying_token
from gatewright.errors import EngineError
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.workspace import deploy_variables

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
        session = real_session(project, engine, environment.name)
        variables = with_deploying_token(session.environment, environment.deploy_variable, deploy_variables(project))
        return Pulumi(project, engine, replace(session, environment=variables), environment.name)
    place_cloudflare_plugin(project)  # an engine on PATH was not installed together with it
    return Pulumi(project, engine, local_session(project, engine, environment.name), environment.name)


def shell_prefix_for(project: Project, environment: Environment) -> str:
    """The prefix of plain pulumi commands for the stack in the user's shell; "" where there is no engine."""
    try:
        return open_stack(project, environment).session.shell_prefix
    except EngineError:
        return ""
