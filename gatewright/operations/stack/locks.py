"""Notes on what earlier runs left in a stack: a lock, which an up needs, and creations of which no result is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatewright.engine.state import backend_folder, describe_lock, find_locks, find_unreadable, unlock_command
from gatewright.facts.resource_names import resource_name

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


def interrupted_notes(pulumi: Pulumi) -> tuple[str, ...]:
    """A sentence about the resources that a killed run was creating; none for a backend that is not a folder.

    A preview shows them as new. Another backend takes a second to read, which each preview would take longer.
    """
    is_folder = backend_folder(pulumi.session.backend) is not None
    creations = sorted(pulumi.interrupted_creations()) if is_folder else ()
    names = ", ".join(f"{resource_name(kind)} {name}" for kind, name in creations)
    return (f"a run was killed while it created {names}: up imports what exists",) if names else ()
