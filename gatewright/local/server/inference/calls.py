"""One call to a provider: the cache before it, then budgets, the key and the key's own limit; the bill after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatewright.facts.slugs import WORKERS_AI
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.faults import Faults
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import rate_limited
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.plans.targets import Target
from gatewright.local.server.inference.policies import cache, counters, credentials, prices, retries, spend_limits
from gatewright.local.server.inference.policies.credentials import Held, Kind
from gatewright.local.server.inference.policies.scanner import Scanner, Way
from gatewright.local.server.inference.policies.spend_limits import Budget, Spender
from gatewright.local.server.inference.providers import echo_model
from gatewright.local.server.inference.providers.echo_model import Reply
from gatewright.local.server.inference.providers.state import Providers, fingerprint
from gatewright.local.server.inference.result import Answered
from gatewright.local.server.resources import billing

_OF_ONE_CALL = ("credential", "key", "attempts", "tokens_in", "tokens_out")  # details that the next call begins without


@dataclass(frozen=True, slots=True)
class Upstreams:
    """What stands behind all gateways: providers, as they were told to be, and what they were ordered to fail at."""

    store: Store
    faults: Faults
    providers: Providers
    scanner: Scanner


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one request to a gateway; `details` collects what the logs say of the last one."""

    behind: Upstreams
    exchange: Exchange
    details: Json

    async def call(self, target: Target, plan: retries.Plan, headers: Mapping[str, str]) -> Answered:
        """One provider's answer, or what the cache keeps of it.

        Raises AigError: 2003 (the stored key's limit), 2005, 2016, 2017, 2021, 2029, 2030, 2040, 2041, 2045.
        """
        store, exchange, gateway = self.behind.store, self.exchange, self.exchange.gateway
        for name in _OF_ONE_CALL:
            self.details.pop(name, None)
        kept = cache.policy(headers, gateway, target.provider, target.endpoint, target.body)
        spender = Spender(exchange.key, target.provider, str(target.body.get("model")), exchange.metadata)
        charged = spend_limits.budgets(gateway, spender)
        with store.transaction():
            now = clock.timestamp()
            found = cache.find(store, exchange.account, gateway["id"], kept.key, now) if kept.ttl else None
            if found is not None:
                return Answered(200, *found, cached=True)
            spend_limits.check(store, charged, spender, now)
            held = self._held(target.provider, headers, now)
            accepted = self._accepted(target.provider, held)
        self.behind.scanner.check(Way.PROMPT, gateway)
        self.details.update({"cache": "MISS", "credential": held.kind})
        if held.stored is not None:
            self.details["key"] = f"{held.stored.alias}/{fingerprint(held.stored.value)}"
        reply, attempts = await retries.persist(
            plan, lambda: echo_model.call(target, self.behind.faults, self.behind.providers, accepted=accepted)
        )
        answered = _answered(reply, attempts, prices.cost(reply, headers))
        self._settle(answered, kept, charged, prices.cost(reply, {}) if held.kind is Kind.UNIFIED else 0)
        self.behind.scanner.check(Way.RESPONSE, gateway)
        return answered

    def _held(self, provider: str, headers: Mapping[str, str], now: float) -> Held:
        store, exchange = self.behind.store, self.exchange
        given = credentials.read(headers, authenticated=exchange.authenticated)
        alias = headers.get("cf-aig-byok-alias")
        held = credentials.held(store, given, exchange.account, exchange.gateway, provider, alias)
        key = held.stored
        if key is not None and key.rate_limit:
            period = max(1, int(key.rate_limit_period))
            if not counters.admit(store, f"key/{key.secret}", key.rate_limit, period, counters.FIXED, now):
                raise rate_limited()
        return held

    def _accepted(self, provider: str, held: Held) -> bool:
        """Whether the provider takes what it gets: a Cloudflare token only Workers AI does."""
        match held.kind:
            case Kind.NONE:
                return False
            case Kind.GATEWAY_TOKEN:
                account, address = self.exchange.account, self.exchange.address
                may = credentials.may_use_workers_ai(self.behind.store, held.value, account, address)
                return provider == WORKERS_AI and may
        return held.value is None or self.behind.providers.takes(provider, held.value)

    def _settle(self, answered: Answered, kept: cache.Policy, charged: list[Budget], paid: float) -> None:
        """Charges what the answer cost, takes what Cloudflare `paid` for it, and keeps it where it is to be kept."""
        store, now = self.behind.store, clock.timestamp()
        keeps = answered.status == 200 and kept.ttl
        if not answered.cost and not paid and not keeps:
            return
        with store.transaction():
            spend_limits.charge(store, charged, answered.cost, now)
            if paid:
                billing.add(store, self.exchange.account, -paid)
            if keeps:
                gateway, until = self.exchange.gateway["id"], now + kept.ttl
                cache.keep(store, self.exchange.account, gateway, kept.key, until, answered.headers, answered.body)


def _answered(reply: Reply, attempts: int, cost: float) -> Answered:
    return Answered(
        reply.status,
        {"content-type": reply.content_type, **reply.headers},
        reply.body,
        attempts=attempts,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost=cost,
    )
