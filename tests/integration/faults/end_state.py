"""What a run leaves: Cloudflare's objects, the stack's state, the files. Ids and times are replaced or left out."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from gatewright.local import daemon

from ..every_kind import ROWS

if TYPE_CHECKING:
    from ..clone import Clone

Json = dict[str, Any]
EndState = dict[str, list[str]]

TABLES = {
    "gateways": "id",
    "routes": "id",
    "custom_providers": "id",
    "secret_stores": "id",
    "secrets": "id",
    "provider_configs": "id",
    "custom_domains": "hostname",
    "dns_records": "id",
    "tokens": "id",
}
"""The objects of the control plane, each with the column that is its id in a state."""

DEPLOYED = """
SELECT v.elements FROM route_deployments d JOIN route_versions v ON v.id = d.version
WHERE d.route = ? ORDER BY d.rowid DESC LIMIT 1
"""
VOLATILE = ("internal_id", "hash", "active_at", "reads", "last_used_on", "not_before", "cname")
TIMES = ("created", "modified", "issued")


def end_state(clone: Clone) -> EndState:
    """What there is now; equal after two runs that end the same."""
    rows = _rows(clone)
    names = {str(row["id"]): f"<{table} {_name(row)}>" for table, found in rows.items() for row in found if "id" in row}
    ids = {f"{table} {row[TABLES[table]]}" for table, found in rows.items() for row in found}
    return {
        "cloudflare": sorted(_fixed(table, row, names) for table, found in rows.items() for row in found),
        **_state(clone, {each.partition(" ")[2] for each in ids}, names),
        "files": sorted(
            f"{file.relative_to(clone.project.out)}: {file.read_text()}"
            for file in clone.project.out.rglob("*")
            if file.is_file()
        ),
    }


def differences(expected: EndState, actual: EndState) -> list[str]:
    """A line for all that is missing, and all that is there in addition."""
    lines = []
    for part, items in expected.items():
        missing, more = list(items), []
        for item in actual[part]:
            if item in missing:
                missing.remove(item)
            else:
                more.append(item)
        lines += [f"{part}: missing {item}" for item in missing] + [f"{part}: in addition {item}" for item in more]
    return lines


def _rows(clone: Clone) -> dict[str, list[Json]]:
    file = daemon.state_file(clone.project)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = {table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in TABLES}  # noqa: S608
        for route in rows["routes"]:
            (route["elements"],) = connection.execute(DEPLOYED, (route["id"],)).fetchone() or (None,)
    return rows


def _name(row: Json) -> str:
    return str(row.get("name") or row.get("slug") or row["id"])


def _fixed(table: str, row: Json, names: dict[str, str]) -> str:
    kept = {
        name: json.loads(value) if isinstance(value, str) and value.startswith(("{", "[")) else value
        for name, value in row.items()
        if name not in VOLATILE and not name.startswith(TIMES) and (name != "id" or table == "gateways")
    }
    return f"{table} {_named(json.dumps(kept, sort_keys=True), names)}"


def _named(text: str, names: dict[str, str]) -> str:
    for identifier, name in names.items():
        if len(identifier) >= 16:  # an id that Cloudflare chose, and not the name of a gateway
            text = text.replace(identifier, name)
    return text


def _state(clone: Clone, ids: set[str], names: dict[str, str]) -> EndState:
    """The resources of the state; of those that Cloudflare has, whether it has them."""
    file = next((clone.project.work / "state").glob(".pulumi/stacks/*/local.json"), None)
    try:
        latest = json.loads(file.read_text())["checkpoint"]["latest"] if file else None
    except ValueError:
        return {"state": [f"{file} cannot be read"], "pending": [], "locks": []}
    kinds = {row.kind for row in ROWS}
    return {
        "state": sorted(
            f"{resource['urn']} {'is' if resource['id'] in ids else 'is not'} at Cloudflare"
            if resource["type"] in kinds
            else resource["urn"]
            for resource in (latest or {}).get("resources") or ()
        ),
        "pending": sorted(
            f"{each['type']} {_named(each['resource']['urn'], names)}"
            for each in (latest or {}).get("pending_operations") or ()
        ),
        "locks": [str(each) for each in (clone.project.work / "state").glob(".pulumi/locks/**/*.json")],
    }
