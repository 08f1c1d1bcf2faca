"""The plan of one environment, from the engine's events: what happens, in words, what to look at twice first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.environment.risks import Risk
from gatewright.facts import resource_types
from gatewright.operations.plan import kinds
from gatewright.operations.plan.calendar import coming, is_due
from gatewright.operations.plan.diffs.files import ON_DISK, file_diff, file_words
from gatewright.operations.plan.diffs.routes import flowcharts
from gatewright.operations.plan.diffs.values import Difference
from gatewright.operations.plan.grouping import subjects
from gatewright.operations.plan.locations import location_of
from gatewright.operations.plan.model import Action, Cause, Change, Plan
from gatewright.operations.routes.describe import model_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatewright.operations.plan.context import PlanContext
    from gatewright.operations.plan.grouping import Resource, Subject
    from gatewright.operations.stack.pulumi import Step

    Names = Mapping[tuple[str, str], str]
EDITED = "was edited by hand"
"""In what our plugin says of a file."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change, and the subject that it is of."""

    change: Change
    subject: Subject
    worst: Risk | None


def plan_of(seen: PlanContext, steps: Iterable[Step], notes: Sequence[str] = ()) -> Plan:
    """The plan of a run that takes `steps`; `notes` are what the program said."""
    return plan_from(seen, planned_changes(seen, steps), notes)


def plan_from(
    seen: PlanContext, found: Sequence[tuple[Subject, PlannedChange | None]], notes: Sequence[str] = ()
) -> Plan:
    """The plan of what `planned_changes` has found."""
    changes = tuple(each.change for _, each in found if each)
    said = [note for note in notes if EDITED not in note]  # the file's change says it
    soon = coming(seen.environment, [subject for subject, _ in found])
    return Plan(seen.environment.name, changes, sum(each is None for _, each in found), (*said, *soon))


def planned_changes(seen: PlanContext, steps: Iterable[Step]) -> list[tuple[Subject, PlannedChange | None]]:
    """Each subject with its change, worst first; None for one that stays as it is."""
    all_of_them = [each for each in subjects(steps) if not _says_nothing(each)]
    found = [(subject, _draft(seen, subject, all_of_them)) for subject in all_of_them]
    return sorted(found, key=lambda each: (each[1].worst or Risk.OTHER + 1) if each[1] else Risk.OTHER + 2)


def _says_nothing(subject: Subject) -> bool:
    """The account: that a stack belongs to it is news only where it would be another one."""
    return subject.main.type == resource_types.ACCOUNT and subject.action is not Action.REPLACE


def _draft(seen: PlanContext, subject: Subject, others: Sequence[Subject]) -> PlannedChange | None:
    said = _differences(seen, subject)
    action = subject.action or (Action.UPDATE if said else None)
    if action is None:
        return None
    cause = _cause(subject, action, seen, others)
    ordered = sorted(said, key=lambda each: each.risk or Risk.OTHER + 1)
    if cause is not Cause.FILES:  # what nobody has decided is nothing to look at twice
        ordered = [Difference(each.words) for each in ordered]
    risks = [each for each in ordered if each.risk]
    change = Change(
        action,
        subject.kind.name,
        subject.name,
        words=tuple(each.words for each in ordered if each.words),
        risks=tuple(dict.fromkeys(each.reason for each in risks)),
        cause=cause,
        location=location_of(seen.root, seen.environment, subject, action, ordered),
        diff=_diff(seen, subject, action),
        graphs=_graphs(seen, subject, action),
    )
    return PlannedChange(change, subject, risks[0].risk if risks else None)


def _differences(seen: PlanContext, subject: Subject) -> list[Difference]:
    """All that is to be said of a subject; nothing of one that stays as it is."""
    names = model_names(seen.environment)
    found: list[Difference] = []
    for each in subject.resources:
        found += _of_resource(seen, each, names, is_main=each is subject.main, alone=subject.main.action is None)
        if each.action not in (Action.CREATE, Action.DELETE, Action.IMPORT):
            found += kinds.protection(*each.protected)
    return list(dict.fromkeys(found))


def _of_resource(seen: PlanContext, each: Resource, names: Names, *, is_main: bool, alone: bool) -> list[Difference]:
    kind = kinds.kind_of(each.type)
    match each.action:
        case Action.CREATE:
            return kinds.summary(each.type, each.new, names) if is_main else []
        case Action.DELETE if is_main:
            return [Difference("", Risk.DELETED, kind.deleted)] if kind.deleted else []
        case Action.DELETE:  # {stored: true} from now on, where its link stays
            return [Difference("its value is not this stack's any more")] if alone else []
        case Action.IMPORT:
            return [Difference("taken over as it is at Cloudflare")]
        case Action.UPDATE | Action.REPLACE if each.type == resource_types.CONFIG_FILE:
            return file_words(each.old, each.new, each.differing, seen.disk.get(each.name))
        case Action.UPDATE | Action.REPLACE:
            found = kinds.differences(each.type, each.old, each.new, names, each.differing)
            if each.displaced:
                found.append(Difference("back to the file's version: another one was deployed at Cloudflare"))
            if each.action is Action.REPLACE and is_main and kind.replaced:
                found.append(Difference("", Risk.REPLACED, kind.replaced))
            return found or ([Difference("what the stack knows of it changes")] if is_main or alone else [])
    return []


def _cause(subject: Subject, action: Action, seen: PlanContext, others: Sequence[Subject]) -> Cause:
    if (
        subject.main.type == resource_types.CONFIG_FILE
        and action is Action.UPDATE
        and subject.main.differing == (ON_DISK,)
    ):
        return Cause.NOT_HERE
    if subject.main.type == kinds.TOKEN and is_due(subject, action, seen.environment, others):
        return Cause.CALENDAR
    return Cause.FILES


def _diff(seen: PlanContext, subject: Subject, action: Action) -> str:
    if subject.main.type != resource_types.CONFIG_FILE or action in (Action.DELETE, Action.IMPORT):
        return ""
    old, new = str(subject.main.old.get("content", "")), str(subject.main.new.get("content", ""))
    there = seen.disk.get(subject.name)
    shown = f"out/{seen.environment.name}/{subject.name}"
    return file_diff(shown, old if there is None else there, old, new)


def _graphs(seen: PlanContext, subject: Subject, action: Action) -> tuple[str, str] | None:
    if subject.main.type != resource_types.DYNAMIC_ROUTE:
        return None
    old = subject.main.old if action is not Action.CREATE else None
    new = subject.main.new if action is not Action.DELETE else None
    return flowcharts(subject.name, old, new, model_names(seen.environment))
