"""The decisions that keep a command from changing more than it may: pure functions, which need no engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.command_line import command
from gatewright.errors import ChangedPlanError, GatewrightError
from gatewright.operations.plan.model import Cause

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright.operations.plan.model import Plan


def needs_preview(environment: Environment, *, has_saved_plan: bool, only_due: bool) -> bool:
    """Whether `up` previews before it changes anything."""
    return has_saved_plan or only_due or environment.protect or environment.local is None


def needs_confirmation(environment: Environment, plan: Plan, *, has_saved_plan: bool) -> bool:
    """Whether `up` asks before it applies `plan`: on a real account, unless a saved plan was agreed to."""
    return environment.local is None and bool(plan.changes) and not has_saved_plan


def require_only_due(plan: Plan) -> bool:
    """Whether the calendar brings a change. Raises ChangedPlanError where anything else brings one."""
    others = [f"{change.kind} {change.name}" for change in plan.changes if change.counts]
    if others:
        raise ChangedPlanError(
            f"nothing was changed: {plan.environment} has changes that are not due by the calendar: "
            f"{', '.join(others)}",
            f"Deploy them first: {command(f'up {plan.environment}')}",
        )
    return any(change.cause is Cause.CALENDAR for change in plan.changes)


def require_unprotected(environment: Environment) -> None:
    """Raise GatewrightError where the environment's gateway may not be deleted."""
    if environment.protect:
        up = command(f"up {environment.name}")
        raise GatewrightError(
            f"{environment.name} is protected: its gateway would lose its logs and its name",
            f"To delete it nevertheless: set protect: false in its file, run {up}, then down again",
        )
