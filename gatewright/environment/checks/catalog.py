"""The facts of the catalog: plausible dates, sources, living successors; and what overlays change about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.diagnostics import Diagnostics, did_you_mean
from gatewright.environment.checks.retirements import retirements_of
from gatewright.environment.model.catalog import MAX_YEARS_AHEAD, Cost
from gatewright.environment.provider_models import models_of
from gatewright.environment.references import ModelName
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Location
    from gatewright.environment.model.catalog import Model, Provider
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Retirement


@frozen
class Catalog:
    """The providers of an environment, whose limits, terms and retirements are resolved."""

    providers: Mapping[str, Provider]
    retirements: Mapping[ModelName, Retirement]


class CatalogResolver:
    """Resolves the catalogs of environments. Environments that share one, node for node, get the same objects.

    `today`: 2026-12-01.
    """

    def __init__(self, today: str) -> None:
        self._today = today
        self._resolved: dict[int, tuple[Node, Catalog, Diagnostics]] = {}

    def resolve(self, providers: Mapping[str, Provider], root: Node, diagnostics: Diagnostics) -> Catalog:
        """The catalog in the merged file `root`, read as `providers`. Reports facts that cannot be true."""
        node = root.at("providers")
        if node is None:
            return Catalog({}, {})
        if id(node) not in self._resolved:  # the node is kept, so that no other gets its id
            collected = Diagnostics()
            self._resolved[id(node)] = node, _resolve(providers, root, self._today, collected), collected
        _, catalog, collected = self._resolved[id(node)]
        diagnostics.extend(collected)
        return catalog


def _resolve(providers: Mapping[str, Provider], root: Node, today: str, diagnostics: Diagnostics) -> Catalog:
    """The providers with the limits and terms of their plans, and with the retirements that apply."""
    resolved = {
        name: _resolve_provider(name, provider, root, today, diagnostics) for name, provider in providers.items()
    }
    checks = _Successors(resolved, root, today, diagnostics)
    for name, provider in resolved.items():
        for model_name, model in provider.models.items():
            if model.use is not None:
                checks.check(ModelName(name, model_name))
    return Catalog(resolved, retirements_of(models_of(resolved), today))


def _resolve_provider(name: str, provider: Provider, root: Node, today: str, diagnostics: Diagnostics) -> Provider:
    node = root.at("providers", name)
    if node is None:
        return provider
    models = {}
    for model_name, model in provider.models.items():
        model_node = node.at("models", model_name)
        if model_node is not None:
            path = f"providers.{name}.models.{model_name}"
            resolved = _resolve_model(path, model, model_node, today, diagnostics)
            is_free = provider.plan == "free" and provider.offers(model) and _is_listed_price(model_node, node)
            models[model_name] = replace(resolved, cost=Cost()) if is_free else resolved
    has_own_limits = node.at("limits") is not None  # an empty list too: no limits
    limits = provider.limits if has_own_limits else provider.with_plan().limits
    return replace(provider.with_plan(), models=models, limits=limits)


def _is_listed_price(model: Node, provider: Node) -> bool:
    """Whether a model's price is that of the catalog, next to the provider's plans, and not one of an overlay."""
    cost, plans = model.at("cost"), provider.at("plans")
    return cost is not None and plans is not None and cost.location.file == plans.location.file


def _resolve_model(path: str, model: Model, node: Node, today: str, diagnostics: Diagnostics) -> Model:
    """`model`, without its retirement if an overlay gives it another id."""
    _check_dates(path, model, node, today, diagnostics)
    if (model.retirement or model.use) and not model.sources and not model.unverified:
        key = next(key for key in ("retired", "retires", "use") if key in node.entries)
        message = "states a retirement or a successor without a source"
        hint = "Add sources: [{url: …, date: …}], or unverified: true"
        diagnostics.error(node.location_at(key), f"{path}.{key}", "no-source", message, hint)
    _note_removed_retirement(path, node, diagnostics)
    id_node, fact = node.at("id"), node.at("retired") or node.at("retires")
    if id_node is None or fact is None or id_node.instead_of is None or id_node.location.file == fact.location.file:
        return model
    message = f"has another id here than in the catalog, whose retirement ({fact.location}) does not apply to it"
    diagnostics.note(id_node.location, f"{path}.id", "retirement-overridden", message)
    return replace(model, retired=None, retires=None, use=None)


def _note_removed_retirement(path: str, node: Node, diagnostics: Diagnostics) -> None:
    for key in ("retired", "retires"):
        removed = node.removed_at(key)
        if removed is not None:
            message = "null removes the retirement that the catalog states; the model counts as served"
            diagnostics.note(removed, f"{path}.{key}", "retirement-overridden", message)


def _check_dates(path: str, model: Model, node: Node, today: str, diagnostics: Diagnostics) -> None:
    """Report dates in the wrong order or too far in the future."""
    last = f"{int(today[:4]) + MAX_YEARS_AHEAD}{today[4:]}"

    def report(key: str, message: str) -> None:
        value = node.at(key)
        location = value.location if value else node.location
        diagnostics.error(location, f"{path}.{key}", "bad-date", message)

    for key, date in (("released", model.released), ("retires", model.retires), ("retired", model.retired)):
        if date is not None and date > last:
            report(key, f"{date} is more than {MAX_YEARS_AHEAD} years away")
        elif date is not None and model.released is not None and date < model.released:
            report(key, f"{date} is before the model's release ({model.released})")
    if model.retired is not None and model.retired > today:
        report("retired", f"{model.retired} is in the future; an announced retirement is written as retires")


class _Successors:
    """Checks the successors that models name with `use`."""

    def __init__(self, providers: Mapping[str, Provider], root: Node, today: str, diagnostics: Diagnostics) -> None:
        self._providers = providers
        self._root = root
        self._today = today
        self._diagnostics = diagnostics

    def check(self, name: ModelName) -> None:
        """Report a successor that does not exist, is retired itself, or leads back to the model."""
        use = self._model(name).use
        if use is None:
            return
        location, path = use.location, use.path
        target = ("providers", use.value.provider, "models", use.value.model)
        if self._root.at(*target) is None:
            self._report_unknown(use.value, target, location, path)
        elif (chain := self._circle(name)) is not None:
            message = f"successors form a circle: {' -> '.join(map(str, chain))}"
            self._diagnostics.error(location, path, "successor-circle", message)
        elif self._exists(use.value) and (successor := self._model(use.value)).retired:
            message = f"the successor {use.value} is itself retired since {successor.retired}"
            hint = f"Use {successor.successor}" if successor.successor else None
            self._diagnostics.error(location, path, "successor-retired", message, hint)

    def _report_unknown(self, name: ModelName, target: tuple[str, ...], location: Location, path: str) -> None:
        if self._root.removed_at(*target) is None:  # an overlay that removes a model leaves the catalog's fact true
            valid = [f"{provider}/{model}" for provider, each in self._providers.items() for model in each.models]
            message = f"unknown successor {name}"
            self._diagnostics.error(location, path, "unknown-model", message, did_you_mean(str(name), valid))

    def _circle(self, name: ModelName) -> list[ModelName] | None:
        """The chain of successors from `name` back to itself; None if it ends."""
        chain = [name]
        while self._exists(chain[-1]) and (successor := self._model(chain[-1]).successor) is not None:
            chain.append(successor)
            if successor == name:
                return chain
            if successor in chain[:-1]:
                return None  # a circle that does not contain `name`
        return None

    def _exists(self, name: ModelName) -> bool:
        return name.provider in self._providers and name.model in self._providers[name.provider].models

    def _model(self, name: ModelName) -> Model:
        return self._providers[name.provider].models[name.model]
