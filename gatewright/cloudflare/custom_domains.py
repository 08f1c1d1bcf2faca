"""Host names of a gateway's own at Cloudflare, for whose CNAME to `cname_target` the API makes no DNS record.

Source: Cloudflare's documentation of custom domains, August 2026; the official client and its OpenAPI lack them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.errors import CloudflareError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatewright.cloudflare.client import Client


@dataclass(frozen=True, slots=True)
class CustomDomain:
    """One as the API shows it. `status`: pending_dcv until Cloudflare has seen the CNAME, then active."""

    hostname: str
    status: str
    cname_target: str


class CustomDomains:
    """Those of one gateway. Raises what `Client` raises."""

    def __init__(self, client: Client, account: str, gateway: str) -> None:
        self._client = client
        self._path = f"/accounts/{account}/ai-gateway/gateways/{gateway}/custom-domains"

    def get(self, hostname: str) -> CustomDomain | None:
        """The domain, or None where it or its gateway is not there."""
        try:
            return _domain(self._client.get(f"{self._path}/{hostname}")["result"])
        except CloudflareError as error:
            if error.status == 404:
                return None
            raise

    def listed(self) -> Iterator[CustomDomain]:
        """All of the gateway's; none where the API does not know them. The documentation has no pages for them."""
        try:
            yield from map(_domain, self._client.get(self._path)["result"])
        except CloudflareError as error:
            if error.status != 404:
                raise

    def create(self, hostname: str, zone: str | None) -> CustomDomain:
        """Gives the gateway a host name. One that it has already is taken over: nothing else of it can differ.

        Raises CloudflareError, for one that another gateway has too.
        """
        body = {"domain": hostname} | ({"zone_id": zone} if zone else {})
        try:
            return _domain(self._client.post(self._path, body)["result"])
        except CloudflareError as error:
            there = self.get(hostname)
            if there is not None:
                return there
            if not error.is_ambiguous:
                raise
            return _domain(self._client.post(self._path, body)["result"])

    def delete(self, hostname: str) -> None:
        """Takes it away; one that is gone already is fine."""
        try:
            self._client.delete(f"{self._path}/{hostname}")
        except CloudflareError as error:
            if error.status != 404:
                raise


def _domain(answer: Mapping[str, Any]) -> CustomDomain:
    return CustomDomain(answer["hostname"], answer["status"], answer["cname_target"])
