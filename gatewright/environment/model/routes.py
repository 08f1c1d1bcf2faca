"""Routes as data: the tree of try, split, if and limit steps that Cloudflare runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.references import Located, ModelName
from gatewright.facts.slugs import CUSTOM_PREFIX
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.diagnostics import Location
    from gatewright.environment.quantities import Duration, Quantity

OPERATORS = {
    "eq": "Equal to this value.",
    "neq": "Not equal to this value.",
    "gt": "Greater than this value.",
    "lt": "Less than this value.",
    "in": "One of this list.",
    "contains": "Contains this text.",
}
LIMIT_UNITS = ("requests", "USD")  # that Cloudflare can limit in a route
DEFAULT_TIMEOUT = 60_000  # ms; Cloudflare's API requires a timeout


@frozen
class Try:
    """Models in order of preference; each is retried `retries` times and has `timeout` to start its response."""

    models: tuple[Located[ModelName], ...]
    retries: int = 0
    timeout: Duration | None = None


@frozen
class Split:
    """Shares of the traffic in percent, None for `else`, each with its step."""

    branches: tuple[tuple[int | None, Step], ...]


@frozen
class Condition:
    """One comparison of a field of the request: `metadata.plan` `eq` `paid`."""

    field: str
    operator: str
    value: Any
    location: Location
    path: str  # routes.choice.if.metadata.plan


@frozen
class If:
    """`then` where all `conditions` hold, `otherwise` in other cases."""

    conditions: tuple[Condition, ...]
    then: Step
    otherwise: Step


@frozen
class Limit:
    """`then` within a limit for each value of the field `by`; beyond it `over`, or a 429 response without `over`."""

    limit: Quantity
    by: str
    then: Step
    over: Step | None
    location: Location  # of `by`
    path: str


@frozen
class Elements:
    """A graph as Cloudflare's API accepts it, with the location of each element."""

    elements: tuple[dict[str, Any], ...]
    locations: tuple[Location, ...]

    def models(self) -> Iterator[tuple[str, str]]:
        """The provider's name in the environment and the model's id at that provider, for each model element."""
        for element in self.elements:
            match element:
                case {"type": "model", "properties": {"provider": provider, "model": model}}:
                    yield str(provider).removeprefix(CUSTOM_PREFIX), str(model)


Step = Try | Split | If | Limit


@frozen
class Route:
    """A route with its location."""

    tree: Step | Elements
    location: Location

    def models(self) -> Iterator[Located[ModelName]]:
        """Every model that the tree names, in the order of the file; empty for `elements`."""
        if not isinstance(self.tree, Elements):
            yield from _models(self.tree)

    def providers(self) -> frozenset[str]:
        """The providers that the route can call."""
        if isinstance(self.tree, Elements):
            return frozenset(provider for provider, _ in self.tree.models())
        return frozenset(model.value.provider for model in self.models())


def _models(step: Step) -> Iterator[Located[ModelName]]:
    match step:
        case Try(models=models):
            yield from models
        case Split(branches=branches):
            for _, inner in branches:
                yield from _models(inner)
        case If(then=then, otherwise=otherwise):
            yield from _models(then)
            yield from _models(otherwise)
        case Limit(then=then, over=over):
            yield from _models(then)
            if over is not None:
                yield from _models(over)
