"""The variables where the client runs: in this shell, and in each of its processes that go on running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.clients.common.variables import Holds, Variable
from gatewright.engine.doctor import Finding
from gatewright.operations.client_doctor.sources import SHELL
from gatewright.operations.tokens.daemons import digest, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatewright.clients.common.program import Daemon, Program
    from gatewright.operations.client_doctor.sources import Sources
    from gatewright.operations.client_doctor.tokens import Tokens
    from gatewright.operations.tokens.daemons import Running


def variables(
    environment: str,
    client: str,
    known: Program | None,
    wanted: Sequence[Variable],
    sources: Sources,
    tokens: Tokens,
) -> Iterator[Finding]:
    """A line for each variable, and one for each process of the program's daemon. What a daemon has, this shell need
    not have."""
    daemon = known.daemon if known else None
    processes = running(known) if known and daemon and wanted else []
    supply = f'eval "$(gatewright env {environment} --client {client})"'
    for variable in wanted:
        yield _here(variable, supply, environment, client, sources, tokens, needed=not processes)
    if daemon and wanted:
        yield from _there(daemon, processes, environment, client, wanted, sources, tokens)


def _here(
    variable: Variable, supply: str, environment: str, client: str, sources: Sources, tokens: Tokens, *, needed: bool
) -> Finding:
    value, where = sources.find(variable.name)
    if value is None and variable.holds is Holds.OWN:
        return Finding(variable.name, "not set; it is a secret of your own", f"export {variable.name}=…", needed=False)
    if value is None:
        mend = f"{supply}; or start it with: gatewright run {environment} -- COMMAND"
        return Finding(variable.name, f"not set in {SHELL}; it is to hold {variable}", mend, needed=needed)
    wrong = tokens.wrong(variable, digest(value))
    if wrong is None:
        newest = ": the newest token" if tokens.knows(variable) else ""
        return Finding(variable.name, f"set in {where}{newest}")
    written = sources.put(_printed(environment, client), [variable.name])
    mend = f"unset {variable.name}; {supply}" if where == SHELL else written
    return Finding(variable.name, f"set in {where}: {wrong}", mend)


def _there(
    daemon: Daemon,
    processes: list[Running] | None,
    environment: str,
    client: str,
    wanted: Sequence[Variable],
    sources: Sources,
    tokens: Tokens,
) -> Iterator[Finding]:
    restart = daemon.restart.format(environment=environment)
    written = sources.put(_printed(environment, client), [each.name for each in wanted])
    mend = f"{written}; {restart}" if sources.file else restart
    if not processes:
        said = "does not run here" if processes is not None else "cannot be seen on this system"
        yield Finding(daemon.name, f"{said}; it has an environment of its own", f"Where it runs: {mend}", needed=False)
        return
    in_file = {name: digest(value) for name, value in sources.in_file().items()}
    for process in processes:
        where = f"process {process.pid}"
        if process.variables is None:
            said = f"{where} is another user's, who alone sees its environment"
            yield Finding(daemon.name, said, f"As that user: {mend}", needed=False)
            continue
        held = {**in_file, **{name: value for name, value in process.variables.items() if value != digest("")}}
        lacks = [_lack(variable, held.get(variable.name), tokens) for variable in wanted]
        if said := "; ".join(each for each in lacks if each):
            yield Finding(daemon.name, f"{where}: {said}", mend)
        else:
            yield Finding(daemon.name, f"{where} has {', '.join(each.name for each in wanted)}")


def _lack(variable: Variable, held: str | None, tokens: Tokens) -> str | None:
    """What a process lacks; what only the user has is theirs."""
    if variable.holds is Holds.OWN:
        return None
    if held is None:
        return f"{variable.name} is not set"
    wrong = tokens.wrong(variable, held)
    return f"{variable.name} holds {wrong}" if wrong else None


def _printed(environment: str, client: str) -> str:
    return f"gatewright env {environment} --client {client} --format dotenv"
