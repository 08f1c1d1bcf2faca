"""What is in the account, bears two marks that it is ours, and is in no state.

The first mark is gatewright's: how it names a token, what it comments a secret with, what it sends of a gateway. The
second is the environment's, whose stack is there and holds something in this account: its name, which is one in the
account, or its gateway, as the state has it. One mark alone is never enough: another team may use gatewright too, name
its gateway agents-something, or keep its secrets in the same store. So what is in an environment of which there is no
stack here is not looked at, and a custom provider, which bears no mark at all, never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright import clock
from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.generations import existing_generations
from gatewright.cloudflare.mapping.gateway_body import gateway_body
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS, MANAGED
from gatewright.environment.checks.tokens import DEPLOYING, token_name
from gatewright.environment.references import FromConfig, FromVariable
from gatewright.facts.gateway import AI_GATEWAY
from gatewright.facts.resource_types import CUSTOM_DOMAIN, DYNAMIC_ROUTE, PROVIDER_CONFIG
from gatewright.facts.resources import ACCOUNT_TOKEN, SECRETS_STORE_SECRET
from gatewright.facts.slugs import CUSTOM_PREFIX, SLUGS
from gatewright.operations.drift import remedies
from gatewright.operations.drift.model import Class, Finding
from gatewright.operations.plan.kinds import KEY

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from gatewright.cloudflare.account_listing import AccountListing, GatewayListing
    from gatewright.environment.resolved import Environment
    from gatewright.operations.drift.remedies import Api
    from gatewright.operations.stack.pulumi import Step

    Json = dict[str, Any]

IN_NONE = "in no stack"
SECTION = "orphans"
"""What `ignore:` calls them by: orphans, or orphans.<name>."""


@dataclass(frozen=True, slots=True)
class State:
    """What the state of one environment holds: the ids of its resources by their types."""

    ids: dict[str, set[str]]

    @classmethod
    def of(cls, steps: Iterable[Step]) -> State:
        """By the steps of a refresh, which looks at every resource. A secret that a key's link found by its name is of
        this stack as well."""
        found: dict[str, set[str]] = {}
        for step in steps:
            found.setdefault(step.type, set()).add(step.id)
            if step.type == PROVIDER_CONFIG and "secretId" in step.before:
                found.setdefault(SECRETS_STORE_SECRET.token, set()).add(str(step.before["secretId"]))
        return cls(found)

    def has(self, kind: str, name: object) -> bool:
        """Whether it has the resource of that type and id."""
        return str(name) in self.ids.get(kind, ())


@dataclass(frozen=True, slots=True)
class Orphans:
    """Those of one environment. What was made after the state was read, from second `began` since 1970 on, may be the
    work of an up that runs meanwhile."""

    environment: Environment
    state: State
    api: Api
    began: int

    @property
    def gateway(self) -> str | None:
        """The name of this stack's gateway: by its state, where the file may have another one that is not up yet."""
        held = sorted(self.state.ids.get(AI_GATEWAY.token, ()))
        return self.environment.gateway_name if self.environment.gateway_name in held else next(iter(held), None)

    @property
    def _is_renamed(self) -> bool:
        """Whether what is in the gateway goes with it at the next up."""
        return self.gateway not in (None, self.environment.gateway_name)

    def findings(self, account: AccountListing, gateway: GatewayListing | None) -> Iterator[Finding]:
        """`gateway`: what the gateway of this stack has; None where it has none."""
        for each in self._all(account, gateway):
            if each.since is None or clock.parse_timestamp(each.since) <= self.began:
                yield each

    def _all(self, account: AccountListing, gateway: GatewayListing | None) -> Iterator[Finding]:
        yield from self._gateway(account.gateways or ())
        for token in account.tokens or ():
            if self._is_token_of_ours(token) and not self.state.has(ACCOUNT_TOKEN.token, token["id"]):
                words = "its value is known to nobody"
                yield self._found("token", token["name"], words, f"/tokens/{token['id']}", token.get("issued_on"))
        if gateway is not None:
            keys = [key for key in gateway.keys or () if not self.state.has(PROVIDER_CONFIG, key["id"])]
            yield from self._routes(gateway.routes or ())
            yield from self._keys(keys)
            yield from self._secrets(account.secrets or (), {str(key["secret_id"]) for key in keys})
            yield from self._domains(gateway.domains or ())

    def _routes(self, listed: Iterable[Json]) -> Iterator[Finding]:
        for route in listed:
            if not self.state.has(DYNAMIC_ROUTE, route["id"]):
                declared, path = route["name"] in self.environment.routes, f"{self._path}/routes/{route['id']}"
                yield self._found("route", route["name"], IN_NONE, path, route.get("created_at"), declared=declared)

    def _keys(self, listed: Iterable[Json]) -> Iterator[Finding]:
        for key in listed:
            name, alias = str(key["provider_slug"]).removeprefix(CUSTOM_PREFIX), str(key["alias"])
            declared = alias == DEFAULT_ALIAS and name in self.environment.providers
            shown, path = (
                name if alias == DEFAULT_ALIAS else f"{name}/{alias}",
                f"{self._path}/provider_configs/{key['id']}",
            )
            yield self._found(KEY, shown, IN_NONE, path, key.get("modified_at"), declared=declared)

    def _secrets(self, listed: Iterable[Json], linked: Container[str]) -> Iterator[Finding]:
        """Those that no key links to: the deletion of a link deletes its secret."""
        for secret in listed:
            if (
                self._is_secret_of_ours(secret)
                and not self.state.has(SECRETS_STORE_SECRET.token, secret["id"])
                and secret["id"] not in linked
            ):
                path = f"/secrets_store/stores/{secret['store_id']}/secrets/{secret['id']}"
                yield self._found("secret", secret["name"], IN_NONE, path, secret.get("created"))

    def _domains(self, listed: Iterable[Json]) -> Iterator[Finding]:
        for domain in listed:
            name = domain["hostname"]
            if not self.state.has(CUSTOM_DOMAIN, name):
                declared, path = name in self.environment.gateway.domains, f"{self._path}/custom-domains/{name}"
                yield self._found("domain", name, IN_NONE, path, None, declared=declared)

    @property
    def _path(self) -> str:
        return f"/ai-gateway/gateways/{self.gateway}"

    def _gateway(self, listed: Iterable[Json]) -> Iterator[Finding]:
        """One that is as the file says to the last setting: a run was stopped before the engine had noted it."""
        environment = self.environment
        if AI_GATEWAY.token in self.state.ids:
            return
        for each in listed:
            if each["id"] == environment.gateway_name and _is_as_declared(environment, each):
                words = f"as the file declares it, and {IN_NONE}"
                yield self._found("gateway", each["id"], words, "", each.get("created_at"), declared=True)

    def _is_token_of_ours(self, token: Json) -> bool:
        prefix = token_name(self.environment.name, "")
        base = str(token["name"]).removeprefix(prefix).partition("/")[0]
        if not str(token["name"]).startswith(prefix) or base == DEPLOYING or token["status"] == "expired":
            return False
        one = AccountToken("", str(token["name"]), None, None)
        return bool(existing_generations(token_name(self.environment.name, base), [one]))

    def _is_secret_of_ours(self, secret: Json) -> bool:
        gateway = f"{self.gateway}_"
        if not str(secret["name"]).startswith(gateway) or MANAGED not in (secret.get("comment") or ""):
            return False
        slug, _, alias = str(secret["name"]).removeprefix(gateway).partition("_")
        return alias == DEFAULT_ALIAS and (slug in SLUGS or slug.startswith(CUSTOM_PREFIX))

    def _found(
        self, kind: str, name: object, words: str, path: str, since: object, *, declared: bool = False
    ) -> Finding:
        """`declared`: the file wants it as well, so it is taken over instead of deleted."""
        stack = self.environment.name
        return Finding(
            Class.ORPHAN,
            kind,
            str(name),
            words,
            f"{SECTION}.{name}",
            remedies.adopted(stack) if declared and not self._is_renamed else remedies.deleted(self.api, path),
            since=str(since) if since else None,
            hint="or declare it in the environment's file" if kind in ("route", "domain") and not declared else None,
        )


def _is_as_declared(environment: Environment, there: Json) -> bool:
    body = gateway_body(environment.gateway)
    return all(there.get(name) == value for name, value in body.items() if not _holds_reference(value))


def _holds_reference(value: object) -> bool:
    match value:
        case FromVariable() | FromConfig():
            return True
        case dict():
            return any(map(_holds_reference, value.values()))
        case list():
            return any(map(_holds_reference, value))
    return False
