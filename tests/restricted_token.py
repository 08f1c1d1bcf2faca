"""The token of local environments with fewer permissions: the local Cloudflare takes it for one that may do all."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.facts.permissions import Scope
from gatewright.local.server.core.identity import group_id
from gatewright.local.server.core.store import digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gatewright.cloudflare.needed_permissions import Need

_ID = "fa4e70c3" * 4


def restrict_local_token(state_file: Path, needs: Iterable[Need]) -> None:
    """Give the token of local environments exactly these permissions, until the server is reset."""
    policies = [
        {
            "effect": "allow",
            "permission_groups": [{"id": group_id(need.group)}],
            "resources": {f"{Scope.ZONE}.{zone}": "*" for zone in need.zones}
            or {f"{Scope.ACCOUNT}.{LOCAL_ACCOUNT}": "*"},
        }
        for need in needs
    ]
    with closing(sqlite3.connect(state_file, timeout=30)) as connection, connection:
        connection.execute("UPDATE accounts SET admin_hash = 'none' WHERE id = ?", (LOCAL_ACCOUNT,))
        connection.execute("DELETE FROM tokens WHERE id = ?", (_ID,))
        connection.execute(
            "INSERT INTO tokens (id, owner, name, hash, disabled, policies, issued_on, modified_on)"
            " VALUES (?, ?, 'the restricted token', ?, 0, ?, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')",
            (_ID, LOCAL_ACCOUNT, digest(LOCAL_DEPLOY_TOKEN), json.dumps(policies)),
        )


def allow_everything(state_file: Path) -> None:
    """Make it the account's token again."""
    with closing(sqlite3.connect(state_file, timeout=30)) as connection, connection:
        connection.execute("DELETE FROM tokens WHERE id = ?", (_ID,))
        connection.execute(
            "UPDATE accounts SET admin_hash = ? WHERE id = ?", (digest(LOCAL_DEPLOY_TOKEN), LOCAL_ACCOUNT)
        )
