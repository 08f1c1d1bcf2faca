"""The command that the program runs for its token, or the file that it reads: whether it has the newest one."""

from __future__ import annotations

import shlex
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gatewright.clients.common.helper import helper_arguments, token_file
from gatewright.command_line import command
from gatewright.engine.doctor import Finding
from gatewright.environment.resolved import Helper
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.tokens.daemons import digest

_NAME, _FILE = "helper", "token file"
_TIMEOUT = 60.0  # seconds; a stack is opened in a few


def check_helper(context: ClientContext, helper: Helper) -> Iterator[Finding]:
    """Run the command as the program does, from a folder outside of the project."""
    client = context.client
    if client.credential != "helper":
        return
    arguments = helper_arguments(context.environment, replace(client, helper=helper))
    fix = f"Run it yourself: {shlex.join(arguments)}"
    variables = context.sources.machine.variables
    try:
        done = subprocess.run(
            arguments,
            cwd=Path("/"),
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = f"no answer within {_TIMEOUT:.0f} s" if isinstance(error, subprocess.TimeoutExpired) else str(error)
        yield Finding(_NAME, f"the command for the token does not run: {reason}", fix)
        return
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        reason = lines[0].removeprefix("gatewright: ")
        yield Finding(_NAME, f"the command for the token fails with exit {done.returncode}: {reason}", fix)
        return
    newest = context.tokens.newest.get(client.variable)
    if newest is None:
        yield Finding(_NAME, "the command prints a token; the newest one is unknown")
    elif digest(done.stdout.strip()) == digest(newest):
        reload = context.program.reload_command if context.program else ""
        effect = f"after a rotation: {reload}" if reload else "a rotation needs no restart"
        yield Finding(_NAME, f"the command prints the newest token; {effect}")
    else:
        again = f"rm -r .gatewright/tokens; {command(f'token {context.environment.name}')}"
        yield Finding(_NAME, "the command prints another token than the newest", again)


def check_token_file(context: ClientContext, helper: Helper) -> Iterator[Finding]:
    """The file that the program reads has the newest token, and only its owner can read it."""
    client = context.client
    if client.credential != "file":
        return
    path = Path(token_file(replace(client, helper=helper)))
    shown, refresh = context.sources.machine.shown(path), command(f"refresh {context.environment.name}")
    try:
        value, mode = path.read_text(encoding="utf-8").strip(), stat.S_IMODE(path.stat().st_mode)
    except OSError:
        yield Finding(_FILE, f"{shown}: missing or not readable", refresh)
        return
    newest = context.tokens.newest.get(client.variable)
    if mode & 0o077:
        yield Finding(_FILE, f"{shown}: others can read it", f"chmod 600 {shlex.quote(str(path))}")
    elif newest is not None and digest(value) != digest(newest):
        yield Finding(_FILE, f"{shown}: another token than the newest", refresh)
    else:
        state = "has the newest token" if newest else "has a token; the newest one is unknown"
        yield Finding(_FILE, f"{shown}: {state}; {client.capabilities.title} reads it at its start")
