"""The facts that the checks of one client share."""

from __future__ import annotations

from gatewright.clients.common.program import Program
from gatewright.clients.common.variables import Variable
from gatewright.command_line import command
from gatewright.environment.resolved import Client, Environment
from gatewright.frozen import frozen
from gatewright.operations.client_doctor.sources import Sources
from gatewright.operations.client_doctor.tokens import Tokens


@frozen
class ClientContext:
    """One client of an environment: its program, the variables it reads and from where, and the stack's tokens."""

    environment: Environment
    client: Client
    program: Program | None
    variables: tuple[Variable, ...]
    sources: Sources
    tokens: Tokens

    @property
    def export_command(self) -> str:
        """The command that sets the variables in a shell."""
        return f'eval "$({command(f"env {self.environment.name} --client {self.client.program}")})"'

    def write_command(self, *names: str) -> str:
        """The command that writes the variables to the program's dotenv file."""
        dotenv = command(f"env {self.environment.name} --client {self.client.program} --format dotenv")
        return self.sources.write_command(dotenv, names)
