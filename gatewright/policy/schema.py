"""policies.schema.json and policy-tests.schema.json, generated from the models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatewright.policy.rules import POLICIES_SHAPE
from gatewright.policy.tests_file import TESTS_SHAPE

if TYPE_CHECKING:
    from gatewright.environment.shapes.base import JsonSchema


def policies_schema_text() -> str:
    """The content of policies.schema.json. No key is required, because a file can extend another; null removes."""
    return _text("gatewright policies", POLICIES_SHAPE.schema())


def policy_tests_schema_text() -> str:
    """The content of policy-tests.schema.json."""
    return _text("gatewright tests of policies", TESTS_SHAPE.schema())


def _text(title: str, schema: JsonSchema) -> str:
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
