"""`doctor ENV CLIENT`: whether a client is ready where it runs, and the fix where it is not. Changes no settings."""

from __future__ import annotations

from pathlib import Path

from gatewright.clients import CLIENTS
from gatewright.clients.common.variables import secret_variable
from gatewright.command_line import command
from gatewright.engine.doctor import Examination
from gatewright.environment.resolved import Environment
from gatewright.install import Machine, find_locations, inspect
from gatewright.install.requests import helper_here
from gatewright.operations.client_doctor.answer import check_answer
from gatewright.operations.client_doctor.conflicts import check_conflicts
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.client_doctor.files import check_files
from gatewright.operations.client_doctor.helper import check_helper, check_token_file
from gatewright.operations.client_doctor.program import check_program
from gatewright.operations.client_doctor.service_token import check_service_token
from gatewright.operations.client_doctor.sources import Sources
from gatewright.operations.client_doctor.tokens import tokens_of_stack
from gatewright.operations.client_doctor.variables import check_variables
from gatewright.project import Project


def examine(project: Project, environment: Environment, name: str, machine: Machine) -> Examination:
    """Check one client of an environment on this machine.

    Raises UsageError if there is no such client, InvalidEnvironmentError if its files cannot be emitted.
    """
    files = [
        (inspect(project, environment, name, machine, to=path), _install_command(environment.name, name, path, machine))
        for path in find_locations(project, environment, name, machine)
    ]
    client, program = environment.clients[name], CLIENTS[name].program
    variables = CLIENTS[name].variables(environment, client)
    asked = () if client.credential == "variable" else (secret_variable(environment, client, client.variable),)
    tokens, stack_findings = tokens_of_stack(project, environment, [*variables, *asked])
    context = ClientContext(environment, client, program, variables, Sources(machine, program), tokens)
    paths = {target.path for installed, _ in files for target in installed.installation.targets}
    current = [installed.installation for installed, _ in files if installed.is_current]
    answer, refused = check_answer(context, current[0] if current else None)
    findings = (
        *check_program(client, program, machine),
        *(finding for installed, install in files for finding in check_files(installed, machine, install)),
        *check_conflicts(conflict for installed, _ in files for conflict in installed.conflicts),
        *stack_findings,
        *check_helper(context, helper_here(project, machine)),
        *check_token_file(context, helper_here(project, machine)),
        *check_variables(context, paths),
        *check_service_token(context),
        answer,
    )
    return Examination(findings, refused)


def _install_command(environment: str, client: str, path: Path | None, machine: Machine) -> str:
    """The command that installs the files at the same location again."""
    return command(f"install {environment} {client}") + (f" --to {machine.argument(path)}" if path else "")
