"""What changes of a route: order, shares, limits, patience; and its graph before and after."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from gatewright.facts.route_graph import MODEL, START
from gatewright.operations import route_words
from gatewright.operations.plan.words import ARROW, Danger, Difference, by_name, changed, differing
from gatewright.operations.route_mermaid import route_flowchart
from gatewright.operations.route_text import route_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.cloudflare.dynamic_routes import Graph

    Properties = Mapping[str, Any]
    Names = Mapping[tuple[str, str], str]

NO_GAP = "new version, no gap"
LONGEST = 4
"""Lines of a route's text that are said in words; of more, the drawing says it."""


def route_differences(old: Properties, new: Properties, names: Names, told: Iterable[str] = ()) -> list[Difference]:
    """What differs between two maps of DynamicRoute's properties; `names`: (provider, id) -> what a model is called."""
    found = [changed("name", str(old["name"]), str(new["name"]))] if old.get("name") != new.get("name") else []
    if old.get("elements") != new.get("elements"):
        found += [*_graph(old.get("elements") or {}, new.get("elements") or {}, names), Difference(NO_GAP)]
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
            yield from (_line(*pair) for pair in zip(gone, come, strict=True))
        elif len(gone) + len(come) <= LONGEST:
            yield from (_removed(line) for line in gone)
            yield from (Difference(f"new: {line}") for line in come)
        else:
            yield Difference(f"{len(gone)} of its lines become {len(come)}", *_limit_lost(gone, come))


def _line(old: str, new: str) -> Difference:
    return Difference(f"{old} {ARROW} {new}", *_limit_lost([old], [new]))


def _removed(line: str) -> Difference:
    return Difference(f"no longer: {line}", *_limit_lost([line], []))


def _limit_lost(gone: list[str], come: list[str]) -> tuple[Danger, str] | tuple[()]:
    def limits(lines: list[str]) -> int:
        return sum(line.count("within ") + line.count("at most ") for line in lines)

    return (Danger.LIMIT, "a limit is removed") if limits(gone) > limits(come) else ()


def _choices(before: dict[str, str], after: dict[str, str]) -> Iterator[Difference]:
    """Of a plain list of models: which come first, which are new, which are gone, and what is different of the rest."""
    was, now = list(before), list(after)
    for name in now:
        if name not in before:
            place = now.index(name)
            where = "first" if place == 0 else f"after {now[place - 1]}"
            yield Difference(f"{name} is new, {where}")
    yield from (Difference(f"without {name}") for name in was if name not in after)
    stayed, kept = [name for name in was if name in after], [name for name in now if name in before]
    for place, name in enumerate(kept):
        passed = [other for other in stayed[: stayed.index(name)] if other in kept[place + 1 :]]
        if passed:
            yield Difference(f"{name} before {', '.join(passed)}")
    for name in kept:
        if before[name] != after[name]:
            yield Difference(
                f"{name}: {before[name] or 'as usual'} {ARROW} {after[name] or 'as usual'}",
                *_limit_lost([before[name]], [after[name]]),
            )


def _order(graph: Graph, names: Names) -> dict[str, str] | None:
    """The models of a plain list in their order, with what is said of each beside its name; None for another graph."""
    found: dict[str, str] = {}
    here = next((route_words.target(each, "next") for each in graph.values() if each["type"] == START), None)
    while here is not None and (choice := route_words.guarded(graph, here)):
        element = graph[choice.model]
        name = route_words.model_name(element, names)
        if name in found or graph[route_words.target(element, "success")]["type"] == MODEL:
            return None
        limits = [f"at most {route_words.limit(graph[each])}" for each in choice.guards]
        found[name] = ", ".join([*limits, *route_words.patience(element)])
        here = route_words.target(element, "fallback")
    return found if here is not None and graph[here]["type"] == "end" else None


def _lines(graph: Graph, names: Names) -> list[str]:
    return route_lines(dict(graph), names) if graph else []
