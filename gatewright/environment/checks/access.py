"""How a client gets to the models: the ways, whose keys, which token, in which variable; its version and its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.capabilities import version_tuple
from gatewright.environment.checks.reach import unguarded
from gatewright.environment.names import key_variable
from gatewright.environment.references import CLIENT_VARIABLE, ModelName, bearer_variable

if TYPE_CHECKING:
    from gatewright.environment.checks.client_context import AboutClient
    from gatewright.environment.model.environment_file import EnvironmentFile, Provider
    from gatewright.environment.names import Names
    from gatewright.environment.references import RouteName


def ways(client: AboutClient, names: Names) -> dict[str, str]:
    """Provider -> the way to it, of those in use; what there is not, or the program cannot, is reported."""
    via = client.settings.via
    chosen = client.chosen_ways
    general = via if isinstance(via, str) else client.capabilities.default_via
    for provider in chosen:
        if provider not in names.models:
            hint = did_you_mean(provider, names.models)
            client.error(f"via.{provider}", "unknown-provider", f"no provider {provider}", hint)
    found = {provider: chosen.get(provider, general) for provider in names.used}
    valid = f"Valid: {', '.join(sorted(client.capabilities.via))}"
    for way in sorted({*found.values(), general} - client.capabilities.via):
        client.error("via", "not-for-this-client", f"{client.title} cannot go via {way}", valid)
    return found


def check_keys(
    client: AboutClient, file: EnvironmentFile, via: Mapping[str, str], models: Iterable[ModelName | RouteName]
) -> None:
    """Whose keys, on this gateway, by these ways."""
    through = any(way != "direct" for way in via.values())
    if client.settings.keys == "stored":
        if through and not file.gateway.authenticated:
            client.error(
                "",
                "open-gateway",
                "uses keys stored at Cloudflare, and the gateway is not authenticated: anyone who knows its URL "
                "could spend them",
                "Set gateway.authenticated: true, or keys: local",
            )
        return
    if not file.gateway.authenticated:
        _check_paid(client, file, via, models)
    if "rest" in via.values():
        client.error(
            "keys",
            "local-keys-and-rest",
            "Cloudflare's REST form takes no provider key: its one credential is the token",
            "Remove keys: local, or choose another `via`",
        )
    elif through and file.gateway.authenticated and not client.capabilities.two_credentials:
        client.error(
            "keys",
            "one-credential",
            f"{client.title} sends one credential alone, and this gateway wants its token beside the provider's key",
            "Remove keys: local: the key is then stored at Cloudflare; or leave the gateway out: via: direct",
        )


def _check_paid(
    client: AboutClient, file: EnvironmentFile, via: Mapping[str, str], models: Iterable[ModelName | RouteName]
) -> None:
    """What Cloudflare pays for takes no key, so that on an open gateway nothing would be asked for at all."""
    named = [name for name in _providers(file, models) if unguarded(client, file, name, via.get(name, ""))]
    if named:
        client.error(
            "",
            "open-gateway",
            f"reaches {', '.join(named)} without a key, and the gateway is not authenticated: anyone who knows its URL "
            "could spend what Cloudflare bills you",
            f"Set gateway.authenticated: true, or leave them out: {client.path('models')}",
        )


def _providers(file: EnvironmentFile, models: Iterable[ModelName | RouteName]) -> dict[str, Provider]:
    """The providers of these models, in their order."""
    names = dict.fromkeys(model.provider for model in models if isinstance(model, ModelName))
    return {name: file.providers[name] for name in names if name in file.providers}


def check_variable(
    client: AboutClient, file: EnvironmentFile, via: Mapping[str, str], models: Iterable[ModelName | RouteName]
) -> None:
    """A key that the client sends too needs a variable, which is not the token's."""
    settings = client.settings
    for name, provider in _providers(file, models).items():
        if settings.keys != "local" and via.get(name) != "direct":
            continue
        variable = key_variable(name, provider)
        if variable is not None and not re.fullmatch(CLIENT_VARIABLE, variable):
            message = f"{client.title} reads its key from a variable, and none can be called {variable}"
            hint = "Write key: {env: NAME}"
            client.diagnostics.error(
                client.root.location_at("providers", name, "key"), f"providers.{name}.key", "no-variable", message, hint
            )
        for taken in (settings.variable, bearer_variable(settings.variable)):
            if variable == taken:
                message = f"{taken} is to hold the token, and holds the key of {name}"
                client.error("variable", "one-variable-for-two", message, "Write another `variable`")


def token(client: AboutClient, file: EnvironmentFile) -> str | None:
    """The token it authenticates with; None where the gateway asks for none."""
    wanted, tokens = client.settings.token, file.tokens
    if wanted is not None:
        if wanted not in tokens:
            client.error("token", "unknown-token", f"no token {wanted}", did_you_mean(wanted, tokens))
        return wanted
    if not file.gateway.authenticated:
        return None
    if len(tokens) == 1:
        return next(iter(tokens))
    if tokens:
        which = f"there are {len(tokens)} tokens: {', '.join(tokens)}"
        client.error("", "which-token", which, f"Write {client.path('token')}")
    else:
        which = "no token is declared, and the gateway is authenticated"
        client.error("", "which-token", which, "Declare one: tokens: {agents: {}}")
    return None


def check_version(client: AboutClient) -> None:
    """Whether what is written is understood by the version that the client is said to be."""
    version, checked, oldest = client.settings.version, client.capabilities.checked, client.capabilities.oldest
    if version is None:
        return
    if checked is None:
        message = f"{client.title} is no program, and has no versions"
        client.error("version", "no-versions", message, "Remove it")
    elif oldest is not None and version_tuple(version) < version_tuple(oldest):
        message = f"{client.title} {version} does not take what is written for it: {oldest} is the first that does"
        hint = f"Update {client.title}; supported: {oldest} to {checked}, and later"
        client.error("version", "too-old", message, hint)
    elif version_tuple(version) > version_tuple(checked):
        message = f"{client.title} {version} is newer than the newest that was tried, {checked}"
        client.note("version", "untried-version", message)


def check_provider(client: AboutClient, provider: str) -> None:
    """Whether the program lets a provider of ours be called so."""
    can = client.capabilities
    if provider in can.built_in_providers and not (
        provider in can.reusable_providers and client.settings.provider is not None
    ):
        message = f"{client.title} has a provider called {provider} itself"
        client.error("provider", "taken-name", message, f"Choose another name: {client.path('provider')}")
