"""GET …/tokens/permission_groups, of an account and of the user."""

from __future__ import annotations

from gatewright.facts import permissions
from gatewright.local.server.core.endpoints import Call, Endpoint
from gatewright.local.server.core.envelope import Answer
from gatewright.local.server.core.identity import GROUPS_BY_ID


def list_(call: Call) -> Answer:
    """All groups, or those of exactly this `name` and `scope`; one page."""
    groups = [
        {"id": identifier, "name": group.name, "scopes": [group.scope.value], "is_selectable": True}
        for identifier, group in GROUPS_BY_ID.items()
        if call.query.get("name", group.name) == group.name and call.query.get("scope", group.scope) == group.scope
    ]
    return Answer(groups)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/accounts/{account}/tokens/permission_groups",
        (permissions.ACCOUNT_TOKENS_READ, permissions.ACCOUNT_TOKENS_WRITE),
        list_,
    ),
    Endpoint(
        "GET",
        "/user/tokens/permission_groups",
        (permissions.USER_TOKENS_READ, permissions.USER_TOKENS_WRITE),
        list_,
    ),
)
