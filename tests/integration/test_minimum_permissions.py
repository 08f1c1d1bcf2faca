"""Each command with the engine runs with exactly the permissions of `gatewright permissions --for`, and names the one
that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from restricted_token import allow_everything, restrict_local_token

from gatewright.cloudflare.needed_permissions import command_permissions
from gatewright.facts.local_cloudflare import LOCAL_ZONE, LOCAL_ZONE_NAME
from gatewright.facts.permissions import ACCOUNT_TOKENS_WRITE
from gatewright.local import daemon
from gatewright.workspace import open_one

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.cloudflare.needed_permissions import Need

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]


NAMED = "gatewright permissions local lists all that it needs"


@pytest.fixture
def clone(clone: Clone) -> Clone:
    """A small environment with every kind of resource: a key, a route, a domain in a zone, a token."""
    clone.write(
        extends="catalog.yaml",
        use=["workers-ai", "groq"],
        routes={"fast": ["groq/gpt-oss-20b"]},
        gateway={"domains": {f"ai.{LOCAL_ZONE_NAME}": {"zone": LOCAL_ZONE}}},
        tokens={"agents": {"allow": ["AI Gateway Run"]}},
    )
    return clone


def restrict(clone: Clone, needs: list[Need]) -> None:
    restrict_local_token(daemon.state_file(clone.project), needs)


def one_less(clone: Clone, command: str) -> Iterator[Need]:
    """Each need of the command, while the token has all but this one; and then all of them."""
    needs = command_permissions(open_one(clone.project, "local"), command)
    for need in needs:
        restrict(clone, [other for other in needs if other is not need])
        yield need
    restrict(clone, needs)


def names(need: Need, message: str) -> bool:
    """Whether the message names the permission; the first call that is refused may only read."""
    return need.name in message or f"{need.name.rpartition(' ')[0]} Read" in message


def require_refused(clone: Clone, need: Need, *command: str) -> None:
    message = clone.gatewright(*command, code=4)
    assert names(need, message), message
    assert NAMED in message


def test_up(clone: Clone) -> None:
    for need in one_less(clone, "up"):
        require_refused(clone, need, "up", "local")
        allow_everything(daemon.state_file(clone.project))
        clone.gatewright("down", "local")
    clone.gatewright("up", "local")
    assert "unchanged" in clone.gatewright("up", "local")


def test_preview_and_drift(clone: Clone) -> None:
    """A preview goes on with less: it calls only for what is new, and then shows fewer conflicts."""
    clone.gatewright("up", "local")
    for need in one_less(clone, "drift"):
        require_refused(clone, need, "drift", "local")
    clone.gatewright("drift", "local")
    restrict(clone, command_permissions(open_one(clone.project, "local"), "preview"))
    clone.gatewright("preview", "local")


def test_down(clone: Clone) -> None:
    clone.gatewright("up", "local")
    for need in one_less(clone, "down"):
        require_refused(clone, need, "down", "local")
        allow_everything(daemon.state_file(clone.project))
        clone.gatewright("up", "local")
    assert "local Cloudflare stopped" in clone.gatewright("down", "local")  # as it has no gateway left


def test_retire(clone: Clone) -> None:
    clone.gatewright("up", "local")
    needs = command_permissions(open_one(clone.project, "local"), "retire")
    restrict(clone, [need for need in needs if need.group is not ACCOUNT_TOKENS_WRITE])
    assert "Does the deploying token have Account API Tokens Write?" in clone.gatewright(
        "retire", "local", "--yes", "--force", code=4
    )
    restrict(clone, needs)
    clone.gatewright("retire", "local", "--yes", "--force")
