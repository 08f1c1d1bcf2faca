"""References of an environment file as data: secrets by reference, and the names of models and routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar

from gatewright.frozen import frozen

if TYPE_CHECKING:
    from gatewright.diagnostics import Location

T_co = TypeVar("T_co", covariant=True)

VARIABLE = r"^[A-Z_][A-Z0-9_]*$"
DEPLOYING_TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105  # the variable of the deploying token, unless a file names one
CLIENT_VARIABLE = r"^[A-Z][A-Z0-9_]*$"
"""Variables that the files of every client can refer to: OpenClaw substitutes no others."""
ACCOUNT_ID = r"^[0-9a-f]{32}$"
CONTROL_CHARACTER = r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"


@frozen
class FromVariable:
    """`{env: NAME}`: the value of an environment variable."""

    name: str

    def __str__(self) -> str:
        return f"{{env: {self.name}}}"


@frozen
class AgentName:
    """`{role: true}`: the client's name for the role that sends the request."""


SentValue = str | int | float | bool | FromVariable
"""A value of the metadata of a request."""
MetadataValue = SentValue | AgentName
"""A value of a client's metadata, as the file declares it."""


def bearer_variable(variable: str) -> str:
    """The variable that holds `Bearer <value of variable>`, for programs that send a variable unchanged."""
    return f"{variable}_BEARER"


@frozen
class FromConfig:
    """`{config: name}`: a secret of the stack's Pulumi configuration."""

    name: str

    def __str__(self) -> str:
        return f"{{config: {self.name}}}"


@frozen
class Stored:
    """`{stored: true}`: already in the account's Secrets Store, under the name that the gateway expects."""


@frozen
class Unified:
    """`unified`: no API key; Cloudflare bills the usage."""


Secret = FromVariable | FromConfig
Key = FromVariable | FromConfig | Stored | Unified


@frozen
class ModelName:
    """A model of a provider: `groq/gpt-oss-20b`."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


@frozen
class RouteName:
    """A route of the gateway: `dynamic/fast`."""

    route: str

    def __str__(self) -> str:
        return f"dynamic/{self.route}"


@frozen
class OwnName:
    """A model from the client's own configuration, `own:provider/model`; `name` is the part after the colon."""

    name: str

    def __str__(self) -> str:
        return f"own:{self.name}"


Name = ModelName | RouteName | OwnName


@frozen
class Located(Generic[T_co]):
    """A value with its location, for the checks that run after reading."""

    value: T_co
    location: Location
    path: str


def parse_name(text: str) -> Name | None:
    """Parse `provider/model`, `dynamic/route` or `own:provider/model`; None for any other form."""
    own = text.startswith("own:")
    provider, slash, rest = text.removeprefix("own:").partition("/")
    if not (provider and slash and rest) or re.search(rf"\s|{CONTROL_CHARACTER}", text):
        return None
    if own:
        return OwnName(f"{provider}/{rest}")
    return RouteName(rest) if provider == "dynamic" else ModelName(provider, rest)
