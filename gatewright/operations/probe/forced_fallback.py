"""Make one model fail at the local Cloudflare, to prove that the route falls back to the next one."""

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

_TIMES = 1_000  # more often than gateway and route retry


@contextmanager
def failing_model(environment: Environment, element: dict[str, Any]) -> Iterator[None]:
    """Let the model of a route's `element` answer 503 until the context exits; other faults at the server stay.

    Raises httpx.HTTPError if the local Cloudflare does not accept the fault.
    """
    name = f"gatewright-verify-{secrets.token_hex(4)}"
    model = {key: element["properties"][key] for key in ("provider", "model")}
    fault = {"on": "upstream", "name": name, "status": 503, "times": _TIMES, **model}
    with httpx.Client(base_url=f"{environment.gateway_origin}/__local__", trust_env=False, timeout=5) as client:
        client.post("/faults", json=fault).raise_for_status()
        try:
            yield
        finally:
            client.delete("/faults", params={"name": name})


def element_with_fallback(environment: Environment, route: str, answered_by: str) -> dict[str, Any] | None:
    """The element of the model that answered; None where no other model follows it.

    `answered_by` is the environment's or Cloudflare's name of the model.
    """
    elements = route_elements(environment, route)
    ends = {element["id"] for element in elements if element["type"] == END}
    for element in elements:
        if (
            element["type"] == MODEL
            and answered_by in _names(environment, element["properties"])
            and element["outputs"]["fallback"]["elementId"] not in ends
        ):
            return element
    return None


def _names(environment: Environment, properties: dict[str, Any]) -> set[str]:
    slug, model_id = properties["provider"], properties["model"]
    provider = environment.providers.get(slug)
    models = provider.models if provider else {}
    aliases = [name for name, model in models.items() if (model.id or name) == model_id]
    return {f"{slug}/{model_id}", *(f"{slug}/{alias}" for alias in aliases)}
