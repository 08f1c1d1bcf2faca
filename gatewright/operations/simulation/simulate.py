"""simulate: what an environment would do with a load: answers, cost, limits that are reached, latencies."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from gatewright.command_line import command
from gatewright.diagnostics import did_you_mean
from gatewright.environment.references import ModelName, RouteName, parse_name
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.operations.inventory import listed_prices
from gatewright.operations.simulation.assumptions import NO_ASSUMPTIONS, Assumptions
from gatewright.operations.simulation.auto_router import candidate_prices, cost_of
from gatewright.operations.simulation.build import Network
from gatewright.operations.simulation.requests import without_collections
from gatewright.operations.simulation.tally import Tally
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.facts.route_graph import Element
    from gatewright.operations.simulation.assumptions import ModelTiming
    from gatewright.operations.simulation.auto_router import AutoRouterCost
    from gatewright.operations.simulation.faults import Fault
    from gatewright.operations.simulation.limits import Reached
    from gatewright.operations.simulation.requests import Request


class Load(Protocol):
    """Requests in the order of time over `seconds`, to `targets`."""

    @property
    def start(self) -> int:
        """The start of the period, in seconds since 1970."""

    @property
    def seconds(self) -> int:
        """The length of the period."""

    @property
    def targets(self) -> Collection[str]:
        """The routes, roles and models that the requests name."""

    def __iter__(self) -> Iterator[Request]:
        """The requests."""


@frozen
class Simulation:
    """The counts of a finished run over `seconds`, its limits, the latencies that it used, and what it assumed.

    auto_router: the cost of the Auto Router, where it answered requests.
    """

    environment: str
    seconds: int
    tally: Tally
    limits: tuple[Reached, ...]
    timings: tuple[ModelTiming, ...] = ()
    notes: tuple[str, ...] = ()
    auto_router: AutoRouterCost | None = None


def simulate(
    loaded: Loaded,
    load: Load,
    assumptions: Assumptions = NO_ASSUMPTIONS,
    seed: int = 0,
    routes: Mapping[str, Sequence[Element]] = MappingProxyType({}),
) -> Simulation:
    """Run a load. `routes`: the elements of routes in place of those of the environment.

    Raises:
        InvalidEnvironmentError: the environment has errors.
        UsageError: the load or the assumptions name something that the environment does not have.
    """
    environment = require(loaded)
    check_targets(environment, load.targets)
    check_assumptions(environment, assumptions)
    tally = Tally()
    prices = candidate_prices(loaded)
    network = Network(environment, listed_prices(loaded), assumptions, tally, seed, routes, prices)
    entries = {target: network.entry(target) for target in load.targets}
    with without_collections():
        network.run.play(load, entries)
    auto = cost_of(tally, network.candidates, prices)
    notes = (*network.policies.notes(), *([auto.note()] if auto else []))
    timings = tuple(network.timings)
    return Simulation(environment.name, load.seconds, tally, tuple(network.limits()), timings, notes, auto)


def default_targets(environment: Environment) -> list[str]:
    """The routes, or the roles where there are no routes.

    Raises:
        UsageError: there are neither.
    """
    targets = [f"dynamic/{route}" for route in environment.routes] or list(environment.roles)
    if not targets:
        raise UsageError(f"{environment.name} has no routes and no roles", "Name a model: --on groq/gpt-oss-20b")
    return targets


def is_target(environment: Environment, target: str) -> bool:
    """Whether an environment has a role, a route (dynamic/fast) or a model."""
    if target in environment.roles:
        return True
    name = parse_name(target)
    if isinstance(name, RouteName):
        return name.route in environment.routes
    return isinstance(name, ModelName) and name.model in _models(environment, name.provider)


def check_targets(environment: Environment, targets: Iterable[str]) -> None:
    """Raise UsageError for a name that is not a target of the environment."""
    for target in targets:
        if not is_target(environment, target):
            known = [*environment.roles, *(f"dynamic/{route}" for route in environment.routes)]
            hint = did_you_mean(target, known) or f"Valid: {', '.join(known)}, or provider/model"
            raise UsageError(f"{target} is not a route, a role or a model of {environment.name}", hint)


def check_assumptions(environment: Environment, assumptions: Assumptions) -> None:
    """Raise UsageError for an assumption about a provider or a model that the environment does not have."""
    for provider in assumptions.concurrent:
        if provider not in environment.providers:
            hint = did_you_mean(provider, environment.providers)
            raise UsageError(f"--concurrent {provider}: {environment.name} has no such provider", hint)
    models = [
        ModelName(provider, model) for provider, content in environment.providers.items() for model in content.models
    ]
    for name in assumptions.timings:
        if name not in map(str, models):
            hint = did_you_mean(name, map(str, models))
            raise UsageError(f"--latency {name}: {environment.name} has no such model", hint)
    for fault in assumptions.faults:
        if not any(_applies(fault, name, environment) for name in models):
            name = fault.provider if fault.model == "*" else f"{fault.provider}/{fault.model}"
            hint = did_you_mean(name, [*environment.providers, *map(str, models)]) or command(
                f"show {environment.name} models"
            )
            raise UsageError(f"--fault {name}: matches no model of {environment.name}", hint)


def _applies(fault: Fault, name: ModelName, environment: Environment) -> bool:
    return fault.matches((name.provider,), (environment.model_id(name), name.model))


def _models(environment: Environment, provider: str) -> Container[str]:
    return environment.providers[provider].models if provider in environment.providers else ()
