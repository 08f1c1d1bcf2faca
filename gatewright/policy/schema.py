"""policies.schema.json, generated from the model."""

from __future__ import annotations

import json

from gatewright.policy.rules import POLICIES_SHAPE


def policies_schema_text() -> str:
    """The content of policies.schema.json. No key is required, because a file can extend another; null removes."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gatewright policies",
        **POLICIES_SHAPE.schema(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
