"""Orphans: resources in the account that have two marks of an environment and are in no state.

The first mark is gatewright's: the name of a token, the comment of a secret, the settings of a gateway. The second is
that of an environment whose stack exists here and has resources in this account: its name, which is unique in the
account, or its gateway in the state. One mark is not enough: another team may use gatewright, name its gateway
agents-something, or share the secrets store. Resources of environments without a stack here, and custom providers,
which have no mark, are not examined.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS, MANAGED
from gatewright.environment.references import FromConfig, FromVariable, Stored
from gatewright.facts.resource_types import CUSTOM_DOMAIN, DYNAMIC_ROUTE, GATEWAY_POLICIES, PROVIDER_CONFIG
from gatewright.facts.slugs import CUSTOM_PREFIX, SLUGS
from gatewright.frozen import frozen
from gatewright.operations.drift import remedies
from gatewright.operations.drift.access_orphans import access_orphans
from gatewright.operations.drift.model import Finding, FindingClass
from gatewright.operations.plan.kinds import GATEWAY, KEY, SECRET, TOKEN
from gatewright.operations.tokens.lost_tokens import lost_tokens

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from gatewright.cloudflare.access import AccessListing
    from gatewright.cloudflare.account_listing import AccountListing, GatewayListing
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.remedies import Api
    from gatewright.operations.stack.pulumi import Step

    Json = dict[str, Any]

IN_NO_STACK = "in no stack"
SECTION = "orphans"
"""The path of an `ignore:` rule is orphans, or orphans.<name>."""


@frozen
class StateIds:
    """The ids of the resources in a state, by type."""

    ids: dict[str, set[str]]

    @classmethod
    def of(cls, steps: Iterable[Step]) -> StateIds:
        """From the steps of a refresh, which reads every resource; a secret that a key links to by name counts, too."""
        ids: dict[str, set[str]] = {}
        for step in steps:
            ids.setdefault(step.type, set()).add(step.id)
            if step.type == PROVIDER_CONFIG and "secretId" in step.before:
                ids.setdefault(SECRET, set()).add(str(step.before["secretId"]))
        return cls(ids)

    def has(self, type_: str, id_: object) -> bool:
        """Whether the state has a resource of that type and id."""
        return str(id_) in self.ids.get(type_, ())


@frozen
class OrphanFinder:
    """Finds the orphans of one environment.

    Resources created since `started`, in seconds since 1970, may belong to an up that runs at the same time.
    """

    environment: Environment
    state: StateIds
    api: Api
    started: int

    @property
    def gateway(self) -> str | None:
        """The name of the stack's gateway in the state, where the file may have one that is not deployed yet."""
        names = sorted(self.state.ids.get(GATEWAY, ()))
        return self.environment.gateway_name if self.environment.gateway_name in names else next(iter(names), None)

    @property
    def _is_renamed(self) -> bool:
        """Whether the next up replaces the gateway, and everything in it."""
        return self.gateway not in (None, self.environment.gateway_name)

    def findings(
        self, account: AccountListing, gateway: GatewayListing | None, access: AccessListing | None = None
    ) -> Iterator[Finding]:
        """The orphans in the account, in the stack's gateway where it has one, and of Access."""
        orphans = access_orphans(self.environment, self.state.ids, self.api, access) if access else ()
        for finding in chain(self._all(account, gateway), orphans):
            if finding.since is None or clock.parse_timestamp(finding.since) <= self.started:
                yield finding

    def _all(self, account: AccountListing, gateway: GatewayListing | None) -> Iterator[Finding]:
        yield from self._gateways(account.gateways or ())
        yield from self._tokens(account.tokens or ())
        if gateway is not None:
            keys = [key for key in gateway.keys or () if not self.state.has(PROVIDER_CONFIG, key["id"])]
            yield from self._routes(gateway.routes or ())
            yield from self._keys(keys)
            yield from self._secrets(account.secrets or (), {str(key["secret_id"]) for key in keys})
            yield from self._domains(gateway.domains or ())
            yield from self._policies(gateway.policies or ())

    def _gateways(self, gateways: Iterable[Json]) -> Iterator[Finding]:
        """A gateway with every declared setting: a run was killed before the engine saved it."""
        if GATEWAY in self.state.ids:
            return
        for gateway in gateways:
            if gateway["id"] == self.environment.gateway_name and _is_as_declared(self.environment, gateway):
                text = f"as declared, but {IN_NO_STACK}"
                yield self._finding("gateway", gateway["id"], text, "", gateway.get("created_at"), declared=True)

    def _tokens(self, tokens: Iterable[Json]) -> Iterator[Finding]:
        for token in lost_tokens(self.environment.name, tokens, self.state.ids.get(TOKEN, ())):
            is_expired, path = token["status"] == "expired", f"/tokens/{token['id']}"
            text = f"expired, and {IN_NO_STACK}" if is_expired else "nobody knows its value"
            yield self._finding("token", token["name"], text, path, token.get("issued_on"))

    def _routes(self, routes: Iterable[Json]) -> Iterator[Finding]:
        for route in routes:
            if not self.state.has(DYNAMIC_ROUTE, route["id"]):
                declared, path = route["name"] in self.environment.routes, f"{self._path}/routes/{route['id']}"
                since = route.get("created_at")
                yield self._finding("route", route["name"], IN_NO_STACK, path, since, declared=declared)

    def _keys(self, keys: Iterable[Json]) -> Iterator[Finding]:
        for key in keys:
            provider, alias = str(key["provider_slug"]).removeprefix(CUSTOM_PREFIX), str(key["alias"])
            is_default, path = alias == DEFAULT_ALIAS, f"{self._path}/provider_configs/{key['id']}"
            name, since = provider if is_default else f"{provider}/{alias}", key.get("modified_at")
            declared = is_default and provider in self.environment.providers
            yield self._finding(KEY, name, IN_NO_STACK, path, since, declared=declared)

    def _secrets(self, secrets: Iterable[Json], linked: Container[str]) -> Iterator[Finding]:
        """Secrets that no key links to; deleting a key deletes its secret. The next up imports one that is declared."""
        declared = {key.secret for key in provider_keys(self.environment) if not isinstance(key.reference, Stored)}
        for secret in secrets:
            known = self.state.has(SECRET, secret["id"]) or secret["id"] in linked
            if not known and self._has_secret_marks(secret):
                path = f"/secrets_store/stores/{secret['store_id']}/secrets/{secret['id']}"
                finding = self._finding("secret", secret["name"], IN_NO_STACK, path, secret.get("created"))
                is_imported = secret["name"] in declared
                yield replace(finding, fix=remedies.up(self.environment.name)) if is_imported else finding

    def _domains(self, domains: Iterable[Json]) -> Iterator[Finding]:
        for domain in domains:
            name = domain["hostname"]
            if not self.state.has(CUSTOM_DOMAIN, name):
                declared, path = name in self.environment.gateway.domains, f"{self._path}/custom-domains/{name}"
                yield self._finding("domain", name, IN_NO_STACK, path, None, declared=declared)

    def _policies(self, policies: Iterable[Json]) -> Iterator[Finding]:
        """Policies of a gateway whose stack has none; they refuse all requests that none of them allows."""
        for policy in policies if GATEWAY_POLICIES not in self.state.ids else ():
            declared, path = bool(self.environment.gateway.policies), f"{self._path}/policies/{policy['id']}"
            yield self._finding("policy", policy["name"], IN_NO_STACK, path, None, declared=declared)

    @property
    def _path(self) -> str:
        return f"/ai-gateway/gateways/{self.gateway}"

    def _has_secret_marks(self, secret: Json) -> bool:
        name, prefix = str(secret["name"]), f"{self.gateway}_"
        if not name.startswith(prefix) or MANAGED not in (secret.get("comment") or ""):
            return False
        slug, _, alias = name.removeprefix(prefix).partition("_")
        return alias == DEFAULT_ALIAS and (slug in SLUGS or slug.startswith(CUSTOM_PREFIX))

    def _finding(
        self, kind: str, name: object, text: str, path: str, since: object, *, declared: bool = False
    ) -> Finding:
        """An orphan, which is adopted where the file declares it, otherwise deleted at `path`."""
        adoptable = declared and not self._is_renamed
        return Finding(
            FindingClass.ORPHAN,
            kind,
            str(name),
            text,
            f"{SECTION}.{name}",
            remedies.adopt(self.environment.name) if adoptable else remedies.delete(self.api, path),
            since=str(since) if since else None,
            hint="or declare it in the environment's file" if kind in ("route", "domain") and not declared else None,
        )


def _is_as_declared(environment: Environment, gateway: Json) -> bool:
    body = gateway_body(environment.gateway)
    return all(gateway.get(name) == value for name, value in body.items() if not _holds_reference(value))


def _holds_reference(value: object) -> bool:
    match value:
        case FromVariable() | FromConfig():
            return True
        case dict():
            return any(map(_holds_reference, value.values()))
        case list():
            return any(map(_holds_reference, value))
    return False
