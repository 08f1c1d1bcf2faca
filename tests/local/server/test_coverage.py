"""docs/local-cloudflare.md is up to date and correct."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from gatewright.local.server import app, coverage_page
from gatewright.local.server.core import validation
from gatewright.local.server.schema_fields import fields

STORED_ONLY = "Stored, not executed."


def test_the_page_is_up_to_date() -> None:
    assert coverage_page.PAGE.read_text(encoding="utf-8") == coverage_page.page(), "stale: run `make docs`"


def test_every_endpoint_is_on_the_page() -> None:
    page = coverage_page.page()
    assert [endpoint.path for endpoint in app.ENDPOINTS if f"`{endpoint.method} {endpoint.path}`" not in page] == []
    for path in ("/v1/{account}/{gateway}/{path}", "/__local__/clock", "openai/v1/responses"):
        assert path in page


@pytest.mark.parametrize("name", list(validation.schema("gateway")["properties"]))
def test_fields_that_are_only_stored_say_so(name: str) -> None:
    """A setting of a gateway that no code of inference names has no effect there."""
    room = Path(str(resources.files("gatewright.local.server")))
    named = any(
        f'"{name}"' in path.read_text(encoding="utf-8") for path in room.rglob("*.py") if path.stem != "gateways"
    )
    remark = validation.schema("gateway")["properties"][name].get("$comment")
    here = name in {"id", "cache_invalidate_on_update"}  # gateways.py itself executes these
    assert (remark == STORED_ONLY) is not (named or here)


def test_fields_of_a_schema_are_flat() -> None:
    schema = {
        "required": ["a"],
        "properties": {
            "a": {"type": "array", "items": {"type": "object", "properties": {"b": {"$ref": "#/$defs/kind"}}}},
            "c": {
                "type": ["object", "null"],
                "default": None,
                "if": {"required": ["d"]},
                "then": {"properties": {"d": {"type": "string", "maxLength": 3}}},
                "else": {"required": ["e"], "properties": {"e": {"const": 1}}},
            },
            "f": {"type": "object", "additionalProperties": {"properties": {"g": {"type": "boolean"}}}},
        },
        "$defs": {"kind": {"enum": ["x", "y"]}},
    }
    assert [(each.path, each.required, each.value, each.default) for each in fields(schema)] == [
        ("a", True, "array of object", None),
        ("a[].b", False, '`"x"` or `"y"`', None),
        ("c", False, "object or null", "null"),
        ("c.d", False, "string, of 3 characters or fewer", None),
        ("c.e", True, "`1`", None),
        ("f", False, "object", None),
        ("f.*.g", False, "boolean", None),
    ]
