"""The address of the gateway that clients use: Cloudflare's own, or a custom domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics, did_you_mean
from gatewright.environment.model.gateway import CLOUDFLARE, DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.checks.client_context import ClientContext
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node


def resolve_domain(
    file: EnvironmentFile, root: Node, path: tuple[str, ...], endpoint: str, diagnostics: Diagnostics
) -> str | None:
    """The custom domain that `endpoint`, the setting at `path`, names; None for Cloudflare's own address.

    Reports a domain that is not declared, and `domain` where several are.
    """
    if endpoint == CLOUDFLARE:
        return None
    domains = file.gateway.domains
    if endpoint in domains:
        return endpoint
    if endpoint == DOMAIN and len(domains) == 1:
        return next(iter(domains))
    if endpoint == DOMAIN and domains:
        code, message = "which-domain", f"{len(domains)} domains are declared: {', '.join(domains)}"
        hint = f"Choose one: {path[-1]}: {next(iter(domains))}"
    else:
        code = "no-domain"
        message = "no custom domain is declared" if endpoint == DOMAIN else f"{endpoint} is not in gateway.domains"
        hostname = "ai.example.com" if endpoint == DOMAIN else endpoint
        hint = did_you_mean(endpoint, domains) or f"Declare one: gateway: {{domains: {{{hostname}: {{}}}}}}"
    diagnostics.error(root.location_at(*path), ".".join(path), code, message, hint)
    return None


def client_domain(client: ClientContext, via: Mapping[str, str]) -> str | None:
    """The custom domain that the client uses; report one that the client's endpoints do not have.

    An error of the environment's own setting is reported there.
    """
    own = client.settings.endpoint
    endpoint = own or client.file.gateway.endpoint
    diagnostics = client.diagnostics if own else Diagnostics()
    domain = resolve_domain(client.file, client.root, ("clients", client.program, "endpoint"), endpoint, diagnostics)
    rest = [provider for provider, path in via.items() if path == "rest"]
    if domain is not None and rest:
        client.error(
            "endpoint" if own else "via",
            "domain-and-rest",
            f"Cloudflare's REST endpoint, used for {', '.join(rest)}, has no custom domains",
            f'Set {client.path("endpoint")}: {CLOUDFLARE}, or choose another "via"',
        )
    return domain
