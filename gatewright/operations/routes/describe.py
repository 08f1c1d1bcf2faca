"""Describe the elements of a route."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.route_elements import EVERYONE, LIMIT_TYPES
from gatewright.environment.model.routes import DEFAULT_TIMEOUT
from gatewright.environment.quantities import Quantity, amount_text, duration_text, period_text
from gatewright.facts.route_graph import ELSE, MODEL, RATE, share
from gatewright.frozen import frozen
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.environment.resolved import Environment

    Element = Mapping[str, Any]
    ModelNames = Mapping[tuple[str, str], str]

_UNITS = {limit_type: unit for unit, limit_type in LIMIT_TYPES.items()}
_OPERATORS = {"$eq": "is", "$neq": "is not", "$gt": ">", "$lt": "<", "$in": "is one of", "$contains": "contains"}
REJECTED, NO_MODEL = "rejected with 429", "no model is called"


def target(element: Element, output: str) -> str:
    """The id that an output leads to."""
    return str(element["outputs"][output]["elementId"])


def model_names(environment: Environment) -> dict[tuple[str, str], str]:
    """(provider, the model's id there) -> provider/model, as the environment names it."""
    return {
        (slug, model.id or name): f"{slug}/{name}"
        for slug, provider in environment.providers.items()
        for name, model in provider.models.items()
    }


def retired_models(environment: Environment) -> dict[tuple[str, str], str]:
    """(provider, the model's id there) -> since when it is retired, of the models that are no longer served."""
    return {
        (name.provider, environment.model_id(name)): retirement.date
        for name, retirement in environment.retirements.items()
        if retirement.is_over and name.provider in environment.providers
    }


def model_name(element: Element, names: ModelNames) -> str:
    """The name of a model; the provider's own id where `names` does not know it. Of an unknown element its type."""
    if element["type"] != MODEL:
        return f"an element of type {printable(element['type'])}"
    provider, model = (element["properties"][key] for key in ("provider", "model"))
    return names.get((provider, model)) or printable(f"{provider}/{model}")


def limit(element: Element) -> str:
    """`5 USD/day by metadata.team`; `100 requests/day` for a guard, which counts all callers together."""
    key, text = element["properties"]["key"], limit_quantity(element).text
    return text if key == EVERYONE else f"{text} by {printable(key)}"


def limit_quantity(element: Element) -> Quantity:
    """The quantity of a limit: `5 USD/day`."""
    properties = element["properties"]
    window, unit = properties["window"], _UNITS[properties["limitType"]]
    per = period_text(int(window)) if window == int(window) else f"{window:g} seconds"
    return Quantity(properties["limit"], unit, window, f"{amount_text(properties['limit'])} {unit}/{per}")


def conditions(element: Element) -> str:
    """`metadata.plan is paid and metadata.team is one of a, b`; JSON for a condition of another form."""
    fields = (element.get("properties") or {}).get("conditions") or {}
    return " and ".join(_comparisons(field, tests) for field, tests in fields.items()) or "anything"


def _comparisons(field: str, tests: Any) -> str:
    name = printable(field)
    if not isinstance(tests, Mapping) or not set(tests) <= set(_OPERATORS):
        return f"{name} {printable(tests)}"
    return " and ".join(f"{name} {_OPERATORS[operator]} {printable(value)}" for operator, value in tests.items())


def attempts(element: Element) -> tuple[str, ...]:
    """(`2 retries`, `timeout 30s`), each where it is not the default; 0 is no timeout."""
    retries, timeout = (int(element["properties"][key]) for key in ("retries", "timeout"))
    texts = [plural(retries, "retry")] if retries else []
    limit = f"timeout {duration_text(timeout)}" if timeout else "no timeout"
    return (*texts, limit) if timeout != DEFAULT_TIMEOUT else tuple(texts)


def shares(element: Element) -> dict[str, str]:
    """Output -> its share of the requests: `10%`; `else` takes the rest."""
    percent = {output: share(output) or 0 for output in element["outputs"] if output != ELSE}
    rest = 100 - sum(percent.values())
    return {output: f"{percent.get(output, rest):g}%" for output in element["outputs"]}


@frozen
class GuardedModel:
    """The id of a model, and the ids of the guards before it."""

    model: str
    guards: tuple[str, ...]


def guarded_model(graph: Graph, start: str) -> GuardedModel | None:
    """The model at `start`, or behind the guards there; None where another element follows."""
    guards: list[str] = []
    name, element = start, graph[start]
    while element["type"] == RATE and element["properties"]["key"] == EVERYONE:
        guards.append(name)
        name = target(element, "success")
        element = graph[name]
    if element["type"] != MODEL:
        return None
    fallback = target(element, "fallback")
    return GuardedModel(name, tuple(guards)) if all(target(graph[g], "fallback") == fallback for g in guards) else None


def printable(value: Any) -> str:
    """A value on one line, without control characters."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(map(printable, value))
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)
