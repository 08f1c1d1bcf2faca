"""The providers in use: known to Cloudflare or with a base URL, with a key, with one model for each id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.facts.slugs import SLUGS, WORKERS_AI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.model.environment_file import EnvironmentFile, Provider
    from gatewright.environment.nodes import Node


def check_providers(file: EnvironmentFile, used: Sequence[str], root: Node, diagnostics: Diagnostics) -> None:
    """Report what is wrong with the providers in use."""
    for name in used:
        provider = file.providers.get(name)
        if provider is None:
            continue
        node = root.at("providers", name)
        written = node.entries if node else {}
        _check_ids(name, provider, root, diagnostics)
        _check_name(name, provider, root, diagnostics, has_url="baseUrl" in written)
        if "key" not in written and name != WORKERS_AI and file.local is None:
            _report_no_key(name, provider, root, diagnostics)


def _check_name(name: str, provider: Provider, root: Node, diagnostics: Diagnostics, *, has_url: bool) -> None:
    location, path = root.location_at("providers", name), f"providers.{name}"
    if name == "dynamic":
        diagnostics.error(location, path, "reserved-name", "dynamic/… names routes", "Choose another name")
    elif not has_url and name not in SLUGS:
        hint = did_you_mean(name, SLUGS) or "Give it a baseUrl: that makes it a custom provider"
        message = "Cloudflare knows no such provider, and it has no baseUrl"
        diagnostics.error(location, path, "unknown-provider", message, hint)
    if provider.base_url is not None and name in SLUGS:
        message = f"Cloudflare knows {name} itself; a baseUrl makes it a custom provider"
        hint = "Remove baseUrl, or choose another name"
        diagnostics.error(location, f"{path}.baseUrl", "known-provider", message, hint)


def _report_no_key(name: str, provider: Provider, root: Node, diagnostics: Diagnostics) -> None:
    location, path = root.location_at("providers", name), f"providers.{name}"
    if provider.base_url is None:
        hint = "Write key: {env: NAME}, {config: name}, {stored: true} or unified; or leave it out of `use`"
        diagnostics.error(location, path, "no-key", "is in use and has no key", hint)
    else:  # a custom provider may need none
        diagnostics.note(location, path, "no-key", "has no key: it gets what the caller sends")


def _check_ids(name: str, provider: Provider, root: Node, diagnostics: Diagnostics) -> None:
    """Note models with the same id: clients identify a model by its id, and use the facts of the first."""
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
            f"is {id_} at {name}, and so is {other} ({other_location}): clients get what is said of {other}",
            f"Keep one, here or where it is extended: providers: {{{name}: {{models: {{{other}: null}}}}}}",
        )
