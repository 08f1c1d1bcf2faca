"""environment.schema.json says of one file what the reader says of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gatewright.clients import CAPABILITIES
from gatewright.diagnostics import Diagnostics
from gatewright.environment.reader import read_file
from gatewright.environment.schema import environment_schema, environment_schema_text
from gatewright.project import Project

CASES = Path(__file__).parent / "cases"
VALIDATOR = Draft202012Validator(environment_schema(CAPABILITIES))

# Faults of form, of one file, that a schema can say too. The other codes are about the merged whole, about YAML itself,
# or about what words mean: an editor cannot see them.
OF_FORM = {
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
BEYOND = {
    "cache-ttl-half-seconds": "no pattern counts milliseconds",
    "cost-infinite": "JSON has no such number",
    "name-with-a-newline": "only in Python does $ match before it",
    "token-never-valid": "no pattern knows the calendar",
    "cache-ttl-too-long": "how long a duration is, no pattern tells",
    "cache-without-ttl": "nothing is required of one file",
}


ONLY_THE_READER = {"account-id-of-digits", "account-id-like-a-float"}  # an editor sees a number there


def plain(file: Path) -> Any:
    node = read_file(file, file.name, Diagnostics())
    return node.plain() if node else None


def said(case: Path) -> list[str]:
    return (case / "errors.txt").read_text(encoding="utf-8").splitlines()


def test_not_stale(checkout: Project) -> None:
    text = (checkout.schemas / "environment.schema.json").read_text(encoding="utf-8")
    assert text == environment_schema_text(CAPABILITIES), "run `gatewright schema`"


def test_a_valid_schema() -> None:
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


def test_nothing_is_required_at_the_top_and_null_removes() -> None:
    schema = environment_schema(CAPABILITIES)
    assert "required" not in schema
    VALIDATOR.validate({})
    VALIDATOR.validate(dict.fromkeys(schema["properties"]))


@pytest.mark.parametrize("key", sorted(environment_schema(CAPABILITIES)["properties"]))
def test_null_inside(key: str) -> None:
    """What can be written under a table or a section can be removed there."""
    schema = environment_schema(CAPABILITIES)["properties"][key]
    for name in schema.get("properties", {}):
        VALIDATOR.validate({key: {name: None}})
    if schema.get("additionalProperties"):
        VALIDATOR.validate({key: {"anything": None}})


STACKS = sorted(path.name for path in (Path(__file__).parents[2] / "stacks").glob("[a-z]*.yaml"))


@pytest.mark.parametrize("name", STACKS)
def test_the_stacks(name: str, checkout: Project) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(plain(checkout.stacks / name))] == []


@pytest.mark.parametrize("name", STACKS)
def test_editors_find_it(name: str, checkout: Project) -> None:
    first = (checkout.stacks / name).read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/environment.schema.json"


@pytest.mark.parametrize(
    "file", sorted((CASES / "accepted").rglob("*.yaml")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_accepted(file: Path) -> None:
    assert VALIDATOR.is_valid(plain(file)) is (file.parent.name not in ONLY_THE_READER or file.stem != "prod")


@pytest.mark.parametrize("case", sorted((CASES / "refused").iterdir()), ids=lambda case: case.name)
def test_refused(case: Path) -> None:
    from gatewright.environment.files import Files
    from gatewright.environment.load import load

    diagnostics = load(Files(case, "stacks"), "prod", CAPABILITIES, {}).diagnostics
    of_form = {diagnostic.code for diagnostic in diagnostics} & OF_FORM
    accepted = all(VALIDATOR.is_valid(content) for file in case.glob("*.yaml") if (content := plain(file)) is not None)
    assert (bool(of_form) and accepted) is (case.name in BEYOND), f"{sorted(of_form)}, by the schema: {accepted}"
