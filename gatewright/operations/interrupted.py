"""What a killed run was creating: the next up imports what exists of it, instead of failing because it exists."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from gatewright.errors import CloudflareError, GatewrightError, RefusedError
from gatewright.facts.resources import SECRETS_STORE_SECRET
from gatewright.import_file import import_file
from gatewright.operations.adoption.find_unmanaged import add_imports, find_unmanaged
from gatewright.operations.drift.accounts import Accounts
from gatewright.operations.stack.open_stack import open_stack
from gatewright.progress import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatewright.engine.find import Engine
    from gatewright.environment.resolved import Environment
    from gatewright.import_file import Entry
    from gatewright.operations.stack.pulumi import Pulumi
    from gatewright.progress import Report
    from gatewright.project import Project


@contextmanager
def imported_interrupted(
    project: Project, environment: Environment, engine: Engine, report: Report, pulumi: Pulumi | None = None
) -> Iterator[bool]:
    """Let the runs of the body import what the stack was creating when a run was killed. `pulumi` is the opened stack.

    Yields whether the stack has such creations: `Pulumi.forget_interrupted` drops them after a successful run.
    """
    try:
        pulumi = pulumi or open_stack(project, environment, engine)
        interrupted = pulumi.interrupted_creations()
    except GatewrightError:  # the checks of the body report it
        yield False
        return
    file = import_file(project, environment.name)
    is_new = not file.exists()
    if entries := _existing(project, environment, pulumi, interrupted) if interrupted else ():
        add_imports(project, environment.name, entries)
        names = tuple(entry.shown for entry in entries)
        report(Message("a run that was killed has created what is imported now:", names))
    try:
        yield bool(interrupted)
    finally:
        if entries and is_new:
            file.unlink(missing_ok=True)


def _existing(
    project: Project, environment: Environment, pulumi: Pulumi, interrupted: frozenset[tuple[str, str]]
) -> tuple[Entry, ...]:
    """Those that exist at Cloudflare and are not in the stack; none where the token may not look.

    The program itself imports secrets, and sets their values.
    """
    with suppress(RefusedError, CloudflareError), Accounts(project) as accounts:
        unmanaged = find_unmanaged(project, environment, accounts.of(environment).client, pulumi)
        return tuple(
            entry
            for entry in unmanaged.entries
            if (entry.type, entry.name) in interrupted and entry.type != SECRETS_STORE_SECRET.token
        )
    return ()
