"""preview: what an up would do to one environment, from the engine's own events. It writes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.errors import NoStackError
from gatewright.local import daemon
from gatewright.local.engine.find import require as require_engine
from gatewright.operations.environments import require, select
from gatewright.operations.new_stack import as_if_new
from gatewright.operations.plan.build import drafted, plan_from
from gatewright.operations.plan.seen import see
from gatewright.operations.real_account import RealAccount
from gatewright.operations.render import checked_files
from gatewright.operations.up import engine_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.local.engine.find import Engine
    from gatewright.operations.plan.build import Drafted
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.plan.seen import Seen
    from gatewright.operations.pulumi import Pulumi
    from gatewright.project import Project

NEW = "there is no stack yet: the first up makes it"


@dataclass(frozen=True, slots=True)
class Look:
    """A plan, what it was made from, and the engine that it was made with."""

    plan: Plan
    drafted: Sequence[Drafted]
    seen: Seen
    pulumi: Pulumi


def preview(project: Project, name: str, engine: Engine | None = None) -> Plan:
    """The plan of environment `name`; `engine` where it is known already.

    Raises UsageError for no environment, InvalidEnvironmentError for one that cannot be used, RefusedError where
    Cloudflare refuses the deploying token, EngineError where the engine fails or is missing.
    """
    with looked(project, name, engine) as look:
        return look.plan


@contextmanager
def looked(project: Project, name: str, engine: Engine | None = None) -> Iterator[Look]:
    """The same with all that it was made from, to be used within the `with`: the stack of an environment that has none
    yet is gone after it."""
    (loaded,) = select(project, [name])
    environment = require(loaded)
    seen = see(project, environment, checked_files(project, environment), loaded.root)
    pulumi = _ready(project, environment, engine or require_engine(project))
    try:
        look = _look(pulumi, seen)
    except NoStackError:
        with as_if_new(pulumi) as elsewhere:
            yield _look(elsewhere, seen, NEW)
    else:
        yield look


def _look(pulumi: Pulumi, seen: Seen, *notes: str) -> Look:
    said = [*notes]
    steps = pulumi.run_quietly("preview", "--stack", pulumi.stack, inform=said.append)
    found = drafted(seen, steps)
    return Look(plan_from(seen, found, said), [each for _, each in found if each], seen, pulumi)


def _ready(project: Project, environment: Environment, engine: Engine) -> Pulumi:
    """The engine on the environment's stack, with what a preview needs: all that is missing is said at once."""
    if environment.local:
        daemon.start(project, environment.local.port)
        return engine_on(project, environment, engine)
    with RealAccount(project, environment, engine) as account:
        account.require_tools()
        return account.pulumi
