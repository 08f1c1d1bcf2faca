"""Models that their provider retires: warned of where a file names them, an error where nothing else is left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName
from gatewright.environment.resolved import Retirement, RetiringUse
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.checks.uses import Uses
    from gatewright.environment.model.catalog import Model
    from gatewright.environment.references import Located, Name

    Retirements = Mapping[ModelName, Retirement]

WARNING_DAYS = 30
"""How long before a model retires the places that name it are warned of."""


def last_warned_day(today: str) -> str:
    """The last day a retirement on which is warned of `today` (2026-12-01)."""
    return (date.fromisoformat(today) + timedelta(WARNING_DAYS)).isoformat()


def retirements_of(models: Mapping[ModelName, Model], today: str) -> dict[ModelName, Retirement]:
    """Those of `models` with a retirement, past or announced, with a successor that is served `today` (2026-12-01)."""
    ending = {name: model for name, model in models.items() if model.retirement is not None}
    retirements = {}
    for name, model in ending.items():
        seen, successor = {name}, model.successor
        while successor in ending and successor not in seen and (ending[successor].retirement or "") <= today:
            seen.add(successor)
            successor = ending[successor].successor
        retirements[name] = Retirement(str(model.retirement), str(model.retirement) <= today, successor)
    return retirements


def check_retirements(
    uses: Uses, retirements: Retirements, today: str, diagnostics: Diagnostics
) -> tuple[RetiringUse, ...]:
    """Warn of each place that names a model which is retired or retires soon, and return these places.

    A route or role all of whose models are retired is an error.
    """
    named: list[Located[Name]] = []
    for kind, name, models, location in uses.groups():
        if models and all(_is_over(model.value, retirements) for model in models):
            message = "all of its models are retired"
            diagnostics.error(location, f"{kind}.{name}", "all-retired", message, _hint(models, retirements))
        else:
            named += models
    last = last_warned_day(today)
    found = []
    for choice in (*named, *uses.in_clients()):
        retirement = retirements.get(choice.value) if isinstance(choice.value, ModelName) else None
        if retirement is None or retirement.date > last or not isinstance(choice.value, ModelName):
            continue
        found.append(RetiringUse(choice.value, retirement, choice.location, choice.path))
        _warn(found[-1], uses.enabled, today, diagnostics)
    return tuple(dict.fromkeys(found))


def _is_over(name: Name, retirements: Retirements) -> bool:
    return isinstance(name, ModelName) and name in retirements and retirements[name].is_over


def _hint(choices: Iterable[Located[Name]], retirements: Retirements) -> str | None:
    successors = [retirements[each.value].successor for each in choices if isinstance(each.value, ModelName)]
    names = list(dict.fromkeys(str(successor) for successor in successors if successor))
    return f"Use {', '.join(names)}" if names else None


def _warn(use: RetiringUse, enabled: Collection[str], today: str, diagnostics: Diagnostics) -> None:
    retirement = use.retirement
    message, hint = f"{use.name} {retirement}", None
    if not retirement.is_over:
        days = (date.fromisoformat(retirement.date) - date.fromisoformat(today)).days
        message = f"{message}, in {plural(days, 'day')}"
    if retirement.successor is not None:
        addition = "" if retirement.successor.provider in enabled else ', and add its provider to "use"'
        hint = f"Use {retirement.successor}{addition}"
    code = "retired-model" if retirement.is_over else "retiring-model"
    diagnostics.warning(use.location, use.path, code, message, hint)
