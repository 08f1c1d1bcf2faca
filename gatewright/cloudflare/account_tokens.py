"""API tokens of an account at Cloudflare. The value of one is told once, by the call that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.errors import CloudflareError
from gatewright.facts.permissions import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.needed_permissions import Need
    from gatewright.facts.permissions import Group

MOST = 500
"""An account has no more of them [docs]."""
_PAGE = 50


@dataclass(frozen=True, slots=True)
class AccountToken:
    """One as a listing shows it; moments as Cloudflare writes them. `status`: active, disabled or expired."""

    id: str
    name: str
    issued_on: str | None
    last_used_on: str | None
    status: str = "active"
    expires_on: str | None = None


class AccountTokens:
    """Those of one account. Raises what `Client` raises."""

    def __init__(self, client: Client, account: str) -> None:
        self._client = client
        self._account = account
        self._path = f"/accounts/{account}/tokens"

    def named(self, name: str) -> list[AccountToken]:
        """Those of that name: nothing keeps two from having one."""
        return [each for each in self._all() if each.name == name]

    def below(self, prefix: str) -> list[AccountToken]:
        """Those whose names begin with `prefix`, expired ones too."""
        return [each for each in self._all() if each.name.startswith(prefix)]

    def count(self) -> int:
        """How many the account has."""
        return int(self._client.get(self._path, {"per_page": 1})["result_info"]["total_count"])

    def create(self, body: Mapping[str, Any]) -> str:
        """Makes one and answers its value. An answer that says neither yes nor no is not followed by another try: the
        value of what was made then is lost."""
        return str(self._client.post(self._path, dict(body))["result"]["value"])

    def delete(self, token: str) -> None:
        """Takes it away; one that is gone already is fine."""
        try:
            self._client.delete(f"{self._path}/{token}")
        except CloudflareError as error:
            if error.status != 404:
                raise

    def policies(self, needs: Sequence[Need]) -> list[dict[str, Any]]:
        """What allows exactly `needs`, on this account and on the zones that they name.

        Raises CloudflareError for a permission that Cloudflare does not know.
        """
        ids = {need.name: need.group.id or self._asked(need.group) for need in needs}
        on_account = [need for need in needs if not need.zones]
        zones = dict.fromkeys(zone for need in needs for zone in need.zones)
        policies = [(f"{Scope.ACCOUNT}.{self._account}", on_account)]
        policies += [(f"{Scope.ZONE}.{zone}", [need for need in needs if zone in need.zones]) for zone in zones]
        return [
            {
                "effect": "allow",
                "permission_groups": [{"id": each} for each in sorted(ids[need.name] for need in granted)],
                "resources": {resource: "*"},
            }
            for resource, granted in policies
        ]

    def _all(self) -> Iterator[AccountToken]:
        page, seen = 1, 0
        while True:
            answer = self._client.get(self._path, {"page": page, "per_page": _PAGE})
            yield from _tokens(answer["result"])
            seen += len(answer["result"])
            if not answer["result"] or seen >= answer["result_info"]["total_count"]:
                return
            page += 1

    def _asked(self, group: Group) -> str:
        """The id of a group that is not among the known ones."""
        query = {"name": group.name, "scope": group.scope.value}
        for each in self._client.get(f"{self._path}/permission_groups", query)["result"]:
            if each["name"] == group.name:
                return str(each["id"])
        raise CloudflareError(f"Cloudflare has no permission {group.name} on {group.scope}")


def _tokens(answers: Iterable[Mapping[str, Any]]) -> Iterator[AccountToken]:
    for each in answers:
        yield AccountToken(
            each["id"],
            each["name"],
            each.get("issued_on"),
            each.get("last_used_on"),
            each["status"],
            each.get("expires_on"),
        )
