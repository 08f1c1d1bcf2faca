"""Valid environments with any settings of the model.

Each setting has a strategy by its shape, so a new one is tried as soon as it is declared. Only settings that depend on
others are written here: names of models, routes, roles and tokens, dates in their order, and what excludes something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from setting_values import ACCOUNT_ID, Special, Values, values

from gatewright.clients import CAPABILITIES
from gatewright.environment.model.catalog import Model, Plan, Provider, Source
from gatewright.environment.model.clients import ClientSettings
from gatewright.environment.model.environment_file import EnvironmentFile, Role, Token
from gatewright.environment.model.gateway import Gateway, Otel
from gatewright.environment.model.gateway_domains import Allowed
from gatewright.environment.model.gateway_guards import CATEGORIES, Guardrails, SpendRule
from gatewright.environment.model.gateway_policies import GatewayPolicy
from gatewright.environment.model.ignore import Ignore
from gatewright.environment.model.request_options import RequestCache, RequestCost, RequestLogs
from gatewright.environment.model.rotation import Rotate
from gatewright.environment.model.routes import OPERATORS
from gatewright.environment.quantities import PERIODS
from gatewright.environment.shapes.sections import Section
from gatewright.facts.permissions import AI_GATEWAY_RUN, WORKERS_AI_READ
from gatewright.facts.slugs import AUTO_ROUTER, SLUGS, Slug

NOW = "2026-11-01T00:00:00Z"
"""The time at which the environments are valid."""
HOSTS = ["ai.example.com", "a-1.b.example.org"]
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}([-_.][a-z0-9]{1,4})?", fullmatch=True)
MODEL_NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,8}", fullmatch=True)
PERIOD_NAMES = st.sampled_from(sorted(PERIODS))
CONDITIONS = st.dictionaries(
    st.sampled_from(["metadata.team", "metadata.plan", "headers.x-trial", "body.stream"]),
    st.dictionaries(st.sampled_from(sorted(OPERATORS)), st.sampled_from(["paid", 7, 1.5, True]), min_size=1),
    min_size=1,
    max_size=2,
)
FIELDS = st.sampled_from(["metadata.team", "headers.x-user", "body.user"])
WANTED = st.just("")
"""A setting that is replaced by a value that fits the others, where it is drawn."""
CUSTOM = Slug(compat=False)
DENIED = {"no-tiny": {"effect": "deny", "models": ["nobody/tiny-*"], "when": 'metadata.team == "x"'}}
ACCOUNTS: Values = st.sampled_from(
    [{"account": ACCOUNT_ID}, {"account": {"env": "AN_ACCOUNT"}}, {"local": True}, {"local": {"port": 8799}}]
)
GRAPH = {
    "elements": [
        {"id": "start", "type": "start", "outputs": {"next": {"elementId": "end"}}},
        {"id": "end", "type": "end", "outputs": {}},
    ]
}


def days(first: int, last: int) -> Values:
    """Dates from the first to the last year."""
    return st.dates().map(lambda day: f"{first + day.year % (last - first + 1)}-{day.month:02}-{min(day.day, 28):02}")


CLEAN_TEXT = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40)
IDS = CLEAN_TEXT.map(lambda text: "".join(text.split())).filter(bool)
ACTIONS = st.sets(st.sampled_from(sorted(CATEGORIES)), max_size=4).flatmap(
    lambda chosen: st.tuples(*(st.sampled_from([name, CATEGORIES[name]]) for name in sorted(chosen))).flatmap(
        lambda keys: st.fixed_dictionaries({key: st.sampled_from(["flag", "block"]) for key in keys})
    )
)
URLS = st.builds("https://{}.example.com/{}".format, NAMES.map(lambda name: name.replace("_", "-")), IDS.map(quote))
_UNIQUE_IDS = st.uuids().map(str)
BY_VALUE: Special = {
    (Model, "id"): IDS,
    (Model, "name"): CLEAN_TEXT.filter(lambda text: bool(text.strip())),
    (Model, "released"): days(2020, 2022),
    (Model, "retires"): days(2027, 2034),
    (Model, "retired"): days(2023, 2025),
    **dict.fromkeys([(Provider, "direct"), (Provider, "signUp"), (Provider, "keyPage"), (Source, "url")], URLS),
    (Otel, "url"): URLS,
    (Source, "date"): days(2020, 2026),
    (Plan, "models"): st.dictionaries(MODEL_NAMES, st.just(["10 requests/day"]), max_size=2),
    (Rotate, "every"): st.integers(2, 365).map(lambda count: f"{count}d"),
    (Rotate, "overlap"): st.integers(1, 47).map(lambda count: f"{count}h"),
    (Rotate, "lifetime"): st.integers(400, 1000).map(lambda count: f"{count}d"),
    (RequestCache, ""): st.one_of(
        st.fixed_dictionaries({"ttl": st.integers(1, 720).map(lambda count: f"{count}h")}), st.just({"skip": True})
    ),
    (RequestCost, ""): st.one_of(
        st.fixed_dictionaries({"total": st.floats(0, 100)}),
        st.fixed_dictionaries({"input": st.floats(0, 100), "output": st.integers(0, 100)}),
    ),
    (RequestLogs, ""): st.sampled_from([{"collect": False}, {"collect": True, "payload": True}, {"payload": False}]),
    (Token, "allow"): st.lists(st.sampled_from([AI_GATEWAY_RUN.name, WORKERS_AI_READ.name]), min_size=1, unique=True),
    (Token, "notBefore"): days(2026, 2027) | days(2026, 2027).map(lambda day: f"{day}T12:34:56Z"),
    (Token, "expires"): days(2028, 2033) | days(2028, 2033).map(lambda day: f"{day}T23:59:59Z"),
    (Guardrails, "prompt"): ACTIONS,
    (Guardrails, "response"): ACTIONS,
    (SpendRule, "providers"): st.lists(st.sampled_from(sorted(SLUGS)), min_size=1, max_size=3, unique=True),
    (SpendRule, "id"): _UNIQUE_IDS,
    (Allowed, "emails"): st.lists(st.sampled_from(["me@example.com", "@example.org"]), min_size=1, unique=True),
    (Allowed, "groups"): st.lists(_UNIQUE_IDS, min_size=1, max_size=2),
    (Allowed, "serviceTokens"): st.lists(_UNIQUE_IDS, min_size=1, max_size=2),
    (GatewayPolicy, "effect"): st.just("allow"),
    (GatewayPolicy, "providers"): st.lists(st.sampled_from(sorted(SLUGS)), min_size=1, max_size=2, unique=True),
    (GatewayPolicy, "when"): st.sampled_from(
        ['metadata.team == "sales"', 'cf.country == "PT"', 'metadata.plan in ["a", "b"]', "true"]
    ),
    (GatewayPolicy, "limit"): st.builds(
        "{} USD/{}".format, st.integers(1, 10_000), st.sampled_from(["hour", "day", "week", "month"])
    ),
    (GatewayPolicy, "actor"): st.sampled_from(["everyone", "user:{metadata.user}", "{cf.user.id}/é"]),
    (Ignore, "what"): st.sampled_from(["gateway", "gateway.logs", "orphans", "gateway.cache.ttl"]),
    (Ignore, "until"): days(2026, 2030),
    (Gateway, "domains"): st.dictionaries(
        st.sampled_from(HOSTS), st.fixed_dictionaries({}, optional={"zone": st.just("0123456789abcdef" * 2)})
    ),
    **dict.fromkeys(
        [
            (Model, "use"),
            (Provider, "baseUrl"),
            (Gateway, "endpoint"),
            (Role, "primary"),
            (Role, "fallbacks"),
            *((ClientSettings, key) for key in ("role", "primary", "fallbacks", "small", "agents", "models")),
            *((ClientSettings, key) for key in ("via", "endpoint", "token", "version")),
            *((EnvironmentFile, key) for key in ("extends", "account", "local", "use", "providers", "routes", "roles")),
            *((EnvironmentFile, key) for key in ("gateway", "tokens", "clients")),
        ],
        WANTED,
    ),
}
"""Settings whose valid values do not depend on the rest of the environment, or only within their section."""


def whole(model: type) -> Values:
    """A mapping with any of the settings of a section."""
    return values(Section(model), BY_VALUE)


PROVIDERS, GATEWAYS, ROLES = whole(Provider), whole(Gateway), whole(Role)
CLIENTS, FILES = whole(ClientSettings), whole(EnvironmentFile)
TOKENS = st.dictionaries(NAMES.filter(lambda name: name != "deploy"), whole(Token), min_size=1, max_size=2)


def _settle(draw: st.DrawFn, mapping: dict[str, Any], strategies: dict[str, Values]) -> dict[str, Any]:
    """Draw the settings of a mapping that depend on others."""
    return {key: draw(strategies[key]) if key in strategies else value for key, value in mapping.items()}


def _steps(models: Values) -> Values:
    lists = st.lists(models, min_size=1, max_size=3, unique=True)
    tried = {"try": lists}
    options = {"retries": st.integers(0, 5), "timeout": st.integers(100, 600_000).map(lambda count: f"{count}ms")}
    limits = st.builds("{} {}/{}".format, st.integers(1, 10**6), st.sampled_from(["requests", "USD"]), PERIOD_NAMES)
    counted = {"limit": limits, "by": FIELDS}
    return st.recursive(
        models | lists | st.fixed_dictionaries(tried, optional=options),
        lambda step: st.one_of(
            st.fixed_dictionaries({"if": CONDITIONS, "then": step, "else": step}),
            st.lists(st.integers(1, 19), min_size=1, max_size=5, unique=True).flatmap(
                lambda shares: st.tuples(*[st.fixed_dictionaries({f"{share}%": step}) for share in shares]).flatmap(
                    lambda branches: st.builds(lambda rest: {"split": [*branches, {"else": rest}]}, step)
                )
            ),
            st.fixed_dictionaries({**counted, "then": step}, optional={"over": step}),
            st.fixed_dictionaries({**counted, **tried}, optional={**options, "over": step}),
        ),
        max_leaves=4,
    )


@st.composite
def _providers(draw: st.DrawFn) -> dict[str, Any]:
    """Providers with models, some of which are retired and name the first model as their successor."""
    slugs = draw(st.lists(st.sampled_from(sorted(SLUGS.keys() - {AUTO_ROUTER})), min_size=1, max_size=3, unique=True))
    names = [*slugs, *draw(st.sampled_from([(), ("inhouse",), ("x1-y",)]))]
    providers = {name: draw(PROVIDERS) for name in names}
    first = ""
    for name, provider in providers.items():
        provider.setdefault("key", {"env": "SOME_KEY"})
        provider["models"] = provider.get("models") or {"m-1": {}}
        provider.pop("baseUrl", None)
        if name not in SLUGS:
            provider["baseUrl"] = f"https://{name}.example.com/v1"
        for model_name, model in provider["models"].items():
            first = first or f"{name}/{model_name}"
            _settle_retirement(model, None if first == f"{name}/{model_name}" else first)
    return providers


def _settle_retirement(model: dict[str, Any], successor: str | None) -> None:
    """A model that retires has a source, and a successor only if it is another model."""
    if successor is None:
        for key in ("retires", "retired", "use"):
            model.pop(key, None)
    elif "use" in model:
        model["use"] = successor
    if model.keys() & {"retires", "retired", "use"} and not model.get("sources"):
        model["unverified"] = True


@st.composite
def _gateway(draw: st.DrawFn, providers: dict[str, Any], *, has_routes: bool) -> dict[str, Any]:
    uses_credits = any(provider["key"] == "unified" for provider in providers.values())
    gateway: dict[str, Any] = draw(GATEWAYS)
    if has_routes:
        gateway.pop("authenticated", None)
    if uses_credits:
        gateway.pop("byokOnly", None)
    domains = gateway.get("domains", {})
    if "endpoint" in gateway:
        only = ["domain"] if len(domains) == 1 else []
        gateway["endpoint"] = draw(st.sampled_from(["cloudflare", *domains, *only]))
    access = gateway.get("access")
    if access is not None and not domains:
        del gateway["access"]
    elif isinstance(access, dict) and "allow" in access and not access["allow"]:
        access["allow"] = {"emails": ["me@example.com"]}
    if "pushPublicKey" in gateway.get("logs", {}):
        gateway["logs"]["push"] = True
    if gateway.get("policies"):
        for policy in gateway["policies"].values():
            policy.pop("except", None)
        gateway["policies"] |= draw(st.sampled_from([{}, DENIED]))
        gateway["policies"]["everyone"] = {"effect": "allow"}
    return gateway


@st.composite
def _client(draw: st.DrawFn, program: str, names: Names) -> dict[str, Any]:
    """Any settings of a client, some of which its program may not support."""
    capabilities = CAPABILITIES[program]
    agents = capabilities.agents.names if capabilities.agents else ()
    agent_names = st.sampled_from(agents) if agents else st.sampled_from(["coder", "plan", "title-2"])
    versions = [version for version in (capabilities.oldest, capabilities.checked) if version]
    via = [*sorted(capabilities.via), {names.called[-1].partition("/")[0]: "rest"}]
    strategies: dict[str, Values] = {
        "role": st.sampled_from(names.roles),
        "primary": st.sampled_from(names.called),
        "fallbacks": st.lists(st.sampled_from(names.called), max_size=2),
        "small": st.sampled_from(names.called),
        "agents": st.dictionaries(agent_names, st.sampled_from([*names.roles, *names.called]))
        | st.lists(st.sampled_from(names.roles), unique=True),
        "models": st.lists(st.sampled_from(names.called), min_size=1, max_size=3),
        "via": st.sampled_from(via),
        "endpoint": st.sampled_from(["cloudflare", *names.domains]),
        "token": st.sampled_from(names.tokens),
        "version": st.sampled_from(versions or ["1"]),
    }
    settings = _settle(draw, draw(CLIENTS), strategies)
    return {"token": names.tokens[0], **settings}


@dataclass(frozen=True)
class Names:
    """The names in an environment that its clients can use."""

    called: list[str]
    roles: list[str]
    tokens: list[str]
    domains: list[str]


@st.composite
def environments(draw: st.DrawFn, account: Values | None = None) -> dict[str, Any]:
    """The tree of an environment file. Only its clients may have settings that their programs do not support.

    `account`: the settings that name the account, in place of any of them.
    """
    providers = draw(_providers())
    models = {f"{name}/{key}": model for name, entry in providers.items() for key, model in entry["models"].items()}
    served = [name for name, model in models.items() if "retired" not in model]
    routable = [name for name in served if SLUGS.get(name.partition("/")[0], CUSTOM).compat]
    trees = (_steps(st.sampled_from(routable)) | st.just(GRAPH)) if routable else st.just(GRAPH)
    routes = draw(st.dictionaries(NAMES, trees, max_size=3))
    gateway = draw(_gateway(providers, has_routes=bool(routes)))
    called = [*(f"dynamic/{name}" for name in routes), *models]
    choices = st.sampled_from([*called[: len(routes)], *served])
    role = {"primary": choices, "fallbacks": st.lists(choices, max_size=2)}
    roles = {
        name: draw(choices) if draw(st.booleans()) else _settle(draw, draw(ROLES), role)
        for name in draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
    }
    tokens = draw(TOKENS)
    for token in tokens.values():
        if token.get("rotate"):
            token.pop("expires", None)
    names = Names(called, sorted(roles), sorted(tokens), sorted(gateway.get("domains", {})))
    programs = draw(st.lists(st.sampled_from(sorted(CAPABILITIES)), max_size=4, unique=True))
    tree = draw(FILES)
    for key in ("extends", "account", "local"):
        tree.pop(key, None)
    if "use" in tree:
        tree["use"] = draw(st.permutations(list(providers)))
    return {
        **tree,
        **draw(ACCOUNTS if account is None else account),
        "providers": providers,
        "routes": routes,
        "roles": roles,
        "gateway": gateway,
        "tokens": tokens,
        "clients": {program: draw(_client(program, names)) for program in programs},
    }
