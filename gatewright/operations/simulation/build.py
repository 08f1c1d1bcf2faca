"""Build the steps of a simulation from an environment: what Cloudflare gets for it, and the limits of its providers."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gatewright.clock import parse_timestamp
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.mapping.route_elements import LIMIT_TYPES, route_elements
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.provider_models import names_by_id
from gatewright.environment.quantities import quantity_text
from gatewright.environment.references import ModelName, OwnName, RouteName
from gatewright.facts.auto_router import NAME, call_of
from gatewright.facts.route_graph import CONDITIONAL, END, PERCENTAGE, RATE, START
from gatewright.facts.route_steps import FAILED, can_route, in_reverse, link
from gatewright.facts.slugs import AUTO_ROUTER
from gatewright.facts.spend_rules import active_rules
from gatewright.facts.windows import FIXED
from gatewright.operations.inventory import USD_PER_NEURON
from gatewright.operations.simulation.assumptions import ModelTiming
from gatewright.operations.simulation.auto_router import AutoRouter, candidates, chains, declared_name
from gatewright.operations.simulation.faults import Fault
from gatewright.operations.simulation.limits import KeyedLimit, Limit, ProviderLimit, Reached, Slots
from gatewright.operations.simulation.models import NO_RESPONSE, Model, ModelCall, Timing
from gatewright.operations.simulation.policies import Policies, Rules
from gatewright.operations.simulation.route_steps import (
    Choice,
    Gate,
    RouteLimit,
    Split,
    Start,
    Unanswered,
    Unreachable,
)
from gatewright.operations.simulation.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.environment.model.catalog import Cost
    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Environment
    from gatewright.facts.route_graph import Element
    from gatewright.facts.route_steps import RouteStep
    from gatewright.operations.simulation.assumptions import Assumptions
    from gatewright.operations.simulation.run import Step
    from gatewright.operations.simulation.tally import Tally

_UNITS = {kind: unit for unit, kind in LIMIT_TYPES.items()}


class Network:
    """The steps of an environment's routes, roles and models, with the limits that they share."""

    def __init__(
        self,
        environment: Environment,
        prices: Mapping[tuple[str, str], Cost],
        assumptions: Assumptions,
        tally: Tally,
        seed: int,
        routes: Mapping[str, Sequence[Element]] = MappingProxyType({}),
        candidate_prices: Mapping[str, Cost] = MappingProxyType({}),
    ) -> None:
        """`routes`: the elements of routes in place of those of the environment. `candidate_prices`: those of the Auto
        Router's models, by its names."""
        self._environment = environment
        self._routes = routes
        self._prices = prices
        self._assumptions = assumptions
        self._faults = [replace(fault) for fault in assumptions.faults]
        self._gateway = gateway_body(environment.gateway)
        self._by_id = names_by_id(environment.providers)
        self.run = Run(tally, seed, self._gateway["cache_ttl"] or 0)
        self._limits: dict[object, Limit] = {}
        self._keyed_limits: dict[object, KeyedLimit] = {}
        self._slots = {name: Slots(name, amount) for name, amount in assumptions.concurrent.items()}
        self._models: dict[tuple[str, str], Model] = {}
        self.timings: list[ModelTiming] = []
        self._end = Unanswered(self.run)
        self.policies = Policies(environment)
        self.candidates: dict[str, Model] = {}
        self._candidate_prices = candidate_prices

    def entry(self, target: str) -> Step:
        """The first step of a request to a role, a route (dynamic/fast) or a model."""
        role = self._environment.roles.get(target)
        if role is not None:
            return self._chain([role.primary.value, *(fallback.value for fallback in role.fallbacks)])
        prefix, _, name = target.partition("/")
        return self._chain([RouteName(name) if prefix == "dynamic" else ModelName(prefix, name)])

    def limits(self) -> list[Reached]:
        """The limits of all steps built so far."""
        limits: tuple[Limit | KeyedLimit | Slots, ...] = (
            *self._limits.values(),
            *self._keyed_limits.values(),
            *self._slots.values(),
        )
        return [*(limit.reached for limit in limits), *self.policies.reached()]

    def _chain(self, names: list[Name]) -> Step:
        """A primary and its fallbacks, which the client runs: each is a request of its own to the gateway."""
        step: Step = self._end
        for name in reversed(names):
            step = self._gate(self._inside(name, step), step)
        return step

    def _gate(self, inside: Step, rejected: Step) -> Step:
        amount, seconds = self._gateway["rate_limiting_limit"], self._gateway["rate_limiting_interval"]
        if not amount or not seconds:
            return inside
        technique = self._gateway["rate_limiting_technique"]
        return Gate(self._limit("gateway", "the gateway", amount, "requests", seconds, technique), inside, rejected)

    def _inside(self, name: Name, fallback: Step) -> Step:
        match name:
            case RouteName(route=route):
                return self._route(route, fallback)
            case OwnName(name=own):
                return Unreachable(f"own:{own} is not simulated", fallback)
            case ModelName(provider=provider) if provider == AUTO_ROUTER:
                return self._auto_router(fallback)
        return self._call(self._model(name), fallback)

    def _call(self, model: Model, fallback: Step) -> ModelCall:
        """The call of a model outside of routes, with the gateway's retries."""
        body = self._gateway
        attempts, delay = body.get("retry_max_attempts") or 1, body.get("retry_delay") or 0
        return ModelCall(self.run, model, fallback, attempts, delay, body.get("retry_backoff") or "constant")

    def _auto_router(self, fallback: Step) -> Step:
        """The Auto Router; `fallback` follows where none of its candidates answers."""
        if not self.candidates:
            self.candidates = {name: self._candidate(name) for name in candidates(self._environment)}
        return AutoRouter(self.run, chains([*self.candidates.values()], self._call, fallback))

    def _candidate(self, name: str) -> Model:
        """A model of the Auto Router by its name there; one that the environment declares has its limits."""
        declared = declared_name(self._by_id, name)
        model = self._new_model(declared or ModelName(*call_of(name)))
        model.name = f"{NAME}: {declared or name}"
        if declared is None and (cost := self._candidate_prices.get(name)):
            model.price = model.listed = _per_token(cost)
        return model

    def _route(self, route: str, after: Step) -> Step:
        """The steps of a route; `after` follows its end."""
        start = link(self._routes.get(route) or route_elements(self._environment, route))
        built: dict[str, Step] = {}
        for step in in_reverse(start):
            outputs = {name: built[following.id] for name, following in step.outputs.items()}
            built[step.id] = after if step.kind == END else self._step(route, step, outputs)
        has_limits = any(isinstance(step, RouteLimit) for step in built.values())
        return Start(built[start.id]) if has_limits else built[start.id]

    def _step(self, route: str, step: RouteStep, outputs: Mapping[str, Step]) -> Step:
        properties = step.properties
        match step.kind:
            case str(kind) if kind == START:
                return outputs["next"]
            case str(kind) if kind == CONDITIONAL:
                return Choice(properties.get("conditions") or {}, outputs)
            case str(kind) if kind == PERCENTAGE:
                return Split(self.run, step.id, outputs)
            case str(kind) if kind == RATE:
                unit, window = _UNITS[properties["limitType"]], max(1, int(properties["window"]))
                place = f"route {route}, {step.id}"
                limit = self._keyed_limit((route, step.id), place, properties["limit"], unit, window)
                return RouteLimit(limit, properties["key"], outputs, counts_cost=properties["limitType"] == "cost")
        return self._routed_model(properties, outputs[FAILED])

    def _routed_model(self, properties: Mapping[str, Any], fallback: Step) -> Step:
        provider, identifier = properties["provider"], properties["model"]
        if not can_route(provider):
            return Unreachable(NO_RESPONSE, fallback)
        name = self._by_id.get((provider, identifier), ModelName(provider, identifier))
        delay, timeout = self._gateway.get("retry_delay") or 0, int(properties["timeout"]) / 1000
        attempts = int(properties["retries"]) + 1
        return ModelCall(self.run, self._model(name), fallback, attempts, delay, timeout=timeout)

    def _model(self, name: ModelName) -> Model:
        key = (name.provider, name.model)
        if key not in self._models:
            self._models[key] = self._new_model(name)
        return self._models[key]

    def _new_model(self, name: ModelName) -> Model:
        provider = self._environment.providers.get(name.provider)
        declared = provider.models.get(name.model) if provider else None
        slug = self._environment.slug(name.provider)
        result = Model(slug, str(name), (declared.id if declared else None) or name.model, self._timing(name))
        result.slots = self._slots.get(name.provider)
        result.faults = [
            fault for fault in self._faults if fault.matches((slug, name.provider), (result.id, name.model))
        ]
        spend_rules = [(rule, self._spend_limit(rule)) for rule in active_rules(self._gateway.get("spend_limits"))]
        result.rules = Rules(slug, result.id, self.policies, spend_rules)
        if provider is None or declared is None:
            return result
        if declared.retirement:
            result.faults.append(Fault(kind="retired", start=parse_timestamp(declared.retirement)))
        if not provider.offers(declared):
            result.faults.append(Fault(kind="paid"))
        listed = self._prices.get((name.provider, name.model), declared.cost)
        result.price, result.listed = _per_token(declared.cost), _per_token(listed)
        self._add_limits(result, name)
        return result

    def _add_limits(self, model: Model, name: ModelName) -> None:
        """The limits that the provider enforces, for the account or for the model, and the one of the stored key."""
        provider = self._environment.providers[name.provider]
        price_in, price_out = model.listed
        weights = {
            "requests": (1, 0, 0),
            "tokens": (0, 1, 1),
            "neurons": (0, price_in / USD_PER_NEURON, price_out / USD_PER_NEURON),
            "USD": (0, *model.price),
        }
        for index, quantity in enumerate(provider.limits_of(name.model)):
            place = name.provider if index < len(provider.limits) else str(name)
            limit = self._limit((place, index), place, quantity.amount, quantity.unit, quantity.period)
            model.limits.append(ProviderLimit(limit, *weights[quantity.unit]))
        key = next((key for key in provider_keys(self._environment) if key.provider == name.provider), None)
        if key is not None and key.limit is not None:
            place = f"the stored key of {name.provider}"
            model.key_limit = self._limit(("key", key.slug), place, key.limit[0], "requests", key.limit[1])

    def _spend_limit(self, rule: Mapping[str, Any]) -> KeyedLimit:
        place, technique = f"spend rule {rule['id']}", rule.get("technique", "sliding")
        return self._keyed_limit(
            ("rule", rule["id"]), place, float(rule["limit"]), "USD", int(rule["window"]), technique
        )

    def _limit(
        self, key: object, place: str, amount: float, unit: str, seconds: int, technique: str | None = None
    ) -> Limit:
        if key not in self._limits:
            reached = Reached(place, quantity_text(amount, unit, seconds), seconds)
            self._limits[key] = Limit(reached, amount, technique or FIXED)
        return self._limits[key]

    def _keyed_limit(
        self, key: object, place: str, amount: float, unit: str, seconds: int, technique: str = FIXED
    ) -> KeyedLimit:
        if key not in self._keyed_limits:
            reached = Reached(place, quantity_text(amount, unit, seconds), seconds)
            self._keyed_limits[key] = KeyedLimit(reached, amount, technique)
        return self._keyed_limits[key]

    def _timing(self, name: ModelName) -> Timing:
        model, assumptions = str(name), self._assumptions
        result = ModelTiming(model, assumptions.timing)
        if measured := assumptions.measured.get(model):
            result = ModelTiming(model, measured.timing, "measured", measured.answers)
        if (first := assumptions.timings.get(model)) is not None:
            result = ModelTiming(model, replace(result.timing, first=first), "option")
        self.timings.append(result)
        return result.timing


def _per_token(cost: Cost) -> tuple[float, float]:
    return cost.input / 1e6, cost.output / 1e6
