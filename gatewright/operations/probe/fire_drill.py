"""verify --fire-drill: each first choice is made to fail in turn, and the next step has to answer."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from gatewright.environment.references import RouteName
from gatewright.errors import LocalCloudflareError
from gatewright.frozen import frozen
from gatewright.io.system import lock_file
from gatewright.operations.probe.drill_targets import drill_each, with_leftovers
from gatewright.operations.probe.forced_fallback import (
    element_with_fallback,
    failing_model,
    next_models,
    remove_faults,
)
from gatewright.operations.probe.requests import probe_request
from gatewright.operations.probe.role_drill import ask_role, judge, role_requests
from gatewright.operations.probe.transport import new_nonce
from gatewright.operations.probe.verify import Drill, ProbeResult, Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.operations.probe.drill_targets import DrillTargets
    from gatewright.operations.probe.rate_limits import RequestThrottle
    from gatewright.operations.probe.verify import Verifier
    from gatewright.project import Project

PREFIX = "gatewright-fire-drill-"
"""The first characters of the names of the drill's faults, by which the leftovers of a killed run are found."""

EFFECTS: Mapping[str, Mapping[str, Any]] = {
    "429": {"status": 429},
    "410": {"status": 410},
    "timeout": {"reset": True},  # the local Cloudflare treats both alike, and a timeout takes a minute
    "wrong key": {"status": 401},
}
"""How a model fails, as faults of the local Cloudflare."""


@frozen
class FireDrill:
    """A drill of one environment on the local Cloudflare. `verifier` sends the requests."""

    verifier: Verifier

    def run(self, targets: DrillTargets, on_progress: Callable[[int, int], None]) -> Verification:
        """Drill the targets one after the other; `on_progress` gets the number of finished and of all targets.

        Faults are removed however this ends; those that a killed run left are removed first. Call it with
        `exclusive_drill`. Raises LocalCloudflareError.
        """
        started, environment = time.monotonic(), self.verifier.environment
        try:
            leftovers = remove_faults(environment, PREFIX)
            results = asyncio.run(drill_each(self.verifier, targets, self._drill_route, self._drill_role, on_progress))
        except httpx.HTTPError as error:
            raise LocalCloudflareError(f"the local Cloudflare does not accept faults: {error}") from None
        results = with_leftovers(results, leftovers, "fault")
        return Verification(environment.name, tuple(results), (), time.monotonic() - started)

    async def _drill_route(self, route: str, throttle: RequestThrottle) -> list[ProbeResult]:
        """Let the model fail that answers the route. One event id gives all requests the same share of a split."""
        environment, event = self.verifier.environment, new_nonce()
        request = probe_request(environment, RouteName(route), self.verifier.variables)
        usual = await self.verifier.answer(request, new_nonce(), throttle, event)
        if usual.failure or usual.model is None:
            return [ProbeResult(request.label, usual)]
        element = element_with_fallback(environment, route, usual.model)
        if element is None:
            return [ProbeResult(request.label, usual, notes=(f"no model follows {usual.model}",))]
        expected = next_models(environment, route, element)
        provider, model = element["properties"]["provider"], element["properties"]["model"]
        results = []
        for mode, effect in EFFECTS.items():
            with failing_model(environment, provider, model, effect, PREFIX):
                answer = await self.verifier.answer(request, new_nonce(), throttle, event)
            drill = Drill(usual.model, mode, tuple(sorted(expected)))
            results.append(judge(self.verifier, request, request.label, drill, answer))
        return results

    async def _drill_role(self, name: str, throttle: RequestThrottle) -> list[ProbeResult]:
        """Let the role's primary fail, and ask the first fallback, as a client does that runs the role."""
        environment = self.verifier.environment
        requests = role_requests(environment, name, self.verifier.variables)
        if isinstance(requests, ProbeResult):
            return [requests]
        primary = requests.primary
        provider, model = environment.slug(primary.provider), environment.model_id(primary)
        results = []
        for mode, effect in EFFECTS.items():
            with failing_model(environment, provider, model, effect, PREFIX):
                results.append(await ask_role(self.verifier, requests, mode, throttle))
        return results


@contextmanager
def exclusive_drill(project: Project) -> Iterator[None]:
    """Wait until no other drill of this project runs: faults are the whole server's."""
    project.work.mkdir(parents=True, exist_ok=True)
    with (project.work / "fire-drill.lock").open("w", encoding="utf-8") as file:
        lock_file(file.fileno())
        yield
