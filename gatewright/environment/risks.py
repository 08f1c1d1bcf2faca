"""The risk of a change: data lost, callers broken, access widened, limits raised."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.quantities import Quantity

TWICE = 2
MONEY = "USD"


class Risk(IntEnum):
    """Kinds of harm that a change can do, worst first."""

    DELETED = 1
    REPLACED = 2
    CLOSED = 3
    """All requests are refused that nothing allows."""
    OPEN = 4
    """Anyone may use what required a token, or a token works from any address."""
    POWER = 5
    UNPROTECTED = 6
    UNGUARDED = 7
    """Guardrails or data loss prevention see less."""
    CALLERS = 8
    """Requests that succeed now are refused, or fail."""
    LIMIT = 9
    QUIET = 10
    """Logs, traces or cached responses are no longer kept."""
    OTHER = 11


RiskReason = tuple[Risk, str]
ChangeRisk = Callable[[Any, Any], RiskReason | None]
"""(value before, value after) -> the risk and its reason. Values are as the environment file has them, None is off."""


def becomes(risks: Mapping[Any, RiskReason]) -> ChangeRisk:
    """The risk of a setting that takes one of these values."""
    return lambda before, after: risks.get(after)  # noqa: ARG005 - any other value before


def lowered(risk: Risk, reason: str) -> ChangeRisk:
    """The risk of a number that gets smaller."""
    return lambda before, after: (risk, reason) if after < before else None


def limit_risk(name: str, before: Quantity | None, after: Quantity | None) -> RiskReason | None:
    """The risk of another limit; None of these is no limit. `name` is for the reason: "rate limit".

    Limits are compared by the amount that they allow in a given time. Risky are: no limit, one that counts something
    else, one that allows at least twice as much, and one that allows any more money. Callers are refused by a new
    limit, and by one that allows at most half as much.
    """
    if before is None:
        return (Risk.CALLERS, f"the {name} is new: callers can reach it") if after else None
    if after is None:
        return Risk.LIMIT, f"the {name} is removed"
    if before.unit != after.unit:
        return Risk.LIMIT, f"the {name} counts {after.unit} and no longer {before.unit}"
    old, new = before.amount * after.period, after.amount * before.period
    if new > old and (after.unit == MONEY or new >= TWICE * old):
        return Risk.LIMIT, f"the {name} is raised {_times(old, new)}"
    if new < old and TWICE * new <= old:
        return Risk.CALLERS, f"the {name} is lowered {_times(new, old, 'to nothing')}: callers reach it earlier"
    return None


def _times(less: float, more: float, nothing: str = "from nothing") -> str:
    if not less:
        return nothing
    times = more / less
    return f"{times:,.1f}".removesuffix(".0") + "-fold" if times >= TWICE else f"by {max(1, round(100 * times - 100))}%"
