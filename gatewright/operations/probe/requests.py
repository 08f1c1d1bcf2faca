"""The probe requests of an environment: one per model and route, and one per further endpoint of a provider."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from gatewright.clients.common.endpoints import find_endpoints
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.command_line import command
from gatewright.diagnostics import did_you_mean
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.environment.checks.metadata_uses import Sender
from gatewright.environment.references import ModelName, RouteName, Unified
from gatewright.environment.resolved import Client
from gatewright.errors import UsageError
from gatewright.facts.slugs import Api
from gatewright.frozen import frozen
from gatewright.operations.probe.probe_endpoints import probe_endpoints
from gatewright.operations.probe.probe_senders import ProbeSender, ProbeSenders

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gatewright.clients.common.endpoints import Access
    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Environment
    from gatewright.operations.probe.probe_endpoints import ProbeEndpoint

PROMPT = "What is 2+2? Answer in one word."
_CAPABILITIES = ClientCapabilities(title="verify", keyless_messages=True)
_PATHS = {
    Api.CHAT: "chat/completions",
    Api.RESPONSES: "responses",
    Api.MESSAGES: "v1/messages",
    Api.GENERATE: "v1beta/models/{model}:generateContent",
}
_KEY_HEADERS = {Api.MESSAGES: "x-api-key", Api.GENERATE: "x-goog-api-key"}
_ANTHROPIC_VERSION = "2023-06-01"
_MAX_TOKENS = 256  # required by Anthropic's API; a reasoning model needs some room


@frozen
class ProbeRequest:
    """One request: the name in the environment, the endpoint, the model id there, credentials by variable."""

    name: ModelName | RouteName
    access: Access
    model: str
    providers: tuple[str, ...]  # whose limits it counts for: of a route, every provider that it may call
    variant: str = ""  # where the same name is probed before: via rest, as codex/coder
    sender: ProbeSender | None = None

    @property
    def label(self) -> str:
        """mistral/codestral, dynamic/fast as codex/coder, anthropic/claude-sonnet-4 via rest."""
        return f"{self.name} {self.variant}" if self.variant else str(self.name)

    @property
    def key(self) -> str | None:
        """The variable of the provider key that it carries; the REST API takes only the token."""
        return None if self.access.gateway_id else self.access.authorization

    @property
    def url(self) -> str:
        """The URL that it is sent to."""
        return f"{self.access.url}/{_PATHS[self.access.api].replace('{model}', self.model)}"

    def body(self, nonce: str) -> Mapping[str, object]:
        """The request's body; `nonce` makes it different from any request that a cache holds."""
        prompt = f"{PROMPT} ({nonce})"
        if self.access.api is Api.RESPONSES:
            return {"model": self.model, "input": prompt}
        if self.access.api is Api.GENERATE:
            return {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
        body: dict[str, object] = {"model": self.model, "messages": [{"role": "user", "content": prompt}]}
        return body | ({"max_tokens": _MAX_TOKENS} if self.access.api is Api.MESSAGES else {})

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the service token that Cloudflare Access requires."""
        return tuple(variable for _, variable in self.access.service_token)

    def headers(self, token: str | None, keys: Mapping[str, str]) -> dict[str, str]:
        """The credentials: the gateway's `token`, the provider key where it is not stored, and the service token for
        Access; and the sender's metadata. `keys`: the secrets by variable."""
        access = self.access
        headers = self.sender.headers(self.name) if self.sender else {}
        if access.api is Api.MESSAGES:
            headers["anthropic-version"] = _ANTHROPIC_VERSION
        if access.gateway_id:
            headers |= {"cf-aig-gateway-id": access.gateway_id, "authorization": f"Bearer {token}"}
        if access.gateway_authorization and token:
            headers["cf-aig-authorization"] = f"Bearer {token}"
        if self.key:
            headers |= key_header(access.api, keys[self.key])
        return headers | {header: keys[variable] for header, variable in access.service_token}


def key_header(api: Api, key: str) -> dict[str, str]:
    """The header in which an API takes a provider's key."""
    name = _KEY_HEADERS.get(api)
    return {name: key} if name else {"authorization": f"Bearer {key}"}


def probe_requests(
    environment: Environment, only: Sequence[str] = (), variables: Mapping[str, str] = MappingProxyType({})
) -> list[ProbeRequest]:
    """The routes, then the models in the order of the file, then the further endpoints.

    Each is sent with the metadata of a client that uses it, and again for each sender that Cloudflare treats in another
    way. `variables` has the variables that metadata reads.

    `only` selects names, or all names of a provider. A model that is retired, or that the provider's plan lacks, is
    selected only by its name, or where a route, a role or a client uses it.

    Raises UsageError if `only` holds an unknown name, or there is nothing to probe.
    """
    names = _select([name for name in _all_names(environment) if is_reachable(environment, name)], only, environment)
    if not names:
        raise UsageError(f"{environment.name} has no model or route to probe", command(f"show {environment.name}"))
    keyless = _providers_without_own_key(environment)
    requests: list[ProbeRequest] = []
    endpoints = probe_endpoints(environment, names)
    senders = ProbeSenders(environment, variables)
    for name, endpoint in endpoints:
        request = _request(environment, name, endpoint, keyless, environment.domain)
        if any(request.name == name for request in requests):
            sender = senders.first(name, endpoint.via)
            requests.append(replace(request, variant=_describe_endpoint(endpoint), sender=sender))
        else:
            requests += _as_each_sender(request, senders, endpoint.via)
    others = _through_other_addresses(environment, *endpoints[0], keyless)
    return [*requests, *(replace(request, sender=requests[0].sender) for request in others)]


def _as_each_sender(request: ProbeRequest, senders: ProbeSenders, via: str) -> Iterator[ProbeRequest]:
    """The request as its first sender, or as none, then as each further one."""
    distinct = [*senders.distinct(request.name, via)]
    yield replace(request, sender=distinct[0] if distinct else None)
    yield from (replace(request, variant=f"as {sender.name}", sender=sender) for sender in distinct[1:])


def _through_other_addresses(
    environment: Environment, name: ModelName | RouteName, endpoint: ProbeEndpoint, keyless: Collection[str]
) -> Iterator[ProbeRequest]:
    """The same request through each further address: the custom domains in use, and Cloudflare's own beside them."""
    used: tuple[str | None, ...] = environment.used_domains
    if endpoint.via == "rest" or not used:
        return
    for domain in (None, *used):
        if domain != environment.domain:
            request = _request(environment, name, endpoint, keyless, domain)
            yield replace(request, variant=f"through {domain or 'the address of Cloudflare'}")


def probe_request(
    environment: Environment, name: ModelName | RouteName, variables: Mapping[str, str] = MappingProxyType({})
) -> ProbeRequest:
    """The request to one model or route, by the endpoint that clients use, at Cloudflare's own address, as the first
    client that uses it."""
    _, endpoint = probe_endpoints(environment, [name])[0]
    request = _request(environment, name, endpoint, _providers_without_own_key(environment), None)
    return replace(request, sender=ProbeSenders(environment, variables).first(name, endpoint.via))


def client_request(
    environment: Environment, client: Client, variables: Mapping[str, str] = MappingProxyType({})
) -> ProbeRequest | None:
    """The request that a client would send: to its primary, or to the first model that it lists behind the gateway.

    None where the client reaches all of its models without the gateway.
    """
    reached = find_endpoints(environment, client)
    for name in (client.primary, *client.models):
        if isinstance(name, RouteName) or (isinstance(name, ModelName) and client.via[name.provider] != "direct"):
            entry, listed = reached.find(name)
            sender = ProbeSender.of(client, Sender(client.program, client.metadata_of()), variables)
            return ProbeRequest(name, entry.access, listed.id, _providers(environment, name), sender=sender)
    return None


def unreachable_models(environment: Environment) -> list[str]:
    """The models that no endpoint behind the gateway serves with a known API format."""
    return [str(name) for name in _all_names(environment) if not is_reachable(environment, name)]


def is_reachable(environment: Environment, name: ModelName | RouteName) -> bool:
    """Whether an endpoint behind the gateway serves this model or route."""
    return bool(probe_endpoints(environment, [name]))


def _all_names(environment: Environment) -> list[ModelName | RouteName]:
    models = [ModelName(slug, model) for slug, provider in environment.providers.items() for model in provider.models]
    return [*map(RouteName, environment.routes), *models]


def _select(
    names: list[ModelName | RouteName], only: Sequence[str], environment: Environment
) -> list[ModelName | RouteName]:
    known = {str(name) for name in names} | {str(name).partition("/")[0] for name in names}
    for selector in only:
        if selector not in known:
            hint = did_you_mean(selector, known) or command(f"show {environment.name} models")
            raise UsageError(f"{environment.name} has no model or route {selector} to probe", hint)
    used = _used_models(environment)
    return [
        name
        for name in names
        if str(name) in only
        or ((not only or str(name).partition("/")[0] in only) and (name in used or _is_served(environment, name)))
    ]


def _is_served(environment: Environment, name: ModelName | RouteName) -> bool:
    """Whether the provider still serves the model, on the plan that the environment has."""
    if isinstance(name, RouteName):
        return True
    return not environment.is_retired(name) and environment.providers[name.provider].offers(environment.model(name))


def _used_models(environment: Environment) -> set[Name]:
    """The models that routes, roles and clients name or list."""
    used: set[Name] = {use.name for use in environment.retiring_uses}
    return used.union(*(client.models for client in environment.clients.values()))


def _describe_endpoint(endpoint: ProbeEndpoint) -> str:
    return f"via {endpoint.via}" if endpoint.api is Api.CHAT else f"via {endpoint.via}, {endpoint.api}"


def _providers(environment: Environment, name: ModelName | RouteName) -> tuple[str, ...]:
    if isinstance(name, ModelName):
        return (name.provider,)
    return tuple(sorted(environment.routes[name.route].providers()))


def _request(
    environment: Environment,
    name: ModelName | RouteName,
    endpoint: ProbeEndpoint,
    keyless: Collection[str],
    domain: str | None,
) -> ProbeRequest:
    keys = "stored" if isinstance(name, RouteName) or name.provider in keyless else "local"
    access = environment.gateway.access if domain else None
    client = replace(_probing_client(environment, name, endpoint, keys), domain=domain, domain_access=access)
    entry, listed = find_endpoints(environment, client).find(name)
    return ProbeRequest(name, entry.access, listed.id, _providers(environment, name))


def _probing_client(
    environment: Environment, name: ModelName | RouteName, endpoint: ProbeEndpoint, keys: str
) -> Client:
    """A client that lists that one model."""
    return Client(
        program="models",
        primary=None,
        fallbacks=(),
        small=None,
        models=(name,),
        via=dict.fromkeys(environment.providers, endpoint.via),
        keys=keys,
        token="" if environment.gateway.authenticated else None,
        variable="TOKEN",
        provider=environment.gateway_name,
        version=None,
        capabilities=replace(_CAPABILITIES, speaks=(endpoint.api,)),
        routes_via=endpoint.via,
    )


def _providers_without_own_key(environment: Environment) -> frozenset[str]:
    """The providers that need no key from the user: it is stored, credits pay, or the account includes them."""
    if not environment.gateway.authenticated:
        return frozenset()
    free = {
        name
        for name, provider in environment.providers.items()
        if provider.key is None or isinstance(provider.key, Unified)
    }
    return frozenset(free | {key.provider for key in provider_keys(environment)})
