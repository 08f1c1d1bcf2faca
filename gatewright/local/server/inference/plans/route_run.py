"""Running a dynamic route: from `start` along the outputs to a model that answers, or to `end`.

Documented: what the elements are, and that a model's fallback is taken after its retries and its timeout, and when its
spend limit is used up. Observed: the operators, and that a custom provider in a route fails with 2005. Guesses: any
error of a provider counts as a failure, a missing key too; requests without a limit's key share one count; a limit's
windows are fixed; a way that reaches `end` from a limit is refused with 429, one from a model ends with that model's
error.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatewright.facts.route_graph import CONDITIONAL, ELSE, END, MODEL, PERCENTAGE, RATE, START, share
from gatewright.facts.slugs import SLUGS
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import AigError, no_answer, rate_limited
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.plans.conditions import holds, value_of
from gatewright.local.server.inference.plans.plan import Call
from gatewright.local.server.inference.plans.targets import Target
from gatewright.local.server.inference.policies import counters
from gatewright.local.server.inference.policies.retries import Plan
from gatewright.local.server.inference.providers.formats import CHAT
from gatewright.local.server.inference.result import Answered


@dataclass(frozen=True, slots=True)
class Entered:
    """One request to a route: `key` tells the route from all others; equal `event`s fall into equal shares."""

    key: str
    elements: list[Json]
    body: Json
    headers: Mapping[str, str]
    metadata: Json
    event: str

    @classmethod
    def of(cls, key: str, elements: list[Json], body: Json, exchange: Exchange) -> Entered:
        """With what the exchange says; without a cf-aig-event-id of the caller's a new one."""
        event = exchange.headers.get("cf-aig-event-id") or secrets.token_hex(16)
        return cls(key, elements, body, exchange.headers, exchange.metadata, event)


@dataclass(slots=True)
class Walk:
    """One walk: `steps` models were called so far, and what they cost counts for the budgets in `charged`."""

    entered: Entered
    store: Store
    delay: int  # ms between two tries of one model
    steps: int = 0
    tried: Json = field(default_factory=dict)
    charged: list[tuple[str, int]] = field(default_factory=list)

    async def run(self, call: Call) -> Answered:
        """The answer of the first model that gives one, with the headers that say which; raises AigError."""
        elements = {element["id"]: element for element in self.entered.elements}
        here = next(element for element in self.entered.elements if element["type"] == START)
        last: Answered | AigError = no_answer()
        while here["type"] != END:
            if here["type"] == MODEL:
                last = await self._model(here, call)
                if isinstance(last, Answered) and last.status < 400:
                    return last
                output = "fallback"
            else:
                output = self._output(here)
                if here["type"] == RATE and output == "fallback":
                    last = rate_limited()
            here = elements[here["outputs"][output]["elementId"]]
        if isinstance(last, AigError):
            raise last
        return last

    def _output(self, element: Json) -> str:
        properties = element.get("properties", {})
        match element["type"]:
            case str(kind) if kind == CONDITIONAL:
                entered = self.entered
                fulfilled = holds(properties.get("conditions") or {}, entered.metadata, entered.headers, entered.body)
                return "true" if fulfilled else "false"
            case str(kind) if kind == PERCENTAGE:
                return _drawn(list(element["outputs"]), f"{self.entered.event}/{element['id']}")
            case str(kind) if kind == RATE:
                return "success" if self._within(element["id"], properties) else "fallback"
        return "next"

    def _within(self, element: str, limit: Json) -> bool:
        counted_by = value_of(limit["key"], self.entered.metadata, self.entered.headers, self.entered.body)
        key, window = f"{self.entered.key}/{element}/{json.dumps(counted_by)}", max(1, int(limit["window"]))
        if limit["limitType"] == "count":
            return counters.admit(self.store, key, limit["limit"], window, "fixed", clock.timestamp())
        if counters.used(self.store, key, window, clock.timestamp()) >= limit["limit"]:
            return False
        self.charged.append((key, window))
        return True

    async def _model(self, element: Json, call: Call) -> Answered | AigError:
        properties = element["properties"]
        provider, model = properties["provider"], properties["model"]
        if provider not in SLUGS or not SLUGS[provider].compat:
            return no_answer()
        target = Target(provider, "chat/completions", CHAT, {**self.entered.body, "model": model})
        plan = Plan(int(properties["retries"]) + 1, self.delay, "constant", int(properties["timeout"]) or None)
        self.tried = {"provider": provider, "model": model, "step": self.steps}
        try:
            answered = await call(target, plan, self.entered.headers)
        except AigError as error:
            self.steps += 1
            return error
        said = {"cf-aig-provider": provider, "cf-aig-model": model, "cf-aig-step": str(self.steps)}
        self.steps += 1
        for key, window in self.charged:
            counters.add(self.store, key, window, clock.timestamp(), answered.cost)
        return answered.saying(said)


def _drawn(outputs: list[str], seed: str) -> str:
    """The share that `seed` falls into."""
    point = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) / 2**64 * 100
    for output in outputs:
        percent = share(output)
        if percent is not None and point < percent:
            return output
        point -= percent or 0
    return ELSE if ELSE in outputs else outputs[-1]
