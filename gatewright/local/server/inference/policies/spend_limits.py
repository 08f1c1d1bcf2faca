"""The gateway's spend limits: budgets in USD over windows, of all requests or of those that a rule matches.

Documented: all matching rules are checked before the provider is called, and the cost is counted after the response, so
the request that crosses a limit completes. Observed: the codes, the message, that cached responses are served beyond a
limit, and that a rule keeps its count when it is sent again under its id. Which requests a rule counts is in
gatewright/facts/spend_rules.py.
"""

from __future__ import annotations

from gatewright.facts import windows
from gatewright.facts.slugs import WORKERS_AI
from gatewright.facts.spend_rules import active_rules, matches, partition
from gatewright.frozen import frozen
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import AiGatewayError, spend_limit_exceeded
from gatewright.local.server.inference.policies import counters


@frozen
class Spender:
    """One call to a model, for spend rules. `key` identifies its gateway."""

    key: str
    provider: str
    model: str
    metadata: Json


@frozen
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
    rules = active_rules(gateway["spend_limits"])
    return [
        _budget(rule, spender) for rule in rules if matches(rule, spender.provider, spender.model, spender.metadata)
    ]


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
    key = f"spend/{spender.key}/{rule['id']}/{window}/{partition(rule, spender.metadata)}"
    return Budget(rule["id"], key, float(rule["limit"]), window, rule.get("technique", windows.SLIDING))
