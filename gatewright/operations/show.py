"""show: an environment as tables, one for each section."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gatewright import command_line
from gatewright.clients.by_hand import BY_HAND, settings_by_hand
from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.model.routes import Elements, If, Limit, Split, Try
from gatewright.environment.references import (
    FromConfig,
    FromVariable,
    ModelName,
    Name,
    RouteName,
    Stored,
    Unified,
)
from gatewright.facts.slugs import KEYLESS, SLUGS
from gatewright.frozen import frozen
from gatewright.io.printable import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.environment.model.catalog import Cost, Model, Provider
    from gatewright.environment.model.environment_file import Token
    from gatewright.environment.model.routes import Step
    from gatewright.environment.resolved import Client, Environment


@frozen
class Table:
    """One section. The headings are the keys of its JSON form."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show(environment: Environment, sections: tuple[str, ...]) -> list[Table]:
    """The tables of `sections`, by default of all."""
    return [SECTIONS[name](environment) for name in sections or SECTIONS]


def show_by_hand(environment: Environment, program: str) -> Table:
    """What to enter in a program that is set up by hand. Raises UsageError if it reaches no model."""
    settings = settings_by_hand(environment, program, command_line.program())
    rows = tuple((setting.name, setting.place, setting.value) for setting in settings)
    return Table(BY_HAND[program].capabilities.title, ("setting", "place", "value"), rows)


def providers(environment: Environment) -> Table:
    stored = {key.provider for key in provider_keys(environment)}
    rows = [
        (
            name,
            _endpoint(name, provider),
            _key(name, provider, os.environ, stored=name in stored, local=environment.local is not None),
            describe_limits(provider),
        )
        for name, provider in environment.providers.items()
    ]
    return Table("providers", ("provider", "reached", "key", "limits"), tuple(rows))


def describe_limits(provider: Provider) -> str:
    """`40 requests/minute; each model 1000 requests/day`."""
    own = ", ".join(map(str, provider.limits))
    for_each = ", ".join(map(str, provider.limits_of("")[len(provider.limits) :]))
    return "; ".join([*([own] if own else []), *([f"each model {for_each}"] if for_each else [])]) or "–"


def _endpoint(name: str, provider: Provider) -> str:
    if provider.base_url:
        return f"custom provider at {provider.base_url}"
    return "compat, routes" if SLUGS[name].compat else "its own endpoint only"


def _key(name: str, provider: Provider, variables: Mapping[str, str], *, stored: bool, local: bool) -> str:
    where = "stored" if stored else "not stored"
    if local and isinstance(provider.key, FromVariable | FromConfig | Stored):
        return f"{where}, a fake key"
    match provider.key:
        case FromVariable(name=variable):
            value = variables.get(variable)
            problem = "" if value else "  (empty here)" if value == "" else "  (not set here)"
            return f"{where}, from ${variable}{problem}"
        case FromConfig(name=config):
            return f"{where}, from pulumi config {config}"
        case Stored():
            return "stored already" if stored else "not used"
        case Unified():
            return "unified: billed by Cloudflare"
        case _:
            return "none needed" if name in KEYLESS else "missing"


def models(environment: Environment) -> Table:
    rows = []
    for provider_name, provider in environment.providers.items():
        for name, model in provider.models.items():
            features = [*(["reasoning"] if model.reasoning else []), *(kind for kind in model.input if kind != "text")]
            remarks = ", ".join(_remarks(environment, ModelName(provider_name, name), unverified=model.unverified))
            row = (
                f"{provider_name}/{name}",
                model.id or name,
                *describe_size(model),
                describe_price(model.cost),
                " ".join(features) or "–",
                remarks,
            )
            rows.append(row)
    return Table("models", ("model", "id", "context", "output", "USD per M", "can", ""), tuple(rows))


def describe_size(model: Model) -> tuple[str, str]:
    """Context and output in tokens."""
    return f"{model.context:,}" if model.context else "–", f"{model.output:,}" if model.output else "–"


def describe_price(cost: Cost) -> str:
    """USD per million tokens of input and of output."""
    return f"{cost.input:g} / {cost.output:g}" if cost.input or cost.output else "free"


def _remarks(environment: Environment, name: ModelName, *, unverified: bool) -> Iterator[str]:
    retirement = environment.retirements.get(name)
    if retirement is not None:
        yield str(retirement).removeprefix("is ")
        yield from [f"use {retirement.successor}"] if retirement.successor else []
    yield from ["unverified"] if unverified else []


def _marked(environment: Environment, name: Name) -> str:
    """A name, with "(retired)" behind a model that its provider no longer serves."""
    return f"{name} (retired)" if environment.is_retired(name) else str(name)


def routes(environment: Environment) -> Table:
    rows = [(f"dynamic/{name}", _describe_step(environment, route.tree)) for name, route in environment.routes.items()]
    return Table("routes", ("route", "what Cloudflare does"), tuple(rows))


def _describe_step(environment: Environment, step: Step | Elements) -> str:
    match step:
        case Try(models=models, retries=retries, timeout=timeout):
            extra = [*([plural(retries, "retry")] if retries else []), *([f"within {timeout}"] if timeout else [])]
            names = " → ".join(_marked(environment, model.value) for model in models)
            return f"{names}  ({', '.join(extra)})" if extra else names
        case Split(branches=branches):
            shares = ((f"{share}%" if share else "else", inner) for share, inner in branches)
            return "; ".join(f"{share}: {_describe_step(environment, inner)}" for share, inner in shares)
        case If(conditions=conditions, then=then, otherwise=otherwise):
            test = " and ".join(f"{condition.field} {condition.operator} {condition.value}" for condition in conditions)
            return f"if {test}: {_describe_step(environment, then)}; else: {_describe_step(environment, otherwise)}"
        case Limit(limit=limit, by=by, then=then, over=over):
            beyond = _describe_step(environment, over) if over else "refused with 429"
            return f"{limit} by {by}: {_describe_step(environment, then)}; over: {beyond}"
        case _:
            return f"a graph of {plural(len(step.elements), 'element')}"


def roles(environment: Environment) -> Table:
    rows = [
        (
            name,
            _marked(environment, role.primary.value),
            " → ".join(_marked(environment, choice.value) for choice in role.fallbacks) or "–",
        )
        for name, role in environment.roles.items()
    ]
    return Table("roles", ("role", "primary", "then"), tuple(rows))


def tokens(environment: Environment) -> Table:
    rows = [
        (name, ", ".join(token.allow or ()), ", ".join(token.from_) or "any address", _lifetime(token))
        for name, token in environment.tokens.items()
    ]
    return Table("tokens", ("token", "may", "from", "lives"), tuple(rows))


def _lifetime(token: Token) -> str:
    if token.rotate:
        lifetime = f", each at most {token.rotate.lifetime}" if token.rotate.lifetime else ""
        return f"rotates every {token.rotate.every}, overlap {token.rotate.overlap}{lifetime}"
    return f"until {token.expires or 'the end of next year; the first up of each year prolongs it'}"


def clients(environment: Environment) -> Table:
    rows = [
        (
            name,
            _marked(environment, client.primary) if client.primary else "the program's own",
            " → ".join(_marked(environment, choice) for choice in client.fallbacks) or "–",
            _describe_models(client),
            client.domain or "cloudflare",
            client.token or "–",
            f"${client.variable}",
            "unproven" if client.capabilities.unproven else "",
        )
        for name, client in environment.clients.items()
    ]
    return Table("clients", ("client", "primary", "then", "lists", "endpoint", "token", "variable", ""), tuple(rows))


def _describe_models(client: Client) -> str:
    models = sum(isinstance(name, ModelName) for name in client.models)
    routes = sum(isinstance(name, RouteName) for name in client.models)
    return f"{plural(models, 'model')}, {plural(routes, 'route')}"


SECTIONS: dict[str, Callable[[Environment], Table]] = {
    "providers": providers,
    "models": models,
    "routes": routes,
    "roles": roles,
    "tokens": tokens,
    "clients": clients,
}
