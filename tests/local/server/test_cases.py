"""Run every case in cases/: one file each, in the format of `conversation`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conversation import Conversation
from .setup_steps import SETUPS

CASES = sorted((Path(__file__).parent / "cases").rglob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, api: Conversation) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    assert case["id"] == path.stem
    for name in case.get("given", []):
        for step in SETUPS[name]:
            api.run(step)
    for step in case["steps"]:
        api.run(step)
