"""Cloudflare Access of an environment that is not in its stack, against the local Cloudflare."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from local.ports import free_port

from gatewright.clients import CAPABILITIES
from gatewright.cloudflare.client import Client
from gatewright.environment.files import Files
from gatewright.environment.load import load
from gatewright.facts.access import ACCESS_APPLICATION, ACCESS_POLICY, ACCESS_SERVICE_TOKEN
from gatewright.facts.local_cloudflare import LOCAL_ACCOUNT, LOCAL_DEPLOY_TOKEN
from gatewright.local import daemon
from gatewright.operations.access_leftovers import access_leftovers, delete_remaining
from gatewright.operations.adoption.access import (
    KEPT_OF_APPLICATION,
    KEPT_OF_POLICY,
    access_entries,
)
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.environment.resolved import Environment

ACCESS = f"/accounts/{LOCAL_ACCOUNT}/access"
FILE = """
local: {{port: {port}}}
gateway:
  domains: {{ai.example.test: {{}}}}
  access: {access}
"""


@dataclass
class World:
    """A project whose environment is `local`, and what its account has."""

    project: Project
    port: int
    client: Client

    def environment(self, access: str = "{serviceToken: true, allow: {emails: [ops@example.com]}}") -> Environment:
        (self.project.stacks / "local.yaml").write_text(FILE.format(port=self.port, access=access))
        environment = load(Files(self.project.stacks, "stacks"), "local", CAPABILITIES, {}).environment
        assert environment is not None
        return environment

    def add_policy(self, name: str) -> str:
        body = {"name": name, "decision": "allow", "include": [{"email": {"email": "ops@example.com"}}]}
        return str(self.client.post(f"{ACCESS}/policies", body)["result"]["id"])

    def add_app(self, name: str, domain: str, *policies: str) -> str:
        links = [{"id": policy, "precedence": place} for place, policy in enumerate(policies, 1)]
        body = {"type": "self_hosted", "name": name, "domain": domain, "policies": links}
        return str(self.client.post(f"{ACCESS}/apps", body)["result"]["id"])

    def add_service_token(self, name: str) -> str:
        return str(self.client.post(f"{ACCESS}/service_tokens", {"name": name, "duration": "24h"})["result"]["id"])


@dataclass
class Engine:
    """A stack with these ids in its state."""

    project: Project
    ids: list[str] = field(default_factory=list)

    def has_stack(self) -> bool:
        return bool(self.ids)

    def state(self) -> list[dict[str, Any]]:
        return [{"type": "any", "id": id_} for id_ in self.ids]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    project, port = Project(tmp_path), free_port()
    project.stacks.mkdir()
    running = daemon.start(project, port)
    with Client(running.control_plane, LOCAL_DEPLOY_TOKEN) as client:
        yield World(project, port, client)
    daemon.stop(project)


def test_adopt_and_what_remains(world: World) -> None:
    theirs = world.add_policy("everyone of ours")
    people, other = (world.add_policy(f"gatewright/{name}/people") for name in ("local", "other"))
    app = world.add_app("by hand", "ai.example.test/compat", theirs)
    elsewhere = world.add_app("elsewhere", "other.example.test")
    token = world.add_service_token("gatewright/local/access/2026-11-01")

    environment = world.environment()
    entries = {entry.type: entry for entry in access_entries(environment, world.client)}
    assert entries.keys() == {ACCESS_APPLICATION.token, ACCESS_POLICY.token}
    application, policy = entries[ACCESS_APPLICATION.token], entries[ACCESS_POLICY.token]
    assert (application.name, application.id) == ("agents-local", f"accounts/{LOCAL_ACCOUNT}/{app}")
    assert application.ignore_changes == KEPT_OF_APPLICATION
    assert (policy.name, policy.id) == ("people", f"{LOCAL_ACCOUNT}/{people}")
    assert policy.ignore_changes == KEPT_OF_POLICY
    assert [*access_entries(world.environment("true"), world.client)] == []
    only_tokens = [entry.type for entry in access_entries(world.environment("{serviceToken: true}"), world.client)]
    assert only_tokens == [ACCESS_APPLICATION.token]

    own = world.add_app("gatewright/local", "local.example.test", people)
    left = access_leftovers(environment, world.client, {token})
    assert [(each.type, each.id) for each in left] == [(ACCESS_APPLICATION.token, own), (ACCESS_POLICY.token, people)]
    engine = cast(Pulumi, Engine(world.project, [own]))
    with pytest.raises(Exception, match="used by an Access application"):
        delete_remaining(environment, engine)
    assert delete_remaining(environment, cast(Pulumi, Engine(world.project))) == (
        "Access application gatewright/local",
        "Access policy gatewright/local/people",
        "service token gatewright/local/access/2026-11-01",
    )
    remaining = [
        each["id"]
        for kind in ("apps", "policies", "service_tokens")
        for each in world.client.get(f"{ACCESS}/{kind}")["result"]
    ]
    assert sorted(remaining) == sorted([app, elsewhere, theirs, other])
    assert delete_remaining(environment, cast(Pulumi, Engine(world.project))) == ()


def test_an_environment_without_domains_asks_nobody(world: World) -> None:
    environment = world.environment()
    assert environment.gateway.domains
    (world.project.stacks / "local.yaml").write_text(f"local: {{port: {world.port}}}\n")
    bare = load(Files(world.project.stacks, "stacks"), "local", CAPABILITIES, {}).environment
    assert bare is not None
    world.add_service_token("gatewright/local/access/2026-11-01")
    assert access_leftovers(bare, world.client, ()) == ()
    assert delete_remaining(bare, cast(Pulumi, Engine(world.project))) == ()
    (left,) = access_leftovers(environment, world.client, ())
    assert left.type == ACCESS_SERVICE_TOKEN.token
