"""Build a plan from the engine's steps: what changes, in words, greatest risk first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.risks import Risk
from gatewright.facts.access import ACCESS_APPLICATION
from gatewright.facts.resource_types import (
    ACCOUNT,
    CONFIG_FILE,
    CUSTOM_PROVIDER,
    DYNAMIC_ROUTE,
    GATEWAY_POLICIES,
    SECRETS_STORE,
)
from gatewright.frozen import frozen
from gatewright.operations.plan import kinds
from gatewright.operations.plan.calendar import is_scheduled, upcoming_notes
from gatewright.operations.plan.diffs.access import cut_off
from gatewright.operations.plan.diffs.addresses import active_domains, address_differences
from gatewright.operations.plan.diffs.exporters import declared_exporters, with_exporters
from gatewright.operations.plan.diffs.files import ON_DISK, file_diff, file_differences
from gatewright.operations.plan.diffs.policies import simulated
from gatewright.operations.plan.diffs.routes import flowcharts
from gatewright.operations.plan.diffs.values import Difference
from gatewright.operations.plan.grouping import group_steps
from gatewright.operations.plan.model import Action, Cause, Change, Plan
from gatewright.operations.routes.describe import model_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gatewright.diagnostics import Location
    from gatewright.operations.plan.context import PlanContext
    from gatewright.operations.plan.grouping import Resource, ResourceGroup
    from gatewright.operations.routes.describe import ModelNames
    from gatewright.operations.stack.pulumi import Step

EDITED = "was edited by hand"
"""Part of the plugin's message about an edited file; the file's change says the same."""
_NO_RISK = max(Risk) + 1


@frozen
class PlannedChange:
    """A change, the resources that it is about, and its greatest risk."""

    change: Change
    group: ResourceGroup
    risk: Risk | None


Planned = tuple["ResourceGroup", PlannedChange | None]
"""A group, and its change if it has one."""


def build_plan(context: PlanContext, steps: Iterable[Step], notes: Sequence[str] = ()) -> Plan:
    """The plan of a run that takes `steps`; `notes` are messages of the program."""
    return plan_from(context, planned_changes(context, steps), notes)


def plan_from(context: PlanContext, planned: Sequence[Planned], notes: Sequence[str] = ()) -> Plan:
    """The plan of the result of `planned_changes`."""
    changes = tuple(item.change for _, item in planned if item)
    own_notes = [note for note in notes if EDITED not in note]
    upcoming = upcoming_notes(context.environment, [group for group, _ in planned])
    return Plan(context.environment.name, changes, len(planned) - len(changes), (*own_notes, *upcoming))


def planned_changes(context: PlanContext, steps: Iterable[Step]) -> list[Planned]:
    """Each group of resources with its change, greatest risk first; None where it stays unchanged."""
    steps = tuple(steps)
    active = active_domains(steps)
    groups = [group for group in group_steps(steps) if not _is_same_account(group)]
    planned = [(group, _plan_change(context, group, groups, active)) for group in groups]
    return sorted(planned, key=lambda item: (item[1].risk or _NO_RISK) if item[1] else _NO_RISK + 1)


def _is_same_account(group: ResourceGroup) -> bool:
    return group.main.type == ACCOUNT and group.action is not Action.REPLACE


def _plan_change(
    context: PlanContext, group: ResourceGroup, groups: Sequence[ResourceGroup], active: Collection[str]
) -> PlannedChange | None:
    differences = _differences(context, group)
    if group.main.type == GATEWAY_POLICIES and differences and group.action is not Action.DELETE:
        differences += simulated(context.environment)
    if group.main.type == CONFIG_FILE and group.action is not Action.DELETE:
        differences += address_differences(context.environment, group.main.before, group.main.after, active)
    if group.main.type == ACCESS_APPLICATION.token and group.action is Action.CREATE:
        differences.append(cut_off(context.environment))
    action = group.action or (Action.UPDATE if differences else None)
    if action is None:
        return None
    cause = _cause(context, group, action, groups)
    if cause is not Cause.FILES:  # scheduled or local changes are not decisions, and so not risks
        differences = [Difference(difference.text) for difference in differences]
    ordered = sorted(differences, key=lambda difference: difference.risk or _NO_RISK)
    change = Change(
        action,
        group.kind_name,
        group.name,
        differences=tuple(difference.text for difference in ordered if difference.text),
        risks=tuple(dict.fromkeys(difference.reason for difference in ordered if difference.risk)),
        cause=cause,
        location=_location(context, group, action, ordered),
        diff=_diff(context, group, action),
        flowcharts=_flowcharts(context, group, action),
    )
    return PlannedChange(change, group, ordered[0].risk if ordered else None)


def _differences(context: PlanContext, group: ResourceGroup) -> list[Difference]:
    names = model_names(context.environment)
    differences: list[Difference] = []
    for resource in group.resources:
        own = _resource_differences(context, group, resource, names)
        differences += own if resource.type != CUSTOM_PROVIDER else _with_sharing(context, resource, own)
        if resource.action not in (Action.CREATE, Action.DELETE, Action.IMPORT):
            differences += kinds.protection(*resource.protected)
    return list(dict.fromkeys(differences))


def _with_sharing(context: PlanContext, resource: Resource, differences: list[Difference]) -> list[Difference]:
    """The differences of a custom provider, and the other environments of its account that share it."""
    users = ", ".join(context.users_of(resource.name)) if resource.action else ""
    if not users:
        return differences
    if resource.action is Action.DELETE:
        return [Difference(f"stays in the account as long as {users} has it")]
    return [*differences, Difference(f"belongs to the account; shared with {users}")]


def _resource_differences(
    context: PlanContext, group: ResourceGroup, resource: Resource, names: ModelNames
) -> list[Difference]:
    is_main, kind = resource is group.main, kinds.kind_of(resource.type)
    before = with_exporters(resource.before, context.exporters)
    after = with_exporters(resource.after, declared_exporters(context.environment.gateway.otel))
    changes_alone = group.main.action is None
    match resource.action:
        case Action.CREATE:
            return kinds.summary(resource.type, after, names) if is_main else []
        case Action.DELETE if is_main:
            return [Difference("", Risk.DELETED, kind.deleted)] if kind.deleted else []
        case Action.DELETE:  # {stored: true} from now on, while its link stays
            return [Difference("its value is no longer managed by this stack")] if changes_alone else []
        case Action.IMPORT:
            return [Difference("imported as it is at Cloudflare")]
        case Action.UPDATE | Action.REPLACE if resource.type == CONFIG_FILE:
            on_disk = context.disk.get(resource.name)
            return file_differences(resource.before, resource.after, resource.reported, on_disk)
        case Action.UPDATE | Action.REPLACE:
            differences = kinds.differences(resource.type, before, after, names, resource.reported)
            if resource.is_displaced:
                differences.append(Difference("back to the file's version; another one was deployed at Cloudflare"))
            if resource.action is Action.REPLACE and is_main and kind.replaced:
                differences.append(Difference("", Risk.REPLACED, kind.replaced))
            return differences or ([Difference("only its state changes")] if is_main or changes_alone else [])
    return []


def _cause(context: PlanContext, group: ResourceGroup, action: Action, groups: Sequence[ResourceGroup]) -> Cause:
    resource = group.main
    if resource.type == CONFIG_FILE and action is Action.UPDATE and resource.reported == (ON_DISK,):
        return Cause.NOT_HERE
    if is_scheduled(group, action, context.environment, groups):
        return Cause.CALENDAR
    return Cause.FILES


def _location(
    context: PlanContext, group: ResourceGroup, action: Action, differences: Sequence[Difference]
) -> Location | None:
    """The deepest location of the first difference's setting; None for what no file declares."""
    if action is Action.DELETE or group.main.type == SECRETS_STORE:
        return None
    path = kinds.declared_path(context.environment, group.main.type, group.name)
    setting = next((difference.path for difference in differences if difference.path), "")
    return kinds.location_of(context.root, (*path, *filter(None, setting.split("."))))


def _diff(context: PlanContext, group: ResourceGroup, action: Action) -> str:
    if group.main.type != CONFIG_FILE or action in (Action.DELETE, Action.IMPORT):
        return ""
    in_state, after = (str(side.get("content", "")) for side in (group.main.before, group.main.after))
    on_disk = context.disk.get(group.name)
    name = f"out/{context.environment.name}/{group.name}"
    return file_diff(name, in_state if on_disk is None else on_disk, in_state, after)


def _flowcharts(context: PlanContext, group: ResourceGroup, action: Action) -> tuple[str, str] | None:
    if group.main.type != DYNAMIC_ROUTE:
        return None
    before = group.main.before if action is not Action.CREATE else None
    after = group.main.after if action is not Action.DELETE else None
    return flowcharts(group.name, before, after, model_names(context.environment))
