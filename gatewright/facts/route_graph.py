"""The graph of a dynamic route, as Cloudflare accepts it: elements connected by their outputs, from `start` to `end`.

Source: the types of Cloudflare's official Python client 5.9.0. It is not documented that a graph has one start, no
cycle and no path without an end, but a graph without these cannot run.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gatewright.frozen import frozen

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
"""The outputs of each type. A percentage has its shares as outputs: 10%, 50%, else."""

ELSE = "else"
MAX_SHARES = 5  # in addition to else
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)%")


@frozen
class Flaw:
    """An error in a graph: the `index` of the element (None: the whole graph), the path in the element, the message."""

    index: int | None
    path: str
    message: str
    hint: str | None = None


def flaws(elements: Sequence[Element]) -> list[Flaw]:
    """All errors in a graph; a graph without any can run. Takes time linear in the number of edges."""
    errors = [flaw for index, element in enumerate(elements) for flaw in _element_flaws(index, element)]
    errors += _id_flaws(elements)
    if errors:
        return errors  # the graph cannot be walked without ids and outputs
    indexes = {element["id"]: index for index, element in enumerate(elements)}
    for index, element in enumerate(elements):
        for name, target in targets(element):
            if target not in indexes:
                errors.append(Flaw(index, f"outputs.{name}.elementId", f"unknown element {target}"))
    starts = [index for index, element in enumerate(elements) if element["type"] == START]
    if len(starts) != 1:
        message = f"expected one element of type start, found {len(starts)}"
        errors.append(Flaw(starts[1] if starts else None, "", message))
    return errors or _cycles(elements, indexes)


def targets(element: Element) -> list[tuple[str, str]]:
    """The outputs of one element, each with the id of the element that it leads to."""
    return [(name, output["elementId"]) for name, output in element["outputs"].items()]


def share(output: str) -> float | None:
    """The percentage of an output `10%`; None for else."""
    match = _SHARE.fullmatch(output)
    return float(match[1]) if match else None


def _element_flaws(index: int, element: Element) -> Iterator[Flaw]:
    kind, outputs = element.get("type"), element.get("outputs")
    if not isinstance(element.get("id"), str) or not element["id"]:
        yield Flaw(index, "id", "expected a string")
    if not isinstance(kind, str) or kind not in OUTPUTS:
        yield Flaw(index, "type", f"unknown type {kind}" if kind else "missing type", _one_of(OUTPUTS))
        return
    if not isinstance(outputs, Mapping):
        yield Flaw(index, "outputs", "expected a mapping" + (": {}" if kind == END else ""))
        return
    for name, output in outputs.items():
        if not isinstance(output, Mapping) or not isinstance(output.get("elementId"), str):
            yield Flaw(index, f"outputs.{name}", "expected {elementId: <id>}")
    names = OUTPUTS[kind]
    yield from _share_flaws(index, outputs) if names is None else _output_flaws(index, kind, names, outputs)
    yield from property_flaws(index, element)


def property_flaws(index: int, element: Element) -> Iterator[Flaw]:
    """The errors in the properties of an element; none for an unknown type."""
    properties = element.get("properties") or {}
    for name, (valid, expected) in _PROPERTIES.get(element["type"], {}).items():
        if not isinstance(properties, Mapping) or not valid(properties.get(name)):
            yield Flaw(index, f"properties.{name}", f"expected {expected}")


def _output_flaws(index: int, kind: str, names: tuple[str, ...], outputs: Mapping[str, Any]) -> Iterator[Flaw]:
    for name in names:
        if name not in outputs:
            yield Flaw(index, "outputs", f"missing output {name}, which a {kind} needs to continue")
    for name in outputs:
        if name not in names:
            yield Flaw(index, f"outputs.{name}", f"unknown output of a {kind}", _one_of(names))


def _share_flaws(index: int, outputs: Mapping[str, Any]) -> Iterator[Flaw]:
    shares = {name: share(name) for name in outputs if name != ELSE}
    for name, percent in shares.items():
        if not percent:
            yield Flaw(index, f"outputs.{name}", "expected a share: 1% to 99%, or else")
    if len(shares) > MAX_SHARES:
        yield Flaw(
            index, "outputs", f"has {len(shares)} shares, Cloudflare supports at most {MAX_SHARES} in addition to else"
        )
    total = sum(percent or 0 for percent in shares.values())
    if ELSE in outputs and total >= 100:
        yield Flaw(index, "outputs", f"the shares add up to {total:g}%, which leaves nothing for else")
    if ELSE not in outputs and total != 100:
        yield Flaw(index, "outputs", f"the shares add up to {total:g}%, and else is missing for the rest")


def _id_flaws(elements: Sequence[Element]) -> Iterator[Flaw]:
    seen: set[object] = set()
    for index, element in enumerate(elements):
        name = element.get("id")
        if isinstance(name, str) and name in seen:
            yield Flaw(index, "id", f"another element has the id {name}")
        seen.add(name if isinstance(name, str) else None)


def _cycles(elements: Sequence[Element], indexes: Mapping[str, int]) -> list[Flaw]:
    """An error for each edge that closes a cycle. Not recursive, so that the depth of the graph does not matter."""
    errors: list[Flaw] = []
    entered: set[int] = set()
    finished: set[int] = set()
    for root in range(len(elements)):
        if root in finished:
            continue
        entered.add(root)
        path = [(root, iter(targets(elements[root])))]
        while path:
            index, edges = path[-1]
            for name, target in edges:
                following = indexes[target]
                if following in finished:
                    continue
                if following in entered:
                    message = f"leads back to {target}: requests would never end"
                    errors.append(Flaw(index, f"outputs.{name}.elementId", message))
                    continue
                entered.add(following)
                path.append((following, iter(targets(elements[following]))))
                break
            else:
                finished.add(index)
                path.pop()
    return errors


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _positive(value: object) -> bool:
    return _number(value) and value != 0


_PROPERTIES = {
    CONDITIONAL: {"conditions": (lambda value: value is None or isinstance(value, Mapping), "a mapping")},
    RATE: {
        "key": (_text, "a field of the request, for example metadata.team"),
        "limit": (_positive, "a number greater than 0"),
        "limitType": (lambda value: value in ("count", "cost"), "count or cost"),
        "window": (_positive, "seconds, greater than 0"),
    },
    MODEL: {
        "provider": (_text, "a provider's slug"),
        "model": (_text, "a model's id"),
        "retries": (_number, "a number, at least 0"),
        "timeout": (_number, "milliseconds, at least 0"),
    },
}


def _one_of(names: Iterable[str]) -> str:
    return f"Valid: {', '.join(names)}" if names else "It has no outputs"
