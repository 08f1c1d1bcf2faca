"""The shape of a route: reads its tree of steps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import did_you_mean
from gatewright.environment.model.route_schema import FIELD, LIMIT, MODEL, MODELS, RETRIES, TIMEOUT, route_schema
from gatewright.environment.model.routes import OPERATORS, Condition, Elements, If, Limit, Route, Split, Step, Try
from gatewright.environment.shapes.base import join, report_wrong_kind
from gatewright.facts.route_graph import MAX_SHARES
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.nodes import Entry, Node
    from gatewright.environment.shapes.base import JsonSchema


@frozen
class RouteShape:
    """A model's name, a list of them, or a mapping with one of try, split, if, limit, elements."""

    def read(self, node: Node, path: str, diagnostics: Diagnostics) -> Route | None:
        tree: Step | Elements | None
        if "elements" in node.entries:
            tree = _read_elements(_StepReader(node, path, diagnostics))
        else:
            tree = read_step(node, path, diagnostics)
        return None if tree is None else Route(tree, node.location)

    def schema(self) -> JsonSchema:
        return route_schema()


def read_step(node: Node, path: str, diagnostics: Diagnostics) -> Step | None:
    """Read one step of a route's tree."""
    if isinstance(node.value, str):
        model = MODEL.read(node, path, diagnostics)
        return Try((model,)) if model else None  # type: ignore[arg-type]  # MODEL reads names of models only
    if isinstance(node.value, list):
        models = MODELS.read(node, path, diagnostics)
        return Try(models) if models else None
    if not isinstance(node.value, dict):
        expected = "a model's name, a list of them, or a mapping with try, split, if, limit or elements"
        report_wrong_kind(node, path, diagnostics, expected)
        return None
    for key, read in _READERS.items():
        if key in node.value:
            return read(_StepReader(node, path, diagnostics))
    keys = ("try", "split", "if", "limit", "elements")
    hint = did_you_mean(next(iter(node.value), ""), keys)
    diagnostics.error(node.location, path, "missing-key", f"expected one of the keys {', '.join(keys)}", hint)
    return None


@dataclass(slots=True)
class _StepReader:
    """Reads the keys of one step's mapping."""

    node: Node
    path: str
    diagnostics: Diagnostics

    def allow_keys(self, *names: str) -> None:
        """Report keys other than `names`, the first of which identifies the kind of step."""
        for key, entry in self.node.entries.items():
            if key not in names:
                self.diagnostics.error(
                    entry.key_location,
                    join(self.path, key),
                    "unknown-key",
                    f"unknown key next to {names[0]}",
                    did_you_mean(key, names),
                )

    def has(self, name: str) -> bool:
        return name in self.node.entries

    def get(
        self, name: str, read: Callable[[Node, str, Diagnostics], Any], default: Any = None, *, required: bool = False
    ) -> Any:
        entry = self.node.entries.get(name)
        if entry is not None:
            return read(entry.node, join(self.path, name), self.diagnostics)
        if required:
            self.diagnostics.error(self.node.location, self.path, "missing-key", f"missing key {name}")
        return default


def _read_try(step: _StepReader) -> Try | None:
    step.allow_keys("try", "retries", "timeout")
    return _read_models(step)


def _read_models(step: _StepReader) -> Try | None:
    models = step.get("try", MODELS.read, required=True)
    retries = step.get("retries", RETRIES.read, 0)
    timeout = step.get("timeout", TIMEOUT.read)
    return Try(models, retries or 0, timeout) if models else None


def _read_split(step: _StepReader) -> Split | None:
    step.allow_keys("split")
    split: Split | None = step.get("split", _read_branches)
    return split


def _read_branches(node: Node, path: str, diagnostics: Diagnostics) -> Split | None:
    if not isinstance(node.value, list) or not all(len(item.entries) == 1 for item in node.value):
        report_wrong_kind(node, path, diagnostics, "a list like [{10%: provider/model}, {else: provider/model}]")
        return None
    shares = [share for item in node.value for share in item.entries]
    branches: list[tuple[int | None, Step]] = []
    total = 0
    for index, item in enumerate(node.value):
        ((share, entry),) = item.entries.items()
        inner = f"{path}[{index}].{share}"
        match = re.fullmatch(r"([1-9][0-9]?)%", share)
        if share != "else" and match is None:
            diagnostics.error(entry.key_location, inner, "bad-share", "expected a share: 1% to 99%, or else")
            continue
        percent = int(match[1]) if match else None
        total += percent or 0
        step = read_step(entry.node, inner, diagnostics)
        if step is not None:
            branches.append((percent, step))
    _check_shares(node, path, shares, total, diagnostics)
    return Split(tuple(branches)) if branches else None


def _check_shares(node: Node, path: str, shares: list[str], total: int, diagnostics: Diagnostics) -> None:
    def report(code: str, message: str, hint: str | None = None) -> None:
        diagnostics.error(node.location, path, code, message, hint)

    if shares.count("else") != 1 or shares[-1] != "else":
        report("no-else", "must end with exactly one else, which takes the remaining traffic")
    if (count := len(shares) - shares.count("else")) > MAX_SHARES:
        report("too-many", f"has {count} shares, Cloudflare supports at most {MAX_SHARES} in addition to else")
    if len(set(shares)) != len(shares):
        message = "has two equal shares, but Cloudflare identifies branches by their share"
        report("duplicate-share", message, "Make them differ, for example 10% and 11%")
    if total >= 100:
        report("over-100", f"the shares add up to {total}%, which leaves nothing for else")


def _read_if(step: _StepReader) -> If | None:
    step.allow_keys("if", "then", "else")
    conditions = step.get("if", _read_conditions)
    then = step.get("then", read_step, required=True)
    otherwise = step.get("else", read_step, required=True)
    return If(conditions, then, otherwise) if conditions and then and otherwise else None


def _read_conditions(node: Node, path: str, diagnostics: Diagnostics) -> tuple[Condition, ...]:
    if not node.entries:
        report_wrong_kind(node, path, diagnostics, "a mapping like metadata.plan: {eq: paid}")
    return tuple(
        condition
        for field, entry in node.entries.items()
        for condition in _read_comparisons(field, entry, join(path, field), diagnostics)
    )


def _read_comparisons(field: str, entry: Entry, path: str, diagnostics: Diagnostics) -> list[Condition]:
    if not re.fullmatch(FIELD, field):
        message = "expected a field of the request: metadata.<key>, headers.<name> or body.<key>"
        diagnostics.error(entry.key_location, path, "bad-field", message)
        return []
    if not entry.node.entries:
        report_wrong_kind(entry.node, path, diagnostics, "a comparison like {eq: paid}")
    conditions = []
    for operator, value in entry.node.entries.items():
        if operator in OPERATORS:
            conditions.append(Condition(field, operator, value.node.plain(), entry.key_location, path))
        else:
            hint = did_you_mean(operator, OPERATORS)
            diagnostics.error(value.key_location, join(path, operator), "unknown-operator", "unknown operator", hint)
    return conditions


def _read_limit(step: _StepReader) -> Limit | None:
    step.allow_keys("limit", "by", "try", "retries", "timeout", "then", "over")
    limit = step.get("limit", LIMIT.read)
    by = step.get("by", _read_field, required=True)
    then = step.get("then", read_step) if step.has("then") else _read_models(step)
    over = step.get("over", read_step)
    location = step.node.location_at("by")
    return Limit(limit, by, then, over, location, join(step.path, "by")) if limit and by and then else None


def _read_field(node: Node, path: str, diagnostics: Diagnostics) -> str | None:
    if isinstance(node.value, str) and re.fullmatch(FIELD, node.value):
        return node.value
    message = "expected a field of the request to count by, for example metadata.team"
    diagnostics.error(node.location, path, "bad-field", message)
    return None


def _read_elements(step: _StepReader) -> Elements | None:
    step.allow_keys("elements")
    elements: Elements | None = step.get("elements", _read_graph)
    return elements


def _read_graph(node: Node, path: str, diagnostics: Diagnostics) -> Elements | None:
    items = node.value if isinstance(node.value, list) else []
    if not items or not all(isinstance(item.value, dict) for item in items):
        expected = "a list of elements, each a mapping with id, type and outputs"
        report_wrong_kind(node, path, diagnostics, expected)
        return None
    elements: tuple[dict[str, Any], ...] = tuple(item.plain() for item in items)  # type: ignore[misc]  # mappings
    return Elements(elements, tuple(item.location for item in items))


_READERS: dict[str, Callable[[_StepReader], Step | None]] = {
    "limit": _read_limit,
    "split": _read_split,
    "if": _read_if,
    "try": _read_try,
}
