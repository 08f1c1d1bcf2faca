"""A route's graph as text: models in their order on one line, a line more for each fork.

if metadata.plan is paid
  within 5 USD/day by metadata.team: groq/llama-3.1-8b → workers-ai/gpt-oss-20b
  over: mistral/mistral-tiny
else: mistral/mistral-tiny
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.facts.route_graph import CONDITIONAL, END, PERCENTAGE, RATE, START
from gatewright.operations.routes import describe as words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.cloudflare.dynamic_routes import Graph
    from gatewright.operations.routes.describe import Element


def route_lines(graph: Graph, names: Mapping[tuple[str, str], str], between: str = " → ") -> list[str]:
    """The lines, by two spaces for each level. `names`: (provider, id) -> what the model is called; `between`: what
    stands between models that follow one another."""
    start = next(element for element in graph.values() if element["type"] == START)
    return _Text(graph, names, between).lines(words.target(start, "next"))


@dataclass(slots=True)
class _Way:
    """What is still to be said: where a way leads, on which level, after which label."""

    to: str
    level: int = 0
    label: str = ""


@dataclass(slots=True)
class _Text:
    """One walk, without recursion: a graph may be deeper than Python's calls. Nothing is said twice at length."""

    graph: Graph
    names: Mapping[tuple[str, str], str]
    between: str
    said: set[str] = field(default_factory=set)

    def lines(self, first: str) -> list[str]:
        lines, open_ = [], [_Way(first)]
        while open_:
            way = open_.pop()
            text, below = self._said(way)
            if text or way.label:
                between = ": " if text and way.label else ""
                lines.append(f"{'  ' * way.level}{way.label}{between}{text}")
            open_.extend(reversed(below))
        return lines

    def _said(self, way: _Way) -> tuple[str, list[_Way]]:
        """What stands beside a way's label, and the ways below it."""
        element = self.graph[way.to]
        if element["type"] == END:
            return "refused with 429" if way.label == "over" else "no model is asked", []
        if words.guarded(self.graph, way.to):
            return self._models(way)
        if way.to in self.said:
            return f"as above: {_fork(element)}", []
        self.said.add(way.to)
        level = way.level + 1 if way.label else way.level
        return "", [_Way(to, level, label) for label, to in _forks(element)]

    def _models(self, way: _Way) -> tuple[str, list[_Way]]:
        """Models that follow one another, and what comes after the last."""
        models: list[tuple[str, str]] = []
        below: list[_Way] = []
        here: str | None = way.to
        while here is not None and (choice := words.guarded(self.graph, here)):
            element = self.graph[choice.model]
            following = words.target(element, "fallback")
            models.append((self._name(choice), ", ".join(words.patience(element))))
            known = here in self.said
            self.said.add(here)
            answered = words.target(element, "success")
            if answered != END and not known:
                below.append(_Way(answered, way.level + 1, f"once {models[-1][0]} answers"))
            here = None if self.graph[following]["type"] == END else following
            if known and here is not None:
                return f"{self._joined(models)} and on, as above", below
        if here is not None:
            below.append(_Way(here, way.level + 1, "then"))
        return self._joined(models), below

    def _name(self, choice: words.Guarded) -> str:
        name = words.model_name(self.graph[choice.model], self.names)
        limits = " and ".join(words.limit(self.graph[each]) for each in choice.guards)
        return f"{name} (at most {limits})" if limits else name

    def _joined(self, models: list[tuple[str, str]]) -> str:
        """`a → b  (1 retry, timeout 30s each)`, or each with its own where they differ."""
        kinds = {patience for _, patience in models}
        if len(kinds) > 1:
            return self.between.join(f"{name} ({patience})" if patience else name for name, patience in models)
        (patience,) = kinds
        said = f"  ({patience}{' each' * (len(models) > 1)})" if patience else ""
        return self.between.join(name for name, _ in models) + said


def _fork(element: Element) -> str:
    """A fork in a few words."""
    match element["type"]:
        case str(kind) if kind == CONDITIONAL:
            return f"if {words.conditions(element)}"
        case str(kind) if kind == RATE:
            return f"within {words.limit(element)}"
    return f"split in {', '.join(words.shares(element).values())}"


def _forks(element: Element) -> list[tuple[str, str]]:
    """(label, id) of each way out of a fork."""
    if element["type"] == PERCENTAGE:
        return [(text, words.target(element, output)) for output, text in words.shares(element).items()]
    yes, no, label = ("true", "false", "else") if element["type"] == CONDITIONAL else ("success", "fallback", "over")
    return [(_fork(element), words.target(element, yes)), (label, words.target(element, no))]
