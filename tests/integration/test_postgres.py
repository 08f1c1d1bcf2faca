"""Two machines on one backend, a real Postgres: the lock holds, and nothing is lost."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from local.ports import free_port

from gatewright.engine.variables import Session
from gatewright.errors import EngineError
from gatewright.operations.stack.pulumi import Pulumi

from .machines import at_once, two_machines
from .postgres import PASSWORD, NoPostgresError, Postgres, running
from .test_stops import SLOW, UP, WITHIN, created, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatewright.engine.find import Engine
    from gatewright.project import Project

    from .machines import Machine

pytestmark = [
    pytest.mark.integration,
    pytest.mark.nightly,
    pytest.mark.skipif(sys.platform != "linux", reason="the packages are Linux's"),
]

ROUNDS = 3
HELD_UP = 3 * SLOW  # the other must come to the lock meanwhile, on a busy machine too
LOCKS = "select key from pulumi_state where key like '%/.pulumi/locks/%'"
AT_REST = """
select key from pulumi_state
where key like '%/stacks/gatewright/local.json' and updated_at < now() - interval '1 second'
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    try:
        with running(free_port()) as made:
            yield made
    except NoPostgresError as error:
        pytest.skip(str(error))


@dataclass(frozen=True, slots=True)
class State:
    """What the machines share."""

    postgres: Postgres
    database: str

    def ask(self, query: str) -> list[str]:
        return self.postgres.ask(query, self.database)


@pytest.fixture
def state(postgres: Postgres) -> State:
    """An empty database."""
    made = State(postgres, f"state_{uuid4().hex}")
    postgres.ask(f"create database {made.database}")
    return made


@pytest.fixture
def machines(checkout: Project, engine: Engine, state: State, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Two on one database, whose password is in its URL."""
    backend = {"PULUMI_BACKEND_URL": state.postgres.url(state.database)}
    with two_machines(checkout, engine, tmp_path, backend) as both:
        yield both


def test_two_machines_at_once(machines: tuple[Machine, Machine], state: State) -> None:
    first, second = machines
    won = 0
    for number in range(ROUNDS):
        for each in machines:
            each.declare(gateway={"cache": {"ttl": f"{number + 1}m"}})
        codes, texts = at_once(machines)
        for code, text in zip(codes, texts, strict=True):
            assert code == 0 or "the stack is currently locked by" in text, text
        won += 0 in codes
        assert state.ask(LOCKS) == []  # whoever ended took the own lock along
    assert won, "each round, both were refused"

    for each in machines:
        each.up()
    assert created(first) == ["agents-local", "gatewright/local/agents"]
    assert first.gateway()["cache_ttl"] == ROUNDS * 60
    first.expect_no_changes()
    for each in machines:
        assert each.up() == {}
        assert not (each.project.work / "state" / ".pulumi").exists()
    assert first.resources() == second.resources()
    assert first.ask(second.outputs()["tokens"]["agents"]).is_success


def test_while_one_is_at_it_the_other_is_refused_and_told_what_to_do(
    machines: tuple[Machine, Machine], state: State
) -> None:
    first, second = machines
    first.order(method="POST", path="*/tokens", delay_ms=HELD_UP)
    with first.running(*UP) as process:
        wait_for(process, lambda: asked_for_the_token(first, state))
        assert len(state.ask(LOCKS)) == 1
        with pytest.raises(EngineError, match="currently locked by 1 lock") as refused:
            second.operations().run(*UP, "--stack", "local")
        assert "pulumi cancel --yes --stack local" in str(refused.value.hint)
        assert PASSWORD not in str(refused.value)
        assert second.operations().has_stack()  # looking needs no lock
        said, _ = process.communicate(timeout=WITHIN)
        assert process.returncode == 0, said
    second.up()  # its files
    assert created(second) == ["agents-local", "gatewright/local/agents"]
    assert first.resources() == second.resources()
    assert second.up() == {}


def test_one_that_is_killed_is_finished_by_the_other(machines: tuple[Machine, Machine], state: State) -> None:
    first, second = machines
    first.order(method="POST", path="*/tokens", delay_ms=HELD_UP)
    with first.running(*UP) as process:
        wait_for(process, lambda: asked_for_the_token(first, state))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=WITHIN)
    assert len(state.ask(LOCKS)) == 1
    with pytest.raises(EngineError, match="currently locked by 1 lock") as refused:
        second.operations().run(*UP, "--stack", "local")
    assert f"(pid {process.pid})" in refused.value.message
    told = str(refused.value.hint).partition(": ")[2].split()
    assert told[0] == "pulumi"
    second.pulumi(*told[1:])
    assert state.ask(LOCKS) == []
    second.up()
    assert created(second) == ["agents-local", "gatewright/local/agents"]
    first.up()
    second.expect_no_changes()
    assert second.ask(first.outputs()["tokens"]["agents"]).is_success


def test_one_that_cannot_be_reached(machines: tuple[Machine, Machine]) -> None:
    first, _ = machines
    nowhere = f"postgres://someone:{PASSWORD}@127.0.0.1:1/state"
    elsewhere = Session(first.variables() | {"PULUMI_BACKEND_URL": nowhere}, nowhere, "a file")
    with pytest.raises(EngineError, match="connection refused") as refused:
        Pulumi(first.project, first.engine, elsewhere, "local").run(*UP, "--stack", "local")
    assert "Check that postgres://someone:****@127.0.0.1:1/state is correct, reachable" in str(refused.value.hint)
    assert PASSWORD not in f"{refused.value}"


def asked_for_the_token(machine: Machine, state: State) -> bool:
    """Whether the request that is held up has come, and the state knows of all that was done before."""
    return bool(state.ask(LOCKS) and state.ask(AT_REST)) and "agents-local" in created(machine)
