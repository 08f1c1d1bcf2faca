"""The tokens in the stack: the newest one and the earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatewright.clients.common.variables import Holds, Variable
from gatewright.command_line import command
from gatewright.engine.doctor import Finding
from gatewright.environment.resolved import Environment
from gatewright.errors import GatewrightError
from gatewright.operations.tokens.daemons import digest
from gatewright.operations.tokens.secrets import Secrets
from gatewright.project import Project


@dataclass(frozen=True, slots=True)
class Tokens:
    """`newest` by the variable that must hold it; `kept`: all tokens in the stack, with those that will be revoked."""

    newest: Mapping[str, str] = field(default_factory=dict, repr=False)
    kept: tuple[str, ...] = field(default=(), repr=False)

    def knows(self, variable: Variable) -> bool:
        """Whether the newest token of the variable is known."""
        return variable.name in self.newest

    def find_fault(self, variable: Variable, value_digest: str) -> str | None:
        """What is wrong with the variable's value; None if it is the newest token, or the newest is unknown."""
        if not self.knows(variable) or value_digest == digest(self.newest[variable.name]):
            return None
        earlier = {digest(variable.prefix + value) for value in self.kept}
        return "an earlier token, which will be revoked" if value_digest in earlier else "a token unknown to the stack"


def tokens_of_stack(
    project: Project, environment: Environment, variables: Sequence[Variable]
) -> tuple[Tokens, tuple[Finding, ...]]:
    """Read the tokens from the stack. A stack that cannot be opened here is a finding."""
    token_variables = [variable for variable in variables if variable.holds is Holds.TOKEN]
    if not token_variables:
        return Tokens(), ()
    secrets = Secrets(
        project, environment, {}, frozenset(variable.source for variable in token_variables if variable.source)
    )
    try:
        supply = secrets.supply(token_variables)
        return Tokens(supply.values, tuple(secrets.masks(supply))), ()
    except GatewrightError as error:
        fix = error.hint or command(f"up {environment.name}")
        return Tokens(), (Finding("stack", f"the newest token is unknown: {error.message}", fix, needed=False),)
