"""The places in a project's files that name a model, outside the catalog: routes, roles, clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName, parse_name
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.diagnostics import Location
    from gatewright.environment.files import Files
    from gatewright.environment.nodes import Node

_CATALOG_KEY = "providers"


@frozen
class Reference:
    """A name of a retired model, at `location` in `file`, below `path`.

    `is_duplicate`: the list names the successor already, so it cannot stand there twice.
    """

    file: str
    location: Location
    path: str
    name: ModelName
    successor: ModelName
    is_duplicate: bool


def find_references(files: Files, names: Iterable[str], successors: Mapping[ModelName, ModelName]) -> list[Reference]:
    """The references to the keys of `successors` in the files `names`."""
    found = []
    for file in names:
        root = files.own_node(file.removesuffix(".yaml"))
        for key, entry in (root.entries if root else {}).items():
            if key != _CATALOG_KEY:
                found += [*_below(file, key, entry.node, successors, ())]
    return found


def replace_references(text: str, references: Sequence[Reference]) -> str:
    """`text` with the successors in place of the models; a duplicate stays."""
    lines = text.split("\n")
    for reference in sorted(references, key=lambda each: each.location, reverse=True):
        number, column, old = reference.location.line - 1, reference.location.column - 1, str(reference.name)
        line = lines[number] if number < len(lines) else ""
        start = column + line.startswith(("'", '"'), column)
        if not reference.is_duplicate and line.startswith(old, start):
            lines[number] = line[:start] + str(reference.successor) + line[start + len(old) :]
    return "\n".join(lines)


def _below(
    file: str, path: str, node: Node, successors: Mapping[ModelName, ModelName], siblings: tuple[object, ...]
) -> Iterator[Reference]:
    if isinstance(node.value, dict):
        for key, entry in node.value.items():
            yield from _below(file, f"{path}.{key}", entry.node, successors, ())
    elif isinstance(node.value, list):
        values = tuple(each.value for each in node.value if isinstance(each.value, str))
        for each in node.value:
            yield from _below(file, path, each, successors, values)
    elif isinstance(node.value, str):
        name = parse_name(node.value)
        if isinstance(name, ModelName) and name in successors:
            successor = successors[name]
            yield Reference(file, node.location, path, name, successor, str(successor) in siblings)
