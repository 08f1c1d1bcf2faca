"""One small request through the gateway: by the client's program, otherwise as the client sends it."""

from __future__ import annotations

import shutil

from gatewright.clients.common.installation import Installation
from gatewright.clients.common.variables import Holds, Variable
from gatewright.command_line import command
from gatewright.engine.doctor import Finding
from gatewright.errors import GatewrightError, RefusedError
from gatewright.operations.client_doctor.ask_program import NAME, ask_program
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.client_doctor.sources import SHELL
from gatewright.operations.probe.requests import client_request
from gatewright.operations.probe.smoke import send_probe
from gatewright.operations.probe.transport import provider_keys_from
from gatewright.operations.tokens.run_token import RunToken


def check_answer(context: ClientContext, installation: Installation | None) -> tuple[Finding, bool]:
    """Send the request; `installation` is None if the client is not installed as declared.

    Returns the finding, and whether Cloudflare refuses the token.
    """
    environment, client = context.environment, context.client
    request = client_request(environment, client, context.sources.machine.variables)
    if request is None:
        return Finding(NAME, "not sent: the client reaches its models without the gateway"), False
    token, token_fix = find_token(context)
    if token is None and client.token is not None:
        fix = command(f"up {environment.name}")
        if client.credential == "variable":
            fix = f"{fix}, then set the variables above"
        return Finding(NAME, "not sent: there is no token", fix), False
    reason, path = _find_program(context, installation)
    if path is not None and installation is not None:
        return ask_program(context, installation, path)
    keys = provider_keys_from(environment, {**context.sources.machine.variables, **_service_token(context)})
    try:
        return Finding(NAME, f"{send_probe(environment, request, token, keys)}; asked directly: {reason}"), False
    except GatewrightError as error:
        refused = isinstance(error, RefusedError)
        fix = error.hint or "Run the command again"
        if refused and token_fix:
            fix = f"The token is old, of another account, or lacks AI Gateway Run: {token_fix}"
        return Finding(NAME, error.message, fix), refused


def _find_program(context: ClientContext, installation: Installation | None) -> tuple[str, str | None]:
    """The program's path, or the reason why it cannot be asked."""
    if context.program is None:
        return "the client has no program", None
    if installation is None:
        return "the client is not installed as declared", None
    if not installation.ask:
        return f"{context.program.command} has no command that asks once", None
    unset = [variable.name for variable in context.variables if not _is_available(context, variable)]
    if unset:
        return f"{unset[0]} is not set", None
    path = shutil.which(context.program.command, path=context.sources.machine.variables.get("PATH"))
    return f"{context.program.command} is not on PATH", path


def _is_available(context: ClientContext, variable: Variable) -> bool:
    if variable.holds in (Holds.TOKEN, Holds.SERVICE_TOKEN) and context.tokens.knows(variable):
        return True
    return context.sources.find(variable.name)[0] is not None


def _service_token(context: ClientContext) -> dict[str, str]:
    """The parts of the service token that the client reads, otherwise the stack's newest."""
    names = [variable.name for variable in context.variables if variable.holds is Holds.SERVICE_TOKEN]
    found = {name: context.sources.find(name)[0] or context.tokens.newest.get(name) for name in names}
    return {name: value for name, value in found.items() if value}


def find_token(context: ClientContext) -> tuple[RunToken | None, str | None]:
    """The token that the client reads, otherwise the stack's newest; and the fix if the token is in the client's own
    file and is not known to be the newest."""
    for variable in context.variables:
        if variable.holds is Holds.TOKEN:
            newest = context.tokens.newest.get(variable.name)
            value, location = context.sources.find(variable.name)
            token = (value or newest or "").removeprefix(variable.prefix).strip()
            if token.isascii() and token.isprintable() and token:
                in_shell = bool(value) and location == SHELL
                is_newest = not value or in_shell or value == newest
                fix = None if is_newest else f"put the newest token into {variable.name} of {location}"
                return RunToken(variable.source or "", token, variable.name if in_shell else None), fix
    newest = context.tokens.newest.get(context.client.variable)
    return (RunToken(context.client.token or "", newest, None) if newest else None), None
