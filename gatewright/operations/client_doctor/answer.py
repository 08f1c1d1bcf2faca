"""One small request through the gateway, as the client sends it and with the client's credentials."""

from __future__ import annotations

from gatewright.clients.common.variables import Holds
from gatewright.command_line import command
from gatewright.engine.doctor import Finding
from gatewright.errors import GatewrightError, RefusedError
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.client_doctor.sources import SHELL
from gatewright.operations.probe.requests import client_request
from gatewright.operations.probe.smoke import send_probe
from gatewright.operations.probe.transport import provider_keys_from
from gatewright.operations.tokens.run_token import RunToken

NAME = "answer"


def check_answer(context: ClientContext) -> tuple[Finding, bool]:
    """Send the request. Returns the finding, and whether Cloudflare refuses the token."""
    environment, client = context.environment, context.client
    request = client_request(environment, client)
    if request is None:
        return Finding(NAME, "not sent: the client reaches its models without the gateway"), False
    token, token_fix = find_token(context)
    if token is None and client.token is not None:
        fix = f"{command(f'up {environment.name}')}, then set the variables above"
        return Finding(NAME, "not sent: there is no token", fix), False
    keys = provider_keys_from(environment, context.sources.machine.variables)
    try:
        return Finding(NAME, send_probe(environment, request, token, keys)), False
    except GatewrightError as error:
        refused = isinstance(error, RefusedError)
        fix = error.hint or "Run the command again"
        if refused and token_fix:
            fix = f"The token is old, of another account, or lacks AI Gateway Run: {token_fix}"
        return Finding(NAME, error.message, fix), refused


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
    return None, None
