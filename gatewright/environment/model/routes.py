"""Routes: the tree of try, split, if/then/else and limit that Cloudflare runs, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.environment.references import Located, ModelName
from gatewright.facts.slugs import CUSTOM_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.diagnostics import Location
    from gatewright.environment.quantities import Duration, Quantity

OPERATORS = {
    "eq": "It is this value.",
    "neq": "It is not this value.",
    "gt": "It is greater than this.",
    "lt": "It is less than this.",
    "in": "It is one of this list.",
    "contains": "It contains this text.",
}
COUNTED = ("requests", "USD")  # the units that a limit in a route can have
DEFAULT_TIMEOUT = 60_000  # ms; Cloudflare's API needs one


@dataclass(frozen=True, slots=True)
class Try:
    """Models in order: the first that answers wins; each is retried `retries` times, and given `timeout`."""

    models: tuple[Located[ModelName], ...]
    retries: int = 0
    timeout: Duration | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the traffic: percent (None is `else`, the rest) and what serves it."""

    branches: tuple[tuple[int | None, Step], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: `metadata.plan` `eq` `paid`; several of them all have to hold."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class If:
    """Two ways, told apart by the request."""

    conditions: tuple[Condition, ...]
    then: Step
    otherwise: Step


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit per value of the metadata key `by`; beyond it `over`, or a refusal with 429."""

    limit: Quantity
    by: str
    then: Step
    over: Step | None


@dataclass(frozen=True, slots=True)
class Elements:
    """The graph itself, as Cloudflare's API takes it, and where each element was written."""

    elements: tuple[dict[str, Any], ...]
    locations: tuple[Location, ...]

    def called(self) -> Iterator[tuple[str, str]]:
        """The provider, by its name here, and the id there of every model that the graph names."""
        for element in self.elements:
            match element:
                case {"type": "model", "properties": {"provider": provider, "model": model}}:
                    yield str(provider).removeprefix(CUSTOM_PREFIX), str(model)


Step = Try | Split | If | Limit


@dataclass(frozen=True, slots=True)
class Route:
    """A route, and where it was written."""

    tree: Step | Elements
    location: Location

    def models(self) -> Iterator[Located[ModelName]]:
        """Every model the tree names, in the order of the file; none of an `elements` graph."""
        if not isinstance(self.tree, Elements):
            yield from models_of(self.tree)

    def providers(self) -> frozenset[str]:
        """The providers that it may ask, by a tree or by a graph."""
        if isinstance(self.tree, Elements):
            return frozenset(provider for provider, _ in self.tree.called())
        return frozenset(model.value.provider for model in self.models())


def models_of(step: Step) -> Iterator[Located[ModelName]]:
    """Every model under `step`."""
    match step:
        case Try(models=models):
            yield from models
        case Split(branches=branches):
            for _, inner in branches:
                yield from models_of(inner)
        case If(then=then, otherwise=otherwise):
            yield from models_of(then)
            yield from models_of(otherwise)
        case Limit(then=then, over=over):
            yield from models_of(then)
            if over is not None:
                yield from models_of(over)
