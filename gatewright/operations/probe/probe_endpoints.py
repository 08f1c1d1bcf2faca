"""The ways by which an environment's clients reach its models through the gateway, and which of them verify asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.clients.endpoints import endpoints
from gatewright.environment.names import reachable
from gatewright.environment.references import ModelName, RouteName
from gatewright.facts.slugs import Api

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.environment.resolved import Client, Environment


@dataclass(frozen=True, slots=True)
class Way:
    """`via` as clients say it, and the API that is spoken there."""

    via: str
    api: Api


USUAL = Way("gateway", Api.CHAT)
"""What a program of one's own would do, and what routes are reached by."""


def ways_to(
    environment: Environment, names: Sequence[ModelName | RouteName]
) -> list[tuple[ModelName | RouteName, Way]]:
    """Each name once, by the usual way where a client takes it or none lists the name; then each further way of a
    provider once, by its first model. What nothing behind the gateway reaches is not among them."""
    used: dict[ModelName, list[Way]] = {}
    for client in environment.clients.values():
        for name, way in _ways_of(environment, client):
            ways = used.setdefault(name, [])
            if way not in ways:
                ways.append(way)
    asked: list[tuple[ModelName | RouteName, Way]] = []
    left: list[tuple[ModelName, Way]] = []
    for each in names:
        if isinstance(each, RouteName):
            asked.append((each, USUAL))
            continue
        ways = used.get(each, [])
        usual = reachable(each.provider, environment.providers[each.provider], USUAL.via, (USUAL.api,))
        if usual and (USUAL in ways or not ways):
            ways = [USUAL, *ways]
        if ways:
            asked.append((each, ways[0]))
            left += [(each, way) for way in ways[1:]]
    covered = {(name.provider, way) for name, way in asked if isinstance(name, ModelName)}
    for name, way in left:
        if (name.provider, way) not in covered:
            covered.add((name.provider, way))
            asked.append((name, way))
    return asked


def _ways_of(environment: Environment, client: Client) -> Iterator[tuple[ModelName, Way]]:
    reached = endpoints(environment, client)
    for name in client.models:
        if isinstance(name, ModelName) and client.via[name.provider] != "direct":
            yield name, Way(client.via[name.provider], reached.find(name)[0].access.api)
