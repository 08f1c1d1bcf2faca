"""environment.schema.json accepts and rejects the same files as the reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from shipped_stacks import SHIPPED

from gatewright.clients import CAPABILITIES
from gatewright.diagnostics import Diagnostics
from gatewright.environment.load import load
from gatewright.environment.reader import read_file
from gatewright.environment.schema import environment_schema, environment_schema_text
from gatewright.project import Project
from gatewright.shipped import SCHEMAS

from .case_files import CASES, case_files

VALIDATOR = Draft202012Validator(environment_schema(CAPABILITIES))

# Errors in one file that a schema can detect. The other codes are about the merged file, YAML itself, or meanings.
DETECTABLE = {
    "unknown-key",
    "wrong-kind",
    "bad-form",
    "bad-duration",
    "bad-quantity",
    "bad-name",
    "bad-share",
    "bad-field",
    "empty",
    "too-long",
    "too-few",
    "too-many",
    "unknown-value",
    "unknown-operator",
    "unknown-client",
    "missing-key",
    "not-here",
    "out-of-range",
}
UNDETECTED = {
    "cache-ttl-half-seconds": "a pattern cannot count milliseconds",
    "cost-infinite": "JSON has no infinite numbers",
    "name-with-a-newline": "$ matches before it in Python only",
    "token-never-valid": "a pattern does not know the calendar",
    "cache-ttl-too-long": "a pattern cannot compare durations",
    "cache-without-ttl": "a single file need not be complete",
}


READER_ONLY = {"account-id-of-digits", "account-id-like-a-float"}  # a number for an editor


def plain(file: Path) -> Any:
    node = read_file(file, file.name, Diagnostics())
    return node.plain() if node else None


def test_the_file_is_up_to_date() -> None:
    text = (SCHEMAS / "environment.schema.json").read_text(encoding="utf-8")
    assert text == environment_schema_text(CAPABILITIES), "run `gatewright schema`"


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(environment_schema(CAPABILITIES))


def _properties(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for key, inner in schema.items():
            if key == "properties":
                for name, each in inner.items():
                    yield f"{path}.{name}", each
            if key not in {"examples", "enum", "const"}:
                yield from _properties(inner, f"{path}.{key}")
    elif isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _properties(each, f"{path}[{index}]")


@pytest.mark.parametrize(("path", "schema"), list(_properties(environment_schema(CAPABILITIES))))
def test_every_key_is_described(path: str, schema: dict[str, Any]) -> None:
    assert schema.get("description") or "$ref" in schema, path


def test_no_key_is_required_and_null_is_allowed() -> None:
    schema = environment_schema(CAPABILITIES)
    assert "required" not in schema
    VALIDATOR.validate({})
    VALIDATOR.validate(dict.fromkeys(schema["properties"]))


@pytest.mark.parametrize("key", sorted(environment_schema(CAPABILITIES)["properties"]))
def test_null_is_allowed_inside(key: str) -> None:
    """Every key of a table or a section can be removed."""
    schema = environment_schema(CAPABILITIES)["properties"][key]
    for name in schema.get("properties", {}):
        VALIDATOR.validate({key: {name: None}})
    if schema.get("additionalProperties"):
        VALIDATOR.validate({key: {"anything": None}})


@pytest.mark.parametrize("name", SHIPPED)
def test_the_stacks_are_valid(name: str, checkout: Project) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(plain(checkout.stacks / name))] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_editors_find_the_schema(name: str, checkout: Project) -> None:
    first = (checkout.stacks / name).read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/environment.schema.json"


@pytest.mark.parametrize(
    "file",
    [CASES / "base.yaml", *sorted((CASES / "accepted").rglob("*.yaml"))],
    ids=lambda file: f"{file.parent.name}-{file.stem}",
)
def test_accepted(file: Path) -> None:
    assert VALIDATOR.is_valid(plain(file)) is (file.parent.name not in READER_ONLY or file.stem != "prod")


@pytest.mark.parametrize("case", sorted((CASES / "refused").iterdir()), ids=lambda case: case.name)
def test_refused(case: Path, tmp_path: Path) -> None:
    diagnostics = load(case_files(case, tmp_path), "prod", CAPABILITIES, {}).diagnostics
    detectable = {diagnostic.code for diagnostic in diagnostics} & DETECTABLE
    accepted = all(VALIDATOR.is_valid(content) for file in case.glob("*.yaml") if (content := plain(file)) is not None)
    message = f"{sorted(detectable)}, accepted by the schema: {accepted}"
    assert (bool(detectable) and accepted) is (case.name in UNDETECTED), message
