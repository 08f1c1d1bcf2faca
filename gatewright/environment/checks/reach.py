"""Which of the enabled providers a client reaches at its endpoints, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gatewright.command_line import command
from gatewright.environment.checks.client_context import ROUTES
from gatewright.environment.names import is_reachable, key_variable, provider_hint, why_unreachable
from gatewright.facts.slugs import Api
from gatewright.io.printable import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatewright.environment.checks.client_context import ClientContext

_MAX_REASONS = 5  # in one message


def resolve_via(client: ClientContext) -> dict[str, str]:
    """The endpoint of each enabled provider; report unknown providers and endpoints that the program lacks."""
    via, names = client.settings.via, client.names
    default = via if isinstance(via, str) else _default_via(client)
    for provider in client.via_by_provider:
        if provider not in names.models:
            hint = provider_hint(provider, names.models)
            client.report_unknown(f"via.{provider}", "provider", ("providers", provider), hint)
    resolved = {provider: client.via_by_provider.get(provider, default) for provider in names.enabled}
    valid = f"Valid: {', '.join(sorted(client.capabilities.via))}"
    for endpoint in sorted({*resolved.values(), default} - client.capabilities.via):
        client.error("via", "not-for-this-client", f"{client.title} does not support via: {endpoint}", valid)
    return resolved


def _default_via(client: ClientContext) -> str:
    """The endpoint of a client that sets none: that of the environment, if its program supports it."""
    capabilities, common = client.capabilities, client.file.gateway.via
    if common is None or common in capabilities.via:
        return common or capabilities.default_via
    message = f"{client.title} does not support via: {common} (gateway.via), so it uses {capabilities.default_via}"
    client.note("", "another-endpoint", message)
    return capabilities.default_via


def check_routes_via(client: ClientContext) -> None:
    """Report an endpoint that serves no routes; note that it is disputed whether Cloudflare's REST API does."""
    via, setting = client.routes_via, f"via.{ROUTES}"
    if via == "gateway":
        return
    if via != "rest":
        message = f"routes are served by Cloudflare's shared endpoint or its REST API, not via {via}"
        client.error(setting, "not-reachable", message, "Valid: gateway, rest")
    elif not client.can_use_routes or via not in client.capabilities.via or Api.CHAT not in client.capabilities.speaks:
        client.error(setting, "not-for-this-client", f"{client.title} cannot call routes by REST here", "Remove it")
    else:
        message = "Cloudflare's pages disagree whether its REST API serves routes"
        client.note(setting, "routes-by-rest", message, f"To see which endpoint answers: {command('verify ENV')}")


def needs_no_credential(client: ClientContext, provider_name: str, via: str) -> bool:
    """Whether requests need no credential: Cloudflare bills the provider, and the gateway is not authenticated."""
    provider = client.file.providers.get(provider_name)
    is_open = client.settings.keys == "local" and not client.file.gateway.authenticated and via != "direct"
    return is_open and provider is not None and key_variable(provider_name, provider) is None


def check_via_by_provider(client: ClientContext) -> None:
    """Each endpoint that is set for a single provider must reach it."""
    capabilities = client.capabilities
    for name, via in client.via_by_provider.items():
        provider = client.file.providers.get(name)
        if provider is None or name not in client.names.enabled or via not in capabilities.via:
            continue
        if why := why_unreachable(name, provider, via, capabilities.speaks):
            others = [
                other for other in sorted(capabilities.via) if is_reachable(name, provider, other, capabilities.speaks)
            ]
            hint = f"Valid: {', '.join(others)}" if others else "No other endpoint does either: remove it"
            message = f"{client.title} cannot reach {name} via {via}: {why}"
            client.error(f"via.{name}", "not-reachable", message, hint)


def note_skipped_providers(client: ClientContext, via: Mapping[str, str]) -> None:
    """Note the providers that the client's common endpoint does not reach.

    Not for programs that use one vendor's API only: they reach few providers by design.
    """
    if client.settings.models is not None or Api.CHAT not in client.capabilities.speaks:
        return
    reasons = {name: why for name, why in _unreached(client, via) if name not in client.via_by_provider}
    if reasons:
        setting = "via" if client.settings.via is not None else ""
        endpoints = " or ".join(dict.fromkeys(via[name] for name in reasons))
        message = f"skipped, not reachable via {endpoints}: {_join(reasons)}"
        hint = f"Set the endpoint for each provider: {client.path('via')}: {{provider: …}}"
        client.note(setting, "left-out", message, hint)


def report_no_models(client: ClientContext, via: Mapping[str, str]) -> None:
    """Report that a client has no models, with the reason for each provider.

    Does nothing if models were rejected by other checks, which have reported them.
    """
    names = client.names
    read = {name: frozenset(provider.models) for name, provider in client.file.providers.items()}
    if client.settings.models == () or any(read.get(name) != names.models[name] for name in names.enabled):
        return
    remove = f"or remove the client: {client.program}: null"
    reasons = dict(_unreached(client, via))
    if client.settings.models is not None:
        why, hint = "no provider of its models is enabled", f"List other models, {remove}"
    elif reasons:
        why = f"no enabled provider is reachable: {_join(reasons)}"
        hint = f'Choose another "via", add a provider to "use", {remove}'
    else:
        why, hint = "no enabled provider declares any", f"Declare one, {remove}"
    client.error("", "nothing-reached", f"no models for {client.title}: {why}", hint)


def _unreached(client: ClientContext, via: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Providers with models that the client cannot use, and why."""
    for name, endpoint in via.items():
        provider = client.file.providers.get(name)
        if provider is not None and provider.models and endpoint in client.capabilities.via:
            why = why_unreachable(name, provider, endpoint, client.capabilities.speaks)
            if why is not None:
                yield name, why
            elif needs_no_credential(client, name, endpoint):
                yield name, "billed by Cloudflare, and the gateway requires no token"


def _join(reasons: Mapping[str, str]) -> str:
    return listed([f"{name} ({why})" for name, why in reasons.items()], _MAX_REASONS)
