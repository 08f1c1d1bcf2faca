"""The models that a project declares, and the facts of the catalog that gatewright ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright import __version__
from gatewright.environment.references import ModelName
from gatewright.frozen import frozen
from gatewright.operations.base_yaml import catalog_providers
from gatewright.operations.catalog.facts import ModelFacts, Price, Table
from gatewright.workspace import files_of, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.diagnostics import Location
    from gatewright.environment.load import Loaded
    from gatewright.environment.model.catalog import Model, Provider
    from gatewright.environment.nodes import Node
    from gatewright.project import Project

_WEIGHT = 2  # sources that must agree; a fact of the shipped catalog counts as many as it names, at most this


@frozen
class DeclaredModel:
    """A model of the project's files: its entry is at `location`; `node` is that entry."""

    name: ModelName
    id: str
    model: Model
    location: Location
    node: Node

    @property
    def key(self) -> tuple[str, str]:
        """Its provider and its id there."""
        return self.name.provider, self.id


@frozen
class DeclaredCatalog:
    """The models of several environments, by name, and their providers."""

    models: Mapping[ModelName, DeclaredModel]
    providers: Mapping[str, Provider]


def read_declared(project: Project, names: Sequence[str]) -> DeclaredCatalog:
    """The models of the named environments' enabled providers; without names, all models of all environments.

    An environment with errors counts as far as its files can be read. Raises UsageError.
    """
    models: dict[ModelName, DeclaredModel] = {}
    providers: dict[str, Provider] = {}
    for loaded in select(project, names, every=not names):
        enabled = loaded.environment.providers if names and loaded.environment else None
        for slug, provider in (loaded.file.providers if loaded.file else {}).items():
            if enabled is None or slug in enabled:
                providers.setdefault(slug, provider)
                models = {**_models(loaded, slug, provider), **models}
    return DeclaredCatalog(models, providers)


def _models(loaded: Loaded, slug: str, provider: Provider) -> dict[ModelName, DeclaredModel]:
    models = {}
    for name, model in provider.models.items():
        node = loaded.root.at("providers", slug, "models", name) if loaded.root else None
        if node is not None:
            key = ModelName(slug, name)
            models[key] = DeclaredModel(key, model.id or name, model, node.location, node)
    return models


def shipped_table() -> tuple[Table, Mapping[str, Provider]]:
    """The shipped catalog as a source, and its providers."""
    providers = catalog_providers()
    dates = [
        source.date for provider in providers.values() for model in provider.models.values() for source in model.sources
    ]
    table = Table(f"catalog of gatewright {__version__}", max(dates, default="2026-02-01"), is_shipped=True)
    for slug, provider in providers.items():
        for name, model in provider.models.items():
            table.models[slug, model.id or name] = _facts(model, providers)
    return table, providers


def _facts(model: Model, providers: Mapping[str, Provider]) -> ModelFacts:
    cost = Price(model.cost.input, model.cost.output)
    successor = model.successor
    target = providers[successor.provider].models.get(successor.model) if successor else None
    return ModelFacts(
        context=model.context,
        output=model.output,
        price=cost if cost.input or cost.output else None,
        retirement=model.retirement,
        successor=(successor.provider, target.id or successor.model) if successor and target else None,
        weight=1 if model.unverified else max(1, min(_WEIGHT, len(model.sources))),
    )


def own_files(project: Project) -> list[str]:
    """The environment files of the project, by their names in `extends`."""
    files = files_of(project)
    return sorted({source for name in files.names() for source in files.sources(name)})
