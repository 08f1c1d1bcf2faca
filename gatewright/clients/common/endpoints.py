"""Endpoints of a client: base URL, model ids on the wire, and the only credential of each request.

With keys stored at Cloudflare, the gateway's token is the only credential. With the user's own keys, Authorization
carries the provider's key and cf-aig-authorization the token, because Cloudflare forwards Authorization to the
provider.
Source: Cloudflare's documentation of the gateway's endpoints and of authentication, 2026.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

from gatewright.clients.common.model_info import ListedModel, list_model
from gatewright.clients.common.request_headers import option_headers
from gatewright.environment.model.catalog import Provider
from gatewright.environment.names import key_variable
from gatewright.environment.references import FromVariable, ModelName, Name, OwnName, RouteName
from gatewright.environment.resolved import API_ORIGIN, Client, Environment
from gatewright.facts.slugs import REST_AUTHORS, SLUGS, WORKERS_AI, Api
from gatewright.frozen import frozen

TOKEN_HEADER, GATEWAY_HEADER, METADATA_HEADER = "cf-aig-authorization", "cf-aig-gateway-id", "cf-aig-metadata"
_REST = "rest"
_V1 = {Api.CHAT: "/v1", Api.RESPONSES: "/v1", Api.MESSAGES: ""}  # Anthropic's clients append /v1/messages themselves
_APPENDED = {Api.MESSAGES: "/v1", Api.GENERATE: "/v1beta/openai"}
"""The end of a provider's own base URL for OpenAI's clients, in whose place the clients of these APIs append theirs."""


@frozen
class Access:
    """A base URL and the credentials of its requests, as names of environment variables."""

    suffix: str  # distinguishes the client's endpoints; empty for the endpoint that providers share
    url: str
    api: Api = Api.CHAT
    authorization: str | None = None
    gateway_authorization: str | None = None  # in TOKEN_HEADER
    gateway_id: str | None = None  # in GATEWAY_HEADER
    metadata: str | None = None  # JSON in METADATA_HEADER
    options: tuple[tuple[str, str], ...] = ()  # further headers without a secret
    is_gateway: bool = True  # False: past the gateway
    service_token: tuple[tuple[str, str], ...] = ()  # headers for Cloudflare Access, with their variables
    header_variable: str = "{}"  # the client's form of a header that holds a variable

    @property
    def credential(self) -> str | None:
        """The variable that a program with one credential sends: the provider's key, otherwise the token."""
        return self.authorization or self.gateway_authorization

    def headers(self, bearer: Callable[[str], str], *, token_is_key: bool = False) -> dict[str, str]:
        """Cloudflare's headers; `bearer` writes the header's value for a variable.

        With `token_is_key`, a client without a provider's key sends the token as its key and in no header: of two
        copies, Cloudflare would forward one to the provider.
        """
        headers = {}
        if self.gateway_authorization and (self.authorization or not token_is_key):
            headers[TOKEN_HEADER] = bearer(self.gateway_authorization)
        return headers | self.service_headers | self.fixed_headers

    @property
    def service_headers(self) -> dict[str, str]:
        """The headers for Cloudflare Access, in the client's form."""
        return {header: self.header_variable.replace("{}", variable) for header, variable in self.service_token}

    @property
    def fixed_headers(self) -> dict[str, str]:
        """The headers without a secret: the gateway where the URL does not name it, metadata, options of requests."""
        headers = {GATEWAY_HEADER: self.gateway_id, METADATA_HEADER: self.metadata, **dict(self.options)}
        return {name: value for name, value in headers.items() if value}


@frozen
class Endpoint:
    """One entry among a client's providers; `id` is the entry's name."""

    id: str
    access: Access
    models: tuple[ListedModel, ...]


@frozen
class Endpoints:
    """All endpoints of a client in the order of its models, and the client's name for each model."""

    entries: tuple[Endpoint, ...]
    references: dict[tuple[str, ModelName | RouteName], str]

    def reference(self, name: Name, role: str = "") -> str:
        """The client's name for a model, <entry>/<id>. The user's own models keep their names.

        `role`: the agent that uses the model, whose requests may have other headers.
        """
        if isinstance(name, OwnName):
            return name.name
        return self.references.get((role, name)) or self.references["", name]

    def find(self, name: ModelName | RouteName, role: str = "") -> tuple[Endpoint, ListedModel]:
        """The endpoint that serves a model to `role`, and the model's facts."""
        reference = self.reference(name, role)
        return next(
            (entry, model) for entry in self.entries for model in entry.models if f"{entry.id}/{model.id}" == reference
        )

    @property
    def models(self) -> Iterator[ListedModel]:
        """The models of all endpoints."""
        return (model for entry in self.entries for model in entry.models)


def find_endpoints(environment: Environment, client: Client) -> Endpoints:
    """The client's models, grouped by base URL and credential."""
    resolve = cache(partial(_resolve_for, environment, client))  # the models of a provider have the same access
    groups: dict[Access, dict[str, ListedModel]] = {}
    references: dict[tuple[str, ModelName | RouteName], str] = {}
    for role, name in _used_models(client):
        if isinstance(name, RouteName):
            access, wire_id = resolve(role, None)[0], str(name)
        else:
            access, prefix = resolve(role, name.provider)
            wire_id = f"{prefix}{environment.model_id(name)}"
        groups.setdefault(access, {}).setdefault(wire_id, list_model(environment, name, wire_id))
        references[role, name] = f"{_entry_id(client, access)}/{wire_id}"
    entries = [(_entry_id(client, access), access, tuple(models.values())) for access, models in groups.items()]
    names = iter(_unique_names([(entry, model) for entry, _, models in entries for model in models]))
    named = (
        Endpoint(entry, access, tuple(_named(model, next(names)) for model in models))
        for entry, access, models in entries
    )
    return Endpoints(tuple(named), references)


def _named(model: ListedModel, name: str) -> ListedModel:
    return model if model.name == name else replace(model, name=name)


def _used_models(client: Client) -> Iterator[tuple[str, ModelName | RouteName]]:
    """The models that the client lists, then those of each role whose requests have other headers, after its name."""
    yield from (("", name) for name in client.models)
    for role in client.distinguished_roles:
        names = (client.agents[role].primary, *client.agents[role].fallbacks)
        yield from ((role, name) for name in names if not isinstance(name, OwnName))


def metadata_json(client: Client, role: str = "") -> str | None:
    """The metadata that the client sends for `role` (its default without one), as the header's JSON in ASCII."""
    sends = client.capabilities.metadata
    if sends is None:
        return None
    values = {
        key: (sends.reference or "").replace("{}", value.name) if isinstance(value, FromVariable) else value
        for key, value in client.metadata_of(role).items()
    }
    return json.dumps(values, separators=(",", ":")) if values else None


def first_model(client: Client) -> ModelName | RouteName:
    """The primary of a client that needs one: the declared one, otherwise the first model it lists."""
    return client.models[0] if client.primary is None or isinstance(client.primary, OwnName) else client.primary


def _unique_names(models: list[tuple[str, ListedModel]]) -> list[str]:
    """The display names of the models, in order. No two are equal, because some programs identify a model by name."""
    forms = ("{model.name}", "{model.name} ({model.id})", "{model.name} ({entry}/{model.id})")
    names = [""] * len(models)
    for form in forms:
        count = Counter(names)
        names = [
            form.format(entry=entry, model=model) if count[name] > 1 or not name else name
            for name, (entry, model) in zip(names, models, strict=True)
        ]
    return names


def may_be_entry(client: Client, entry_id: str) -> bool:
    """Whether an endpoint of the client can have this id beside the one with the id of its own `provider`."""
    return entry_id.startswith(f"{client.provider}-")


def _entry_id(client: Client, access: Access) -> str:
    return f"{client.provider}-{access.suffix}" if access.suffix else client.provider


def _resolve_for(environment: Environment, client: Client, role: str, name: str | None) -> tuple[Access, str]:
    """The same as `_resolve`, with the headers of the requests of `role`."""
    access, prefix = _resolve(environment, client, name)
    if access.is_gateway and (sends := client.capabilities.metadata):
        suffix = "-".join(filter(None, (access.suffix, role and f"role-{role}")))
        options = tuple(option_headers(client.options_of(role), sends))
        access = replace(access, suffix=suffix, metadata=metadata_json(client, role), options=options)
    if client.domain_access and access.is_gateway and access.gateway_id is None:
        headers = tuple(client.domain_access.headers.items())
        form = client.capabilities.header_variable or "{}"
        access = replace(access, service_token=headers, header_variable=form)
    return access, prefix


def _resolve(environment: Environment, client: Client, name: str | None) -> tuple[Access, str]:
    """The access to the models of provider `name`, and what their ids there begin with; to routes without a name."""
    if name is None:
        if client.routes_via == _REST:
            return _rest_access(environment, client, Api.CHAT), ""
        return _shared_access(environment, client, None), ""
    provider = environment.providers[name]
    via = client.via[name]
    if via == "direct":
        return _direct_access(environment, client, name, provider), ""
    if via == "rest":
        return _rest_access(environment, client, client.capabilities.speaks[0]), _rest_prefix(name)
    own = _provider_access(environment, client, name, provider)
    if own is not None and (via == "provider" or not _in_compat(name, provider)):
        return own, ""
    return _shared_access(environment, client, name), f"{environment.slug(name)}/"


def _in_compat(name: str, provider: Provider) -> bool:
    return provider.base_url is not None or SLUGS[name].compat


def _shared_access(environment: Environment, client: Client, provider: str | None) -> Access:
    """Cloudflare's OpenAI-compatible endpoint. With a provider's key it is an entry of that provider."""
    key = _key(environment, client, provider) if provider else None
    return Access(
        suffix=_provider_suffix(provider) if provider and key else "",
        url=f"{environment.base_url(client.domain)}/compat",
        authorization=key,
        gateway_authorization=_token(client),
    )


def _provider_access(environment: Environment, client: Client, name: str, provider: Provider) -> Access | None:
    """The provider's own endpoint behind the gateway; None if the client cannot use one.

    Anthropic's endpoint takes the key in x-api-key. Some clients without a key send an invented one there, which the
    gateway would forward, so they use the shared endpoint.
    """
    slug = SLUGS.get(name)
    key = _key(environment, client, name)
    access = Access(
        suffix=_provider_suffix(name),
        url=environment.base_url(client.domain),
        authorization=key,
        gateway_authorization=_token(client),
    )
    if provider.base_url is not None:
        return replace(access, url=f"{access.url}/{environment.slug(name)}")
    for api in client.capabilities.speaks:
        path = slug.path(api) if slug is not None else None
        if path is not None and (api is not Api.MESSAGES or key is not None or client.capabilities.keyless_messages):
            return replace(access, url=f"{access.url}/{path}", api=api)
    return None


def _rest_access(environment: Environment, client: Client, api: Api) -> Access:
    """Cloudflare's REST API, which serves all APIs: Authorization carries the token, a header names the gateway."""
    return Access(
        suffix=_REST,
        url=f"{environment.api_origin}/client/v4/accounts/{environment.account}/ai{_V1[api]}",
        api=api,
        authorization=client.variable,
        gateway_id=environment.gateway_name,
    )


def _rest_prefix(provider: str) -> str:
    return "" if provider == WORKERS_AI else f"{REST_AUTHORS.get(provider, provider)}/"


def _direct_access(environment: Environment, client: Client, name: str, provider: Provider) -> Access:
    """Past the gateway, with the provider's key. Workers AI takes Cloudflare's token."""
    speaks = client.capabilities.speaks
    native = (api for api in speaks if SLUGS[name].path(api) is not None)
    api = Api.CHAT if Api.CHAT in speaks else next(native, speaks[0])  # Workers AI serves responses for some models
    url = provider.direct or provider.base_url or ""
    url = url.replace("{account}", environment.account).replace(API_ORIGIN, environment.api_origin)
    return Access(
        suffix=_provider_suffix(name),
        url=url.removesuffix(_APPENDED.get(api, "")),
        api=api,
        authorization=client.variable if name == WORKERS_AI else key_variable(name, provider),
        is_gateway=False,
    )


def _provider_suffix(provider: str) -> str:
    return provider if provider != _REST else f"{provider}-provider"  # a provider may be called rest


def _token(client: Client) -> str | None:
    return client.variable if client.token is not None else None


def _key(environment: Environment, client: Client, provider: str) -> str | None:
    """The variable of the provider's key, if the client sends it."""
    return key_variable(provider, environment.providers[provider]) if client.keys == "local" else None
