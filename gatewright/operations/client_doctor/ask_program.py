"""One small request through the client's program, with the user's settings, compared with Cloudflare's log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gatewright.clients.common.installation import Installation, after_sourcing
from gatewright.clients.common.variables import Holds
from gatewright.engine.doctor import Finding
from gatewright.environment.resolved import Environment
from gatewright.install.validators import run_captured
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.probe.transport import new_nonce
from gatewright.redaction import masked
from gatewright.redaction.secret_mask import SecretMask

NAME = "answer"
_TIMEOUT = 120.0  # seconds; the slowest program needs fifteen on an idle machine
_MAX_LINE = 200  # characters of the program's last line
_REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request in the local Cloudflare's log. `token` and `credential` are names."""

    path: str
    status: int
    model: str
    token: str
    credential: str

    def __str__(self) -> str:
        token, key = (value or "unknown" for value in (self.token, self.credential))
        return f"{self.path} · {self.model or 'no model'} · token {token} · key {key}"


def ask_program(context: ClientContext, installation: Installation, path: str) -> tuple[Finding, bool]:
    """Ask through the program at `path`. Returns the finding, and whether Cloudflare refuses the token."""
    environment, machine = context.environment, context.sources.machine
    arguments = (argument.replace("{prompt}", new_nonce()) for argument in installation.ask)
    command = after_sourcing(installation.sourced, [path, *arguments])
    variables = {**machine.variables, **installation.ask_variables, **_missing_tokens(context)}
    before = _last_id(environment)
    result = run_captured(command, variables, machine.folder, _TIMEOUT)
    requests = _requests_after(environment, before) if before is not None else None
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
    """The stack's newest tokens for the variables that neither the shell nor the program's own file has."""
    missing = (
        variable.name
        for variable in context.variables
        if variable.holds is Holds.TOKEN and context.sources.find(variable.name)[0] is None
    )
    return {name: context.tokens.newest[name] for name in missing if name in context.tokens.newest}


def _mask(context: ClientContext, variables: Mapping[str, str]) -> SecretMask:
    """A mask of the secrets that the program has."""
    values = (variables.get(variable.name, "").removeprefix(variable.prefix) for variable in context.variables)
    return SecretMask(filter(None, values), "***")


def _last_id(environment: Environment) -> int | None:
    """The number of the newest request in the local Cloudflare's log; None for a real account, or without a log."""
    entries = _read_log(environment, 0)
    return None if entries is None else max((int(entry["id"]) for entry in entries), default=0)


def _requests_after(environment: Environment, before: int) -> list[LoggedRequest] | None:
    entries = _read_log(environment, before)
    if entries is None:
        return None
    return [
        LoggedRequest(
            entry["path"],
            int(entry["status"]),
            *(str(entry.get(name) or "") for name in ("model", "token", "credential")),  # a refused request has none
        )
        for entry in entries
        if entry["method"] == "POST" and _is_for_gateway(environment, entry)
    ]


def _is_for_gateway(environment: Environment, entry: Mapping[str, Any]) -> bool:
    path = str(entry["path"])
    return f"/{environment.gateway_name}/" in path or "/ai/v1/" in path


def _read_log(environment: Environment, after: int) -> list[dict[str, Any]] | None:
    if environment.local is None:
        return None
    try:
        response = httpx.get(f"{environment.gateway_origin}/__local__/log", params={"after": after}, trust_env=False)
        entries: list[dict[str, Any]] = response.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    return entries
