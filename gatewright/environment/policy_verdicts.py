"""What a gateway's policies decide on the requests of an environment: of each client, each role and each token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.environment.model.routes import Elements
from gatewright.environment.references import FromVariable, ModelName, RouteName
from gatewright.facts import auto_router
from gatewright.facts.gateway_policies import METADATA, PolicyRequest, Verdict, verdict
from gatewright.facts.permissions import AI_GATEWAY_RUN
from gatewright.facts.slugs import AUTO_ROUTER
from gatewright.frozen import frozen
from gatewright.io.printable import listed, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.environment.model.request_options import AutoRouter
    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Client, Environment

COUNTRY = "cf.country"
"""A field that no file tells. Requests with a gateway token have no cf.user."""
DIRECT = "direct"
_MAX_NAMES = 3  # of models in one text


@frozen
class Caller:
    """A client, one of its roles, or a token without a client, with its requests by the model's name in the file.

    `primary` is the name that it calls first; a route has a request for each model that it can call.
    """

    name: str  # codex, codex/coder, token ci
    is_client: bool
    primary: str | None
    requests: Mapping[str, tuple[PolicyRequest, ...]]


@frozen
class CallerVerdicts:
    """The verdicts on the requests of a caller, by the model's name in the file."""

    caller: Caller
    verdicts: Mapping[str, Verdict]

    def with_result(self, allowed: bool | None) -> list[str]:
        """The names whose requests have this result."""
        return [name for name, verdict in self.verdicts.items() if verdict.allowed is allowed]

    @property
    def is_locked_out(self) -> bool:
        """Whether all of its requests are refused."""
        return len(self.with_result(allowed=False)) == len(self.verdicts)

    def reason(self, names: Sequence[str]) -> str:
        """Why requests are refused, or what decides about them."""
        policies = dict.fromkeys(policy for name in names for policy in self.verdicts[name].policies)
        parts = [f"policy {', '.join(policies)}"] if policies else []
        if any(not self.verdicts[name].policies for name in names):
            parts.append("no policy allows them")
        return "; ".join(parts)

    def describe(self) -> str:
        """`codex/coder: 2 models allowed; groq/x refused (policy a); mistral/m depends on the request (policy b)`."""
        parts = []
        if allowed := self.with_result(allowed=True):
            parts.append(f"{plural(len(allowed), 'model')} allowed")
        if refused := self.with_result(allowed=False):
            parts.append(f"{listed(refused, _MAX_NAMES)} refused ({self.reason(refused)})")
        if undecided := self.with_result(allowed=None):
            parts.append(f"{listed(undecided, _MAX_NAMES)} depends on the request ({self.reason(undecided)})")
        return f"{self.caller.name}: {'; '.join(parts)}"


def policy_verdicts(environment: Environment) -> list[CallerVerdicts]:
    """The verdicts of the declared policies for every caller that uses the gateway."""
    policies = declared_policies(environment)
    return [
        CallerVerdicts(
            caller,
            {name: _together([verdict(policies, item) for item in items]) for name, items in caller.requests.items()},
        )
        for caller in callers(environment)
        if caller.requests
    ]


def request_verdict(
    environment: Environment,
    name: ModelName | RouteName,
    metadata: Mapping[str, object],
    router: AutoRouter | None = None,
) -> Verdict:
    """The verdict of the declared policies on a request to a model or a route with this metadata."""
    return _together([call_verdict(environment, *call, metadata) for call in calls(environment, name, router)])


def call_verdict(environment: Environment, provider: str, model: str, metadata: Mapping[str, object]) -> Verdict:
    """The verdict of the declared policies on a call of a model, by Cloudflare's names, with this metadata."""
    known, unknown = _split(metadata)
    return verdict(declared_policies(environment), PolicyRequest(provider, model, known, unknown=unknown))


def declared_policies(environment: Environment) -> list[dict[str, Any]]:
    """The policies of an environment as the API has them."""
    return [{"name": name, **policy.body} for name, policy in environment.gateway.policies.items()]


def callers(environment: Environment) -> Iterator[Caller]:
    """Clients and their roles, then the tokens that no client uses and that may call the gateway."""
    for client in environment.clients.values():
        yield _caller(environment, client, "", client.models, client.primary)
        for role, agent in client.agents.items():
            yield _caller(environment, client, role, (agent.primary, *agent.fallbacks), agent.primary)
    used = {client.token for client in environment.clients.values()}
    models = [ModelName(slug, model) for slug, provider in environment.providers.items() for model in provider.models]
    for name, token in environment.tokens.items():
        if name not in used and AI_GATEWAY_RUN.name in (token.allow or ()):
            unknown = frozenset({COUNTRY, METADATA})
            yield Caller(
                f"token {name}", is_client=False, primary=None, requests=_requests(environment, models, {}, unknown)
            )


def _caller(environment: Environment, client: Client, role: str, names: Iterable[Name], primary: Name | None) -> Caller:
    known, unknown = _split(client.metadata_of(role))
    through = [name for name in names if not isinstance(name, ModelName) or client.via.get(name.provider) != DIRECT]
    requests = _requests(environment, through, known, unknown, client.options_of(role).auto_router)
    name = f"{client.program}/{role}" if role else client.program
    return Caller(name, is_client=True, primary=str(primary) if primary else None, requests=requests)


def _split(metadata: Mapping[str, object]) -> tuple[dict[str, object], frozenset[str]]:
    """The entries whose values are known, and the fields of a request that are not: variables, and its country."""
    known = {key: value for key, value in metadata.items() if not isinstance(value, FromVariable)}
    return known, frozenset({COUNTRY, *(f"{METADATA}.{key}" for key in metadata.keys() - known.keys())})


def _requests(
    environment: Environment,
    names: Iterable[Name],
    metadata: Mapping[str, object],
    unknown: frozenset[str],
    router: AutoRouter | None = None,
) -> dict[str, tuple[PolicyRequest, ...]]:
    return {
        str(name): tuple(
            PolicyRequest(provider, model, metadata, unknown=unknown)
            for provider, model in calls(environment, name, router)
        )
        for name in names
        if isinstance(name, ModelName | RouteName)
    }


def calls(
    environment: Environment, name: ModelName | RouteName, router: AutoRouter | None = None
) -> Iterator[tuple[str, str]]:
    """The provider's slug and the model's id of each call that a model or a route can lead to.

    router: what the client lets the Auto Router choose from.
    """
    if isinstance(name, ModelName) and name.provider == AUTO_ROUTER:
        models = auto_router.pool(router.models, router.providers) if router else auto_router.pool()
        yield from map(auto_router.call_of, models)
        return
    if isinstance(name, ModelName):
        yield environment.slug(name.provider), environment.model_id(name)
        return
    tree = environment.routes[name.route].tree
    if isinstance(tree, Elements):
        for provider, model in tree.models():
            yield environment.slug(provider), model
        return
    for located in environment.routes[name.route].models():
        yield environment.slug(located.value.provider), environment.model_id(located.value)


def _together(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a route: it is refused where all of its models are."""
    every = list(verdicts)
    for allowed in (True, None):
        if decided := next((item for item in every if item.allowed is allowed), None):
            return decided
    policies = tuple(dict.fromkeys(policy for item in every for policy in item.policies))
    return Verdict(allowed=not every, policies=policies)
