"""Check request bodies against JSON schemas: from the folder schemas, or derived from the facts of a resource."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright.facts.gateway import gateway_body_schema
from gatewright.local.server.core.envelope import ApiError, Json

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

SCHEMAS = Path(__file__).parents[1] / "schemas"
DERIVED = {"gateway": gateway_body_schema}
_SUFFIX = ".schema.json"


def schema_names() -> list[str]:
    """The names of all schemas, sorted."""
    return sorted([*DERIVED, *(path.name.removesuffix(_SUFFIX) for path in SCHEMAS.glob(f"*{_SUFFIX}"))])


@cache
def schema(name: str) -> Json:
    """The schema of that name."""
    if name in DERIVED:
        return DERIVED[name]()
    text = (SCHEMAS / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
    loaded: Json = json.loads(text)
    return loaded


@cache
def _validator(name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # a fifth of the server's start-up; only writes need it

    return Draft202012Validator(schema(name))


def validate(name: str, body: Any, error: Callable[[list[Json]], ApiError]) -> Json:
    """Return the body where it matches the schema; otherwise raise `error` of all violations, each {message, path}."""
    violations: dict[tuple[str, ...], str] = {}
    for violation in _validator(name).iter_errors(body):
        violations.update(_located(violation))
    if violations:
        raise error([{"message": message, "path": list(path)} for path, message in sorted(violations.items())])
    valid: Json = body
    return valid


def with_defaults(name: str, body: Json) -> Json:
    """The fields of the schema from a valid body, with the server's defaults; null where there is no default."""
    return {field: body.get(field, rule.get("default")) for field, rule in schema(name)["properties"].items()}


def _located(violation: ValidationError) -> dict[tuple[str, ...], str]:
    """The path and message of a violation; a missing key has its own path."""
    path = ("body", *map(str, violation.absolute_path))
    required = violation.validator_value if violation.validator == "required" else None
    instance = violation.instance
    if not isinstance(required, list) or not isinstance(instance, dict):
        return {path: violation.message}
    return {(*path, key): "Required" for key in required if key not in instance}
