"""A plan as the JSON that programs read: schemas/preview.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.errors import GatewrightError
    from gatewright.operations.plan.model import Change, Plan

    Json = dict[str, Any]

VERSION = 1
"""Of the document: raised where a reader of the one before would be misled."""


def document(environments: Sequence[Json]) -> Json:
    """All of one command; each environment by `plan_json` or `error_json`."""
    return {"version": VERSION, "environments": list(environments)}


def plan_json(plan: Plan) -> Json:
    """One environment's plan."""
    return {
        "name": plan.environment,
        "hasChanges": plan.has_changes,
        "changes": [_change(change) for change in plan.changes],
        "unchanged": plan.unchanged,
        "notes": list(plan.notes),
        "refused": list(plan.refused),
    }


def error_json(name: str, error: GatewrightError) -> Json:
    """An environment of which there is no plan, and why."""
    return {"name": name, "error": {"message": error.message, "hint": error.hint, "exitCode": int(error.exit_code)}}


def _change(change: Change) -> Json:
    graphs = change.graphs and {"before": change.graphs[0], "after": change.graphs[1]}
    return {
        "action": change.action.value,
        "kind": change.kind,
        "name": change.name,
        "words": list(change.words),
        "risks": list(change.risks),
        "cause": change.cause.value,
        "place": asdict(change.location) if change.location else None,
        "diff": change.diff,
        "graphs": graphs,
    }
