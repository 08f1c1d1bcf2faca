"""Dynamic routes of a gateway. A route has versions, each a graph, and deployments: the newest deployment is served.

An edit adds a version and deploys it, so that the route is never missing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatewright.cloudflare.collection import Collection, create_once, list_all
from gatewright.cloudflare.import_hint import import_hint
from gatewright.errors import CloudflareError
from gatewright.facts.resource_types import DYNAMIC_ROUTE
from gatewright.facts.route_graph import END, START, property_flaws
from gatewright.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatewright.cloudflare.client import Client

Graph = dict[str, dict[str, Any]]
"""Elements by id, each {type, outputs, properties?} as the API has them. Their order has no meaning."""


@frozen
class Route:
    """A route with its deployed version and that version's graph; `modified` is RFC 3339."""

    id: str
    name: str
    version: str
    graph: Graph
    modified: str | None = None


@frozen
class Version:
    """A version of a route; `created_at` is RFC 3339."""

    id: str
    created_at: str
    graph: Graph


def graph_of(elements: Iterable[Mapping[str, Any]]) -> Graph:
    """The API's list as a Graph, without empty values and without what the dashboard keeps there for itself.

    Raises:
        CloudflareError: the elements are not a graph of a route.
    """
    kept = ("type", "outputs", "properties")
    graph = {
        str(element["id"]): {name: element[name] for name in kept if element.get(name) or name == "outputs"}
        for element in elements
    }
    for name, element in graph.items():
        outputs = [output.get("elementId") for output in element["outputs"].values() if isinstance(output, dict)]
        if len(outputs) < len(element["outputs"]) or not graph.keys() >= {*map(str, outputs)}:
            raise CloudflareError(f"Cloudflare has a route whose element {name} leads to none of its elements")
        if flaw := next(property_flaws(0, element), None):
            raise CloudflareError(f"Cloudflare has a route whose element {name} has no {flaw.path}: {flaw.message}")
    return graph


def elements_of(graph: Graph) -> list[dict[str, Any]]:
    """A Graph as the API's list: `start` first, `end` last, the others by id."""
    order = sorted(graph, key=lambda name: (graph[name]["type"] != START, graph[name]["type"] == END, name))
    return [{"id": name, **graph[name]} for name in order]


class DynamicRoutes(Collection):
    """The routes of one gateway."""

    def __init__(self, client: Client, account: str, gateway: str) -> None:
        super().__init__(client, f"/accounts/{account}/ai-gateway/gateways/{gateway}/routes")
        self._gateway = f"{account}/{gateway}"

    def get(self, route: str) -> Route | None:
        """The route of that id, or None."""
        answer = self._read(route)
        return _route(answer) if answer else None

    def find(self, name: str) -> Route | None:
        """The route of that name, or None."""
        return next((route for route in self.list_all() if route.name == name), None)

    def list_all(self) -> Iterator[Route]:
        """All routes."""
        for answer in list_all(self._client, self._path):
            route = _route(answer) if _has_graph(answer) else self.get(answer["id"])
            if route is not None:
                yield route

    def create(self, name: str, graph: Graph) -> Route:
        """Create a route; Cloudflare deploys its first version immediately.

        Raises:
            CloudflareError: also for a name that exists, with a hint that imports it.
        """
        body = {"name": name, "elements": elements_of(graph)}
        route, error = create_once(
            lambda: _route(self._client.post(self._path, body)["result"]), lambda: self.find(name), _is_taken
        )
        if error is None or (not _is_taken(error) and route.graph == graph):
            return route
        raise CloudflareError(
            f"gateway {self._gateway} already has a route {name}, which this stack did not create",
            f"{import_hint(DYNAMIC_ROUTE, name, f'{self._gateway}/{route.id}')}; or delete it there, or give this one "
            "another name",
            status=409,
        )

    def rename(self, route: str, name: str) -> None:
        """Give the route another name; the old name stops working immediately."""
        self._client.patch(f"{self._path}/{route}", {"name": name})

    def deploy(self, route: str, graph: Graph) -> str:
        """Add a version with this graph and deploy it. Returns the version's id."""
        version = self._add_version(route, graph)
        self.deploy_version(route, version)
        return version

    def deploy_version(self, route: str, version: str) -> None:
        """Deploy an existing version."""

        def deploy() -> None:
            self._client.post(f"{self._path}/{route}/deployments", {"version_id": version})

        try:
            deploy()
        except CloudflareError as error:
            if not error.is_ambiguous:
                raise
            current = self.get(route)
            if current is None or current.version != version:
                deploy()

    def previous_version(self, route: Route) -> Version | None:
        """The version that was deployed before the current one was first deployed, or None.

        After a rollback it therefore leads further back, and never forward again. Versions with the current graph are
        skipped.
        """
        path = f"{self._path}/{route.id}"
        deployments = self._client.get(f"{path}/deployments")["data"]["deployments"]
        # the API lists the newest first (guess), which orders deployments within one millisecond
        newest_first = sorted(deployments, key=lambda deployment: str(deployment["created_at"]), reverse=True)
        deployed = [deployment["version_id"] for deployment in reversed(newest_first)]
        if route.version in deployed:  # otherwise it was deployed after the list was made
            deployed = deployed[: deployed.index(route.version)]
        for version_id in dict.fromkeys(reversed(deployed)):
            version = _version(self._client.get(f"{path}/versions/{version_id}")["result"])
            if version.graph != route.graph:
                return version
        return None

    def _add_version(self, route: str, graph: Graph) -> str:
        path, body = f"{self._path}/{route}/versions", {"elements": elements_of(graph)}

        def find() -> dict[str, Any] | None:
            versions = self._client.get(path)["data"]["versions"]
            return next((version for version in versions if graph_of(json.loads(version["data"])) == graph), None)

        version, _ = create_once(lambda: self._client.post(path, body)["result"], find, is_conflict=lambda _: False)
        return str(version["version_id"])


def _is_taken(error: CloudflareError) -> bool:
    return "UNIQUE" in error.message or "already exists" in error.message


def _has_graph(answer: Mapping[str, Any]) -> bool:
    version = answer.get("version")
    return bool(version and (answer.get("elements") or version.get("data")))


def _version(answer: Mapping[str, Any]) -> Version:
    elements = answer["elements"] if answer.get("elements") else json.loads(answer.get("data") or "[]")
    return Version(answer["version_id"], str(answer["created_at"]), graph_of(elements))


def _route(answer: Mapping[str, Any]) -> Route:
    """The graph is in version.data only where the answer lacks `elements`, as it often does."""
    version = answer["version"]
    elements = answer["elements"] if answer.get("elements") else json.loads(version.get("data") or "[]")
    return Route(answer["id"], answer["name"], version["version_id"], graph_of(elements), answer.get("modified_at"))
