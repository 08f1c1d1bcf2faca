"""Property values between the engine's protobuf Struct and Python.

| Pulumi                  | here                                                     |
|-------------------------|----------------------------------------------------------|
| null, bool, string      | None, bool, str                                          |
| number                  | int where it is whole and exact in a double, else float  |
| list, map               | list, dict (lists keep their order; a map has none)      |
| secret                  | Secret(value), at any depth                              |
| not yet known (preview) | UNKNOWN                                                  |
| asset, archive          | rejected: no resource takes a file                       |
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from google.protobuf.struct_pb2 import NULL_VALUE, Struct
from google.protobuf.struct_pb2 import Value as Wire

from gatewright.errors import UsageError
from gatewright.facts.engine_values import (
    FILE_SIGNATURES,
    OUTPUT_SIGNATURE,
    RESOURCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE,
    UNKNOWN_STRING,
    UNKNOWNS,
)
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unknown(Enum):
    """A value that is known after apply. Occurs in previews only."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


@frozen
class Secret:
    """A value that the engine encrypts in the state and masks on the screen. repr() masks it too."""

    value: Value

    def __repr__(self) -> str:
        return "Secret([secret])"


Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | Secret | Unknown | None"
Object: TypeAlias = "dict[str, Value]"

_EXACT: Final = 2**53


def from_struct(struct: Struct) -> Object:
    """The properties of `struct`. Raises UsageError for an asset or an archive."""
    return {key: _from_wire(value) for key, value in struct.fields.items()}


def to_struct(properties: Mapping[str, Value]) -> Struct:
    """`properties` in the engine's format. Raises TypeError for a value without a form in Pulumi."""
    struct = Struct()
    _fill(struct, properties)
    return struct


def reveal(value: Value) -> Value:
    """`value` with the values of all Secrets in it, at any depth."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, list):
        return [reveal(item) for item in value]
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    return value


def reveal_all(properties: Mapping[str, Value]) -> Object:
    """`properties` with the values of all Secrets in them."""
    return {key: reveal(value) for key, value in properties.items()}


def is_known(value: Value) -> bool:
    """Whether `value` contains no UNKNOWN at any depth."""
    if isinstance(value, Secret):
        return is_known(value.value)
    if isinstance(value, list):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    return value is not UNKNOWN


def _from_wire(wire: Wire) -> Value:
    kind = wire.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if wire.string_value in UNKNOWNS else wire.string_value
    if kind == "number_value":
        number = wire.number_value
        return int(number) if number.is_integer() and abs(number) <= _EXACT else number
    if kind == "bool_value":
        return wire.bool_value
    if kind == "list_value":
        return [_from_wire(item) for item in wire.list_value.values]
    if kind == "struct_value":
        return _from_object(wire.struct_value)
    return None


def _from_object(struct: Struct) -> Value:
    if SIGNATURE not in struct.fields:
        return from_struct(struct)
    signature = struct.fields[SIGNATURE].string_value
    if signature == SECRET_SIGNATURE:
        return Secret(_from_wire(struct.fields["value"]))
    if signature == OUTPUT_SIGNATURE:
        inner = _from_wire(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
        secret = "secret" in struct.fields and struct.fields["secret"].bool_value
        return Secret(inner) if secret else inner
    if signature == RESOURCE_SIGNATURE:
        return _from_wire(struct.fields["id" if "id" in struct.fields else "urn"])
    if signature in FILE_SIGNATURES:
        raise UsageError("assets and archives are not accepted: no resource of this plugin takes a file", "Pass a text")
    return from_struct(struct)


def _fill(struct: Struct, properties: Mapping[str, Value]) -> None:
    fields = struct.fields
    for key, value in properties.items():
        _to_wire(value, fields[key])


def _to_wire(value: Value, wire: Wire) -> None:
    if isinstance(value, str):
        wire.string_value = value
    elif value is None:
        wire.null_value = NULL_VALUE
    elif value is UNKNOWN:
        wire.string_value = UNKNOWN_STRING
    elif isinstance(value, bool):
        wire.bool_value = value
    elif isinstance(value, int | float):
        wire.number_value = value
    elif isinstance(value, list):
        wire.list_value.SetInParent()
        for item in value:
            _to_wire(item, wire.list_value.values.add())
    elif isinstance(value, Secret):
        wire.struct_value.fields[SIGNATURE].string_value = SECRET_SIGNATURE
        _to_wire(value.value, wire.struct_value.fields["value"])
    elif isinstance(value, dict):
        wire.struct_value.SetInParent()
        _fill(wire.struct_value, value)
    else:
        raise TypeError(f"{type(value).__name__} has no form in Pulumi")
