"""One small request through the client's program, with the user's settings, compared with Cloudflare's log."""

from __future__ import annotations

from collections.abc import Mapping

from gatewright.clients.common.installation import Installation, after_sourcing
from gatewright.clients.common.variables import Holds
from gatewright.engine.doctor import Finding
from gatewright.install.validators import run_captured
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.probe.local_log import LoggedRequest, last_entry, requests_after
from gatewright.operations.probe.transport import new_nonce
from gatewright.redaction import masked
from gatewright.redaction.secret_mask import SecretMask

NAME = "answer"
_TIMEOUT = 120.0  # seconds; the slowest program needs fifteen on an idle machine
_MAX_LINE = 200  # characters of the program's last line
_REFUSED = (401, 403)


def ask_program(context: ClientContext, installation: Installation, path: str) -> tuple[Finding, bool]:
    """Ask through the program at `path`. Returns the finding, and whether Cloudflare refuses the token."""
    environment, machine = context.environment, context.sources.machine
    arguments = (argument.replace("{prompt}", new_nonce()) for argument in installation.ask)
    command = after_sourcing(installation.sourced, [path, *arguments])
    variables = {**machine.variables, **installation.ask_variables, **_missing_tokens(context)}
    before = last_entry(environment)
    result = run_captured(command, variables, machine.folder, _TIMEOUT)
    requests = requests_after(environment, before) if before is not None else None
    program = context.program.command if context.program else path
    refused = [request for request in requests or () if request.status in _REFUSED]
    if refused:  # before the result: some programs repeat a refused request for minutes
        fix = "Cloudflare refuses the token: set the newest one where the program runs"
        return Finding(NAME, f"through {program}: HTTP {refused[0].status} for {refused[0]}", fix), True
    if isinstance(result, str):
        return Finding(NAME, f"through {program}: {result}", f"Run it yourself: {program}"), False
    return _compare(context, program, result, requests, _mask(context, variables))


def _compare(
    context: ClientContext,
    program: str,
    result: tuple[int, str],
    requests: list[LoggedRequest] | None,
    mask: SecretMask,
) -> tuple[Finding, bool]:
    exit_code, output = result
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "no output")
    last = masked(mask.text(last))[:_MAX_LINE]
    if exit_code:
        fix = f"Run it yourself: {program}"
        return Finding(NAME, f"through {program}: it failed with exit {exit_code}: {last}", fix), False
    if requests is None:
        return Finding(NAME, f"through {program}: answered; Cloudflare's log was not compared"), False
    if not requests:
        message = f"through {program}: answered, but not by the gateway {context.environment.gateway_name}"
        return Finding(NAME, message, "Look for settings that choose another provider"), False
    other = next((request for request in requests if not _is_expected(context, request)), None)
    if other is not None:
        fix = "Look for another credential in the program's settings, and for its variables in this shell"
        return Finding(NAME, f"through {program}: answered with another credential: {other}", fix), False
    return Finding(NAME, f"through {program}: answered: {requests[-1]}"), False


def _is_expected(context: ClientContext, request: LoggedRequest) -> bool:
    """Whether the request has the token that was installed; generations of a token have its name and a date."""
    name = context.client.token
    return name is None or request.token.startswith(f"gatewright/{context.environment.name}/{name}")


def _missing_tokens(context: ClientContext) -> dict[str, str]:
    """The stack's newest tokens and service token for the variables that neither the shell nor the program's own file
    has."""
    missing = (
        variable.name
        for variable in context.variables
        if variable.holds in (Holds.TOKEN, Holds.SERVICE_TOKEN) and context.sources.find(variable.name)[0] is None
    )
    return {name: context.tokens.newest[name] for name in missing if name in context.tokens.newest}


def _mask(context: ClientContext, variables: Mapping[str, str]) -> SecretMask:
    """A mask of the secrets that the program has."""
    values = (variables.get(variable.name, "").removeprefix(variable.prefix) for variable in context.variables)
    return SecretMask(filter(None, values), "***")
