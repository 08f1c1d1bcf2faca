"""Checked environments for the tests of this room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gatewright.clients import CAPABILITIES
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.environment.resolved import Environment

FAKE_ACCOUNT = "fa4eacc0" * 4


def loaded(folder: Path, name: str) -> Environment:
    """The environment `name` of a folder; where its account is a variable, with a fake one."""
    result = load(Files(folder, folder.name), name, CAPABILITIES, {})
    assert result.environment is not None, [
        f"{diagnostic.location} {diagnostic.sentence()}" for diagnostic in result.diagnostics
    ]
    environment = result.environment
    return environment if environment.account_id else replace(environment, account_id=FAKE_ACCOUNT)


def written(folder: Path, text: str, name: str = "case") -> Environment:
    """The environment that `text` describes, by way of a file in `folder`."""
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return loaded(folder, name)
