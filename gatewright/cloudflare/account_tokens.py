"""API tokens of an account. The API shows the value of a token only once, in the answer of its creation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.collection import Collection, list_all
from gatewright.errors import CloudflareError
from gatewright.facts.permissions import Scope
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.needed_permissions import Need
    from gatewright.facts.permissions import Group

MAX_TOKENS = 500
"""Of an account [docs]."""


@frozen
class AccountToken:
    """A token as a listing shows it; times are RFC 3339. `status`: active, disabled or expired."""

    id: str
    name: str
    issued_on: str | None
    last_used_on: str | None
    status: str = "active"
    expires_on: str | None = None


class AccountTokens(Collection):
    """The tokens of one account."""

    def __init__(self, client: Client, account: str) -> None:
        super().__init__(client, f"/accounts/{account}/tokens")
        self._account = account

    def with_name(self, name: str) -> list[AccountToken]:
        """The tokens of that name; several can share one."""
        return [token for token in self._list() if token.name == name]

    def with_prefix(self, prefix: str) -> list[AccountToken]:
        """The tokens whose names begin with `prefix`, including expired ones."""
        return [token for token in self._list() if token.name.startswith(prefix)]

    def count(self) -> int:
        """The number of tokens in the account."""
        total = (self._client.get(self._path, {"per_page": 1}).get("result_info") or {}).get("total_count")
        return sum(1 for _ in self._list()) if total is None else int(total)

    def create(self, body: Mapping[str, Any]) -> str:
        """Create a token and return its value. Never repeated: if it is open whether the token was created, its value
        is lost."""
        return str(self._client.post(self._path, dict(body))["result"]["value"])

    def policies(self, needs: Sequence[Need]) -> list[dict[str, Any]]:
        """Policies that allow exactly `needs`, on this account and on the zones that they name.

        Raises:
            CloudflareError: also for a permission that Cloudflare does not have.
        """
        ids = {need.name: need.group.id or self._look_up(need.group) for need in needs}
        on_account = [need for need in needs if not need.zones]
        zones = dict.fromkeys(zone for need in needs for zone in need.zones)
        policies = [(f"{Scope.ACCOUNT}.{self._account}", on_account)]
        policies += [(f"{Scope.ZONE}.{zone}", [need for need in needs if zone in need.zones]) for zone in zones]
        return [
            {
                "effect": "allow",
                "permission_groups": [{"id": group_id} for group_id in sorted(ids[need.name] for need in granted)],
                "resources": {resource: "*"},
            }
            for resource, granted in policies
        ]

    def _list(self) -> Iterator[AccountToken]:
        for answer in list_all(self._client, self._path):
            yield AccountToken(
                answer["id"],
                answer["name"],
                answer.get("issued_on"),
                answer.get("last_used_on"),
                answer["status"],
                answer.get("expires_on"),
            )

    def _look_up(self, group: Group) -> str:
        """The id of a group that is not among the known ones."""
        query = {"name": group.name, "scope": group.scope.value}
        for answer in self._client.get(f"{self._path}/permission_groups", query)["result"]:
            if answer["name"] == group.name:
                return str(answer["id"])
        raise CloudflareError(f"Cloudflare has no permission {group.name} on {group.scope}")
