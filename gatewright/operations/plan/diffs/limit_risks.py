"""When another limit is to be looked at twice: one rule for gateways, keys, routes and what may be spent.

Limits are compared by what they allow in a time, in whatever unit of time they are written. One that is gone, that
counts something else, that allows twice as much or more, or any more money, is to be looked at twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.operations.plan.diffs.values import Risk

if TYPE_CHECKING:
    from gatewright.environment.quantities import Quantity

TWICE = 2
MONEY = "USD"


def limit_risk(what: str, old: Quantity | None, new: Quantity | None) -> tuple[Risk, str] | None:
    """Why `what` ("rate limit") is not to go unseen from `old` to `new`; None of these: there is no limit."""
    if old is None:
        return None
    if new is None:
        return Risk.LIMIT, f"the {what} is removed"
    if old.unit != new.unit:
        return Risk.LIMIT, f"the {what} counts {new.unit} and no longer {old.unit}"
    had, has = old.amount * new.period, new.amount * old.period
    is_more = has > had if new.unit == MONEY else has >= TWICE * had
    return (Risk.LIMIT, f"the {what} is raised {_times(had, has)}") if is_more and has > had else None


def _times(had: float, has: float) -> str:
    if not had:
        return "from nothing"
    times = has / had
    return f"{times:,.1f}".removesuffix(".0") + "-fold" if times >= TWICE else f"by {max(1, round(100 * times - 100))}%"
