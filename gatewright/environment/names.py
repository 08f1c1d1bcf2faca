"""The names that a file declares, which of them are enabled, and which models are reachable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean, nearest
from gatewright.environment.references import FromVariable, Located, ModelName, Name, OwnName, RouteName, Unified
from gatewright.facts.slugs import ALIASES, AUTO_ROUTER, KEYLESS, RESPONSES_MODELS, SLUGS, WORKERS_AI, Api
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.catalog import Provider
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.nodes import Entry, Node

API_NAMES = {
    Api.CHAT: "OpenAI's chat completions",
    Api.RESPONSES: "OpenAI's responses",
    Api.MESSAGES: "Anthropic's messages",
    Api.GENERATE: "Google's generateContent",
}


@frozen
class Names:
    """The names in a file, including those whose values have errors: one mistake does not make a name unknown."""

    models: Mapping[str, frozenset[str]]  # provider -> its models
    routes: frozenset[str]
    dropped_routes: frozenset[str]  # those without a model of an enabled provider
    roles: frozenset[str]
    enabled: tuple[str, ...]  # providers, in the order of the file
    use_location: Location | None
    root: Node
    diagnostics: Diagnostics

    @classmethod
    def collect(cls, root: Node, file: EnvironmentFile, diagnostics: Diagnostics) -> Names:
        """Collect the names, and report unknown providers in `use`."""
        models = {name: frozenset(_keys(entry.node, "models")) for name, entry in _entries(root, "providers").items()}
        enabled = tuple(models)
        location = None
        if file.use is not None:
            use = root.at("use")
            location = use.location if use else None
            for name in file.use:
                if name.value not in models:
                    hint = provider_hint(name.value, models)
                    target = ("providers", name.value)
                    report_unknown(root, diagnostics, name.location, name.path, "provider", target, hint)
            listed = {name.value for name in file.use}
            enabled = tuple(name for name in models if name in listed)
        routes, roles = frozenset(_keys(root, "routes")), frozenset(_keys(root, "roles"))
        return cls(models, routes, frozenset(), roles, enabled, location, root, diagnostics)

    def without_routes(self, names: Collection[str]) -> Names:
        """The same names, with these routes dropped."""
        return replace(self, dropped_routes=frozenset(names))

    def is_enabled(self, name: Located[Name]) -> bool:
        """Whether `name` exists and its provider is enabled. Otherwise reports an error or notes that it is skipped."""
        match name.value:
            case OwnName():
                return True
            case RouteName(route=route):
                if route in self.dropped_routes:
                    self._note_skipped(name, f"route {route} has no model of an enabled provider")
                elif route in self.routes:
                    return True
                else:
                    self._report_unknown(name, "route", ("routes", route), did_you_mean(route, self.routes))
            case ModelName(provider=provider, model=model):
                if model not in self.models.get(provider, ()):
                    valid = [f"{provider}/{model}" for provider in self.enabled for model in self.models[provider]]
                    target = ("providers", provider, "models", model)
                    self._report_unknown(name, "model", target, _model_hint(name.value, valid))
                elif provider in self.enabled:
                    return True
                else:
                    self._note_skipped(name, f'provider {provider} is not enabled by "use"')
        return False

    def _note_skipped(self, name: Located[Name], why: str) -> None:
        related = (self.use_location,) if self.use_location else ()
        self.diagnostics.note(name.location, name.path, "not-in-use", f"skipped, {why}", related=related)

    def _report_unknown(self, name: Located[Name], kind: str, target: Sequence[str], hint: str | None) -> None:
        report_unknown(self.root, self.diagnostics, name.location, name.path, kind, target, hint)

    def enabled_choices(self, choices: Iterable[Located[Name]]) -> list[Located[Name]]:
        """The enabled ones of a primary and its fallbacks, in order; a repeated one is noted and skipped."""
        kept: dict[Name, Located[Name]] = {}
        for choice in choices:
            if self.is_enabled(choice) and (first := kept.setdefault(choice.value, choice)) is not choice:
                message = f"skipped, {choice.value} is already listed at {first.location}"
                self.diagnostics.note(choice.location, choice.path, "repeated", message)
        return list(kept.values())


def report_unknown(
    root: Node,
    diagnostics: Diagnostics,
    location: Location,
    path: str,
    kind: str,
    target: Sequence[str],
    hint: str | None,
) -> None:
    """Report that the setting `path` at `location` names `target` (keys in the file), which does not exist.

    If the environment's own file removed it with null and an extended file uses it, the null is the error.
    """
    code, name = f"unknown-{kind}", "/".join(target[1::2])
    removed = root.removed_at(*target)
    if removed is None:
        diagnostics.error(location, path, code, f"unknown {kind} {name}", hint)
    elif removed.file == root.location.file != location.file:
        message = f"null removes {kind} {name}, which {path} uses ({location})"
        diagnostics.error(removed, ".".join(target), code, message, f"Remove the null, or set {path} in this file")
        diagnostics.mark_failed(location)
    else:
        diagnostics.error(location, path, code, f"unknown {kind} {name}; null removes it ({removed})", hint)


def provider_hint(name: str, valid: Iterable[str]) -> str | None:
    """A hint for an unknown provider: Cloudflare's name for it, or the nearest valid name."""
    return f"Did you mean {ALIASES[name]}?" if name in ALIASES else did_you_mean(name, valid)


def _model_hint(name: ModelName, valid: Iterable[str]) -> str | None:
    if name.provider == "custom":
        return f"Model aliases (custom/…) have no public API yet; declare a route: dynamic/{name.model}"
    slug = ALIASES.get(name.provider)
    if slug is None:
        return did_you_mean(str(name), valid)
    near = nearest(f"{slug}/{name.model}", valid)
    return f"Did you mean {near if near and near.startswith(f'{slug}/') else f'{slug}/{name.model}'}?"


def route_obstacle(name: str, provider: Provider) -> str | None:
    """Why routes cannot use the models of a provider; None if they can."""
    if provider.base_url is not None:
        return f"{name} is a custom provider, on which Cloudflare fails in routes (error 2005)"
    if name == AUTO_ROUTER:
        return "the Auto Router is not documented for routes"
    if name in SLUGS and not SLUGS[name].compat:
        return f"{name} is not available at Cloudflare's OpenAI-compatible endpoint, which routes use"
    return None


def is_reachable(name: str, provider: Provider, via: str, speaks: Collection[Api], model: str | None = None) -> bool:
    """Whether a client with these APIs can reach a model at this endpoint, by default any of the provider's."""
    return why_unreachable(name, provider, via, speaks, model) is None


def listed_models(name: str, provider: Provider, via: str, speaks: Collection[Api]) -> list[ModelName]:
    """The models that such a client lists by default: those it can reach, that the plan includes, and not retired."""
    if not is_reachable(name, provider, via, speaks):
        return []
    return [
        ModelName(name, model)
        for model, facts in provider.models.items()
        if facts.retired is None
        and provider.offers(facts)
        and (name != WORKERS_AI or is_reachable(name, provider, via, speaks, model))  # elsewhere models do not differ
    ]


def why_unreachable(
    name: str, provider: Provider, via: str, speaks: Collection[Api], model: str | None = None
) -> str | None:
    """Why a client with these APIs cannot reach a model at this endpoint, by default any of the provider's; None if it
    can."""
    slug = SLUGS.get(name)
    is_custom, can_chat = provider.base_url is not None, Api.CHAT in speaks
    match via:
        case "gateway" if not can_chat:
            return f"it uses {_spoken(speaks)}, the gateway's shared endpoint {API_NAMES[Api.CHAT]}"
        case "gateway" if not is_custom and (slug is None or not (slug.compat or slug.openai is not None)):
            return f"the gateway has no chat completions endpoint for {name}"
        case "provider" if not (is_custom and can_chat) and not _has_native_api(name, speaks):
            return f"it uses {_spoken(speaks)}, which {name}'s own endpoint behind the gateway does not support"
        case "direct" if isinstance(provider.key, Unified):
            return f"{name} is billed by Cloudflare, which needs the gateway"
        case "direct" if provider.direct is None and not is_custom:
            return f"providers.{name}.direct is not set"
        case "direct" if not can_chat and (provider.direct is None or not _serves(name, provider, speaks, model)):
            return f"it uses {_spoken(speaks)}, which {_subject(name, model)} does not support"
        case "rest" if name == AUTO_ROUTER:
            return "Cloudflare does not document the Auto Router for its REST endpoint"
        case "rest" if slug is None or not slug.compat:
            return f"Cloudflare's REST endpoint does not support {name}"
        case "rest" if not can_chat and not _serves(name, provider, speaks, model):
            return f"it uses {_spoken(speaks)}, which {_subject(name, model)} does not support"
    return None


def _spoken(speaks: Collection[Api]) -> str:
    return " and ".join(API_NAMES[api] for api in speaks)


def _subject(name: str, model: str | None) -> str:
    return name if model is None or name != WORKERS_AI else f"{name}/{model}"


def _serves(name: str, provider: Provider, speaks: Collection[Api], model: str | None) -> bool:
    """Whether the provider, or its model, serves one of these APIs."""
    return _has_native_api(name, speaks) or (Api.RESPONSES in speaks and _serves_responses(name, provider, model))


def _has_native_api(name: str, speaks: Collection[Api]) -> bool:
    """Whether the provider's own API is one of these."""
    slug = SLUGS.get(name)
    return slug is not None and any(slug.path(api) is not None for api in speaks)


def _serves_responses(name: str, provider: Provider, model: str | None) -> bool:
    """Whether Workers AI serves OpenAI's responses for a model, by default any of those declared."""
    names = provider.models if model is None else [model]
    ids = {provider.models[each].id or each for each in names if each in provider.models}
    return name == WORKERS_AI and not ids.isdisjoint(RESPONSES_MODELS)


def key_variable(name: str, provider: Provider) -> str | None:
    """The variable of the user's own key: the conventional name if the environment names none.

    None for a provider that needs no key from the user.
    """
    if name in KEYLESS or isinstance(provider.key, Unified):
        return None
    return provider.key.name if isinstance(provider.key, FromVariable) else f"{name.upper().replace('-', '_')}_API_KEY"


def _entries(node: Node, key: str) -> Mapping[str, Entry]:
    inner = node.at(key)
    return inner.entries if inner else {}


def _keys(node: Node, key: str) -> Iterable[str]:
    return _entries(node, key).keys()
