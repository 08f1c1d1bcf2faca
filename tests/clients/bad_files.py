"""Files that a schema must refuse, each a valid file with one change: tests/clients/<client>/refused/<schema>.json.

`base` is the valid file, in the client's folder. `at` is the path of the change; without `put`, the value there is
removed. `program` tells whether the real program "refuses" or "accepts" the file: some schemas are stricter.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatewright.io.formats import parse

HERE = Path(__file__).parent
TABLES = {path.stem: path for path in sorted(HERE.glob("*/refused/*.json"))}
"""The tables by the name of their schema."""


@dataclass(frozen=True, slots=True)
class BadFile:
    """One file that a schema refuses."""

    schema: str
    why: str
    content: Any
    program: str | None

    def __str__(self) -> str:
        return f"{self.schema}: {self.why}"


def bad_files(schema: str, *, program: str | None = None) -> list[BadFile]:
    """The files of one schema; with `program`, only those that the program refuses or accepts."""
    path = TABLES[schema]
    table = json.loads(path.read_text(encoding="utf-8"))
    base = parse(table["base"], (path.parents[1] / table["base"]).read_text(encoding="utf-8"))
    return [
        BadFile(schema, case["why"], _changed(base, case), case.get("program"))
        for case in table["cases"]
        if program in (None, case.get("program"))
    ]


def _changed(base: Any, case: dict[str, Any]) -> Any:
    content = copy.deepcopy(base)
    *above, last = case["at"]
    inner = content
    for key in above:
        inner = inner[key]
    if "put" in case:
        inner[last] = case["put"]
    else:
        del inner[last]
    return content
