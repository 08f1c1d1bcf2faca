"""The schemas of the clients' files: what each refuses, as data in refused/."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gatewright.clients.common.client_file import ClientFile, check, violations
from gatewright.project import Project

from .bad_files import BadFile, bad_files

SCHEMAS = sorted((Path(__file__).parents[2] / "schemas" / "clients").glob("*.schema.json"))
NAMES = [path.name.removesuffix(".schema.json") for path in SCHEMAS]


@pytest.mark.parametrize("path", SCHEMAS, ids=NAMES)
def test_is_a_schema_and_says_where_it_comes_from(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$comment"]


def test_every_schema_has_its_table() -> None:
    assert sorted(path.stem for path in (Path(__file__).parent / "refused").glob("*.json")) == sorted(NAMES)


@pytest.mark.parametrize("bad", [bad for name in NAMES for bad in bad_files(name)], ids=str)
def test_refuses(bad: BadFile, checkout: Project) -> None:
    found = list(violations(bad.content, checkout.schemas / "clients" / f"{bad.schema}.schema.json"))
    assert found
    assert not any("fake-" in sentence for sentence in found), "a secret stands in the message"


def test_all_problems_of_all_files_come_at_once(checkout: Project) -> None:
    files = [
        ClientFile("pi/settings.json", {"defaultModel": "m"}, "pi-settings"),
        ClientFile("pi/auth.json", {"p": {"type": "api_key", "key": "fake-key-in-clear"}}, "pi-auth"),
        ClientFile("openclaw.json", {"models": {"providers": {}, "x": 1}, "y": 2}, "openclaw"),
    ]
    assert check(files, checkout.schemas) == [
        "pi/settings.json: 'defaultProvider' is a dependency of 'defaultModel'",
        "pi/auth.json: p.key: expected a reference to an environment variable like $NAME: a secret never stands here",
        "openclaw.json: Additional properties are not allowed ('y' was unexpected)",
        "openclaw.json: models: Additional properties are not allowed ('x' was unexpected)",
    ]
