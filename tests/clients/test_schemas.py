"""The schemas of the clients' files, and the files that each refuses, in <client>/refused/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gatewright.clients.common.client_file import ClientFile, check, violations
from gatewright.shipped import SCHEMAS

from .bad_files import TABLES, BadFile, bad_files

CLIENT_SCHEMAS = sorted((SCHEMAS / "clients").glob("*.schema.json"))
NAMES = [path.name.removesuffix(".schema.json") for path in CLIENT_SCHEMAS]


@pytest.mark.parametrize("path", CLIENT_SCHEMAS, ids=NAMES)
def test_is_a_schema_with_its_source(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$comment"]


def test_every_schema_has_a_table_of_refused_files() -> None:
    assert sorted(TABLES) == sorted(NAMES)


@pytest.mark.parametrize("bad", [bad for name in NAMES for bad in bad_files(name)], ids=str)
def test_refuses(bad: BadFile) -> None:
    messages = list(violations(bad.content, SCHEMAS / "clients" / f"{bad.schema}.schema.json"))
    assert messages
    assert not any("fake-" in message for message in messages), "a secret is in the message"


def test_all_violations_of_all_files_are_reported() -> None:
    files = [
        ClientFile("pi/settings.json", {"defaultModel": "m"}, "pi-settings"),
        ClientFile("pi/auth.json", {"p": {"type": "api_key", "key": "fake-key-in-clear"}}, "pi-auth"),
        ClientFile("openclaw.json", {"models": {"providers": {}, "x": 1}, "y": 2}, "openclaw"),
    ]
    assert check(files) == [
        "pi/settings.json: 'defaultProvider' is a dependency of 'defaultModel'",
        "pi/auth.json: p.key: expected a reference to an environment variable, for example $NAME, never a secret",
        "openclaw.json: Additional properties are not allowed ('y' was unexpected)",
        "openclaw.json: models: Additional properties are not allowed ('x' was unexpected)",
    ]
