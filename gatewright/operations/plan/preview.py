"""preview: what an up would change in one environment. Writes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.diagnostics import Severity
from gatewright.errors import RefusedError
from gatewright.frozen import frozen
from gatewright.operations.plan.context import plan_context
from gatewright.operations.plan.dry_run import dry_run
from gatewright.operations.stack.open_stack import open_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.dry_run import DryRun
    from gatewright.operations.stack.preflight import Preflight
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project


@contextmanager
def preview(project: Project, loaded: Loaded, engine: Engine, *flags: str) -> Iterator[DryRun]:
    """Yield the dry run of an up of `loaded`, whose local Cloudflare must be running.

    `flags` are further flags of the engine.

    Raises:
        InvalidEnvironmentError: the environment is invalid.
        RefusedError: Cloudflare rejected the deploying token.
        EngineError: the engine failed.
    """
    context = plan_context(project, loaded)
    with (
        open_for_reading(project, context.environment, engine) as opened,
        dry_run(opened.pulumi, context, *flags) as result,
    ):
        blockers = opened.preflight.conflicts(result.existing) if opened.preflight else ()
        warnings = tuple(
            f"{each.location} {each.sentence()}" for each in loaded.diagnostics if each.severity is Severity.WARNING
        )
        yield replace(result, plan=replace(result.plan, blockers=blockers, warnings=warnings))


@frozen
class OpenedStack:
    """The engine on an environment's stack; `preflight` for a real account."""

    pulumi: Pulumi
    preflight: Preflight | None = None


@contextmanager
def open_for_reading(project: Project, environment: Environment, engine: Engine) -> Iterator[OpenedStack]:
    """Open a stack with what a preview or a refresh needs.

    If Cloudflare rejects the token within the context, the missing permissions are listed where they can be read.
    """
    if environment.local:
        yield OpenedStack(open_stack(project, environment, engine))
        return
    from gatewright.operations.stack.preflight import Preflight  # a local stack needs none of it

    with Preflight(project, environment, engine) as preflight:
        preflight.require_tools()
        try:
            yield OpenedStack(preflight.pulumi, preflight)
        except RefusedError:
            preflight.require_permissions()
            raise
