"""What a fire drill tries, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.references import RouteName
from gatewright.errors import UsageError
from gatewright.frozen import frozen
from gatewright.io.printable import plural
from gatewright.operations.probe.rate_limits import RequestThrottle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.verify import ProbeResult, Verifier

    Drilling = Callable[[str, RequestThrottle], Awaitable[list[ProbeResult]]]
    """Drills the route or the role of this name."""


@frozen
class DrillTargets:
    """The routes, the roles and, where programs are run, the clients of a drill, by name."""

    routes: tuple[str, ...]
    roles: tuple[str, ...]
    clients: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Environment, only: Sequence[str], *, with_clients: bool = False) -> DrillTargets:
        """All routes, roles and clients, or `only` the named ones: dynamic/fast, or the name of a role or a client.

        Raises UsageError if there is none, or an unknown name.
        """
        routes = {str(RouteName(route)): route for route in environment.routes}
        clients: Collection[str] = environment.clients if with_clients else ()
        for name in only:
            if name not in routes and name not in environment.roles and name not in clients:
                kinds = "route, role or client" if with_clients else "route or role"
                hint = did_you_mean(name, [*routes, *environment.roles, *clients])
                if name in environment.clients:
                    hint = "To run the client's program: --with-clients"
                raise UsageError(f"{environment.name} has no {kinds} {name} for a fire drill", hint or None)
        targets = cls(
            tuple(route for name, route in routes.items() if not only or name in only),
            tuple(role for role in environment.roles if not only or role in only),
            tuple(client for client in clients if not only or client in only),
        )
        if not (targets.routes or targets.roles or targets.clients):
            raise UsageError(f"{environment.name} has no route and no role for a fire drill")
        return targets


async def drill_each(
    verifier: Verifier,
    targets: DrillTargets,
    drill_route: Drilling,
    drill_role: Drilling,
    on_progress: Callable[[int, int], None],
) -> list[ProbeResult]:
    """Drill the routes, then the roles; `on_progress` gets the number of finished and of all of them."""
    drills = [(drill_route, name) for name in targets.routes] + [(drill_role, name) for name in targets.roles]
    throttle = RequestThrottle(verifier.environment, verifier.limits, 1)
    results: list[ProbeResult] = []
    on_progress(0, len(drills))
    async with verifier.client.http:
        for done, (drill, name) in enumerate(drills, start=1):
            results += await drill(name, throttle)
            on_progress(done, len(drills))
    return results


def with_leftovers(results: Sequence[ProbeResult], count: int, noun: str) -> list[ProbeResult]:
    """The results, the first one with a note about what a killed run left: so many of `noun`."""
    if not count or not results:
        return [*results]
    note = f"{plural(count, noun)} of an earlier drill that was killed removed"
    return [results[0].with_note(note), *results[1:]]
