"""down: destroy the stack of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from gatewright.errors import ExitCode
from gatewright.io.printable import plural
from gatewright.operations.access_leftovers import delete_remaining
from gatewright.operations.safeguards import require_unprotected
from gatewright.operations.stack.open_stack import require_space, restore_cut_off_state
from gatewright.operations.tokens.newest_token import forget_tokens
from gatewright.progress import Message, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.environment.resolved import Environment
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.progress import Report


def down(
    environment: Environment,
    pulumi: Pulumi,
    start_local: Callable[[], object],
    report: Report,
    *,
    yes: bool,
    output: TextIO | None = None,
) -> int:
    """Destroy the stack and return the engine's exit code; `start_local` starts the local Cloudflare.

    The engine itself asks before it destroys a stack on a real account, unless `yes`; there it prints to `output`.

    Raises GatewrightError for a protected environment.
    """
    require_unprotected(environment)
    restore_cut_off_state(pulumi.project, environment.name, report)
    require_space(pulumi)
    forget_tokens(pulumi.project, environment.name)
    if environment.local is None:
        code = pulumi.run_in_terminal("destroy", "--stack", pulumi.stack, *(["--yes"] if yes else []), output=output)
        if code == ExitCode.DONE and (remaining := delete_remaining(environment, pulumi)):
            report(Message("deleted too, left by a run that was interrupted:", remaining))
        return code
    with step(report, f"pulumi destroy: stack {pulumi.stack}") as current:
        if not pulumi.has_stack():
            current.outcome = "no stack"
            return 0
        start_local()
        current.note(f"{plural(destroy(pulumi), 'resource')} deleted")
        for name in delete_remaining(environment, pulumi):
            current.note(f"deleted too, left by a run that was interrupted: {name}")
    return 0


def destroy(pulumi: Pulumi) -> int:
    """Destroy and remove the stack without a question; return how many resources were deleted."""
    steps = pulumi.run("destroy", "--yes", "--skip-preview", "--remove", "--stack", pulumi.stack)
    return sum(step.operation == "delete" and not step.type.startswith("pulumi:") for step in steps)
