"""The draft of an environment file from a live gateway: pure, without files or network."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.access import application_label
from gatewright.cloudflare.dynamic_routes import elements_of
from gatewright.cloudflare.mapping.gateway_body import gateway_settings
from gatewright.cloudflare.mapping.gateway_policies import policy_settings
from gatewright.cloudflare.mapping.route_tree import route_tree
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS
from gatewright.command_line import command
from gatewright.environment.model.clients import PROVIDER_NAME
from gatewright.environment.model.route_shape import RouteShape
from gatewright.environment.quantities import period_text
from gatewright.environment.shapes.base import TableOf
from gatewright.facts.slugs import CUSTOM_PREFIX, SLUGS
from gatewright.io.printable import plural
from gatewright.operations.model_names import names_by_id, new_model_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatewright.cloudflare.custom_providers import CustomProvider
    from gatewright.cloudflare.live_gateway import LiveGateway
    from gatewright.cloudflare.provider_configs import ProviderConfig
    from gatewright.environment.model.catalog import Provider

    Json = dict[str, Any]

KEYLESS = "workers-ai"
_ROUTE_NAME = TableOf(RouteShape()).pattern
_FACTS = ("tokens", "neurons")  # limits in these units are not settings at Cloudflare


@dataclass(slots=True)
class Draft:
    """A draft of an environment file.

    `owners` are, by custom provider, the other environments of the project that declare it. `trees` are the routes that
    are written as a tree, `skipped` are sentences on what is left out, and `variables` must hold the secrets that
    Cloudflare has.
    """

    name: str
    live: LiveGateway
    catalog_name: str
    catalog: Mapping[str, Provider]
    owners: Mapping[str, Sequence[str]]
    providers: dict[str, Json] = field(default_factory=dict)
    routes: dict[str, Any] = field(default_factory=dict)
    gateway: Json = field(default_factory=dict)
    trees: set[str] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        name: str,
        live: LiveGateway,
        catalog_name: str,
        catalog: Mapping[str, Provider],
        owners: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> Draft:
        """Draft environment `name` from `live`."""
        draft = cls(name, live, catalog_name, catalog, owners)
        draft.gateway = gateway_settings(live.settings, draft._variable)
        if live.domains:
            draft.gateway["domains"] = {domain.hostname: {} for domain in live.domains}
            draft._add_access()
        draft._add_policies()
        draft._add_providers()
        draft._add_routes()
        draft._report_unmanaged()
        return draft

    def data(self, target: Json) -> Json:
        """The file's content; `target` is its account or local."""
        providers = {name: settings for name, settings in self.providers.items() if settings}
        return {
            "extends": self.catalog_name,
            **target,
            "use": list(self.providers),
            **({"providers": providers} if providers else {}),
            **({"routes": self.routes} if self.routes else {}),
            "gateway": self.gateway,
        }

    def as_elements(self, route: str) -> None:
        """Write a route as its graph instead of a tree."""
        graph = next(live.graph for live in self.live.routes if live.name == route)
        self.routes[route] = {"elements": elements_of(graph)}
        self.trees.discard(route)

    def without_route(self, route: str, reason: str) -> None:
        """Leave a route out."""
        self.routes.pop(route)
        self.skipped.append(f"route {route}: {reason}")

    def _variable(self, secret: str) -> str:
        variable = f"{re.sub('[^A-Z0-9]+', '_', self.name.upper())}_{secret}"
        self.variables.append(variable if not variable[0].isdigit() else f"_{variable}")
        return self.variables[-1]

    def _add_access(self) -> None:
        """An application stays with its owner: its policies would be replaced by those of the file."""
        if self.live.access_apps is None:
            self.skipped.append(
                "Access: this token may not list its applications; it lacks Access: Apps and Policies Read. If one is "
                "in front of a domain, set gateway: {access: true}"
            )
        for app in self.live.access_apps or ():
            self.gateway["access"] = True
            self.skipped.append(
                f"Access application {application_label(app)}: unchanged, clients send a service token of yours "
                f"(access: true). To manage it, declare who passes, and run {command(f'adopt {self.name}')}"
            )

    def _add_policies(self) -> None:
        """All policies or none: they are one resource, and those that a file lacks would be deleted."""
        policies = {name: policy_settings(policy) for name, policy in self.live.policies.items()}
        if unknown := [name for name, settings in policies.items() if settings is None]:
            self.skipped.append(f"policies: no file can declare the action of {', '.join(unknown)}")
        elif policies:
            self.gateway["policies"] = policies

    def _add_providers(self) -> None:
        keys: dict[str, list[ProviderConfig]] = {}
        for key in self.live.keys:
            keys.setdefault(key.slug, []).append(key)
        custom = {provider.slug: provider for provider in self.live.custom_providers}
        used = {model["provider"] for route in self.live.routes for model in _models(route.graph)}
        native = sorted(name for name in {KEYLESS, *keys, *used} if name in SLUGS)
        for name in native:
            self._add(name, None, keys.get(name, []))
        for slug, provider in custom.items():
            if slug in SLUGS or slug == "dynamic" or not re.fullmatch(PROVIDER_NAME, slug):
                self.skipped.append(f"custom provider {slug}: not a valid provider name in a file")
            elif self._is_needed(slug, keys):
                self._add(slug, provider, keys.get(f"{CUSTOM_PREFIX}{slug}", []))
        unknown = keys.keys() - SLUGS.keys() - {f"{CUSTOM_PREFIX}{slug}" for slug in custom}
        self.skipped += [f"stored keys of {name}: unknown provider" for name in sorted(unknown)]

    def _is_needed(self, slug: str, keys: Mapping[str, object]) -> bool:
        """Whether the file declares a custom provider; one of another environment only if this gateway has its key."""
        if not (owners := self.owners.get(slug)):
            return True
        is_needed = f"{CUSTOM_PREFIX}{slug}" in keys
        reason = "shared, and not imported" if is_needed else "to share it, declare it here too"
        self.skipped.append(f"custom provider {slug}: stack {', '.join(owners)} owns it; {reason}")
        return is_needed

    def _add(self, name: str, custom: CustomProvider | None, keys: list[ProviderConfig]) -> None:
        known = self.catalog.get(name)
        settings: Json = {}
        if custom is not None and (known is None or known.base_url != custom.base_url):
            settings["baseUrl"] = custom.base_url
        managed = [key for key in keys if key.alias == DEFAULT_ALIAS]
        is_unified = not managed and custom is None and name != KEYLESS and not self.gateway.get("byokOnly")
        consequence = "; without one, Cloudflare bills requests to it (key: unified)" if is_unified else ""
        for key in keys:
            if key not in managed:
                why = f"gatewright manages {DEFAULT_ALIAS} only{consequence}"
                self.skipped.append(f"stored key {name} with alias {key.alias}: {why}")
        if managed:
            settings["key"] = {"stored": True}
        elif custom is not None:
            settings |= {"key": None} if known is not None and known.key is not None else {}
        elif name != KEYLESS:
            if self.gateway.get("byokOnly"):
                self.skipped.append(f"provider {name}: byokOnly, and without a key that gatewright can manage")
                return
            settings["key"] = "unified"
        if (limits := self._limits(known, managed)) is not None:
            settings["limits"] = limits
        self.providers[name] = settings

    def _limits(self, known: Provider | None, managed: list[ProviderConfig]) -> list[str] | None:
        """The stored key's limit, and the limits that are not settings; None where the catalog has the same."""
        limits = known.limits if known else ()
        facts = [str(limit) for limit in limits if limit.unit in _FACTS]
        key = managed[-1] if managed else None
        own = [f"{key.limit[0]} requests/{period_text(key.limit[1])}"] if key and key.limit else []
        desired = [*own, *facts]
        return None if desired == [str(limit) for limit in limits] else desired

    def _add_routes(self) -> None:
        if self.live.routes and not self.gateway.get("authenticated", True):
            count = plural(len(self.live.routes), "route")
            self.skipped.append(f"{count}: without authentication anyone could use the stored keys")
            return
        for route in self.live.routes:
            if not re.fullmatch(_ROUTE_NAME, route.name):
                self.skipped.append(f"route {route.name}: not a valid route name in a file")
                continue
            tree = route_tree(route.graph, self._model)
            self.routes[route.name] = tree
            self.trees.add(route.name)
            if tree is None:
                self.as_elements(route.name)

    def _model(self, provider: str, model_id: str) -> str | None:
        """`provider/model`; a model that is not in the catalog is added, without limits and prices."""
        if provider not in self.providers or not SLUGS[provider].compat:
            return None
        known = self.catalog.get(provider)
        added = self.providers[provider].get("models", {})
        names = names_by_id(known, added)
        if model_id not in names:
            name = new_model_name(model_id, {*(known.models if known else ()), *added})
            if name is None:
                return None
            facts = {} if name == model_id else {"id": model_id}
            self.providers[provider].setdefault("models", {})[name] = {**facts, "unverified": True}
            names[model_id] = name
        return f"{provider}/{names[model_id]}"

    def _report_unmanaged(self) -> None:
        live = self.live
        if live.tokens is None:
            self.skipped.append("tokens: this token may not list them; it lacks Account API Tokens Read")
        elif live.tokens:
            names = ", ".join(str(token.get("name")) for token in live.tokens)
            values = "its value" if len(live.tokens) == 1 else "their values"
            self.skipped.append(
                f"{plural(len(live.tokens), 'token')} ({names}): {values} cannot be read. Declare new ones under "
                "tokens:, and delete the old once no client uses them"
            )
        for count, noun in ((live.datasets, "dataset"), (live.evaluations, "evaluation")):
            if count:
                self.skipped.append(f"{plural(count, noun)}: not managed by gatewright, unchanged")
        self.skipped.append("logs: they stay at the gateway")


def _models(graph: Mapping[str, Json]) -> list[Json]:
    return [element["properties"] for element in graph.values() if element["type"] == "model"]
