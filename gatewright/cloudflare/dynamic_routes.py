"""Dynamic routes at Cloudflare: a route has versions, each a graph, and deployments, of which the newest runs.

An edit is a further version and its deployment, so that the route is never missing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.import_hint import take_over
from gatewright.errors import CloudflareError
from gatewright.facts.resource_types import DYNAMIC_ROUTE
from gatewright.facts.route_graph import END, START

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.cloudflare.client import Client

Graph = dict[str, dict[str, Any]]
"""The elements by their ids, each {type, outputs, properties?} as the API has them: their order says nothing."""

_MOST = 50  # a page of routes


@dataclass(frozen=True, slots=True)
class Route:
    """A route as it runs now: its id, its name, the version deployed, that version's graph, and when it was changed
    (RFC 3339)."""

    id: str
    name: str
    version: str
    graph: Graph
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A graph that a route had: the version's id, when it was made (RFC 3339), and the graph."""

    id: str
    made: str
    graph: Graph


def graph_of(elements: Iterable[Mapping[str, Any]]) -> Graph:
    """The API's list as a Graph; what is empty, and what a dashboard keeps there for itself, is left out."""
    kept = ("type", "outputs", "properties")
    return {
        str(element["id"]): {name: element[name] for name in kept if element.get(name) or name == "outputs"}
        for element in elements
    }


def elements_of(graph: Graph) -> list[dict[str, Any]]:
    """A Graph as the API's list: `start` first, `end` last, else by id."""
    order = sorted(graph, key=lambda name: (graph[name]["type"] != START, graph[name]["type"] == END, name))
    return [{"id": name, **graph[name]} for name in order]


class DynamicRoutes:
    """The routes of one gateway. Raises what `Client` raises."""

    def __init__(self, client: Client, account: str, gateway: str) -> None:
        self._client = client
        self._gateway = f"{account}/{gateway}"
        self._path = f"/accounts/{account}/ai-gateway/gateways/{gateway}/routes"

    def get(self, route: str) -> Route | None:
        """The route, or None where it is not there."""
        try:
            return _route(self._client.get(f"{self._path}/{route}")["result"])
        except CloudflareError as error:
            if error.status == 404:
                return None
            raise

    def find(self, name: str) -> Route | None:
        """The route of that name, or None."""
        return next((route for route in self.listed() if route.name == name), None)

    def listed(self) -> Iterator[Route]:
        """All routes."""
        page = 1
        while routes := self._client.get(self._path, {"page": page, "per_page": _MOST})["data"]["routes"]:
            for each in routes:
                whole = _route(each) if _has_graph(each) else self.get(each["id"])
                if whole is not None:
                    yield whole
            page += 1

    def create(self, name: str, graph: Graph) -> Route:
        """Makes the route; Cloudflare deploys its first version at once.

        An answer that says neither yes nor no is followed by a look: a route that is there as it was meant to be is
        the one that was made. Raises CloudflareError that names the import for a name that is taken.
        """
        body = {"name": name, "elements": elements_of(graph)}
        try:
            return _route(self._client.post(self._path, body)["result"])
        except CloudflareError as error:
            taken = "UNIQUE" in error.message or "already exists" in error.message
            if not taken and not error.is_ambiguous:
                raise
            there = self.find(name)
            if there is None:
                return _route(self._client.post(self._path, body)["result"])
            if not taken and there.graph == graph:
                return there
            raise self._taken(there) from None

    def rename(self, route: str, name: str) -> None:
        """Gives the route another name; under the old one it is gone at once."""
        self._client.patch(f"{self._path}/{route}", {"name": name})

    def deploy(self, route: str, graph: Graph) -> str:
        """Makes a version of `graph` and lets it run; answers the version's id."""
        version = self._add_version(route, graph)
        self.run(route, version)
        return version

    def run(self, route: str, version: str) -> None:
        """Lets a version run that is there already."""
        try:
            self._deploy(route, version)
        except CloudflareError as error:
            if not error.is_ambiguous:
                raise
            there = self.get(route)
            if there is None or there.version != version:
                self._deploy(route, version)

    def before(self, route: Route) -> Version | None:
        """The version that ran before the present one first did; None where there is none.

        So one that was gone back to leads further back, never forward again. Versions with the present graph are
        passed over.
        """
        path = f"{self._path}/{route.id}"
        listed = self._client.get(f"{path}/deployments")["data"]["deployments"]
        # they come with the newest first (guess), which tells apart what was deployed within a millisecond
        newest = sorted(listed, key=lambda each: str(each["created_at"]), reverse=True)
        ran = [each["version_id"] for each in reversed(newest)]
        if route.version in ran:  # else it was deployed after the list was made
            ran = ran[: ran.index(route.version)]
        for version in dict.fromkeys(reversed(ran)):
            found = _version(self._client.get(f"{path}/versions/{version}")["result"])
            if found.graph != route.graph:
                return found
        return None

    def delete(self, route: str) -> None:
        """Takes the route away; one that is gone already is fine."""
        try:
            self._client.delete(f"{self._path}/{route}")
        except CloudflareError as error:
            if error.status != 404:
                raise

    def _deploy(self, route: str, version: str) -> None:
        self._client.post(f"{self._path}/{route}/deployments", {"version_id": version})

    def _add_version(self, route: str, graph: Graph) -> str:
        path, body = f"{self._path}/{route}/versions", {"elements": elements_of(graph)}
        try:
            made = self._client.post(path, body)["result"]
        except CloudflareError as error:
            if not error.is_ambiguous:
                raise
            versions = self._client.get(path)["data"]["versions"]
            made = next((each for each in versions if graph_of(json.loads(each["data"])) == graph), None)
            if made is None:
                made = self._client.post(path, body)["result"]
        return str(made["version_id"])

    def _taken(self, there: Route) -> CloudflareError:
        return CloudflareError(
            f"gateway {self._gateway} has a route {there.name} already, which this stack did not make",
            f"{take_over(DYNAMIC_ROUTE, there.name, f'{self._gateway}/{there.id}')}; or delete it there, or give this "
            "one another name",
            status=409,
        )


def _has_graph(answer: Mapping[str, Any]) -> bool:
    return bool(answer.get("elements") or (answer.get("version") or {}).get("data"))


def _version(answer: Mapping[str, Any]) -> Version:
    elements = answer["elements"] if answer.get("elements") else json.loads(answer["data"])
    return Version(answer["version_id"], str(answer["created_at"]), graph_of(elements))


def _route(answer: Mapping[str, Any]) -> Route:
    """The graph stands in version.data alone where the answer lacks `elements`, as it often does."""
    version = answer["version"]
    elements = answer["elements"] if answer.get("elements") else json.loads(version["data"])
    return Route(answer["id"], answer["name"], version["version_id"], graph_of(elements), answer.get("modified_at"))
