"""Which limits of a provider Cloudflare enforces, and where; the others are noted.

A provider config enforces one limit on requests, at every endpoint of the provider [sdk: provider_configs]. Further
limits on requests, limits in USD, and limits of a provider without a stored key are enforced in the routes that name
it. Cloudflare counts neither tokens nor neurons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.model.routes import LIMIT_UNITS
from gatewright.environment.references import Unified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.catalog import Provider
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.model.routes import Route
    from gatewright.environment.names import Names
    from gatewright.environment.nodes import Node
    from gatewright.environment.quantities import Quantity


def limit_in_config(provider: Provider) -> Quantity | None:
    """The limit that the provider config enforces: the first on requests. None without a stored key, hence config."""
    if provider.key is None or provider.key == Unified():
        return None
    return next((limit for limit in provider.limits if limit.unit == "requests"), None)


def limits_in_routes(provider: Provider) -> tuple[Quantity, ...]:
    """The limits that routes enforce before each model of the provider."""
    in_config = limit_in_config(provider)
    return tuple(limit for limit in provider.limits if limit.unit in LIMIT_UNITS and limit is not in_config)


def note_unenforced_limits(
    file: EnvironmentFile, names: Names, routes: Mapping[str, Route], root: Node, diagnostics: Diagnostics
) -> None:
    """Note the limits of each enabled provider that Cloudflare does not enforce."""
    routed = {model.value.provider for route in routes.values() for model in route.models()}
    for name in names.enabled:
        provider = file.providers.get(name)
        if provider is None:
            continue
        enforced = (limit_in_config(provider), *(limits_in_routes(provider) if name in routed else ()))
        limits = [str(limit) for limit in provider.limits if not any(limit is other for other in enforced)]
        if limits:
            pronoun = "it" if len(limits) == 1 else "them"
            message = f"Cloudflare cannot enforce {' and '.join(limits)}; {name} rejects requests beyond {pronoun}"
            location = root.location_at("providers", name, "limits")
            diagnostics.note(location, f"providers.{name}.limits", "not-held", message)
