"""What the elements of a route do, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.gateway_settings import amount, duration, period
from gatewright.cloudflare.mapping.route_elements import EVERYONE, LIMIT_TYPES
from gatewright.environment.model.routes import DEFAULT_TIMEOUT
from gatewright.environment.quantities import Quantity
from gatewright.facts.route_graph import ELSE, MODEL, RATE, share

if TYPE_CHECKING:
    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.environment.resolved import Environment

    Element = Mapping[str, Any]

_UNITS = {sent: unit for unit, sent in LIMIT_TYPES.items()}
_COMPARED = {"$eq": "is", "$neq": "is not", "$gt": ">", "$lt": "<", "$in": "is one of", "$contains": "contains"}


def target(element: Element, output: str) -> str:
    """The id that an output leads to."""
    return str(element["outputs"][output]["elementId"])


def model_names(environment: Environment) -> dict[tuple[str, str], str]:
    """(provider, the model's id there) -> provider/model, as the environment calls it."""
    return {
        (provider, model.id or name): f"{provider}/{name}"
        for provider, each in environment.providers.items()
        for name, model in each.models.items()
    }


def model_name(element: Element, names: Mapping[tuple[str, str], str]) -> str:
    """What a model is called: by its own provider's id where `names` does not know it."""
    its = element["properties"]
    return names.get((its["provider"], its["model"])) or plain(f"{its['provider']}/{its['model']}")


def limit(element: Element) -> str:
    """`5 USD/day by metadata.team`; of a guard, which counts everyone together, just `100 requests/day`."""
    key = element["properties"]["key"]
    said = quantity(element).text
    return said if key == EVERYONE else f"{said} by {plain(key)}"


def quantity(element: Element) -> Quantity:
    """How much a limit allows: `5 USD/day`."""
    its = element["properties"]
    window, unit = its["window"], _UNITS[its["limitType"]]
    per = period(int(window)) if window == int(window) else f"{window:g} seconds"
    return Quantity(its["limit"], unit, window, f"{amount(its['limit'])} {unit}/{per}")


def conditions(element: Element) -> str:
    """`metadata.plan is paid and metadata.team is one of a, b`; what is no comparison of that kind as JSON."""
    compared = (element.get("properties") or {}).get("conditions") or {}
    parts = [_comparisons(field, tests) for field, tests in compared.items()]
    return " and ".join(parts) if parts else "anything"


def _comparisons(field: str, tests: Any) -> str:
    if not isinstance(tests, Mapping) or not set(tests) <= set(_COMPARED):
        return f"{plain(field)} {plain(tests)}"
    return " and ".join(f"{plain(field)} {_COMPARED[word]} {plain(value)}" for word, value in tests.items())


def patience(element: Element) -> tuple[str, ...]:
    """(`2 retries`, `timeout 30s`), each where it is not the default."""
    its = element["properties"]
    retries, timeout = int(its["retries"]), int(its["timeout"])
    said = [f"{retries} {'retry' if retries == 1 else 'retries'}"] if retries else []
    return (*said, f"timeout {duration(timeout)}") if timeout != DEFAULT_TIMEOUT else tuple(said)


def shares(element: Element) -> dict[str, str]:
    """Output -> its share of the requests in words; `else` takes the rest."""
    given = {output: share(output) or 0 for output in element["outputs"] if output != ELSE}
    rest = 100 - sum(given.values())
    return {output: f"{given.get(output, rest):g}%" for output in element["outputs"]}


@dataclass(frozen=True, slots=True)
class Guarded:
    """A model, and the guards that a request meets before it."""

    model: str
    guards: tuple[str, ...]


def guarded(graph: Graph, begin: str) -> Guarded | None:
    """The model that begins at `begin`, with its guards; None where none does."""
    guards: list[str] = []
    here = graph[begin]
    name = begin
    while here["type"] == RATE and here["properties"]["key"] == EVERYONE:
        guards.append(name)
        name = target(here, "success")
        here = graph[name]
    if here["type"] != MODEL or any(target(graph[each], "fallback") != target(here, "fallback") for each in guards):
        return None
    return Guarded(name, tuple(guards))


def plain(value: Any) -> str:
    """A value on one line, without what a terminal would obey."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(map(plain, value))
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)
