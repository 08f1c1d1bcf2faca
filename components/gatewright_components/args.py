"""Arguments of components and resources: dataclasses in snake_case, inputs of the engine in camelCase.

The dataclasses have no `repr`: a value may be a secret.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import pulumi

from gatewright.facts.schema import snake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import DataclassInstance

    from gatewright.facts.schema import Field

Args = TypeVar("Args", bound="DataclassInstance")


def as_args(type_: type[Args], value: Args | Mapping[str, Any]) -> Args:
    """`value` as an instance of `type_`. Pulumi's component host passes dictionaries by field name.

    Raises:
        TypeError: a required field is missing, or a key is not a field.
    """
    return type_(**value) if isinstance(value, Mapping) else value


def properties(args: DataclassInstance) -> dict[str, Any]:
    """The fields by the names that the engine uses: `account_id` as `accountId`."""
    return {camel(field.name): getattr(args, field.name) for field in fields(args)}


def camel(name: str) -> str:
    """`account_id` as `accountId`."""
    first, *words = name.split("_")
    return first + "".join(word.capitalize() for word in words)


def declared_properties(declared: Iterable[Field], args: object) -> dict[str, Any]:
    """The values that are set in a dataclass or a dictionary, by the names of the fields of a resource, at every
    depth."""
    values = args if isinstance(args, Mapping) else vars(args)
    given = {field: values.get(snake(field.name)) for field in declared}
    return {field.name: _declared_value(field, value) for field, value in given.items() if value is not None}


def _declared_value(field: Field, value: Any) -> Any:
    match value:
        case list() | tuple() if field.element:
            return [_declared_value(field.element, item) for item in value]
        case dict() if field.element:
            return {key: _declared_value(field.element, item) for key, item in value.items()}
        case _ if field.fields and not isinstance(value, Awaitable | pulumi.Output):
            return declared_properties(field.fields, value)
        case _:
            return value
