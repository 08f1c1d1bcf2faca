"""Machines that share a state: clones whose state is in one backend."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import TYPE_CHECKING

from local.ports import free_port

from gatewright.engine.passphrase import passphrase_file
from gatewright.engine.variables import PASSPHRASE_FILE, Session
from gatewright.operations.stack.pulumi import Pulumi
from gatewright.project import Project

from .clone import Clone
from .pairs import stand_ins
from .test_stops import UP, WITHIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gatewright.engine.find import Engine


class Machine(Clone):
    """A clone whose state is in the backend that its variables name."""

    def variables(self) -> dict[str, str]:
        return super().variables() | self.exported

    def operations(self) -> Pulumi:
        """The engine as our commands run it."""
        session = Session(self.variables(), self.exported["PULUMI_BACKEND_URL"], "a file")
        return Pulumi(self.project, self.engine, session, "local")


@contextmanager
def two_machines(
    checkout: Project, engine: Engine, folder: Path, backend: Mapping[str, str]
) -> Iterator[tuple[Machine, Machine]]:
    """Each with a folder, an engine and a PULUMI_HOME of its own; one Cloudflare, one passphrase, one salt.

    `backend` are the variables that name it. No word of the state is on either.
    """
    port = free_port()
    first, second = both = (
        _machine(checkout, folder / "first", engine, port),
        _machine(checkout, folder / "second", engine, port),
    )
    for each in both:
        each.exported.update(backend)
        each.gatewright("engine", "install")
        each.exported[PASSPHRASE_FILE] = str(passphrase_file(first.project))
    first.gatewright("local", "start", "--port", str(port))
    first.pulumi("stack", "init", "local")
    shutil.copy(first.project.stacks / "Pulumi.local.yaml", second.project.stacks)  # as git would
    yield both
    for each in both:
        each.end()


def _machine(checkout: Project, folder: Path, engine: Engine, port: int) -> Machine:
    made = Machine.make(checkout, folder / "a project", stand_ins(engine, folder), port)
    assert isinstance(made, Machine)
    return made


def at_once(machines: tuple[Machine, Machine]) -> tuple[list[int], list[str]]:
    """Both begin an up at the same moment: exit codes, and what they said."""
    begin = Barrier(len(machines))
    done: dict[int, subprocess.CompletedProcess[str]] = {}

    def up(number: int, machine: Machine) -> None:
        begin.wait()
        done[number] = subprocess.run(
            machine.command(*UP),
            cwd=machine.project.root,
            env=machine.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=WITHIN,
            check=False,
        )

    threads = [Thread(target=up, args=each) for each in enumerate(machines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [done[number].returncode for number in (0, 1)], [done[number].stdout for number in (0, 1)]
