"""The fire drill and the log on a deployed environment: as shipped, interrupted, and killed."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from .pairs import WITH_EITHER

if TYPE_CHECKING:
    from .clone import Clone

pytestmark = [pytest.mark.integration, pytest.mark.nightly, WITH_EITHER]

LIMIT = 120.0  # seconds; the stack is asked for the token first


def faults(clone: Clone) -> list[dict[str, Any]]:
    injected: list[dict[str, Any]] = httpx.get(
        f"http://127.0.0.1:{clone.port}/__local__/faults", trust_env=False
    ).json()
    return injected


def test_every_first_choice_of_the_shipped_environment_has_a_next_step(clone: Clone) -> None:
    clone.up()
    output = clone.gatewright("verify", "local", "--fire-drill", "--format", "json")  # after the progress
    document = json.loads(output[output.index("\n{") :])
    drilled = [result for result in document["results"] if "drill" in result]
    assert document["ok"]
    assert len(drilled) >= 4
    assert {result["drill"]["mode"] for result in drilled} == {"429", "410", "timeout", "wrong key"}
    assert all(result["answered_by"] != result["drill"]["failing"] for result in drilled)
    assert faults(clone) == []

    lines = clone.gatewright("logs", "local", "--limit", "1000", "--format", "json").splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    assert len(entries) >= len(drilled)
    assert any(entry["step"] and entry["routes"] for entry in entries)

    for ending, left in ((signal.SIGINT, 0), (signal.SIGKILL, 1)):
        interrupt_during_a_fault(clone, ending)
        assert len(faults(clone)) == left
    assert "1 fault of an earlier drill that was killed removed" in clone.gatewright("verify", "local", "--fire-drill")
    assert faults(clone) == []


def interrupt_during_a_fault(clone: Clone, ending: signal.Signals) -> None:
    """Send the signal while a fault is set: the next models are slow."""
    slow = {"on": "upstream", "name": "slow", "times": 1000, "delay_ms": 700, "provider": "workers-ai"}
    url = f"http://127.0.0.1:{clone.port}/__local__/faults"
    httpx.post(url, json=slow, trust_env=False).raise_for_status()
    program = str(clone.project.root / ".venv/bin/gatewright")
    command = [program, "verify", "local", "--fire-drill"]
    with subprocess.Popen(
        command, cwd=clone.project.root, env=clone.shell(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + LIMIT
        while not any(fault["name"].startswith("gatewright-fire-drill-") for fault in faults(clone)):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(ending)
        code = process.wait(LIMIT)
    assert code == (130 if ending == signal.SIGINT else -signal.SIGKILL)
    httpx.delete(url, params={"name": "slow"}, trust_env=False).raise_for_status()
