"""A client's access to the models: its keys, its token, the variables that hold them, and the program's version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.capabilities import version_tuple
from gatewright.environment.checks.reach import needs_no_credential
from gatewright.environment.names import key_variable
from gatewright.environment.references import CLIENT_VARIABLE, ModelName, RouteName, bearer_variable
from gatewright.facts.slugs import WORKERS_AI

if TYPE_CHECKING:
    from gatewright.environment.checks.client_context import ClientContext
    from gatewright.environment.model.catalog import Provider

Models = Iterable[ModelName | RouteName]


def check_keys(client: ClientContext, via: Mapping[str, str], models: Models) -> None:
    """The client's keys fit the gateway's authentication and the endpoints."""
    is_authenticated = client.file.gateway.authenticated
    uses_gateway = any(endpoint != "direct" for endpoint in via.values())
    if client.settings.keys == "stored":
        if uses_gateway and not is_authenticated:
            message = (
                "uses keys stored at Cloudflare through a gateway without authentication: anyone who knows its URL "
                "could spend them"
            )
            client.error("", "open-gateway", message, "Set gateway.authenticated: true, or keys: local")
        return
    if not is_authenticated:
        _check_billed_by_cloudflare(client, via, models)
    if "rest" in via.values():
        message = "Cloudflare's REST endpoint accepts no provider key, only the token"
        client.error("keys", "local-keys-and-rest", message, 'Remove keys: local, or choose another "via"')
    elif uses_gateway and is_authenticated and not client.capabilities.two_credentials:
        client.error(
            "keys",
            "one-credential",
            f"{client.title} sends one credential only, but this gateway requires its token and the provider's key",
            "Remove keys: local to use the key stored at Cloudflare, or bypass the gateway with via: direct",
        )


def _check_billed_by_cloudflare(client: ClientContext, via: Mapping[str, str], models: Models) -> None:
    """Providers that Cloudflare bills need no key: an open gateway would serve them to anyone."""
    names = [name for name in _providers(client, models) if needs_no_credential(client, name, via.get(name, ""))]
    if names:
        message = (
            f"uses {', '.join(names)} without a key through a gateway without authentication: anyone who knows its URL "
            "could spend what Cloudflare bills you"
        )
        hint = f"Set gateway.authenticated: true, or list other models in {client.path('models')}"
        client.error("", "open-gateway", message, hint)


def _providers(client: ClientContext, models: Models) -> dict[str, Provider]:
    """The providers of these models, in their order."""
    names = dict.fromkeys(model.provider for model in models if isinstance(model, ModelName))
    return {name: client.file.providers[name] for name in names if name in client.file.providers}


def check_variable(client: ClientContext, via: Mapping[str, str], models: Models) -> None:
    """A key that the client itself sends needs a variable, other than the token's."""
    settings = client.settings
    for name, provider in _providers(client, models).items():
        if settings.keys != "local" and via.get(name) != "direct":
            continue
        variable = key_variable(name, provider)
        if variable is not None and not re.fullmatch(CLIENT_VARIABLE, variable):
            location = client.root.location_at("providers", name, "key")
            message = f"{client.title} reads this key from a variable, and {variable} is not a valid name"
            hint = "Set key: {env: NAME}"
            client.diagnostics.error(location, f"providers.{name}.key", "no-variable", message, hint)
        for token_variable in (settings.variable, bearer_variable(settings.variable)):
            if variable == token_variable:
                message = f"{token_variable} cannot hold the token, it holds the key of {name}"
                client.error("variable", "one-variable-for-two", message, "Choose another variable")


def resolve_token(client: ClientContext, via: Mapping[str, str], models: Models) -> str | None:
    """The name of the client's token; None if its requests need none."""
    name, tokens = client.settings.token, client.file.tokens
    if name is not None:
        if name not in tokens:
            client.report_unknown("token", "token", ("tokens", name), did_you_mean(name, tokens))
        return name
    if not client.file.gateway.authenticated:
        return None
    if len(tokens) == 1:
        return next(iter(tokens))
    if not tokens and not any(_needs_token(model, via) for model in models):
        return None
    if tokens:
        message, hint = f"{len(tokens)} tokens are declared: {', '.join(tokens)}", f"Choose one: {client.path('token')}"
    else:
        message, hint = "the gateway requires a token, and none is declared", "Declare one: tokens: {agents: {}}"
    client.error("", "which-token", message, hint)
    return None


def _needs_token(model: ModelName | RouteName, via: Mapping[str, str]) -> bool:
    """Whether requests to a model carry a token of Cloudflare: not past the gateway, to a provider other than it."""
    if isinstance(model, RouteName):
        return True
    return via.get(model.provider) != "direct" or model.provider == WORKERS_AI


def check_version(client: ClientContext) -> None:
    """The program's declared version reads the emitted files."""
    version, checked, oldest = client.settings.version, client.capabilities.checked, client.capabilities.oldest
    if version is None:
        return
    if checked is None:
        is_program = client.capabilities.unproven
        why = "is unproven: no version is tested" if is_program else "is not a program and has no versions"
        message = f"{client.title} {why}"
        client.error("version", "no-versions", message, "Remove it")
    elif oldest is not None and version_tuple(version) < version_tuple(oldest):
        message = f"{client.title} {version} cannot read the emitted files"
        hint = f"Update {client.title} to {oldest} or newer (tested up to {checked})"
        client.error("version", "too-old", message, hint)
    elif version_tuple(version) > version_tuple(checked):
        message = f"{client.title} {version} is newer than the newest tested version, {checked}"
        client.note("version", "untried-version", message)


_SOURCES = {"helper": "a command", "file": "a file"}


def check_credential(client: ClientContext, token: str | None) -> None:
    """The program takes its token from a command or a file, and needs no other credential beside it."""
    credential, title = client.settings.credential, client.title
    source, since = _SOURCES.get(credential), client.capabilities.credentials.get(credential)
    if source is None:
        return
    version, hint = client.settings.version, "Set credential: variable, or remove it"
    if since is None:
        choices = " or ".join(["variable", *client.capabilities.credentials])
        message = f"{title} cannot take its token from {source}"
        client.error("credential", "no-credential", message, f"Set credential: {choices}")
    elif version is not None and version_tuple(version) < version_tuple(since):
        message = f"{title} {version} cannot take its token from {source}"
        client.error("credential", "no-credential", message, f"Update {title} to {since} or newer, or remove it")
    elif token is None:
        client.error("credential", "no-credential", "the client uses no token", hint)
    elif client.settings.keys == "local":
        message = f"{source} provides the token alone, and with keys: local {title} sends the provider's key beside it"
        client.error("credential", "no-credential", message, f"{hint}; or remove keys: local")


def check_provider_id(client: ClientContext, provider: str) -> None:
    """The client's provider id is not one that the program has itself."""
    capabilities = client.capabilities
    is_reused = provider in capabilities.reusable_providers and client.settings.provider is not None
    if provider in capabilities.built_in_providers and not is_reused:
        message = f"{client.title} has a built-in provider {provider}"
        client.error("provider", "taken-name", message, f"Choose another name: {client.path('provider')}")
