"""The state of the local Cloudflare: one SQLite file, which survives a restart and a kill.

Every change happens inside `transaction()`, which commits before the response is sent. The server is one process with
one event loop and one connection, and no transaction contains an `await`, so transactions cannot interleave.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gatewright.command_line import command
from gatewright.errors import LocalCloudflareError
from gatewright.facts.local_cloudflare import CREDIT, LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN, LOCAL_ZONE, LOCAL_ZONE_NAME
from gatewright.local.server.core import clock

VERSION = 1
TABLES = (  # emptied by a reset; the others are emptied by their foreign keys
    "gateways",
    "custom_providers",
    "secret_stores",
    "zones",
    "tokens",
    "responses",
    "counters",
    "inference_log_sizes",
    "log",
    "accounts",
)

_SCHEMA = Path(__file__).with_name("schema.sql")
_LOCAL = (LOCAL_ACCOUNT, "gatewright local", LOCAL_DEPLOY_TOKEN)

Row = sqlite3.Row


def digest(value: str) -> str:
    """SHA-256 in hexadecimal; tokens are stored only in this form."""
    return hashlib.sha256(value.encode()).hexdigest()


class Store:
    """The open state file."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`. Creates it (mode 0600) where it does not exist.

        Raises LocalCloudflareError for a file of another version.
        """
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # in WAL mode that survives kill -9
        self._connection.execute("PRAGMA foreign_keys = ON")
        version = self.one("PRAGMA user_version")["user_version"]
        if version not in (0, VERSION):
            raise LocalCloudflareError(
                f"the state of the local Cloudflare has version {version}; this gatewright reads version {VERSION}",
                f"To delete the state: {command('local reset')}",
            )
        self._connection.executescript(f"BEGIN;\n{_SCHEMA.read_text(encoding='utf-8')}\nCOMMIT;")
        self.add_account(*_LOCAL)

    def add_account(self, account: str, name: str, admin_value: str) -> bool:
        """Add an account with its all-permission token, zone and credit; False where the id exists."""
        with self.transaction():
            return self._insert_account(account, name, admin_value)

    def reset(self) -> None:
        """Delete everything except the local account."""
        with self.transaction():
            for table in TABLES:
                self.execute(f"DELETE FROM {table}")  # noqa: S608  # names from TABLES
            self._insert_account(*_LOCAL)

    def _insert_account(self, account: str, name: str, admin_value: str) -> bool:
        added = self.execute(
            "INSERT INTO accounts (id, name, admin_id, admin_hash) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            account, name, digest(f"admin of {account}")[:32], digest(admin_value),
        )  # fmt: skip
        zone = LOCAL_ZONE if account == LOCAL_ACCOUNT else digest(f"zone of {account}")[:32]
        self.execute(
            "INSERT INTO zones (id, account, name, created_on) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            zone, account, LOCAL_ZONE_NAME, clock.timestamp(),
        )  # fmt: skip
        self.execute("INSERT INTO credits VALUES (?, ?) ON CONFLICT (account) DO NOTHING", account, CREDIT)
        return added == 1

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit when the block ends; roll back when it raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, sql: str, *values: object) -> int:
        """Run one statement and return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def all(self, sql: str, *values: object) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def find(self, sql: str, *values: object) -> Row | None:
        """The first row of a query, or None."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def one(self, sql: str, *values: object) -> Row:
        """The row of a query that returns exactly one."""
        (row,) = self.all(sql, *values)
        return row

    def close(self) -> None:
        """Write the WAL into the file and close it."""
        self._connection.close()


def to_json(value: Any) -> str:
    """JSON for a column, with its keys in their order."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
