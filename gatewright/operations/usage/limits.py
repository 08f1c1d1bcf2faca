"""How much of the limits of an environment's plans and budgets is used, and when they are used up at this rate.

Limits of less than a day are left out: the figures are by hour. A day starts at 00:00 UTC, as Cloudflare's and
OpenRouter's do (Google's starts at midnight in Los Angeles, Groq's window rolls); a month is the calendar month.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from gatewright.clock import DAY, HOUR
from gatewright.environment.quantities import PERIODS
from gatewright.facts.slugs import CUSTOM_PREFIX, WORKERS_AI
from gatewright.operations.inventory import USD_PER_NEURON
from gatewright.operations.usage.model import LimitUse, Worth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatewright.cloudflare.analytics import InferenceSums, RequestSums
    from gatewright.environment.model.catalog import Cost
    from gatewright.environment.model.gateway_guards import SpendRule
    from gatewright.environment.quantities import Quantity
    from gatewright.environment.resolved import Environment
    from gatewright.operations.usage.names import Names

    Amounts = list[tuple[int, float]]
    """Hours with what was used in them."""

_FIXED = "fixed"


class Limits:
    """The limits of one environment at the time `now`. `neurons` are the account's, None where they are not known."""

    def __init__(
        self,
        names: Names,
        requests: Sequence[RequestSums],
        neurons: Sequence[InferenceSums] | None,
        prices: Mapping[tuple[str, str], Cost],
        now: int,
    ) -> None:
        self._names = names
        self._environment: Environment = names.environment
        self._requests = requests
        self._neurons = neurons
        self._prices = prices
        self._now = now

    def uses(self) -> Iterator[LimitUse]:
        """Each limit of a day or more: of providers, of the models that were used, and the spend rules."""
        for name, provider in self._environment.providers.items():
            for limit in provider.limits:
                if limit.period >= DAY:
                    yield self._use(name, limit, partial(self._is_of_provider, name))
            models = dict.fromkeys(
                known.model
                for sums in self._requests
                if (known := self._names.model(sums.provider, sums.model)) and known.provider == name
            )
            for model in models:
                for limit in provider.limits_of(model)[len(provider.limits) :]:
                    if limit.period >= DAY:
                        subject = f"{name}/{model}"
                        yield self._use(subject, limit, partial(self._is_of_model, subject))
        for rule in self._environment.gateway.spend_limits:
            if rule.enabled and not rule.metadata:
                yield self._rule_use(rule)

    def unmeasured_rules(self) -> list[str]:
        """The spend rules that count by metadata, which sums do not show."""
        rules = self._environment.gateway.spend_limits
        return [rule.id for rule in rules if rule.enabled and rule.metadata]

    def worth(self, since: int) -> Iterator[Worth]:
        """The listed price of what was used of each free plan since then."""
        for name, provider in self._environment.providers.items():
            if provider.plan != "free":
                continue
            if name == WORKERS_AI and self._neurons is not None:
                usd = sum(row.neurons for row in self._neurons if row.hour >= since) * USD_PER_NEURON
            else:
                rows = (sums for sums in self._requests if sums.hour >= since and self._provider(sums) == name)
                usd = sum(map(self._listed_cost, rows))
            if usd:
                yield Worth(name, usd)

    def _provider(self, sums: RequestSums) -> str:
        return sums.provider.removeprefix(CUSTOM_PREFIX)

    def _is_of_provider(self, name: str, sums: RequestSums) -> bool:
        return self._provider(sums) == name

    def _is_of_model(self, name: str, sums: RequestSums) -> bool:
        return self._names.model_text(sums.provider, sums.model) == name

    def _listed_cost(self, sums: RequestSums) -> float:
        known = self._names.model(sums.provider, sums.model)
        price = self._prices.get((known.provider, known.model)) if known else None
        return (sums.tokens_in * price.input + sums.tokens_out * price.output) / 1e6 if price else 0.0

    def _use(self, subject: str, limit: Quantity, counts: Callable[[RequestSums], bool]) -> LimitUse:
        if limit.unit == "neurons" and self._neurons is not None:
            amounts = [(row.hour, row.neurons) for row in self._neurons]
            return self._measured(subject, limit, amounts, *_fixed_window(limit, self._now))
        measure = self._measures[limit.unit]
        amounts = [(sums.hour, measure(sums)) for sums in self._requests if counts(sums)]
        is_estimate = limit.unit == "neurons"
        return self._measured(subject, limit, amounts, *_fixed_window(limit, self._now), is_estimate=is_estimate)

    def _rule_use(self, rule: SpendRule) -> LimitUse:
        """A fixed window starts at a multiple of its length since 1970; a sliding one ends now."""
        period = rule.limit.period
        is_fixed = rule.technique == _FIXED
        start = self._now // period * period if is_fixed else self._now - period
        amounts = [
            (sums.hour, sums.cost)
            for sums in self._requests
            if (not rule.providers or self._provider(sums) in rule.providers)
            and (not rule.models or sums.model in rule.models)
        ]
        return self._measured(f"spend rule {rule.id}", rule.limit, amounts, start, start + period)

    def _measured(
        self, subject: str, limit: Quantity, amounts: Amounts, start: int, end: int, *, is_estimate: bool = False
    ) -> LimitUse:
        current = [(hour, amount) for hour, amount in amounts if start <= hour < end]
        used = sum(amount for _, amount in current)
        gone_at = _gone_at(current, limit.amount, start, end, self._now)
        return LimitUse(subject, limit.text, limit.unit, used, limit.amount, start, end, gone_at, is_estimate)

    @property
    def _measures(self) -> Mapping[str, Callable[[RequestSums], float]]:
        return {
            "requests": lambda sums: sums.requests - sums.cached,
            "tokens": lambda sums: sums.tokens_in + sums.tokens_out,
            "USD": lambda sums: sums.cost,
            "neurons": lambda sums: self._listed_cost(sums) / USD_PER_NEURON,
        }


def _fixed_window(limit: Quantity, now: int) -> tuple[int, int]:
    """The day, days, or calendar month that contains `now`."""
    if limit.period == PERIODS["month"]:
        return month_start(now), month_start(month_start(now) + 32 * DAY)
    start = now // limit.period * limit.period
    return start, start + limit.period


def month_start(now: int) -> int:
    """The start of the month that contains `now`."""
    return int(datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0).timestamp())


def _gone_at(amounts: Amounts, amount: float, start: int, end: int, now: int) -> int | None:
    """When the limit was used up, by the hours; or will be at the rate since `start`, if that is before `end`."""
    used = 0.0
    for hour, count in sorted(amounts):
        used += count
        if used >= amount:
            return min(hour + HOUR, now)
    elapsed = max(now - start, 1)
    if not used:
        return None
    gone_at = now + int((amount - used) * elapsed / used)
    return gone_at if gone_at < end else None
