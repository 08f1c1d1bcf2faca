"""What the clients' programs refuse of an environment without other errors, and what they assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName
from gatewright.io.printable import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Client, Environment

_MAX_NAMES = 5  # in one message


def check_programs(environment: Environment, root: Node, diagnostics: Diagnostics) -> None:
    """Report what the programs refuse; note what they assume about models without declared limits."""
    for program, client in environment.clients.items():
        for refusal in client.capabilities.refuses(environment, client):
            location = root.location_at("clients", program, *filter(None, refusal.setting.split(".")))
            path = f"clients.{program}{refusal.setting and '.'}{refusal.setting}"
            diagnostics.error(location, path, "program-refuses", refusal.message, refusal.hint)
        location = root.location_at("clients", program)
        for limit, assumption in client.capabilities.assumes.items():
            names = list(map(str, _without(limit, environment, client)))
            if names:
                title = client.capabilities.title
                message = f"{title} {assumption} for models without a declared {limit}: {listed(names, _MAX_NAMES)}"
                diagnostics.note(location, f"clients.{program}", "undeclared-figures", message)


def _without(limit: str, environment: Environment, client: Client) -> Iterable[ModelName]:
    """The client's models that declare no `context` or no `output`."""
    for name in client.models:
        if isinstance(name, ModelName) and getattr(environment.model(name), limit) is None:
            yield name
