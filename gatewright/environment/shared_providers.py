"""Custom providers belong to an account: the environments of a project that declare the same one share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics
from gatewright.environment.model.gateway import default_gateway_name
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.diagnostics import Location
    from gatewright.environment.files import Files
    from gatewright.environment.nodes import Node


@dataclass(frozen=True, slots=True)
class ProviderUser:
    """An environment that declares a custom provider; `base_url` is None where its file cannot be read."""

    environment: str
    gateway: str
    base_url: object
    location: Location | None


def account_key(node: Node, variables: Mapping[str, str]) -> str:
    """The account of an environment's file: its id, or `$NAME` while the variable that holds it is not set."""
    if "local" in node.entries:
        return LOCAL_ACCOUNT
    account = node.at("account")
    variable = account.at("env") if account else None
    if variable is None:
        return str(account.value) if account else ""
    return variables.get(str(variable.value)) or f"${variable.value}"


def provider_users(
    files: Files,
    slug: str,
    account: str,
    variables: Mapping[str, str],
    *,
    other_than: str,
    or_possible: bool = False,
) -> Iterator[ProviderUser]:
    """The other environments that declare custom provider `slug` in `account`, which is a key as of `account_key`.

    With `or_possible` also those that may: their file cannot be read, or their account is not known on this machine.
    """
    for name in files.names():
        own = files.own_node(name)
        key = account_key(own, variables) if own else "$"
        if name == other_than or not (key == account or (or_possible and key.startswith("$"))):
            continue
        node, default = files.merged(name, Diagnostics()), default_gateway_name(name)
        if node is None:
            if or_possible:
                yield ProviderUser(name, default, None, None)
        elif (url := _base_url(node, slug)) is not None:
            gateway = node.at("gateway", "name")
            yield ProviderUser(name, str(gateway.value) if gateway else default, url.value, url.location)


def _base_url(node: Node, slug: str) -> Node | None:
    """The baseUrl of an enabled provider."""
    use = node.at("use")
    enabled = [each.value for each in use.value] if use and isinstance(use.value, list) else None
    url = node.at("providers", slug, "baseUrl") if enabled is None or slug in enabled else None
    return url if url and url.value is not None else None
