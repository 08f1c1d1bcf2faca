"""up and down: one environment made so, or taken away, by the real engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.stored_keys import unset_variables
from gatewright.engine.ensure import ensure
from gatewright.engine.find import require
from gatewright.engine.launchers import place_cloudflare_plugin
from gatewright.engine.variables import local_session, session
from gatewright.errors import ChangedPlanError, EngineError, GatewrightError
from gatewright.facts.local_cloudflare import DEFAULT_PORT
from gatewright.local import daemon
from gatewright.operations.plan.context import plan_context
from gatewright.operations.plan.dry_run import dry_run, run
from gatewright.operations.plan.model import Cause
from gatewright.operations.plan.rows import described, listed_as_done, to_install_again
from gatewright.operations.plan.saved_plan import require_same
from gatewright.operations.probe.smoke import smoke_target, smoke_test
from gatewright.operations.probe.transport import RunToken
from gatewright.operations.render import checked_files
from gatewright.operations.stack.preflight import ready
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.workspace import require as require_valid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gatewright.cli.screen import Screen
    from gatewright.cli.screen import Step as StepOnScreen
    from gatewright.engine.find import Engine
    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.context import PlanContext
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.plan.saved_plan import SavedPlan
    from gatewright.project import Project

_UP = ("up", "--yes", "--skip-preview")


def up(
    project: Project,
    loaded: Loaded,
    screen: Screen,
    agree: Callable[[], None],
    planned: SavedPlan | None = None,
    *,
    only_due: bool = False,
    refresh: bool = False,
    engine: Engine | None = None,
) -> Plan:
    """Makes the environment so: what was done. `agree` is called once a real account would be changed, and not as it
    was `planned`: it raises what it likes to end it there. With `only_due` nothing but what the calendar brings.
    `refresh`: mend what was changed outside as well. The `engine`, where it is known already, else it is got.

    Raises a GatewrightError when anything on the way refuses, and ChangedPlanError where it is not as it was planned,
    or more than what is due; nothing is created before all checks have passed.
    """
    environment = require_valid(loaded)
    seen = plan_context(project, environment, checked_files(project, environment), loaded.root)
    pulumi = _ready(project, environment, engine or ensure(project, screen), screen)
    flags = ("--refresh",) if refresh else ()
    if planned or only_due or environment.protect or not environment.local:
        plan = _look_first(pulumi, seen, screen, planned, flags)
        if only_due and not _is_due(plan):
            screen.line("Nothing is due.")
            return plan
        if plan.changes and not planned and not environment.local:
            agree()
    pulumi.make_stack()
    done = _make(pulumi, seen, screen, flags)
    if environment.local:
        _try_it(environment, pulumi.outputs(), screen)
    return done


def _ready(project: Project, environment: Environment, engine: Engine, screen: Screen) -> Pulumi:
    """The engine on the environment's stack, with everything that it needs."""
    if environment.local is None:
        return ready(project, environment, engine, screen)
    _start(project, environment, screen)
    return engine_on(project, environment, engine)


def _look_first(
    pulumi: Pulumi, seen: PlanContext, screen: Screen, planned: SavedPlan | None, flags: tuple[str, ...]
) -> Plan:
    """What would be changed, shown."""
    with screen.step("pulumi preview") as step, dry_run(pulumi, seen, *flags) as look:
        _show(step, look.plan, described(look.plan))
        if planned:
            require_same(look, planned)
        return look.plan


def _is_due(plan: Plan) -> bool:
    """Whether the calendar brings a change. Raises ChangedPlanError where anything else does."""
    others = [f"{change.kind} {change.name}" for change in plan.changes if change.counts]
    if others:
        raise ChangedPlanError(
            f"{plan.environment} would be changed by more than the calendar, so nothing was done: {', '.join(others)}",
            f"Deploy what waits first: gatewright up {plan.environment}",
        )
    return any(change.cause is Cause.CALENDAR for change in plan.changes)


def engine_of(project: Project, environment: Environment) -> Pulumi:
    """The engine on the environment's stack. Raises EngineError where there is none."""
    return engine_on(project, environment, require(project))


def enter_of(project: Project, environment: Environment) -> str:
    """What stands before plain pulumi for that stack in the user's shell; nothing where there is no engine at all."""
    try:
        return engine_of(project, environment).session.enter
    except EngineError:
        return ""


def engine_on(project: Project, environment: Environment, engine: Engine) -> Pulumi:
    """`engine` on the environment's stack, as its own file or the user's shell has it."""
    if environment.local is None:
        return Pulumi(project, engine, session(project, engine, environment.name), environment.name)
    place_cloudflare_plugin(project)  # an engine that was there already has not got it with the engine
    return Pulumi(project, engine, local_session(project, engine, environment.name), environment.name)


def _make(pulumi: Pulumi, seen: PlanContext, screen: Screen, flags: tuple[str, ...]) -> Plan:
    """Runs `pulumi up`: what it did. Says what is left to do by hand, and what was left as it is."""
    environment = seen.environment
    with screen.step("pulumi up") as step:
        done = run(pulumi, seen, *_UP, *flags).plan
        _show(step, done, listed_as_done(done))
    if old := to_install_again(done):
        screen.line(f"  · to install again, where they run: {', '.join(old)}")
    if kept := unset_variables(environment, os.environ):
        screen.line("  · keys kept as they are at Cloudflare")
        for provider, variable in kept.items():
            screen.note(f"{provider:<30}{variable} is not set")
    _show_domains(environment, pulumi, screen)
    return done


def _show(step: StepOnScreen, plan: Plan, lines: Iterable[str]) -> None:
    if not plan.changes:
        step.took = "unchanged"
    for line in (*lines, *plan.notes):
        step.note(line)


def _start(project: Project, environment: Environment, screen: Screen) -> None:
    port = environment.local.port if environment.local else DEFAULT_PORT
    with screen.step("local Cloudflare ready") as step:
        if daemon.status(project):
            step.took = "unchanged"
        daemon.start(project, port)


def _show_domains(environment: Environment, pulumi: Pulumi, screen: Screen) -> None:
    """What the CNAME of each domain must point to: Cloudflare's DNS does it only where the zone is given."""
    if not environment.gateway.domains:
        return
    with screen.step("domains") as step:
        for hostname, told in pulumi.outputs()["domains"].items():
            there = environment.gateway.domains[hostname].zone is not None or told["status"] == "active"
            step.note(f"{hostname:<30}{'' if there else 'create a proxied '}CNAME {told['cname']}")


def _try_it(environment: Environment, outputs: dict[str, Any], screen: Screen) -> None:
    for client in environment.clients.values():
        token, name = (outputs.get("tokens") or {}).get(client.token), smoke_target(environment, client)
        if token and client.token and name:
            with screen.step("one request through it") as step:
                step.note(smoke_test(environment, name, RunToken(client.token, token, None)))
            return


def down(project: Project, environment: Environment, screen: Screen, *, yes: bool) -> int:
    """Destroys the environment's stack; for a local one also stops the local Cloudflare.

    Raises GatewrightError for a protected environment, before anything is touched.
    """
    if environment.protect:
        raise GatewrightError(
            f"{environment.name} is protected: its gateway would lose its logs and its name",
            f"If that is meant: protect: false in its file, gatewright up {environment.name}, then down again",
        )
    pulumi = engine_on(project, environment, ensure(project, screen))
    if not environment.local:
        return pulumi.run_in_terminal("destroy", "--stack", environment.name, *(["--yes"] if yes else []))
    with screen.step(f"pulumi destroy: stack {environment.name}") as step:
        if not pulumi.has_stack():
            step.took = "not there"
        else:
            daemon.start(project, environment.local.port)
            steps = pulumi.run_quietly("destroy", "--yes", "--skip-preview", "--remove", "--stack", environment.name)
            gone = [each for each in steps if each.operation == "delete" and not each.type.startswith("pulumi:")]
            step.note(f"{len(gone)} resources deleted")
    with screen.step("local Cloudflare stopped") as step:
        if not daemon.stop(project):
            step.took = "not running"
    return 0
