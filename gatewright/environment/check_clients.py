"""Clients on the merged whole: what each may have of the environment, and what its program cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.environment.names import reachable
from gatewright.environment.problems import did_you_mean
from gatewright.environment.references import FromVariable, ModelName, Name, OwnName, RouteName, Written
from gatewright.environment.resolved import Client
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from gatewright.environment.abilities import Abilities
    from gatewright.environment.model import ClientSettings, EnvironmentFile, Role
    from gatewright.environment.names import Names
    from gatewright.environment.problems import Place, Report

_SPOKEN = {
    Api.CHAT: "OpenAI's chat completions",
    Api.RESPONSES: "OpenAI's responses",
    Api.MESSAGES: "Anthropic's messages",
}


@dataclass(frozen=True, slots=True)
class ClientChecks:
    """Checks the clients of one file."""

    file: EnvironmentFile
    names: Names
    roles: Mapping[str, Role]
    routes: tuple[str, ...]
    gateway_name: str
    report: Report

    def client(self, program: str, settings: ClientSettings, abilities: Abilities, place: Place) -> Client:
        """The client resolved; every problem is reported."""
        path = f"clients.{program}"
        via = self._via(settings, abilities, place, path)
        primary, fallbacks = self._choices(settings, abilities, place, path)
        small = settings.small
        if small is not None and not abilities.small:
            self.report.error(small.place, small.path, "no-small", f"{abilities.title} has no place for a small model")
        named = [choice for choice in (primary, *fallbacks, small) if choice is not None]
        for choice in named:
            self._check_name(choice, settings, abilities, via)
        models = self._models(settings, abilities, via, [choice.value for choice in named])
        if not models and abilities.needs_model and not self.report.failed_at(place):
            self._say_nothing_reached(abilities, place, path)
        self._check_keys(settings, abilities, via, place, path)
        self._check_variable(settings, via, models, place, path)
        return Client(
            program=program,
            primary=primary.value if primary else None,
            fallbacks=tuple(choice.value for choice in fallbacks),
            small=small.value if small and self.names.is_in_use(small) else None,
            models=models,
            via=via,
            keys=settings.keys,
            token=self._token(settings, place, path),
            variable=settings.variable,
            provider=settings.provider or self.gateway_name,
            version=settings.version,
            abilities=abilities,
        )

    def _via(self, settings: ClientSettings, abilities: Abilities, place: Place, path: str) -> dict[str, str]:
        chosen = settings.via if isinstance(settings.via, Mapping) else {}
        general = settings.via if isinstance(settings.via, str) else abilities.usual_via
        for provider in chosen:
            if provider not in self.names.models:
                self.report.error(
                    place,
                    f"{path}.via.{provider}",
                    "unknown-provider",
                    f"no provider {provider}",
                    did_you_mean(provider, self.names.models),
                )
        via = {provider: chosen.get(provider, general) for provider in self.names.used}
        for way in sorted(set(via.values()) - abilities.via):
            self.report.error(
                place,
                f"{path}.via",
                "not-for-this-client",
                f"{abilities.title} cannot go via {way}",
                f"Valid: {', '.join(sorted(abilities.via))}",
            )
        return via

    def _choices(
        self, settings: ClientSettings, abilities: Abilities, place: Place, path: str
    ) -> tuple[Written[Name] | None, tuple[Written[Name], ...]]:
        role = self._role(settings, place, path)
        primary = settings.primary or (role.primary if role else None)
        fallbacks = settings.fallbacks if settings.fallbacks is not None else (role.fallbacks if role else ())
        if fallbacks and not abilities.fallbacks:
            route = next((choice.value for choice in fallbacks if isinstance(choice.value, RouteName)), None)
            others = ", ".join(f"dynamic/{name}" for name in self.routes) or "declare one under routes"
            named = f"Use the route: primary: {route}" if route else f"Use a route as primary: {others}"
            self.report.error(
                place,
                path,
                "no-fallbacks",
                f"{abilities.title} has no fallbacks of its own, and {f'role {settings.role}' if role else 'this'} "
                "has some",
                named,
            )
        if primary is None:
            if fallbacks:
                message = "has fallbacks and nothing that they follow"
                self.report.error(place, f"{path}.fallbacks", "no-primary", message, "Add primary, or a role")
            return None, ()
        kept = [choice for choice in (primary, *fallbacks) if self.names.is_in_use(choice)]
        if not kept and not self.report.failed_at(primary.place):
            self.report.error(
                place,
                path,
                "nothing-left",
                "none of its models is in use",
                "Name one that is, or add its provider to `use`",
            )
        return (kept[0], tuple(kept[1:])) if kept else (None, ())

    def _role(self, settings: ClientSettings, place: Place, path: str) -> Role | None:
        if settings.role is None or settings.role in self.roles:
            return self.roles.get(settings.role or "")
        if settings.role not in self.names.roles:
            self.report.error(
                place,
                f"{path}.role",
                "unknown-role",
                f"no role {settings.role}",
                did_you_mean(settings.role, self.names.roles),
            )
        return None

    def _check_name(
        self, choice: Written[Name], settings: ClientSettings, abilities: Abilities, via: Mapping[str, str]
    ) -> None:
        match choice.value:
            case RouteName() if not abilities.routes:
                self.report.error(
                    choice.place,
                    choice.path,
                    "no-routes",
                    f"{abilities.title} cannot use routes: it does not speak Cloudflare's OpenAI-compatible endpoint",
                    "Name a model",
                )
            case RouteName() if settings.keys == "local":
                self.report.error(
                    choice.place,
                    choice.path,
                    "local-keys-and-routes",
                    "a route runs at Cloudflare, which needs stored keys; this client has `keys: local`",
                    "Name a model, or remove `keys: local`",
                )
            case OwnName() if not abilities.own:
                self.report.error(
                    choice.place, choice.path, "no-own", f"{abilities.title} has no models of the user's own"
                )
            case ModelName(provider=name) if (
                (provider := self.file.providers.get(name))
                and name in via
                and not reachable(name, provider, via[name], abilities.speaks)
            ):
                self.report.error(
                    choice.place,
                    choice.path,
                    "not-reachable",
                    f"{choice.value} cannot be reached via {via[name]}",
                    "Choose another `via` for this provider",
                )
            case _:
                pass

    def _models(
        self, settings: ClientSettings, abilities: Abilities, via: Mapping[str, str], chosen: list[Name]
    ) -> tuple[ModelName | RouteName, ...]:
        listed: list[Name] = []
        if settings.models is not None:
            listed += [choice.value for choice in settings.models if self.names.is_in_use(choice)]
            for choice in settings.models:
                self._check_name(choice, settings, abilities, via)
        else:
            if abilities.routes and settings.keys == "stored":
                listed += [RouteName(route) for route in self.routes]
            for name in self.names.used:
                provider = self.file.providers.get(name)
                if provider is not None and reachable(name, provider, via[name], abilities.speaks):
                    listed += [ModelName(name, model) for model in provider.models]
        return tuple(dict.fromkeys(name for name in (*listed, *chosen) if not isinstance(name, OwnName)))

    def _say_nothing_reached(self, abilities: Abilities, place: Place, path: str) -> None:
        spoken = " and ".join(_SPOKEN[api] for api in abilities.speaks)
        self.report.error(
            place,
            path,
            "nothing-reached",
            f"{abilities.title} needs a model, and reaches none in use: it speaks {spoken}",
            f"Add a provider that speaks that to `use`, or leave the program out: {path.rpartition('.')[2]}: null",
        )

    def _check_keys(
        self, settings: ClientSettings, abilities: Abilities, via: Mapping[str, str], place: Place, path: str
    ) -> None:
        if settings.keys not in abilities.keys:
            self.report.error(
                place,
                f"{path}.keys",
                "not-for-this-client",
                f"{abilities.title} cannot have keys: {settings.keys}",
                f"Valid: {', '.join(sorted(abilities.keys))}",
            )
        if settings.keys == "local" and "rest" in via.values():
            self.report.error(
                place,
                f"{path}.keys",
                "local-keys-and-rest",
                "Cloudflare's REST form takes no provider key: its one credential is the token",
                "Remove keys: local, or choose another `via`",
            )
        through = any(way != "direct" for way in via.values())
        if settings.keys == "stored" and through and not self.file.gateway.authenticated:
            self.report.error(
                place,
                path,
                "open-gateway",
                "uses keys stored at Cloudflare, and the gateway is not authenticated: anyone who knows its URL "
                "could spend them",
                "Set gateway.authenticated: true, or keys: local",
            )

    def _check_variable(
        self,
        settings: ClientSettings,
        via: Mapping[str, str],
        models: Iterable[ModelName | RouteName],
        place: Place,
        path: str,
    ) -> None:
        """The token and a key that the client sends too cannot stand in one variable."""
        for name in dict.fromkeys(model.provider for model in models if isinstance(model, ModelName)):
            provider = self.file.providers.get(name)
            sent = settings.keys == "local" or via.get(name) == "direct"
            if sent and provider is not None and provider.key == FromVariable(settings.variable):
                self.report.error(
                    place,
                    f"{path}.variable",
                    "one-variable-for-two",
                    f"{settings.variable} is to hold the token, and holds the key of {name}",
                    "Write another `variable`",
                )

    def _token(self, settings: ClientSettings, place: Place, path: str) -> str | None:
        tokens = self.file.tokens
        if settings.token is not None:
            if settings.token not in tokens:
                self.report.error(
                    place,
                    f"{path}.token",
                    "unknown-token",
                    f"no token {settings.token}",
                    did_you_mean(settings.token, tokens),
                )
            return settings.token
        if not self.file.gateway.authenticated:
            return None
        if len(tokens) != 1:
            which = (
                f"there are {len(tokens)} tokens: {', '.join(tokens)}"
                if tokens
                else "no token is declared, and the gateway is authenticated"
            )
            self.report.error(
                place,
                path,
                "which-token",
                which,
                f"Write clients.{path.split('.')[1]}.token" if tokens else "Declare one: tokens: {agents: {}}",
            )
            return None
        return next(iter(tokens))
