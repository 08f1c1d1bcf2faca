"""A JSON schema as a page: every key with its description, and its path as its anchor (`gateway.cache.ttl`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_PLACEHOLDER = "<name>"
_SHARED = "any "
"""Precedes the name of a definition, which several keys refer to: `any step`."""
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "minLength": "minimum length",
    "maxLength": "maximum length",
    "minItems": "minimum number of items",
    "maxItems": "maximum number of items",
    "pattern": "pattern",
}


def schema_page(schema: Schema) -> str:
    """The page of a schema, which has `title`, `description` and `properties`."""
    lines = [f"# {schema['title'][:1].upper()}{schema['title'][1:]}", "", schema.get("description", "")]
    for name, value in schema["properties"].items():
        lines += _entry(value, name, required=name in schema.get("required", ()))
    for name, definition in schema.get("$defs", {}).items():
        lines += _entry(definition, f"{_SHARED}{name}", required=False)
    return "\n".join(lines) + "\n"


def _entry(schema: Schema, path: str, *, required: bool) -> Iterator[str]:
    """The section of one key, and those of the keys below it."""
    level = "###" if "." in path or "[" in path else "##"
    yield from ("", f"{level} {path.replace('<', '&lt;')} {{#{anchor(path)}}}", "")
    if description := _description(schema):
        yield from (description, "")
    forms = dict.fromkeys(_forms(schema))
    yield from (f"- {'one of: ' if len(forms) > 1 else ''}{'; '.join(forms)}",)
    if examples := [example for part in _alternatives(schema) for example in part.get("examples", ())]:
        yield f"- for example: {', '.join(f'`{_text(example)}`' for example in examples)}"
    if required:
        yield "- required"
    for name, (value, is_required) in _below(schema).items():
        yield from _entry(value, f"{path}{'' if name == '[]' else '.'}{name}", required=is_required)


def anchor(path: str) -> str:
    """The anchor of a path: `routes.<name>` has `routes.name`."""
    return path.replace("<", "").replace(">", "").replace("[]", "-item").replace(" ", "-")


def _alternatives(schema: Schema) -> Iterator[Schema]:
    """The schema, or those that it chooses from."""
    choices = schema.get("anyOf") or schema.get("oneOf")
    if not choices:
        yield schema
    for choice in choices or ():
        yield from _alternatives(choice)


def _below(schema: Schema) -> dict[str, tuple[Schema, bool]]:
    """The keys below; a list and a table with any names have one for all."""
    keys: dict[str, tuple[Schema, bool]] = {}
    for part in _alternatives(schema):
        required = part.get("required", ())
        named = {name: (value, name in required) for name, value in part.get("properties", {}).items()}
        others = [part.get("additionalProperties"), *part.get("patternProperties", {}).values()]
        unnamed = [(_PLACEHOLDER, value) for value in others] + [("[]", part.get("items"))]
        keys = {**named, **{name: (value, False) for name, value in unnamed if _has_keys(value)}, **keys}
    return keys


def _has_keys(schema: Any) -> bool:
    """Whether a table's values or a list's items have something to say about keys or values of their own."""
    return isinstance(schema, Mapping) and any(
        "properties" in part or "description" in part or _has_keys(part.get("additionalProperties"))
        for part in [schema, *_alternatives(schema)]
    )


def _forms(schema: Schema) -> Iterator[str]:
    """The values that a key can have."""
    for part in _alternatives(schema):
        bounds = [f"{words} `{part[key]}`" for key, words in _BOUNDS.items() if key in part]
        if "$ref" in part:
            path = _SHARED + part["$ref"].rpartition("/")[2]
            yield f"[{path}](#{anchor(path)})"
        elif "const" in part or "enum" in part:
            yield from (f"`{_text(value)}`" for value in part.get("enum", [part.get("const")]))
        else:
            for kind in [part["type"]] if isinstance(part.get("type"), str) else part.get("type", ["any value"]):
                yield ", ".join([_KINDS.get(kind, kind), *(bounds if kind not in {"null", "boolean"} else ())])


_KINDS = {"object": "a table of keys", "array": "a list", "null": "`null`, which removes the key"}


def _description(schema: Schema) -> str:
    texts = [part["description"] for part in [schema, *_alternatives(schema)] if "description" in part]
    return texts[0].replace("<", "&lt;") if texts else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
