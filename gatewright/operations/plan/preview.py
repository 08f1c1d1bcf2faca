"""preview: what an up would do to one environment, from the engine's own events. It writes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatewright.engine.find import require as require_engine
from gatewright.errors import RefusedError
from gatewright.local import daemon
from gatewright.operations.plan.context import plan_context
from gatewright.operations.plan.dry_run import dry_run
from gatewright.operations.render import checked_files
from gatewright.operations.stack.preflight import RealAccount
from gatewright.operations.up import engine_on
from gatewright.workspace import require, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.dry_run import DryRun
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.project import Project


def preview(project: Project, name: str, engine: Engine | None = None) -> Plan:
    """The plan of environment `name`; `engine` where it is known already.

    Raises UsageError for no environment, InvalidEnvironmentError for one that cannot be used, RefusedError where
    Cloudflare refuses the deploying token, EngineError where the engine fails or is missing.
    """
    (loaded,) = select(project, [name])
    with looked(project, loaded, engine or require_engine(project)) as look:
        return look.plan


@contextmanager
def looked(project: Project, loaded: Loaded, engine: Engine, *flags: str) -> Iterator[DryRun]:
    """The same with all that it was made from, to be used within the `with`. `flags` are more for the engine."""
    environment = require(loaded)
    seen = plan_context(project, environment, checked_files(project, environment), loaded.root)
    with ready_to_look(project, environment, engine) as ready, dry_run(ready.pulumi, seen, *flags) as look:
        refused = ready.account.in_the_way(look.known) if ready.account else ()
        yield replace(look, plan=replace(look.plan, refused=refused))


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine on an environment's stack, and the account where it is a real one."""

    pulumi: Pulumi
    account: RealAccount | None = None


@contextmanager
def ready_to_look(project: Project, environment: Environment, engine: Engine) -> Iterator[Ready]:
    """With what a mere look needs: all that is missing is said at once. What Cloudflare refuses within the `with` is
    said by the permissions that are missing, where that can be found out."""
    if environment.local:
        daemon.start(project, environment.local.port)
        yield Ready(engine_on(project, environment, engine))
        return
    with RealAccount(project, environment, engine) as account:
        account.require_tools()
        try:
            yield Ready(account.pulumi, account)
        except RefusedError:
            account.require_permissions()
            raise
