"""Differences of a route: order, shares, limits, retries; and its graph before and after."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.route_elements import EVERYONE
from gatewright.environment.quantities import duration_text
from gatewright.environment.risks import Risk, limit_risk
from gatewright.facts.route_graph import END, MODEL, RATE, START
from gatewright.io.printable import plural
from gatewright.operations.plan.diffs.values import ARROW, Difference, by_name, changed, differing
from gatewright.operations.routes import describe
from gatewright.operations.routes.mermaid import route_flowchart
from gatewright.operations.routes.text import route_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.environment.quantities import Quantity
    from gatewright.operations.routes.describe import ModelNames

    Properties = Mapping[str, Any]
    Limit = tuple[str, str, Quantity]

NO_GAP = "new version, no gap"
SEPARATOR = ", then "
"""Between a model and its fallback; an arrow stands between before and after."""
MUCH_LESS = 10
"""A timeout shortened by this factor is a risk."""
MAX_LINES = 4
"""Lines of a route's text that are shown; beyond that the flowchart shows the change."""


def route_differences(
    before: Properties, after: Properties, names: ModelNames, reported: Iterable[str] = ()
) -> list[Difference]:
    """The differences between two property maps of a DynamicRoute."""
    differences = []
    if before.get("name") != after.get("name"):
        renamed = changed("name", str(before["name"]), str(after["name"]))
        reason = f"callers of dynamic/{before['name']} get an error"
        differences.append(replace(renamed, risk=Risk.CALLERS, reason=reason))
    if before.get("elements") != after.get("elements"):
        differences += _element_differences(before.get("elements") or {}, after.get("elements") or {}, names)
    others = [name for name in differing(before, after, reported) if name not in ("name", "elements")]
    return [*differences, *by_name(others, before, after)]


def route_summary(properties: Properties, names: ModelNames) -> list[Difference]:
    """A new route as text, one line each, as `gatewright routes` draws it."""
    elements = properties.get("elements")
    return [Difference(line) for line in route_lines(dict(elements), names)] if elements else []


def flowcharts(route: str, before: Properties | None, after: Properties | None, names: ModelNames) -> tuple[str, str]:
    """Mermaid flowcharts before and after; "" where there is no graph."""
    old, new = (
        "\n".join(route_flowchart(route, dict(side["elements"]), names)) if side and side.get("elements") else ""
        for side in (before, after)
    )
    return old, new


def _element_differences(before: Graph, after: Graph, names: ModelNames) -> Iterator[Difference]:
    changed_ids = _changed_model_ids(before, after, names)
    for old, new in changed_ids.items():
        yield Difference(f"{names[new]}: id {old[1]} {ARROW} {new[1]}")
    yield from _graph_differences(before, after, {**names, **{old: names[new] for old, new in changed_ids.items()}})
    yield from _weakened_limits(before, after)
    yield from _weakened_attempts(before, after, names)
    yield Difference(NO_GAP)


def _graph_differences(before: Graph, after: Graph, names: ModelNames) -> Iterator[Difference]:
    old_models, new_models = _plain_list(before, names), _plain_list(after, names)
    if old_models is not None and new_models is not None:
        yield from _list_differences(old_models, new_models)
        return
    old, new = _lines(before, names), _lines(after, names)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        removed, added = [line.strip() for line in old[i1:i2]], [line.strip() for line in new[j1:j2]]
        if len(removed) == len(added) and len(removed) <= MAX_LINES:
            yield from (Difference(f"{left} {ARROW} {right}") for left, right in zip(removed, added, strict=True))
        elif len(removed) + len(added) <= MAX_LINES:
            yield from (Difference(f"removed: {line}") for line in removed)
            yield from (Difference(f"added: {line}") for line in added)
        else:
            yield Difference(f"{plural(len(removed), 'line')} {ARROW} {plural(len(added), 'line')}")


def _changed_model_ids(before: Graph, after: Graph, names: ModelNames) -> dict[tuple[str, str], tuple[str, str]]:
    """Models whose id in the catalog changed, old -> new; the ids of their elements come from their names."""
    changed_ids = {}
    for name, element in after.items():
        if element["type"] == MODEL and before.get(name, {}).get("type") == MODEL:
            old, new = _model(before[name]), _model(element)
            if old[0] == new[0] and old != new and new in names and old not in names:
                changed_ids[old] = new
    return changed_ids


def _model(element: Mapping[str, Any]) -> tuple[str, str]:
    return str(element["properties"]["provider"]), str(element["properties"]["model"])


def _weakened_limits(before: Graph, after: Graph) -> Iterator[Difference]:
    """Risks of limits that are removed or allow more; a provider's limit may go together with its last model."""
    old, new = _limits(before), _limits(after)
    added = _without(new, old)
    providers = {"", *(_model(element)[0] for element in after.values() if element["type"] == MODEL)}
    for provider, key, quantity in _without(old, new):
        successor = next((limit for limit in added if limit[0] == provider), None)
        if successor:
            added.remove(successor)
        name = f"limit of {quantity}"
        risk = limit_risk(name, quantity, successor[2] if successor else None)
        if not risk and successor and key == EVERYONE != successor[1]:
            risk = Risk.LIMIT, f"the {name} counts each {successor[1]} separately"
        if risk and provider in providers:
            yield Difference("", *risk)


def _weakened_attempts(before: Graph, after: Graph, names: ModelNames) -> Iterator[Difference]:
    """Risks for callers: a model without its retries, or with much less time."""
    old, new = _attempts(before, names), _attempts(after, names)
    for name, (retries, timeout) in old.items():
        if name in new:
            if retries and not new[name][0]:
                yield Difference("", Risk.CALLERS, f"{name} is no longer retried")
            if MUCH_LESS * new[name][1] <= timeout:
                text = f"{duration_text(timeout)} {ARROW} {duration_text(new[name][1])}"
                yield Difference("", Risk.CALLERS, f"{name} gets less time to answer: {text}")


def _attempts(graph: Graph, names: ModelNames) -> dict[str, tuple[int, int]]:
    """The most retries and the longest timeout of each model, in milliseconds."""
    attempts: dict[str, tuple[int, int]] = {}
    for element in graph.values():
        if element["type"] == MODEL:
            name = describe.model_name(element, names)
            retries, timeout = attempts.get(name, (0, 0))
            properties = element["properties"]
            attempts[name] = max(retries, int(properties["retries"])), max(timeout, int(properties["timeout"]))
    return attempts


def _limits(graph: Graph) -> list[Limit]:
    """(provider, key, quantity) of each limit; the guards before a provider's models are one limit, others have ""."""
    limits = []
    for name in sorted(graph):
        if graph[name]["type"] == RATE:
            guarded = describe.guarded_model(graph, name)
            provider = _model(graph[guarded.model])[0] if guarded else ""
            limit = provider, str(graph[name]["properties"]["key"]), describe.limit_quantity(graph[name])
            if not provider or limit not in limits:
                limits.append(limit)
    return limits


def _without(limits: Sequence[Limit], others: Sequence[Limit]) -> list[Limit]:
    left, rest = [], list(others)
    for limit in limits:
        if limit in rest:
            rest.remove(limit)
        else:
            left.append(limit)
    return left


def _list_differences(before: dict[str, str], after: dict[str, str]) -> Iterator[Difference]:
    """Of a plain list of models: added, removed and moved ones, and changed settings of the others."""
    old, new = list(before), list(after)
    for index, name in enumerate(new):
        if name not in before:
            yield Difference(f"{name} is new, {'first' if index == 0 else f'after {new[index - 1]}'}")
    yield from (Difference(f"without {name}") for name in old if name not in after)
    old_order, new_order = [name for name in old if name in after], [name for name in new if name in before]
    for index, name in enumerate(new_order):
        passed = [other for other in old_order[: old_order.index(name)] if other in new_order[index + 1 :]]
        if passed:
            yield Difference(f"{name} before {', '.join(passed)}")
    for name in new_order:
        if before[name] != after[name]:
            yield changed(f"{name}:", before[name] or "default", after[name] or "default")


def _plain_list(graph: Graph, names: ModelNames) -> dict[str, str] | None:
    """The models of a plain list in their order, each with its limits and attempts; None for another graph."""
    models: dict[str, str] = {}
    current = next((describe.target(element, "next") for element in graph.values() if element["type"] == START), None)
    while current is not None and (guarded := describe.guarded_model(graph, current)):
        element = graph[guarded.model]
        name = describe.model_name(element, names)
        if name in models or graph[describe.target(element, "success")]["type"] == MODEL:
            return None
        limits = [f"at most {describe.limit(graph[guard])}" for guard in guarded.guards]
        models[name] = ", ".join([*limits, *describe.attempts(element)])
        current = describe.target(element, "fallback")
    return models if current is not None and graph[current]["type"] == END else None


def _lines(graph: Graph, names: ModelNames) -> list[str]:
    return route_lines(dict(graph), names, SEPARATOR) if graph else []
