"""An emitted file as data, its text, and the check against its schema before it is written."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen
from gatewright.io.formats import serialize
from gatewright.shipped import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError


@frozen
class ClientFile:
    """One file of a client: `path` is relative to the environment's folder, `schema` is a name in schemas/clients.

    `frame`: the text before and after the content, in a file that is code.
    """

    path: str
    content: Mapping[str, Any] | Sequence[Any]
    schema: str
    frame: tuple[str, str] = ("", "")

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name

    @property
    def text(self) -> str:
        """The file's text, in the format that its name implies."""
        before, after = self.frame
        return before + serialize(self.path, self.content) + after


def check(files: Iterable[ClientFile]) -> list[str]:
    """One sentence for each violation of a schema."""
    return [
        f"{file.path}: {violation}"
        for file in files
        for violation in violations(file.content, SCHEMAS / "clients" / f"{file.schema}.schema.json")
    ]


def violations(content: Any, schema: Path) -> Iterator[str]:
    """Yield how `content` breaks the schema. Values are not shown, because one may be a secret."""
    for error in _innermost(_validator(schema).iter_errors(content)):
        location = ".".join(str(part) for part in error.absolute_path)
        yield f"{location}: {_reason(error)}" if location else _reason(error)


@cache
def _validator(schema: Path) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # takes 0.1 s to import, and unchanged files are not checked

    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


def _innermost(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if error.context:
            yield from _innermost(error.context)
        else:
            yield error


def _reason(error: ValidationError) -> str:
    if error.validator in {"additionalProperties", "required", "dependentRequired"}:
        return error.message  # names keys only
    if error.validator == "pattern" and isinstance(error.schema, dict):
        return f"expected {error.schema['description']}"
    return f"breaks {error.validator}: {json.dumps(error.validator_value)}"
