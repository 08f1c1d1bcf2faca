"""Two machines on one backend, an S3-compatible bucket: the lock holds, a killed run is finished by the other."""

from __future__ import annotations

import os
import signal
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from local.ports import free_port

from gatewright.errors import EngineError

from .machines import at_once, two_machines
from .s3 import CREDENTIALS, backend, keys, packages, read, running
from .test_stops import AT_REST, SLOW, UP, WITHIN, created, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.engine.find import Engine
    from gatewright.project import Project

    from .machines import Machine

pytestmark = [pytest.mark.integration, pytest.mark.nightly]


@pytest.fixture
def store(checkout: Project) -> Iterator[str]:
    with running(packages(checkout), free_port()) as url:
        yield url


@pytest.fixture
def machines(checkout: Project, engine: Engine, store: str, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    with two_machines(checkout, engine, tmp_path, backend(store)) as both:
        yield both


def locks(store: str) -> list[str]:
    return [key for key in keys(store) if "/locks/" in key]


def at_rest(store: str) -> bool:
    """Whether the state knows the gateway, and has not changed for a while: only the token is missing."""
    state = read(store, ".pulumi/stacks/gatewright/local.json")
    if '"id":"agents-local"' not in state.text:
        return False
    return time.time() - parsedate_to_datetime(state.headers["last-modified"]).timestamp() > 2 * AT_REST


def test_two_machines_on_a_bucket(machines: tuple[Machine, Machine], store: str) -> None:
    first, second = machines
    codes, texts = at_once(machines)
    for code, text in zip(codes, texts, strict=True):
        assert code == 0 or "the stack is currently locked by" in text, text
    assert locks(store) == []
    for each in machines:
        each.up()
    assert created(first) == ["agents-local", "gatewright/local/agents"]
    assert first.up() == second.up() == {}
    assert first.resources() == second.resources()
    assert not (first.project.work / "state" / ".pulumi").exists()


def test_a_killed_run_on_a_bucket_is_finished_by_the_other(machines: tuple[Machine, Machine], store: str) -> None:
    first, second = machines
    first.order(method="POST", path="*/tokens", delay_ms=10 * SLOW)  # all else is done meanwhile, on a busy machine too
    with first.running(*UP) as process:
        wait_for(process, lambda: at_rest(store), 3 * WITHIN)  # each write to the bucket takes seconds
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=WITHIN)
    assert len(locks(store)) == 1
    with pytest.raises(EngineError, match="currently locked by 1 lock") as refused:
        second.operations().run(*UP, "--stack", "local")
    assert "pulumi cancel --yes --stack local" in str(refused.value.hint)
    assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in f"{refused.value} {refused.value.hint}"
    second.pulumi("cancel", "--yes", "--stack", "local")
    assert locks(store) == []
    second.up()
    assert created(second) == ["agents-local", "gatewright/local/agents"]
    assert second.ask(second.outputs()["tokens"]["agents"]).is_success
