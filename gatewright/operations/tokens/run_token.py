"""The token that runs models: from the variable that clients read, else from the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.diagnostics import did_you_mean
from gatewright.errors import GatewrightError, RefusedError, UsageError
from gatewright.operations.probe.transport import RunToken
from gatewright.operations.tokens.needed_variables import variables_of
from gatewright.operations.tokens.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatewright.environment.resolved import Environment
    from gatewright.project import Project


def run_token(
    project: Project, environment: Environment, wanted: str | None, shell: Mapping[str, str]
) -> RunToken | None:
    """The token called `wanted`, else the only one or the one of the clients; None where the gateway asks for none.

    Raises UsageError where there is no such token or more than one, RefusedError where it has no value.
    """
    if not environment.gateway.authenticated:
        return None
    name = _name(environment, wanted)
    read = variables_of(environment, name)
    stripped = {each: value.strip() for each, value in shell.items()}
    try:
        value, variable = Secrets(project, environment, stripped).token(name, read)
    except GatewrightError as error:
        foreign = next((each for each in read if stripped.get(each)), None)
        lack = (
            f"${foreign} is of another Cloudflare, and " if foreign else f"${read[0]} is not set, and " if read else ""
        )
        raise RefusedError(f"there is no token {name} to ask with: {lack}{error.message}", error.hint) from None
    called = f"${variable}" if variable else f"the stack's token {name}"
    if not value.isascii() or not value.isprintable() or " " in value:
        raise RefusedError(f"{called} holds something that is no token: a space, or what is not ASCII", "Set it anew")
    return RunToken(name, value, variable)


def _name(environment: Environment, wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in environment.tokens:
            hint = did_you_mean(wanted, environment.tokens)
            raise UsageError(f"{environment.name} has no token {wanted}", hint or None)
        return wanted
    if len(environment.tokens) == 1:
        return next(iter(environment.tokens))
    of_clients = {client.token for client in environment.clients.values() if client.token is not None}
    if len(of_clients) == 1:
        return of_clients.pop()
    if not environment.tokens:
        raise UsageError(f"{environment.name} declares no token", "Declare one: tokens: {agents: {}}")
    names = ", ".join(environment.tokens)
    raise UsageError(f"{environment.name} has {len(environment.tokens)} tokens: {names}", "Choose one: --token NAME")
