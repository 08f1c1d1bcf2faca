"""The steps of a request outside of models: the gateway's rate limit, the elements of a route, and its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.facts.route_conditions import holds, value_of
from gatewright.facts.route_steps import pick_share, share_point
from gatewright.operations.simulation.requests import NO_METADATA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.operations.simulation.limits import KeyedLimit, Limit
    from gatewright.operations.simulation.requests import Request
    from gatewright.operations.simulation.run import Run, Step


class Unreachable:
    """A model that the gateway cannot call."""

    __slots__ = ("_fallback", "_reason")

    def __init__(self, reason: str, fallback: Step) -> None:
        self._reason = reason
        self._fallback = fallback

    def enter(self, request: Request, now: float) -> Step | None:  # noqa: ARG002
        """Go on to the fallback."""
        request.steps += 1
        request.reason = self._reason
        return self._fallback


class Unanswered:
    """The end of a request that no model answers."""

    __slots__ = ("_run",)

    def __init__(self, run: Run) -> None:
        self._run = run

    def enter(self, request: Request, now: float) -> Step | None:  # noqa: ARG002
        """End the request."""
        self._run.tally.give_up(request)
        return None


class Gate:
    """The gateway's rate limit, which counts every request of a client."""

    __slots__ = ("_inside", "_limit", "_rejected")

    def __init__(self, limit: Limit, inside: Step, rejected: Step) -> None:
        self._limit = limit
        self._inside = inside
        self._rejected = rejected

    def enter(self, request: Request, now: float) -> Step | None:
        """Enter the gateway, or go to what the client does on a 429."""
        if self._limit.admit(now):
            return self._inside
        request.reason = self._limit.reached.reason
        return self._rejected


class Start:
    """The start of a route that has limits in USD."""

    __slots__ = ("_next",)

    def __init__(self, following: Step) -> None:
        self._next = following

    def enter(self, request: Request, now: float) -> Step | None:  # noqa: ARG002
        """Forget the limits of a route that the request went through before."""
        request.charged = ()
        return self._next


class Split:
    """Shares of the requests."""

    __slots__ = ("_id", "_names", "_outputs", "_run")

    def __init__(self, run: Run, element: str, outputs: Mapping[str, Step]) -> None:
        self._run = run
        self._id = element
        self._outputs = outputs
        self._names = list(outputs)

    def enter(self, request: Request, now: float) -> Step | None:  # noqa: ARG002
        """Follow the output into whose share the request falls."""
        event = request.event
        point = share_point(event, self._id) if event else self._run.draws.random() * 100
        return self._outputs[pick_share(self._names, point)]


class Choice:
    """Conditions on the request. Its headers and its body are not simulated, except for the model."""

    __slots__ = ("_conditions", "_false", "_true")

    def __init__(self, conditions: Mapping[str, Any], outputs: Mapping[str, Step]) -> None:
        self._conditions = conditions
        self._true = outputs["true"]
        self._false = outputs["false"]

    def enter(self, request: Request, now: float) -> Step | None:  # noqa: ARG002
        """Follow `true` where all conditions hold."""
        is_true = holds(self._conditions, request.metadata or NO_METADATA, {}, {"model": request.target})
        return self._true if is_true else self._false


class RouteLimit:
    """A limit in a route, on requests or in USD, for each value of a field of the request."""

    __slots__ = ("_counts_cost", "_field", "_limit", "_passed", "_reached")

    def __init__(self, limit: KeyedLimit, field: str, outputs: Mapping[str, Step], *, counts_cost: bool) -> None:
        self._limit = limit
        self._field = field
        self._passed = outputs["success"]
        self._reached = outputs["fallback"]
        self._counts_cost = counts_cost

    def enter(self, request: Request, now: float) -> Step | None:
        """Count the request, or follow `fallback` where the limit is reached."""
        key = ""  # of requests without a value
        if request.metadata or not self._field.startswith("metadata."):
            value = value_of(self._field, request.metadata or NO_METADATA, {}, {"model": request.target})
            key = "" if value is None else json.dumps(value)
        limit = self._limit.of(key)
        if not self._counts_cost:
            if limit.admit(now):
                return self._passed
        elif limit.is_open(now):
            request.charged = (*request.charged, limit)
            return self._passed
        request.reason = limit.reached.reason
        return self._reached
