"""A provider's limits: where Cloudflare can hold them to, and a note on those that it cannot.

A provider config takes one limit on requests, and every way to the provider meets it [sdk: provider_configs]. Further
limits on requests, those in USD, and those of a provider without a stored key are guarded in the routes that name it.
Tokens and neurons are counted by nothing there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.model.routes import COUNTED
from gatewright.environment.references import Unified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile, Provider
    from gatewright.environment.model.routes import Route
    from gatewright.environment.names import Names
    from gatewright.environment.nodes import Node
    from gatewright.environment.quantities import Quantity


def limit_in_config(provider: Provider) -> Quantity | None:
    """The limit that the provider's config takes: the first on requests; None where no key is stored, so no config."""
    if provider.key is None or provider.key == Unified():
        return None
    return next((limit for limit in provider.limits if limit.unit == "requests"), None)


def limits_in_routes(provider: Provider) -> tuple[Quantity, ...]:
    """The limits that routes guard, before each model of the provider."""
    in_config = limit_in_config(provider)
    return tuple(limit for limit in provider.limits if limit.unit in COUNTED and limit is not in_config)


def note_limits(
    file: EnvironmentFile, names: Names, routes: Mapping[str, Route], root: Node, diagnostics: Diagnostics
) -> None:
    """Notes, once for each provider in use, the limits that nothing holds at Cloudflare."""
    routed = {model.value.provider for route in routes.values() for model in route.models()}
    for name in names.used:
        provider = file.providers.get(name)
        if provider is None:
            continue
        held = limits_in_routes(provider) if name in routed else ()
        free = [limit for limit in provider.limits if limit is not limit_in_config(provider) and limit not in held]
        if free:
            said = " and ".join(map(str, free))
            message = f"Cloudflare cannot hold {said}: beyond that {name} itself refuses"
            diagnostics.note(
                root.location_at("providers", name, "limits"), f"providers.{name}.limits", "not-held", message
            )
