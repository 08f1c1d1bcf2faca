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
    from jsonschema import Draft202012Validator  # a fifth of the server's start; the first write can wait for it

    return Draft202012Validator(schema(name))


def checked(name: str, body: Any, refusal: Callable[[list[Json]], ApiError]) -> Json:
    """The body, when it fits the schema; else raises what `refusal` makes of all errors, each {message, path}."""
    problems: dict[tuple[str, ...], str] = {}
    for error in _validator(name).iter_errors(body):
        problems.update(_located(error))
    if problems:
        raise refusal([{"message": message, "path": list(path)} for path, message in sorted(problems.items())])
    valid: Json = body
    return valid


def _located(error: ValidationError) -> dict[tuple[str, ...], str]:
    """Path and message of an error; a missing key has its own path."""
    path = ("body", *map(str, error.absolute_path))
    required = error.validator_value if error.validator == "required" else None
    given = error.instance
    if not isinstance(required, list) or not isinstance(given, dict):
        return {path: error.message}
    return {(*path, key): "Required" for key in required if key not in given}
