"""Every creation with its answer lost: Cloudflare creates the resource, and the connection breaks before the response.

One environment has every kind of resource, and each kind loses one answer. A row of the table says what `up` then
prints; in the end every resource is in the state, and Cloudflare has no other.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from gatewright.cloudflare.client import Client
from gatewright.cloudflare.collection import list_all
from gatewright.facts.local_cloudflare import LOCAL_DEPLOY_TOKEN, control_plane_url

from .every_kind import ADOPT, ROWS, STORE, TOKENS, Row, declare, deletions
from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone
    from .conftest import Clones
    from .pairs import Pair

pytestmark = [pytest.mark.integration, pytest.mark.long, WITH_EITHER]

ENDS = 8
"""More commands than are ever needed."""


@dataclass
class Recovery:
    """The commands that were run, each with its exit code and what it printed."""

    clone: Clone
    commands: list[tuple[str, int, str]]

    def printed(self, command: str) -> bool:
        return any(command in text for _, _, text in self.commands)

    def recorded(self, row: Row) -> list[str]:
        resources = self.clone.deployment()["resources"]
        return sorted(resource["id"] for resource in resources if resource["type"] == row.kind)

    def listed(self, row: Row) -> list[str]:
        store = self.clone.api("GET", STORE, below="")[0]["id"]
        with Client(control_plane_url(self.clone.port), LOCAL_DEPLOY_TOKEN) as client:
            items = list_all(client, row.path.replace("*", store))
            return sorted(item[row.id] for item in items if row is not TOKENS or item["name"].startswith("gatewright/"))


@pytest.fixture(scope="module")
def recovery(clones: Clones, pair: Pair) -> Recovery:
    """`up` until nothing is left to do: after a failure the command that its hint prints, and `up` again."""
    clone = clones(pair)
    declare(clone)
    clone.gatewright("engine", "install")
    clone.gatewright("local", "start", "--port", str(clone.port))
    for row in ROWS:
        clone.order(method="POST", path=f"/client/v4{row.path}", reset=True, after=True)
    done = Recovery(clone, [])
    while len(done.commands) < ENDS:
        code, text = run(clone, ".venv/bin/gatewright up local")
        done.commands.append(("up", code, text))
        if code == 0 and not deletions(text):
            break
        for command in [ADOPT] if ADOPT in text else deletions(text):
            done.commands.append((command, *run(clone, command)))
    return done


def run(clone: Clone, command: str) -> tuple[int, str]:
    done = clone.complete(shlex.split(command), clone.shell())
    return done.returncode, done.stdout


def test_it_converges(recovery: Recovery) -> None:
    command, code, text = recovery.commands[-1]
    assert (command, code, deletions(text)) == ("up", 0, []), text
    recovery.clone.expect_no_changes()
    url = f"http://127.0.0.1:{recovery.clone.port}/__local__/faults"
    assert {fault["path"]: fault["seen"] > 0 for fault in httpx.get(url, trust_env=False).json()} == {
        f"/client/v4{row.path}": True for row in ROWS
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_creation_whose_answer_is_lost(recovery: Recovery, row: Row) -> None:
    if row.command:
        assert recovery.printed(row.command)
    assert recovery.recorded(row) == recovery.listed(row) != []


def test_the_key_is_the_declared_one(recovery: Recovery) -> None:
    """The secret was imported without its value, and the next up set it."""
    assert recovery.clone.ask(recovery.clone.outputs()["tokens"]["agents"]).is_success
