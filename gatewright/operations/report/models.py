"""The models of an environment: those that retire, with who uses them, and all of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment


@frozen
class RetiringModel:
    """A model that retires: in `days` days (negative: it is retired since), its successor, the places that name it."""

    name: str
    date: str
    days: int
    successor: str | None
    uses: tuple[str, ...]


def retiring_models(environment: Environment, today: str) -> list[RetiringModel]:
    """The models of enabled providers that retire some day, and those retired that the file still names; the soonest
    first."""
    uses: dict[str, list[str]] = {}
    for use in environment.retiring_uses:
        uses.setdefault(str(use.name), []).append(use.path)
    models = [
        RetiringModel(
            str(name),
            retirement.date,
            (date.fromisoformat(retirement.date) - date.fromisoformat(today)).days,
            str(retirement.successor) if retirement.successor else None,
            tuple(uses.get(str(name), ())),
        )
        for name, retirement in environment.retirements.items()
        if name.provider in environment.providers and (not retirement.is_over or str(name) in uses)
    ]
    return sorted(models, key=lambda model: (model.date, model.name))
