"""Compile a route's tree to the elements of Cloudflare's API.

The fallback of a model in a `try` is the next model, that of the last model is `end`: the caller then gets its error.
A `limit` without `over` is a `rate` whose fallback is `end`: no model is called, and the gateway answers 429.
A provider's limits become a `rate`, a guard, before each of its models; beyond the limit the next model answers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gatewright.environment.checks.provider_limits import limits_in_routes
from gatewright.environment.model.routes import DEFAULT_TIMEOUT, Elements, If, Limit, Split, Try
from gatewright.facts.route_graph import CONDITIONAL, ELSE, END, MODEL, PERCENTAGE, RATE, START

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.environment.model.routes import Condition, Step
    from gatewright.environment.quantities import Quantity
    from gatewright.environment.references import ModelName
    from gatewright.environment.resolved import Environment

    Element = dict[str, Any]

LIMIT_TYPES = {"requests": "count", "USD": "cost"}
EVERYONE = "metadata.everyone"
"""The key of a guard. No request has it, and requests without a limit's key are counted together (guess)."""


def route_elements(environment: Environment, route: str) -> list[Element]:
    """The elements of a route. Equal trees give equal elements, in the order of the file."""
    tree = environment.routes[route].tree
    if isinstance(tree, Elements):
        return list(tree.elements)
    guards = {name: limits_in_routes(provider) for name, provider in environment.providers.items()}
    return Compiler(environment.model_id, guards).compile(tree)


class Compiler:
    """Compiler of one tree. `model_id` gives a model's id at its provider, `guards` the limits to put before each model
    of a provider.

    An element's id comes from its function, so that an edit elsewhere in the tree does not change it: a model has its
    name, a guard its provider's, the others are if, split and limit. The second of a name gets `-2`.
    """

    def __init__(
        self, model_id: Callable[[ModelName], str], guards: Mapping[str, Sequence[Quantity]] | None = None
    ) -> None:
        self._model_id = model_id
        self._guards = guards or {}
        self._elements: list[Element] = []
        self._taken = {START, END}
        self._counts: defaultdict[str, int] = defaultdict(lambda: 1)

    def compile(self, tree: Step) -> list[Element]:
        """All elements: `start`, then the tree from its root, then `end`."""
        start: Element = {"id": START, "type": START}
        self._elements.append(start)
        start["outputs"] = _outputs(next=self._step(tree))
        self._elements.append({"id": END, "type": END, "outputs": {}})
        return self._elements

    def _step(self, step: Step) -> str:
        """Add the elements of `step`. Returns the id of the first."""
        match step:
            case Try():
                return self._try(step)
            case Split(branches=((None, only),)):  # the other shares have no enabled model
                return self._step(only)
            case Split(branches=branches):
                split = self._add("split", PERCENTAGE)
                shares = {ELSE if share is None else f"{share}%": self._step(inner) for share, inner in branches}
                split["outputs"] = _outputs(**shares)
                return str(split["id"])
            case If():
                choice = self._add("if", CONDITIONAL, conditions=_conditions(step.conditions))
                choice["outputs"] = _outputs(true=self._step(step.then), false=self._step(step.otherwise))
                return str(choice["id"])
            case Limit():
                return self._limit(step)

    def _try(self, step: Try) -> str:
        timeout = step.timeout.milliseconds if step.timeout else DEFAULT_TIMEOUT
        choices = [self._choice(model.value, step.retries, timeout) for model in step.models]
        starts = [str(choice[0]["id"]) for choice in choices]
        for choice, fallback in zip(choices, [*starts[1:], END], strict=True):
            targets = [*(str(element["id"]) for element in choice[1:]), END]
            for element, target in zip(choice, targets, strict=True):
                element["outputs"] = _outputs(success=target, fallback=fallback)
        return starts[0]

    def _choice(self, name: ModelName, retries: int, timeout: int) -> list[Element]:
        """The guards of a model, then the model."""
        limits = self._guards.get(name.provider, ())
        guards = [self._rate(f"guard-{name.provider}", limit, EVERYONE) for limit in limits]
        properties = {"provider": name.provider, "model": self._model_id(name), "retries": retries, "timeout": timeout}
        return [*guards, self._add(_slug(str(name)), MODEL, **properties)]

    def _limit(self, step: Limit) -> str:
        limit = self._rate("limit", step.limit, step.by)
        then = self._step(step.then)
        limit["outputs"] = _outputs(success=then, fallback=END if step.over is None else self._step(step.over))
        return str(limit["id"])

    def _rate(self, name: str, limit: Quantity, key: str) -> Element:
        amount = int(limit.amount) if limit.amount.is_integer() else limit.amount
        return self._add(name, RATE, key=key, limit=amount, limitType=LIMIT_TYPES[limit.unit], window=limit.period)

    def _add(self, name: str, kind: str, **properties: Any) -> Element:
        element: Element = {"id": self._free(name), "type": kind}
        if properties:
            element["properties"] = properties
        self._elements.append(element)
        return element

    def _free(self, name: str) -> str:
        candidate = name
        while candidate in self._taken:
            self._counts[name] += 1
            candidate = f"{name}-{self._counts[name]}"
        self._taken.add(candidate)
        return candidate


def _outputs(**targets: str) -> dict[str, dict[str, str]]:
    return {name: {"elementId": target} for name, target in targets.items()}


def _conditions(conditions: Sequence[Condition]) -> dict[str, dict[str, Any]]:
    """Comparisons that must all be true, by field: {"metadata.plan": {"$eq": "paid"}}."""
    comparisons: dict[str, dict[str, Any]] = {}
    for condition in conditions:
        comparisons.setdefault(condition.field, {})[f"${condition.operator}"] = condition.value
    return comparisons


@lru_cache(maxsize=4096)  # routes name the same few models
def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
