"""The part of a route that the requests of one client take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.diagnostics import did_you_mean
from gatewright.environment.checks.metadata_uses import Sender
from gatewright.environment.policy_verdicts import call_verdict
from gatewright.environment.references import RouteName
from gatewright.errors import UsageError
from gatewright.facts.route_graph import CONDITIONAL, MODEL, START, flaws, targets
from gatewright.frozen import frozen
from gatewright.operations.routes.describe import model_name, model_names
from gatewright.operations.routes.drawing import draw_elements, unknown_route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatewright.environment.resolved import Environment
    from gatewright.facts.gateway_policies import Verdict
    from gatewright.operations.routes.describe import model_name, model_names
from gatewright.operations.routes.drawing import RouteDrawing


@frozen
class RouteUser:
    """A client, or its agent `role` ("" for none), and the routes that it uses."""

    client: str
    role: str
    sender: Sender
    routes: tuple[str, ...]

    def select(self, environment: Environment, routes: Sequence[str]) -> tuple[str, ...]:
        """`routes`, by default all that it uses.

        Raises UsageError if it does not use one of them.
        """
        for route in routes:
            if route not in environment.routes:
                raise unknown_route(environment, route)
            if route not in self.routes:
                used = ", ".join(f"dynamic/{name}" for name in self.routes) or "none"
                raise UsageError(f"{self.sender.name} does not use dynamic/{route}", f"Its routes: {used}")
        return tuple(routes) or self.routes


def find_user(environment: Environment, name: str) -> RouteUser:
    """The client CLIENT, or the agent CLIENT/ROLE.

    Raises UsageError if the environment has no such client or agent.
    """
    program, _, role = name.partition("/")
    client = environment.clients.get(program)
    if client is None:
        hint = did_you_mean(program, environment.clients)
        raise UsageError(f"{environment.name} has no client {program}", hint)
    if role and role not in client.agents:
        raise UsageError(f"{program} has no role {role}", did_you_mean(role, client.agents))
    agent = client.agents.get(role)
    names = (agent.primary, *agent.fallbacks) if agent else client.models
    routes = tuple(route for route in environment.routes if RouteName(route) in names)
    return RouteUser(program, role, Sender(name, client.metadata_of(role)), routes)


def narrow(environment: Environment, drawing: RouteDrawing, sender: Sender) -> RouteDrawing:
    """The drawing without what no request of `sender` reaches. A graph that cannot be drawn stays as it is."""
    if flaws(drawing.elements):
        return drawing
    elements = _reachable(drawing.elements, sender)
    sends = ", ".join(f"{key}: {sender.shown(key)}" for key in sender.metadata)
    notes = (f"sends {sends}" if sends else "sends no metadata", *_refusals(environment, elements, sender))
    return draw_elements(environment, drawing.route, elements, drawing.version, notes)


def model_verdicts(
    environment: Environment, elements: Sequence[Mapping[str, Any]], sender: Sender
) -> dict[str, Verdict]:
    """What the gateway's policies decide on each model among the elements; empty without policies."""
    if not environment.gateway.policies:
        return {}
    names = model_names(environment)
    return {
        model_name(element, names): call_verdict(
            environment, element["properties"]["provider"], element["properties"]["model"], sender.metadata
        )
        for element in elements
        if element["type"] == MODEL and {"provider", "model"} <= (element.get("properties") or {}).keys()
    }


def _refusals(environment: Environment, elements: Sequence[Mapping[str, Any]], sender: Sender) -> Iterator[str]:
    """The models that policies refuse to the sender, or may refuse."""
    verdicts = model_verdicts(environment, elements, sender)
    for name, verdict in verdicts.items():
        policies = f"policy {', '.join(verdict.policies)}" if verdict.policies else "no policy allows it"
        if verdict.allowed is False:
            yield f"{name} is refused to {sender.name} (403: {policies})"
        elif verdict.allowed is None:
            yield f"{name} may be refused to {sender.name}: the request decides ({policies})"
    if verdicts and all(verdict.allowed is False for verdict in verdicts.values()):
        yield f"no model of this route answers {sender.name}"


def _reachable(elements: Sequence[Mapping[str, Any]], sender: Sender) -> list[dict[str, Any]]:
    """The elements that requests of `sender` reach; a condition that its metadata decides has one output."""
    decided = {str(element["id"]): _decide(element, sender) for element in elements}
    pending = [name for name, element in decided.items() if element["type"] == START]
    reached: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(target for _, target in targets(decided[name]))
    return [element for name, element in decided.items() if name in reached]


def _decide(element: Mapping[str, Any], sender: Sender) -> dict[str, Any]:
    if element["type"] != CONDITIONAL:
        return dict(element)
    result = sender.outcome((element.get("properties") or {}).get("conditions") or {})
    outputs = element["outputs"] if result is None else {str(result).lower(): element["outputs"][str(result).lower()]}
    return {**element, "outputs": outputs}
