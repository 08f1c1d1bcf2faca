"""The address of the gateway that clients use: Cloudflare's own, or a custom domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics, did_you_mean
from gatewright.environment.checks.client_context import ROUTES
from gatewright.environment.checks.tokens import check_rotation
from gatewright.environment.model.gateway_domains import CLOUDFLARE, DOMAIN
from gatewright.environment.references import bearer_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.checks.client_context import ClientContext
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.model.gateway_domains import DomainAccess
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
    rest = [name for name, path in {**via, ROUTES: client.routes_via}.items() if path == "rest"]
    if domain is not None and rest:
        client.error(
            "endpoint" if own else "via",
            "domain-and-rest",
            f"Cloudflare's REST endpoint, used for {', '.join(rest)}, has no custom domains",
            f'Set {client.path("endpoint")}: {CLOUDFLARE}, or choose another "via"',
        )
    return domain


def check_access(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    """Report Access without a domain or without anybody who passes, and a rotation with gaps."""
    access = file.gateway.access
    if access is None:
        return
    location, path = root.location_at("gateway", "access"), "gateway.access"
    if not file.gateway.domains:
        message = "Access protects custom domains, and none is declared"
        hint = "Declare one: gateway: {domains: {ai.example.com: {}}}"
        diagnostics.error(location, path, "no-domain", message, hint)
    allow = root.at("gateway", "access", "allow")
    names_anybody = allow is not None and any(entry.node.value for entry in allow.entries.values())
    if access.is_created and not access.service_token and not names_anybody:
        message = "nobody is allowed: Access would block every request to the custom domains"
        hint = "Set gateway.access.serviceToken: true, or allow: {emails: [me@example.com]}"
        diagnostics.error(location, path, "nobody-allowed", message, hint)
    if access.header is not None and not access.is_created:
        message = "a header is a setting of the Access application, which you create by hand"
        hint = "Set gateway.access.serviceToken: true, or remove it and set read_service_tokens_from_header there"
        diagnostics.error(root.location_at("gateway", "access", "header"), f"{path}.header", "by-hand", message, hint)
    if access.service_token:
        node = root.at("gateway", "access", "serviceToken", "rotate") or root.at("gateway", "access")
        if node is not None:
            check_rotation(access.service_token.rotate, node.location, f"{path}.serviceToken.rotate", diagnostics)


def client_access(client: ClientContext, domain: str | None) -> DomainAccess | None:
    """The service token that the client sends to its domain; report a client that cannot send it."""
    access, settings = client.file.gateway.access, client.settings
    if access is None or domain is None:
        return None
    allowed = access.service_token or (access.allow and access.allow.service_tokens)
    if access.is_created and not allowed:
        message = f"Access in front of {domain} lets no service token pass, and the client cannot log in"
        hint = f"Set gateway.access.serviceToken: true, or {client.path('endpoint')}: {CLOUDFLARE}"
        client.error("endpoint" if settings.endpoint else "", "no-service-token", message, hint)
    if client.capabilities.header_variable is None:
        message = (
            f"{client.title} cannot send headers from variables, and Access in front of {domain} requires those of a "
            "service token"
        )
        hint = f"Set {client.path('endpoint')}: {CLOUDFLARE}"
        client.error("endpoint" if settings.endpoint else "", "no-header-variables", message, hint)
    names = (access.id_variable, access.secret_variable)
    for variable in {settings.variable, bearer_variable(settings.variable)}.intersection(names):
        message = f"{variable} cannot hold the token, it holds a part of the service token (gateway.access)"
        client.error("variable", "one-variable-for-two", message, "Choose another variable")
    return access
