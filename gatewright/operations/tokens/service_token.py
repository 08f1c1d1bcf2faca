"""The newest service token for Cloudflare Access, as the headers of a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.clients.common.variables import service_token_variables
from gatewright.errors import UsageError
from gatewright.operations.tokens.secrets import Secrets
from gatewright.workspace import open_one

if TYPE_CHECKING:
    from gatewright.project import Project


def newest_service_token(project: Project, name: str, *, as_headers: bool) -> str:
    """The service token of environment `name`: as lines of two headers, or as the JSON that Access reads from one.

    The names in the JSON are in lower case, as the official client and Cloudflare's pages on gateways have them.

    Raises:
        UsageError: the environment creates no service token.
        InvalidEnvironmentError: the environment is invalid.
        GatewrightError: the stack cannot be opened, or has none yet.
    """
    environment = open_one(project, name)
    access = environment.gateway.access
    if access is None or access.service_token is None:
        message = f"{name} creates no service token for Cloudflare Access"
        raise UsageError(message, "Set gateway.access.serviceToken: true; one of your own is in your variables")
    values = Secrets(project, environment, {}).supply([*service_token_variables(access)]).values
    headers = {header: values[variable] for header, variable in access.headers.items()}
    if as_headers:
        return "\n".join(f"{header}: {value}" for header, value in headers.items())
    return json.dumps({header.lower(): value for header, value in headers.items()}, separators=(",", ":"))
