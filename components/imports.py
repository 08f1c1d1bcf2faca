"""What is at Cloudflare already: taken over by the id that stacks/<environment>.import.json gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatewright.operations.import_file import Entry


class Imports:
    """Gives resources their ids to import by; as a transformation it reaches all below the component that has it."""

    def __init__(self, environment: str, entries: Sequence[Entry]) -> None:
        self._entries = {(entry.type, entry.name): entry for entry in entries}
        self._left = dict(self._entries)
        self._environment = environment

    def options(self) -> pulumi.ResourceOptions:
        """For the component at the top; none where nothing is taken over."""
        return pulumi.ResourceOptions(transformations=[self._import] if self._entries else None)

    def require_all_used(self) -> None:
        """Raises pulumi.RunError for entries that name no resource: they would silently be made anew."""
        if self._left:
            names = ", ".join(entry.shown for entry in self._left.values())
            raise pulumi.RunError(
                f"stacks/{self._environment}.import.json names what {self._environment} does not have: {names} → "
                "Remove it there, or delete the file: what has been imported stays so"
            )

    def _import(self, given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        entry = self._entries.get((given.type_, given.name))
        if entry is None:
            return None
        self._left.pop((entry.type, entry.name), None)
        imported = pulumi.ResourceOptions(import_=entry.id, ignore_changes=list(entry.ignore_changes) or None)
        return pulumi.ResourceTransformationResult(given.props, pulumi.ResourceOptions.merge(given.opts, imported))
