"""preview --simulate: a load on the routes that Cloudflare runs, and on those of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.dynamic_routes import elements_of
from gatewright.environment.references import RouteName, parse_name
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.route_graph import flaws
from gatewright.frozen import frozen
from gatewright.io.figures import NONE, seconds, usd
from gatewright.operations.routes.deployed import deployed_routes
from gatewright.operations.show import Table
from gatewright.operations.simulation.assumptions import NO_ASSUMPTIONS
from gatewright.operations.simulation.document import totals_json
from gatewright.operations.simulation.report import P95, share_text, summary
from gatewright.operations.simulation.simulate import simulate
from gatewright.operations.simulation.tally import Total
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.load import Loaded
    from gatewright.operations.simulation.assumptions import Assumptions
    from gatewright.operations.simulation.simulate import Load, Simulation

UNANSWERED, REFUSED = "no model", "no model, by a policy"


@frozen
class Comparison:
    """A load, in words, on the files' routes (`after`) and on the deployed ones (`before`); `reason` says why the
    latter is missing."""

    load: str
    after: Simulation
    before: Simulation | None = None
    reason: str = ""


def compare_with_deployed(
    loaded: Loaded, load: Load, described: str, assumptions: Assumptions = NO_ASSUMPTIONS
) -> Comparison:
    """Simulate a load before and after an up; `described` is the load in words.

    Where Cloudflare cannot be asked, or does not run one of the routes, only after it.

    Raises:
        UsageError: the load names a target that the environment does not have.
    """
    after = simulate(loaded, load, assumptions)
    try:
        deployed = deployed_routes(require(loaded), pause=lambda _: None)
    except (CloudflareError, RefusedError) as error:
        is_new = isinstance(error, CloudflareError) and error.status == 404
        return Comparison(described, after, reason="the gateway does not exist yet" if is_new else error.message)
    graphs = {name: elements_of(route.graph) for name, route in deployed.items()}
    running = {name: elements for name, elements in graphs.items() if not flaws(elements)}
    missing = [target for target in load.targets if _route(target) and _route(target) not in running]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return Comparison(described, after, reason=f"{', '.join(missing)} {verb} not deployed yet")
    return Comparison(described, after, simulate(loaded, load, assumptions, routes=running))


def _route(target: str) -> str | None:
    name = parse_name(target)
    return name.route if isinstance(name, RouteName) else None


def comparison_table(comparison: Comparison) -> Table:
    """The share and the cost of each model, before and after; the title has the totals."""
    after, before = comparison.after, comparison.before
    if before is None:
        title = f"simulated {comparison.load}: {summary(after)}; not compared, {comparison.reason}"
        return Table(title, ("model", "share", "USD"), tuple(_rows(after)))
    totals = [simulation.tally.total() for simulation in (before, after)]
    answered = _change(*(share_text(total.answered, _requests(after)) for total in totals))
    costs, latencies = _change(*(usd(total.cost) for total in totals)), _change(*map(_p95, totals))
    title = f"simulated {comparison.load}: answered {answered}, {costs} USD, p95 {latencies}"
    headings = ("model", "share before", "share after", "USD before", "USD after")
    return Table(title, headings, tuple(_rows(before, after)))


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The same as JSON: shares from 0 to 1, cost in USD, latencies in seconds; `before` is null where it is missing."""
    simulations = {"before": comparison.before, "after": comparison.after}
    return {
        "load": comparison.load,
        "notCompared": comparison.reason or None,
        **{name: simulation and totals_json(simulation) for name, simulation in simulations.items()},
        "models": [
            {"model": name, **{when: run and _model_json(run, name) for when, run in simulations.items()}}
            for name in _models(*filter(None, simulations.values()))
        ],
    }


def _model_json(simulation: Simulation, name: str) -> dict[str, float]:
    total, requests = simulation.tally.by_model().get(name, Total()), _requests(simulation)
    return {"share": total.answered / requests if requests else 0, "cost": round(total.cost, 6)}


def _rows(*simulations: Simulation) -> Iterator[tuple[str, ...]]:
    """A row for each model, with the shares of all simulations, then the costs; then those of requests without one."""
    answers = [simulation.tally.by_model() for simulation in simulations]
    counts = [_requests(simulation) for simulation in simulations]
    for name in _models(*simulations):
        totals = [models.get(name, Total()) for models in answers]
        shares = (share_text(total.answered, count) for total, count in zip(totals, counts, strict=True))
        yield name, *shares, *(usd(total.cost) for total in totals)
    unanswered = [simulation.tally.count_unanswered() for simulation in simulations]
    if any(unanswered):
        yield UNANSWERED, *map(share_text, unanswered, counts), *[NONE] * len(simulations)
    refused = [simulation.tally.count_refused() for simulation in simulations]
    if any(refused):
        yield REFUSED, *map(share_text, refused, counts), *[NONE] * len(simulations)


def _models(*simulations: Simulation) -> list[str]:
    return sorted({name for simulation in simulations for name in simulation.tally.by_model()})


def _requests(simulation: Simulation) -> int:
    return simulation.tally.total().answered + simulation.tally.count_unanswered()


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _p95(total: Total) -> str:
    return seconds(total.percentile(P95))
