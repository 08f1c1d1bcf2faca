"""What preview shows on a pull request: risks first, the rest folded, all of it in one comment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.cli.reports.markdown import LIMIT, PREVIEW, Part, block, code, fitted, folded, in_full, text
from gatewright.cli.reports.preview import said
from gatewright.operations.plan.model import Cause
from gatewright.operations.plan.rows import SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.operations.batch import Outcome
    from gatewright.operations.plan.model import Change, Plan

# what is left out first, where not everything fits, has the highest number
_ENVIRONMENT, _RISK, _FAILURE, _CHANGE, _WORDS, _NOTE, _GRAPH, _DIFF = 1, 2, 3, 4, 5, 6, 7, 8
_LESS_RISKY = 10
"""Added to all ranks of a change that need not be looked at twice."""


def rendered(outcomes: Sequence[Outcome[Plan]], limit: int = LIMIT) -> str:
    """The comment, in at most `limit` characters: environments that failed, then those with something to look at twice,
    then the other changed ones; those without a change share a line."""
    plans = [_elsewhere(each.value) for each in outcomes if each.value]
    changed = [plan for plan in plans if plan.changes or plan.refused]
    failed = [each for each in outcomes if each.value is None]
    same = [plan.environment for plan in plans if plan not in changed]
    count = sum(plan.has_changes for plan in changed)
    one = len(outcomes) == 1
    headline = f"{count} of {len(outcomes)} environment{'' if one else 's'} with changes"
    if failed:
        headline += f", {len(failed)} failed"
    parts = [Part(f"{PREVIEW}\n## gatewright preview: {headline}\n\n")]
    parts += [_failure(each) for each in failed]
    parts += [_environment(plan) for plan in sorted(changed, key=_twice, reverse=True)]
    if same:
        parts.append(Part(f"No change: {', '.join(map(code, same))}\n", _NOTE, "list of environments without a change"))
    return fitted(parts, limit, in_full("preview", [each.name for each in outcomes]))


def _elsewhere(plan: Plan) -> Plan:
    """The same for who reads it on another machine, where it is no news which files this one lacks."""
    changes = tuple(each for each in plan.changes if each.cause is not Cause.NOT_HERE)
    return replace(plan, changes=changes, unchanged=plan.unchanged + len(plan.changes) - len(changes))


def _twice(plan: Plan) -> int:
    return sum(bool(change.risks) for change in plan.changes)


def _failure(outcome: Outcome[Plan]) -> Part:
    error = outcome.error
    if error is None:
        return Part(f"### ❌ {code(outcome.name)}: not looked at, interrupted\n\n", _ENVIRONMENT, "environment")
    details = block("\n".join(filter(None, (error.message, error.hint and f"→ {error.hint}"))))
    return Part(
        f"### ❌ {code(outcome.name)} failed\n\n", _ENVIRONMENT, "environment", [Part(details, _FAILURE, "error")]
    )


def _environment(plan: Plan) -> Part:
    twice = [change for change in plan.changes if change.risks]
    head = f"### {code(plan.environment)}: {text(said(plan))}\n\n"
    risks = [Part(f"- ❌ an up would be refused: {text(why)}\n", _RISK, "warning") for why in plan.refused]
    risks += [Part(f"- ⚠️ {_subject(each)}: {text('; '.join(each.risks))}\n", _RISK, "warning") for each in twice]
    inside = [_change(each) for each in plan.changes]
    inside += [Part(f"- {text(note)}\n", _NOTE + _LESS_RISKY, "note") for note in plan.notes]
    if plan.unchanged:
        inside.append(Part(f"\n{plan.unchanged:,} unchanged\n", _NOTE + _LESS_RISKY, "note"))
    count = len(plan.changes)
    title = f"{count:,} step{'' if count == 1 else 's'}"
    steps = folded(title, inside, rank=_CHANGE, noun="list of steps")
    return Part(head, _ENVIRONMENT, "environment", [*risks, Part("\n"), steps])


def _change(change: Change) -> Part:
    less = 0 if change.risks else _LESS_RISKY
    location = f" ({code(str(change.location))})" if change.location else ""
    cause = "" if change.counts else f", {change.cause.value}"
    head = f"- {code(SIGNS[change.action])} {_subject(change)}{location}{cause}\n"
    return Part(head, _CHANGE + less, "step", [*_details(change, less)])


def _details(change: Change, less: int) -> Iterator[Part]:
    for word in change.words:
        yield Part(f"  - {text(word)}\n", _WORDS + less, "difference")
    if change.graphs:
        for when, graph in zip(("before", "after"), change.graphs, strict=True):
            if graph:
                inside = [Part(block(graph, "mermaid"))]
                yield _set_off(f"route {change.name} {when}", inside, _GRAPH + less, "graph")
    if change.diff:
        yield _set_off(f"diff of {change.name}", [Part(block(change.diff, "diff"))], _DIFF + less, "diff")


def _set_off(summary: str, parts: Sequence[Part], rank: int, noun: str) -> Part:
    return Part("\n", rank, noun, [folded(summary, parts, rank=rank, noun="")])


def _subject(change: Change) -> str:
    return f"{text(change.kind)} {code(change.name)}"
