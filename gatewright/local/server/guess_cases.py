"""The cases whose expectations are guesses: what a run against a real account would settle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[3] / "tests" / "local" / "server" / "cases"


def guess_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Folder and id, and the content, of each case of a checkout with the tag `guess`."""
    for path in sorted(CASES.rglob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if case["tag"] == "guess":
            yield f"{path.parent.name}/{path.stem}", case


def checks(case: dict[str, Any]) -> str:
    """The note of a case, or its last request and the response that it expects."""
    if "note" in case:
        return str(case["note"])
    request, response = case["steps"][-1]["request"], case["steps"][-1].get("response", {})
    path = request["path"].replace("/client/v4/accounts/{A}", "…")
    body = response.get("body")
    errors = body.get("errors") if isinstance(body, dict) else None
    codes = [str(error["code"]) for error in errors or () if isinstance(error, dict) and "code" in error]
    outcome = " with code ".join((str(response.get("status", "any")), *codes[:1]))
    return f"`{request['method']} {path}`: {outcome}"
