"""Facts about a model or a route as clients list them. A route promises what every model in it can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from gatewright.environment.model.catalog import Cost, Model
from gatewright.environment.references import ModelName, RouteName
from gatewright.environment.resolved import Environment
from gatewright.frozen import frozen


@frozen
class ListedModel:
    """One entry of a client's list of models: `id` goes over the wire; sizes in tokens, cost in USD per million."""

    id: str
    name: str
    reasoning: bool
    input: tuple[str, ...]
    context: int | None  # None: unknown
    output: int | None  # None: unknown
    cost: Cost


def list_model(environment: Environment, name: ModelName | RouteName, wire_id: str) -> ListedModel:
    """The facts about a model or a route, with the id that it has at its endpoint."""
    if isinstance(name, RouteName):
        return _list_route(environment, name, wire_id)
    model = environment.model(name)
    return ListedModel(
        id=wire_id,
        name=model.name or environment.model_id(name),
        reasoning=model.reasoning,
        input=model.input,
        context=model.context,
        output=model.output,
        cost=model.cost,
    )


def _list_route(environment: Environment, name: RouteName, wire_id: str) -> ListedModel:
    """The lowest known limits and the highest cost of the route's models, because any of them may answer. A graph that
    names an undeclared model promises no limits."""
    route = environment.route_models(name.route)
    models = [model for model in route if model is not None]
    promised = models if len(models) == len(route) else []
    return ListedModel(
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


def least(values: Iterable[int | None]) -> int | None:
    """The least of the known values."""
    return min((value for value in values if value is not None), default=None)


def _highest_cost(models: list[Model]) -> Cost:
    return Cost(
        **{part.name: max((getattr(model.cost, part.name) for model in models), default=0) for part in fields(Cost)}
    )


def required_figures(**figures: int) -> dict[str, str]:
    """What a program that requires figures is told for models without them: `assumes` of its capabilities."""
    return {name: f"is told {tokens:,} tokens of {name}, which it requires," for name, tokens in figures.items()}
