"""Gateway policies, enforced: a request that none allows, or one blocks, is refused; then the budgets are checked.

Documented: the errors, and that cached answers are not evaluated. Guesses: a dynamic route is evaluated at each model
that it calls; the country of a request on this machine is XX, which is Cloudflare's code for an unknown one.
"""

from __future__ import annotations

from collections.abc import Sequence

from gatewright.facts.gateway_policies import BLOCK, Bucket, PolicyRequest, evaluate, period_start
from gatewright.local.server.core.store import Store, digest
from gatewright.local.server.inference.errors import budget_used_up, denied_by_policy
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.policies import counters
from gatewright.local.server.inference.providers.targets import Target
from gatewright.local.server.resources import gateway_policies

CF = {"country": "XX"}


def check(store: Store, exchange: Exchange, target: Target, now: float) -> Sequence[Bucket]:
    """The budgets to charge. Raises PolicyError."""
    policies = gateway_policies.in_force(store, exchange.account, exchange.gateway["id"])
    request = PolicyRequest(target.provider, str(target.body.get("model")), exchange.metadata, CF)
    evaluation = evaluate(policies, request)
    if evaluation.decision == BLOCK:
        raise denied_by_policy()
    for bucket in evaluation.buckets:
        spent = counters.used(store, _counter(exchange, bucket), 1, period_start(bucket.period, now))
        if spent >= bucket.amount:
            raise budget_used_up(bucket=digest(bucket.key)[:32], spent=spent, limit=bucket.amount)
    return evaluation.buckets


def charge(store: Store, exchange: Exchange, buckets: Sequence[Bucket], cost: float, now: float) -> None:
    """Count the cost of a response, in USD."""
    for bucket in buckets:
        counters.add(store, _counter(exchange, bucket), 1, period_start(bucket.period, now), cost)


def _counter(exchange: Exchange, bucket: Bucket) -> str:
    return f"policy/{exchange.key}/{bucket.key}"
