"""An environment as plain data for policies: documented in docs/guides/policy.md, with the keys of the file.

Durations are in seconds and times in seconds since 1970. Settings that are absent have their default, or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

from gatewright.clock import parse_timestamp
from gatewright.cloudflare.generations import Rotation, default_end
from gatewright.environment.checks.uses import Uses
from gatewright.environment.model.catalog import DataUse
from gatewright.environment.quantities import Duration, Quantity
from gatewright.environment.references import (
    AgentName,
    FromConfig,
    FromVariable,
    Located,
    ModelName,
    OwnName,
    RouteName,
    Stored,
    Unified,
)
from gatewright.environment.shapes.sections import settings_of
from gatewright.environment.shapes.timestamps import Date, Timestamp
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.environment.load import Loaded
    from gatewright.environment.model.catalog import Model, Provider
    from gatewright.environment.model.environment_file import Token
    from gatewright.environment.resolved import Client, Environment

Data = dict[str, Any]


@frozen
class Subject:
    """One thing that a rule is about: its name, its data, and the path of its settings in the file."""

    name: str
    data: Data
    path: tuple[str, ...]


@frozen
class View:
    """The data of an environment, and its subjects by kind."""

    environment: Data
    subjects: Mapping[str, tuple[Subject, ...]]
    used_models: Mapping[str, Located[ModelName]]  # where the file first names each


def view_of(loaded: Loaded, environment: Environment, now: int) -> View:
    """The view of a valid environment at `now`."""
    uses = {str(use.value): use for use in _uses(loaded, environment)}
    providers = {name: _provider(name, provider) for name, provider in environment.providers.items()}
    models = {name: _model(use.value, environment) for name, use in uses.items()}
    data: Data = {
        "name": environment.name,
        "local": environment.local is not None,
        "account": environment.account_id,
        "protect": environment.protect,
        "gateway": plain(environment.gateway),
        "providers": providers,
        "models": models,
        "routes": {
            name: {
                "name": name,
                "models": [str(model.value) for model in route.models()],
                "providers": sorted(route.providers()),
            }
            for name, route in environment.routes.items()
        },
        "roles": {name: {"name": name, **plain(role)} for name, role in environment.roles.items()},
        "tokens": {name: token_data(name, token, now) for name, token in environment.tokens.items()},
        "clients": {name: _client(name, client) for name, client in environment.clients.items()},
    }
    sections = {"route": "routes", "token": "tokens", "client": "clients", "provider": "providers"}
    subjects = {
        kind: tuple(Subject(name, item, (section, name)) for name, item in data[section].items())
        for kind, section in sections.items()
    }
    subjects["environment"] = (Subject(environment.name, data, ()),)
    subjects["gateway"] = (Subject(environment.gateway_name, data["gateway"], ("gateway",)),)
    subjects["model"] = tuple(
        Subject(name, model, ("providers", model["provider"], "models", model["model"]))
        for name, model in models.items()
    )
    return View(data, subjects, uses)


def _uses(loaded: Loaded, environment: Environment) -> Iterator[Located[ModelName]]:
    """The models of enabled providers that the file names, the first place last."""
    if loaded.file is None:
        return
    uses = Uses(loaded.file, environment.routes, environment.roles, environment.providers)
    named = [use for _, _, choices, _ in uses.groups() for use in choices]
    for use in reversed([*named, *uses.in_clients()]):
        name = use.value
        if isinstance(name, ModelName) and name.provider in environment.providers:
            yield Located(name, use.location, use.path)


def _provider(name: str, provider: Provider) -> Data:
    settings = {key: value for key, value in plain(provider).items() if key not in ("models", "plans")}
    terms = provider.terms
    trains = terms.trains_on_input if isinstance(terms, DataUse) else None
    is_custom = provider.base_url is not None
    return {"name": name, **settings, "isCustom": is_custom, "trainsOnInput": trains or "unknown"}


def _model(name: ModelName, environment: Environment) -> Data:
    model: Model = environment.model(name)
    retirement = environment.retirements.get(name)
    return {
        **plain(model),
        "name": str(name),
        "provider": name.provider,
        "model": name.model,
        "id": model.id or name.model,
        "isRetired": retirement is not None and retirement.is_over,
    }


def token_data(name: str, token: Token, now: int) -> Data:
    """A token, with how long it is valid."""
    if token.rotate:
        validity = Rotation.from_settings(token.rotate).lifetime
    else:
        start = max(now, parse_timestamp(token.not_before)) if token.not_before else now
        validity = (parse_timestamp(token.expires) if token.expires else default_end(now)) - start
    return {
        "name": name,
        **plain(token),
        "rotate": plain(token.rotate) if token.rotate else None,
        "validity": validity,
    }


def _client(name: str, client: Client) -> Data:
    models = [str(model) for model in client.models]
    return {
        "name": name,
        "primary": plain(client.primary),
        "fallbacks": plain(client.fallbacks),
        "small": plain(client.small),
        "models": models,
        "via": dict(client.via),
        "keys": client.keys,
        "token": client.token,
        "variable": client.variable,
        "provider": client.provider,
        "version": client.version,
        "agents": {
            agent: {"primary": str(choice.primary), "fallbacks": plain(choice.fallbacks)}
            for agent, choice in client.agents.items()
        },
        "metadata": plain(client.metadata),
    }


def plain(value: object) -> Any:
    """A value of the model as plain data; a section by the keys of the file."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Duration():
            return value.seconds
        case Quantity():
            return {"amount": value.amount, "unit": value.unit, "period": value.period}
        case Located():
            return plain(value.value)
        case ModelName() | RouteName() | OwnName():
            return str(value)
        case FromVariable():
            return {"env": value.name}
        case FromConfig():
            return {"config": value.name}
        case Stored():
            return {"stored": True}
        case Unified():
            return "unified"
        case AgentName():
            return {"role": True}
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {
                key: _seconds(item) if isinstance(setting.shape, Timestamp | Date) else plain(item)
                for key, setting in settings_of(type(value)).items()
                for item in [getattr(value, setting.field)]
            }
    raise TypeError(f"no plain data for {type(value).__name__}")


def _seconds(time: str | None) -> int | None:
    return parse_timestamp(time) if time else None
