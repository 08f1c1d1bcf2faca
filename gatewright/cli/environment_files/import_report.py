"""The report on an import from a client's own file, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.clients import CAPABILITIES
from gatewright.clients.common.own_keys import KeySource
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatewright.clients.common.own_config import Skipped
    from gatewright.diagnostics import Location
    from gatewright.operations.importing.environment_draft import ImportDraft, ImportedProvider, KeyVariable

_SOURCES = {
    KeySource.CLEAR_TEXT: "in clear text",
    KeySource.VARIABLE: "from a variable",
    KeySource.OTHER_VARIABLE: "from a variable whose name is not in upper case",
    KeySource.COMMAND: "from a command",
    KeySource.FILE: "from a file",
    KeySource.STORE: "from a store",
}


def report_lines(draft: ImportDraft, conflicts: Iterable[Skipped] = ()) -> Iterator[str]:
    """The providers, the variables to set, the conflicts, and what is not carried over."""
    client = CAPABILITIES[draft.file.client].title
    providers = plural(len(draft.imported), "provider")
    models = plural(sum(provider.models for provider in draft.imported), "model")
    yield f"{draft.file.shown} ({client}): {providers}, {models}"
    width = max(len(provider.name) for provider in draft.imported)
    for provider in draft.imported:
        yield f"  {provider.name:<{width}}  {_origin(provider)}"
    if draft.variables:
        yield "Set these variables to the keys:"
        width = max(map(len, draft.variables))
        for variable in draft.variables.values():
            yield f"  {variable.name:<{width}}  {_key_origin(variable)}"
    yield from _places("Conflicts, existing settings stay", list(conflicts))
    yield from _places("Not carried over", draft.skipped)


def report_document(draft: ImportDraft, conflicts: Iterable[Skipped] = ()) -> dict[str, Any]:
    """The same for JSON."""
    return {
        "file": draft.file.shown,
        "client": draft.file.client,
        "providers": [
            {
                "name": provider.name,
                "ownName": provider.own_id,
                "baseUrl": provider.base_url,
                "models": provider.models,
                **_place(provider.location),
            }
            for provider in draft.imported
        ],
        "variables": [
            {
                "name": variable.name,
                "provider": variable.provider,
                "source": variable.source.value if variable.source else None,
                **(_place(variable.location) if variable.location else {"line": None, "column": None}),
            }
            for variable in draft.variables.values()
        ],
        "conflicts": [_entry(conflict) for conflict in conflicts],
        "skipped": [_entry(skipped) for skipped in draft.skipped],
    }


def _origin(provider: ImportedProvider) -> str:
    models = plural(provider.models, "model")
    kind = f", custom provider {provider.base_url}" if provider.base_url else ""
    own = f", called {provider.own_id} at {provider.location}" if provider.own_id != provider.name else ""
    return f"{models}{kind}{own}"


def _key_origin(variable: KeyVariable) -> str:
    if variable.source is None or variable.location is None:
        return f"the key of {variable.provider}, which the file does not name"
    origin = f"the key of {variable.provider}, {_SOURCES[variable.source]} at {variable.location}"
    if variable.source is KeySource.CLEAR_TEXT:
        return f"{origin}; its value was not copied"
    return origin


def _places(title: str, entries: Sequence[Skipped]) -> Iterator[str]:
    if entries:
        yield f"{title} ({len(entries)}):"
    for entry in entries:
        yield f"  {entry.location}  {entry.path}: {entry.reason}"


def _entry(entry: Skipped) -> dict[str, Any]:
    return {"file": entry.location.file, **_place(entry.location), "path": entry.path, "reason": entry.reason}


def _place(location: Location) -> dict[str, Any]:
    return {"line": location.line, "column": location.column}
