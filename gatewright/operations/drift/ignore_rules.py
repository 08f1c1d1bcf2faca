"""Findings that are accepted: by a rule in the environment's file, or by the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.environment.checks.ignore import unknown_path
from gatewright.environment.model.ignore import Ignore
from gatewright.errors import UsageError
from gatewright.operations.drift.model import Ignored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.operations.drift.model import Finding

OPTION = "by --ignore"
"""The reason of findings that the command line ignores."""


def apply_rules(
    findings: Iterable[Finding], rules: Sequence[Ignore], paths: Iterable[str], now: int
) -> Iterator[Finding]:
    """`findings`, each drift with the first rule that covers it; `paths` are ignored by the command line."""
    valid = [*(rule for rule in rules if not rule.has_ended(now)), *(Ignore(path, OPTION, "") for path in paths)]
    for finding in findings:
        rule = next((rule for rule in valid if rule.covers(finding.path)), None)
        if rule is not None and finding.counts:
            yield replace(finding, ignored=Ignored(rule.reason, rule.until or None))
        else:
            yield finding


def rule_notes(rules: Iterable[Ignore], findings: Sequence[Finding], now: int) -> Iterator[str]:
    """Notes about rules that have ended, and about rules that cover nothing."""
    for rule in rules:
        if rule.has_ended(now):
            yield f"ignore {rule.what} ended {rule.until} and no longer applies"
    for rule in rules:
        if not rule.has_ended(now) and not any(rule.covers(finding.path) for finding in findings):
            yield f"ignore {rule.what} covers no current finding"


def require_known(paths: Iterable[str], environments: Sequence[Loaded]) -> None:
    """Check that each path exists in an environment.

    Raises UsageError if a path is unknown; its hint is the nearest known one.
    """
    for path in paths:
        errors = [unknown_path(loaded.file, path) for loaded in environments if loaded.file is not None]
        if errors and all(errors):
            message, hint = errors[0] or ("", None)
            raise UsageError(f"--ignore {path}: {message}", hint)
