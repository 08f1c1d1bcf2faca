"""preview: what an up would do to one environment, from the engine's own events. It writes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatewright.errors import RefusedError
from gatewright.operations.plan.context import plan_context
from gatewright.operations.plan.dry_run import dry_run
from gatewright.operations.stack.open_stack import open_stack
from gatewright.operations.stack.preflight import Preflight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.dry_run import DryRun
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project


@contextmanager
def looked(project: Project, loaded: Loaded, engine: Engine, *flags: str) -> Iterator[DryRun]:
    """The dry run of an up of `loaded`, to be used within the `with`; its local Cloudflare must be running.

    `flags` are further flags of the engine. Raises InvalidEnvironmentError, RefusedError where Cloudflare refuses the
    deploying token, EngineError where the engine fails.
    """
    seen = plan_context(project, loaded)
    with ready_to_look(project, seen.environment, engine) as ready, dry_run(ready.pulumi, seen, *flags) as look:
        refused = ready.account.conflicts(look.known) if ready.account else ()
        yield replace(look, plan=replace(look.plan, refused=refused))


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine on an environment's stack, and the account where it is a real one."""

    pulumi: Pulumi
    account: Preflight | None = None


@contextmanager
def ready_to_look(project: Project, environment: Environment, engine: Engine) -> Iterator[Ready]:
    """With what a mere look needs: all that is missing is said at once. What Cloudflare refuses within the `with` is
    said by the permissions that are missing, where that can be found out."""
    if environment.local:
        yield Ready(open_stack(project, environment, engine))
        return
    with Preflight(project, environment, engine) as account:
        account.require_tools()
        try:
            yield Ready(account.pulumi, account)
        except RefusedError:
            account.require_permissions()
            raise
