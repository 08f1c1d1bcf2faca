"""How a dynamic route runs: from `start` along the outputs to a model that answers, or to `end`.

The local Cloudflare and `gatewright simulate` both follow these steps. A model ends the run where it answers, and
leaves by `fallback` otherwise; the other types leave by the output that they choose. A run that reaches `end` returns
the last error. Sources: plans/route_run.py of the local Cloudflare, which names what is observed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatewright.facts.route_graph import ELSE, START, share, targets
from gatewright.facts.slugs import AUTO_ROUTER, SLUGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.facts.route_graph import Element

PASSED, FAILED = "success", "fallback"
"""The outputs of a limit and of a model."""


@dataclass(slots=True)
class RouteStep:
    """An element of a graph with the steps that its outputs lead to."""

    id: str
    kind: str
    properties: Mapping[str, Any]
    outputs: dict[str, RouteStep] = field(default_factory=dict)


def link(elements: Sequence[Element]) -> RouteStep:
    """The start of a graph without flaws."""
    steps = {
        element["id"]: RouteStep(element["id"], element["type"], element.get("properties") or {})
        for element in elements
    }
    for element in elements:
        steps[element["id"]].outputs = {name: steps[target] for name, target in targets(element)}
    return next(step for step in steps.values() if step.kind == START)


def in_reverse(start: RouteStep) -> list[RouteStep]:
    """All steps that a run can take, each after those that its outputs lead to."""
    ordered: dict[str, RouteStep] = {}
    path = [start]
    while path:
        step = path[-1]
        missing = [following for following in step.outputs.values() if following.id not in ordered]
        if missing:
            path.append(missing[0])
        else:
            ordered[path.pop().id] = step
    return list(ordered.values())


def can_route(provider: str) -> bool:
    """Whether a route can call a provider: the call of any other gets no response (2005)."""
    return provider in SLUGS and SLUGS[provider].compat and provider != AUTO_ROUTER


def share_point(event: str, element: str) -> float:
    """Where a request falls between 0 and 100 at an element; equal events fall at the same point."""
    return int.from_bytes(hashlib.sha256(f"{event}/{element}".encode()).digest()[:8]) / 2**64 * 100


def pick_share(outputs: Sequence[str], point: float) -> str:
    """The output into whose share `point` falls."""
    for output in outputs:
        percent = share(output)
        if percent is not None and point < percent:
            return output
        point -= percent or 0
    return ELSE if ELSE in outputs else outputs[-1]
