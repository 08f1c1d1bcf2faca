"""The gateway's spend limits: budgets in USD over windows, of all requests or of those that a rule matches.

Documented: all matching rules are checked before the provider is called, and the cost is counted after the response, so
the request that crosses a limit completes. Observed: the codes, the message, that cached responses are served beyond a
limit, and that a rule keeps its count when it is sent again under its id. Guesses: requests without a partition's key
share one budget; a rule's `model` is the bare name or <provider>/<name>.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from gatewright.facts.slugs import WORKERS_AI
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import AiGatewayError, spend_limit_exceeded
from gatewright.local.server.inference.policies import counters


@dataclass(frozen=True, slots=True)
class Spender:
    """One call to a model, for spend rules. `key` identifies its gateway."""

    key: str
    provider: str
    model: str
    metadata: Json


@dataclass(frozen=True, slots=True)
class Budget:
    """What one rule allows a spender: `limit` USD in `window` seconds, counted under `key`."""

    rule: str
    key: str
    limit: float
    window: int
    technique: str

    def is_used_up(self, store: Store, now: float) -> bool:
        """Whether nothing is left of it."""
        return counters.used(store, self.key, self.window, now, self.technique) >= self.limit

    def error(self, spender: Spender) -> AiGatewayError:
        """Cloudflare's error for a spender beyond it."""
        amount = f"{self.limit:.9f}".rstrip("0").rstrip(".")
        rule = f"rule '{self.rule}' (cost limit {amount} per {self.window}s, {self.technique})"
        return spend_limit_exceeded(
            f"{rule} for {spender.provider} {spender.model}", workers_ai=spender.provider == WORKERS_AI
        )


def budgets(gateway: Json, spender: Spender) -> list[Budget]:
    """The budgets of a gateway to which a call is charged."""
    spend_limits = gateway["spend_limits"] or {}
    rules: list[Json] = spend_limits.get("rules", []) if spend_limits.get("enabled", False) else []
    return [_budget(rule, spender) for rule in rules if rule.get("enabled", True) and _matches(rule, spender)]


def check(store: Store, budgets: list[Budget], spender: Spender, now: float) -> None:
    """Raises AiGatewayError 2041 or 2045 where one of the budgets is used up."""
    for budget in budgets:
        if budget.is_used_up(store, now):
            raise budget.error(spender)


def charge(store: Store, budgets: list[Budget], cost: float, now: float) -> None:
    """Count the cost of a response, in USD."""
    for budget in budgets:
        counters.add(store, budget.key, budget.window, now, cost)


def _budget(rule: Json, spender: Spender) -> Budget:
    window = int(rule["window"])
    parts = [[key, spender.metadata.get(key)] for key, each in _metadata(rule) if each["mode"] == "partition"]
    key = f"spend/{spender.key}/{rule['id']}/{window}/{json.dumps(parts)}"
    return Budget(rule["id"], key, float(rule["limit"]), window, rule.get("technique", counters.SLIDING))


def _matches(rule: Json, spender: Spender) -> bool:
    models = {spender.model, f"{spender.provider}/{spender.model}"}
    return (
        _allows(rule.get("provider"), {spender.provider})
        and _allows(rule.get("model"), models)
        and all(_allows(dimension, _texts(spender.metadata.get(key))) for key, dimension in _metadata(rule))
    )


def _metadata(rule: Json) -> Iterator[tuple[str, Json]]:
    yield from (rule.get("metadata") or {}).items()


def _allows(dimension: Json | None, values: set[str]) -> bool:
    """Whether a filter matches one of the values; a dimension that is not a filter matches all."""
    return dimension is None or dimension["mode"] != "filter" or not values.isdisjoint(dimension["values"])


def _texts(value: object) -> set[str]:
    """A metadata value in the form of a rule's values: true, 5, paid; empty where there is none."""
    return set() if value is None else {value if isinstance(value, str) else json.dumps(value)}
