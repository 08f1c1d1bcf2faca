"""Runs that are stopped in the middle, and runs that meet."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.long]

UP = ("up", "--yes", "--skip-preview")
SLOW = 4_000  # milliseconds
WITHIN = 60.0  # seconds
AT_REST = 1.0  # seconds


def test_ctrl_c(clone: Clone) -> None:
    clone.order(method="POST", path="*/tokens", delay_ms=SLOW)
    with clone.running(*UP) as process:
        wait_for(process, lambda: only_the_token_is_missing(clone))
        os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=WITHIN)
    assert process.returncode != 0
    assert clone.is_calm(text)
    clone.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")  # no lock was left
    clone.up()
    clone.expect_no_changes()
    assert created(clone) == ["agents-local", "gatewright/local/agents"]
    assert clone.ask(clone.outputs()["tokens"]["agents"]).is_success


def test_killed(clone: Clone) -> None:
    clone.order(method="POST", path="*/tokens", delay_ms=SLOW)
    with clone.running(*UP) as process:
        wait_for(process, lambda: only_the_token_is_missing(clone))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=WITHIN)
    free = 'eval "$(.venv/bin/gatewright engine env)"; pulumi cancel --yes --stack local'
    said = clone.gatewright("preview", "local", code=2)
    assert "stack local is locked by a run that is no longer alive" in said
    assert free in said
    text = clone.gatewright("up", code=1)
    assert free in text
    assert clone.is_calm(text)
    clone.pulumi("cancel", "--yes", "--stack", "local")
    clone.gatewright("up")
    clone.expect_no_changes()
    assert created(clone) == ["agents-local", "gatewright/local/agents"]


@pytest.mark.parametrize("pair", ["stand-ins"], indirect=True)  # the lock is the engine's
def test_two_at_once(clone: Clone) -> None:
    clone.order(method="POST", path="*/tokens", delay_ms=4 * SLOW)  # the second must come to the lock meanwhile
    with clone.running(*UP) as first:
        wait_for(first, lambda: only_the_token_is_missing(clone))
        text = clone.pulumi(*UP, code=1)
        assert "currently locked" in text
        said, _ = first.communicate(timeout=WITHIN)
        assert first.returncode == 0, said
    assert clone.up() == {}


def wait_for(process: subprocess.Popen[str], reached: Callable[[], bool], within: float = WITHIN) -> None:
    """Until the run has got there."""
    deadline = time.monotonic() + within
    while not reached():
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def created(clone: Clone) -> list[str]:
    """Every gateway and every token of ours at Cloudflare."""
    gateways = [gateway["id"] for gateway in clone.api("GET", "/ai-gateway/gateways")]
    return gateways + [
        token["name"] for token in clone.api("GET", "/tokens") if token["name"].startswith("gatewright/")
    ]


def only_the_token_is_missing(clone: Clone) -> bool:
    """Whether the state knows the gateway and has come to rest: what the server made, the state knows."""
    states = [*(clone.project.work / "state").rglob("stacks/gatewright/local.json")]
    return any(
        '"id":"agents-local"' in each.read_text() and time.time() - each.stat().st_mtime > AT_REST for each in states
    )
