"""What an account has already of what a stack is about to make: each question is one listing, or one look."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.account_tokens import MOST, AccountTokens
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.cloudflare.mapping.stored_keys import provider_keys, unset_variables
from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.environment.references import Stored
from gatewright.errors import CloudflareError, GatewrightError
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import CUSTOM_PROVIDER, DYNAMIC_ROUTE
from gatewright.facts.resources import SECRETS_STORE_SECRET

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence, Sized

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.mapping.stored_keys import ProviderKey
    from gatewright.environment.resolved import Environment


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """The questions, of one environment on an account that is known. `known`: type and name of each resource that the
    stack has, or is about to take over.

    Each answers in a few words, and raises GatewrightError where something is there that the stack did not make.
    """

    environment: Environment
    client: Client
    account: str
    known: frozenset[tuple[str, str]]

    def gateway(self) -> str:
        """The gateway of that name."""
        name = self.environment.gateway_name
        if self._is_ours:
            return f"{name}, of this stack"
        try:
            self.client.get(f"/accounts/{self.account}/ai-gateway/gateways/{name}")
        except CloudflareError as error:
            if error.status != 404:
                raise
            return f"{name}, to be made"
        stack = self.environment.name
        raise GatewrightError(
            f"account {self.account} has a gateway {name} already, which stack {stack} did not make",
            f"Take it over: gatewright adopt {stack}; or choose another name: gateway: {{name: …}}",
        )

    def routes(self) -> str:
        """Routes, on a gateway of this stack's own: a new one has none."""
        names = self.environment.routes
        missing = self._missing(DYNAMIC_ROUTE, names)
        if missing and self._is_ours:
            there = DynamicRoutes(self.client, self.account, self.environment.gateway_name).listed()
            self._require_none("the route", missing, (each.name for each in there))
        return _counted(names, missing)

    def custom_providers(self) -> str:
        """Custom providers, which belong to the account."""
        names = [name for name, each in self.environment.providers.items() if each.base_url]
        missing = self._missing(CUSTOM_PROVIDER, names)
        if missing:
            there = CustomProviders(self.client, self.account).listed()
            self._require_none("the custom provider", missing, (each.slug for each in there))
        return _counted(names, missing)

    def keys(self) -> str:
        """Provider keys: those that no secret stands for here must be there, the others are made by the stack."""
        keys, there = provider_keys(self.environment), self._secrets()
        unset = unset_variables(self.environment, os.environ)
        lacking = [key for key in keys if key.secret not in there and (_is_stored(key) or key.provider in unset)]
        if lacking:
            raise GatewrightError(
                f"nothing holds the key of {', '.join(key.provider for key in lacking)}",
                "; ".join(_supplied(key, unset) for key in lacking),
            )
        made = self._made()
        self._require_not_stored(made, there)
        return _counted(keys, made)

    def new_keys(self) -> str:
        """The same of those that the stack makes, whether their values are known here or not."""
        made = self._made()
        if made:
            self._require_not_stored(made, self._secrets())
        return f"{len(made)} to be made"

    def tokens(self) -> str:
        """Room for tokens in the account."""
        count = AccountTokens(self.client, self.account).count()
        if count >= MOST:
            raise GatewrightError(
                f"account {self.account} has {count} API tokens, and Cloudflare lets it have no more than {MOST}",
                f"Delete some that nobody uses: {ACCOUNT_TOKENS}",
            )
        return f"{count} of at most {MOST} in the account"

    @property
    def _is_ours(self) -> bool:
        return (AI_GATEWAY.token, self.environment.gateway_name) in self.known

    def _made(self) -> list[ProviderKey]:
        """The keys that the stack is about to make."""
        ours = {key.provider: key for key in provider_keys(self.environment) if not _is_stored(key)}
        missing = self._missing(SECRETS_STORE_SECRET.token, ours)
        return [key for name, key in ours.items() if name in missing]

    def _secrets(self) -> set[str]:
        store = SecretsStores(self.client, self.account).find()
        return {each.name for each in Secrets(self.client, self.account, store).listed()} if store else set()

    def _require_not_stored(self, made: Sequence[ProviderKey], there: Container[str]) -> None:
        found = [key.provider for key in made if key.secret in there]
        self._require_none("the stored key of", {key.provider for key in made}, found)

    def _missing(self, kind: str, names: Iterable[str]) -> set[str]:
        return {name for name in names if (kind, name) not in self.known}

    def _require_none(self, noun: str, missing: set[str], there: Iterable[str]) -> None:
        if found := sorted(missing.intersection(there)):
            stack = self.environment.name
            raise GatewrightError(
                f"Cloudflare has {noun} {', '.join(found)} already, which stack {stack} did not make",
                f"Take over what is there: gatewright adopt {stack}; or delete it there, or choose another name",
            )


def _is_stored(key: ProviderKey) -> bool:
    return isinstance(key.reference, Stored)


def _supplied(key: ProviderKey, unset: Mapping[str, str]) -> str:
    if variable := unset.get(key.provider):
        return f"export {variable}=…"
    return f"Store the key of {key.provider} in the account's Secrets Store as {key.secret}, for AI Gateway"


def _counted(names: Sized, missing: Sized) -> str:
    return f"{len(names)}, {len(missing)} of them to be made"
