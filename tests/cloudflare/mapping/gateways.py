"""Read a gateway from plain data, and compare what it becomes."""

from __future__ import annotations

import json
from typing import Any

from gatewright.diagnostics import Diagnostics
from gatewright.environment.model.gateway import Gateway
from gatewright.environment.reader import read_text
from gatewright.environment.references import FromVariable
from gatewright.environment.shapes.sections import Section


def read(settings: dict[str, Any]) -> Gateway:
    """The gateway that a file with these settings declares."""
    diagnostics = Diagnostics()
    node = read_text(json.dumps(settings), "a test", diagnostics)
    assert node is not None
    gateway = Section(Gateway).read(node, "gateway", diagnostics)
    assert not diagnostics.diagnostics
    assert isinstance(gateway, Gateway)
    return gateway


def masked(value: Any) -> Any:
    """The same with a question mark for each reference to a secret."""
    match value:
        case FromVariable():
            return "?"
        case dict():
            return {name: masked(inner) for name, inner in value.items()}
        case list():
            return [masked(item) for item in value]
        case _:
            return value
