"""Checks that are run one after the other, and reported together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.errors import GatewrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Check:
    """One: `run` answers in a few words what it found, or raises a GatewrightError. It is run only once those that it
    comes `after` have passed."""

    name: str
    run: Callable[[], str]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one: what it `found`, or the `error`."""

    name: str
    found: str | None = None
    error: GatewrightError | None = None


def checked(checks: Iterable[Check]) -> Iterator[Checked]:
    """Runs them in their order; those that cannot be run are left out."""
    passed: set[str] = set()
    for check in checks:
        if not passed.issuperset(check.after):
            continue
        try:
            found = check.run()
        except GatewrightError as error:
            yield Checked(check.name, error=error)
        else:
            passed.add(check.name)
            yield Checked(check.name, found)


def require_all(results: Iterable[Checked]) -> None:
    """Raises what was found wrong: the one error, or one of the first's kind that says them all."""
    errors = [each.error for each in results if each.error]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        lines = "".join(f"\n  {error.message}{f'  → {error.hint}' if error.hint else ''}" for error in errors)
        raise type(errors[0])(f"{len(errors)} things are in the way:{lines}")
