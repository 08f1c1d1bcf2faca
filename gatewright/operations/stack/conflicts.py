"""Conflicts: resources at Cloudflare that a stack would create, but that it does not have. One call for each kind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright.clock import HOUR, NOW, format_timestamp, now
from gatewright.cloudflare.access import application_label, applications_in_front, protected_hosts
from gatewright.cloudflare.account_tokens import MAX_TOKENS, AccountTokens
from gatewright.cloudflare.collection import list_all
from gatewright.cloudflare.custom_providers import CustomProviders
from gatewright.cloudflare.dynamic_routes import DynamicRoutes
from gatewright.cloudflare.gateway_policies import GatewayPolicies
from gatewright.cloudflare.mapping.stored_keys import provider_keys, unset_variables
from gatewright.cloudflare.provider_configs import unlinked_secrets
from gatewright.cloudflare.secrets_store import Secrets, SecretsStores
from gatewright.command_line import command
from gatewright.environment.references import Stored
from gatewright.errors import CloudflareError, GatewrightError
from gatewright.facts.access import ACCESS_APPLICATION
from gatewright.facts.dashboard import ACCOUNT_TOKENS
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import CUSTOM_PROVIDER, DYNAMIC_ROUTE, GATEWAY_POLICIES
from gatewright.facts.resources import SECRETS_STORE_SECRET
from gatewright.frozen import frozen
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Sized

    from gatewright.cloudflare.client import Client
    from gatewright.cloudflare.custom_providers import CustomProvider
    from gatewright.cloudflare.mapping.stored_keys import ProviderKey
    from gatewright.environment.resolved import Environment


@frozen
class Conflicts:
    """The checks of one environment. `known` are type and name of each resource that the stack has or is to import,
    `users_of` returns the other environments that share a custom provider.

    Each returns a short description, and raises GatewrightError for a resource that exists and the stack does not have.
    """

    environment: Environment
    client: Client
    account: str
    known: frozenset[tuple[str, str]]
    users_of: Callable[[str], Sequence[str]] = lambda _: ()

    def gateway(self) -> str:
        """The gateway."""
        name = self.environment.gateway_name
        if self._has_gateway:
            return f"{name}, in this stack"
        try:
            self.client.get(f"/accounts/{self.account}/ai-gateway/gateways/{name}")
        except CloudflareError as error:
            if error.status != 404:
                raise
            return f"{name}, to be created"
        stack = self.environment.name
        raise GatewrightError(
            f"account {self.account} has a gateway {name} already, which is not in stack {stack}",
            f"Import it: {command(f'adopt {stack}')}; or choose another name: gateway: {{name: …}}",
        )

    def routes(self) -> str:
        """Routes; a gateway that is still to be created has none."""
        names = self.environment.routes
        missing = self._missing(DYNAMIC_ROUTE, names)
        if missing and self._has_gateway:
            routes = DynamicRoutes(self.client, self.account, self.environment.gateway_name).list_all()
            self._require_none("the route", missing, (route.name for route in routes))
        return _counted(names, missing)

    def policies(self) -> str:
        """The gateway's policies; those of others would be evaluated together with the declared ones."""
        names = self.environment.gateway.policies
        if not names:
            return "none declared"
        if not self._has_gateway or any(type_ == GATEWAY_POLICIES for type_, _ in self.known):
            return f"{len(names)} declared"
        existing = GatewayPolicies(self.client, self.account, self.environment.gateway_name).in_force()
        if existing:
            raise GatewrightError(
                f"gateway {self.environment.gateway_name} has policies that stack {self.environment.name} does not "
                f"have: {', '.join(existing)}",
                f"Import them: {command(f'adopt {self.environment.name}')}; or delete them there",
            )
        return f"{len(names)} to be created; with the first one the gateway refuses what none allows"

    def access(self) -> str:
        """The Access application in front of the domains, which can have one only."""
        environment = self.environment
        access = environment.gateway.access
        if access is None or not access.is_created:
            return "not declared"
        if (ACCESS_APPLICATION.token, environment.gateway_name) in self.known:
            return "in this stack"
        path = ACCESS_APPLICATION.collection.replace("{accountId}", self.account)
        apps = applications_in_front([*list_all(self.client, path, missing_ok=True)], environment.gateway.domains)
        if apps:
            hosts = [host for app in apps for host in protected_hosts(app) if host in environment.gateway.domains]
            names = ", ".join(map(application_label, apps))
            raise GatewrightError(
                f"account {self.account} has an Access application {names} in front of {', '.join(hosts)} already, "
                f"which is not in stack {environment.name}",
                f"Import it: {command(f'adopt {environment.name}')}; or delete it there; or leave it to its owner with "
                "gateway: {access: true}",
            )
        return f"to be created, in front of {', '.join(environment.gateway.domains)}"

    def custom_providers(self) -> str:
        """Custom providers, which belong to the account."""
        names = [name for name, provider in self.environment.providers.items() if provider.base_url]
        missing = self._missing(CUSTOM_PROVIDER, names)
        shared = {name for name in missing if self.users_of(name)}
        if missing:
            providers = [*CustomProviders(self.client, self.account).list_all()]
            self._require_equal([provider for provider in providers if provider.slug in shared])
            existing = (provider.slug for provider in providers)
            self._require_none("the custom provider", missing - shared, existing)
        counted = _counted(names, missing - shared)
        return f"{counted}, {len(shared)} shared" if shared else counted

    def _require_equal(self, shared: Iterable[CustomProvider]) -> None:
        for provider in shared:
            if provider.base_url != self.environment.providers[provider.slug].base_url:
                other = self.users_of(provider.slug)[0]
                raise GatewrightError(
                    f"account {self.account} has custom provider {provider.slug}, shared with {other}, with another "
                    f"baseUrl, {provider.base_url}",
                    f"Bring it up to date first: {command(f'up {other}')}",
                )

    def keys(self) -> str:
        """Provider keys: those without a value on this machine must exist, the stack creates the others."""
        keys, stored = provider_keys(self.environment), self._secrets()
        unset = unset_variables(self.environment, os.environ)
        lacking = [key for key in keys if key.secret not in stored and (_is_stored(key) or key.provider in unset)]
        if lacking:
            raise GatewrightError(
                f"no key for {', '.join(key.provider for key in lacking)}: neither on this machine nor at Cloudflare",
                "; ".join(_fix(key, unset) for key in lacking),
            )
        new = self._new_keys()
        self._require_not_stored(new, stored)
        return _counted(keys, new)

    def new_keys(self) -> str:
        """Provider keys that the stack would create, whether their values are on this machine or not."""
        new = self._new_keys()
        if new:
            self._require_not_stored(new, self._secrets())
        return f"{len(new)} to be created"

    def tokens(self) -> str:
        """Room for another token in the account, and a clock by which tokens may rotate and expire."""
        count = AccountTokens(self.client, self.account).count()
        self._require_clock()
        if count >= MAX_TOKENS:
            raise GatewrightError(
                f"account {self.account} has {count} API tokens, and Cloudflare allows at most {MAX_TOKENS}",
                f"Delete unused ones: {ACCOUNT_TOKENS}",
            )
        return f"{count} of at most {MAX_TOKENS} in the account"

    def _require_clock(self) -> None:
        """Require that this machine's clock agrees with Cloudflare's: a wrong one would revoke tokens that are used."""
        server = self.client.server_time
        if server is None or NOW in os.environ:
            return
        ahead = now(os.environ) - server
        if abs(ahead) > HOUR:
            raise GatewrightError(
                f"this machine's clock is {plural(abs(ahead) // HOUR, 'hour')} {'ahead of' if ahead > 0 else 'behind'} "
                "Cloudflare's, and tokens rotate and expire by it",
                f"Set the clock, for example: timedatectl set-ntp true; Cloudflare's is {format_timestamp(server)}",
            )

    @property
    def _has_gateway(self) -> bool:
        return (AI_GATEWAY.token, self.environment.gateway_name) in self.known

    def _new_keys(self) -> list[ProviderKey]:
        """The keys that the stack would create."""
        managed = {key.provider: key for key in provider_keys(self.environment) if not _is_stored(key)}
        missing = self._missing(SECRETS_STORE_SECRET.token, managed)
        return [key for name, key in managed.items() if name in missing]

    def _secrets(self) -> set[str]:
        store = SecretsStores(self.client, self.account).find()
        return {secret.name for secret in Secrets(self.client, self.account, store).list_all()} if store else set()

    def _require_not_stored(self, new: Sequence[ProviderKey], stored: Container[str]) -> None:
        """Require that Cloudflare has none of the `new` keys, except those that the next up imports."""
        existing = {key.secret: key.provider for key in new if key.secret in stored}
        if existing:
            imported = unlinked_secrets(self.client, self.account, self.environment.gateway_name)
            existing = {secret: provider for secret, provider in existing.items() if secret not in imported}
        self._require_none("the stored key of", {key.provider for key in new}, existing.values())

    def _missing(self, kind: str, names: Iterable[str]) -> set[str]:
        return {name for name in names if (kind, name) not in self.known}

    def _require_none(self, noun: str, missing: set[str], existing: Iterable[str]) -> None:
        if conflicts := sorted(missing.intersection(existing)):
            stack = self.environment.name
            raise GatewrightError(
                f"Cloudflare has {noun} {', '.join(conflicts)} already, which is not in stack {stack}",
                f"Import what exists: {command(f'adopt {stack}')}; or delete it there, or choose another name",
            )


def _is_stored(key: ProviderKey) -> bool:
    return isinstance(key.reference, Stored)


def _fix(key: ProviderKey, unset: Mapping[str, str]) -> str:
    if variable := unset.get(key.provider):
        return f"export {variable}=…"
    return f"Store the key of {key.provider} in the account's Secrets Store as {key.secret}, for AI Gateway"


def _counted(names: Sized, missing: Sized) -> str:
    return f"{len(names)}, {len(missing)} of them to be created"
