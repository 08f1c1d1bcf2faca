"""Checks that run one after the other and are reported together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.errors import GatewrightError
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@frozen
class Check:
    """A check: `run` returns a short description, or raises GatewrightError. It runs only if all of `after` passed."""

    name: str
    run: Callable[[], str]
    after: tuple[str, ...] = ()


@frozen
class CheckResult:
    """The result of a check: its description, or its error."""

    name: str
    detail: str | None = None
    error: GatewrightError | None = None


def run_checks(checks: Iterable[Check]) -> Iterator[CheckResult]:
    """Run the checks in order; those whose precondition failed are left out."""
    passed: set[str] = set()
    for check in checks:
        if not passed.issuperset(check.after):
            continue
        try:
            detail = check.run()
        except GatewrightError as error:
            yield CheckResult(check.name, error=error)
        else:
            passed.add(check.name)
            yield CheckResult(check.name, detail)


def require_passed(results: Iterable[CheckResult]) -> None:
    """Raise the error of the failed check; where several failed, one of the first one's type that lists all."""
    errors = [result.error for result in results if result.error]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        lines = [f"{len(errors)} checks failed:"]
        for error in errors:
            lines += [f"  {error.message}", *([f"    → {error.hint}"] if error.hint else [])]
        raise type(errors[0])("\n".join(lines))
