"""The JSON Schema of routes, and the shapes of the single values in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.model.routes import LIMIT_UNITS, OPERATORS
from gatewright.environment.shapes.base import ListOf
from gatewright.environment.shapes.references import NameShape
from gatewright.environment.shapes.scalars import DurationShape, Number, QuantityShape
from gatewright.facts.route_graph import MAX_SHARES

if TYPE_CHECKING:
    from gatewright.environment.shapes.base import JsonSchema

MODEL = NameShape(routes=False, own=False)
MODELS = ListOf(MODEL, least=1)
RETRIES = Number(least=0, most=5)
RETRIES_RANGE = range(6)
TIMEOUT = DurationShape("100ms", "10m")
TIMEOUT_RANGE = range(100, 600_001)
"""The same in milliseconds."""
LIMIT = QuantityShape(LIMIT_UNITS, "5 USD/day")
FIELD = r"^(metadata|headers|body)\.\S+$"

_STEP: JsonSchema = {"$ref": "#/$defs/step"}


def route_schema() -> JsonSchema:
    """A route: a step, or a graph of elements."""
    elements = {
        "type": "array",
        "items": {"type": "object"},
        "minItems": 1,
        "description": "The graph in the format of Cloudflare's API. The models in it are not checked.",
    }
    return {"anyOf": [_STEP, _closed({"elements": elements})]}


def step_schema() -> JsonSchema:
    """The definition `step` that a route's schema refers to."""
    return {
        "anyOf": [MODEL.schema(), MODELS.schema(), _closed(_try_properties(), "try"), _split(), _if(), _limit()],
    }


def _try_properties() -> dict[str, Any]:
    timeout = "How long each model has to start its response; default 60s."
    return {
        "try": {
            **MODELS.schema(),
            "description": "Models in order: each is the fallback of the one before.",
        },
        "retries": {**RETRIES.schema(), "description": "How often each model is retried."},
        "timeout": {**TIMEOUT.schema(), "description": timeout},
    }


def _split() -> JsonSchema:
    branch = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "patternProperties": {r"^([1-9][0-9]?%|else)$": _STEP},
        "additionalProperties": False,
    }
    split = {
        "type": "array",
        "items": branch,
        "minItems": 2,
        "maxItems": MAX_SHARES + 1,
        "description": "Shares of the traffic: {10%: …}, then {else: …}.",
    }
    return _closed({"split": split})


def _if() -> JsonSchema:
    comparison = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {name: {"description": text} for name, text in OPERATORS.items()},
    }
    condition = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": FIELD},
        "additionalProperties": comparison,
        "description": "Comparisons that must all be true: metadata.plan: {eq: paid}.",
    }
    return _closed({"if": condition, "then": _STEP, "else": _STEP})


def _limit() -> JsonSchema:
    properties = {
        "limit": {**LIMIT.schema(), "description": "How much each value of `by` may use per period."},
        "by": {"type": "string", "pattern": FIELD, "description": "The field to count by: metadata.team"},
        **_try_properties(),
        "then": _STEP,
        "over": _STEP,
    }
    return _closed(properties, "limit", "by")


def _closed(properties: dict[str, Any], *required: str) -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required or properties),
        "properties": properties,
    }
