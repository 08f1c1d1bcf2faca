"""Dry run: the plan that `pulumi preview` reports, without changing the stack."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.environment.references import FromConfig
from gatewright.errors import EngineError, GatewrightError, NoStackError, RefusedError
from gatewright.frozen import frozen
from gatewright.operations.plan.build import plan_from, planned_changes
from gatewright.operations.plan.diffs import exporters
from gatewright.operations.plan.diffs.values import is_masked
from gatewright.operations.plan.kinds import GATEWAY, TOKEN
from gatewright.operations.plan.masking import Mask, references
from gatewright.operations.stack.locks import interrupted_notes, lock_notes
from gatewright.operations.stack.scratch_stack import scratch_stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from gatewright.operations.plan.build import PlannedChange
    from gatewright.operations.plan.context import PlanContext
    from gatewright.operations.plan.model import Plan
    from gatewright.operations.stack.pulumi import Pulumi, Step

PREVIEW = "preview"
CREATE = "create"  # an engine operation, as in its event log
NO_STACK_NOTE = "the stack does not exist yet; the first up creates it"


@frozen
class DryRun:
    """A plan, the resources of each change, and the engine that reported it.

    `existing` are type and name of the resources in the state, `token_ids` the ids of its tokens after an up.
    """

    plan: Plan
    planned_changes: Sequence[PlannedChange]
    context: PlanContext
    pulumi: Pulumi
    existing: frozenset[tuple[str, str]]
    token_ids: frozenset[str] = frozenset()


@contextmanager
def dry_run(pulumi: Pulumi, context: PlanContext, *flags: str) -> Iterator[DryRun]:
    """Preview the stack and yield its plan. Writes nothing.

    The engine cannot preview a stack that does not exist, so a new one is previewed in a temporary backend, which is
    deleted when the context exits.

    Raises:
        EngineError: the engine failed; secrets in its message are masked.
        RefusedError: Cloudflare rejected the deploying token.
    """
    try:
        notes = (*lock_notes(pulumi), *interrupted_notes(pulumi))
        result = run_engine(pulumi, context, PREVIEW, *flags, notes=notes)
    except NoStackError:
        with scratch_stack(pulumi) as scratch:
            yield run_engine(scratch, context, PREVIEW, *flags, notes=(NO_STACK_NOTE,))
    else:
        yield result


def run_engine(pulumi: Pulumi, context: PlanContext, command: str, *flags: str, notes: tuple[str, ...] = ()) -> DryRun:
    """Run `command` (preview or up). Raises as `dry_run`."""
    shell = {**os.environ, **pulumi.session.environment}
    mask = Mask.of(context.environment, shell)
    messages = [*notes]
    try:
        steps = pulumi.run(command, *flags, "--stack", pulumi.stack, on_message=messages.append)
    except (EngineError, RefusedError) as error:
        mask = Mask.of(context.environment, shell, _configured_secrets(pulumi, context))
        raise type(error)(mask.text(error.message), error.hint and mask.text(error.hint)) from None
    if command == PREVIEW and "--refresh" not in flags and _exporters_change(steps):
        context = replace(context, exporters=_exporters_in_state(pulumi))
    planned = planned_changes(context, steps)
    existing = frozenset((step.type, step.name) for step in steps if step.operation != CREATE)
    plan = mask.plan(plan_from(context, planned, messages))
    tokens = frozenset(step.id for step in steps if step.type == TOKEN)
    return DryRun(plan, [change for _, change in planned if change], context, pulumi, existing, tokens)


def _configured_secrets(pulumi: Pulumi, context: PlanContext) -> list[str]:
    """The values of the environment's {config: …} references; none where the stack's configuration cannot be read."""
    names = {each.name for each in references(context.environment) if isinstance(each, FromConfig)}
    if not names:
        return []
    try:
        config = pulumi.config()
    except GatewrightError:  # the failure that is being reported explains it
        return []
    return [config[name] for name in names & config.keys()]


def _exporters_change(steps: Sequence[Step]) -> bool:
    """Whether a gateway's exporters change that the engine masks before and after."""
    name = exporters.PROPERTY
    return any(
        step.type == GATEWAY
        and is_masked(step.old_inputs.get(name))
        and any(path.startswith(name) for path in step.differing)
        for step in steps
    )


def _exporters_in_state(pulumi: Pulumi) -> list[Mapping[str, Any]]:
    """The exporters of the state, without their secrets."""
    found = pulumi.secret_outputs(GATEWAY, exporters.PROPERTY)
    return [exporter for value in found if isinstance(value, list) for exporter in exporters.without_values(value)]
