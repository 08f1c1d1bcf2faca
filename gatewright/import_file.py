"""stacks/<environment>.import.json: the existing resources that the next up imports instead of creating them.

The format is that of `pulumi import --file`. The program reads it: each entry gives a resource its import id, so
that `pulumi up` imports it with its parent and provider.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.command_line import command
from gatewright.errors import InvalidEnvironmentError
from gatewright.frozen import frozen
from gatewright.io.untrusted import parse_json, read_regular_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gatewright.project import Project


@frozen
class Entry:
    """A resource to import. `id` is its import id, as in provider/schema.json; `ignore_changes` are inputs that no
    environment file can express; they stay unchanged as long as the entry exists."""

    type: str
    name: str
    id: str
    ignore_changes: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """`DynamicRoute fast`."""
        return f"{self.type.rpartition(':')[2]} {self.name}"


def import_file(project: Project, environment: str) -> Path:
    """The import file of an environment, whether it exists or not."""
    return project.stacks / f"{environment}.import.json"


def read_imports(project: Project, environment: str) -> tuple[Entry, ...]:
    """The entries; none without a file. Raises InvalidEnvironmentError for a file that is invalid."""
    path = import_file(project, environment)
    try:
        data = read_regular_file(path)
    except FileNotFoundError:
        return ()
    try:
        return tuple(_entry(each) for each in parse_json(data.decode("utf-8"))["resources"])
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidEnvironmentError(
            f"{project.shown(path)} is not a list of imports ({error})",
            hint=f'Expected {{"resources": [{{"type": …, "name": …, "id": …}}]}}. {command(f"adopt {environment}")} '
            "writes it again; without it nothing is imported",
        ) from None


def imports_text(entries: Iterable[Entry]) -> str:
    """The text of the file."""
    resources = [
        {"type": each.type, "name": each.name, "id": each.id}
        | ({"ignoreChanges": list(each.ignore_changes)} if each.ignore_changes else {})
        for each in entries
    ]
    return json.dumps({"resources": resources}, indent=2) + "\n"


def _entry(written: Any) -> Entry:
    kind, name, id_ = (written[name] for name in ("type", "name", "id"))
    ignored = written.get("ignoreChanges", [])
    if not all(isinstance(each, str) and each for each in (kind, name, id_, *ignored)):
        raise ValueError("type, name and id must be strings")
    return Entry(kind, name, id_, tuple(ignored))
