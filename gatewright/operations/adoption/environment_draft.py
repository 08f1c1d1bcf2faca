"""What is at Cloudflare, as an environment file and as imports: pure, without a look at the disk or the network."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.dynamic_routes import elements_of
from gatewright.cloudflare.mapping.gateway_settings import gateway_settings
from gatewright.cloudflare.mapping.route_tree import route_tree
from gatewright.cloudflare.provider_configs import DEFAULT_ALIAS
from gatewright.environment.model.clients import PROVIDER_NAME
from gatewright.environment.model.environment_file import MODEL_NAME
from gatewright.environment.model.route_shape import RouteShape
from gatewright.environment.quantities import period_text
from gatewright.environment.shapes.base import TableOf
from gatewright.facts.slugs import CUSTOM_PREFIX, SLUGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.cloudflare.custom_providers import CustomProvider
    from gatewright.cloudflare.live_gateway import LiveGateway
    from gatewright.cloudflare.provider_configs import ProviderConfig
    from gatewright.environment.model.environment_file import Provider

    Json = dict[str, Any]

KEYLESS = "workers-ai"
_ROUTE_NAME = TableOf(RouteShape()).pattern
_FACTS = ("tokens", "neurons")  # limits of these units make nothing at Cloudflare


@dataclass(slots=True)
class Draft:
    """An environment file in the making. `trees` holds the routes that could be said as a tree, `skipped` says what is
    left out and why, `variables` are those of secrets that must be supplied: what each is."""

    name: str
    live: LiveGateway
    catalog: Mapping[str, Provider]
    providers: dict[str, Json] = field(default_factory=dict)
    routes: dict[str, Any] = field(default_factory=dict)
    gateway: Json = field(default_factory=dict)
    trees: set[str] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, live: LiveGateway, catalog: Mapping[str, Provider]) -> Draft:
        """The whole of it."""
        draft = cls(name, live, catalog)
        draft.gateway = gateway_settings(live.settings, draft._variable)
        if live.domains:
            draft.gateway["domains"] = {domain.hostname: {} for domain in live.domains}
        draft._add_providers()
        draft._add_routes()
        draft._say_what_is_not_managed()
        return draft

    def data(self, where: Json) -> Json:
        """The file's content; `where` is its account or local."""
        return {
            **({"extends": "catalog.yaml"} if self.catalog else {}),
            **where,
            "use": list(self.providers),
            **({"providers": said} if (said := {name: each for name, each in self.providers.items() if each}) else {}),
            **({"routes": self.routes} if self.routes else {}),
            "gateway": self.gateway,
        }

    def as_elements(self, route: str) -> None:
        """Says a route by its graph instead of by a tree."""
        graph = next(each.graph for each in self.live.routes if each.name == route)
        self.routes[route] = {"elements": elements_of(graph)}
        self.trees.discard(route)

    def without_route(self, route: str, why: str) -> None:
        """Leaves a route alone."""
        self.routes.pop(route)
        self.skipped.append(f"route {route}: {why}")

    def _variable(self, secret: str) -> str:
        variable = f"{re.sub('[^A-Z0-9]+', '_', self.name.upper())}_{secret}"
        self.variables.append(variable if not variable[0].isdigit() else f"_{variable}")
        return self.variables[-1]

    def _add_providers(self) -> None:
        keys: dict[str, list[ProviderConfig]] = {}
        for key in self.live.keys:
            keys.setdefault(key.slug, []).append(key)
        custom = {each.slug: each for each in self.live.custom_providers}
        called = {model["provider"] for route in self.live.routes for model in _models(route.graph)}
        native = sorted(name for name in {KEYLESS, *keys, *called} if name in SLUGS)
        for name in native:
            self._add(name, None, keys.get(name, []))
        for slug, provider in custom.items():
            if slug in SLUGS or slug == "dynamic" or not re.fullmatch(PROVIDER_NAME, slug):
                self.skipped.append(f"custom provider {slug}: no provider can be called so in a file")
            else:
                self._add(slug, provider, keys.get(f"{CUSTOM_PREFIX}{slug}", []))
        unknown = keys.keys() - SLUGS.keys() - {f"{CUSTOM_PREFIX}{slug}" for slug in custom}
        self.skipped += [f"stored keys of {name}: there is no such provider" for name in sorted(unknown)]

    def _add(self, name: str, custom: CustomProvider | None, keys: list[ProviderConfig]) -> None:
        known = self.catalog.get(name)
        said: Json = {}
        if custom is not None and (known is None or known.base_url != custom.base_url):
            said["baseUrl"] = custom.base_url
        ours = [key for key in keys if key.alias == DEFAULT_ALIAS]
        for key in keys:
            if key not in ours:
                self.skipped.append(
                    f"stored key {name} with the alias {key.alias}: gatewright knows {DEFAULT_ALIAS} alone"
                )
        if ours:
            said["key"] = {"stored": True}
        elif custom is not None:
            said |= {"key": None} if known is not None and known.key is not None else {}
        elif name != KEYLESS:
            if self.gateway.get("byokOnly"):
                self.skipped.append(f"provider {name}: byokOnly, and no key that gatewright could manage")
                return
            said["key"] = "unified"
        if (limits := self._limits(known, ours)) is not None:
            said["limits"] = limits
        self.providers[name] = said

    def _limits(self, known: Provider | None, ours: list[ProviderConfig]) -> list[str] | None:
        """The limit that the stored key has, beside what makes nothing; None where the catalog says the same."""
        facts = [str(each) for each in (known.limits if known else ()) if each.unit in _FACTS]
        key = ours[-1] if ours else None
        own = [f"{key.limit[0]} requests/{period_text(key.limit[1])}"] if key and key.limit else []
        wanted = [*own, *facts]
        return None if wanted == [str(each) for each in (known.limits if known else ())] else wanted

    def _add_routes(self) -> None:
        if self.live.routes and not self.gateway.get("authenticated", True):
            count = counted(len(self.live.routes), "route")
            self.skipped.append(f"{count}: on a gateway without authentication anyone could spend stored keys")
            return
        for route in self.live.routes:
            if not re.fullmatch(_ROUTE_NAME, route.name):
                self.skipped.append(f"route {route.name}: no route can be called so in a file")
                continue
            tree = route_tree(route.graph, self._model)
            self.routes[route.name] = tree
            self.trees.add(route.name)
            if tree is None:
                self.as_elements(route.name)

    def _model(self, provider: str, model_id: str) -> str | None:
        """`provider/model`; a model that nobody knows yet is added, without figures."""
        if provider not in self.providers or not SLUGS[provider].compat:
            return None
        known = self.catalog[provider].models if provider in self.catalog else {}
        added = self.providers[provider].get("models", {})
        names = {(model.id or name): name for name, model in known.items()}
        names |= {model.get("id", name): name for name, model in added.items()}
        if model_id not in names:
            name = _free(re.sub(r"[^A-Za-z0-9._:-]+", "-", model_id.rpartition("/")[2]), {*known, *added})
            if not re.fullmatch(MODEL_NAME, name):
                return None
            facts = {} if name == model_id else {"id": model_id}
            self.providers[provider].setdefault("models", {})[name] = {**facts, "unverified": True}
            names[model_id] = name
        return f"{provider}/{names[model_id]}"

    def _say_what_is_not_managed(self) -> None:
        live = self.live
        if live.tokens is None:
            self.skipped.append("tokens: the token may not list them (Account API Tokens Read)")
        elif live.tokens:
            names = ", ".join(str(each.get("name")) for each in live.tokens)
            whose = "its value" if len(live.tokens) == 1 else "their values"
            self.skipped.append(
                f"{counted(len(live.tokens), 'token')} ({names}): {whose} cannot be read back. Declare under tokens: "
                "what clients need, and new ones are made; delete the old once nobody has them"
            )
        for count, noun in ((live.datasets, "dataset"), (live.evaluations, "evaluation")):
            if count:
                self.skipped.append(f"{counted(count, noun)}: not managed by gatewright; they stay as they are")
        self.skipped.append("logs: they stay with the gateway")


def counted(number: int, noun: str) -> str:
    """`1 token`, `2 tokens`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _models(graph: Mapping[str, Json]) -> list[Json]:
    return [element["properties"] for element in graph.values() if element["type"] == "model"]


def _free(name: str, taken: set[str]) -> str:
    return next(
        each
        for number in range(1, len(taken) + 2)
        if (each := name if number == 1 else f"{name}-{number}") not in taken
    )
