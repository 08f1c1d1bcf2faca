"""What clients show of a model or a route; a route promises what all the models in it can keep."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from gatewright.environment.model.environment_file import Cost, Model
from gatewright.environment.references import RouteName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.environment.references import ModelName
    from gatewright.environment.resolved import Environment


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a client's list of models: `id` goes over the wire; tokens, and USD per million of them."""

    id: str
    name: str
    reasoning: bool
    input: tuple[str, ...]
    context: int | None  # None: unknown
    output: int | None  # None: unknown
    cost: Cost


def listed(environment: Environment, name: ModelName | RouteName, wire_id: str) -> Listed:
    """The facts on a model or a route, under the id it has at its endpoint."""
    if isinstance(name, RouteName):
        return _route(environment, name, wire_id)
    model = environment.model(name)
    return Listed(
        id=wire_id,
        name=model.name or environment.model_id(name),
        reasoning=model.reasoning,
        input=model.input,
        context=model.context,
        output=model.output,
        cost=model.cost,
    )


def _route(environment: Environment, name: RouteName, wire_id: str) -> Listed:
    """Whichever model answers: the least of what is known that they can do, and the most that they cost. Where a graph
    names one that nobody declares, nothing is promised."""
    asked = environment.asked_by(name.route)
    models = [model for model in asked if model is not None]
    promised = models if len(models) == len(asked) else []
    return Listed(
        id=wire_id,
        name=f"{name.route} (route)",
        reasoning=bool(promised) and all(model.reasoning for model in promised),
        input=_common_input(promised),
        context=least(model.context for model in promised),
        output=least(model.output for model in promised),
        cost=_highest_cost(models),
    )


def _common_input(models: list[Model]) -> tuple[str, ...]:
    kinds = models[0].input if models else ("text",)
    return tuple(kind for kind in kinds if all(kind in model.input for model in models)) or ("text",)


def least(figures: Iterable[int | None]) -> int | None:
    """The least of the figures that are known."""
    known = [figure for figure in figures if figure is not None]
    return min(known, default=None)


def _highest_cost(models: list[Model]) -> Cost:
    return Cost(
        **{part.name: max((getattr(model.cost, part.name) for model in models), default=0) for part in fields(Cost)}
    )
