"""Makes one model fail at the local Cloudflare, so that what follows it in a route has to answer."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from gatewright.cloudflare.mapping.route_elements import route_elements
from gatewright.facts.route_graph import END, MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.resolved import Environment

_MANY = 1_000  # times: as often as gateway and route try again


@contextmanager
def broken(environment: Environment, element: dict[str, Any]) -> Iterator[None]:
    """While it lasts, the model of a route's `element` answers 503; all other orders at the server stay.

    Raises httpx.HTTPError where the server cannot be told.
    """
    name = f"gatewright-verify-{secrets.token_hex(4)}"
    properties = element["properties"]
    order = {"on": "upstream", "name": name, "status": 503, "times": _MANY}
    with httpx.Client(base_url=f"{environment.gateway_origin}/__local__", trust_env=False, timeout=5) as local:
        told = local.post("/faults", json={**order, "provider": properties["provider"], "model": properties["model"]})
        told.raise_for_status()
        try:
            yield
        finally:
            local.delete("/faults", params={"name": name})


def choice(environment: Environment, route: str, answered_by: str) -> dict[str, Any] | None:
    """The element of the model that answered, called as here or as at Cloudflare, if another follows it."""
    elements = route_elements(environment, route)
    ends = {element["id"] for element in elements if element["type"] == END}
    asked = (
        each for each in elements if each["type"] == MODEL and answered_by in _names(environment, each["properties"])
    )
    return next((each for each in asked if each["outputs"]["fallback"]["elementId"] not in ends), None)


def _names(environment: Environment, properties: dict[str, Any]) -> set[str]:
    provider, model = properties["provider"], properties["model"]
    known = environment.providers.get(provider)
    names = [name for name, each in known.models.items() if (each.id or name) == model] if known else []
    return {f"{provider}/{model}", *(f"{provider}/{name}" for name in names)}
