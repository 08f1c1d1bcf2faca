"""The custom domains of a gateway, the address that clients use, and Cloudflare Access in front of the domains."""

from __future__ import annotations

from gatewright.environment.model.rotation import Rotate
from gatewright.environment.quantities import MILLISECONDS, Duration
from gatewright.environment.references import CLIENT_VARIABLE
from gatewright.environment.shapes.base import Exactly, ListOf, OneOf
from gatewright.environment.shapes.references import CLIENT_VARIABLE_NAME
from gatewright.environment.shapes.scalars import Text
from gatewright.environment.shapes.sections import Section, setting
from gatewright.frozen import frozen

HOST_NAME = r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"

CLOUDFLARE, DOMAIN = "cloudflare", "domain"
ENDPOINT = Text(
    "cloudflare, domain or the host name of one of gateway.domains",
    rf"^(?:{CLOUDFLARE}|{DOMAIN}|{HOST_NAME[1:-1]})$",
    253,
)
"""The address of a gateway, as clients use it."""


@frozen
class Domain:
    """A custom domain of the gateway. Its URLs name neither account nor gateway: https://ai.example.com/compat."""

    zone: str | None = setting(
        Text("the id of a zone: 32 lower-case hexadecimal digits", r"^[0-9a-f]{32}$"),
        "The id of the zone that holds the name, in the same account; with it the CNAME is created too.",
        sent_as="zone_id",
    )


_CLIENT_VARIABLE = Text(CLIENT_VARIABLE_NAME, CLIENT_VARIABLE)


SERVICE_TOKEN = "access"  # noqa: S105
"""The name of the service token in a stack, and the last part of its name at Cloudflare before its generation."""
_DAY = MILLISECONDS["d"]
DEFAULT_ROTATION = Rotate(every=Duration(90 * _DAY, "90d"), overlap=Duration(14 * _DAY, "14d"))
_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_EMAIL = r"^[^@\s]*@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+$"


@frozen
class ServiceToken:
    """The service token that gatewright creates for the clients of the environment. It always rotates."""

    rotate: Rotate = setting(
        Section(Rotate, whole=True),
        "How it rotates, default {every: 90d, overlap: 14d}. Whether the previous service token is still in use is not "
        "known: it ends after the overlap.",
        default=DEFAULT_ROTATION,
    )


@frozen
class Allowed:
    """Who passes Access, beside the service token that gatewright creates."""

    emails: tuple[str, ...] = setting(
        ListOf(Text("an email address, or @example.com for all addresses of a domain", _EMAIL)),
        "People, by email address; @example.com allows all addresses of a domain. They log in.",
        default=(),
    )
    groups: tuple[str, ...] = setting(
        ListOf(Text("the id of an Access group", _ID)), "People, by the ids of Access groups.", default=()
    )
    service_tokens: tuple[str, ...] = setting(
        ListOf(Text("the id of a service token", _ID)),
        "Service tokens that exist already, by their ids at Cloudflare.",
        default=(),
    )

    @property
    def people(self) -> tuple[str, ...]:
        """Email addresses and groups."""
        return (*self.emails, *self.groups)


@frozen
class DomainAccess:
    """Cloudflare Access in front of the custom domains, and the variables of the service token that clients send there.

    With `allow` or `serviceToken`, gatewright creates the application, its policies and the service token; otherwise
    they are created at Cloudflare by hand.
    """

    allow: Allowed | None = setting(Section(Allowed), "Who passes, beside the service token that gatewright creates.")
    service_token: ServiceToken | None = setting(
        OneOf(
            (Exactly(written=True, meaning=ServiceToken()), Section(ServiceToken)),
            "true, or {rotate: {every: 90d, overlap: 14d}}",
        ),
        "Create a service token, let it pass, and give it to the clients that use a domain. Without it, clients send "
        "one of yours.",
    )
    header: str | None = setting(
        Text("the name of a header", r"^[A-Za-z0-9-]{1,100}$"),
        "The application also reads both parts of a service token from this one header, as JSON, which "
        "`gatewright token ENV --access` prints: for programs that can send one header only. The clients of this file "
        "send two headers.",
    )
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

    @property
    def is_created(self) -> bool:
        """Whether gatewright creates the application and its policies."""
        return self.allow is not None or self.service_token is not None
