"""preview: what an up would do to one environment, from the engine's own events. It writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.local import daemon
from gatewright.local.engine.find import require as require_engine
from gatewright.operations.environments import require, require_account, select
from gatewright.operations.plan.build import plan_of
from gatewright.operations.plan.seen import see
from gatewright.operations.render import checked_files
from gatewright.operations.up import engine_of

if TYPE_CHECKING:
    from gatewright.operations.plan.model import Plan
    from gatewright.project import Project


def preview(project: Project, name: str) -> Plan:
    """The plan of environment `name`.

    Raises UsageError for no environment, InvalidEnvironmentError for one that cannot be used, RefusedError where
    Cloudflare refuses the deploying token, EngineError where the engine fails.
    """
    (loaded,) = select(project, [name])
    environment = require(loaded)
    require_account(environment)
    files = checked_files(project, environment)
    require_engine(project)
    if environment.local:
        daemon.start(project, environment.local.port)
    seen = see(project, environment, files, loaded.root)
    pulumi = engine_of(project, environment)
    said: list[str] = []
    steps = pulumi.run_quietly("preview", "--stack", name, inform=said.append)
    return plan_of(seen, steps, said)
