"""The enabled providers: known to Cloudflare or with a base URL, with a key, and with one model for each id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.names import provider_hint
from gatewright.facts.auto_router import MODEL as AUTO
from gatewright.facts.slugs import AUTO_ROUTER, KEYLESS, SLUGS, WORKERS_AI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.catalog import Provider
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Node


def check_providers(file: EnvironmentFile, enabled: Sequence[str], root: Node, diagnostics: Diagnostics) -> None:
    """Report what is wrong with the providers in `enabled`."""
    for name in enabled:
        provider = file.providers.get(name)
        if provider is None:
            continue
        node = root.at("providers", name)
        written = node.entries if node else {}
        _check_ids(name, provider, root, diagnostics)
        _check_name(name, provider, root, diagnostics, has_url="baseUrl" in written)
        if name == AUTO_ROUTER:
            _check_auto_router(provider, root, diagnostics)
        if "key" not in written and name not in KEYLESS and file.local is None:
            _report_no_key(name, provider, root, diagnostics)


def _check_name(name: str, provider: Provider, root: Node, diagnostics: Diagnostics, *, has_url: bool) -> None:
    location, path = root.location_at("providers", name), f"providers.{name}"
    if name == "dynamic":
        diagnostics.error(
            location, path, "reserved-name", "the name is reserved for routes, dynamic/…", "Choose another name"
        )
    elif not has_url and name not in SLUGS:
        hint = provider_hint(name, SLUGS) or "Set baseUrl to make it a custom provider"
        message = "Cloudflare does not know this provider, and it has no baseUrl"
        diagnostics.error(location, path, "unknown-provider", message, hint)
    if provider.base_url is not None and name in SLUGS:
        message = f"Cloudflare knows {name}, and a baseUrl is for custom providers"
        hint = "Remove baseUrl, or choose another name"
        diagnostics.error(location, f"{path}.baseUrl", "known-provider", message, hint)


def _check_auto_router(provider: Provider, root: Node, diagnostics: Diagnostics) -> None:
    place = ("providers", AUTO_ROUTER)
    for model, facts in provider.models.items():
        if (facts.id or model) != AUTO:
            path = f"providers.{AUTO_ROUTER}.models.{model}"
            message = f"{AUTO_ROUTER} has one model, {AUTO}: the Auto Router"
            hint = f"For models that Cloudflare runs itself: {WORKERS_AI}/{model}"
            diagnostics.error(root.location_at(*place, "models", model), path, "unknown-model", message, hint)
    if provider.key is not None:
        message = "the Auto Router has no key: it uses the gateway's stored keys and credits"
        path = f"providers.{AUTO_ROUTER}.key"
        diagnostics.error(root.location_at(*place, "key"), path, "not-together", message, "Remove it")


def _report_no_key(name: str, provider: Provider, root: Node, diagnostics: Diagnostics) -> None:
    location, path = root.location_at("providers", name), f"providers.{name}"
    if provider.base_url is None:
        hint = 'Set key: {env: NAME}, {config: name}, {stored: true} or unified; or remove the provider from "use"'
        diagnostics.error(location, path, "no-key", "is enabled and has no key", hint)
    else:  # a custom provider may need none
        diagnostics.note(location, path, "no-key", "has no key; it receives the credentials that the caller sends")


def _check_ids(name: str, provider: Provider, root: Node, diagnostics: Diagnostics) -> None:
    """Note models with the same id: clients identify a model by its id, and use the settings of the first."""
    first: dict[str, str] = {}
    for model, facts in provider.models.items():
        id_ = facts.id or model
        other = first.setdefault(id_, model)
        if other == model:
            continue
        other_location = root.location_at("providers", name, "models", other, "id")
        diagnostics.note(
            root.location_at("providers", name, "models", model, "id"),
            f"providers.{name}.models.{model}",
            "one-id-twice",
            f"has the same id as {other} ({other_location}), {id_}: clients use the settings of {other}",
            f"Remove one, for example with providers: {{{name}: {{models: {{{other}: null}}}}}}",
        )
