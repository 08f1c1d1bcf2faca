"""How a route is written: the shape that reads its tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import did_you_mean
from gatewright.environment.model.routes import (
    COUNTED,
    OPERATORS,
    Condition,
    Elements,
    If,
    Limit,
    Route,
    Split,
    Step,
    Try,
)
from gatewright.environment.nodes import Node
from gatewright.environment.shapes.base import ListOf, join, wrong_kind
from gatewright.environment.shapes.references import NameShape
from gatewright.environment.shapes.scalars import DurationShape, Number, QuantityShape
from gatewright.facts.route_graph import MAX_SHARES

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.shapes.base import JsonSchema

_MODELS = ListOf(NameShape(routes=False, own=False), least=1)
_RETRIES = Number(least=0, most=5)
_TIMEOUT = DurationShape("100ms", "10m")
_LIMIT = QuantityShape(COUNTED, "5 USD/day")
_FIELD = r"^(metadata|headers|body)\.\S+$"


@dataclass(frozen=True, slots=True)
class RouteShape:
    """A model's name, a list of them, or a mapping with one of try, split, if, limit, elements."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Route | None:
        tree: Step | Elements | None
        if isinstance(node.value, dict) and "elements" in node.value:
            tree = _elements(node, path, diagnostics)
        else:
            tree = read_step(node, path, diagnostics)
        return None if tree is None else Route(tree, node.location)

    def schema(self) -> JsonSchema:
        return {
            "anyOf": [
                {"$ref": "#/$defs/step"},
                _closed(
                    {
                        "elements": {
                            "type": "array",
                            "items": {"type": "object"},
                            "minItems": 1,
                            "description": (
                                "The graph itself, as Cloudflare's API takes it; which models it names is not checked."
                            ),
                        }
                    }
                ),
            ]
        }


def step_schema() -> JsonSchema:
    """The definition `step` that a route's schema refers to."""
    step = {"$ref": "#/$defs/step"}
    try_ = {
        "try": {**_MODELS.schema(), "description": "Models in order: the next is the fallback."},
        "retries": {**_RETRIES.schema(), "description": "How often each model is tried again."},
        "timeout": {
            **_TIMEOUT.schema(),
            "description": "How long each model may take until its answer begins; by default 60s.",
        },
    }
    branch = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "patternProperties": {r"^([1-9][0-9]?%|else)$": step},
        "additionalProperties": False,
    }
    comparison = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {name: {"description": text} for name, text in OPERATORS.items()},
    }
    field = {"type": "string", "pattern": _FIELD, "description": "What is counted by: metadata.team"}
    return {
        "anyOf": [
            NameShape(routes=False, own=False).schema(),
            _MODELS.schema(),
            _closed(try_, "try"),
            _closed(
                {
                    "split": {
                        "type": "array",
                        "items": branch,
                        "minItems": 2,
                        "maxItems": MAX_SHARES + 1,
                        "description": "Shares of the traffic: {10%: …}, then {else: …}.",
                    }
                }
            ),
            _closed(
                {
                    "if": {
                        "type": "object",
                        "minProperties": 1,
                        "propertyNames": {"pattern": _FIELD},
                        "additionalProperties": comparison,
                        "description": "Comparisons that all have to hold: metadata.plan: {eq: paid}.",
                    },
                    "then": step,
                    "else": step,
                }
            ),
            _closed(
                {
                    "limit": {**_LIMIT.schema(), "description": "What one value of `by` may use per period."},
                    "by": field,
                    **try_,
                    "then": step,
                    "over": step,
                },
                "limit",
                "by",
            ),
        ]
    }


def _closed(properties: dict[str, Any], *required: str) -> JsonSchema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required or properties),
        "properties": properties,
    }


def read_step(node: Node, path: str, diagnostics: Diagnostics) -> Step | None:
    """One step of a route's tree."""
    if isinstance(node.value, str):
        only = NameShape(routes=False, own=False).read(node, path, diagnostics)
        return Try((only,)) if only else None  # type: ignore[arg-type]  # Named without routes and own reads models only
    if isinstance(node.value, list):
        models = _MODELS.read(node, path, diagnostics)
        return Try(models) if models else None
    if not isinstance(node.value, dict):
        wrong_kind(
            node,
            path,
            diagnostics,
            "a model's name, a list of them, or a mapping with try, split, if, limit or elements",
        )
        return None
    for word, reader in _READERS.items():
        if word in node.value:
            return reader(_Keys(node, path, diagnostics))
    diagnostics.error(
        node.location,
        path,
        "missing-key",
        "has none of try, split, if, limit, elements",
        did_you_mean(next(iter(node.value), ""), ("try", "split", "if", "limit", "elements")),
    )
    return None


@dataclass(slots=True)
class _Keys:
    """The keys of one step's mapping."""

    node: Node
    path: str
    diagnostics: Diagnostics

    def known(self, *names: str) -> None:
        for key, entry in self._entries.items():
            if key not in names:
                self.diagnostics.error(
                    entry.key_location,
                    join(self.path, key),
                    "unknown-key",
                    f"unknown key beside {names[0]}",
                    did_you_mean(key, names),
                )

    @property
    def _entries(self) -> dict[str, Any]:
        return self.node.value if isinstance(self.node.value, dict) else {}

    def has(self, name: str) -> bool:
        return name in self._entries

    def get(
        self, name: str, read: Callable[[Node, str, Diagnostics], Any], default: Any = None, *, required: bool = False
    ) -> Any:
        entry = self._entries.get(name)
        if entry is not None:
            return read(entry.node, join(self.path, name), self.diagnostics)
        if required:
            self.diagnostics.error(self.node.location, self.path, "missing-key", f"lacks {name}")
        return default


def _try(keys: _Keys) -> Try | None:
    keys.known("try", "retries", "timeout")
    return _read_try(keys)


def _read_try(keys: _Keys) -> Try | None:
    models = keys.get("try", _MODELS.read, required=True)
    retries = keys.get("retries", _RETRIES.read, 0)
    timeout = keys.get("timeout", _TIMEOUT.read)
    return Try(models, retries or 0, timeout) if models else None


def _split(keys: _Keys) -> Split | None:
    keys.known("split")
    split: Split | None = keys.get("split", _branches)
    return split


def _branches(node: Node, path: str, diagnostics: Diagnostics) -> Split | None:
    if not isinstance(node.value, list) or not all(
        isinstance(item.value, dict) and len(item.value) == 1 for item in node.value
    ):
        wrong_kind(node, path, diagnostics, "a list like [{10%: provider/model}, {else: provider/model}]")
        return None
    branches: list[tuple[int | None, Step]] = []
    total = 0
    for index, item in enumerate(node.value):
        assert isinstance(item.value, dict)  # noqa: S101  checked above
        ((share, entry),) = item.value.items()
        inner = f"{path}[{index}].{share}"
        match = re.fullmatch(r"([1-9][0-9]?)%", share)
        if share != "else" and match is None:
            diagnostics.error(entry.key_location, inner, "bad-share", "is not a share", "Write 1% to 99%, or else")
            continue
        step = read_step(entry.node, inner, diagnostics)
        total += int(match[1]) if match else 0
        if step is not None:
            branches.append((int(match[1]) if match else None, step))
    shares = [next(iter(item.value)) for item in node.value if isinstance(item.value, dict)]
    if shares.count("else") != 1 or shares[-1] != "else":
        diagnostics.error(node.location, path, "no-else", "must end with exactly one else, which takes the rest")
    if len(shares) - shares.count("else") > MAX_SHARES:
        diagnostics.error(
            node.location,
            path,
            "too-many",
            f"has {len(shares) - 1} shares; Cloudflare takes at most {MAX_SHARES} besides else",
        )
    if len(set(shares)) != len(shares):
        diagnostics.error(
            node.location,
            path,
            "duplicate-share",
            "has the same share twice; Cloudflare tells branches apart by their share",
            "Make them differ, as 10% and 11%",
        )
    if total >= 100:
        diagnostics.error(
            node.location, path, "over-100", f"its shares add up to {total}%, which leaves nothing for else"
        )
    return Split(tuple(branches)) if branches else None


def _if(keys: _Keys) -> If | None:
    keys.known("if", "then", "else")
    conditions = keys.get("if", _conditions)
    then = keys.get("then", read_step, required=True)
    otherwise = keys.get("else", read_step, required=True)
    return If(conditions, then, otherwise) if conditions and then and otherwise else None


def _conditions(node: Node, path: str, diagnostics: Diagnostics) -> tuple[Condition, ...]:
    if not isinstance(node.value, dict) or not node.value:
        wrong_kind(node, path, diagnostics, "a mapping like metadata.plan: {eq: paid}")
        return ()
    found = []
    for field, entry in node.value.items():
        inner = join(path, field)
        if not re.fullmatch(_FIELD, field):
            diagnostics.error(
                entry.key_location,
                inner,
                "bad-field",
                "is not a field of a request",
                "Write metadata.<key>, headers.<name> or body.<key>",
            )
        elif not isinstance(entry.node.value, dict) or not entry.node.value:
            wrong_kind(entry.node, inner, diagnostics, "a comparison like {eq: paid}")
        else:
            for operator, value in entry.node.value.items():
                if operator not in OPERATORS:
                    diagnostics.error(
                        value.key_location,
                        join(inner, operator),
                        "unknown-operator",
                        "unknown comparison",
                        did_you_mean(operator, OPERATORS),
                    )
                    continue
                found.append(Condition(field, operator, value.node.plain()))
    return tuple(found)


def _limit(keys: _Keys) -> Limit | None:
    keys.known("limit", "by", "try", "retries", "timeout", "then", "over")
    limit = keys.get("limit", _LIMIT.read)
    by = keys.get("by", _field, required=True)
    then = keys.get("then", read_step) if keys.has("then") else _read_try(keys)
    over = keys.get("over", read_step)
    return Limit(limit, by, then, over) if limit and by and then else None


def _field(node: Node, path: str, diagnostics: Diagnostics) -> str | None:
    if isinstance(node.value, str) and re.fullmatch(_FIELD, node.value):
        return node.value
    diagnostics.error(
        node.location,
        path,
        "bad-field",
        "is not a field of a request",
        "Write metadata.<key>: the limit is counted per value of it",
    )
    return None


def _elements(node: Node, path: str, diagnostics: Diagnostics) -> Elements | None:
    keys = _Keys(node, path, diagnostics)
    keys.known("elements")
    graph: Elements | None = keys.get("elements", _graph)
    return graph


def _graph(node: Node, path: str, diagnostics: Diagnostics) -> Elements | None:
    if (
        not isinstance(node.value, list)
        or not node.value
        or not all(isinstance(item.value, dict) for item in node.value)
    ):
        wrong_kind(node, path, diagnostics, "a list of elements, each a mapping with id, type and outputs")
        return None
    plain: tuple[dict[str, Any], ...] = tuple(item.plain() for item in node.value)  # type: ignore[misc]  # as checked
    return Elements(plain, tuple(item.location for item in node.value))


_READERS: dict[str, Callable[[_Keys], Step | None]] = {"limit": _limit, "split": _split, "if": _if, "try": _try}
