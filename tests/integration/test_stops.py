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

pytestmark = pytest.mark.integration

UP = ("up", "--yes", "--skip-preview")
SLOW = 6_000  # milliseconds
WITHIN = 60.0  # seconds


def test_ctrl_c(clone: Clone) -> None:
    clone.order(method="POST", path="*/tokens", delay_ms=SLOW)
    with clone.running(*UP) as process:
        wait_for(process, lambda: has_gateway(clone))
        os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=WITHIN)
    assert process.returncode != 0
    assert clone.is_calm(text)
    clone.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")  # no lock was left
    clone.up()
    clone.expect_no_changes()
    assert clone.ask(clone.outputs()["tokens"]["agents"]).is_success


def test_killed(clone: Clone) -> None:
    clone.order(method="POST", path="*/tokens", delay_ms=SLOW)
    with clone.running(*UP) as process:
        wait_for(process, lambda: has_gateway(clone))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=WITHIN)
    text = clone.gatewright("up", code=1)
    assert "pulumi cancel --yes --stack local" in text
    assert clone.is_calm(text)
    clone.pulumi("cancel", "--yes", "--stack", "local")
    clone.gatewright("up")
    clone.expect_no_changes()
    assert [gateway["id"] for gateway in clone.api("GET", "/ai-gateway/gateways")] == ["agents-local"]


def test_two_at_once(clone: Clone) -> None:
    clone.order(method="POST", path="*/tokens", delay_ms=SLOW)
    with clone.running(*UP) as first:
        wait_for(first, lambda: has_gateway(clone))
        text = clone.pulumi(*UP, code=1)
        assert "currently locked" in text
        said, _ = first.communicate(timeout=WITHIN)
        assert first.returncode == 0, said
    assert clone.up() == {}


def wait_for(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    """Until the run has got there."""
    deadline = time.monotonic() + WITHIN
    while not reached():
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def has_gateway(clone: Clone) -> bool:
    """Whether the state knows the gateway's id."""
    states = (clone.project.work / "state").rglob("stacks/gatewright/local.json")
    return any('"id": "agents-local"' in state.read_text() for state in states)
