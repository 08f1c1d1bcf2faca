"""Clients on the merged whole: what each may have of the environment, and what its program cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.checks import access
from gatewright.environment.checks.client_context import AboutClient
from gatewright.environment.checks.reach import check_chosen_ways, note_left_out, say_nothing_reached, unguarded
from gatewright.environment.model.environment_file import Role
from gatewright.environment.names import reachable, unreachable
from gatewright.environment.references import Located, ModelName, Name, OwnName, RouteName
from gatewright.environment.resolved import Agent, Client

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.model.clients import ClientSettings
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.names import Names
    from gatewright.environment.nodes import Node
    from gatewright.environment.resolved import Environment

_FEW = 5  # names in one message


@dataclass(frozen=True, slots=True)
class ClientChecks:
    """Checks the clients of one file."""

    file: EnvironmentFile
    root: Node
    names: Names
    roles: Mapping[str, Role]
    routes: tuple[str, ...]
    gateway_name: str
    diagnostics: Diagnostics

    def client(self, program: str, settings: ClientSettings, capabilities: ClientCapabilities) -> Client:
        """The client resolved; every problem is reported."""
        before = self.diagnostics.errors
        about = AboutClient(program, settings, capabilities, self.root, self.diagnostics)
        via = access.ways(about, self.names)
        check_chosen_ways(about, self.file, self.names)
        primary, fallbacks = self._choices(about)
        agents = self._agents(about)
        small = settings.small
        if small is not None and not capabilities.small:
            self.diagnostics.error(
                small.location, small.path, "no-small", f"{about.title} has no place for a small model"
            )
        in_agents = [choice for role in agents.values() for choice in (role.primary, *role.fallbacks)]
        named = [choice for choice in (primary, *fallbacks, small, *in_agents) if choice is not None]
        for choice in named:
            self._check_name(about, choice, via)
        models = self._models(about, via, [choice.value for choice in named])
        if not models and self.diagnostics.errors == before:
            say_nothing_reached(about, self.file, self.names, via)
        elif not self.diagnostics.failed:  # beside errors it would be noise
            note_left_out(about, self.file, via)
        provider = settings.provider or self.gateway_name
        access.check_keys(about, self.file, via, models)
        access.check_variable(about, self.file, via, models)
        access.check_version(about)
        access.check_provider(about, provider)
        return Client(
            program=program,
            primary=primary.value if primary else None,
            fallbacks=tuple(choice.value for choice in fallbacks),
            small=small.value if small and self.names.is_in_use(small) else None,
            models=models,
            via=via,
            keys=settings.keys,
            token=access.token(about, self.file),
            variable=settings.variable,
            provider=provider,
            version=settings.version,
            capabilities=capabilities,
            agents={name: _plain(role) for name, role in agents.items()},
        )

    def _choices(self, about: AboutClient) -> tuple[Located[Name] | None, tuple[Located[Name], ...]]:
        settings = about.settings
        role = self._role(about, "role", settings.role) if settings.role else None
        primary = settings.primary or (role.primary if role else None)
        fallbacks = settings.fallbacks if settings.fallbacks is not None else (role.fallbacks if role else ())
        if fallbacks and not about.capabilities.fallbacks:
            what = f"role {settings.role}" if role and settings.fallbacks is None else "this"
            says = f"{about.title} has no fallbacks of its own"
            self._refuse_fallbacks(about, "", says, what, (*([primary] if primary else []), *fallbacks))
        if primary is None:
            if fallbacks:
                message = "has fallbacks and nothing that they follow"
                about.error("fallbacks", "no-primary", message, "Add primary, or a role")
            return None, ()
        kept = self._in_use(about, "", (primary, *fallbacks))
        return (kept[0], tuple(kept[1:])) if kept else (None, ())

    def _agents(self, about: AboutClient) -> dict[str, Role]:
        """The roles by the client's names for them, without what is not in use."""
        can = about.capabilities.agents
        found: dict[str, Role] = {}
        for name, choice in about.settings.agents.items():
            setting = f"agents.{name}"
            if can is None:
                message = f"{about.title} has no place for roles beside the first choice"
                about.error("agents", "no-agents", message, "Name one role: role: NAME")
                return {}
            if why := can.name_error(name):
                hint = f"Valid: {', '.join(can.names)}" if can.names else "Call it otherwise: agents: {name: role}"
                self.diagnostics.error(
                    choice.location, about.path(setting), "agents-name", f"{about.title} {why}", hint
                )
                continue
            written = choice.value
            if isinstance(written, str):
                role = self._role(about, setting, written)
            else:
                role = Role(primary=Located(written, choice.location, choice.path))
            if role is None:
                continue
            if role.fallbacks and not can.fallbacks:
                says = f"{about.title} has no fallbacks for its {can.noun}"
                self._refuse_fallbacks(about, setting, says, f"role {written}", (role.primary, *role.fallbacks))
            kept = self._in_use(about, setting, (role.primary, *role.fallbacks))
            if kept:
                found[name] = Role(primary=kept[0], fallbacks=tuple(kept[1:]))
        return found

    def _refuse_fallbacks(
        self, about: AboutClient, setting: str, says: str, what: str, choices: Sequence[Located[Name]]
    ) -> None:
        key = setting.rpartition(".")[2] or "primary"
        if about.can_use_routes:
            route = next((choice.value for choice in choices if isinstance(choice.value, RouteName)), None)
            others = ", ".join(f"dynamic/{name}" for name in self.routes) or "declare one under routes"
            hint = f"Use the route: {key}: {route}" if route else f"Use a route instead: {others}"
        else:
            model = next((choice.value for choice in choices if isinstance(choice.value, ModelName)), "…")
            hint = f"Name one model: {key}: {model}"
        about.error(setting, "no-fallbacks", f"{says}, and {what} has some", hint)

    def _in_use(self, about: AboutClient, setting: str, choices: Sequence[Located[Name]]) -> list[Located[Name]]:
        kept = self.names.in_use_once(choices)
        if not kept and not self.diagnostics.failed_at(choices[0].location):
            hint = "Name one that is, or add its provider to `use`"
            about.error(setting, "nothing-left", "none of its models is in use", hint)
        return kept

    def _role(self, about: AboutClient, setting: str, name: str) -> Role | None:
        if name not in self.names.roles:
            about.error(setting, "unknown-role", f"no role {name}", did_you_mean(name, self.names.roles))
        return self.roles.get(name)

    def _check_name(self, about: AboutClient, choice: Located[Name], via: Mapping[str, str]) -> None:
        capabilities, title = about.capabilities, about.title
        match choice.value:
            case RouteName() if not capabilities.routes:
                self.diagnostics.error(
                    choice.location,
                    choice.path,
                    "no-routes",
                    f"{title} cannot use routes: it does not speak Cloudflare's OpenAI-compatible endpoint",
                    "Name a model",
                )
            case RouteName() if about.settings.keys == "local":
                self.diagnostics.error(
                    choice.location,
                    choice.path,
                    "local-keys-and-routes",
                    f"a route runs at Cloudflare, which needs stored keys; {about.path()} has `keys: local`",
                    "Name a model, or remove `keys: local`",
                )
            case OwnName() if not capabilities.own:
                self.diagnostics.error(
                    choice.location, choice.path, "no-own", f"{title} has no models of the user's own"
                )
            case ModelName(provider=name) if (
                name not in about.chosen_ways
                and (provider := self.file.providers.get(name))
                and via.get(name) in capabilities.via
                and (why := unreachable(name, provider, via[name], capabilities.speaks))
            ):
                self.diagnostics.error(
                    choice.location,
                    choice.path,
                    "not-reachable",
                    f"{title} cannot reach {choice.value} via {via[name]}: {why}",
                    f"Choose another way: {about.path('via')}: {{{name}: …}}",
                )
            case _:
                pass

    def _models(
        self, about: AboutClient, via: Mapping[str, str], chosen: list[Name]
    ) -> tuple[ModelName | RouteName, ...]:
        settings, capabilities = about.settings, about.capabilities
        listed: list[Name] = []
        if settings.models is not None:
            listed += [choice.value for choice in settings.models if self.names.is_in_use(choice)]
            for choice in settings.models:
                self._check_name(about, choice, via)
        else:
            if about.can_use_routes:
                listed += [RouteName(route) for route in self.routes]
            for name in self.names.used:
                provider = self.file.providers.get(name)
                if provider is None or unguarded(about, self.file, name, via[name]):
                    continue
                if reachable(name, provider, via[name], capabilities.speaks):
                    listed += [ModelName(name, model) for model in provider.models]
        return tuple(dict.fromkeys(name for name in (*listed, *chosen) if not isinstance(name, OwnName)))


def check_programs(environment: Environment, root: Node, diagnostics: Diagnostics) -> None:
    """What the programs refuse of an environment that is right otherwise, and what they take for granted."""
    for program, client in environment.clients.items():
        for refusal in client.capabilities.refuses(environment, client):
            location = root.location_at("clients", program, *filter(None, refusal.setting.split(".")))
            path = f"clients.{program}{refusal.setting and '.'}{refusal.setting}"
            diagnostics.error(location, path, "program-refuses", refusal.message, refusal.hint)
        for figure, does in client.capabilities.assumes.items():
            unknown = list(map(str, _undeclared(environment, client.models, figure)))
            if unknown:
                more = f" and {len(unknown) - _FEW} more" if len(unknown) > _FEW else ""
                title, models = client.capabilities.title, ", ".join(unknown[:_FEW])
                message = f"where no {figure} is declared {title} {does}: {models}{more}"
                diagnostics.note(
                    root.location_at("clients", program), f"clients.{program}", "undeclared-figures", message
                )


def _undeclared(environment: Environment, models: Iterable[ModelName | RouteName], figure: str) -> Iterable[ModelName]:
    for name in models:
        if isinstance(name, ModelName):
            model = environment.model(name)
            if {"context": model.context, "output": model.output}[figure] is None:
                yield name


def _plain(role: Role) -> Agent:
    return Agent(role.primary.value, tuple(choice.value for choice in role.fallbacks))
