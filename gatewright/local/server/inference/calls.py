"""One call to a provider: the cache, policies, spend limits, the key and the key's own limit; then the charge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from gatewright.facts import windows
from gatewright.facts.gateway_policies import Bucket
from gatewright.facts.slugs import WORKERS_AI
from gatewright.frozen import frozen
from gatewright.local.server.core import clock
from gatewright.local.server.core.envelope import Json
from gatewright.local.server.core.faults import Faults
from gatewright.local.server.core.store import Store
from gatewright.local.server.inference.errors import rate_limited
from gatewright.local.server.inference.exchange import Exchange
from gatewright.local.server.inference.model_response import ModelResponse
from gatewright.local.server.inference.policies import (
    cache,
    counters,
    credentials,
    gateway_policies,
    prices,
    retries,
    spend_limits,
)
from gatewright.local.server.inference.policies.credentials import CredentialKind, ProviderCredential
from gatewright.local.server.inference.policies.scanner import Direction, Scanner
from gatewright.local.server.inference.policies.spend_limits import Budget, Spender
from gatewright.local.server.inference.providers import echo_model
from gatewright.local.server.inference.providers.state import Providers, fingerprint
from gatewright.local.server.inference.providers.targets import Target
from gatewright.local.server.resources import billing

_OF_ONE_CALL = ("credential", "key", "zdr", "session", "attempts", "tokens_in", "tokens_out")
"""Details that each call sets again."""


@frozen
class Backends:
    """What all gateways use: the store, the providers as tests configured them, the injected faults, the scanner, and
    by custom domain the service token that Access allows (Client ID, Client Secret)."""

    store: Store
    faults: Faults
    providers: Providers
    scanner: Scanner
    access: dict[str, tuple[str, str]] = field(default_factory=dict)


@frozen
class ProviderCalls:
    """The provider calls of one request; `details` collects what the logs keep of the last one."""

    backends: Backends
    exchange: Exchange
    details: Json

    async def call(self, target: Target, retry: retries.RetryPolicy, headers: Mapping[str, str]) -> ModelResponse:
        """The provider's response, or a cached one.

        Raises AiGatewayError: 403 and 429 (policies), 2003 (the stored key's limit), 2005, 2016, 2017, 2021, 2029,
        2030, 2040, 2041, 2045.
        """
        store, exchange, gateway = self.backends.store, self.exchange, self.exchange.gateway
        for name in _OF_ONE_CALL:
            self.details.pop(name, None)
        caching = cache.policy(headers, gateway, target.provider, target.endpoint, target.body)
        spender = Spender(exchange.key, target.provider, str(target.body.get("model")), exchange.metadata)
        budgets = spend_limits.budgets(gateway, spender)
        with store.transaction():
            now = clock.epoch_seconds()
            cached = cache.find(store, exchange.account, gateway["id"], caching.key, now) if caching.ttl else None
            if cached is not None:
                return ModelResponse(200, *cached, cached=True)
            buckets = gateway_policies.check(store, exchange, target, now)
            spend_limits.check(store, budgets, spender, now)
            credential = self._credential(target.provider, headers, now)
            accepted = self._is_accepted(target.provider, credential)
        self.backends.scanner.check(Direction.PROMPT, gateway)
        self.details.update({"cache": "MISS", "credential": credential.kind})
        zdr = headers.get("cf-aig-zdr", str(bool(gateway.get("zdr"))).lower()) == "true"
        if zdr and credential.kind is CredentialKind.UNIFIED:
            self.details["zdr"] = True
        if session := headers.get("cf-aig-session-id"):
            self.details["session"] = session
        if credential.stored is not None:
            self.details["key"] = f"{credential.stored.alias}/{fingerprint(credential.stored.value)}"
        response = await retries.with_retries(
            retry,
            lambda: echo_model.call(target, self.backends.faults, self.backends.providers, accepted=accepted),
        )
        credits = prices.cost(response, {}) if credential.kind is CredentialKind.UNIFIED else 0
        response = replace(response, cost=prices.cost(response, headers))
        self._settle(response, caching, budgets, buckets, credits=credits)
        self.backends.scanner.check(Direction.RESPONSE, gateway)
        return response

    def _credential(self, provider: str, headers: Mapping[str, str], now: float) -> ProviderCredential:
        store, exchange = self.backends.store, self.exchange
        sent = credentials.read(headers, authenticated=exchange.authenticated)
        alias = headers.get("cf-aig-byok-alias")
        credential = credentials.for_provider(store, sent, exchange.account, exchange.gateway, provider, alias)
        key = credential.stored
        if key is not None and key.rate_limit:
            period = max(1, int(key.rate_limit_period))
            if not counters.admit(store, f"key/{key.secret}", key.rate_limit, period, windows.FIXED, now):
                raise rate_limited()
        return credential

    def _is_accepted(self, provider: str, credential: ProviderCredential) -> bool:
        """Whether the provider accepts the credential. Only Workers AI accepts a Cloudflare token."""
        match credential.kind:
            case CredentialKind.NONE:
                return False
            case CredentialKind.GATEWAY_TOKEN:
                account, address = self.exchange.account, self.exchange.address
                may = credentials.may_use_workers_ai(self.backends.store, credential.value, account, address)
                return provider == WORKERS_AI and may
        return credential.value is None or self.backends.providers.accepts(provider, credential.value)

    def _settle(
        self,
        response: ModelResponse,
        caching: cache.CachePolicy,
        budgets: list[Budget],
        buckets: Sequence[Bucket],
        *,
        credits: float,
    ) -> None:
        """Charge the response to the budgets, take `credits` (USD) from the account, and cache the response."""
        store, now = self.backends.store, clock.epoch_seconds()
        is_cacheable = response.status == 200 and caching.ttl
        if not response.cost and not credits and not is_cacheable:
            return
        with store.transaction():
            spend_limits.charge(store, budgets, response.cost, now)
            gateway_policies.charge(store, self.exchange, buckets, response.cost, now)
            if credits:
                billing.add(store, self.exchange.account, -credits)
            if is_cacheable:
                gateway, until = self.exchange.gateway["id"], now + caching.ttl
                cache.add(store, self.exchange.account, gateway, caching.key, until, response.headers, response.body)
