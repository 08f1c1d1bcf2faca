"""The host names of an environment's own for its gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from gatewright.facts.resource_types import CUSTOM_DOMAINS_COMPONENT
from gatewright_components.own import CustomDomain
from gatewright_components.upstream import DnsRecord

if TYPE_CHECKING:
    from gatewright.environment.resolved import Environment
    from gatewright_components.gateway import Gateway
    from gatewright_components.own import Account


class CustomDomains(pulumi.ComponentResource):
    """Each domain of the gateway, and its CNAME where the zone is given; `domains` are by host name what the CNAME must
    point to and whether Cloudflare has seen it: {cname, status}."""

    def __init__(
        self, environment: Environment, account: Account, gateway: Gateway, options: pulumi.ResourceOptions
    ) -> None:
        super().__init__(CUSTOM_DOMAINS_COMPONENT, environment.gateway_name, None, options)
        inner = pulumi.ResourceOptions(parent=self)
        self.domains: dict[str, dict[str, pulumi.Output[str]]] = {}
        for hostname, domain in environment.gateway.domains.items():
            made = CustomDomain(hostname, account.accountId, gateway.gateway_id, domain.zone, inner)
            if domain.zone is not None:
                DnsRecord(hostname, cname_inputs(hostname, domain.zone, made.cnameTarget), inner)
            self.domains[hostname] = {"cname": made.cnameTarget, "status": made.status}
        self.register_outputs({})


def cname_inputs(hostname: str, zone: str, target: pulumi.Input[str]) -> dict[str, Any]:
    """DnsRecord's inputs: a proxied CNAME, whose time to live is always `automatic`, written as 1."""
    return {"zoneId": zone, "type": "CNAME", "name": hostname, "content": target, "proxied": True, "ttl": 1}
