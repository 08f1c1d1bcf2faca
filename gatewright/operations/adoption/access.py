"""Cloudflare Access of an environment that exists already: what adopt imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.access import (
    application_name,
    applications_in_front,
    list_allowed,
)
from gatewright.environment.checks.tokens import token_name
from gatewright.facts.access import (
    ACCESS_APPLICATION,
    ACCESS_POLICY,
    PEOPLE,
    SELF_HOSTED,
    SERVICE_TOKENS,
)
from gatewright.import_file import Entry
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.client import Client
    from gatewright.environment.resolved import Environment

    Json = dict[str, Any]

KEPT_OF_APPLICATION = (
    "name",
    "domain",
    "destinations",
    "policies",
    "appLauncherVisible",
    "serviceAuth401Redirect",
    "readServiceTokensFromHeader",
)
"""Inputs of an application that stay as they are while the import file exists: its policies above all."""
KEPT_OF_POLICY = ("includes",)


def access_entries(environment: Environment, client: Client) -> Iterator[Entry]:
    """The application in front of a declared domain, whatever its name, and the policies with the environment's names.

    A service token cannot be imported: Cloudflare returns its secret once.
    """
    access = environment.gateway.access
    if access is None or not access.is_created:
        return
    account = require_account(environment)
    listed = list_allowed(client, account, ACCESS_APPLICATION) or ()
    apps = [app for app in applications_in_front(listed, environment.gateway.domains) if app.get("type") == SELF_HOSTED]
    if apps:
        own = application_name(environment.name)
        chosen = next((app for app in apps if app.get("name") == own), apps[0])
        id_ = f"{ACCESS_APPLICATION.import_prefix}/{account}/{chosen['id']}"
        yield Entry(ACCESS_APPLICATION.token, environment.gateway_name, id_, KEPT_OF_APPLICATION)
    has_tokens = access.service_token is not None or bool(access.allow and access.allow.service_tokens)
    declared = {PEOPLE: bool(access.allow and access.allow.people), SERVICE_TOKENS: has_tokens}
    for policy in list_allowed(client, account, ACCESS_POLICY) or () if any(declared.values()) else ():
        for name, is_declared in declared.items():
            if is_declared and policy.get("name") == token_name(environment.name, name):
                yield Entry(ACCESS_POLICY.token, name, f"{account}/{policy['id']}", KEPT_OF_POLICY)
