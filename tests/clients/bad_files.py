"""Files that must be refused: each a good one with one change, as data in refused/<schema>.json.

`at` is the path of the change; without `put` what is there is removed. `program` says what the real program does with
the file: "refuses", or "takes it", where our schema is stricter than the program.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatewright.io.formats import parse

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class BadFile:
    """One file that the schema named `schema` refuses."""

    schema: str
    why: str
    content: Any
    program: str | None

    def __str__(self) -> str:
        return f"{self.schema}: {self.why}"


def bad_files(schema: str) -> list[BadFile]:
    """All of one schema."""
    table = json.loads((HERE / "refused" / f"{schema}.json").read_text(encoding="utf-8"))
    base = parse(table["base"], (HERE / table["base"]).read_text(encoding="utf-8"))
    return [BadFile(schema, case["why"], _changed(base, case), case.get("program")) for case in table["cases"]]


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
