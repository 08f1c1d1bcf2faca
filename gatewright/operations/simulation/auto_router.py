"""The Auto Router in a simulation: its candidates and the bounds of its cost.

Cloudflare does not document how it chooses. Guesses: each candidate gets an equal share of the requests, and one that
does not answer is followed by the next of the list, as at the local Cloudflare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName
from gatewright.facts.auto_router import ALL_MODELS, MODEL, NAME, call_of, pool
from gatewright.facts.route_steps import share_point
from gatewright.facts.slugs import AUTO_ROUTER
from gatewright.frozen import frozen
from gatewright.io.figures import usd
from gatewright.io.printable import listed, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.environment.model.catalog import Cost
    from gatewright.environment.resolved import Environment
    from gatewright.operations.simulation.models import Model
    from gatewright.operations.simulation.requests import Request
    from gatewright.operations.simulation.run import Run, Step
    from gatewright.operations.simulation.tally import Tally

_MAX_NAMES = 5  # in a note


@frozen
class AutoRouterCost:
    """The cost of the answered requests: if equal shares hold, and the bounds for any choice, in USD.

    `unpriced` are the candidates without a known price. With some, `cost` is None, the sums of the simulation count
    them as 0, and the bounds hold for a choice among the others.
    """

    answered: int
    candidates: int
    unpriced: tuple[str, ...]
    cost: float | None
    lowest: float
    highest: float

    def note(self) -> str:
        """What of it is a guess."""
        text = (
            f"{NAME}: Cloudflare does not document how it chooses, so equal shares of {self.candidates} models are a "
            "guess; the cost"
        )
        bounds = f"between {usd(self.lowest)} and {usd(self.highest)} USD"
        if not self.unpriced:
            return f"{text} is {bounds}"
        priced = self.candidates - len(self.unpriced)
        known = f"is {bounds} if {plural(priced, 'model')} with a price answered" if priced else "is not known"
        return f"{text} {known}: the files have no price of {listed(self.unpriced, _MAX_NAMES)}, which count as 0"


class AutoRouter:
    """Sends each request to one of the candidates: `chains` begin with one each, followed by the others."""

    __slots__ = ("_chains", "_run")

    def __init__(self, run: Run, chains: Sequence[Step]) -> None:
        self._run = run
        self._chains = chains

    def enter(self, request: Request, now: float) -> Step | None:  # noqa: ARG002
        """Choose the first candidate."""
        event = request.event
        point = share_point(event, NAME) / 100 if event else self._run.draws.random()
        return self._chains[int(point * len(self._chains))]


def candidates(environment: Environment) -> list[str]:
    """The models that the clients of the Auto Router allow, by its names; the default ones without such a client."""
    auto = ModelName(AUTO_ROUTER, MODEL)
    routers = [
        client.options_of(role).auto_router
        for client in environment.clients.values()
        if auto in client.models
        for role in ("", *client.distinguished_roles)
    ]
    pools = [pool(router.models, router.providers) if router else pool() for router in routers] or [pool()]
    return list(dict.fromkeys(model for models in pools for model in models))


def candidate_prices(loaded: Loaded) -> dict[str, Cost]:
    """The listed prices of the Auto Router's models, by its names, of those for which the catalog has one."""
    declared = loaded.file.providers if loaded.file else {}
    by_id = {
        (provider, _comparable(model.id or name)): model.cost
        for provider, content in declared.items()
        for name, model in content.models.items()
        if model.cost.input or model.cost.output
    }
    prices = {}
    for name in ALL_MODELS:
        provider, identifier = call_of(name)
        if cost := by_id.get((provider, _comparable(identifier))):
            prices[name] = cost
    return prices


def declared_name(by_id: Mapping[tuple[str, str], ModelName], name: str) -> ModelName | None:
    """The environment's name of a model of the Auto Router; `by_id`: its models by provider and id."""
    provider, identifier = call_of(name)
    comparable = {(slug, _comparable(id_)): declared for (slug, id_), declared in by_id.items()}
    return comparable.get((provider, _comparable(identifier)))


def chains(models: Sequence[Model], call: Callable[[Model, Step], Step], fallback: Step) -> list[Step]:
    """For each model the step that calls it first, then those after it and those before it, then `fallback`."""
    steps = []
    for first in range(len(models)):
        step = fallback
        for model in (*models[:first][::-1], *models[first:][::-1]):
            step = call(model, step)
        steps.append(step)
    return steps


def _comparable(identifier: str) -> str:
    """An id for comparison: the Auto Router writes claude-opus-5.5 for what Anthropic calls claude-opus-5-5."""
    return identifier.replace(".", "-")


def cost_of(tally: Tally, models: Mapping[str, Model], prices: Mapping[str, Cost]) -> AutoRouterCost | None:
    """The cost of the requests that the candidates `models`, by the Auto Router's names, answered; None without one."""
    totals = tally.by_model()
    answers = [totals[model.name] for model in models.values() if model.name in totals]
    if not answers:
        return None
    tokens_in, tokens_out = (
        sum(values) for values in zip(*((a.tokens_in, a.tokens_out) for a in answers), strict=True)
    )
    priced = [model.price for name, model in models.items() if name in prices]
    lowest, highest = (
        bound(price[0] for price in priced) * tokens_in + bound(price[1] for price in priced) * tokens_out
        if priced
        else 0
        for bound in (min, max)
    )
    unpriced = tuple(name for name in models if name not in prices)
    return AutoRouterCost(
        answered=sum(answer.answered for answer in answers),
        candidates=len(models),
        unpriced=unpriced,
        cost=None if unpriced else sum(answer.cost for answer in answers),
        lowest=lowest,
        highest=highest,
    )
