"""One environment deployed on a screen of its own, for `up` of one environment and of several."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gatewright.cli.local_cloudflare import start_local
from gatewright.cli.reports.text import plan_lines
from gatewright.engine.ensure import ensure_engine
from gatewright.import_file import import_file
from gatewright.operations.plan.context import plan_context
from gatewright.operations.plan.model import Plan
from gatewright.operations.up import up
from gatewright.progress import StepNote, StepResult
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.cli.screen import Screen
    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.up import UpOptions
    from gatewright.progress import Event
    from gatewright.project import Project


def deploy(
    project: Project,
    loaded: Loaded,
    options: UpOptions,
    screen: Screen,
    confirm: Callable[[], None],
    engine: Engine | None = None,
) -> Plan:
    """Deploy `loaded` and show the steps; return the applied plan. Without `engine` it is found or installed.

    Raises as `up`.
    """
    environment = require(loaded)
    screen.heading(_heading(environment))
    context = plan_context(project, loaded)
    engine = engine or ensure_engine(project, screen.show)
    start_local(project, environment, screen.show)
    plan = up(project, context, engine, options, confirm, partial(_show, screen))
    if (imports := import_file(project, environment.name)).exists():
        screen.line(f"{project.shown(imports)} is not needed any more: everything in it is imported")
    return plan


def _show(screen: Screen, event: Event) -> None:
    if isinstance(event, StepResult) and isinstance(event.result, Plan):
        for line in plan_lines(event.result):
            screen.show(StepNote(line))
    else:
        screen.show(event)


def _heading(environment: Environment) -> str:
    if environment.local:
        target = f"Cloudflare on this machine (127.0.0.1:{environment.local.port})"
    else:
        target = f"account {environment.account_id or f'${environment.account_variable}, which is not set'}"
    return f"gatewright · stack {environment.name} · {target}"
