"""What changes of a route: order, shares, limits, patience; and its graph before and after."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.mapping.route_elements import EVERYONE
from gatewright.facts.route_graph import MODEL, RATE, START
from gatewright.operations.plan.diffs.limit_risks import limit_risk
from gatewright.operations.plan.diffs.values import ARROW, Difference, Risk, by_name, changed, differing
from gatewright.operations.routes import describe
from gatewright.operations.routes.mermaid import route_flowchart
from gatewright.operations.routes.text import route_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.environment.quantities import Quantity

    Properties = Mapping[str, Any]
    Names = Mapping[tuple[str, str], str]
    Limit = tuple[str, str, Quantity]

NO_GAP = "new version, no gap"
THEN = ", then "
"""Between models that follow one another: an arrow leads from what was to what is."""
LONGEST = 4
"""Lines of a route's text that are said in words; of more, the drawing says it."""


def route_differences(old: Properties, new: Properties, names: Names, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of DynamicRoute's properties; `names`: (provider, id) -> what a model is called."""
    found = [changed("name", str(old["name"]), str(new["name"]))] if old.get("name") != new.get("name") else []
    if old.get("elements") != new.get("elements"):
        before, after = old.get("elements") or {}, new.get("elements") or {}
        others = _other_ids(before, after, names)
        found += [Difference(f"{names[now]}: another id, {was[1]} {ARROW} {now[1]}") for was, now in others.items()]
        known = {**names, **{was: names[now] for was, now in others.items()}}
        found += [*_graph(before, after, known), *_limits_lost(before, after), Difference(NO_GAP)]
    left = [name for name in differing(old, new, told) if name not in ("name", "elements")]
    return [*found, *by_name(left, old, new)]


def route_summary(new: Properties, names: Names) -> list[Difference]:
    """How a new route runs, where one line says it."""
    lines = _lines(new.get("elements") or {}, names)
    return [Difference(lines[0])] if len(lines) == 1 else []


def graphs(route: str, old: Properties | None, new: Properties | None, names: Names) -> tuple[str, str]:
    """Mermaid flowcharts, before and after; "" where there is none."""
    before, after = (
        "\n".join(route_flowchart(route, dict(each["elements"]), names)) if each and each.get("elements") else ""
        for each in (old, new)
    )
    return before, after


def _graph(old: Graph, new: Graph, names: Names) -> Iterator[Difference]:
    before, after = _order(old, names), _order(new, names)
    if before is not None and after is not None:
        yield from _choices(before, after)
        return
    was, now = _lines(old, names), _lines(new, names)
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone, come = [line.strip() for line in was[i1:i2]], [line.strip() for line in now[j1:j2]]
        if len(gone) == len(come) and len(gone) <= LONGEST:
            yield from (Difference(f"{was} {ARROW} {now}") for was, now in zip(gone, come, strict=True))
        elif len(gone) + len(come) <= LONGEST:
            yield from (Difference(f"no longer: {line}") for line in gone)
            yield from (Difference(f"new: {line}") for line in come)
        else:
            yield Difference(f"{len(gone)} of its lines become {len(come)}")


def _other_ids(old: Graph, new: Graph, names: Names) -> dict[tuple[str, str], tuple[str, str]]:
    """Models as the catalog had them and has them now, where only the id is another: their elements are called by their
    names."""
    found = {}
    for name, element in new.items():
        if element["type"] == MODEL and old.get(name, {}).get("type") == MODEL:
            was, now = _model(old[name]), _model(element)
            if was[0] == now[0] and was != now and now in names and was not in names:
                found[was] = now
    return found


def _model(element: Mapping[str, Any]) -> tuple[str, str]:
    its = element["properties"]
    return str(its["provider"]), str(its["model"])


def _limits_lost(old: Graph, new: Graph) -> Iterator[Difference]:
    """The limits that are gone or allow more. A provider's own goes with its last model, and is no loss then."""
    was, now = _limits(old), _limits(new)
    come = _without(now, was)
    asked = {"", *(_model(each)[0] for each in new.values() if each["type"] == MODEL)}
    for provider, key, quantity in _without(was, now):
        other = next((each for each in come if each[0] == provider), None)
        if other:
            come.remove(other)
        what = f"limit of {quantity}"
        reason = limit_risk(what, quantity, other[2] if other else None)
        if not reason and other and key == EVERYONE != other[1]:
            reason = Risk.LIMIT, f"the {what} holds for each {other[1]} by itself"
        if reason and provider in asked:
            yield Difference("", *reason)


def _limits(graph: Graph) -> list[Limit]:
    """Each with its key, and where it guards models, their provider, which has one of a kind."""
    found = []
    for name in sorted(graph):
        if graph[name]["type"] == RATE:
            choice = describe.guarded(graph, name)
            provider = _model(graph[choice.model])[0] if choice else ""
            limit = provider, str(graph[name]["properties"]["key"]), describe.quantity(graph[name])
            if not provider or limit not in found:
                found.append(limit)
    return found


def _without(limits: Sequence[Limit], others: Sequence[Limit]) -> list[Limit]:
    left, rest = [], list(others)
    for limit in limits:
        if limit in rest:
            rest.remove(limit)
        else:
            left.append(limit)
    return left


def _choices(before: dict[str, str], after: dict[str, str]) -> Iterator[Difference]:
    """Of a plain list of models: which come first, which are new, which are gone, and what is different of the rest."""
    was, now = list(before), list(after)
    for name in now:
        if name not in before:
            location = now.index(name)
            where = "first" if location == 0 else f"after {now[location - 1]}"
            yield Difference(f"{name} is new, {where}")
    yield from (Difference(f"without {name}") for name in was if name not in after)
    stayed, kept = [name for name in was if name in after], [name for name in now if name in before]
    for location, name in enumerate(kept):
        passed = [other for other in stayed[: stayed.index(name)] if other in kept[location + 1 :]]
        if passed:
            yield Difference(f"{name} before {', '.join(passed)}")
    for name in kept:
        if before[name] != after[name]:
            yield Difference(f"{name}: {before[name] or 'as usual'} {ARROW} {after[name] or 'as usual'}")


def _order(graph: Graph, names: Names) -> dict[str, str] | None:
    """The models of a plain list in their order, with what is said of each beside its name; None for another graph."""
    found: dict[str, str] = {}
    here = next((describe.target(each, "next") for each in graph.values() if each["type"] == START), None)
    while here is not None and (choice := describe.guarded(graph, here)):
        element = graph[choice.model]
        name = describe.model_name(element, names)
        if name in found or graph[describe.target(element, "success")]["type"] == MODEL:
            return None
        limits = [f"at most {describe.limit(graph[each])}" for each in choice.guards]
        found[name] = ", ".join([*limits, *describe.patience(element)])
        here = describe.target(element, "fallback")
    return found if here is not None and graph[here]["type"] == "end" else None


def _lines(graph: Graph, names: Names) -> list[str]:
    return route_lines(dict(graph), names, THEN) if graph else []
