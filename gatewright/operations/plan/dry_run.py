"""A look ahead: the plan of a run that is not made, and all that it was made from."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.errors import EngineError, NoStackError, RefusedError
from gatewright.operations.plan.build import plan_from, planned_changes
from gatewright.operations.plan.masking import Mask
from gatewright.operations.stack.locks import lock_notes
from gatewright.operations.stack.scratch_stack import scratch_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.plan.build import PlannedChange
    from gatewright.operations.plan.context import PlanContext
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.stack.pulumi import Pulumi

REFRESHED, MADE = "refresh", "create"
"""The operations by which the engine looks at a resource before it decides, and by which it makes one."""
NEW = "there is no stack yet: the first up makes it"


@dataclass(frozen=True, slots=True)
class DryRun:
    """A plan, what each of its changes is about, and the engine that it was made with."""

    plan: Plan
    planned_changes: Sequence[PlannedChange]
    seen: PlanContext
    pulumi: Pulumi
    known: frozenset[tuple[str, str]]
    """Type and name of each resource that the stack has already."""


@contextmanager
def dry_run(pulumi: Pulumi, seen: PlanContext, *flags: str) -> Iterator[DryRun]:
    """What an up of `pulumi`'s stack, with the same `flags`, would do. To be used within the `with`: the stand-in of a
    stack that is not there yet is gone after it. Nothing is written. Raises EngineError and RefusedError, secrets
    masked."""
    try:
        look = run(pulumi, seen, "preview", *flags, notes=lock_notes(pulumi))
    except NoStackError:
        with scratch_stack(pulumi) as scratch:
            yield run(scratch, seen, "preview", *flags, notes=(NEW,))
    else:
        yield look


def run(pulumi: Pulumi, seen: PlanContext, command: str, *flags: str, notes: tuple[str, ...] = ()) -> DryRun:
    """Runs the engine's `command`: what it did, or would do."""
    mask = Mask.of(seen.environment, os.environ)
    said = [*notes]
    try:
        steps = pulumi.run_quietly(command, *flags, "--stack", pulumi.stack, inform=said.append)
    except (EngineError, RefusedError) as error:
        raise type(error)(mask.text(error.message), error.hint) from None
    found = planned_changes(seen, [step for step in steps if step.operation != REFRESHED])
    known = frozenset((step.type, step.name) for step in steps if step.operation != MADE)
    plan = mask.plan(plan_from(seen, found, said))
    return DryRun(plan, [each for _, each in found if each], seen, pulumi, known)
