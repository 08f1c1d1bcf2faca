"""The JSON Schema of a request body, derived from the fields of a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.facts.schema import NO_DEFAULT, Field, Kind, Null

if TYPE_CHECKING:
    from collections.abc import Iterable

    JsonSchema = dict[str, Any]

_TYPES = {Kind.LIST: "array", Kind.MAP: "object", Kind.TIME: "string", Kind.JSON: "object"}


def body_schema(fields: Iterable[Field]) -> JsonSchema:
    """The object that holds `fields`, by the API's names. `default` is what the server fills in.

    A field that identifies the resource, such as its id, is required only for a create and therefore not listed here.
    """
    sent = [field for field in fields if field.settable and not field.in_path]
    required = [field.wire_name for field in sent if field.required and not field.replace]
    return {
        "type": "object",
        **({"required": required} if required else {}),
        "properties": {field.wire_name: field_schema(field) for field in sent},
    }


def field_schema(field: Field) -> JsonSchema:
    """The values that the API accepts for one field."""
    note = {"$comment": field.note} if field.note else {}
    default = {} if field.server_default is NO_DEFAULT else {"default": field.server_default}
    return {**note, **(field.body or _values(field)), **default}


def _values(field: Field) -> JsonSchema:
    null = field.null is Null.STORED
    if len(field.enum) == 1:
        return {"const": field.enum[0]}
    if field.enum:
        return {"enum": [*field.enum, *([None] if null else [])]}
    schema: JsonSchema = {"type": _TYPES.get(field.kind, field.kind.value)}
    if field.kind is Kind.OBJECT:
        schema = body_schema(field.fields)
    elif field.element is not None:
        schema["items" if field.kind is Kind.LIST else "additionalProperties"] = field_schema(field.element)
    bounds = {
        "minimum": field.minimum if field.above is None else None,
        "exclusiveMinimum": field.above,
        "maximum": field.maximum,
        "minLength": field.min_length,
        "maxLength": field.max_length,
        "maxItems": field.max_items,
        "pattern": field.pattern,
    }
    schema |= {name: bound for name, bound in bounds.items() if bound is not None}
    return {**schema, "type": [schema["type"], "null"]} if null else schema
