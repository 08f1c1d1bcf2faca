"""stacks/<environment>.import.json: what of an environment is at Cloudflare already and is taken over, not made.

The form is Pulumi's own for `pulumi import --file`, and the program reads it too: each entry gives a resource its id
to import by, so that the next `pulumi up` takes it over under its parent, with its provider.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.errors import InvalidEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource that is taken over. `id` is the one to import by, as in provider/schema.json; `ignore_changes` are
    inputs that stay as they are at Cloudflare while the entry is there, since the file cannot say them."""

    type: str
    name: str
    id: str
    ignore_changes: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """`DynamicRoute fast`."""
        return f"{self.type.rpartition(':')[2]} {self.name}"


def import_file(project: Project, environment: str) -> Path:
    """Where it is, if it is there."""
    return project.stacks / f"{environment}.import.json"


def read_imports(project: Project, environment: str) -> tuple[Entry, ...]:
    """The entries; none where there is no file. Raises InvalidEnvironmentError for one that is no such file."""
    path = import_file(project, environment)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    try:
        return tuple(_entry(each) for each in json.loads(text)["resources"])
    except (ValueError, TypeError, KeyError, UnicodeDecodeError) as error:
        raise InvalidEnvironmentError(
            f"{project.shown(path)} is not a list of imports ({error})",
            hint=f'It holds {{"resources": [{{"type": …, "name": …, "id": …}}]}}; gatewright adopt {environment} '
            "writes it anew, and without it nothing is imported",
        ) from None


def imports_text(entries: Iterable[Entry]) -> str:
    """The file's text."""
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
        raise ValueError("type, name and id are texts")
    return Entry(kind, name, id_, tuple(ignored))
