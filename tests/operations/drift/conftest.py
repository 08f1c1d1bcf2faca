"""The environment `staging`, loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load

from .staging import TEXT

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    (tmp_path / "staging.yaml").write_text(TEXT)
    found = load(Files(tmp_path, "stacks"), "staging", CAPABILITIES, {"GATEWRIGHT_NOW": "2026-11-24T12:00:00Z"})
    assert found.environment is not None, found.diagnostics
    return found


@pytest.fixture
def environment(loaded: Loaded) -> Environment:
    assert loaded.environment is not None
    return loaded.environment
