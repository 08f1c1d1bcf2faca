"""The Auto Router, cloudflare/auto: what its clients cannot send, and names that it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName
from gatewright.facts.auto_router import NAME, PROVIDERS, pool, unmatched
from gatewright.facts.slugs import AUTO_ROUTER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.request_options import AutoRouter
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Client, Environment

_SENDS_SESSIONS = frozenset({"opencode"})
"""The programs that send the session by themselves (Cloudflare's documentation of the Auto Router, 2026)."""


def check_auto_router(environment: Environment, root: Node, diagnostics: Diagnostics) -> None:
    """Warn of names that the Auto Router does not know, and note how its clients use it."""
    for program, client in environment.clients.items():
        location, path = root.location_at("clients", program), f"clients.{program}"
        options = [client.options_of(role) for role in ("", *client.distinguished_roles)]
        routers = [item.auto_router for item in options if item.auto_router]
        for problem in dict.fromkeys(problem for router in routers for problem in _problems(router)):
            diagnostics.warning(location, f"{path}.autoRouter", "auto-router-names", problem)
        if not _uses(client):
            if routers:
                message = f"applies to {NAME} only, which the client does not use"
                diagnostics.note(location, f"{path}.autoRouter", "no-effect", message)
        elif client.capabilities.metadata is None:
            message = (
                f"{client.capabilities.title} sends no headers: the Auto Router chooses one of its default models for "
                "each request, whatever the session"
            )
            diagnostics.note(location, path, "auto-router-headers", message)
        elif program not in _SENDS_SESSIONS and any(item.session is None for item in options):
            message = f"{NAME} may be another model for each request, since no session is sent"
            diagnostics.note(location, path, "auto-router-session", message, f"Set {path}.session: {{env: NAME}}")


def _uses(client: Client) -> bool:
    agents = [name for agent in client.agents.values() for name in (agent.primary, *agent.fallbacks)]
    return any(isinstance(name, ModelName) and name.provider == AUTO_ROUTER for name in (*client.models, *agents))


def _problems(router: AutoRouter) -> Iterator[str]:
    if unknown := unmatched(router.models):
        yield f"the Auto Router has no model {', '.join(unknown)} (2026-11); Cloudflare refuses what matches none (400)"
    elif others := [name for name in router.providers if name not in PROVIDERS]:
        yield f"the Auto Router has no provider {', '.join(others)} (2026-11): {', '.join(PROVIDERS)}"
    elif not pool(router.models, router.providers):
        yield "no model is among both models and providers"
