"""A plan in a file, and the comparison with a later one: an up applies what was shown, or nothing.

Pulumi's own update plans are not used: they are checked during the run, print the secrets that differ, and count what
the calendar brings as a difference. Here each change has a digest, see `digests`. What only the calendar brings is not
part of a saved plan: a token that has become due meanwhile is created and reported.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from gatewright.command_line import command
from gatewright.errors import ChangedPlanError, GatewrightError, UsageError
from gatewright.frozen import frozen
from gatewright.io.untrusted import parse_json, read_regular_file
from gatewright.operations.plan.digests import SealedKey, digests, seal, unseal
from gatewright.operations.plan.document import VERSION, document, plan_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatewright.operations.plan.dry_run import DryRun


@frozen
class SavedPlan:
    """A plan to compare with: its changes by name ("gateway agents-prod"), each as a description and a digest, and the
    sealed key of the digests."""

    environment: str
    changes: Mapping[str, tuple[str, str]]
    sealed_key: SealedKey


def save_plan(dry_run: DryRun, path: Path) -> None:
    """Write the plan's document and its digests to `path`, within the context of `dry_run`.

    Raises EngineError where the stack cannot encrypt the key, GatewrightError where the file cannot be written.
    """
    key = secrets.token_hex(32)
    fingerprint = {"key": seal(dry_run.pulumi, key).to_text(), "digests": digests(dry_run, key)}
    content = document([plan_json(dry_run.plan) | {"fingerprint": fingerprint}])
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise GatewrightError(f"the plan cannot be saved to {path}: {error.strerror or error}") from None


def plan_to_compare(dry_run: DryRun) -> SavedPlan:
    """The same as reading what `save_plan` writes, without a file."""
    key = secrets.token_hex(32)
    descriptions = _descriptions(plan_json(dry_run.plan)["changes"])
    changes = {name: (descriptions.get(name, ""), digest) for name, digest in digests(dry_run, key).items()}
    return SavedPlan(dry_run.plan.environment, changes, seal(dry_run.pulumi, key))


def read_saved_plan(path: Path) -> SavedPlan:
    """Read a saved plan. Raises UsageError for a file that is none."""
    again = command("preview ENV --save FILE")
    try:
        (entry,) = (content := parse_json(read_regular_file(path)))["environments"]
        if content["version"] != VERSION:
            raise UsageError(f"{path} was saved by another version of gatewright", f"Save it again: {again}")
        descriptions = _descriptions(entry["changes"])
        fingerprint = entry["fingerprint"]
        changes = {name: (descriptions.get(name, ""), digest) for name, digest in fingerprint["digests"].items()}
        return SavedPlan(entry["name"], changes, SealedKey.from_text(fingerprint["key"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is not a saved plan", f"Save one: {again}") from error


def require_same_plan(dry_run: DryRun, saved: SavedPlan) -> None:
    """Raise ChangedPlanError, which lists the differences, where `dry_run` is not the saved plan."""
    if saved.environment != dry_run.plan.environment:
        raise UsageError(
            f"the saved plan is for {saved.environment}, not for {dry_run.plan.environment}",
            command(f"up {saved.environment} --plan …"),
        )
    current = digests(dry_run, unseal(dry_run.pulumi, saved.sealed_key))
    if lines := describe_differences(saved.changes, current, _descriptions(plan_json(dry_run.plan)["changes"])):
        listed = "".join(f"\n  {line}" for line in lines)
        raise ChangedPlanError(
            f"nothing was changed: the plan of {saved.environment} is not the saved one any more:{listed}",
            f"Review it again: {command(f'preview {saved.environment} --save FILE')}",
        )


def describe_differences(
    saved: Mapping[str, tuple[str, str]], current: Mapping[str, str], descriptions: Mapping[str, str]
) -> list[str]:
    """A line for each change that is not the same in `saved` (description and digest) and `current` (digest).

    `descriptions` are those of the current changes. Without a difference the list is empty.
    """
    lines = []
    for name in sorted({*saved, *current}):
        if name not in current:
            lines.append(f"{name}: no longer changes (saved: {saved[name][0]})")
        elif name not in saved:
            lines.append(f"{name}: changes now ({descriptions[name]})")
        elif saved[name][1] != current[name]:
            before, after = saved[name][0], descriptions[name]
            lines.append(
                f"{name}: {f'{after}, with another value' if before == after else f'{after} (saved: {before})'}"
            )
    return lines


def _descriptions(changes: list[dict[str, Any]]) -> dict[str, str]:
    actions = {"create": "created", "delete": "deleted"}
    return {
        f"{change['kind']} {change['name']}": ", ".join(change["words"]) or actions.get(change["action"], "changed")
        for change in changes
    }
