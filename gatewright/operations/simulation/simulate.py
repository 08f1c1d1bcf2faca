"""simulate: what an environment would do with a load: answers, cost, limits that are reached, latencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gatewright.diagnostics import did_you_mean
from gatewright.environment.references import ModelName, parse_name
from gatewright.errors import UsageError
from gatewright.operations.inventory import listed_prices
from gatewright.operations.simulation.build import NO_ASSUMPTIONS, Assumptions, Network
from gatewright.operations.simulation.tally import Tally
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator

    from gatewright.environment.load import Loaded
    from gatewright.environment.resolved import Environment
    from gatewright.operations.simulation.limits import Reached
    from gatewright.operations.simulation.requests import Request


class Load(Protocol):
    """Requests in the order of time over `seconds`, to `targets`."""

    @property
    def seconds(self) -> int:
        """The length of the period."""

    @property
    def targets(self) -> Collection[str]:
        """The routes, roles and models that the requests name."""

    def __iter__(self) -> Iterator[Request]:
        """The requests."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """The counts of a finished run over `seconds`, and its limits."""

    environment: str
    seconds: int
    tally: Tally
    limits: tuple[Reached, ...]


def simulate(loaded: Loaded, load: Load, assumptions: Assumptions = NO_ASSUMPTIONS, seed: int = 0) -> Simulation:
    """Run a load.

    Raises:
        InvalidEnvironmentError: the environment has errors.
        UsageError: a target of the load does not exist.
    """
    environment = require(loaded)
    check_targets(environment, load.targets)
    tally = Tally()
    network = Network(environment, listed_prices(loaded), assumptions, tally, seed)
    entries = {target: network.entry(target) for target in load.targets}
    network.run.play(load, entries)
    return Simulation(environment.name, load.seconds, tally, tuple(network.limits()))


def default_targets(environment: Environment) -> list[str]:
    """The routes, or the roles where there are no routes.

    Raises:
        UsageError: there are neither.
    """
    targets = [f"dynamic/{route}" for route in environment.routes] or list(environment.roles)
    if not targets:
        raise UsageError(f"{environment.name} has no routes and no roles", "Name a model: --on groq/gpt-oss-20b")
    return targets


def check_targets(environment: Environment, targets: Iterable[str]) -> None:
    """Raise UsageError for a name that is not a route, a role or a model of the environment."""
    for target in targets:
        if target in environment.roles or target.removeprefix("dynamic/") in environment.routes:
            continue
        name = parse_name(target)
        if isinstance(name, ModelName) and name.model in _models(environment, name.provider):
            continue
        known = [*environment.roles, *(f"dynamic/{route}" for route in environment.routes)]
        hint = did_you_mean(target, known) or f"Valid: {', '.join(known)}, or provider/model"
        raise UsageError(f"{target} is not a route, a role or a model of {environment.name}", hint)


def _models(environment: Environment, provider: str) -> Container[str]:
    return environment.providers[provider].models if provider in environment.providers else ()
