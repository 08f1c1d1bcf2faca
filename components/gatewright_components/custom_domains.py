"""Custom domains of a gateway, with their DNS records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from gatewright.facts.resource_types import CUSTOM_DOMAINS_COMPONENT
from gatewright_components.args import as_args
from gatewright_components.cloudflare import DnsRecord
from gatewright_components.resources import CustomDomain, CustomDomainArgs


@dataclass(kw_only=True, repr=False, eq=False)
class Domain:
    """One custom domain."""

    zone_id: pulumi.Input[str] | None = None
    """The id of the zone that holds it, in the same account: its CNAME is created too."""


@dataclass(kw_only=True, repr=False, eq=False)
class CustomDomainsArgs:
    """Arguments of `CustomDomains`."""

    account_id: pulumi.Input[str]
    """The account's id."""
    gateway_id: pulumi.Input[str]
    """The gateway's id, which is its name."""
    domains: Mapping[str, Domain]
    """By host name, in lower case."""


class CustomDomains(pulumi.ComponentResource):
    """Custom domains of a gateway, and the CNAME of each domain whose zone is given."""

    domains: Mapping[str, Mapping[str, pulumi.Output[str]]]
    """By host name: `cname`, the host name that the CNAME must point to, and `status`: `pending_dcv` until Cloudflare
    has seen the CNAME, then `active`."""

    def __init__(self, name: str, args: CustomDomainsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(CUSTOM_DOMAINS_COMPONENT, name, None, opts)
        args = as_args(CustomDomainsArgs, args)
        inner = pulumi.ResourceOptions(parent=self)
        self.domains = {}
        for hostname, value in args.domains.items():
            zone = as_args(Domain, value).zone_id
            place = CustomDomainArgs(
                account_id=args.account_id, gateway_id=args.gateway_id, hostname=hostname, zone_id=zone
            )
            domain = CustomDomain(hostname, place, inner)
            if zone is not None:
                DnsRecord(hostname, cname_inputs(hostname, zone, domain.cname_target), inner)
            self.domains[hostname] = {"cname": domain.cname_target, "status": domain.status}
        self.register_outputs({})


def cname_inputs(hostname: str, zone: pulumi.Input[str], target: pulumi.Input[str]) -> dict[str, Any]:
    """Inputs of a DnsRecord: a proxied CNAME, whose time to live is always `automatic`, written as 1."""
    return {"zoneId": zone, "type": "CNAME", "name": hostname, "content": target, "proxied": True, "ttl": 1}
