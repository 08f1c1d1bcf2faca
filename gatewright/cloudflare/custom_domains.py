"""Custom domains of a gateway. The API creates no DNS record for them: each needs a CNAME to its `cname_target`.

Source: Cloudflare's documentation of custom domains, August 2026; the official client and its OpenAPI lack them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.collection import Collection, create_once, list_all
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.cloudflare.client import Client


@frozen
class CustomDomain:
    """One domain. `status` is pending_dcv until Cloudflare has seen the CNAME, then active."""

    hostname: str
    status: str
    cname_target: str


class CustomDomains(Collection):
    """The domains of one gateway, by hostname."""

    def __init__(self, client: Client, account: str, gateway: str) -> None:
        super().__init__(client, f"/accounts/{account}/ai-gateway/gateways/{gateway}/custom-domains")

    def get(self, hostname: str) -> CustomDomain | None:
        """The domain, or None where it or its gateway does not exist."""
        answer = self._read(hostname)
        return _domain(answer) if answer else None

    def list_all(self) -> Iterator[CustomDomain]:
        """All domains; none where the API does not know custom domains."""
        yield from map(_domain, list_all(self._client, self._path, missing_ok=True))

    def create(self, hostname: str, zone: str | None) -> CustomDomain:
        """Give the gateway a domain. One that it has already is returned: nothing else of it can differ.

        Raises:
            CloudflareError: also for a hostname of another gateway.
        """
        body = {"domain": hostname} | ({"zone_id": zone} if zone else {})
        domain, _ = create_once(
            lambda: _domain(self._client.post(self._path, body)["result"]),
            lambda: self.get(hostname),
            is_conflict=lambda _: True,
        )
        return domain


def _domain(answer: Mapping[str, Any]) -> CustomDomain:
    return CustomDomain(answer["hostname"], answer["status"], answer["cname_target"])
