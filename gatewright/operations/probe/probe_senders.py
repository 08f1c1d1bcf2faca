"""The clients and agents as which `verify` sends: their metadata decides about branches, budgets and policies."""

from __future__ import annotations

import json
from dataclasses import field, replace
from typing import TYPE_CHECKING

from gatewright.clients.common.endpoints import METADATA_HEADER
from gatewright.clients.common.request_headers import auto_router_headers
from gatewright.environment.checks.metadata_uses import route_uses, senders
from gatewright.environment.policy_verdicts import call_verdict, calls, declared_policies
from gatewright.environment.references import FromVariable, ModelName, RouteName
from gatewright.facts.gateway_policies import LIMIT, metadata_read
from gatewright.facts.slugs import AUTO_ROUTER
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatewright.environment.checks.metadata_uses import Sender
    from gatewright.environment.model.request_options import AutoRouter
    from gatewright.environment.resolved import Client, Environment

    Value = str | int | float | bool


@frozen
class ProbeSender:
    """A client, or one of its agents, with the metadata that its program would send from this machine.

    `unset`: by entry, the variables that are not set; these entries are not sent.
    """

    name: str  # codex, codex/coder
    metadata: Mapping[str, Value]
    unset: Mapping[str, str] = field(default_factory=dict)
    auto_router: AutoRouter | None = None  # what it lets cloudflare/auto choose from

    @classmethod
    def of(cls, client: Client, sender: Sender, variables: Mapping[str, str]) -> ProbeSender:
        """The sender, with the values of its variables in `variables`."""
        metadata, unset = {}, {}
        for key, value in sender.metadata.items():
            if not isinstance(value, FromVariable):
                metadata[key] = value
            elif value.name in variables:
                metadata[key] = variables[value.name]
            else:
                unset[key] = value.name
        router = client.options_of(sender.name.partition("/")[2]).auto_router
        return cls(sender.name, metadata, unset, router)

    def masked(self, mask: Callable[[str], str]) -> ProbeSender:
        """The sender for people and files, with `mask` applied to its texts."""
        metadata = {key: mask(value) if isinstance(value, str) else value for key, value in self.metadata.items()}
        return replace(self, metadata=metadata)

    def headers(self, name: ModelName | RouteName) -> dict[str, str]:
        """Its headers without a secret, of a request to a model or a route."""
        headers = {METADATA_HEADER: json.dumps(self.metadata, separators=(",", ":"))} if self.metadata else {}
        if self.auto_router and isinstance(name, ModelName) and name.provider == AUTO_ROUTER:
            headers.update(auto_router_headers(self.auto_router))
        return headers

    def describe(self) -> str:
        """`as codex/coder, with team platform; user is not sent: $USER is not set`."""
        entries = [f"{key} {_text(value)}" for key, value in self.metadata.items()]
        missing = [f"{key} is not sent: ${variable} is not set" for key, variable in self.unset.items()]
        return "; ".join([f"as {self.name}" + (f", with {', '.join(entries)}" if entries else ""), *missing])


@frozen
class ProbeSenders:
    """Chooses the senders of the requests of one run."""

    environment: Environment
    variables: Mapping[str, str]
    _counted: set[tuple[Value | None, ...]] = field(default_factory=set)

    def first(self, name: ModelName | RouteName, via: str | None = None) -> ProbeSender | None:
        """The first client that uses a model or a route, one that reaches it by `via` before others."""
        return next(self._all(name, via), None)

    def distinct(self, name: ModelName | RouteName, via: str | None = None) -> Iterator[ProbeSender]:
        """The first sender, then each whose requests take another branch of the route, get another verdict of the
        policies, or count for a budget that no request of this run has counted for."""
        seen: set[object] = set()
        read = self._read_by_route(name)
        counted = self._read_by_budgets()
        for sender in self._all(name, via):
            budget = tuple(sender.metadata.get(key) for key in counted)
            treatment = (tuple(sender.metadata.get(key) for key in read), self._verdicts(name, sender))
            if treatment not in seen or budget not in self._counted:
                yield sender
            seen.add(treatment)
            self._counted.add(budget)

    def _all(self, name: ModelName | RouteName, via: str | None) -> Iterator[ProbeSender]:
        clients = [client for client in self.environment.clients.values() if _via(client, name) != "direct"]
        for client in sorted(clients, key=lambda client: _via(client, name) != via if via else False):
            for sender in senders(client, name):
                yield ProbeSender.of(client, sender, self.variables)

    def _read_by_route(self, name: ModelName | RouteName) -> list[str]:
        """The entries that the conditions and limits of a route read."""
        uses = route_uses(self.environment, name.route) if isinstance(name, RouteName) else ()
        return sorted({use.key for use in uses})

    def _read_by_budgets(self) -> list[str]:
        """The entries that spend limits and the budgets of policies read."""
        policies = [policy for policy in declared_policies(self.environment) if policy["action"]["type"] == LIMIT]
        read = metadata_read(policies)
        if read is None:
            read = tuple(key for client in self.environment.clients.values() for key in client.metadata)
        return sorted({*read}.union(*(rule.metadata for rule in self.environment.gateway.spend_limits)))

    def _verdicts(self, name: ModelName | RouteName, sender: ProbeSender) -> tuple[object, ...]:
        if not self.environment.gateway.policies:
            return ()
        called_models = calls(self.environment, name, sender.auto_router)
        return tuple(call_verdict(self.environment, *call, sender.metadata) for call in called_models)


def _via(client: Client, name: ModelName | RouteName) -> str | None:
    return client.routes_via if isinstance(name, RouteName) else client.via.get(name.provider)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
