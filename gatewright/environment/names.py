"""Which providers, models, routes and roles there are, which of them are in use, and what a name says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.references import FromVariable, Located, ModelName, Name, OwnName, RouteName, Unified
from gatewright.facts.slugs import SLUGS, WORKERS_AI, Api

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.environment_file import EnvironmentFile, Provider
    from gatewright.environment.nodes import Entry, Node

SPOKEN = {
    Api.CHAT: "OpenAI's chat completions",
    Api.RESPONSES: "OpenAI's responses",
    Api.MESSAGES: "Anthropic's messages",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What is written, even where its value was refused: a name is not called unknown because of another mistake."""

    models: Mapping[str, frozenset[str]]  # provider -> its models
    routes: frozenset[str]
    roles: frozenset[str]
    used: tuple[str, ...]  # providers, in the order of the file
    use_place: Location | None
    diagnostics: Diagnostics

    @classmethod
    def of(cls, root: Node, file: EnvironmentFile, diagnostics: Diagnostics) -> Names:
        """Collects the names and reports those of `use` that there are not."""
        models = {name: frozenset(_keys(entry.node, "models")) for name, entry in _entries(root, "providers").items()}
        used = tuple(models)
        location = None
        if file.use is not None:
            use = root.at("use")
            location = use.location if use else None
            for name in file.use:
                if name.value not in models:
                    diagnostics.error(
                        name.location,
                        name.path,
                        "unknown-provider",
                        f"no provider {name.value}",
                        did_you_mean(name.value, models),
                    )
            used = tuple(name for name in models if any(name == each.value for each in file.use))
        routes = frozenset(_keys(root, "routes"))
        return cls(models, routes, frozenset(_keys(root, "roles")), used, location, diagnostics)

    def is_in_use(self, name: Located[Name]) -> bool:
        """Whether `name` can be called here; if not, it is reported: as an error, or as left out."""
        match name.value:
            case OwnName():
                return True
            case RouteName(route=route):
                if route in self.routes:
                    return True
                self.diagnostics.error(
                    name.location,
                    name.path,
                    "unknown-route",
                    f"no route {route} here",
                    did_you_mean(route, self.routes),
                )
            case ModelName(provider=provider, model=model):
                if model not in self.models.get(provider, ()):
                    choices = [f"{each}/{one}" for each in self.used for one in self.models[each]]
                    self.diagnostics.error(
                        name.location,
                        name.path,
                        "unknown-model",
                        f"no model {name.value} in use here",
                        did_you_mean(str(name.value), choices),
                    )
                elif provider in self.used:
                    return True
                else:
                    where = f" ({self.use_place.file}:{self.use_place.line})" if self.use_place else ""
                    self.diagnostics.note(
                        name.location,
                        name.path,
                        "not-in-use",
                        f"{provider} is not in `use`{where}: left out, the next moves up",
                    )
        return False

    def in_use_once(self, choices: Iterable[Located[Name]]) -> list[Located[Name]]:
        """Those of a first choice and its fallbacks that can be called here, in order; what failed once is not asked
        again, and is reported."""
        kept: dict[Name, Located[Name]] = {}
        for choice in choices:
            if self.is_in_use(choice) and (first := kept.setdefault(choice.value, choice)) is not choice:
                message = f"{choice.value} stands before it already, at {first.location}: left out"
                self.diagnostics.note(choice.location, choice.path, "repeated", message)
        return list(kept.values())


def in_routes(name: str, provider: Provider) -> str | None:
    """Why a provider's models cannot stand in a route; None when they can."""
    if provider.base_url is not None:
        return f"{name} is a custom provider, and Cloudflare fails on those in a route (2005)"
    if name in SLUGS and not SLUGS[name].compat:
        return f"{name} is not behind Cloudflare's OpenAI-compatible endpoint, which routes use"
    return None


def reachable(name: str, provider: Provider, via: str, speaks: Collection[Api]) -> bool:
    """Whether a client that speaks these APIs gets to a provider's models that way."""
    return unreachable(name, provider, via, speaks) is None


def unreachable(name: str, provider: Provider, via: str, speaks: Collection[Api]) -> str | None:
    """Why a client that speaks these APIs does not get to a provider's models that way; None when it does."""
    slug = SLUGS.get(name)
    custom = provider.base_url is not None
    native = _native(name, speaks)
    spoken = " and ".join(SPOKEN[api] for api in speaks)
    match via:
        case "gateway" if Api.CHAT not in speaks:
            return f"it speaks {spoken}, and the gateway's shared endpoint {SPOKEN[Api.CHAT]}"
        case "gateway" if not custom and (slug is None or not (slug.compat or slug.openai is not None)):
            return f"the gateway has no endpoint for chat completions of {name}"
        case "provider" if not native and not (custom and Api.CHAT in speaks):
            return f"it speaks {spoken}, and {name}'s own endpoint behind the gateway does not"
        case "direct" if isinstance(provider.key, Unified):
            return f"Cloudflare pays for {name}, and would not be asked"
        case "direct" if provider.direct is None and not custom:
            return f"nobody says where: providers.{name}.direct"
        case "direct" if Api.CHAT not in speaks and (provider.direct is None or not native):
            return f"it speaks {spoken}, and {name} does not"
        case "rest" if slug is None or not slug.compat:
            return f"Cloudflare's REST form does not know {name}"
        case "rest" if Api.CHAT not in speaks and not native:
            return f"it speaks {spoken}, and {name} does not"
    return None


def _native(name: str, speaks: Collection[Api]) -> bool:
    """Whether the provider itself speaks one of these APIs."""
    slug = SLUGS.get(name)
    return slug is not None and any(slug.path(api) is not None for api in speaks)


def key_variable(name: str, provider: Provider) -> str | None:
    """The environment variable of the user's own key; the usual name where the key is kept elsewhere, None where
    Cloudflare needs none."""
    if name == WORKERS_AI or isinstance(provider.key, Unified):
        return None
    return provider.key.name if isinstance(provider.key, FromVariable) else f"{name.upper().replace('-', '_')}_API_KEY"


def _entries(node: Node, key: str) -> Mapping[str, Entry]:
    inner = node.at(key)
    return inner.entries if inner else {}


def _keys(node: Node, key: str) -> Iterable[str]:
    return _entries(node, key).keys()
