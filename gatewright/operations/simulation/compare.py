"""preview --simulate: a load on the routes that Cloudflare runs, and on those of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.cloudflare.dynamic_routes import elements_of
from gatewright.environment.references import RouteName, parse_name
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.route_graph import flaws
from gatewright.operations.routes.deployed import deployed_routes
from gatewright.operations.simulation.report import count_unanswered, share_text, summary
from gatewright.operations.simulation.simulate import simulate
from gatewright.operations.simulation.tally import Total
from gatewright.workspace import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.load import Loaded
    from gatewright.operations.simulation.simulate import Load, Simulation


def compare_with_deployed(loaded: Loaded, load: Load, described: str) -> list[str]:
    """Lines that say what a load does before and after; `described` is the load in words.

    Where Cloudflare cannot be asked, or does not run one of the routes, only what it does after.

    Raises:
        UsageError: the load names a target that the environment does not have.
    """
    after = simulate(loaded, load)
    try:
        deployed = deployed_routes(require(loaded), pause=lambda _: None)
    except (CloudflareError, RefusedError) as error:
        is_new = isinstance(error, CloudflareError) and error.status == 404
        reason = "the gateway does not exist yet" if is_new else error.message
        return [f"simulated {described}: {summary(after)}; not compared, {reason}"]
    graphs = {name: elements_of(route.graph) for name, route in deployed.items()}
    running = {name: elements for name, elements in graphs.items() if not flaws(elements)}
    missing = [target for target in load.targets if _route(target) and _route(target) not in running]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return [f"simulated {described}: {summary(after)}; not compared, {', '.join(missing)} {verb} not deployed yet"]
    return list(_differences(simulate(loaded, load, routes=running), after, described))


def _route(target: str) -> str | None:
    name = parse_name(target)
    return name.route if isinstance(name, RouteName) else None


def _differences(before: Simulation, after: Simulation, described: str) -> Iterator[str]:
    """The totals, then each model whose share or cost differs."""
    totals = [simulation.tally.total() for simulation in (before, after)]
    failed = [count_unanswered(simulation.tally) for simulation in (before, after)]
    requests = totals[0].answered + failed[0]
    answered = _change(*(share_text(total.answered, requests) for total in totals))
    yield f"simulated {described}: answered {answered}, {_costs(*totals)}, p95 {_change(*map(_latency, totals))}"
    if failed[0] != failed[1]:
        yield f"simulated requests without a model: {_change(*(f'{count:,}' for count in failed))}"
    models = [simulation.tally.by_model() for simulation in (before, after)]
    for name in sorted({*models[0], *models[1]}):
        old, new = (found.get(name, Total()) for found in models)
        shares = [share_text(total.answered, requests) for total in (old, new)]
        if shares[0] != shares[1] or _cost(old) != _cost(new):
            yield f"simulated {name}: {_change(*shares)} of the requests, {_costs(old, new)}"


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _cost(total: Total) -> str:
    return f"{total.cost:,.2f}"


def _costs(before: Total, after: Total) -> str:
    return f"{_change(_cost(before), _cost(after))} USD"


def _latency(total: Total) -> str:
    seconds = total.percentile(0.95)
    return "–" if seconds is None else f"{seconds:.1f} s"
