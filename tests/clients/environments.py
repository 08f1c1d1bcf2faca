"""Loaded environments for the tests of the clients."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.resolved import Environment

FAKE_ACCOUNT = "fa4eacc0" * 4


def loaded(folder: Path, name: str) -> Environment:
    """Load the environment `name` of a folder, with a fake account id if the variable is not set."""
    result = load(Files(folder, folder.name), name, CAPABILITIES, {})
    assert result.environment is not None, [
        f"{diagnostic.location} {diagnostic.sentence()}" for diagnostic in result.diagnostics
    ]
    environment = result.environment
    return environment if environment.account_id else replace(environment, account_id=FAKE_ACCOUNT)


def written(folder: Path, text: str, name: str = "case") -> Environment:
    """Write `text` to a file in `folder` and load it."""
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return loaded(folder, name)
