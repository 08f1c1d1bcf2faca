"""An emitted file as data, its text, and the check against its schema before anything is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gatewright.io.formats import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError


@dataclass(frozen=True, slots=True)
class ClientFile:
    """One file of a client: `path` relative to the environment's folder, `schema` by its name in schemas/clients."""

    path: str
    content: Mapping[str, Any] | Sequence[Any]
    schema: str

    @property
    def text(self) -> str:
        """What stands in the file."""
        return serialize(self.path, self.content)


def check(files: Iterable[ClientFile], schemas: Path) -> list[str]:
    """What the programs would refuse in `files`, one sentence each; `schemas` is the folder that holds clients/."""
    return [
        f"{file.path}: {sentence}"
        for file in files
        for sentence in violations(file.content, schemas / "clients" / f"{file.schema}.schema.json")
    ]


def violations(content: Any, schema: Path) -> Iterator[str]:
    """How `content` breaks the schema; values are not shown, for one of them may be a secret."""
    for error in _innermost(_validator(schema).iter_errors(content)):
        where = ".".join(str(part) for part in error.absolute_path)
        yield f"{where}: {_reason(error)}" if where else _reason(error)


@cache
def _validator(schema: Path) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # costs 0.1 s, which only those who check pay

    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


def _innermost(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if error.context:
            yield from _innermost(error.context)
        else:
            yield error


def _reason(error: ValidationError) -> str:
    if error.validator in {"additionalProperties", "required", "dependentRequired"}:
        return error.message  # speaks of keys alone
    if error.validator == "pattern" and isinstance(error.schema, dict):
        return f"is not {error.schema['description']}"
    return f"breaks {error.validator}: {json.dumps(error.validator_value)}"
