"""Authentication and authorisation: tokens by their hash, with policies, addresses and dates."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from gatewright.facts.permissions import GROUPS, Group, Scope
from gatewright.frozen import frozen
from gatewright.local.server.core import clock, envelope
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Row, Store, digest

LOCAL_USER = "10ca1fa4e10ca1fa4e10ca1fa4e05e12"  # the only user, owner of the user tokens

_TOKEN = re.compile(r"[0-9A-Za-z_-]{40,80}")
_KEY = re.compile(r"[0-9A-Za-z_-]{37,60}")


def group_id(group: Group) -> str:
    """The group's id, or a recognisably fake one (fa4efa4e…) where the real one is not known."""
    return group.id or "fa4efa4e" + hashlib.sha256(group.name.encode()).hexdigest()[:24]


GROUPS_BY_ID = {group_id(group): group for group in GROUPS}


@frozen
class Principal:
    """The token of a request. With `policies` None it may do everything in its account, `owner`."""

    id: str
    name: str
    owner: str
    policies: list[Json] | None = None

    def may(self, any_of: Iterable[Group], resource: str, account: str | None = None) -> bool:
        """Whether one of the groups is allowed, and not denied, on a resource.

        A resource is com.cloudflare.api.account.<id>, or com.cloudflare.api.account.zone.<id> in `account`.
        """
        within = account or resource.removeprefix(f"{Scope.ACCOUNT}.")
        if self.owner not in (LOCAL_USER, within) and resource.startswith(Scope.ACCOUNT):
            return False  # the token of one account never reaches another, whatever its policies are
        return self.has_policy(any_of, resource, account)

    def has_policy(self, any_of: Iterable[Group], resource: str, account: str | None = None) -> bool:
        """Whether its policies give one of the groups on a resource or on all of a kind, …account.*"""
        if self.policies is None:
            return True
        wanted = {group_id(group) for group in any_of}
        allowed, denied = (_groups(self.policies, effect, resource, account) for effect in ("allow", "deny"))
        return not wanted.isdisjoint(allowed - denied)


def _groups(policies: list[Json], effect: str, resource: str, account: str | None) -> set[str]:
    """Ids of the groups that policies of `effect` give on a resource, on all of its kind, or on all in its account."""
    names = {resource, resource.rpartition(".")[0] + ".*"}
    return {
        group["id"]
        for policy in policies
        if policy["effect"] == effect and _covers(policy["resources"], names, f"{Scope.ACCOUNT}.{account}")
        for group in policy["permission_groups"]
    }


def _covers(resources: Json, names: set[str], account: str) -> bool:
    """Whether the resources contain one of `names`, at the top level or below the account."""
    below = resources.get(account)
    return any(resources.get(name) == "*" or (isinstance(below, dict) and below.get(name) == "*") for name in names)


def authenticate(store: Store, headers: Mapping[str, str], address: str) -> Principal:
    """The principal of a control-plane request.

    Raises ApiError: credential missing, malformed, unknown, or not usable now or from `address`.
    """
    authorization = headers.get("authorization")
    if authorization is not None:
        value = bearer(authorization)
        if value is None or not _TOKEN.fullmatch(value):
            raise envelope.malformed_header(6111, "Authorization")
        return principal(store, value, address)
    key = headers.get("x-auth-key")
    if key is None or "x-auth-email" not in headers:
        raise envelope.no_credentials()
    if not _KEY.fullmatch(key):
        raise envelope.malformed_header(6103, "X-Auth-Key")
    raise envelope.unknown_credentials()


def bearer(authorization: str) -> str | None:
    """The value of a `Bearer` header; None for another scheme."""
    scheme, _, value = authorization.partition(" ")
    return value.strip() if scheme.casefold() == "bearer" else None


def principal(store: Store, value: str, address: str) -> Principal:
    """The principal of a token value; records the token's last use. Raises ApiError where it is not usable."""
    admin = store.find("SELECT id, name, admin_id FROM accounts WHERE admin_hash = ?", digest(value))
    if admin is not None:
        return Principal(admin["admin_id"], f"deploy token of {admin['name']}", admin["id"])
    token = store.find("SELECT * FROM tokens WHERE hash = ?", digest(value))
    if token is None:
        raise envelope.unknown_credentials()
    now = clock.now()
    if status(token, now) != "active" or (token["not_before"] and now < clock.parse(token["not_before"])):
        raise envelope.token_not_usable("Invalid access token")
    if token["condition"] and not _address_allowed(json.loads(token["condition"]), address):
        raise envelope.token_not_usable("Unauthorized to access requested resource")
    used = clock.in_seconds(now)
    if token["last_used_on"] != used:  # a transaction that writes nothing is cheap
        store.execute("UPDATE tokens SET last_used_on = ? WHERE id = ?", used, token["id"])
    return Principal(token["id"], token["name"], token["owner"], json.loads(token["policies"]))


def status(token: Row, now: datetime) -> str:
    """active, disabled or expired, as the API shows it."""
    if token["disabled"]:
        return "disabled"
    return "expired" if token["expires_on"] and clock.parse(token["expires_on"]) <= now else "active"


def _address_allowed(condition: Json, address: str) -> bool:
    rule = condition.get("request_ip") or {}
    client = ipaddress.ip_address(address)

    def within(networks: Iterable[str]) -> bool:
        return any(client in ipaddress.ip_network(network, strict=False) for network in networks)

    return (not rule.get("in") or within(rule["in"])) and not within(rule.get("not_in") or ())
