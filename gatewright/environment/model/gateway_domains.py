"""The custom domains of a gateway, the address that clients use, and Cloudflare Access in front of the domains."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.environment.references import CLIENT_VARIABLE
from gatewright.environment.shapes.references import CLIENT_VARIABLE_NAME
from gatewright.environment.shapes.scalars import Text
from gatewright.environment.shapes.sections import setting

HOST_NAME = r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"

CLOUDFLARE, DOMAIN = "cloudflare", "domain"
ENDPOINT = Text(
    "cloudflare, domain or the host name of one of gateway.domains",
    rf"^(?:{CLOUDFLARE}|{DOMAIN}|{HOST_NAME[1:-1]})$",
    253,
)
"""The address of a gateway, as clients use it."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain of the gateway. Its URLs name neither account nor gateway: https://ai.example.com/compat."""

    zone: str | None = setting(
        Text("the id of a zone: 32 lower-case hexadecimal digits", r"^[0-9a-f]{32}$"),
        "The id of the zone that holds the name, in the same account; with it the CNAME is created too.",
        sent_as="zone_id",
    )


_CLIENT_VARIABLE = Text(CLIENT_VARIABLE_NAME, CLIENT_VARIABLE)


@dataclass(frozen=True, slots=True)
class DomainAccess:
    """Cloudflare Access in front of the custom domains: the service token that clients send there, by variable.

    The application, its Service Auth policy and the service token are created at Cloudflare by hand.
    """

    id_variable: str = setting(
        _CLIENT_VARIABLE,
        "The environment variable that holds the service token's Client ID where clients run.",
        default="CF_ACCESS_CLIENT_ID",
    )
    secret_variable: str = setting(
        _CLIENT_VARIABLE,
        "The environment variable that holds the service token's Client Secret where clients run.",
        default="CF_ACCESS_CLIENT_SECRET",
    )

    @property
    def headers(self) -> dict[str, str]:
        """The variables by the header that carries them."""
        return {"CF-Access-Client-Id": self.id_variable, "CF-Access-Client-Secret": self.secret_variable}
