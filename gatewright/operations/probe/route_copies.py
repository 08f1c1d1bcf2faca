"""verify --fire-drill --really: copies of the routes of a gateway, whose first choices fail, are tried and removed.

A real provider cannot be made to fail, but a copy of a route can name a model that does not exist, wait a millisecond
only, or limit its first models to one request. Copies are routes whose names start with `PREFIX`; the originals stay as
they are. A request has one key for all models of a route, so a wrong key cannot be tried in a copy; of a role, which is
run by its client, each request has its own.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.dynamic_routes import DynamicRoutes, graph_of
from gatewright.cloudflare.mapping.route_elements import EVERYONE, route_elements
from gatewright.environment.references import RouteName
from gatewright.facts.route_graph import END, MODEL, RATE, START
from gatewright.frozen import frozen
from gatewright.operations.probe.drill_targets import drill_each, with_leftovers
from gatewright.operations.probe.forced_fallback import element_names
from gatewright.operations.probe.requests import probe_request
from gatewright.operations.probe.responses import Answer
from gatewright.operations.probe.role_drill import NO_SUCH_MODEL, drill_role_by_requests
from gatewright.operations.probe.transport import NoResponse, new_nonce
from gatewright.operations.probe.verify import Drill, ProbeResult, Verification
from gatewright.operations.routes.rollback import control_plane
from gatewright.workspace import require_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gatewright.operations.probe.drill_targets import DrillTargets
    from gatewright.operations.probe.rate_limits import RequestThrottle
    from gatewright.operations.probe.requests import ProbeRequest
    from gatewright.operations.probe.verify import Verifier

    Element = dict[str, Any]

PREFIX = "gatewright-drill-"
"""The first characters of a copy's name, by which the leftovers of a killed run are found."""

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "410": {"model": NO_SUCH_MODEL},
    "timeout": {"timeout": 1, "retries": 0},
}
"""How a model of a copy fails: its properties."""
LIMITED = "429"
"""The first models of a copy are behind a limit of one request an hour, which a first request uses up."""

_LIMIT = {"key": EVERYONE, "limit": 1, "limitType": "count", "window": 3600}
_USES = 4  # requests within which a limit of one request has to take effect
_ATTEMPTS, _PAUSE = 6, 2.0  # a new route may not be known everywhere immediately; seconds between two attempts


def drill_copies(
    verifier: Verifier, targets: DrillTargets, on_progress: Callable[[int, int], None], pause: float = _PAUSE
) -> Verification:
    """Drill a gateway by copies of its routes, with the deploying token. Raises what `CopyDrill.run` raises."""
    environment = verifier.environment
    account = require_account(environment)
    with control_plane(environment) as client:
        routes = DynamicRoutes(client, account, environment.gateway_name)
        return CopyDrill(verifier, routes, pause).run(targets, on_progress)


@frozen
class CopyDrill:
    """A drill of one gateway by copies of its routes. `routes` is the control plane."""

    verifier: Verifier
    routes: DynamicRoutes
    pause: float

    def run(self, targets: DrillTargets, on_progress: Callable[[int, int], None]) -> Verification:
        """Drill the targets one after the other; `on_progress` gets the number of finished and of all targets.

        Copies are removed however this ends; those that a killed run left are removed first. Raises what `Client`
        raises.
        """
        started = time.monotonic()
        leftovers = [route.id for route in self.routes.list_all() if route.name.startswith(PREFIX)]
        for leftover in leftovers:
            self.routes.delete(leftover)
        drill_role = partial(drill_role_by_requests, self.verifier)
        results = asyncio.run(drill_each(self.verifier, targets, self._drill_route, drill_role, on_progress))
        results = with_leftovers(results, len(leftovers), "copy")
        return Verification(self.verifier.environment.name, tuple(results), (), time.monotonic() - started)

    async def _drill_route(self, route: str, throttle: RequestThrottle) -> list[ProbeResult]:
        request = probe_request(self.verifier.environment, RouteName(route), self.verifier.variables)
        elements = route_elements(self.verifier.environment, route)
        first = first_choices(elements)
        if not first:
            return [ProbeResult(request.label, notes=("no model follows the first one",))]
        choices = [element_names(self.verifier.environment, element) for element in elements if element["id"] in first]
        failing, names = " and ".join(min(choice, key=len) for choice in choices), set[str]().union(*choices)
        with self._copy(route, limited(elements, first)) as copy:
            answer = await self._use_up(replace(request, model=f"dynamic/{copy}"), names, throttle)
        results = [self._judge(request, Drill(failing, LIMITED), answer, is_first=answer.model in names)]
        for mode, change in CHANGES.items():
            with self._copy(route, changed(elements, first, change)) as copy:
                answer = await self._answer(replace(request, model=f"dynamic/{copy}"), throttle)
            results.append(self._judge(request, Drill(failing, mode), answer, is_first=answer.steps == 1))
        return results

    async def _use_up(self, request: ProbeRequest, names: set[str], throttle: RequestThrottle) -> Answer:
        """The first answer that is not by one of the limited models `names`."""
        answer = await self._answer(request, throttle)
        for _ in range(_USES - 1):
            if answer.failure or answer.model not in names:
                break
            answer = await self.verifier.answer(request, new_nonce(), throttle, new_nonce())
        return answer

    async def _answer(self, request: ProbeRequest, throttle: RequestThrottle) -> Answer:
        """The answer of a copy, as soon as the gateway knows it."""
        answer = Answer()
        for attempt in range(_ATTEMPTS):
            answer = await self.verifier.answer(request, new_nonce(), throttle, new_nonce())
            if answer.failure is None or answer.failure.code != "no-route" or attempt == _ATTEMPTS - 1:
                break
            await asyncio.sleep(self.pause)
        return answer

    def _judge(self, request: ProbeRequest, drill: Drill, answer: Answer, *, is_first: bool) -> ProbeResult:
        """The answer must not be that of the first step."""
        result = ProbeResult(f"{request.label}, {drill.mode}", answer, drill=drill)
        if answer.failure:
            return result.with_note(f"in a copy in which {drill.failing} fails")
        if is_first:
            failure = self.verifier.diagnose(request, NoResponse("no-fallback", drill.failing))
            return replace(result, first=replace(answer, failure=failure))
        if drill.mode == LIMITED and answer.model is None:
            return result.with_note("the answer names no model: the next step is not proven")
        return result.with_note(f"in a copy in which {drill.failing} fails, {answer.model} answered")

    @contextmanager
    def _copy(self, route: str, elements: Sequence[Element]) -> Iterator[str]:
        """The name of a new route with these elements, which is deleted when the context exits."""
        name = f"{PREFIX}{route}"
        created = None
        try:
            created = self.routes.create(name, graph_of(elements)).id
            yield name
        finally:
            copy = created or next((route.id for route in self.routes.list_all() if route.name == name), None)
            if copy is not None:
                self.routes.delete(copy)


def first_choices(elements: Sequence[Element]) -> set[str]:
    """The ids of the models that a request can try first; empty where none of them has a next model."""
    by_id = {element["id"]: element for element in elements}
    waiting = [element["id"] for element in elements if element["type"] == START]
    models, seen = set(), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if by_id[name]["type"] == MODEL:
            models.add(name)
        else:
            waiting += [by_id[name]["outputs"][output]["elementId"] for output in _outputs(by_id[name])]
    has_next = any(by_id[by_id[name]["outputs"]["fallback"]["elementId"]]["type"] != END for name in models)
    return models if has_next else set()


def _outputs(element: Element) -> Iterable[str]:
    """The outputs of an element that a first request can take: of a limit, that of a request within it."""
    return ("success",) if element["type"] == RATE else element["outputs"]


def limited(elements: Sequence[Element], models: set[str]) -> list[Element]:
    """The elements, with a limit of one request before each of the `models`; beyond it, its fallback is next."""
    limits = {name: f"{PREFIX}{name}" for name in models}
    result = []
    for element in elements:
        outputs = {
            output: {**target, "elementId": limits.get(target["elementId"], target["elementId"])}
            for output, target in element["outputs"].items()
        }
        result.append({**element, "outputs": outputs})
        if element["id"] in models:
            beyond = {"success": {"elementId": element["id"]}, "fallback": outputs["fallback"]}
            result.append({"id": limits[element["id"]], "type": RATE, "properties": dict(_LIMIT), "outputs": beyond})
    return result


def changed(elements: Sequence[Element], models: set[str], change: Mapping[str, Any]) -> list[Element]:
    """The elements, with other properties of the `models`."""
    return [
        {**element, "properties": {**element["properties"], **change}} if element["id"] in models else element
        for element in elements
    ]
