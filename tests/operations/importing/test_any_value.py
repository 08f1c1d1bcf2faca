"""Whatever value a setting of a client's own file has: no traceback, and what is read is valid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatewright.clients import CLIENTS
from gatewright.diagnostics import Diagnostics
from gatewright.environment.files import FILE_SHAPE
from gatewright.environment.nodes import Entry, Node
from gatewright.environment.reader import read_text
from gatewright.io.yaml_dump import dump_yaml
from gatewright.operations.base_yaml import catalog_providers
from gatewright.operations.importing.environment_draft import ImportDraft
from gatewright.operations.importing.own_file import OwnFile, read_node

from .case_files import PROJECTS, own_file

TODAY = "2026-11-29"
VALUES: tuple[object, ...] = (None, 7, "🦀 \x07", [], {"a": "b"})


def nodes(node: Node) -> Iterator[Node]:
    """A node and all those below it."""
    yield node
    inner = node.value if isinstance(node.value, list) else [entry.node for entry in node.entries.values()]
    for child in inner:
        yield from nodes(child)


def as_node(value: object, at: Node) -> Node:
    match value:
        case dict():
            return Node({key: Entry(at.location, as_node(item, at)) for key, item in value.items()}, at.location)
        case list():
            return Node([as_node(item, at) for item in value], at.location)
        case None | str() | int():
            return Node(value, at.location)
    raise TypeError(value)


@pytest.mark.usefixtures("small_catalog")
@pytest.mark.parametrize("case", ["continue", "litellm", "opencode", "openclaw-nine-models-in-four-providers"])
def test_any_value_in_any_place(case: str) -> None:
    path = PROJECTS / case / own_file(PROJECTS / case)
    client = case.partition("-")[0]
    catalog, seen = catalog_providers(), set()
    root = read_node(path, Diagnostics())
    for node in list(nodes(root)):
        before = node.value
        for value in VALUES:
            node.value = as_node(value, node).value
            own = OwnFile(path.name, client, CLIENTS[client].read_own_config(root))
            draft = ImportDraft.of(own, catalog, TODAY)
            data = draft.data()
            if repr(data) not in seen:
                seen.add(repr(data))
                diagnostics = Diagnostics()
                file = read_text(dump_yaml(data), "base.yaml", diagnostics)
                assert file is not None
                FILE_SHAPE.read(file, "", diagnostics)
                assert diagnostics.diagnostics == (), (node.location, value)
        node.value = before
    assert len(seen) > 10
