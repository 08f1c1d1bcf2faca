"""Make one model fail at the local Cloudflare, to prove that the next one answers."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.facts.route_graph import END, MODEL, RATE
from gatewright.operations.probe.local_server import local_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.environment.resolved import Environment

    Element = dict[str, Any]

FAULT_PREFIX = "gatewright-verify-"
_TIMES = 1_000  # more often than gateway and route retry


@contextmanager
def failing_model(
    environment: Environment, provider: str, model: str, effect: Mapping[str, Any], prefix: str = FAULT_PREFIX
) -> Iterator[Callable[[], int]]:
    """Let a model fail until the context exits; other faults at the server stay. Yields how often it was asked so far.

    `provider` and `model` are Cloudflare's slug and id; `effect` is that of a fault, such as {"status": 503}.

    Raises httpx.HTTPError if the local Cloudflare does not accept the fault.
    """
    name = f"{prefix}{secrets.token_hex(4)}"
    fault = {"on": "upstream", "name": name, "times": _TIMES, "provider": provider, "model": model, **effect}
    with local_server(environment) as client:

        def count() -> int:
            faults = client.get("/faults").raise_for_status().json()
            return next((int(item["seen"]) for item in faults if item["name"] == name), 0)

        try:
            client.post("/faults", json=fault).raise_for_status()
            yield count
        finally:
            client.delete("/faults", params={"name": name})


def remove_faults(environment: Environment, prefix: str) -> int:
    """Remove the faults that a killed run left, by the prefix of their names; return their number. Raises as above."""
    with local_server(environment) as client:
        names = [fault["name"] for fault in client.get("/faults").raise_for_status().json()]
        leftovers = [name for name in names if name.startswith(prefix)]
        for name in leftovers:
            client.delete("/faults", params={"name": name}).raise_for_status()
    return len(leftovers)


def element_with_fallback(environment: Environment, route: str, answered_by: str) -> Element | None:
    """The element of the model that answered; None where no other model follows it.

    `answered_by` is the environment's or Cloudflare's name of the model.
    """
    elements = route_elements(environment, route)
    ends = {element["id"] for element in elements if element["type"] == END}
    for element in elements:
        if (
            element["type"] == MODEL
            and answered_by in element_names(environment, element)
            and element["outputs"]["fallback"]["elementId"] not in ends
        ):
            return element
    return None


def next_models(environment: Environment, route: str, failing: Element) -> set[str]:
    """The names of the model that is called after `failing`; empty where that depends on the request."""
    elements = {element["id"]: element for element in route_elements(environment, route)}
    element = elements[failing["outputs"]["fallback"]["elementId"]]
    while element["type"] == RATE:
        element = elements[element["outputs"]["success"]["elementId"]]
    return element_names(environment, element) if element["type"] == MODEL else set()


def element_names(environment: Environment, element: Element) -> set[str]:
    """The names of an element's model: Cloudflare's, and those of the environment."""
    slug, model_id = element["properties"]["provider"], element["properties"]["model"]
    provider = environment.providers.get(slug)
    models = provider.models if provider else {}
    aliases = [name for name, model in models.items() if (model.id or name) == model_id]
    return {f"{slug}/{model_id}", *(f"{slug}/{alias}" for alias in aliases)}
