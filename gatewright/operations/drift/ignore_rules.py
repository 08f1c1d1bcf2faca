"""Which findings somebody has accepted: by a rule of the environment's file, or once on the command line."""

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

ONCE = "by --ignore"
"""The reason of what the command line ignores."""


def ignoring(findings: Iterable[Finding], rules: Sequence[Ignore], once: Iterable[str], now: int) -> Iterator[Finding]:
    """`findings`, each with the first rule that covers it; what is no drift needs none. `once`: what the command line
    names. `now`: seconds since 1970."""
    valid = [*(rule for rule in rules if not rule.has_ended(now)), *(Ignore(what, ONCE, "") for what in once)]
    for each in findings:
        rule = next((rule for rule in valid if rule.covers(each.what)), None)
        if rule is not None and each.counts:
            yield replace(each, ignored=Ignored(rule.reason, rule.until or None))
        else:
            yield each


def ended(rules: Iterable[Ignore], now: int) -> Iterator[str]:
    """What is said of rules that do not count any more."""
    for rule in rules:
        if rule.has_ended(now):
            yield f"ignore {rule.what} ended {rule.until}, and does not count any more"


def idle(rules: Iterable[Ignore], findings: Sequence[Finding], now: int) -> Iterator[str]:
    """What is said of rules that cover nothing."""
    for rule in rules:
        if not rule.has_ended(now) and not any(rule.covers(each.what) for each in findings):
            yield f"ignore {rule.what} covers nothing that differs now"


def require_known(once: Iterable[str], environments: Sequence[Loaded]) -> None:
    """That each thing on the command line is one of some environment. Raises UsageError with the nearest that is."""
    for what in once:
        said = [unknown_path(each.file, what) for each in environments if each.file is not None]
        if said and all(said):
            message, hint = said[0] or ("", None)
            raise UsageError(f"--ignore {what}: {message}", hint)
