"""A route's graph as text: models in their order on one line, a further line for each branch.

if metadata.plan is paid
  within 5 USD/day by metadata.team: groq/gpt-oss-20b → workers-ai/gpt-oss-20b
  over: mistral/ministral-3b-latest
else: mistral/ministral-3b-latest
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.facts.route_graph import CONDITIONAL, END, PERCENTAGE, RATE, START
from gatewright.operations.routes import describe

if TYPE_CHECKING:
    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.operations.routes.describe import Element, GuardedModel, ModelNames


def route_lines(graph: Graph, names: ModelNames, separator: str = " → ") -> list[str]:
    """The lines, indented by two spaces per level; `separator` stands between a model and its fallback."""
    start = next(element for element in graph.values() if element["type"] == START)
    return _Walk(graph, names, separator).lines(describe.target(start, "next"))


@dataclass(slots=True)
class _Branch:
    """A branch to describe: the element that it leads to, its level and its label."""

    target: str
    level: int = 0
    label: str = ""


@dataclass(slots=True)
class _Walk:
    """One walk without recursion, since a graph may be deeper than Python's stack. No element is described twice."""

    graph: Graph
    names: ModelNames
    separator: str
    visited: set[str] = field(default_factory=set)

    def lines(self, first: str) -> list[str]:
        lines, pending = [], [_Branch(first)]
        while pending:
            branch = pending.pop()
            text, children = self._describe(branch)
            if text or branch.label:
                colon = ": " if text and branch.label else ""
                lines.append(f"{'  ' * branch.level}{branch.label}{colon}{text}")
            pending.extend(reversed(children))
        return lines

    def _describe(self, branch: _Branch) -> tuple[str, list[_Branch]]:
        """The text beside a branch's label, and the branches below it."""
        element = self.graph[branch.target]
        if element["type"] == END:
            return describe.REJECTED if branch.label == "over" else describe.NO_MODEL, []
        if describe.guarded_model(self.graph, branch.target):
            return self._models(branch)
        if branch.target in self.visited:
            return f"as above: {_fork(element)}", []
        self.visited.add(branch.target)
        level = branch.level + 1 if branch.label else branch.level
        return "", [_Branch(target, level, label) for label, target in _forks(element)]

    def _models(self, branch: _Branch) -> tuple[str, list[_Branch]]:
        """A chain of models by their fallbacks, and the branches after the last one."""
        models: list[tuple[str, str]] = []
        children: list[_Branch] = []
        current: str | None = branch.target
        while current is not None and (guarded := describe.guarded_model(self.graph, current)):
            element = self.graph[guarded.model]
            success, fallback = (describe.target(element, output) for output in ("success", "fallback"))
            models.append((self._name(guarded), ", ".join(describe.attempts(element))))
            was_visited = current in self.visited
            self.visited.add(current)
            if success != END and not was_visited:
                children.append(_Branch(success, branch.level + 1, f"after {models[-1][0]} answers"))
            current = None if self.graph[fallback]["type"] == END else fallback
            if was_visited and current is not None:
                return f"{self._join(models)}, then as above", children
        if current is not None:
            children.append(_Branch(current, branch.level + 1, "then"))
        return self._join(models), children

    def _name(self, guarded: GuardedModel) -> str:
        name = describe.model_name(self.graph[guarded.model], self.names)
        limits = " and ".join(describe.limit(self.graph[guard]) for guard in guarded.guards)
        return f"{name} (at most {limits})" if limits else name

    def _join(self, models: list[tuple[str, str]]) -> str:
        """`a → b  (1 retry, timeout 30s each)`, or each with its own attempts where they differ."""
        distinct = {attempts for _, attempts in models}
        if len(distinct) > 1:
            return self.separator.join(f"{name} ({attempts})" if attempts else name for name, attempts in models)
        (attempts,) = distinct
        suffix = f"  ({attempts}{' each' * (len(models) > 1)})" if attempts else ""
        return self.separator.join(name for name, _ in models) + suffix


def _fork(element: Element) -> str:
    match element["type"]:
        case str(kind) if kind == CONDITIONAL:
            return f"if {describe.conditions(element)}"
        case str(kind) if kind == RATE:
            return f"within {describe.limit(element)}"
    return f"split in {', '.join(describe.shares(element).values())}"


def _forks(element: Element) -> list[tuple[str, str]]:
    """(label, id of the target) of each output."""
    if element["type"] == PERCENTAGE:
        labels = describe.shares(element)
    elif element["type"] == CONDITIONAL:
        labels = {"true": _fork(element), "false": "else"}
        if "true" not in element["outputs"]:  # for one client, whose metadata decides
            labels["false"] = f"unless {describe.conditions(element)}"
    else:
        labels = {"success": _fork(element), "fallback": "over"}
    outputs = element["outputs"]
    return [(label, describe.target(element, output)) for output, label in labels.items() if output in outputs]
