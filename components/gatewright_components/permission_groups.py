"""Ids of permission groups, by Cloudflare's names for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from gatewright.facts import permissions
from gatewright.facts.resources import PERMISSION_GROUPS
from gatewright_components.cloudflare import PLUGIN_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Set


def group_ids(account_id: str, names: Set[str], opts: pulumi.InvokeOptions) -> Mapping[str, str]:
    """The id of every group in `names`.

    Ids are the same in all accounts: known ones cost no call and need no permission. The others are listed once.

    Raises:
        pulumi.RunError: Cloudflare does not know a name.
    """
    known = {name: group.id for name in names if (group := permissions.find(name)) and group.id}
    return known if len(known) == len(names) else known | _listed_ids(account_id, names - known.keys(), opts)


def _listed_ids(account_id: str, names: Set[str], opts: pulumi.InvokeOptions) -> dict[str, str]:
    opts.version = PLUGIN_VERSION
    listing = pulumi.runtime.invoke(PERMISSION_GROUPS, {"accountId": account_id, "maxItems": 1000}, opts).value or {}
    account = permissions.Scope.ACCOUNT.value
    ids = {
        group["name"].casefold(): group["id"]
        for group in listing.get("results", ())
        if account in group.get("scopes", ())
    }
    missing = sorted(name for name in names if name.casefold() not in ids)
    if missing:
        raise pulumi.RunError(f"Cloudflare has no permission {', '.join(missing)} for account tokens")
    return {name: ids[name.casefold()] for name in names}
