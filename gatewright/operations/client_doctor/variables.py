"""The variables where the client runs: in this shell, and in each process of the program's daemon."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from gatewright.clients.common.program import Daemon
from gatewright.clients.common.variables import Holds, Variable
from gatewright.command_line import command
from gatewright.engine.doctor import Finding
from gatewright.operations.client_doctor.context import ClientContext
from gatewright.operations.client_doctor.sources import SHELL
from gatewright.operations.client_doctor.tokens import Tokens
from gatewright.operations.tokens.daemons import RunningProcess, digest, find_running


def check_variables(context: ClientContext, files: Collection[Path]) -> Iterator[Finding]:
    """A finding for each variable, and for each process of the daemon that may read one of `files`, the client's. This
    shell may lack what a daemon has."""
    if not context.variables:
        return
    daemon = context.program.daemon if context.program else None
    processes = find_running(context.program, files) if context.program and daemon else []
    for variable in context.variables:
        yield _check_shell(context, variable, needed=not processes)
    if daemon:
        yield from _check_daemon(context, daemon, processes)


def _check_shell(context: ClientContext, variable: Variable, *, needed: bool) -> Finding:
    value, location = context.sources.find(variable.name)
    if value is None and variable.holds is Holds.OWN:
        return Finding(variable.name, "not set; only you know its value", f"export {variable.name}=…", needed=False)
    if value is None:
        run = command(f"run {context.environment.name} -- COMMAND")
        fix = f"{context.export_command}; or start the client with: {run}"
        return Finding(variable.name, f"not set in {SHELL}; it must hold {variable}", fix, needed=needed)
    fault = context.tokens.find_fault(variable, digest(value))
    if fault is None:
        noun = "service token" if variable.holds is Holds.SERVICE_TOKEN else "token"
        newest = f": the newest {noun}" if context.tokens.knows(variable) else ""
        return Finding(variable.name, f"set in {location}{newest}")
    in_shell = f"unset {variable.name}; {context.export_command}"
    fix = in_shell if location == SHELL else context.write_command(variable.name)
    return Finding(variable.name, f"set in {location}: {fault}", fix)


def _check_daemon(context: ClientContext, daemon: Daemon, processes: list[RunningProcess] | None) -> Iterator[Finding]:
    fix = daemon.restart.format(run=command(f"run {context.environment.name} --"))
    if context.sources.file:
        fix = f"{context.write_command(*(variable.name for variable in context.variables))}; {fix}"
    if not processes:
        state = "not running here" if processes is not None else "processes cannot be inspected on this system"
        yield Finding(daemon.name, f"{state}; it has its own environment", f"Where it runs: {fix}", needed=False)
        return
    in_file = {name: digest(value) for name, value in context.sources.in_file().items()}
    for process in processes:
        label = f"process {process.pid}"
        if process.variables is None:
            message = f"{label} belongs to another user, and only that user can read its environment"
            yield Finding(daemon.name, message, f"As that user: {fix}", needed=False)
            continue
        digests = {**in_file, **{name: value for name, value in process.variables.items() if value != digest("")}}
        faults = (_find_fault(variable, digests.get(variable.name), context.tokens) for variable in context.variables)
        if text := "; ".join(fault for fault in faults if fault):
            yield Finding(daemon.name, f"{label}: {text}", fix)
        else:
            yield Finding(daemon.name, f"{label} has {', '.join(variable.name for variable in context.variables)}")


def _find_fault(variable: Variable, value_digest: str | None, tokens: Tokens) -> str | None:
    """What is wrong with a process's variable. A secret that only the user knows is not checked."""
    if variable.holds is Holds.OWN:
        return None
    if value_digest is None:
        return f"{variable.name} is not set"
    fault = tokens.find_fault(variable, value_digest)
    return f"{variable.name} holds {fault}" if fault else None
