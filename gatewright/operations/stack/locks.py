"""Who holds a stack while it is looked at: a look needs no lock, but the up after it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.engine.state import locks, unlock_command

if TYPE_CHECKING:
    from gatewright.operations.stack.pulumi import Pulumi


def lock_notes(pulumi: Pulumi) -> tuple[str, ...]:
    """A sentence for each lock, with the command that takes it away."""
    free = unlock_command(pulumi.stack, pulumi.session.enter)
    notes = []
    for lock in locks(pulumi.session.backend, pulumi.stack):
        who = f"{lock.user}@{lock.host}, process {lock.process}, since {lock.since}"
        if lock.is_over:
            notes.append(f"stack {pulumi.stack} is locked by a run that was killed ({who}), so no up can begin: {free}")
        else:
            notes.append(f"stack {pulumi.stack} is locked by a run ({who}); if that is over: {free}")
    return tuple(notes)
