"""GET …/tokens/permission_groups, of an account and of the user."""

from __future__ import annotations

from gatewright.facts import permissions
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Result
from gatewright.local.server.core.identity import GROUPS_BY_ID


def list_(call: Call) -> Result:
    """List all groups on one page. `name` and `scope` filter by the exact value."""
    groups = [
        {"id": identifier, "name": group.name, "scopes": [group.scope.value], "is_selectable": True}
        for identifier, group in GROUPS_BY_ID.items()
        if call.query.get("name", group.name) == group.name and call.query.get("scope", group.scope) == group.scope
    ]
    return Result(groups)


_ACCOUNT = (permissions.ACCOUNT_TOKENS_READ, permissions.ACCOUNT_TOKENS_WRITE)
_USER = (permissions.USER_TOKENS_READ, permissions.USER_TOKENS_WRITE)

ENDPOINTS = (
    Endpoint("GET", "/accounts/{account}/tokens/permission_groups", _ACCOUNT, list_),
    Endpoint("GET", "/user/tokens/permission_groups", _USER, list_),
)
