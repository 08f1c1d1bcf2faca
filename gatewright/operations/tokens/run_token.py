"""The token that runs models: from the variable that clients read, or from the stack."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.errors import GatewrightError, RefusedError, UsageError
from gatewright.frozen import frozen
from gatewright.operations.tokens.needed_variables import token_variables
from gatewright.operations.tokens.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


@frozen
class RunToken:
    """A token that runs models: its name in the environment, its value, the variable it came from (None: the stack)."""

    name: str
    value: str = field(repr=False)
    variable: str | None


def find_run_token(
    project: Project, environment: Environment, name: str | None, shell: Mapping[str, str]
) -> RunToken | None:
    """The token `name`, by default the only one or the clients'; None where the gateway needs no token.

    Raises UsageError for an unknown or ambiguous token, RefusedError for one without a usable value.
    """
    if not environment.gateway.authenticated:
        return None
    name = name if name is not None else default_token(environment, "--token NAME")
    if name not in environment.tokens:
        raise UsageError(f"{environment.name} has no token {name}", did_you_mean(name, environment.tokens) or None)
    variables = token_variables(environment, name)
    stripped = {variable: value.strip() for variable, value in shell.items()}
    try:
        value, variable = Secrets(project, environment, stripped).token(name, variables)
    except GatewrightError as error:
        foreign = next((each for each in variables if stripped.get(each)), None)
        lack = f"${foreign} belongs to another Cloudflare, and " if foreign else ""
        if not foreign and variables:
            lack = f"${variables[0]} is not set, and "
        raise RefusedError(f"no value for token {name}: {lack}{error.message}", error.hint) from None
    if not value.isascii() or not value.isprintable() or " " in value:
        source = f"${variable}" if variable else f"the stack's token {name}"
        raise RefusedError(
            f"{source} is not a token: it contains a space or a character that is not ASCII", "Set it again"
        )
    return RunToken(name, value, variable)


def default_token(environment: Environment, choose: str) -> str:
    """The only token, otherwise the clients' only one. Raises UsageError where that is ambiguous; `choose` is the
    command or the option that names one."""
    if len(environment.tokens) == 1:
        return next(iter(environment.tokens))
    of_clients = {client.token for client in environment.clients.values() if client.token is not None}
    if len(of_clients) == 1:
        return of_clients.pop()
    if not environment.tokens:
        raise UsageError(f"{environment.name} declares no token", "Declare one: tokens: {agents: {}}")
    names = ", ".join(environment.tokens)
    raise UsageError(f"{environment.name} has {len(environment.tokens)} tokens: {names}", f"Choose one: {choose}")
