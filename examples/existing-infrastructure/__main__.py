"""A program that had the DNS record of a website, and gets routes, a domain and a token for a gateway that exists."""

import pulumi
import pulumi_cloudflare as cloudflare

from gatewright_components import (
    CustomDomains,
    CustomDomainsArgs,
    Domain,
    DynamicRoutes,
    DynamicRoutesArgs,
    Token,
    Tokens,
    TokensArgs,
    fallback_elements,
)

config = pulumi.Config()
account, zone, domain = config.require("account"), config.require("zone"), config.require("domain")

# the program as it was
website = cloudflare.DnsRecord(
    "website", zone_id=zone, name=f"www.{domain}", type="CNAME", content=f"pages.{domain}", ttl=1, proxied=True
)

# what gatewright adds: the gateway is referred to by its name and stays unmanaged
gateway = config.require("gateway")
DynamicRoutes(
    "chat",
    DynamicRoutesArgs(
        account_id=account,
        gateway_id=gateway,
        routes={"chat": fallback_elements(["workers-ai/@cf/openai/gpt-oss-120b", "workers-ai/@cf/openai/gpt-oss-20b"])},
    ),
)
domains = CustomDomains(
    "chat",
    CustomDomainsArgs(account_id=account, gateway_id=gateway, domains={f"ai.{domain}": Domain(zone_id=zone)}),
)
tokens = Tokens("website", TokensArgs(account_id=account, tokens={"chat": Token(permissions=["AI Gateway Run"])}))

pulumi.export("website", website.name)
pulumi.export("status", domains.domains[f"ai.{domain}"]["status"])
pulumi.export("token", tokens.values["chat"])
