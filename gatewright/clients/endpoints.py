"""Which models a client reaches where: base URL, model ids on the wire, and the one credential of each request.

With keys stored at Cloudflare the gateway's token is the only credential. With keys of the user's own, Authorization
carries the provider's key and cf-aig-authorization the token: Cloudflare passes Authorization on to the provider.
Source: Cloudflare's documentation of the gateway's endpoints and of authentication, 2026.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatewright.clients.model_info import Listed, listed
from gatewright.environment.capabilities import Refusal
from gatewright.environment.names import key_variable
from gatewright.environment.references import OwnName, RouteName
from gatewright.environment.resolved import API_ORIGIN
from gatewright.facts.slugs import CUSTOM_PREFIX, REST_AUTHORS, SLUGS, WORKERS_AI, Api

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatewright.environment.model.environment_file import Provider
    from gatewright.environment.references import ModelName, Name
    from gatewright.environment.resolved import Client, Environment

_REST = "rest"
_V1 = {Api.CHAT: "/v1", Api.RESPONSES: "/v1", Api.MESSAGES: ""}  # Anthropic's clients append /v1/messages themselves


@dataclass(frozen=True, slots=True)
class Access:
    """A base URL and what a request to it carries; credentials are the names of environment variables."""

    suffix: str  # tells it from the client's other endpoints; empty for the one that providers share
    url: str
    api: Api = Api.CHAT
    authorization: str | None = None
    gateway_authorization: str | None = None  # in the header cf-aig-authorization
    gateway_id: str | None = None  # in the header cf-aig-gateway-id


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One entry among a client's providers: `id` is what the client calls it."""

    id: str
    access: Access
    models: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All of a client's endpoints, in the order of its models, and how the client calls each model."""

    entries: tuple[Endpoint, ...]
    references: dict[ModelName | RouteName, str]

    def reference(self, name: Name) -> str:
        """What the client calls a model: <entry>/<id>; one of the user's own keeps its name."""
        return name.name if isinstance(name, OwnName) else self.references[name]

    def find(self, name: ModelName | RouteName) -> tuple[Endpoint, Listed]:
        """The entry that has a model, and what is known of it."""
        reference = self.references[name]
        return next(
            (entry, model) for entry in self.entries for model in entry.models if f"{entry.id}/{model.id}" == reference
        )


def endpoints(environment: Environment, client: Client) -> Endpoints:
    """The client's models, sorted by where they are reached and with what credential."""
    groups: dict[Access, dict[str, Listed]] = {}
    references: dict[ModelName | RouteName, str] = {}
    for name in client.models:
        access, wire_id = _reached(environment, client, name)
        groups.setdefault(access, {}).setdefault(wire_id, listed(environment, name, wire_id))
        references[name] = f"{_entry_id(client, access)}/{wire_id}"
    entries = [(_entry_id(client, access), access, tuple(models.values())) for access, models in groups.items()]
    names = iter(_told_apart([(entry, model) for entry, _, models in entries for model in models]))
    named = (
        Endpoint(entry, access, tuple(replace(model, name=next(names)) for model in models))
        for entry, access, models in entries
    )
    return Endpoints(tuple(named), references)


def taken_entries(environment: Environment, client: Client) -> Iterator[Refusal]:
    """For programs with providers of their own: refuses an entry that would be one of theirs. The client's `provider`
    itself is checked where its settings are."""
    title = client.capabilities.title
    for entry in endpoints(environment, client).entries:
        if entry.id in client.capabilities.built_in_providers and entry.id != client.provider:
            called = f"which is what the entry of {entry.models[0].id} is called"
            message = f"{title} has a provider called {entry.id} itself, {called}"
            yield Refusal("provider", message, f"Choose another name: clients.{client.program}.provider")


def at_one_address(
    environment: Environment, client: Client, chosen: Iterable[tuple[str, Name | None]]
) -> Iterator[Refusal]:
    """For programs with one base URL: refuses what of `chosen`, settings with their models, stands elsewhere than the
    first."""
    reached = endpoints(environment, client)
    named = [(setting, name) for setting, name in chosen if name is not None and not isinstance(name, OwnName)]
    for setting, name in named:
        first = named[0][1]
        if reached.find(name)[0].id != reached.find(first)[0].id:
            yield Refusal(
                setting,
                f"{client.capabilities.title} has one base URL, and {name} has another one than {first}",
                "Name a model that is reached the same way, or one behind the gateway's shared endpoint",
            )


def _told_apart(models: list[tuple[str, Listed]]) -> list[str]:
    """What each model is called, in their order: no two alike, since some programs know a model by that alone."""
    forms = ("{model.name}", "{model.name} ({model.id})", "{model.name} ({entry}/{model.id})")
    names = [""] * len(models)
    for form in forms:
        repeated = Counter(names)
        names = [
            form.format(entry=entry, model=model) if repeated[name] > 1 or not name else name
            for name, (entry, model) in zip(names, models, strict=True)
        ]
    return names


def _entry_id(client: Client, access: Access) -> str:
    return f"{client.provider}-{access.suffix}" if access.suffix else client.provider


def _reached(environment: Environment, client: Client, name: ModelName | RouteName) -> tuple[Access, str]:
    """Where a model is reached, and its id there."""
    if isinstance(name, RouteName):
        return _shared(environment, client, None), str(name)
    provider = environment.providers[name.provider]
    model_id = environment.model_id(name)
    via = client.via[name.provider]
    if via == "direct":
        return _direct(environment, client, name.provider, provider), model_id
    if via == "rest":
        return _rest(environment, client), _rest_id(name.provider, model_id)
    own = _own(environment, client, name.provider, provider)
    if own is not None and (via == "provider" or not _in_compat(name.provider, provider)):
        return own, model_id
    prefix = name.provider if provider.base_url is None else f"{CUSTOM_PREFIX}{name.provider}"
    return _shared(environment, client, name.provider), f"{prefix}/{model_id}"


def _in_compat(name: str, provider: Provider) -> bool:
    return provider.base_url is not None or SLUGS[name].compat


def _shared(environment: Environment, client: Client, provider: str | None) -> Access:
    """Cloudflare's OpenAI-compatible endpoint; its entry is a provider's own as soon as it carries that one's key."""
    key = _key(environment, client, provider) if provider else None
    return Access(
        suffix=_own_suffix(provider) if provider and key else "",
        url=f"{environment.gateway_url}/compat",
        authorization=key,
        gateway_authorization=_token(client),
    )


def _own(environment: Environment, client: Client, name: str, provider: Provider) -> Access | None:
    """The provider's own endpoint behind the gateway; None where the client has none it could use.

    Anthropic's takes the key in x-api-key, which some clients fill with something of their own where they have no key,
    and the provider would get that: those reach it at the shared endpoint, without the user's key.
    """
    slug = SLUGS.get(name)
    key = _key(environment, client, name)
    access = Access(
        suffix=_own_suffix(name),
        url=environment.gateway_url,
        authorization=key,
        gateway_authorization=_token(client),
    )
    if provider.base_url is not None:
        return replace(access, url=f"{access.url}/{CUSTOM_PREFIX}{name}")
    for api in client.capabilities.speaks:
        path = slug.path(api) if slug is not None else None
        if path is not None and (api is not Api.MESSAGES or key is not None or client.capabilities.keyless_messages):
            return replace(access, url=f"{access.url}/{path}", api=api)
    return None


def _rest(environment: Environment, client: Client) -> Access:
    """Cloudflare's REST form, which speaks all APIs: the token is Authorization, the gateway a header."""
    api = client.capabilities.speaks[0]
    return Access(
        suffix=_REST,
        url=f"{environment.api_origin}/client/v4/accounts/{environment.account}/ai{_V1[api]}",
        api=api,
        authorization=client.variable,
        gateway_id=environment.gateway_name,
    )


def _rest_id(provider: str, model_id: str) -> str:
    return model_id if provider == WORKERS_AI else f"{REST_AUTHORS.get(provider, provider)}/{model_id}"


def _direct(environment: Environment, client: Client, name: str, provider: Provider) -> Access:
    """Past the gateway, with the provider's key; Workers AI takes Cloudflare's token."""
    speaks = client.capabilities.speaks
    api = Api.CHAT if Api.CHAT in speaks else next(api for api in speaks if SLUGS[name].path(api) is not None)
    url = provider.direct or provider.base_url or ""
    url = url.replace("{account}", environment.account).replace(API_ORIGIN, environment.api_origin)
    return Access(
        suffix=_own_suffix(name),
        url=url.removesuffix("/v1") if api is Api.MESSAGES else url,
        api=api,
        authorization=client.variable if name == WORKERS_AI else key_variable(name, provider),
    )


def _own_suffix(provider: str) -> str:
    return provider if provider != _REST else f"{provider}-provider"  # beside Cloudflare's REST form


def _token(client: Client) -> str | None:
    return client.variable if client.token is not None else None


def _key(environment: Environment, client: Client, provider: str) -> str | None:
    """The variable of the provider's key, where the client sends it."""
    return key_variable(provider, environment.providers[provider]) if client.keys == "local" else None
