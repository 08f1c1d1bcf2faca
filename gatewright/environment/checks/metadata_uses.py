"""Where routes and spend limits read metadata, which clients send it there, and what follows for each of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.environment.model.routes import Elements, If, Limit, Split, Try
from gatewright.environment.references import FromVariable, RouteName
from gatewright.facts.route_conditions import METADATA, outcome
from gatewright.facts.route_graph import CONDITIONAL, RATE
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatewright.diagnostics import Diagnostics, Location
    from gatewright.environment.model.gateway_guards import SpendRule
    from gatewright.environment.model.routes import Step
    from gatewright.environment.nodes import Node
    from gatewright.environment.references import ModelName, SentValue
    from gatewright.environment.resolved import Client, Environment

_BRANCHES = {True: "then", None: "then or else", False: "else"}
_NOT_SENT, _NO_CLIENT = "not sent", "no client of this environment sends"
_TOGETHER = "all requests are counted together"


@frozen
class Sender:
    """A client, or one of its agents, with the metadata of its requests."""

    name: str  # codex, codex/coder
    metadata: Mapping[str, SentValue]

    def outcome(self, conditions: Mapping[str, Any]) -> bool | None:
        """Whether the conditions of a route hold for its requests; None if a variable or the request decides."""
        unknown = [key for key, value in self.metadata.items() if isinstance(value, FromVariable)]
        return outcome(conditions, self.metadata, unknown)

    def shown(self, key: str) -> str:
        """The value of an entry for people."""
        return _text(self.metadata[key]) if key in self.metadata else _NOT_SENT


@frozen
class MetadataUse:
    """A place that reads an entry of metadata. `is_sent`: a client that gets there sends it."""

    location: Location
    path: str
    key: str
    message: str
    is_sent: bool


def note_metadata_uses(environment: Environment, root: Node, diagnostics: Diagnostics) -> None:
    """Note for each place that reads metadata what the clients send."""
    uses = [use for route in environment.routes for use in route_uses(environment, route)]
    hint = _hint(environment)
    for use in (*uses, *_spend_uses(environment, root)):
        code = "metadata-sent" if use.is_sent else "metadata-not-sent"
        diagnostics.note(use.location, use.path, code, use.message, None if use.is_sent else hint.format(use.key))


def route_uses(environment: Environment, route: str) -> list[MetadataUse]:
    """The places of a route that read metadata, in the order of the file."""
    users = [sender for client in environment.clients.values() for sender in senders(client, RouteName(route))]
    tree = environment.routes[route].tree
    if isinstance(tree, Elements):
        return [*_graph_uses(route, tree, users)]
    return [*_step_uses(tree, users)]


def senders(client: Client, name: ModelName | RouteName | None = None) -> Iterator[Sender]:
    """The client and the agents that have other metadata; those that use `name`, or the gateway."""
    reaches = name in client.models if name else any(via != "direct" for via in client.via.values())
    if reaches:
        yield Sender(client.program, client.metadata_of())
    for role in client.distinguished_roles:
        if client.metadata_of(role) == client.metadata_of():
            continue
        agent = client.agents[role]
        if name in (agent.primary, *agent.fallbacks) if name else reaches:
            yield Sender(f"{client.program}/{role}", client.metadata_of(role))


def _step_uses(step: Step, users: Sequence[Sender]) -> Iterator[MetadataUse]:
    """The uses in a step that requests of `users` reach."""
    match step:
        case Try():
            pass
        case Split(branches=branches):
            for _, inner in branches:
                yield from _step_uses(inner, users)
        case If():
            tests: dict[str, dict[str, Any]] = {}
            for condition in step.conditions:
                tests.setdefault(condition.field, {})[f"${condition.operator}"] = condition.value
            places = {condition.field: (condition.location, condition.path) for condition in step.conditions}
            for field in tests:
                yield from _condition(*places[field], field, tests, users)
            yield from _step_uses(step.then, [user for user in users if user.outcome(tests) is not False])
            yield from _step_uses(step.otherwise, [user for user in users if user.outcome(tests) is not True])
        case Limit():
            yield from _limit(step.location, step.path, step.by, users)
            yield from _step_uses(step.then, users)
            yield from _step_uses(step.over, users) if step.over else ()


def _graph_uses(route: str, graph: Elements, users: Sequence[Sender]) -> Iterator[MetadataUse]:
    """The uses in a graph; all of `users` are taken to reach each element."""
    for index, (element, location) in enumerate(zip(graph.elements, graph.locations, strict=True)):
        properties, path = element.get("properties") or {}, f"routes.{route}.elements[{index}]"
        if element["type"] == CONDITIONAL:
            conditions = properties.get("conditions") or {}
            for field in conditions:
                yield from _condition(location, path, field, conditions, users)
        elif element["type"] == RATE:
            yield from _limit(location, path, properties["key"], users)


def _condition(
    location: Location, path: str, field: str, conditions: Mapping[str, Any], users: Sequence[Sender]
) -> Iterator[MetadataUse]:
    if not field.startswith(METADATA):
        return
    key = field.removeprefix(METADATA)
    is_sent = any(key in user.metadata for user in users)
    groups = {result: [user for user in users if user.outcome(conditions) is result] for result in _BRANCHES}
    parts = [f"{_BRANCHES[result]} for {_with_values(key, group)}" for result, group in groups.items() if group]
    missing = () if is_sent else (f"{_NO_CLIENT} {field}",)
    yield MetadataUse(location, path, key, "; ".join((*missing, *parts)), is_sent)


def _limit(location: Location, path: str, field: str, users: Sequence[Sender]) -> Iterator[MetadataUse]:
    if field.startswith(METADATA):
        key = field.removeprefix(METADATA)
        is_sent = any(key in user.metadata for user in users)
        message = _by_value(key, users) if is_sent else f"{_NO_CLIENT} {field}; {_TOGETHER}"
        yield MetadataUse(location, path, key, message, is_sent)


def _spend_uses(environment: Environment, root: Node) -> Iterator[MetadataUse]:
    users = [sender for client in environment.clients.values() for sender in senders(client)]
    node = root.at("gateway", "spendLimits")
    items = node.value if node and isinstance(node.value, list) else []
    for index, (rule, item) in enumerate(zip(environment.gateway.spend_limits, items, strict=True)):
        for key in rule.metadata:
            location = item.location_at("metadata", key)
            path = f"gateway.spendLimits[{index}].metadata.{key}"
            is_sent = any(key in user.metadata for user in users)
            yield MetadataUse(location, path, key, _spend_message(rule, key, users, is_sent=is_sent), is_sent)


def _spend_message(rule: SpendRule, key: str, users: Sequence[Sender], *, is_sent: bool) -> str:
    values = rule.metadata[key]
    if not is_sent:
        result = _TOGETHER if values == "each" else "no request is counted"
        return f"{_NO_CLIENT} {METADATA}{key}; {result}"
    if values == "each":
        return _by_value(key, users)
    unknown = [user for user in users if isinstance(user.metadata.get(key), FromVariable)]
    counted = [user for user in users if user not in unknown and user.shown(key) in values]
    others = [user for user in users if user not in unknown and user not in counted]
    groups = (("counts", counted), ("may count", unknown), ("does not count", others))
    return "; ".join(f"{word} {_with_values(key, group)}" for word, group in groups if group)


def _by_value(key: str, users: Sequence[Sender]) -> str:
    """`counted separately: platform (codex), {env: TEAM} (pi); together: openclaw (not sent)`."""
    by_value: dict[str, list[str]] = {}
    for user in users:
        if key in user.metadata:
            by_value.setdefault(user.shown(key), []).append(user.name)
    rest = [user for user in users if key not in user.metadata]
    values = ", ".join(f"{value} ({', '.join(names)})" for value, names in by_value.items())
    return f"counted separately: {values}" + (f"; together: {_with_values(key, rest)}" if rest else "")


def _with_values(key: str, users: Iterable[Sender]) -> str:
    """`codex, pi (paid), openclaw (not sent)`: names, with the value after the last that sends it."""
    by_value: dict[str, list[str]] = {}
    for user in users:
        by_value.setdefault(user.shown(key), []).append(user.name)
    return ", ".join(f"{', '.join(names)} ({value})" for value, names in by_value.items())


def _text(value: SentValue) -> str:
    return str(value) if isinstance(value, str | FromVariable) else json.dumps(value)


def _hint(environment: Environment) -> str:
    """How a client sends an entry, {} for its key."""
    able = [client.program for client in environment.clients.values() if client.capabilities.metadata]
    return f"Set it: clients.{able[0] if able else 'CLIENT'}.metadata.{{}}"
