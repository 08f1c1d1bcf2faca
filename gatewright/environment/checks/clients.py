"""The clients: resolves each one, and reports what the environment lacks or the program does not support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.environment.checks import access, reach
from gatewright.environment.checks.client_context import ClientContext
from gatewright.environment.checks.domains import client_access, client_domain
from gatewright.environment.checks.metadata import check_metadata
from gatewright.environment.checks.request_options import check_request_options
from gatewright.environment.model.environment_file import Role
from gatewright.environment.model.request_options import RequestOptions
from gatewright.environment.names import is_reachable, listed_models, why_unreachable
from gatewright.environment.references import Located, ModelName, Name, OwnName, RouteName
from gatewright.environment.resolved import Agent, Client
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.capabilities import ClientCapabilities
    from gatewright.environment.model.environment_file import EnvironmentFile
    from gatewright.environment.names import Names
    from gatewright.environment.nodes import Node


def resolve_clients(
    file: EnvironmentFile,
    root: Node,
    names: Names,
    roles: Mapping[str, Role],
    routes: Sequence[str],
    gateway_name: str,
    programs: Mapping[str, ClientCapabilities],
    diagnostics: Diagnostics,
) -> dict[str, Client]:
    """The clients by program; report every error in them. `roles` and `routes`: the enabled ones."""
    clients = {}
    for program, settings in file.clients.items():
        if program not in programs:
            location, hint = root.location_at("clients", program), did_you_mean(program, programs)
            message = f"unknown client {program}"
            diagnostics.error(location, f"clients.{program}", "unknown-client", message, hint)
            continue
        context = ClientContext(program, settings, programs[program], file, root, names, diagnostics)
        clients[program] = _ClientResolver(context, roles, routes).resolve(gateway_name)
    return clients


@frozen
class _ClientResolver:
    """Resolves one client."""

    client: ClientContext
    roles: Mapping[str, Role]
    routes: Sequence[str]

    def resolve(self, gateway_name: str) -> Client:
        client, settings, diagnostics = self.client, self.client.settings, self.client.diagnostics
        errors_before = diagnostics.errors
        via = reach.resolve_via(client)
        reach.check_via_by_provider(client)
        reach.check_routes_via(client)
        primary, fallbacks = self._choices()
        agents = self._agents()
        small = settings.small
        if small is not None and not client.capabilities.small:
            message = f"{client.title} has no setting for a small model"
            diagnostics.error(small.location, small.path, "no-small", message)
        in_agents = [choice for role in agents.values() for choice in (role.primary, *role.fallbacks)]
        choices = [choice for choice in (primary, *fallbacks, small, *in_agents) if choice is not None]
        for choice in choices:
            self._check_choice(choice, via)
        models = self._models(via, [choice.value for choice in choices])
        if not models and diagnostics.errors == errors_before:
            reach.report_no_models(client, via)
        elif not diagnostics.failed:  # notes would distract from errors
            reach.note_skipped_providers(client, via)
        provider = settings.provider or gateway_name
        access.check_keys(client, via, models)
        access.check_variable(client, via, models)
        access.check_version(client)
        access.check_provider_id(client, provider)
        check_metadata(client)
        role = self.roles.get(settings.role) if settings.role else None
        check_request_options(client, role, agents)
        options = settings.over(role) if role else settings.over(RequestOptions())
        token = access.resolve_token(client, via, models)
        access.check_credential(client, token)
        domain = client_domain(client, via)
        return Client(
            program=client.program,
            primary=primary.value if primary else None,
            fallbacks=tuple(choice.value for choice in fallbacks),
            small=small.value if small and client.names.is_enabled(small) else None,
            models=models,
            via=via,
            routes_via=client.routes_via,
            keys=settings.keys,
            token=token,
            variable=settings.variable,
            provider=provider,
            version=settings.version,
            capabilities=client.capabilities,
            agents={
                name: Agent(
                    agent.primary.value,
                    tuple(choice.value for choice in agent.fallbacks),
                    agent.over(options) if agent.options() else None,
                )
                for name, agent in agents.items()
            },
            metadata=settings.metadata,
            options=options,
            domain=domain,
            domain_access=client_access(client, domain),
            credential=settings.credential,
        )

    def _choices(self) -> tuple[Located[Name] | None, tuple[Located[Name], ...]]:
        """Primary and fallbacks: the client's own settings, and its role's for what it does not set."""
        client, settings = self.client, self.client.settings
        role = self._role("role", settings.role) if settings.role else None
        primary = settings.primary or (role.primary if role else None)
        fallbacks = settings.fallbacks if settings.fallbacks is not None else (role.fallbacks if role else ())
        if fallbacks and not client.capabilities.fallbacks:
            source = f"role {settings.role}" if role and settings.fallbacks is None else "this client"
            message = f"{client.title} does not support fallbacks, and {source} has some"
            self._report_fallbacks("", message, (*([primary] if primary else []), *fallbacks))
        if primary is None:
            if fallbacks:
                client.error("fallbacks", "no-primary", "has fallbacks and no primary", "Add primary, or a role")
            return None, ()
        kept = self._enabled((primary, *fallbacks))
        return (kept[0], tuple(kept[1:])) if kept else (None, ())

    def _agents(self) -> dict[str, Role]:
        """The roles by the client's names, without models of providers that are not enabled."""
        client, capabilities = self.client, self.client.capabilities.agents
        agents: dict[str, Role] = {}
        for name, choice in client.settings.agents.items():
            setting = f"agents.{name}"
            if capabilities is None:
                message = f"{client.title} has no place for further roles"
                client.error("agents", "no-agents", message, "Choose one role: role: NAME")
                return {}
            if why := capabilities.name_error(name):
                names, role_name = capabilities.names, choice.value
                key = capabilities.valid_name(name) or "name"
                hint = f"Valid: {', '.join(names)}" if names else f"Choose another name: agents: {{{key}: {role_name}}}"
                message = f"{client.title} {why}"
                client.diagnostics.error(choice.location, client.path(setting), "agents-name", message, hint)
                continue
            role = self._agent_role(setting, choice)
            if role is None:
                if choice.value in client.names.roles:
                    client.note(
                        setting, "not-in-use", f"skipped, role {choice.value} has no model of an enabled provider"
                    )
                continue
            if role.fallbacks and not capabilities.fallbacks:
                where = f"in its {capabilities.noun}"
                message = f"{client.title} does not support fallbacks {where}, and role {choice.value} has some"
                self._report_fallbacks(setting, message, (role.primary, *role.fallbacks))
            kept = client.names.enabled_choices((role.primary, *role.fallbacks))
            if kept:
                agents[name] = replace(role, primary=kept[0], fallbacks=tuple(kept[1:]))
        return agents

    def _agent_role(self, setting: str, choice: Located[str | Name]) -> Role | None:
        """The role of an agent, or a role of one model or route."""
        if isinstance(choice.value, str):
            return self._role(setting, choice.value)
        return Role(primary=Located(choice.value, choice.location, choice.path))

    def _report_fallbacks(self, setting: str, message: str, choices: Sequence[Located[Name]]) -> None:
        """Report fallbacks that the program does not support, with a route or a single model instead."""
        key = setting.rpartition(".")[2] or "primary"
        if self.client.can_use_routes:
            route = next((choice.value for choice in choices if isinstance(choice.value, RouteName)), None)
            others = ", ".join(f"dynamic/{name}" for name in self.routes) or "declare one under routes"
            hint = f"Use the route: {key}: {route}" if route else f"Use a route instead: {others}"
        else:
            model = next((choice.value for choice in choices if isinstance(choice.value, ModelName)), "…")
            hint = f"Use one model: {key}: {model}"
        self.client.error(setting, "no-fallbacks", message, hint)

    def _enabled(self, choices: Sequence[Located[Name]]) -> list[Located[Name]]:
        kept = self.client.names.enabled_choices(choices)
        if not kept and not self.client.diagnostics.failed_at(choices[0].location):
            hint = 'Choose another model, or add its provider to "use"'
            self.client.error("", "nothing-left", "no provider of its models is enabled", hint)
        return kept

    def _role(self, setting: str, name: str) -> Role | None:
        names = self.client.names
        if name not in names.roles:
            self.client.report_unknown(setting, "role", ("roles", name), did_you_mean(name, names.roles))
        return self.roles.get(name)

    def _check_choice(self, choice: Located[Name], via: Mapping[str, str]) -> None:
        """The program supports this kind of name, and reaches the model."""
        client, capabilities = self.client, self.client.capabilities

        def report(code: str, message: str, hint: str | None = None) -> None:
            client.diagnostics.error(choice.location, choice.path, code, message, hint)

        match choice.value:
            case RouteName() if not capabilities.routes:
                message = f"{client.title} cannot use routes: it does not use Cloudflare's OpenAI-compatible endpoint"
                report("no-routes", message, "Choose a model")
            case RouteName() if client.settings.keys == "local":
                message = f"routes run at Cloudflare with stored keys, and {client.path()} has keys: local"
                report("local-keys-and-routes", message, "Choose a model, or remove keys: local")
            case OwnName() if not capabilities.own:
                report("no-own", f"{client.title} does not support own: models")
            case ModelName(provider=name, model=model) if (
                (provider := client.file.providers.get(name))
                and via.get(name) in capabilities.via
                and (why := why_unreachable(name, provider, via[name], capabilities.speaks, model))
                and (
                    name not in client.via_by_provider
                    or is_reachable(name, provider, via[name], capabilities.speaks)  # otherwise reported there
                )
            ):
                message = f"{client.title} cannot reach {choice.value} via {via[name]}: {why}"
                report("not-reachable", message, f"Choose another endpoint: {client.path('via')}: {{{name}: …}}")
            case _:
                pass

    def _models(self, via: Mapping[str, str], chosen: list[Name]) -> tuple[ModelName | RouteName, ...]:
        """The models and routes that the client lists: those in `models`, by default all it reaches, and `chosen`."""
        client, settings = self.client, self.client.settings
        listed: list[Name] = []
        if settings.models is not None:
            listed += [choice.value for choice in settings.models if client.names.is_enabled(choice)]
            for choice in settings.models:
                self._check_choice(choice, via)
        else:
            if client.can_use_routes:
                listed += [RouteName(route) for route in self.routes]
            for name in client.names.enabled:
                provider = client.file.providers.get(name)
                if provider is None or reach.needs_no_credential(client, name, via[name]):
                    continue
                listed += listed_models(name, provider, via[name], client.capabilities.speaks)
        return tuple(dict.fromkeys(name for name in (*listed, *chosen) if not isinstance(name, OwnName)))
