"""A plan as JSON: schemas/preview.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.errors import GatewrightError
    from gatewright.operations.plan.model import Change, Plan

    Json = dict[str, Any]

VERSION = 1
"""The document's version, increased when readers of the earlier one would misread it."""


def document(environments: Sequence[Json]) -> Json:
    """The document of one command; each environment by `plan_json` or `error_json`."""
    return {"version": VERSION, "environments": list(environments)}


def plan_json(plan: Plan) -> Json:
    """One environment's plan."""
    return {
        "name": plan.environment,
        "hasChanges": plan.has_changes,
        "changes": [_change(change) for change in plan.changes],
        "unchanged": plan.unchanged,
        "notes": list(plan.notes),
        "refused": list(plan.blockers),
        "warnings": list(plan.warnings),
        **({"simulation": plan.simulation.json} if plan.simulation else {}),
    }


def error_json(name: str, error: GatewrightError) -> Json:
    """An environment without a plan, and why."""
    return {"name": name, "error": {"message": error.message, "hint": error.hint, "exitCode": int(error.exit_code)}}


def _change(change: Change) -> Json:
    graphs = change.flowcharts and {"before": change.flowcharts[0], "after": change.flowcharts[1]}
    return {
        "action": change.action.value,
        "kind": change.kind,
        "name": change.name,
        "words": list(change.differences),
        "risks": list(change.risks),
        "cause": change.cause.value,
        "place": asdict(change.location) if change.location else None,
        "diff": change.diff,
        "graphs": graphs,
    }
