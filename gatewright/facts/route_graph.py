"""What Cloudflare takes for the graph of a dynamic route: elements, joined by their outputs, from `start` to `end`.

Source: the types of Cloudflare's official Python client 5.9.0. That there is one start, no cycle and no way without an
end is not documented: a graph without these cannot be run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Element = Mapping[str, Any]

START, CONDITIONAL, PERCENTAGE, RATE, MODEL, END = "start", "conditional", "percentage", "rate", "model", "end"
OUTPUTS = {
    START: ("next",),
    CONDITIONAL: ("true", "false"),
    PERCENTAGE: None,
    RATE: ("success", "fallback"),
    MODEL: ("success", "fallback"),
    END: (),
}
"""The outputs of each type; those of a percentage are its shares: 10%, 50%, else."""

ELSE = "else"
MAX_SHARES = 5  # besides else
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a graph: `index` of the element (None: the graph as a whole), the path in it, and why."""

    index: int | None
    path: str
    message: str
    hint: str | None = None


def flaws(elements: Sequence[Element]) -> list[Flaw]:
    """All that is wrong with a graph: none, and it can be run. Takes time linear in its edges."""
    found = [flaw for index, element in enumerate(elements) for flaw in _element_flaws(index, element)]
    found += _id_flaws(elements)
    if found:
        return found  # without ids and outputs there is no graph to walk
    indexes = {element["id"]: index for index, element in enumerate(elements)}
    for index, element in enumerate(elements):
        for name, target in targets(element):
            if target not in indexes:
                found.append(Flaw(index, f"outputs.{name}.elementId", f"leads to {target}, which is no element"))
    starts = [index for index, element in enumerate(elements) if element["type"] == START]
    if len(starts) != 1:
        found.append(Flaw(starts[1] if starts else None, "", f"has {len(starts)} elements of type start, not one"))
    return found or _cycles(elements, indexes)


def targets(element: Element) -> list[tuple[str, str]]:
    """(output, id it leads to) of one element."""
    return [(name, output["elementId"]) for name, output in element["outputs"].items()]


def share(output: str) -> float | None:
    """The percent of a percentage's output `10%`; None for else."""
    match = _SHARE.fullmatch(output)
    return float(match[1]) if match else None


def _element_flaws(index: int, element: Element) -> Iterator[Flaw]:
    kind, outputs = element.get("type"), element.get("outputs")
    if not isinstance(element.get("id"), str) or not element["id"]:
        yield Flaw(index, "id", "needs an id, a text")
    if not isinstance(kind, str) or kind not in OUTPUTS:
        yield Flaw(index, "type", f"{kind} is no type of element" if kind else "needs a type", _one_of(OUTPUTS))
        return
    if not isinstance(outputs, Mapping):
        yield Flaw(index, "outputs", "needs outputs, a mapping" + (": {}" if kind == END else ""))
        return
    for name, output in outputs.items():
        if not isinstance(output, Mapping) or not isinstance(output.get("elementId"), str):
            yield Flaw(index, f"outputs.{name}", "must name where it leads", "Write {elementId: <id>}")
    names = OUTPUTS[kind]
    yield from _share_flaws(index, outputs) if names is None else _output_flaws(index, kind, names, outputs)
    properties = element.get("properties") or {}
    for name, (valid, what) in _PROPERTIES.get(kind, {}).items():
        if not isinstance(properties, Mapping) or not valid(properties.get(name)):
            yield Flaw(index, f"properties.{name}", f"must be {what}")


def _output_flaws(index: int, kind: str, names: tuple[str, ...], outputs: Mapping[str, Any]) -> Iterator[Flaw]:
    for name in names:
        if name not in outputs:
            yield Flaw(index, "outputs", f"lacks {name}: a {kind} needs it, or the way ends there")
    for name in outputs:
        if name not in names:
            yield Flaw(index, f"outputs.{name}", f"a {kind} has no such output", _one_of(names))


def _share_flaws(index: int, outputs: Mapping[str, Any]) -> Iterator[Flaw]:
    shares = {name: share(name) for name in outputs if name != ELSE}
    for name, percent in shares.items():
        if not percent:
            yield Flaw(index, f"outputs.{name}", "is not a share", "Write 1% to 99%, or else")
    if len(shares) > MAX_SHARES:
        yield Flaw(index, "outputs", f"has {len(shares)} shares; Cloudflare takes at most {MAX_SHARES} besides else")
    total = sum(percent or 0 for percent in shares.values())
    if ELSE in outputs and total >= 100:
        yield Flaw(index, "outputs", f"its shares add up to {total:g}%, which leaves nothing for else")
    if ELSE not in outputs and total != 100:
        yield Flaw(index, "outputs", f"its shares add up to {total:g}%, and there is no else for the rest")


def _id_flaws(elements: Sequence[Element]) -> Iterator[Flaw]:
    seen: set[object] = set()
    for index, element in enumerate(elements):
        name = element.get("id")
        if isinstance(name, str) and name in seen:
            yield Flaw(index, "id", f"there is another element {name}")
        seen.add(name if isinstance(name, str) else None)


def _cycles(elements: Sequence[Element], indexes: Mapping[str, int]) -> list[Flaw]:
    """Every edge that leads back to an element it came from; walked without recursion, for graphs of any depth."""
    found: list[Flaw] = []
    begun: set[int] = set()
    done: set[int] = set()
    for first in range(len(elements)):
        if first in done:
            continue
        begun.add(first)
        way = [(first, iter(targets(elements[first])))]
        while way:
            index, edges = way[-1]
            for name, target in edges:
                following = indexes[target]
                if following in done:
                    continue
                if following in begun:
                    message = f"leads back to {target}: a request would never end"
                    found.append(Flaw(index, f"outputs.{name}.elementId", message))
                    continue
                begun.add(following)
                way.append((following, iter(targets(elements[following]))))
                break
            else:
                done.add(index)
                way.pop()
    return found


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _positive(value: object) -> bool:
    return _number(value) and value != 0


_PROPERTIES = {
    CONDITIONAL: {"conditions": (lambda value: value is None or isinstance(value, Mapping), "a mapping")},
    RATE: {
        "key": (_text, "a field of the request, as metadata.team"),
        "limit": (_positive, "a number above 0"),
        "limitType": (lambda value: value in ("count", "cost"), "count or cost"),
        "window": (_positive, "seconds, above 0"),
    },
    MODEL: {
        "provider": (_text, "a provider's slug"),
        "model": (_text, "a model's id"),
        "retries": (_number, "a number, 0 for none"),
        "timeout": (_positive, "milliseconds, above 0"),
    },
}


def _one_of(names: Iterable[str]) -> str:
    return f"Valid: {', '.join(names)}" if names else "It has none"
