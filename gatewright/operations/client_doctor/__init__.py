"""doctor ENV CLIENT: whether a client is ready where it runs, and what mends it where it is not. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatewright.clients import CLIENTS
from gatewright.install import installed, places
from gatewright.operations.client_doctor.answer import asked
from gatewright.operations.client_doctor.files import files
from gatewright.operations.client_doctor.program import program
from gatewright.operations.client_doctor.sources import Sources
from gatewright.operations.client_doctor.tokens import tokens_of_stack
from gatewright.operations.client_doctor.variables import variables

if TYPE_CHECKING:
    from pathlib import Path

    from gatewright.engine.doctor import Finding
    from gatewright.environment.resolved import Environment
    from gatewright.install import Machine
    from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, in the order in which it is needed; `refused`: Cloudflare refuses the token."""

    findings: tuple[Finding, ...]
    refused: bool


def examine(project: Project, environment: Environment, name: str, machine: Machine) -> Examined:
    """All that can be wrong with one client of an environment on this machine.

    Raises UsageError where there is no such client, InvalidEnvironmentError where its files cannot be made.
    """
    there = [
        (installed(project, environment, name, machine, to=place), _again(environment.name, name, place, machine))
        for place in places(project, environment, name, machine)
    ]
    client = environment.clients[name]
    known, wanted = CLIENTS[name].program, CLIENTS[name].variables(environment, client)
    sources = Sources(machine, known)
    tokens, unknown = tokens_of_stack(project, environment, wanted)
    answer, refused = asked(environment, client, wanted, sources, tokens)
    found = (
        *program(client, known, machine),
        *(finding for each, again in there for finding in files(each, machine, again)),
        *unknown,
        *variables(environment.name, name, known, wanted, sources, tokens),
        answer,
    )
    return Examined(found, refused)


def _again(environment: str, client: str, place: Path | None, machine: Machine) -> str:
    """The command that puts the files back where they are."""
    return f"gatewright install {environment} {client}" + (f" --to {machine.argument(place)}" if place else "")
