"""Notes on the locks of a stack: a preview needs no lock, the up after it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.engine.state import find_locks, unlock_command

if TYPE_CHECKING:
    from gatewright.operations.stack.pulumi import Pulumi


def lock_notes(pulumi: Pulumi) -> tuple[str, ...]:
    """A sentence for each lock, with the command that removes it."""
    stack = pulumi.stack
    unlock = unlock_command(stack, pulumi.session.shell_prefix)
    notes = []
    for lock in find_locks(pulumi.session.backend, stack):
        holder = f"{lock.user}@{lock.host}, process {lock.process}, since {lock.since}"
        if lock.is_over:
            notes.append(f"stack {stack} is locked by a run that is no longer alive ({holder}). To unlock it: {unlock}")
        else:
            notes.append(f"stack {stack} is locked by a run ({holder}). If it has ended, unlock the stack: {unlock}")
    return tuple(notes)
