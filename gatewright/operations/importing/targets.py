"""The provider of an environment file for a provider in a client's own file."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gatewright.facts.slugs import ALIASES, HOSTS, SLUGS, WORKERS_AI
from gatewright.frozen import frozen
from gatewright.redaction import looks_like_a_key, url_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from gatewright.clients.common.own_config import OwnProvider
    from gatewright.environment.model.catalog import Provider

_GATEWAY_HOST = "gateway.ai.cloudflare.com"
_CLOUDFLARE_API_HOST = "api.cloudflare.com"
_GATEWAY_PATH = re.compile(r"/v1/[0-9a-f]{32}/[^/]+")
_SUFFIX = "custom"
_ROUTES = "dynamic"
_LONGEST = 50  # characters; a name with a suffix is valid too


@frozen
class Target:
    """A provider of the environment; `base_url` is set for one that must be declared."""

    name: str
    base_url: str | None = None


@frozen
class NoTarget:
    """Why a provider cannot be carried over."""

    reason: str


def find_target(provider: OwnProvider, catalog: Mapping[str, Provider]) -> Target | NoTarget:
    """Match by base URL, then by name; a provider that is not known becomes a custom provider."""
    if provider.base_url is None:
        name = known_name(provider.id, catalog)
        return Target(name) if name else NoTarget("it has no base URL, and Cloudflare does not know this provider")
    url = provider.base_url.value.rstrip("/")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return NoTarget("its base URL is invalid")
    if obstacle := _obstacle(url, parts, host):
        return NoTarget(obstacle)
    if name := _name_by_url(url, parts, host, catalog):
        return Target(name)
    if provider.api is not None:
        return NoTarget(f"its API is {provider.api}; custom providers are called with OpenAI's chat completions")
    return Target(_custom_name(provider.id, host, url, catalog), url)


def known_name(id_: str, catalog: Mapping[str, Provider]) -> str | None:
    """The name in the catalog or Cloudflare's slug for a client's name of a provider."""
    name = id_.lower().replace("_", "-")
    name = ALIASES.get(name, name)
    candidates = (name, name.removesuffix("-ai"), name.removesuffix("-nim"), name.removesuffix("-api"))
    return next((candidate for candidate in candidates if candidate in catalog or candidate in SLUGS), None)


def _obstacle(url: str, parts: SplitResult, host: str) -> str | None:
    """Why Cloudflare cannot call this URL."""
    if url_secret(url) or looks_like_a_key(url):
        return "its base URL contains a secret"
    if re.search(r"[${}]|os\.environ/", url):
        return "its base URL names a variable; write the URL itself"
    if host == _GATEWAY_HOST or _GATEWAY_PATH.match(parts.path):
        return "it is a Cloudflare AI Gateway already"
    if _is_on_this_network(host):
        return f"{host} is on your own machine or network, which Cloudflare cannot reach"
    if parts.scheme != "https" or not host or re.search(r"\s", url):
        return "its base URL is not an https URL"
    return None


def _is_on_this_network(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan"))


def _name_by_url(url: str, parts: SplitResult, host: str, catalog: Mapping[str, Provider]) -> str | None:
    for name, provider in catalog.items():
        if url in {(address or "").rstrip("/") for address in (provider.base_url, provider.direct)}:
            return name
    if host == _CLOUDFLARE_API_HOST and parts.path.endswith(("/ai/v1", "/ai")):
        return WORKERS_AI
    return HOSTS.get(host)


def _custom_name(id_: str, host: str, url: str, catalog: Mapping[str, Provider]) -> str:
    """The provider's own name in a valid form, otherwise its host's. A name that stands for another provider gets a
    suffix."""
    names = (re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST].strip("-") for text in (id_, host, _SUFFIX))
    name = next(filter(None, names))
    while name in SLUGS or name == _ROUTES or (name in catalog and (catalog[name].base_url or "").rstrip("/") != url):
        name = f"{name}-{_SUFFIX}"
    return name
