"""Which providers, models, routes and roles there are, which of them are in use, and what a name says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.environment.problems import did_you_mean
from gatewright.environment.references import ModelName, Name, OwnName, RouteName, Written
from gatewright.facts.slugs import SLUGS, Api

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gatewright.environment.model import EnvironmentFile, Provider
    from gatewright.environment.nodes import Entry, Node
    from gatewright.environment.problems import Place, Report


@dataclass(frozen=True, slots=True)
class Names:
    """What is written, even where its value was refused: a name is not called unknown because of another mistake."""

    models: Mapping[str, frozenset[str]]  # provider -> its models
    routes: frozenset[str]
    roles: frozenset[str]
    used: tuple[str, ...]  # providers, in the order of the file
    use_place: Place | None
    report: Report

    @classmethod
    def of(cls, root: Node, file: EnvironmentFile, report: Report) -> Names:
        """Collects the names and reports those of `use` that there are not."""
        models = {name: frozenset(_keys(entry.node, "models")) for name, entry in _entries(root, "providers").items()}
        used = tuple(models)
        place = None
        if file.use is not None:
            use = root.at("use")
            place = use.place if use else None
            for name in file.use:
                if name.value not in models:
                    report.error(
                        name.place,
                        name.path,
                        "unknown-provider",
                        f"no provider {name.value}",
                        did_you_mean(name.value, models),
                    )
            used = tuple(name for name in models if any(name == each.value for each in file.use))
        routes = frozenset(_keys(root, "routes"))
        return cls(models, routes, frozenset(_keys(root, "roles")), used, place, report)

    def is_in_use(self, name: Written[Name]) -> bool:
        """Whether `name` can be called here; if not, it is reported: as an error, or as left out."""
        match name.value:
            case OwnName():
                return True
            case RouteName(route=route):
                if route in self.routes:
                    return True
                self.report.error(
                    name.place, name.path, "unknown-route", f"no route {route} here", did_you_mean(route, self.routes)
                )
            case ModelName(provider=provider, model=model):
                if model not in self.models.get(provider, ()):
                    choices = [f"{each}/{one}" for each in self.used for one in self.models[each]]
                    self.report.error(
                        name.place,
                        name.path,
                        "unknown-model",
                        f"no model {name.value} in use here",
                        did_you_mean(str(name.value), choices),
                    )
                elif provider in self.used:
                    return True
                else:
                    where = f" ({self.use_place.file}:{self.use_place.line})" if self.use_place else ""
                    self.report.note(
                        name.place,
                        name.path,
                        "not-in-use",
                        f"{provider} is not in `use`{where}: left out, the next moves up",
                    )
        return False


def in_routes(name: str, provider: Provider) -> str | None:
    """Why a provider's models cannot stand in a route; None when they can."""
    if provider.base_url is not None:
        return f"{name} is a custom provider, and Cloudflare fails on those in a route (2005)"
    if name in SLUGS and not SLUGS[name].compat:
        return f"{name} is not behind Cloudflare's OpenAI-compatible endpoint, which routes use"
    return None


def reachable(name: str, provider: Provider, via: str, speaks: Collection[Api]) -> bool:
    """Whether a client that speaks these APIs gets to a provider's models that way."""
    slug = SLUGS.get(name)
    custom = provider.base_url is not None
    chats = Api.CHAT in speaks
    match via:
        case "gateway":
            return chats and (custom or (slug is not None and (slug.compat or slug.openai is not None)))
        case "provider":
            return (custom and chats) or (slug is not None and any(slug.path(api) is not None for api in speaks))
        case "direct":
            return chats and (custom or provider.direct is not None)
        case _:
            native = slug is not None and any(slug.path(api) is not None for api in speaks)
            return slug is not None and slug.compat and (chats or native)


def _entries(node: Node, key: str) -> Mapping[str, Entry]:
    inner = node.at(key)
    return inner.entries if inner else {}


def _keys(node: Node, key: str) -> Iterable[str]:
    return _entries(node, key).keys()
