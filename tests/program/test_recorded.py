"""The program registers what an earlier version of it registered: types, parents, inputs, dependencies, options.

The recordings were made by the program before its components took typed arguments. A stack that it deployed sees no
change.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gatewright.clock import NOW
from gatewright.import_file import read_imports
from gatewright.project import Project
from gatewright.workspace import open_one
from gatewright_components.environment_file.program import LoadedProgram, exports, register

from .registrations import registrations

FOLDER = Path(__file__).parent / "recorded"
CASES: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text())


class File(NamedTuple):
    """A client file of a recorded program."""

    path: str
    text: str


@pytest.mark.parametrize("name", CASES)
def test_registrations_are_the_recorded_ones(name: str, monkeypatch: pytest.MonkeyPatch, update_cases: bool) -> None:
    case = CASES[name]
    for variable in ("GROQ_API_KEY", "NVIDIA_API_KEY", "OTEL_KEY", "STRIPE_KEY"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in {**case["variables"], NOW: case["now"]}.items():
        monkeypatch.setenv(variable, value)
    project = Project(FOLDER)
    environment = open_one(project, case["environment"])
    files: Any = [File(path, text) for path, text in case["files"].items()]
    imports = read_imports(project, case["environment"]) if case.get("imports") else ()
    loaded = LoadedProgram(environment, files, imports)

    def program() -> dict[str, Any]:
        return exports(loaded, register(loaded))

    found = registrations(program, case["functions"], case["config"], preview=case["preview"])
    path = FOLDER / f"{name}.json"
    if update_cases:
        path.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    assert found == json.loads(path.read_text())
