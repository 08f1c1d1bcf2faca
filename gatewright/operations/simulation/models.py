"""The call of a model: the cache, policies, spend limits and the key's limit; afterwards the provider, and the charge.

The order is that of gatewright/local/server/inference/calls.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatewright.facts.retries import retry_pause
from gatewright.frozen import frozen
from gatewright.operations.simulation.faults import Fault, take

if TYPE_CHECKING:
    from gatewright.operations.simulation.limits import Limit, ProviderLimit, Reached, Slots
    from gatewright.operations.simulation.policies import Rules
    from gatewright.operations.simulation.requests import Request
    from gatewright.operations.simulation.run import Run, Step
    from gatewright.operations.simulation.tally import Answers

NO_RESPONSE = "no response"


@frozen
class Timing:
    """How long a model takes: `first` seconds to the first token (median), `per_token` for each that it writes.

    `refusal` is the time of an error. Latencies vary around the median by the request's pace.
    """

    first: float = 0.5
    per_token: float = 0.01
    refusal: float = 0.2


DEFAULT_TIMING = Timing()


@dataclass(slots=True)
class Model:
    """A model as its provider runs it.

    id: its name at the provider, as the gateway's rules name it.
    price: what the user pays, USD for a token in and for one out; listed: what Cloudflare counts against budgets.
    limits: what the provider enforces. key_limit: the limit of the stored key, which the gateway enforces.
    closed_until: until when the provider rejects all calls, for `closed`, a limit that is reached.
    """

    provider: str
    name: str
    id: str
    timing: Timing
    price: tuple[float, float] = (0, 0)
    listed: tuple[float, float] = (0, 0)
    limits: list[ProviderLimit] = field(default_factory=list)
    slots: Slots | None = None
    key_limit: Limit | None = None
    faults: list[Fault] = field(default_factory=list)
    rules: Rules | None = None
    closed_until: float = 0
    closed: Reached | None = None

    def rejecting(self, now: float) -> Reached | None:
        """The limit of the provider that rejects a call; None: it is accepted."""
        if now >= self.closed_until:
            self.closed = None
            for counted in self.limits:
                limit = counted.limit
                if now >= limit.end:
                    limit.move(now)
                elif limit.current >= limit.bound:
                    self.closed, self.closed_until = limit.reached, limit.end
                    break
        if self.closed is None and self.slots is not None and self.slots.used >= self.slots.amount:
            return self.slots.reached
        return self.closed

    def count(self, request: Request) -> None:
        """Count an accepted call for the provider's limits."""
        for counted in self.limits:
            counted.limit.current += (
                counted.per_call + counted.per_token_in * request.tokens_in + counted.per_token_out * request.tokens_out
            )
        if self.slots is not None:
            self.slots.used += 1


class ModelCall:
    """One place where a model is called. `fallback` follows where it does not answer.

    attempts, delay, backoff: the retries of the gateway, delay in ms. timeout: seconds to the first token; 0: none.
    """

    __slots__ = (
        "_answers",
        "_attempts",
        "_backoff",
        "_delay",
        "_is_limited",
        "_rules",
        "_run",
        "_settles",
        "_timeout",
        "fallback",
        "model",
    )

    def __init__(
        self,
        run: Run,
        model: Model,
        fallback: Step,
        attempts: int,
        delay: int,
        backoff: str = "constant",
        timeout: float = 0,
    ) -> None:
        self.model = model
        self.fallback = fallback
        self._run = run
        self._attempts = attempts
        self._delay = delay
        self._backoff = backoff
        self._timeout = timeout
        self._rules = model.rules or None
        self._settles = bool((self._rules and self._rules.has_budgets) or model.slots)
        self._is_limited = bool(model.limits or model.slots)
        self._answers: dict[str, Answers] = {}

    def enter(self, request: Request, now: float) -> Step | None:
        """Answer from the cache, or call the provider unless a limit of the gateway rejects the call."""
        model, run = self.model, self._run
        request.steps += 1
        if run.cache_ttl and request.prompt is not None and run.is_cached(model.name, request.prompt, now):
            self._answers_to(request.target).add_cached(request, now)
            return None
        if self._rules is not None:
            decision = self._rules.decide(request.metadata)
            if decision.is_refused:
                run.tally.refuse(decision.policy, model.name, request)
                request.reason = decision.reason
                return self.fallback
            for budget in decision.budgets:
                if not budget.is_open(now):
                    request.reason = budget.reached.reason
                    return self.fallback
            request.budgets = decision.budgets
        key_limit = model.key_limit
        if key_limit is not None and not key_limit.admit(now):
            request.reason = key_limit.reached.reason
            return self.fallback
        return self._attempt(request, now, 1)

    def _attempt(self, request: Request, now: float, attempt: int) -> Step | None:
        """Call the provider; `attempt` counts from 1."""
        model, timing, delay = self.model, self.model.timing, 0.0
        if model.faults and (fault := take(model.faults, now, self._run.draws)) is not None:
            delay = fault.delay_ms / 1000
            if fault.reason:
                return self._fail(request, now, delay + timing.refusal, fault.reason, self._last(attempt, fault))
        if self._is_limited and (limit := model.rejecting(now)) is not None:
            limit.reject(now)
            return self._fail(request, now, delay + timing.refusal, limit.reason, attempt)
        first = delay + timing.first * request.pace
        if self._timeout and first > self._timeout:
            return self._fail(request, now, first, NO_RESPONSE, attempt)
        if self._is_limited:
            model.count(request)
        end = now + first + timing.per_token * request.tokens_out
        if self._settles or request.charged or (self._run.cache_ttl and request.prompt is not None):
            self._run.schedule(end, self._settle, request)
        else:
            self._answers_to(request.target).add(request, end)
        return None

    def _answers_to(self, target: str) -> Answers:
        answers = self._answers.get(target)
        if answers is None:
            answers = self._answers[target] = self._run.tally.answers(self.model.name, target, self.model.price)
        return answers

    def _last(self, attempt: int, fault: Fault) -> int:
        """The attempt, or the last one where the gateway does not try again."""
        return attempt if fault.is_retried else self._attempts

    def _settle(self, request: Request, now: float, _: int) -> None:
        """Charge the answer to the budgets, and cache it."""
        model = self.model
        cost = model.listed[0] * request.tokens_in + model.listed[1] * request.tokens_out
        for budget in (*request.budgets, *request.charged):
            budget.add(now, cost)
        if self._run.cache_ttl and request.prompt is not None:
            self._run.keep(model.name, request.prompt, now)
        if model.slots is not None:
            model.slots.used -= 1
        self._answers_to(request.target).add(request, now)

    def _fail(self, request: Request, now: float, took: float, reason: str, attempt: int) -> Step | None:
        """Try again after `took` seconds and a pause, or go on to the fallback after the last attempt."""
        run = self._run
        run.tally.failures[self.model.name] += 1
        if self._timeout and took > self._timeout:
            took = self._timeout
        if attempt < self._attempts:
            took += retry_pause(self._delay, self._backoff, attempt)
            run.schedule(now + took, self._attempt, request, attempt + 1)
            return None
        request.reason = reason
        if not took:
            return self.fallback
        run.schedule(now + took, self._leave, request)
        return None

    def _leave(self, _: Request, __: float, ___: int) -> Step:
        return self.fallback
