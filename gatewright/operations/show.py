"""What an environment has, as tables: one a section, with limits and with what is missing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.cloudflare.mapping.stored_keys import provider_keys
from gatewright.environment.model.routes import Elements, If, Limit, Split, Try
from gatewright.environment.references import (
    FromConfig,
    FromVariable,
    Located,
    ModelName,
    RouteName,
    Stored,
    Unified,
)
from gatewright.facts.slugs import SLUGS, WORKERS_AI

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatewright.environment.model.environment_file import Provider, Token
    from gatewright.environment.model.routes import Step
    from gatewright.environment.references import Name
    from gatewright.environment.resolved import Client, Environment


@dataclass(frozen=True, slots=True)
class Table:
    """A section: its title, its columns' headings, its rows."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show(environment: Environment, sections: tuple[str, ...]) -> list[Table]:
    """The tables of `sections`, of all when there is none."""
    return [SECTIONS[name](environment) for name in sections or SECTIONS]


def providers(environment: Environment) -> Table:
    stored = {key.provider for key in provider_keys(environment)}
    rows = [
        (
            name,
            _reached(name, each),
            _key(name, each, os.environ, stored=name in stored, local=environment.local is not None),
            ", ".join(map(str, each.limits)) or "–",
        )
        for name, each in environment.providers.items()
    ]
    return Table("providers", ("provider", "reached", "key", "limits"), tuple(rows))


def _reached(name: str, provider: Provider) -> str:
    if provider.base_url:
        return f"custom provider at {provider.base_url}"
    return "compat, routes" if SLUGS[name].compat else "its own endpoint only"


def _key(name: str, provider: Provider, variables: Mapping[str, str], *, stored: bool, local: bool) -> str:
    where = "stored" if stored else "not stored"
    if local and isinstance(provider.key, FromVariable | FromConfig | Stored):
        return f"{where}, a fake one"
    match provider.key:
        case FromVariable(name=variable):
            value = variables.get(variable)
            doubt = "" if value else "  (empty here)" if value == "" else "  (not set here)"
            return f"{where}, from ${variable}{doubt}"
        case FromConfig(name=config):
            return f"{where}, from pulumi config {config}"
        case Stored():
            return "stored already" if stored else "not used"
        case Unified():
            return "unified: billed by Cloudflare"
        case _:
            return "none needed" if name == WORKERS_AI else "missing"


def models(environment: Environment) -> Table:
    rows = []
    for provider, each in environment.providers.items():
        for name, model in each.models.items():
            facts = [*(["reasoning"] if model.reasoning else []), *(kind for kind in model.input if kind != "text")]
            doubt = "unverified" if model.unverified else ""
            size = (f"{model.context:,}" if model.context else "–", f"{model.output:,}" if model.output else "–")
            cost = f"{model.cost.input:g} / {model.cost.output:g}" if model.cost.input or model.cost.output else "free"
            rows.append((f"{provider}/{name}", model.id or name, *size, cost, " ".join(facts) or "–", doubt))
    return Table("models", ("model", "id", "context", "output", "USD per M", "can", ""), tuple(rows))


def routes(environment: Environment) -> Table:
    rows = [(f"dynamic/{name}", _graph(each.tree)) for name, each in environment.routes.items()]
    return Table("routes", ("route", "what Cloudflare does"), tuple(rows))


def _graph(step: Step | Elements) -> str:
    match step:
        case Try(models=tried, retries=retries, timeout=timeout):
            extra = [*([f"{retries} retries"] if retries else []), *([f"within {timeout}"] if timeout else [])]
            return " → ".join(str(model.value) for model in tried) + (f"  ({', '.join(extra)})" if extra else "")
        case Split(branches=branches):
            return "; ".join(f"{f'{share}%' if share else 'else'}: {_graph(inner)}" for share, inner in branches)
        case If(conditions=conditions, then=then, otherwise=otherwise):
            test = " and ".join(f"{each.field} {each.operator} {each.value}" for each in conditions)
            return f"if {test}: {_graph(then)}; else: {_graph(otherwise)}"
        case Limit(limit=limit, by=by, then=then, over=over):
            return f"{limit} by {by}: {_graph(then)}; over: {_graph(over) if over else 'refused with 429'}"
        case _:
            return f"a graph of {len(step.elements)} elements"


def roles(environment: Environment) -> Table:
    rows = [
        (name, str(each.primary.value), " → ".join(str(choice.value) for choice in each.fallbacks) or "–")
        for name, each in environment.roles.items()
    ]
    return Table("roles", ("role", "primary", "then"), tuple(rows))


def tokens(environment: Environment) -> Table:
    rows = [
        (name, ", ".join(each.allow or ()), ", ".join(each.from_) or "any address", _life(each))
        for name, each in environment.tokens.items()
    ]
    return Table("tokens", ("token", "may", "from", "lives"), tuple(rows))


def _life(token: Token) -> str:
    if token.rotate:
        lifetime = f", each at most {token.rotate.lifetime}" if token.rotate.lifetime else ""
        return f"rotates every {token.rotate.every}, overlap {token.rotate.overlap}{lifetime}"
    return f"until {token.expires}" if token.expires else "until it is removed"


def clients(environment: Environment) -> Table:
    rows = [
        (
            name,
            _named(each.primary),
            " → ".join(map(str, each.fallbacks)) or "–",
            _counted(each),
            each.token or "–",
            f"${each.variable}",
        )
        for name, each in environment.clients.items()
    ]
    return Table("clients", ("client", "primary", "then", "lists", "token", "variable"), tuple(rows))


def _named(name: Name | Located[Name] | None) -> str:
    return str(name) if name else "the program's own"


def _counted(client: Client) -> str:
    count = sum(isinstance(name, ModelName) for name in client.models)
    named = sum(isinstance(name, RouteName) for name in client.models)
    return f"{count} models, {named} routes"


SECTIONS: dict[str, Callable[[Environment], Table]] = {
    "providers": providers,
    "models": models,
    "routes": routes,
    "roles": roles,
    "tokens": tokens,
    "clients": clients,
}
