"""The tokens in the stack: the newest one and the earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from gatewright.clients.common.variables import SERVICE_TOKEN_PARTS, Holds, Variable
from gatewright.command_line import command
from gatewright.engine.doctor import Finding
from gatewright.environment.resolved import Environment
from gatewright.errors import GatewrightError
from gatewright.frozen import frozen
from gatewright.operations.tokens.daemons import digest
from gatewright.operations.tokens.secrets import Secrets, Supply
from gatewright.project import Project


@frozen
class Tokens:
    """`newest` by the variable that must hold it; `kept`: all tokens in the stack, with those that will be revoked, and
    both parts of all service tokens. `service_tokens`: their outputs, secrets encrypted."""

    newest: Mapping[str, str] = field(default_factory=dict, repr=False)
    kept: tuple[str, ...] = field(default=(), repr=False)
    service_tokens: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    def knows(self, variable: Variable) -> bool:
        """Whether the newest token of the variable is known."""
        return variable.name in self.newest

    def find_fault(self, variable: Variable, value_digest: str) -> str | None:
        """What is wrong with the variable's value; None if it is the newest token, or the newest is unknown."""
        if not self.knows(variable) or value_digest == digest(self.newest[variable.name]):
            return None
        earlier = {digest(variable.prefix + value) for value in self.kept}
        if variable.holds is Holds.SERVICE_TOKEN:
            part = SERVICE_TOKEN_PARTS[variable.source or ""]
            is_earlier = "an earlier service token, which will be deleted"
            return f"the {part} of {is_earlier if value_digest in earlier else 'a service token unknown to the stack'}"
        return "an earlier token, which will be revoked" if value_digest in earlier else "a token unknown to the stack"


def tokens_of_stack(
    project: Project, environment: Environment, variables: Sequence[Variable]
) -> tuple[Tokens, tuple[Finding, ...]]:
    """Read the tokens and the service token from the stack. A stack that cannot be opened here is a finding."""
    token_variables = [variable for variable in variables if variable.holds is Holds.TOKEN]
    parts = [variable for variable in variables if variable.holds is Holds.SERVICE_TOKEN]
    if not (token_variables or parts):
        return Tokens(), ()
    sources = frozenset(variable.source for variable in token_variables if variable.source)
    secrets = Secrets(project, environment, {}, sources)
    values: dict[str, str] = {}
    service_tokens: list[dict[str, Any]] = []
    findings: tuple[Finding, ...] = ()
    try:
        values |= secrets.supply(token_variables).values
        if parts:
            service_tokens = secrets.service_tokens()
            values |= secrets.supply(parts).values
    except GatewrightError as error:
        noun = "service token" if values or not token_variables else "token"
        fix = error.hint or command(f"up {environment.name}")
        findings = (Finding("stack", f"the newest {noun} is unknown: {error.message}", fix, needed=False),)
    kept = secrets.masks(Supply(values, ())) if values else []
    ids = [str(outputs["clientId"]) for outputs in service_tokens if "clientId" in outputs]
    return Tokens(values, (*kept, *ids), tuple(service_tokens)), findings
