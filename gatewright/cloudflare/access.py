"""Cloudflare Access as it is in an account: applications, reusable policies and service tokens, by listings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.account_tokens import AccountToken
from gatewright.cloudflare.collection import list_all
from gatewright.cloudflare.generations import existing_generations
from gatewright.environment.checks.tokens import token_name
from gatewright.environment.model.gateway_domains import SERVICE_TOKEN
from gatewright.errors import CloudflareError, RefusedError
from gatewright.facts.access import (
    ACCESS_APPLICATION,
    ACCESS_POLICY,
    ACCESS_SERVICE_TOKEN,
    PEOPLE,
    SERVICE_TOKENS,
)
from gatewright.facts.resource_names import resource_name
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from gatewright.cloudflare.client import Client
    from gatewright.facts.schema import ResourceType

    Json = dict[str, Any]
    Listed = tuple[Json, ...] | None


@frozen
class AccessListing:
    """The Access resources of an account as the API shows them; None for what the token may not list."""

    apps: Listed = ()
    policies: Listed = ()
    service_tokens: Listed = ()


@frozen
class Leftover:
    """An Access resource with a name of an environment that its stack does not have; `path` is below the account."""

    type: str
    name: str
    id: str
    path: str
    created: str | None

    @property
    def label(self) -> str:
        """`Access application gatewright/prod`."""
        return f"{resource_name(self.type)} {self.name}"


def application_name(environment: str) -> str:
    """The name of an environment's application at Cloudflare, which prefixes those of its policies and tokens."""
    return f"gatewright/{environment}"


def list_access(client: Client, account: str) -> AccessListing:
    """List the account's Access resources. Raises CloudflareError as `Client` does."""
    return AccessListing(
        apps=list_allowed(client, account, ACCESS_APPLICATION),
        policies=list_allowed(client, account, ACCESS_POLICY),
        service_tokens=list_allowed(client, account, ACCESS_SERVICE_TOKEN),
    )


def list_allowed(client: Client, account: str, kind: ResourceType) -> Listed:
    """The account's resources of one kind; None where the token may not list them, or Access is not set up."""
    path = kind.collection.replace("{accountId}", account)
    try:
        return tuple(list_all(client, path, missing_ok=True))
    except RefusedError:
        return None


def leftovers(environment: str, listing: AccessListing, known: Container[str]) -> Iterator[Leftover]:
    """Those with a name of `environment` whose ids are not `known`, in the order in which they can be deleted."""
    app, service_token = application_name(environment), token_name(environment, SERVICE_TOKEN)
    policies = [token_name(environment, name) for name in (PEOPLE, SERVICE_TOKENS)]
    own = (
        (ACCESS_APPLICATION, listing.apps, lambda name: name == app),
        (ACCESS_POLICY, listing.policies, lambda name: name in policies),
        (ACCESS_SERVICE_TOKEN, listing.service_tokens, lambda name: _is_generation(service_token, name)),
    )
    for kind, items, is_own in own:
        for item in items or ():
            if is_own(str(item.get("name"))) and item["id"] not in known:
                path = f"{kind.collection.removeprefix('/accounts/{accountId}')}/{item['id']}"
                yield Leftover(kind.token, item["name"], item["id"], path, item.get("created_at"))


def delete_leftovers(client: Client, account: str, found: Iterable[Leftover]) -> None:
    """Delete them in their order; one that does not exist any more is fine. Raises as `Client` does."""
    for leftover in found:
        try:
            client.delete(f"/accounts/{account}{leftover.path}")
        except CloudflareError as error:
            if error.status != 404:
                raise


def applications_in_front(apps: Iterable[Json], hostnames: Container[str]) -> list[Json]:
    """The applications that name one of these hosts, with or without a path."""
    return [app for app in apps if any(hostname in hostnames for hostname in protected_hosts(app))]


def application_label(app: Json) -> str:
    """The name of an application, or its id where it has none."""
    return str(app.get("name") or app["id"])


def protected_hosts(app: Json) -> list[str]:
    """The host names of an application, each once. Wildcards are not resolved."""
    destinations = app.get("destinations") or ()
    uris = [app.get("domain"), *(destination.get("uri") for destination in destinations)]
    return list(dict.fromkeys(str(uri).partition("/")[0] for uri in uris if uri))


def _is_generation(base: str, name: str) -> bool:
    return bool(existing_generations(base, [AccountToken("", name, None, None)]))
