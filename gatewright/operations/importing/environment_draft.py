"""The part of an environment file that a client's own file amounts to: pure, without files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gatewright.clients import CAPABILITIES
from gatewright.clients.common.own_config import OwnModel, OwnProvider
from gatewright.clients.common.own_keys import KeySource
from gatewright.environment.capabilities import ClientCapabilities
from gatewright.environment.checks.retirements import retirements_of
from gatewright.environment.model.catalog import Model, Provider
from gatewright.environment.names import key_variable, why_unreachable
from gatewright.environment.provider_models import models_of
from gatewright.environment.references import VARIABLE, FromVariable, Located, ModelName, OwnName, parse_name
from gatewright.facts.slugs import WORKERS_AI
from gatewright.frozen import frozen
from gatewright.operations.importing.targets import NoTarget, Target, find_target, known_name
from gatewright.operations.model_names import names_by_id, new_model_name
from gatewright.redaction import looks_like_a_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.clients.common.own_config import OwnChoice, OwnConfig, Skipped
    from gatewright.clients.common.own_keys import OwnKey
    from gatewright.diagnostics import Location
    from gatewright.environment.resolved import Retirement
    from gatewright.operations.importing.own_file import OwnFile

    Json = dict[str, Any]

_MAX_NAME = 120
_ID = re.compile(r"\S{1,400}")
_ROLE_NAME = r"[a-z0-9]+(?:[-_.][a-z0-9]+)*"


@frozen
class ImportedProvider:
    """A provider of the file, `own_id`, and what it is called in the environment."""

    name: str
    own_id: str
    location: Location
    base_url: str | None
    models: int


@frozen
class KeyVariable:
    """A variable that must hold a provider's key, and where the file has the key; None if it has none."""

    name: str
    provider: str
    source: KeySource | None
    location: Location | None


@dataclass(slots=True)
class ImportDraft:
    """A draft. `providers`, `roles` and `client` are the settings of an environment file; `use` are its providers."""

    file: OwnFile
    catalog: dict[str, Provider]
    removed: Mapping[str, Location]
    providers: dict[str, Json] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    client: Json = field(default_factory=dict)
    use: dict[str, None] = field(default_factory=dict)
    variables: dict[str, KeyVariable] = field(default_factory=dict)
    _targets: dict[str, tuple[Target, Location] | None] = field(default_factory=dict)
    _models: dict[tuple[str, str], str] = field(default_factory=dict)
    _retirements: Mapping[ModelName, Retirement] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        file: OwnFile,
        catalog: Mapping[str, Provider],
        today: str,
        removed: Mapping[str, Location] = MappingProxyType({}),
    ) -> ImportDraft:
        """Draft what `file` declares, with the names of `catalog`, the providers that the environment has already.

        `today` (2026-12-01): a model that is retired by then is replaced by its successor where it is chosen. `removed`
        are the providers that the environment removes with null, and stay so.
        """
        draft = cls(file, dict(catalog), removed, _retirements=retirements_of(models_of(catalog), today))
        for provider in file.config.providers:
            draft._add_provider(provider)
        draft._add_choices()
        return draft

    @property
    def config(self) -> OwnConfig:
        return self.file.config

    @property
    def capabilities(self) -> ClientCapabilities:
        return CAPABILITIES[self.file.client]

    def data(self) -> Json:
        """The settings, without `use`."""
        providers = {name: settings for name, settings in self.providers.items() if settings}
        return {
            **({"providers": providers} if providers else {}),
            **({"roles": self.roles} if self.roles else {}),
            "clients": {self.file.client: self.client},
        }

    @property
    def imported(self) -> list[ImportedProvider]:
        """The providers that are carried over, in the order of the file."""
        return [
            ImportedProvider(
                target.name, own_id, location, target.base_url, sum(id_ == own_id for id_, _ in self._models)
            )
            for own_id, (target, location) in self._carried_over()
        ]

    @property
    def skipped(self) -> list[Skipped]:
        """What is not carried over, in the order of the file."""
        return sorted(self.config.skipped, key=lambda skipped: skipped.location)

    def _carried_over(self) -> Iterator[tuple[str, tuple[Target, Location]]]:
        return ((own_id, found) for own_id, found in self._targets.items() if found is not None)

    # -- providers

    def _add_provider(self, provider: OwnProvider) -> None:
        target = find_target(provider, self.catalog)
        if isinstance(target, Target):
            target = self._reachable(target)
        if isinstance(target, NoTarget):
            location = provider.base_url.location if provider.base_url else provider.location
            self.config.skip(location, provider.path, target.reason)
            self._targets[provider.id] = None
            return
        name = target.name
        self._targets[provider.id] = target, provider.location
        if target.base_url is not None and name not in self.catalog:
            self.catalog[name] = Provider(base_url=target.base_url)
            self.providers[name] = {"baseUrl": target.base_url}
        settings = self.providers.setdefault(name, {})
        if name not in self.use:
            self.use[name] = None
            self._add_key(name, settings, provider.key)
        elif provider.key is not None and provider.key.variable != self._variable(name):
            self.config.skip(provider.key.location, provider.key.path, f"{name} has another key already")
        for model in provider.models:
            self._add_model(provider.id, name, model)

    def _reachable(self, target: Target) -> Target | NoTarget:
        if target.name in self.removed:
            return NoTarget(f"null removes {target.name} ({self.removed[target.name]})")
        provider = self.catalog.get(target.name) or Provider(base_url=target.base_url)
        via, speaks = self.capabilities.default_via, self.capabilities.speaks
        reason = why_unreachable(target.name, provider, via, speaks)
        return NoTarget(reason) if reason else target

    def _variable(self, name: str) -> str | None:
        variable = next((variable for variable in self.variables.values() if variable.provider == name), None)
        return variable.name if variable else None

    def _add_key(self, name: str, settings: Json, key: OwnKey | None) -> None:
        """The reference to the key: that of the file, otherwise the catalog's or the conventional variable."""
        if name == WORKERS_AI:
            if key is not None:
                self.config.skip(key.location, key.path, f"{WORKERS_AI} needs no key behind the gateway")
            return
        known = self.catalog.get(name, Provider())
        if known.key is not None and not isinstance(known.key, FromVariable):
            if key is not None:
                self.config.skip(key.location, key.path, f"{name} has another key already")
            return
        if known.key is None and known.base_url is not None and key is None:
            return  # a custom provider may need none
        conventional = str(key_variable(name, known))
        variable = (key.variable if key else None) or conventional
        variable = variable if re.fullmatch(VARIABLE, variable) else f"_{variable}"  # for a name with a leading digit
        if known.key is None or variable != conventional:
            settings["key"] = {"env": variable}
        source, location = (key.source, key.location) if key else (None, None)
        if source in (None, KeySource.VARIABLE) and variable in self.config.variables:
            source, location = KeySource.CLEAR_TEXT, self.config.variables[variable]
        self.variables.setdefault(variable, KeyVariable(variable, name, source, location))

    # -- models

    def _add_model(self, own_id: str, name: str, model: OwnModel) -> str | None:
        """The model as provider/model; one that is not known is added. None if it cannot be carried over."""
        known, added = self.catalog.get(name), self.providers[name].get("models", {})
        names, id_ = names_by_id(known, added), model.sent_as or model.id
        if id_ not in names:
            new = new_model_name(id_, {*(known.models if known else ()), *added})
            if new is None or len(new) > _MAX_NAME or not _ID.fullmatch(id_) or looks_like_a_key(id_):
                self.config.skip(model.location, model.path, "its id is not a valid id of a model")
                return None
            settings = {key: value for key, value in model.settings.items() if not looks_like_a_key(str(value))}
            renamed = {} if new == id_ else {"id": id_}
            unverified = {} if "context" in settings else {"unverified": True}
            self.providers[name].setdefault("models", {})[new] = {**renamed, **settings, **unverified}
            names[id_] = new
        elif known is not None:
            self._report_differences(model, known.models.get(names[id_]))
        self._models[own_id, model.id] = f"{name}/{names[id_]}"
        return self._models[own_id, model.id]

    def _report_differences(self, model: OwnModel, known: Model | None) -> None:
        for key, figure in (("context", known.context), ("output", known.output)) if known else ():
            own = model.settings.get(key)
            if own is not None and figure is not None and own != figure:
                reason = f"the known {key} of {figure:,} tokens is used, not {own:,}"
                self.config.skip(model.location, model.path, reason)

    def _served_name(self, choice: Located[OwnName]) -> str | None:
        """As `_name`; the successor of a model that is retired, where the provider of both is carried over."""
        name = self._name(choice)
        retirement = self._retirements.get(model) if isinstance(model := parse_name(name or ""), ModelName) else None
        if retirement is None or not retirement.is_over or retirement.successor is None:
            return name
        if retirement.successor.provider not in self.use:
            return name
        self.config.skip(choice.location, choice.path, f"{name} {retirement}; {retirement.successor} is used")
        return str(retirement.successor)

    def _name(self, choice: Located[OwnName]) -> str | None:
        """A model that the client chooses, by its name in the environment; `own:` for one that stays the client's."""
        own_id, _, model_id = choice.value.name.partition("/")
        if not model_id:
            self.config.skip(choice.location, choice.path, "expected provider/model")
            return None
        if (own_id, model_id) in self._models:
            return self._models[own_id, model_id]
        if own_id not in self._targets and known_name(own_id, self.catalog):
            self._add_provider(OwnProvider(own_id, choice.location, choice.path))
        found = self._targets.get(own_id)
        if found is not None:
            return self._add_model(own_id, found[0].name, OwnModel(model_id, choice.location, choice.path, {}))
        name = f"own:{choice.value.name}"
        if self.capabilities.own and parse_name(name) and not looks_like_a_key(name):
            return name
        self.config.skip(choice.location, choice.path, f"{own_id} is not carried over")
        return None

    # -- choices

    def _add_choices(self) -> None:
        client, capabilities = self.file.client, self.capabilities
        if self.config.main is not None and (names := self._names(self.config.main)):
            self.client |= self._choice(client, names)
        if self.config.small is not None and capabilities.small and (small := self._served_name(self.config.small)):
            self.client["small"] = small
        agents = {}
        for agent, choice in self.config.agents.items():
            path, location = choice.primary.path, choice.primary.location
            if capabilities.agents is None:
                self.config.skip(location, path, f"{capabilities.title} has no place for further roles")
            elif capabilities.agents.name_error(agent):
                self.config.skip(location, path, f"clients.{client}.agents cannot have the name {agent}")
            elif names := self._names(choice):
                settings = self._choice(agent, names)
                agents[agent] = settings.get("role") or settings["primary"]
        if agents:
            self.client["agents"] = agents

    def _names(self, choice: OwnChoice) -> list[str]:
        names = [self._served_name(name) for name in (choice.primary, *choice.fallbacks)]
        return list(dict.fromkeys(name for name in names if name is not None))

    def _choice(self, role: str, names: list[str]) -> Json:
        """One model directly, several as a role."""
        primary, *fallbacks = names
        if not fallbacks:
            return {"primary": primary}
        name = (
            role
            if re.fullmatch(_ROLE_NAME, role)
            else re.sub(r"[^a-z0-9]+", "-", role.lower()).strip("-") or self.file.client
        )
        if name in self.roles:
            name = f"{self.file.client}-{name}"
        self.roles[name] = {"primary": primary, "fallbacks": fallbacks}
        return {"role": name}
