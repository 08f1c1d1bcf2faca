"""Notes on the locks of a stack: a preview needs no lock, the up after it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.engine.state import backend_folder, describe_lock, find_locks, find_unreadable, unlock_command

if TYPE_CHECKING:
    from gatewright.operations.stack.pulumi import Pulumi


def lock_notes(pulumi: Pulumi) -> tuple[str, ...]:
    """A sentence for each lock, with the command that removes it."""
    stack = pulumi.stack
    unlock = unlock_command(stack, pulumi.session.shell_prefix)
    locks = find_locks(pulumi.session.backend, stack)
    folder = backend_folder(pulumi.session.backend)
    unreadable = find_unreadable(folder) if folder else ()
    return (
        *(describe_lock(stack, lock, unlock) for lock in locks),
        *(f"{fault.message}. To repair it: {fault.fix}" for fault in unreadable),
    )
