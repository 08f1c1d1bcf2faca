"""The ids of permission groups, by Cloudflare's names for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from gatewright.facts import permissions
from gatewright.facts.resources import PERMISSION_GROUPS
from gatewright_components.upstream import PLUGIN_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment


def group_ids(environment: Environment, options: pulumi.InvokeOptions) -> Mapping[str, str]:
    """Name -> id of every group that the environment's tokens name.

    Ids are the same in all accounts, so the known ones cost no call and need no permission to list groups; the others
    are asked for, once. Raises pulumi.RunError for a name that Cloudflare does not know either.
    """
    wanted = {name for token in environment.tokens.values() for name in token.allow or ()}
    known = {name: group.id for name in wanted if (group := permissions.find(name)) and group.id}
    return known if len(known) == len(wanted) else known | _asked(environment, wanted - known.keys(), options)


def _asked(environment: Environment, names: set[str], options: pulumi.InvokeOptions) -> dict[str, str]:
    options.version = PLUGIN_VERSION
    answer = (
        pulumi.runtime.invoke(PERMISSION_GROUPS, {"accountId": environment.account, "maxItems": 1000}, options).value
        or {}
    )
    account = permissions.Scope.ACCOUNT.value
    found = {
        group["name"].casefold(): group["id"]
        for group in answer.get("results", ())
        if account in group.get("scopes", ())
    }
    missing = sorted(name for name in names if name.casefold() not in found)
    if missing:
        raise pulumi.RunError(f"Cloudflare has no permission {', '.join(missing)} for an account's token")
    return {name: found[name.casefold()] for name in names}
