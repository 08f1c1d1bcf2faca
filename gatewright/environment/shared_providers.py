"""Custom providers belong to an account: the environments of a project that declare the same one share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics
from gatewright.environment.model.gateway import default_gateway_name
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.diagnostics import Location
    from gatewright.environment.files import Files
    from gatewright.environment.nodes import Node


@frozen
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
        user = _user(files, name, slug)
        if user is not None and (or_possible or user.location is not None):
            yield user


class SharedProviders:
    """The custom providers of all environments, for checks of many: each account and provider is looked up once."""

    def __init__(self, files: Files, variables: Mapping[str, str]) -> None:
        self._files = files
        self._variables = variables
        self._by_account: dict[str, list[str]] | None = None
        self._users: dict[tuple[str, str], tuple[list[ProviderUser], bool]] = {}

    def disagreeing(self, account: str, slug: str, base_url: str) -> list[ProviderUser]:
        """The environments of `account` that give custom provider `slug` another baseUrl, in alphabetical order."""
        if (account, slug) not in self._users:
            users = self._find(account, slug)
            self._users[account, slug] = users, all(user.base_url == users[0].base_url for user in users)
        users, agree = self._users[account, slug]
        if agree and users and users[0].base_url == base_url:
            return []
        return [user for user in users if user.base_url != base_url]

    def _find(self, account: str, slug: str) -> list[ProviderUser]:
        if self._by_account is None:
            self._by_account = {}
            for name in self._files.names():
                if own := self._files.own_node(name):
                    self._by_account.setdefault(account_key(own, self._variables), []).append(name)
        users = (_user(self._files, name, slug) for name in self._by_account.get(account, ()))
        return [user for user in users if user is not None and user.location is not None]


def _user(files: Files, name: str, slug: str) -> ProviderUser | None:
    """Environment `name` if it declares custom provider `slug`, or if its file cannot be read."""
    node, default = files.merged(name, Diagnostics()), default_gateway_name(name)
    if node is None:
        return ProviderUser(name, default, None, None)
    url, gateway = _base_url(node, slug), node.at("gateway", "name")
    if url is None:
        return None
    return ProviderUser(name, str(gateway.value) if gateway else default, url.value, url.location)


def _base_url(node: Node, slug: str) -> Node | None:
    """The baseUrl of an enabled provider."""
    use = node.at("use")
    enabled = [each.value for each in use.value] if use and isinstance(use.value, list) else None
    url = node.at("providers", slug, "baseUrl") if enabled is None or slug in enabled else None
    return url if url and url.value is not None else None
