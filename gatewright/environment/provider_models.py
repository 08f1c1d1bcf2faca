"""The models of providers, by their names in files and by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.references import ModelName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.model.catalog import Model, Provider


def models_of(providers: Mapping[str, Provider]) -> dict[ModelName, Model]:
    """All models of the providers."""
    return {
        ModelName(slug, name): model for slug, provider in providers.items() for name, model in provider.models.items()
    }


def model_id(name: ModelName, model: Model) -> str:
    """The id of a model at its provider, by default its name."""
    return model.id or name.model


def names_by_id(providers: Mapping[str, Provider]) -> dict[tuple[str, str], ModelName]:
    """The names of all models by provider and id."""
    return {(name.provider, model_id(name, model)): name for name, model in models_of(providers).items()}
