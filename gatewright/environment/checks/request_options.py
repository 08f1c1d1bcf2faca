"""The options of requests: which a client's program cannot send, and which have no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.environment.model.request_options import RequestOptions
from gatewright.environment.references import FromVariable, Unified
from gatewright.environment.shapes.sections import settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.diagnostics import Diagnostics
    from gatewright.environment.checks.client_context import ClientContext
    from gatewright.environment.model.environment_file import EnvironmentFile, Role
    from gatewright.environment.nodes import Node

_KEYS = {setting.field: key for key, setting in settings_of(RequestOptions).items()}
_UNDOCUMENTED_FOR_REST = ("zero_data_retention", "cost")


def check_request_options(client: ClientContext, role: Role | None, agents: Mapping[str, Role]) -> None:
    """Report options that the program cannot send. `role`: the client's; `agents`: the roles of its agents."""
    sends = client.capabilities.metadata
    for name, value in client.settings.options().items():
        _check(client, _KEYS[name], value, "")
    for name, value in (role.options() if role else {}).items():
        if name not in client.settings.options():
            _check(client, "role", value, f", and role {client.settings.role} has {_KEYS[name]}")
    for agent, agent_role in agents.items():
        for name, value in agent_role.options().items():
            setting, source = f"agents.{agent}", f", and its role has {_KEYS[name]}"
            if sends is not None and not sends.roles and client.capabilities.agents is not None:
                noun = client.capabilities.agents.noun
                message = f"{client.title} sends the same headers for all its {noun}{source}"
                client.error(setting, "not-for-this-client", message, f"Set it for all: {client.path(_KEYS[name])}")
            else:
                _check(client, setting, value, source)


def _check(client: ClientContext, setting: str, value: object, source: str) -> None:
    sends = client.capabilities.metadata
    if sends is None:
        message = f"{client.title} sends no headers{source or f', so it cannot send {setting}'}"
        client.error(setting, "not-for-this-client", message, "Remove it" if source else f"Remove {setting}")
    elif isinstance(value, FromVariable) and sends.reference is None:
        message = f"{client.title} cannot read a variable within a header{source}"
        client.error(setting, "not-for-this-client", message, "Write a fixed value")


def check_options_of_file(file: EnvironmentFile, root: Node, diagnostics: Diagnostics) -> None:
    """Report options of clients and roles that contradict each other; note those without an effect."""
    for section, entries in (("clients", file.clients), ("roles", file.roles)):
        for name, options in entries.items():
            _check_values(options, (section, name), root, diagnostics)
            if options.zero_data_retention and not _uses_unified_billing(file):
                location = root.location_at(section, name, "zeroDataRetention")
                message = "applies to Unified Billing only, which no provider uses"
                diagnostics.note(location, f"{section}.{name}.zeroDataRetention", "no-effect", message)
    for name, client in file.clients.items():
        for option in _UNDOCUMENTED_FOR_REST:
            if client.via == "rest" and option in client.options():
                location = root.location_at("clients", name, _KEYS[option])
                message = "Cloudflare does not document this header for its REST API, which may ignore it"
                diagnostics.note(location, f"clients.{name}.{_KEYS[option]}", "undocumented", message)


def _check_values(options: RequestOptions, place: tuple[str, str], root: Node, diagnostics: Diagnostics) -> None:
    def report(message: str, *keys: str) -> None:
        node = root.at(*place, keys[0])
        if node and not any(diagnostics.failed_at(entry.node.location) for entry in node.entries.values()):
            location, path = root.location_at(*place, *keys), ".".join((*place, *keys))
            diagnostics.error(location, path, "not-together", message)

    cache, logs, cost = options.cache, options.logs, options.cost
    if cache is not None and (cache.ttl is None) is not cache.skip:
        report("expected either ttl, or skip: true", "cache")
    if logs is not None and logs.collect is False and logs.payload:
        report("has no effect with collect: false, which logs nothing", "logs", "payload")
    if cost is not None and (cost.total is None) is (cost.input is None and cost.output is None):
        report("expected either total, or input and output", "cost")


def _uses_unified_billing(file: EnvironmentFile) -> bool:
    is_unified = any(isinstance(provider.key, Unified) for provider in file.providers.values())
    return is_unified or file.gateway.workers_ai_billing == "unified"
